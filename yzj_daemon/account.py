"""A hosted account: an employee's WeCom identity, logged in at the platform."""

from enum import StrEnum
from typing import Final

import msgspec

from yzj_daemon.clock import Millis
from yzj_daemon.lane import Lane, LaneState

LAPSED: Final = "114"
"""The platform's code for an order that ran out (vendor page 11490695550514533); a blocked lane's reason begins so."""


class HostedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """``online`` is None where the vendor's list does not tell (vendor page 11490700568000978)."""

    account: str
    name: str = ""
    online: bool | None = None


class AccountState(StrEnum):
    """What can be done with an account. All but ``ONLINE`` need a person, ``UNKNOWN`` perhaps."""

    ONLINE = "online"
    OFFLINE = "offline"  # logged out
    EXPIRED = "expired"  # the order at the platform ran out
    BLOCKED = "blocked"  # credentials, whitelist or contract
    UNKNOWN = "unknown"  # nothing was heard of it yet


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an account. ``online``: the platform's list at ``listed_at``; ``heard_at``: it last received."""

    online: bool | None = None
    listed_at: Millis | None = None
    heard_at: Millis | None = None


def state_of(evidence: Evidence, lane: Lane) -> AccountState:
    """The refusals of its own calls weigh most; between the list and what it received, the later one."""
    match lane.state:
        case LaneState.BLOCKED:
            return AccountState.EXPIRED if lane.reason.startswith(LAPSED) else AccountState.BLOCKED
        case LaneState.OFFLINE:
            return AccountState.OFFLINE
        case LaneState.READY | LaneState.SUSPENDED | LaneState.THROTTLED:
            return _as_heard(evidence)


def _as_heard(evidence: Evidence) -> AccountState:
    heard_later = evidence.heard_at is not None and evidence.heard_at > (evidence.listed_at or 0)
    if evidence.online or heard_later:
        return AccountState.ONLINE
    return AccountState.UNKNOWN if evidence.online is None else AccountState.OFFLINE
