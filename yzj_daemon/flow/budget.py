"""One budget for every call that is not a send: the vendor grants them per customer, all accounts together.

The platform allows 500 a minute (vendor page 11490690941344440); ``pull.budget_per_minute`` stays below.
"""

from yzj_daemon.clock import Clock

BURST_SECONDS = 6.0
"""Seconds' worth of budget that may be spent at once."""


class Budget:
    """A token bucket on the monotonic clock."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_second = per_minute / 60
        self._most = max(1.0, self._per_second * BURST_SECONDS)
        self._left = self._most
        self._clock = clock
        self._at = clock.monotonic()

    def take(self) -> bool:
        """Spend one call; false when none is left now."""
        self._refill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def pause(self, seconds: float) -> None:
        """The vendor says it is too much: nothing is left, and nothing grows for so long."""
        self._left = 0.0
        self._at = self._clock.monotonic() + seconds

    def _refill(self) -> None:
        now = self._clock.monotonic()
        if now > self._at:
            self._left = min(self._most, self._left + (now - self._at) * self._per_second)
            self._at = now
