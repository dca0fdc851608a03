"""Futures that somebody waits for until an instant: one timer for all of them, set to the earliest."""

import asyncio
from typing import Any, Final

GRAIN: Final = 0.001
"""Seconds by which the loop's timers may be early."""


class Deadlines:
    """A future that is not done by its instant is set to None.

    A timer for each would cost more than the waiting: hardly ever does one run out.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due: dict[asyncio.Future[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, future: "asyncio.Future[Any]", seconds: float) -> None:
        """None it is in so many seconds, unless :meth:`met` comes first."""
        due = self._loop.time() + seconds
        self._due[future] = due
        if self._timer is None or due < self._timer.when():
            self._set(due)

    def met(self, future: "asyncio.Future[Any]") -> None:
        """It is done, and watched no more."""
        del self._due[future]

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        over = self._loop.time() + GRAIN
        waiting = [(future, due) for future, due in self._due.items() if not future.done()]
        for future, due in waiting:
            if due <= over:
                future.set_result(None)
        left = [due for future, due in waiting if due > over]
        if left:
            self._set(min(left))
