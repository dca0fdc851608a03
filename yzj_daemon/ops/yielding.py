"""How threads that work for long leave the machine to those that answer callbacks.

Python runs one thread at a time, and a callback passes through several: each of them waits for its turn.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Final

SWITCH_EVERY: Final = 0.0005
"""Seconds after which a thread that works lets others have their turn; Python's own 5 ms add up."""

SLICE: Final = 0.003
"""Seconds of work between two rests."""


class _Interval:
    """The interpreter's one interval, and how many ask for a short one: the last to go puts back what was."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asking = 0
        self._usual = 0.0

    def shorten(self) -> None:
        with self._lock:
            if not self._asking:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(SWITCH_EVERY)
            self._asking += 1

    def restore(self) -> None:
        with self._lock:
            self._asking -= 1
            if not self._asking:
                sys.setswitchinterval(self._usual)


_interval = _Interval()


@contextmanager
def giving_way() -> Iterator[None]:
    """Others need not wait long for their turn. Several may do so at once, and end in any order."""
    _interval.shorten()
    try:
        yield
    finally:
        _interval.restore()


class Breath:
    """Rests of what goes on for seconds: for as long as it worked, every few milliseconds."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._began = time.monotonic()

    def take(self) -> bool:
        """After each slice of work, rest; answers whether to stop."""
        worked = time.monotonic() - self._began
        if worked < SLICE:
            return self._stop.is_set()
        stopped = self._stop.wait(worked)
        self._began = time.monotonic()
        return stopped
