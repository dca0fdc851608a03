"""The machine's own clock."""

import time

from yzj_daemon.clock import Millis

_NANOS_PER_MILLI = 1_000_000


class SystemClock:
    """:class:`yzj_daemon.clock.Clock` of this machine."""

    def now(self) -> Millis:
        return time.time_ns() // _NANOS_PER_MILLI

    def monotonic(self) -> float:
        return time.monotonic()
