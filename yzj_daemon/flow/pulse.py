"""Signs of life, taken where the work is done: from the writer's thread and from every lane.

The loops that hand out work go on turning while nothing of it gets done; idle, they have nothing that could get
stuck. So the writer is asked to do nothing every few seconds, and lanes are asked how long they have been at it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection

from yzj_daemon.errors import StoreProblem
from yzj_daemon.flow.courier import Courier
from yzj_daemon.storage.engine import Store

EVERY: Final = 5.0
"""Seconds between two signs."""

Beat = Callable[[], None]


async def of_writer(store: Store, beat: Beat, every: float = EVERY) -> None:
    """Beat whenever the writer took a job and answered it. A store that refuses is a matter of readiness."""
    while True:
        with suppress(StoreProblem):
            await store.write(_nothing)
        beat()
        await asyncio.sleep(every)


async def of_lanes(courier: Courier, longest: float, beat: Beat, every: float = EVERY) -> None:
    """Beat while no lane has been at one step for ``longest`` seconds."""
    while True:
        if not courier.stuck(longest):
            beat()
        await asyncio.sleep(every)


def _nothing(_connection: Connection) -> None:
    """What the writer is asked to do."""
