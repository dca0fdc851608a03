"""Who can reach what: addresses that are this machine alone, files that everybody may read."""

import stat
from ipaddress import ip_address
from pathlib import Path


def is_loopback(host: str) -> bool:
    """Whether a host, as written in ``ops.host`` or shown by a connection, is this machine alone."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or bool((mapped := getattr(address, "ipv4_mapped", None)) and mapped.is_loopback)


def is_open(path: Path) -> bool:
    """Whether everybody on this machine may read a file."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
