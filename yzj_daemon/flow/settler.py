"""What only time can settle: unknown deliveries whose copy never came, and those of an account that stays offline."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import structlog

from yzj_daemon.clock import Clock, Millis
from yzj_daemon.storage import settlement
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.settler")

BITE: Final = 200
"""Deliveries of one transaction."""


class Settler:
    """``echo_window`` (ms) is how long an own copy is waited for; ``wake`` hears of accounts that owe something now."""

    def __init__(
        self, store: Store, echo_window: Millis, wake: Callable[[Iterable[str]], None], *, clock: Clock
    ) -> None:
        self._store = store
        self._window = echo_window
        self._wake = wake
        self._clock = clock

    async def settle(self) -> None:
        """Send again what its rules want sent again, and let another account take over for one that is offline."""
        now = self._clock.now()
        resent = await self._store.write(partial(settlement.resend, now=now, window=self._window, limit=BITE))
        taken = await self._store.write(partial(settlement.reroute, now=now, limit=BITE))
        if resent:
            log.warning("deliveries.resent", accounts=resent, why="no answer, no own copy, on_unknown = resend")
        if taken:
            log.warning("deliveries.rerouted", to=taken, why="the account that received them is offline")
        if resent or taken:
            self._wake({*resent, *taken})
