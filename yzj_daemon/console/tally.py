"""How often each rule matched lately, kept in memory: a look at it costs what came since the last one.

The first look at a long history counts for a second, the newest first; the next ones go on from there.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from yzj_daemon.clock import DAY, HOUR, MINUTE, Clock, Millis
from yzj_daemon.storage import reports, tallies
from yzj_daemon.storage.reader import Connection
from yzj_daemon.storage.tallies import InMinute

SPAN: Final[Millis] = 7 * DAY
BITE: Final = 10_000
"""Row ids of one question to the store."""

WITHIN: Final = 1.0
"""Seconds of one look."""

Minutes = dict[str, Counter[int]]


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one rule: matches of the last day and of seven days, near misses of seven days."""

    day: int = 0
    week: int = 0
    near: int = 0


@dataclass(slots=True)
class Tallies:
    """``low`` to ``high`` are the row ids that were counted."""

    clock: Clock
    _hits: Minutes = field(default_factory=lambda: defaultdict(Counter))
    _near: Minutes = field(default_factory=lambda: defaultdict(Counter))
    _low: int = 0
    _high: int = 0
    _whole: bool = False
    _counting: Lock = field(default_factory=Lock)

    def look(self, connection: Connection, now: Millis) -> bool:
        """Count what is new, and for a while what is old; answers whether all of the span is counted."""
        with self._counting:
            ends = self.clock.monotonic() + WITHIN
            stretch = reports.stretch(connection, now - SPAN, now + HOUR)
            if not self._high:
                self._low, self._high = stretch.last + 1, stretch.last
            more = self._forward(connection, stretch.last, ends)
            self._whole = self._backward(connection, stretch.first, ends) and not more
            self._forget((now - SPAN) // MINUTE)
            return self._whole

    def of(self, rule: str, now: Millis) -> Tally:
        """From the minute on that was ``now`` a day, and seven days, ago."""
        with self._counting:
            hits = self._hits.get(rule, Counter[int]())
            day = sum(count for minute, count in hits.items() if minute > (now - DAY) // MINUTE)
            return Tally(day, hits.total(), self._near.get(rule, Counter[int]()).total())

    def _forward(self, connection: Connection, last: int, ends: float) -> bool:
        """Answers whether some of it is left."""
        while self._high < last and self.clock.monotonic() < ends:
            upto = min(last, self._high + BITE)
            self._count(connection, self._high + 1, upto)
            self._high = upto
        return self._high < last

    def _backward(self, connection: Connection, first: int, ends: float) -> bool:
        """Answers whether that was all."""
        while self._low > first and self.clock.monotonic() < ends:
            down = max(first, self._low - BITE)
            self._count(connection, down, self._low - 1)
            self._low = down
        return self._low <= first

    def _count(self, connection: Connection, first: int, last: int) -> None:
        _add(self._hits, tallies.hits, connection, first, last)
        _add(self._near, tallies.near, connection, first, last)

    def _forget(self, before: int) -> None:
        for kept in (self._hits, self._near):
            for rule in [*kept]:
                for minute in [minute for minute in kept[rule] if minute <= before]:
                    del kept[rule][minute]
                if not kept[rule]:
                    del kept[rule]


Counting = Callable[[Connection, int, int], list[InMinute]]


def _add(into: Minutes, counting: Counting, connection: Connection, first: int, last: int) -> None:
    for one in counting(connection, first, last):
        for rule in one.rules:
            into[rule][one.minute] += one.times
