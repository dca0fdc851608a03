"""What happened to one message, step by step: received, decided, each call with its answer, and how it ended."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.tones import TONES
from yzj_daemon.delivery import State
from yzj_daemon.storage import reports
from yzj_daemon.storage.reports import CallLine, DeliveryLine, Judgement, Received
from yzj_daemon.wording import reasons

_ENDS: Final = {"sent": "good", "deferred": "doubt", "refused": "bad", "unanswered": "doubt", "": "plain"}

_BY_CALLS: Final = frozenset({State.PENDING, State.SENDING, State.SENT})
"""States of which the calls, or the waiting, tell already."""


class Moment(msgspec.Struct, frozen=True):
    """``detail``: the platform's or the network's own words. ``chats``: ids of those it was about."""

    at: Millis
    text: str
    tone: str = "plain"
    detail: str = ""
    chats: tuple[str, ...] = ()


def of(asked: Asked, received: Received, judged: Judgement | None, owed: Sequence[DeliveryLine]) -> list[Moment]:
    """In the order of time; what happened at once, as it belongs together."""
    moments = [*_received(asked, received), *_decided(asked, judged), *_owed(asked, owed), *_ended(asked, owed)]
    return sorted(moments, key=lambda moment: moment.at)


def _received(asked: Asked, received: Received) -> Iterator[Moment]:
    sent_at = received.original.sent_at
    if sent_at is not None:
        yield Moment(sent_at, asked.t("timeline.written"))
    late = f" (+{(received.received_at - sent_at) / SECOND:.1f} s)" if sent_at is not None else ""
    yield Moment(received.received_at, asked.t(f"timeline.{received.source}") + late)


def _decided(asked: Asked, judged: Judgement | None) -> Iterator[Moment]:
    if judged is not None:
        tone = {"matched": "good", "rule_error": "bad"}.get(judged.reason, "plain")
        yield Moment(
            judged.decided_at, asked.t("timeline.decided"), tone, reasons.decision(judged.reason).to(asked.lang)
        )


def _owed(asked: Asked, owed: Sequence[DeliveryLine]) -> Iterator[Moment]:
    """Every call that carried some of them, once, and what came of it."""
    calls: dict[int, CallLine] = {}
    chats: dict[int, list[str]] = {}
    for line in owed:
        for call in reports.calls_of(asked.store, line.id):
            calls[call.id] = call
            chats.setdefault(call.id, []).append(line.chat)
    for call in calls.values():
        yield Moment(call.began_at, asked.t("timeline.call", id=call.id), chats=tuple(chats[call.id]))
        if call.ended_at is not None:
            yield Moment(call.ended_at, _answer(asked, call), _ENDS[call.outcome], call.detail)


def _answer(asked: Asked, call: CallLine) -> str:
    took = ((call.ended_at or call.began_at) - call.began_at) / SECOND
    told = asked.t(f"timeline.{call.outcome or 'ended'}", id=call.id, seconds=f"{took:.2f}")
    return f"{told} ({reasons.because(call.reason).to(asked.lang)})" if call.reason else told


def _ended(asked: Asked, owed: Sequence[DeliveryLine]) -> Iterator[Moment]:
    for line in owed:
        state = State(line.state)
        if state not in _BY_CALLS:
            yield Moment(
                line.updated_at, reasons.state(state, line.reason).to(asked.lang), TONES[state], chats=(line.chat,)
            )
