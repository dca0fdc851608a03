"""Instants as they come in a request: what people and programs write, within all time."""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from yzj_daemon.clock import Millis
from yzj_daemon.console.refused import Refused
from yzj_daemon.errors import Phrase
from yzj_daemon.wording import when

LATEST: Final[Millis] = 253_370_764_800_000
"""The year 9999: beyond it no instant can be written."""


def past(written: str, name: str, now: Millis, zone: ZoneInfo) -> Millis | None:
    """As :func:`when.instant` reads it; "" is None. Raises Problem: it cannot be read, or lies beyond all time."""
    return _within(lambda: when.instant(written, name, now, zone), name) if written else None


def ahead(written: str, name: str, now: Millis, zone: ZoneInfo) -> Millis:
    """As :func:`when.ahead` reads it. Raises Problem: it cannot be read, is past, or lies beyond all time."""
    return _within(lambda: when.ahead(written, name, now, zone), name)


def _within(read: Callable[[], Millis], name: str) -> Millis:
    try:
        found = read()
    except (OverflowError, ValueError) as beyond:
        raise _beyond(name) from beyond
    if not -LATEST < found < LATEST:
        raise _beyond(name)
    return found


def _beyond(name: str) -> Refused:
    return Refused(400, Phrase(f"{name} 超出范围", f"{name} is out of range"))
