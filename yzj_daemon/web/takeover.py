"""From the porter's spool into the store: after a start, and after a start that came to nothing."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
import structlog

from yzj_daemon.clock import Millis
from yzj_daemon.errors import StoreProblem
from yzj_daemon.flow.intake import Intake, Recorded
from yzj_daemon.message import Batch
from yzj_daemon.web import spool
from yzj_daemon.web.porter import Porter
from yzj_daemon.web.spool import Kept
from yzj_daemon.yzj.reader import Reader

log = structlog.get_logger("yzj_daemon.spool")

BITE: Final = 200
"""Callbacks that are handed to the intake at once."""

FULL_PAUSE: Final = 0.05
"""Seconds to wait while the intake is full."""


class Takeover(msgspec.Struct, frozen=True):
    """``missed`` is called when a message may not have been understood: somebody should pull."""

    path: Path
    read: Reader
    intake: Intake
    missed: Callable[[], None]

    async def run(self, porter: Porter | None) -> None:
        """Store all that was kept, and let the porter go. The intake must run.

        The porter stands at the door while most of it is stored, so that a long start makes nobody wait. What is
        stored twice because a start broke off here is known by its ids.

        Raises:
            StoreProblem: the store does not take it; it stays where it is.
        """
        offset = await self._take(0)
        if porter is not None:
            await asyncio.to_thread(porter.close)
            await self._take(offset)
        await asyncio.to_thread(self.path.unlink, missing_ok=True)

    async def _take(self, offset: int) -> int:
        """Store what lies there from ``offset`` on; answers where it ended."""
        callbacks = spool.kept(self.path, offset)
        while bite := await asyncio.to_thread(lambda: list(islice(callbacks, BITE))):
            await self._store([kept for kept, _ in bite])
            offset = bite[-1][1]
            log.info("spool.stored", callbacks=len(bite))
        return offset

    async def _store(self, callbacks: Sequence[Kept]) -> None:
        batches = await asyncio.to_thread(self._read_one_by_one, callbacks)
        offered = [await self._offered(batch, kept.at) for batch, kept in zip(batches, callbacks, strict=True)]
        for done in offered:
            if isinstance(problem := await done, StoreProblem):
                raise problem

    def _read_one_by_one(self, callbacks: Sequence[Kept]) -> list[Batch]:
        """Some may be large: what reading takes on the way is then that of one."""
        return [batch for callback in callbacks for batch in self.read([callback.body])]

    async def _offered(self, batch: Batch, at: Millis) -> "asyncio.Future[Recorded | StoreProblem]":
        if batch.unreadable:
            self.missed()
        while (done := self.intake.offer(batch, "callback", at)) is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(FULL_PAUSE)
        return done
