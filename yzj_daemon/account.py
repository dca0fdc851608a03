"""A hosted account: an employee's WeCom identity, logged in at the platform."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedAccount:
    """``online`` is None where the vendor's list does not tell (vendor page 11490700568000978)."""

    account: str
    name: str = ""
    online: bool | None = None
