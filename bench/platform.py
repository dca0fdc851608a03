"""The sandbox vendor on this event loop: what the daemon calls, on the same clock as those who call the daemon."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from bench import corpus
from yzj_daemon.sandbox.behaviour import Behaviour
from yzj_daemon.sandbox.calls import Call
from yzj_daemon.sandbox.platform import APP_ID, APP_SECRET, Options, Platform
from yzj_daemon.sandbox.server import running

_BEHAVIOUR = Behaviour(
    received_by="unchecked",
    unknown_target=0,
    own_copies="none",
    callbacks=False,
    sends_per_minute=0,
    reads_per_minute=0,
)


@dataclass(frozen=True, slots=True)
class Called:
    """``settings``: those of a daemon that calls it."""

    platform: Platform
    settings: Mapping[str, str]

    @property
    def calls(self) -> list[Call]:
        """Those that were answered."""
        return [call for call in self.platform.calls.calls if call.answered is not None]

    def gaps(self, since: float = 0.0) -> list[float]:
        """Seconds from each answer to the next call of its account, of the calls that came after ``since``."""
        return [call.gap / 1000 for call in self.calls if call.gap is not None and call.arrived >= since]

    async def watched(self, seconds: float) -> "Watched":
        """What comes from now on, for so long."""
        began, before = self.platform.clock.monotonic(), self.platform.calls.total
        await asyncio.sleep(seconds)
        took = self.platform.clock.monotonic() - began
        return Watched(self.gaps(began), (self.platform.calls.total - before) / took, took)


class Watched(NamedTuple):
    """``gaps`` in s, ``rate``: calls a second, over ``took`` seconds."""

    gaps: list[float]
    rate: float
    took: float


@asynccontextmanager
async def _without_pauses() -> AsyncIterator[None]:
    """A platform of many machines looks for no garbage among all it ever answered: nobody waits for that."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@asynccontextmanager
async def called(accounts: int = 1) -> AsyncIterator[Called]:
    """A platform with so many hosted accounts, which answers at once whatever it is asked to forward."""
    async with running(Options(behaviour=_BEHAVIOUR)) as sandbox, _without_pauses():
        for number in range(accounts):
            sandbox.platform.world.add_account(corpus.account(number))
        access = {"YZJ_API__APP_ID": APP_ID, "YZJ_API__APP_SECRET": APP_SECRET, "YZJ_API__ACCESS_TOKEN": ""}
        yield Called(sandbox.platform, {"YZJ_API__BASE_URL": sandbox.base_url, **access})
