"""The record of every forwardMsg call: what was asked, byte for byte, and when, so that pace can be judged.

A gap is measured from the moment just before the previous answer of the account left to the moment the next request
began to arrive: never longer than what the client kept, so a gap below the pace is the client's doing.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

CALLS_KEPT = 200_000


@dataclass(slots=True, kw_only=True)
class Call:
    """``body`` is the raw request, ``contents`` where each message's content stands in it.

    ``arrived`` and ``answered`` are monotonic seconds, ``arrived_at`` and ``answered_at`` wall clock in ms.
    ``gap`` (ms) is None for an account's first call; ``overlapped``: the previous one was not answered yet.
    ``result`` is the errcode answered as text, or the name of the fault, and empty until then.
    """

    index: int
    account: str
    chats: tuple[str, ...]
    types: tuple[str, ...]
    times: tuple[int | None, ...]
    body: bytes
    contents: tuple[tuple[int, int], ...]
    arrived: float
    arrived_at: int
    gap: float | None
    overlapped: bool
    answered: float | None = None
    answered_at: int | None = None
    result: str = ""

    def content(self, index: int = 0) -> bytes:
        start, end = self.contents[index]
        return self.body[start:end]

    def row(self) -> dict[str, Any]:
        """The call as the control endpoint tells it. ``body`` is shown as Latin-1 where it is not UTF-8."""
        return {
            "index": self.index,
            "account": self.account,
            "chats": self.chats,
            "types": self.types,
            "times": self.times,
            "contents": [self.content(i).decode("utf-8", "replace") for i in range(len(self.contents))],
            "body": _text(self.body),
            "arrived_ms": self.arrived * 1000,
            "arrived_at": self.arrived_at,
            "answered_ms": None if self.answered is None else self.answered * 1000,
            "answered_at": self.answered_at,
            "gap_ms": self.gap,
            "overlapped": self.overlapped,
            "result": self.result,
        }


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


@dataclass(slots=True)
class _Pace:
    open: int = 0
    answered: float | None = None


@dataclass(slots=True)
class CallBook:
    """The newest calls in order of arrival; the counts are of all."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    total: int = 0
    answered: int = 0
    results: dict[str, int] = field(default_factory=dict)
    smallest_gap: float | None = None
    overlaps: int = 0
    _pace: dict[str, _Pace] = field(default_factory=dict)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def gap(self, account: str, arrived: float) -> tuple[float | None, bool]:
        """Ms since the account's previous answer, and whether that is still due."""
        pace = self._pace.get(account)
        if pace is None:
            return None, False
        gap = None if pace.answered is None else (arrived - pace.answered) * 1000
        return (0.0, True) if pace.open else (gap, False)

    def opened(self, call: Call) -> None:
        self.calls.append(call)
        self.total += 1
        self.overlaps += call.overlapped
        if call.gap is not None and (self.smallest_gap is None or call.gap < self.smallest_gap):
            self.smallest_gap = call.gap
        self._pace.setdefault(call.account, _Pace()).open += 1

    def closed(self, call: Call, result: str, now: float, wall: int) -> None:
        """The call has its answer, or surely gets none. Only the first time counts."""
        if call.answered is not None:
            return
        call.answered, call.answered_at, call.result = now, wall, result
        self.answered += 1
        self.results[result] = self.results.get(result, 0) + 1
        pace = self._pace[call.account]
        pace.open, pace.answered = pace.open - 1, now
        self._more.set()

    async def until(self, answered: int) -> None:
        """Returns once that many calls were answered in all."""
        while self.answered < answered:
            self._more.clear()
            await self._more.wait()
