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
