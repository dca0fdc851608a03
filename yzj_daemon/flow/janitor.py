"""Housekeeping: what waited too long expires, what is older than the retention goes, in small bites."""

import asyncio
from functools import partial

import structlog

from yzj_daemon.clock import Clock, Millis
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.storage import inbox, memory, outbox, reports
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.janitor")

BITE = 500
"""Rows of one transaction: intake and couriers share the writer and must not wait for housekeeping."""


class Janitor:
    """``retention`` (ms) is how long originals, decisions and deliveries are kept."""

    def __init__(self, store: Store, retention: Millis, *, clock: Clock, metrics: Metrics) -> None:
        self._store = store
        self._retention = retention
        self._clock = clock
        self._metrics = metrics

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
        total = 0
        while done := await self._store.write(partial(inbox.forget, before=before, limit=BITE)):
            total += done
            await asyncio.sleep(0)  # let intake's next group in between
        if total:
            log.info("history.forgotten", rows=total)

    async def count(self) -> None:
        """Bring the gauges of deliveries and lanes up to date."""
        self._metrics.deliveries(await self._store.read(reports.deliveries_by_state))
        self._metrics.lanes(await self._store.read(partial(reports.lane_depths, now=self._clock.now())))
