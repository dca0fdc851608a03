"""How often each rule matched lately, kept in memory: a look at it costs what came since the last one.

What a look has no time for, a long history above all, is counted in a thread of its own, the newest first, while pages
show what was counted so far.
"""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import Final

import msgspec
import structlog

from yzj_daemon.clock import DAY, HOUR, MINUTE, Clock, Millis
from yzj_daemon.errors import StoreProblem
from yzj_daemon.ops.yielding import Breath, giving_way
from yzj_daemon.storage import searching, tallies
from yzj_daemon.storage.reader import Connection, Reader
from yzj_daemon.storage.tallies import InMinute

log = structlog.get_logger("yzj_daemon.console")

SPAN: Final[Millis] = 7 * DAY
BITE: Final = 2_000
"""Row ids of one question to the store: a few milliseconds."""

WITHIN: Final = 0.02
"""Seconds after which a look begins no further bite."""


class Tally(msgspec.Struct, frozen=True):
    """Of one rule: matches of the last day and of seven days, near misses of seven days."""

    day: int = 0
    week: int = 0
    near: int = 0


class Tallies:
    """``reader``: what the rest of a long history is counted through."""

    def __init__(self, clock: Clock, reader: Reader) -> None:
        self._clock = clock
        self._reader = reader
        self._hits, self._near = _Sums(), _Sums()
        self._low = self._high = 0  # the row ids from one to the other were counted
        self._counting = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="console-tally")
        self._goes_on = False
        self._stop = Event()

    def look(self, connection: Connection, now: Millis) -> bool:
        """Count what is new; answers whether all of the span is counted. What is not, is from now on."""
        whole = self._bites(connection, now)
        if not whole and not self._goes_on and not self._stop.is_set():
            self._goes_on = True
            self._thread.submit(self._rest)
        return whole

    def of(self, rule: str) -> Tally:
        """As of the last look: from the minute on that was then a day, and seven days, ago. Waits for nobody."""
        return Tally(self._hits.day[rule], self._hits.week[rule], self._near.week[rule])

    def close(self) -> None:
        self._stop.set()
        self._thread.shutdown(cancel_futures=True)

    def _rest(self) -> None:
        breath = Breath(self._stop)
        try:
            with giving_way():
                while not self._reader.read_now(lambda connection: self._bites(connection, self._clock.now())):
                    if breath.take():
                        return
        except StoreProblem as problem:
            log.warning("console.uncounted", problem=str(problem), still="the next look goes on")
        except Exception:
            log.exception("console.tally_failed")
        finally:
            self._goes_on = False

    def _bites(self, connection: Connection, now: Millis) -> bool:
        """One in each direction, and more while there is time; answers whether that was all."""
        with self._counting:
            for sums in (self._hits, self._near):
                sums.move(now)
            ids, ends = searching.of_messages(connection, now - SPAN, now + HOUR), self._clock.monotonic() + WITHIN
            if not self._high:
                self._low, self._high = ids.stop, ids.stop - 1
            while self._forward(connection, ids.stop - 1) | self._backward(connection, ids.start):
                if self._clock.monotonic() >= ends:
                    return self._high >= ids.stop - 1 and self._low <= ids.start
            return True

    def _forward(self, connection: Connection, last: int) -> bool:
        """Answers whether there was something to count."""
        if self._high >= last:
            return False
        upto = min(last, self._high + BITE)
        self._count(connection, self._high + 1, upto)
        self._high = upto
        return True

    def _backward(self, connection: Connection, first: int) -> bool:
        if self._low <= first:
            return False
        down = max(first, self._low - BITE)
        self._count(connection, down, self._low - 1)
        self._low = down
        return True

    def _count(self, connection: Connection, first: int, last: int) -> None:
        self._hits.add(tallies.hits(connection, first, last))
        self._near.add(tallies.near(connection, first, last))


class _Sums:
    """How often each rule was counted in each minute, and the sums of the last day and of the whole span."""

    def __init__(self) -> None:
        self.day: Counter[str] = Counter()
        self.week: Counter[str] = Counter()
        self._minutes: dict[int, Counter[str]] = {}
        self._day_after = self._week_after = 0

    def add(self, found: Iterable[InMinute]) -> None:
        for one in found:
            if one.minute > self._week_after:
                counted = Counter(dict.fromkeys(one.rules, one.times))
                self._minutes.setdefault(one.minute, Counter()).update(counted)
                self.week.update(counted)
                if one.minute > self._day_after:
                    self.day.update(counted)

    def move(self, now: Millis) -> None:
        """The sums are those up to now: what is too old by then is taken out of them."""
        day, week = (now - DAY) // MINUTE, (now - SPAN) // MINUTE
        if day > self._day_after:
            for minute in self._within(self._day_after, day):
                _take(self.day, self._minutes[minute])
            self._day_after = day
        if week > self._week_after:
            for minute in self._within(self._week_after, week):
                _take(self.week, self._minutes.pop(minute))
            self._week_after = week

    def _within(self, after: int, upto: int) -> list[int]:
        return [minute for minute in self._minutes if after < minute <= upto]


def _take(sums: Counter[str], counted: Counter[str]) -> None:
    """Rules of which nothing is left are forgotten."""
    for rule, times in counted.items():
        sums[rule] -= times
        if not sums[rule]:
            del sums[rule]
