"""Time as an argument.

Instants are whole milliseconds since 1970 UTC, the unit of the vendor's ``msg_time``. They are stored and compared
across restarts. Intervals inside one process are measured on the monotonic clock, in seconds, which no
administrator and no NTP daemon can set.
"""

from typing import Protocol

Millis = int
"""An instant (ms since 1970 UTC) or a span (ms)."""

SECOND: Millis = 1_000
MINUTE: Millis = 60_000
HOUR: Millis = 3_600_000
DAY: Millis = 86_400_000


class Clock(Protocol):
    def now(self) -> Millis:
        """Wall clock, ms since 1970 UTC. May jump."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start. Never jumps, never goes back, dies with the process."""
        ...


def lasting(seconds: float) -> str:
    """A length of time in its two largest units: ``45s``, ``3m12s``, ``5h02m``, ``2d07h``."""
    whole = int(seconds)
    if seconds and whole < 10:
        return f"{seconds:.1f}s"
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"
