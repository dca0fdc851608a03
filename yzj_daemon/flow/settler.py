"""What only time can settle: unknown deliveries whose copy never came, and those of an account that stays offline."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

import structlog

from yzj_daemon.clock import Clock, Millis
from yzj_daemon.storage import echoes, settlement
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.settler")

BITE: Final = 200
"""Deliveries of one transaction."""

LOOKED_AT: Final = 2_000
"""Deliveries of offline accounts, in each turn: a backlog of a million is walked through in half an hour."""


class Settler:
    """``echo_window`` (ms) is how long an own copy is waited for; ``wake`` hears of accounts that owe something now.

    ``restored_at``: when the store was restored from a backup.
    """

    def __init__(
        self,
        store: Store,
        echo_window: Millis,
        wake: Callable[[Iterable[str]], None],
        *,
        clock: Clock,
        restored_at: Millis | None = None,
    ) -> None:
        self._store = store
        self._window = echo_window
        self._wake = wake
        self._clock = clock
        self._restored_at = restored_at
        self._proven_up_to = 0
        self._walked: Mapping[str, settlement.Place] = {}

    async def settle(self) -> None:
        """Send again what its rules want sent again, and let another account take over for one that is offline."""
        now = self._clock.now()
        resent = await self._store.write(partial(settlement.resend, now=now, window=self._window, limit=BITE))
        taken = await self._reroute(now)
        if resent:
            log.warning("deliveries.resent", accounts=resent, why="no answer, no own copy, on_unknown = resend")
        if taken:
            log.warning("deliveries.rerouted", to=taken, why="the account that received them is offline")
        if resent or taken:
            self._wake({*resent, *taken})
        if self._restored_at is not None:
            await self._prove(self._restored_at)

    async def _reroute(self, now: Millis) -> list[str]:
        """What can move is looked for beside the writer, which does not wait for that."""
        found = await self._store.read(partial(settlement.walk, places=self._walked, limit=LOOKED_AT))
        taken: set[str] = set()
        for at in range(0, len(found.movable), BITE):
            some = found.movable[at : at + BITE]
            taken.update(await self._store.write(partial(settlement.reroute, deliveries=some, now=now)))
        self._walked = found.places
        return sorted(taken)

    async def _prove(self, restored_at: Millis) -> None:
        """Confirm what a restore holds and whose own copies were stored before it; later ones do that as they come."""
        work = partial(echoes.prove_lost, restored_at=restored_at, above=self._proven_up_to, limit=BITE)
        proven = await self._store.write(partial(work, now=self._clock.now()))
        self._proven_up_to = proven.looked_up_to
        for found in proven.confirmed:
            log.info("delivery.confirmed", delivery=str(found.id), was=found.was)
