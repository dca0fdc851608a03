"""Windows: when a rule forwards. Fields are ANDed, entries of a list ORed, all spans are half-open.

A window is a question about the clock on the wall in one zone, so a change to summer time moves nothing but the
instants. Hours that wrap past midnight belong to the day on which they start.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from yzj_daemon.clock import HOUR, Millis

DAY_MINUTES: Final = 24 * 60
HORIZON: Final = 366 * 5
"""Days that are looked ahead for the next opening."""

Dates = tuple[date, date]
"""First and last day, both included."""

Hours = tuple[int, int]
"""Minutes of the day, half-open; the end is not after the start where they wrap past midnight."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """``days``: 0 is Monday. None or empty: any."""

    name: str
    zone: ZoneInfo
    days: frozenset[int] | None = None
    hours: tuple[Hours, ...] = ()
    dates: tuple[Dates, ...] = ()
    except_dates: tuple[Dates, ...] = ()

    def open_at(self, now: Millis) -> bool:
        local = _local(now, self.zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        return any(
            (begin <= minute < end and self._day(today))
            if begin < end
            else ((minute >= begin and self._day(today)) or (minute < end and self._day(today - timedelta(days=1))))
            for begin, end in self._spans()
        )

    def opens_after(self, now: Millis) -> Millis | None:
        """The first instant after ``now`` at which it is open, given that it is closed; None: never again."""
        first: Millis | None = None
        for day in self._days_from(_local(now, self.zone).date() - timedelta(days=1)):
            # hours past midnight, and a clock set back, may open after those of the next day
            if first is not None and day > _local(first, self.zone).date() + timedelta(days=1):
                break
            opens = (instant for instant in self._starts(day) if instant > now and self.open_at(instant))
            first = min(opens, default=None) if first is None else min((first, *opens))
        return first

    def ever_opens(self) -> bool:
        """Whether any day at all qualifies."""
        if not self.dates:
            return self.days is None or bool(self.days)
        return next(self._days_from(min(first for first, _ in self.dates)), None) is not None

    def _spans(self) -> tuple[Hours, ...]:
        return self.hours or ((0, DAY_MINUTES),)

    def _day(self, day: date) -> bool:
        return (
            (self.days is None or day.weekday() in self.days)
            and (not self.dates or _among(day, self.dates))
            and not _among(day, self.except_dates)
        )

    def _days_from(self, day: date) -> Iterator[date]:
        """Qualifying days, in order, as far as the horizon; years that the dates leave out are skipped at once."""
        for _ in range(HORIZON):
            if self.dates and not _among(day, self.dates):
                later = [first for first, _ in self.dates if first > day]
                if not later:
                    return
                day = min(later)
            excepted = [last for first, last in self.except_dates if first <= day <= last]
            if excepted:
                day = max(excepted)
            elif self._day(day):
                yield day
            if day == date.max:
                return
            day += timedelta(days=1)

    def _starts(self, day: date) -> Iterator[Millis]:
        """Instants at which the window may open for the hours that start on ``day``: also a jump of the clock."""
        for begin, end in self._spans():
            start = datetime.combine(day, time(begin // 60, begin % 60), self.zone)
            last = datetime.combine(day, time(), self.zone) + timedelta(minutes=end + DAY_MINUTES * (end <= begin))
            yield _millis(start)
            yield _millis(start.replace(fold=1))
            yield from _jump(_millis(start) - 2 * HOUR, _millis(last) + 2 * HOUR, self.zone)


def open_at(windows: Iterable[Window], now: Millis) -> bool:
    """Whether any of them is open."""
    return any(window.open_at(now) for window in windows)


def opens_after(windows: Iterable[Window], now: Millis) -> Millis | None:
    """When the first of them opens; None: none ever again."""
    return min((instant for window in windows if (instant := window.opens_after(now)) is not None), default=None)


def _among(day: date, spans: tuple[Dates, ...]) -> bool:
    return any(first <= day <= last for first, last in spans)


def _local(now: Millis, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(now // 1000, UTC).astimezone(zone)


def _millis(local: datetime) -> Millis:
    return int(local.timestamp()) * 1000


def _jump(early: Millis, late: Millis, zone: ZoneInfo) -> Iterator[Millis]:
    """The instant between the two at which the zone's offset changes, if it does, to the second."""
    before = _local(early, zone).utcoffset()
    if _local(late, zone).utcoffset() == before:
        return
    low, high = early // 1000, late // 1000
    while high - low > 1:
        middle = (low + high) // 2
        if _local(middle * 1000, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    yield high * 1000
