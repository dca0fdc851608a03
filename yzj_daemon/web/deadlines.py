"""What is due at an instant of its own: one timer for all of it, set to the earliest."""

import asyncio
import math
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

GRAIN: Final = 0.001
"""Seconds by which the loop's timers may be early."""


class Deadlines(Generic[T]):
    """``over`` is called with what was not :meth:`met` in time.

    A timer for each would cost more than the waiting: hardly ever does one run out.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, over: Callable[[T], None]) -> None:
        self._loop = loop
        self._over = over
        self._due: dict[T, float] = {}
        self._timer: asyncio.Handle | None = None  # uvloop's own knows no time when that is now
        self._strikes_at = math.inf

    def watch(self, one: T, seconds: float) -> None:
        """From now on, for so long."""
        due = self._due[one] = self._loop.time() + seconds
        if due < self._strikes_at:
            self._set(due)

    def met(self, one: T) -> bool:
        """Whether it was in time; it is watched no more."""
        return self._due.pop(one, None) is not None

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._strikes_at = self._loop.call_at(due, self._look), due

    def _look(self) -> None:
        self._timer, self._strikes_at = None, math.inf
        now = self._loop.time() + GRAIN
        for one in [one for one, due in self._due.items() if due <= now]:
            del self._due[one]
            self._loop.call_soon(self._over, one)  # each by itself: a fault in one keeps no other from being told
        if self._due:
            self._set(min(self._due.values()))
