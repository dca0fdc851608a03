"""One among several daemons, on a real PostgreSQL: how it comes and how it goes."""

import asyncio
import threading
from contextlib import closing

import pytest

from yzj_daemon.flow.fleet import Fleet
from yzj_daemon.ops.clock import SharedClock
from yzj_daemon.storage import daemons
from yzj_daemon.storage.engine import Store


@pytest.mark.parametrize("turns", [0, 1])
async def test_a_look_that_was_on_its_way_does_not_bring_back_who_has_left(database_url: str, turns: int) -> None:
    """The writer gets to it after the daemon was told to stop: a lease taken then would keep lanes from the others."""
    with closing(Store(database_url)) as store:
        fleet = Fleet(store, "one", "0", lambda: "rules", clock=SharedClock())
        for _ in range(turns):
            await fleet.turn()
        busy = threading.Event()
        before = asyncio.create_task(store.write(lambda _: busy.wait(10)))
        living = asyncio.create_task(fleet.run(_silent))
        await asyncio.sleep(0.1)  # its look waits for the writer
        living.cancel()
        leaving = asyncio.create_task(fleet.leave())
        await asyncio.sleep(0.1)
        busy.set()
        await asyncio.gather(before, leaving)
        assert store.read_now(daemons.alive) == ()


async def _silent(heard: object) -> None:
    await asyncio.Event().wait()
