"""Housekeeping: what waited too long expires, what is older than the retention goes, in small bites."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection

from yzj_daemon.clock import Clock, Millis
from yzj_daemon.delivery import State
from yzj_daemon.flow.budget import Sleep
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.storage import memory, outbox, reports, retention
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Place

log = structlog.get_logger("yzj_daemon.janitor")

T = TypeVar("T")

BITE: Final = 500
"""Rows of one transaction at most: intake and couriers share the writer and must not wait for housekeeping."""

LEAST: Final = 25
"""Rows of one transaction at least, however slow the disk."""

LONGEST: Final = 0.02
"""Seconds that a bite may take; one that took longer makes the next one smaller."""

PAUSE: Final = 2.0
"""How much longer than a bite took nothing is bitten off: housekeeping gets a third of the writer at most."""


OPEN: Final = (State.PENDING, State.SENDING, State.UNKNOWN, State.HELD)
"""Deliveries that somebody or something still waits for: few, however long the history."""

ENDED: Final = tuple(state for state in State if state not in OPEN)

RARELY: Final = 100
"""How much longer than counting those that ended took they are not counted again: a hundredth of the time at most."""


class Janitor:
    """``retention`` (ms) is how long originals, decisions and deliveries are kept.

    With ``content_off`` no text is kept longer than a delivery needs it (:meth:`blank`).
    """

    def __init__(
        self,
        store: Store,
        retention: Millis,
        *,
        clock: Clock,
        metrics: Metrics,
        content_off: bool = False,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._retention = retention
        self._clock = clock
        self._metrics = metrics
        self._content_off = content_off
        self._sleep = sleep
        self._size = BITE
        self._looked_up_to = 0
        self._needed: set[int] = set()
        self._ended_due = 0.0

    async def expire(self) -> None:
        """Every delivery past its ``expires_at`` that is still waiting becomes EXPIRED; rests that are over go."""
        total = 0
        while done := await self._store.write(partial(outbox.expire, now=self._clock.now(), limit=BITE)):
            total += done
        if total:
            log.warning("deliveries.expired", deliveries=total)
        await self._store.write(partial(memory.forget_rests, now=self._clock.now()))

    async def forget(self) -> None:
        """Delete what is older than the retention, save messages that still owe or wonder about a delivery."""
        before = self._clock.now() - self._retention
        total, after = 0, Place(0, 0)
        while True:
            bite = await self._bite(partial(retention.forget, before=before, after=after, limit=self._size))
            total += bite.gone
            if bite.reached is None:
                break
            after = bite.reached
        while gone := await self._bite(partial(retention.forget_rest, before=before, limit=self._size)):
            total += gone
        if total:
            log.info("history.forgotten", rows=total)

    async def blank(self) -> None:
        """Where no content is kept: take it out of what no delivery needs any more.

        Messages come into the store with it, for it is what is forwarded; those that nothing is owed of have lost it
        in the same transaction. At its first run in a process it looks through the whole store.
        """
        if not self._content_off:
            return
        total = 0
        while found := await self._store.read(
            partial(retention.with_content, above=self._looked_up_to, limit=self._size)
        ):
            self._needed.update(found)
            self._looked_up_to = found[-1]
            total += await self._blank(found)
        needed = sorted(self._needed)
        for start in range(0, len(needed), BITE):
            total += await self._blank(needed[start : start + BITE])
        if total:
            log.info("content.blanked", messages=total)

    async def _blank(self, ids: list[int] | tuple[int, ...]) -> int:
        done = await self._store.read(partial(retention.ended, ids=ids))
        if not done:
            return 0
        blanked = await self._bite(partial(retention.blank_ended, ids=done))
        self._needed.difference_update(blanked)
        return len(blanked)

    async def _bite(self, work: Callable[[Connection], T]) -> T:
        """One transaction of housekeeping, and a rest for the others, which wait for the same writer."""
        began = self._clock.monotonic()
        done = await self._store.write(work)
        took = self._clock.monotonic() - began
        self._size = max(LEAST, self._size // 2) if took > LONGEST else min(BITE, self._size * 2)
        await self._sleep(took * PAUSE)
        return done

    async def count(self) -> None:
        """Bring the gauges of deliveries and lanes up to date; those of what ended as often as the history allows."""
        self._metrics.deliveries(await self._store.read(partial(reports.counted, states=OPEN)))
        self._metrics.lanes(await self._store.read(partial(reports.lane_depths, now=self._clock.now())))
        if (began := self._clock.monotonic()) >= self._ended_due:
            self._metrics.deliveries(await self._store.read(partial(reports.counted, states=ENDED)))
            now = self._clock.monotonic()
            self._ended_due = now + (now - began) * RARELY
