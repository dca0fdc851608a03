"""The machine's own clock, and one that follows a store's."""

import time

from yzj_daemon.clock import Millis

_NANOS_PER_MILLI = 1_000_000


class SystemClock:
    """:class:`yzj_daemon.clock.Clock` of this machine."""

    def now(self) -> Millis:
        return time.time_ns() // _NANOS_PER_MILLI

    monotonic = staticmethod(time.monotonic)


class SharedClock(SystemClock):
    """The clock of a store that several machines share, as this one last learned it; between, monotonic time."""

    def __init__(self) -> None:
        self._ahead = super().now() - self.monotonic() * 1000

    def now(self) -> Millis:
        return int(self.monotonic() * 1000 + self._ahead)

    def set(self, now: Millis, at: float) -> None:
        """It was ``now`` at ``at`` (monotonic seconds)."""
        self._ahead = now - at * 1000
