"""Which addresses are this machine alone."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a host, as written in ``ops.host`` or shown by a connection, is this machine alone."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or bool((mapped := getattr(address, "ipv4_mapped", None)) and mapped.is_loopback)
