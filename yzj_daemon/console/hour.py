"""The last hour, minute by minute: how much was received, matched, forwarded, and failed.

Kept in memory, from the daemon's own counters: no history is read for it, however long that is.
"""

from collections.abc import Mapping
from threading import Lock
from typing import Final

import msgspec

from yzj_daemon.clock import MINUTE, Millis
from yzj_daemon.ops.metrics import Metrics

MINUTES: Final = 60

KINDS: Final = ("received", "matched", "forwarded", "failed")


def counted(metrics: Metrics) -> dict[str, float]:
    """What the counters stand at."""
    return {
        "received": metrics.total("yzj_messages_received_total"),
        "matched": metrics.total("yzj_decisions_total", reason=frozenset({"matched"})),
        "forwarded": metrics.total("yzj_forward_calls_total", outcome=frozenset({"sent"})),
        "failed": metrics.total("yzj_forward_calls_total", outcome=frozenset({"refused", "unanswered"})),
    }


class LastHour(msgspec.Struct):
    """``began_at``: when counting began; what was before is not known."""

    began_at: Millis
    _before: Mapping[str, float] = msgspec.field(default_factory=dict)
    _minutes: dict[int, dict[str, float]] = msgspec.field(default_factory=dict)
    _noting: Lock = msgspec.field(default_factory=Lock)

    def note(self, counters: Mapping[str, float], now: Millis) -> None:
        """The counters stand at this: what they grew by belongs to this minute. From any thread."""
        with self._noting:
            self._note(counters, now // MINUTE)

    def _note(self, counters: Mapping[str, float], minute: int) -> None:
        grown = {kind: counters[kind] - self._before.get(kind, 0.0) for kind in KINDS}
        into = self._minutes.setdefault(minute, dict.fromkeys(KINDS, 0.0))
        for kind, more in grown.items():
            into[kind] += max(0.0, more)
        self._before = dict(counters)
        self._minutes = {at: one for at, one in self._minutes.items() if minute - MINUTES < at <= minute}

    def course(self, kind: str, now: Millis) -> tuple[int, ...]:
        """How many in each of the last sixty minutes, the newest last."""
        last = now // MINUTE
        return tuple(int(self._minutes.get(at, {}).get(kind, 0.0)) for at in range(last - MINUTES + 1, last + 1))
