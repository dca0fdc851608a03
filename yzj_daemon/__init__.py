"""Rule-based forwarder for WeCom accounts hosted on 云真机 (YZJ)."""

__version__ = "0.1.0"
