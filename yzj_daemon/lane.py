"""A lane: the one queue out of one hosted account, and the law of its pace.

Two calls of one account never start closer than the pace after the previous answer. Every state that is not ready
can only go back to ready.
"""

from enum import StrEnum
from typing import assert_never

import msgspec
from msgspec.structs import replace

from yzj_daemon.clock import MINUTE, SECOND, Millis
from yzj_daemon.delivery import DeferReason, Deferred, Outcome, Refused, Sent, Unanswered


class LaneState(StrEnum):
    READY = "ready"
    SUSPENDED = "suspended"  # our own wait: pace, or the network is away
    THROTTLED = "throttled"  # the vendor's 407
    OFFLINE = "offline"  # the account is logged out
    BLOCKED = "blocked"  # credentials, whitelist or contract


class Pace(msgspec.Struct, frozen=True):
    """Spans in ms. ``jitter`` is added to ``gap``, upwards only."""

    gap: Millis = SECOND
    jitter: Millis = 0
    probe: Millis = 30 * SECOND
    throttle_first: Millis = MINUTE
    throttle_longest: Millis = 10 * MINUTE
    network_first: Millis = 2 * SECOND
    network_longest: Millis = MINUTE

    def next_gap(self, roll: float) -> Millis:
        return self.gap + int(self.jitter * roll)

    def longest_wait(self, lane: "Lane") -> Millis:
        """No lane in this state was told to wait longer: a ``next_at`` beyond it is a wall clock that was set back."""
        match lane.state:
            case LaneState.READY:
                return self.gap + self.jitter
            case LaneState.SUSPENDED:
                return self.network_longest
            case LaneState.THROTTLED:
                return self.throttle_longest
            case LaneState.OFFLINE | LaneState.BLOCKED:
                return self.probe
            case _:
                assert_never(lane.state)


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """``next_at``: the next call may start then, not before. ``strikes``: lane-wide failures in a row."""

    account: str
    state: LaneState = LaneState.READY
    next_at: Millis = 0
    strikes: int = 0
    reason: str = ""

    def begin(self, now: Millis, pace: Pace) -> "Lane":
        """A call starts: should this process die before the answer, the gap is kept all the same."""
        return replace(self, next_at=now + pace.gap)

    def after(self, outcome: Outcome, now: Millis, pace: Pace, roll: float = 0.0) -> "Lane":
        """The answer came (or surely will not) at ``now``. ``roll`` in [0, 1) is the jitter."""
        match outcome:
            case Deferred(reason, retry_after, lane_wide=True, detail=detail):
                return self._stopped(reason, retry_after, detail, now, pace, roll)
            case Sent() | Refused() | Unanswered() | Deferred():
                return replace(self, state=LaneState.READY, next_at=now + pace.next_gap(roll), strikes=0, reason="")
            case _:
                assert_never(outcome)

    def _stopped(
        self, reason: DeferReason, retry_after: Millis | None, detail: str, now: Millis, pace: Pace, roll: float
    ) -> "Lane":
        state, wait = _stop(reason, self.strikes, pace)
        wait = max(wait, retry_after or 0, pace.next_gap(roll))
        return replace(self, state=state, next_at=now + wait, strikes=self.strikes + 1, reason=detail or reason)


def _stop(reason: DeferReason, strikes: int, pace: Pace) -> tuple[LaneState, Millis]:
    doubled = 2 ** min(strikes, 16)
    match reason:
        case "rate_limited":
            return LaneState.THROTTLED, min(pace.throttle_longest, pace.throttle_first * doubled)
        case "offline":
            return LaneState.OFFLINE, pace.probe
        case "blocked":
            return LaneState.BLOCKED, pace.probe
        case "network" | "token" | "transient":
            return LaneState.SUSPENDED, min(pace.network_longest, pace.network_first * doubled)
        case _:
            assert_never(reason)
