"""The sandbox's own clock: it shares no code with the daemon that it judges."""

import time
from typing import Protocol


class Clock(Protocol):
    def wall(self) -> int:
        """Ms since 1970 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        ...


class MachineClock:
    def wall(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()
