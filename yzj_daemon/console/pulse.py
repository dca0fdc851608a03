"""Whether there is anything new to see: one cheap look at the store for all who watch."""

import asyncio
from collections.abc import Callable
from typing import Final

from yzj_daemon.clock import Clock
from yzj_daemon.storage.reader import Reader, version

EVERY: Final = 2.0
"""Seconds between two looks, however many watch."""


class Pulse:
    """``rules`` tells what of the rules is shown."""

    def __init__(self, reader: Reader, clock: Clock, rules: Callable[[], tuple[object, ...]]) -> None:
        self._reader = reader
        self._clock = clock
        self._rules = rules
        self._looked_at = float("-inf")
        self._seen: tuple[object, ...] = ()
        self._looking = asyncio.Lock()

    async def seen(self) -> tuple[object, ...]:
        """What changes when something changed. Raises StoreProblem."""
        async with self._looking:
            if self._clock.monotonic() - self._looked_at >= EVERY * 0.75:
                self._seen = (*await self._reader.read(version), *self._rules())
                self._looked_at = self._clock.monotonic()
            return self._seen
