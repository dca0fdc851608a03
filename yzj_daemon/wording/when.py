"""Instants as people write and read them."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from yzj_daemon.clock import DAY, HOUR, MINUTE, SECOND, Millis, lasting
from yzj_daemon.errors import Phrase, UsageProblem

ZONE = "Asia/Shanghai"
"""Where no rule set tells its own."""

_UNITS = {"": SECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_AGO = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


def instant(written: str, option: str, now: Millis, zone: ZoneInfo) -> Millis:
    """``2h`` is two hours ago; a date or an ISO time without an offset is of ``zone``.

    Raises:
        UsageProblem: it is neither.
    """
    if ago := _AGO.fullmatch(written.strip()):
        return now - int(float(ago[1]) * _UNITS[ago[2]])
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError as wrong:
        raise UsageProblem(
            Phrase(f"{option} 看不懂: {written!r}", f"{option} cannot be read: {written!r}"),
            Phrase("写 90s、10m、2h、1d 或 2026-03-02T10:00", "write 90s, 10m, 2h, 1d, or 2026-03-02T10:00"),
        ) from wrong
    return round((found if found.tzinfo else found.replace(tzinfo=zone)).timestamp() * SECOND)


def ahead(written: str, option: str, now: Millis, zone: ZoneInfo) -> Millis:
    """``2h`` is two hours from now; a date or an ISO time without an offset is of ``zone``.

    Raises:
        UsageProblem: it is neither, or it is past.
    """
    span = _AGO.fullmatch(written.strip())
    found = 2 * now - instant(written, option, now, zone) if span else instant(written, option, now, zone)
    if found <= now:
        raise UsageProblem(
            Phrase(f"{option} 已经过去了: {written!r}", f"{option} is past: {written!r}"),
            Phrase("写 2h、1d 或以后的时间", "write 2h, 1d, or a time to come"),
        )
    return found


def iso(at: Millis | None, zone: ZoneInfo) -> str | None:
    """ISO 8601 with milliseconds and offset, for programs."""
    return None if at is None else _local(at, zone).isoformat(timespec="milliseconds")


def clock(at: Millis | None, zone: ZoneInfo) -> str:
    """For people: month, day and time to the second."""
    return "-" if at is None else _local(at, zone).strftime("%Y-%m-%d %H:%M:%S")


span = lasting
"""A length of time in its two largest units, of seconds."""


def _local(at: Millis, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND * 1000).astimezone(zone)
