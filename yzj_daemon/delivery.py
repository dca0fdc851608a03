"""A delivery: one message owed to one chat. What the vendor's answer makes of it is a pure function."""

from enum import StrEnum
from typing import Literal, assert_never

import msgspec
from msgspec.structs import replace

from yzj_daemon.clock import SECOND, Millis


class State(StrEnum):
    """The named states every delivery is in. ``PENDING`` always carries a reason when it waits for something."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    FAILED = "failed"
    HELD = "held"
    EXPIRED = "expired"
    DROPPED = "dropped"


DeferReason = Literal["network", "rate_limited", "token", "offline", "blocked", "transient"]
RefuseReason = Literal["bad_parameter", "permanent", "wrong_method"]
UnansweredReason = Literal["timeout", "connection_lost", "http_5xx", "unreadable", "interrupted"]


class Sent(msgspec.Struct, frozen=True):
    """The vendor answered ``errcode`` 0: accepted. Not yet proof of delivery."""


class Deferred(msgspec.Struct, frozen=True):
    """Certainly not sent, worth another try. ``lane_wide``: it says nothing of this message, the whole account waits.

    ``retry_after`` (ms) is the vendor's wish or None. ``detail`` is the vendor's or the network's own words.
    """

    reason: DeferReason
    retry_after: Millis | None = None
    lane_wide: bool = False
    detail: str = ""


class Refused(msgspec.Struct, frozen=True):
    """Certainly not sent, and another try would be refused too."""

    reason: RefuseReason
    detail: str = ""


class Unanswered(msgspec.Struct, frozen=True):
    """The request left and no definite answer came: nobody can know whether it was sent."""

    reason: UnansweredReason
    detail: str = ""


Fault = Deferred | Refused | Unanswered
"""Any end of a call to the vendor but the good one. Reads (lists, logs) answer their value or one of these."""

Outcome = Sent | Fault


def in_words(outcome: Outcome) -> tuple[str, str, str]:
    """An outcome as its name, its reason and the other side's own words: for the store, logs and metrics."""
    match outcome:
        case Sent():
            return "sent", "", ""
        case Deferred(reason, detail=detail):
            return "deferred", reason, detail
        case Refused(reason, detail):
            return "refused", reason, detail
        case Unanswered(reason, detail):
            return "unanswered", reason, detail
        case _:
            assert_never(outcome)


class RetryPolicy(msgspec.Struct, frozen=True):
    """How often and how soon a delivery that certainly failed is tried again. Spans in ms."""

    retries: int = 8
    shortest: Millis = 2 * SECOND
    longest: Millis = 600 * SECOND

    def wait(self, attempts: int, roll: float) -> Millis:
        """Back-off before try ``attempts + 1``: doubling, with jitter over its upper half. ``roll`` is in [0, 1)."""
        full = min(self.longest, self.shortest * 2 ** min(attempts, 32))
        return int(full / 2 + full / 2 * roll) if attempts else self.shortest


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message owed to one chat by one hosted account.

    ``attempts`` counts tries that said something of this delivery; a stopped lane burns none. ``due_at`` is when it
    may leave at the earliest, ``expires_at`` when it is no longer wanted. ``solo``: travels alone in its call.
    """

    id: int
    message_id: int
    account: str
    chat: str
    state: State = State.PENDING
    reason: str = ""
    attempts: int = 0
    due_at: Millis = 0
    expires_at: Millis | None = None
    solo: bool = False

    def after(self, outcome: Outcome, now: Millis, policy: RetryPolicy, *, shared: bool, roll: float) -> "Delivery":
        """What this delivery is once its call ended with ``outcome``.

        ``shared``: other deliveries travelled in the same call, so a refusal does not tell which chat was bad and
        each is tried alone. ``roll`` in [0, 1) is the jitter.
        """
        match outcome:
            case Sent():
                return replace(self, state=State.SENT, reason="", attempts=self.attempts + 1)
            case Unanswered(reason):
                return replace(self, state=State.UNKNOWN, reason=reason, attempts=self.attempts + 1)
            case Refused() if shared:
                return replace(self, state=State.PENDING, reason="split", solo=True, due_at=now)
            case Refused(reason):
                return replace(self, state=State.FAILED, reason=reason, attempts=self.attempts + 1)
            case Deferred(reason, lane_wide=True):
                return self._waiting(reason, now, now)
            case Deferred(reason, retry_after):
                return self._again(reason, retry_after, now, policy, roll)
            case _:
                assert_never(outcome)

    def _again(
        self, reason: str, retry_after: Millis | None, now: Millis, policy: RetryPolicy, roll: float
    ) -> "Delivery":
        tried = replace(self, attempts=self.attempts + 1)
        if tried.attempts >= policy.retries:
            return replace(tried, state=State.FAILED, reason=reason)
        return tried._waiting(  # noqa: SLF001 - another value of this class
            reason, now + max(retry_after or 0, policy.wait(self.attempts, roll)), now
        )

    def _waiting(self, reason: str, due_at: Millis, now: Millis) -> "Delivery":
        if self.expires_at is not None and now >= self.expires_at:
            return replace(self, state=State.EXPIRED, reason=reason)
        return replace(self, state=State.PENDING, reason=reason, due_at=due_at)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One forwardMsg call: one original to one or more chats, and the deliveries that travel in it.

    ``key`` is the original's id with the account that received it, ``received_by``.
    """

    id: int
    account: str
    chats: tuple[str, ...]
    type: str
    sent_at: Millis | None
    content: str
    message_id: int
    deliveries: tuple[Delivery, ...]
    received_by: str = ""
    key: str = ""
    received_at: Millis = 0
