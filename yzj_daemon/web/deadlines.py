"""What is due at an instant of its own: one timer for all of it, set to the earliest."""

import asyncio
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
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, one: T, seconds: float) -> None:
        """From now on, for so long."""
        due = self._due[one] = self._loop.time() + seconds
        if self._timer is None or due < self._timer.when():
            self._set(due)

    def met(self, one: T) -> bool:
        """Whether it was in time; it is watched no more."""
        return self._due.pop(one, None) is not None

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        now = self._loop.time() + GRAIN
        for one in [one for one, due in self._due.items() if due <= now]:
            del self._due[one]
            self._over(one)
        if self._due:
            self._set(min(self._due.values()))
