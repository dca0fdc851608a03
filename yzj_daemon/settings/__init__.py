"""Every setting, strict, with its source."""

from yzj_daemon.settings.load import load, without_secrets
from yzj_daemon.settings.mistakes import WrongSettings
from yzj_daemon.settings.model import Settings

__all__ = ["Settings", "WrongSettings", "load", "without_secrets"]
