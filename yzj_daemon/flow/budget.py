"""One budget for every call that is not a send: the vendor grants them per customer, all accounts together.

The platform allows 500 a minute (vendor page 11490690941344440); ``pull.budget_per_minute`` stays below.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

from yzj_daemon.clock import SECOND, Clock
from yzj_daemon.errors import StoreProblem
from yzj_daemon.storage import allowances
from yzj_daemon.storage.engine import Store

BURST_SECONDS: Final = 6.0
"""Seconds' worth of budget that may be spent at once, when little was spent before."""

START_SECONDS: Final = 1.0
"""Seconds' worth at the start: a process that is restarted again and again must not spend a burst each time."""

STORE_PAUSE: Final = 1.0
"""Seconds between tries while the store that holds the bucket is away."""

Sleep = Callable[[float], Awaitable[None]]


class Budget:
    """A token bucket on the monotonic clock. Who waits is served in the order of asking.

    ``shared``: the bucket is the store's, for all daemons on it, and on its clock.
    """

    def __init__(
        self, per_minute: int, clock: Clock, *, sleep: Sleep = asyncio.sleep, shared: Store | None = None
    ) -> None:
        self._per_second = per_minute / 60
        self._most = max(1.0, self._per_second * BURST_SECONDS)
        self._left = max(1.0, self._per_second * START_SECONDS)
        self._clock = clock
        self._sleep = sleep
        self._shared = shared
        self._at = clock.monotonic()
        self._queue = asyncio.Lock()

    async def spend(self) -> None:
        """Spend one call, once it is this one's turn and something is left."""
        async with self._queue:
            while (wait := await self._take()) > 0:
                await self._sleep(wait)

    async def _take(self) -> float:
        """Spend one call; or answer after how many seconds to ask again."""
        if self._shared is None:
            return 0.0 if self.take() else self.wait()
        try:
            return await self._shared.write(
                partial(allowances.take, per_second=self._per_second, most=self._most, now=self._clock.now())
            )
        except StoreProblem:
            return STORE_PAUSE

    def take(self) -> bool:
        """Spend one call; false when none is left now."""
        self._refill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def wait(self) -> float:
        """Seconds until a call may be spent again."""
        return max(0.001, self._at - self._clock.monotonic() + (1 - self._left) / self._per_second)

    def rest(self, share: float) -> float:
        """Seconds between the calls of one who wants no more than this share of the budget."""
        return 1 / (self._per_second * share)

    async def pause(self, seconds: float) -> None:
        """The vendor says it is too much: nothing is left, and nothing grows for so long."""
        self._left = 0.0
        self._at = self._clock.monotonic() + seconds
        if self._shared is not None:
            until = self._clock.now() + round(seconds * SECOND)
            with suppress(StoreProblem):  # then nobody can spend anything, either
                await self._shared.write(partial(allowances.pause, until=until))

    def _refill(self) -> None:
        now = self._clock.monotonic()
        if now > self._at:
            self._left = min(self._most, self._left + (now - self._at) * self._per_second)
            self._at = now
