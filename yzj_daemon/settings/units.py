"""Spans and sizes as people write them."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from yzj_daemon.clock import DAY, HOUR, MINUTE, SECOND, Millis

LONGEST: Final[Millis] = 36_500 * DAY
"""A hundred years; whoever writes more means something else."""

_SPANS: Final = {"": SECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_SIZES: Final = {
    "": 1,
    "b": 1,
    "kb": 1_000,
    "mb": 1_000_000,
    "gb": 1_000_000_000,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
}
_WRITTEN: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)", re.ASCII)


def duration(written: object) -> Millis:
    """``90s``, ``10m``, ``2h``, ``1d``, ``1.5s`` or a number of seconds, in ms.

    Raises:
        ValueError: it is none of these, finer than a millisecond, or longer than ``LONGEST``.
    """
    span = _whole(written, _SPANS)
    if span > LONGEST:
        raise ValueError("too long")
    return span


def size(written: object) -> int:
    """``10MiB``, ``512KiB``, ``1GB`` or a number of bytes, in bytes.

    Raises:
        ValueError: it is none of these, or no whole number of bytes.
    """
    return _whole(written, _SIZES)


def span(millis: Millis) -> str:
    """A span as :func:`duration` reads it, in its largest whole unit."""
    for unit in ("d", "h", "m", "s"):
        if millis and millis % _SPANS[unit] == 0:
            return f"{millis // _SPANS[unit]}{unit}"
    return f"{Decimal(millis) / SECOND}s"


def bytes_(count: int) -> str:
    """A size as :func:`size` reads it, in its largest whole binary unit."""
    for unit in ("GiB", "MiB", "KiB"):
        if count and count % _SIZES[unit.lower()] == 0:
            return f"{count // _SIZES[unit.lower()]}{unit}"
    return str(count)


def _whole(written: object, units: dict[str, int]) -> int:
    number, unit = _parts(written)
    if unit.lower() not in units:
        raise ValueError("unknown unit")
    exact = number * units[unit.lower()]
    if exact != exact.to_integral_value():
        raise ValueError("too fine")
    return int(exact)


def _parts(written: object) -> tuple[Decimal, str]:
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise ValueError("neither text nor a number")  # noqa: TRY004 - what pydantic takes for a wrong value
    if isinstance(written, str):
        found = _WRITTEN.fullmatch(written.strip())
        if found is None:
            raise ValueError("not a number and a unit")
        return Decimal(found[1]), found[2]
    return _finite(written), ""


def _finite(written: float) -> Decimal:
    try:
        number = Decimal(str(written))
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or number < 0:
        raise ValueError("negative or not finite")
    return number
