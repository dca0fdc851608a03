"""Who may call: source addresses, also behind trusted proxies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

Verdict = Literal["allowed", "denied", "undecided"]


@dataclass(slots=True)
class Sources:
    """The source addresses a callback may come from.

    ``networks`` empty and ``vendor`` false: any. ``vendor``: the platform's published servers count too; until that
    list has been fetched nobody can say who is one of them, and the verdict is ``undecided``.
    """

    networks: tuple[Network, ...] = ()
    vendor: bool = False
    trusted_proxies: tuple[Network, ...] = ()
    vendor_servers: frozenset[Address] | None = field(default=None)

    def publish(self, servers: Iterable[str]) -> None:
        """Take up the vendor's list (vendor page 11490693387127818). Entries that are no address are left out."""
        self.vendor_servers = frozenset(a for a in map(_address, servers) if a is not None)

    @property
    def anyone(self) -> bool:
        """Whether requests may come from anywhere."""
        return not self.networks and not self.vendor

    def verdict(self, peer: str | None, forwarded_for: Sequence[str] = ()) -> Verdict:
        """Whether a request from this peer may come in; ``forwarded_for`` are the X-Forwarded-For lines."""
        if self.anyone:
            return "allowed"
        source = self.source(peer, forwarded_for)
        if source is None:
            return "denied"
        if any(source in network for network in self.networks):
            return "allowed"
        if not self.vendor:
            return "denied"
        if self.vendor_servers is None:
            return "undecided"
        return "allowed" if source in self.vendor_servers else "denied"

    def source(self, peer: str | None, forwarded_for: Sequence[str] = ()) -> Address | None:
        """The nearest address that is not one of our own proxies. None: not an address at all."""
        hops = [hop.strip() for line in forwarded_for for hop in line.split(",")]
        source = _address(peer or "")
        while source is not None and hops and any(source in proxy for proxy in self.trusted_proxies):
            source = _address(hops.pop())
        return source


def networks(entries: Iterable[str]) -> tuple[Network, ...]:
    """CIDRs as networks.

    Raises:
        ValueError: an entry is none.
    """
    return tuple(ip_network(entry, strict=False) for entry in entries)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address
