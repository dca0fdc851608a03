"""The watchdog is fed while work gets done, and by nothing else."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.flow.conftest import original, running, take
from tests.flow.test_courier import RealClock, Vendor, make_courier
from yzj_daemon.delivery import Call, Outcome
from yzj_daemon.flow import pulse
from yzj_daemon.ops.health import Health
from yzj_daemon.ops.systemd import Notifier, feed

__all__ = ["make_courier"]

LONGEST = 0.3
EVERY = 0.02


class Watchdog:
    """systemd's end: whether a sign of life came within a while."""

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening

    async def fed(self, within: float = 2 * LONGEST) -> bool:
        """What came before does not count."""
        self._drain()
        fed = False
        for _ in range(int(within / EVERY)):
            await asyncio.sleep(EVERY)
            fed |= self._drain() > 0  # the kernel holds but a few
        return fed

    async def starved(self) -> None:
        """Comes back when the signs have stopped; they do within the test's time or not at all."""
        while await self.fed():
            pass

    def _drain(self) -> int:
        count = 0
        while True:
            try:
                count += self.listening.recv(100) == b"WATCHDOG=1"
            except BlockingIOError:
                return count


@pytest.fixture
def watchdog(tmp_path: Path) -> Iterator[Watchdog]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield Watchdog(listening)


@asynccontextmanager
async def beating(tmp_path: Path, health: Health, *loops: object) -> AsyncIterator[None]:
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(int(2 * EVERY * 1_000_000))}
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in (feed(Notifier(environ), health.alive), *loops)]
        yield
        for task in tasks:
            task.cancel()


async def test_an_idle_daemon_feeds_it(store, make_courier, watchdog, tmp_path):
    health, courier = Health(RealClock()), make_courier(Vendor())
    writer = pulse.of_writer(store, health.loop("writer", LONGEST), EVERY)
    lanes = pulse.of_lanes(courier, LONGEST, health.loop("lanes", LONGEST), EVERY)
    async with beating(tmp_path, health, writer, lanes):
        for _ in range(3):
            assert await watchdog.fed()


async def test_a_stuck_writer_stops_the_feed_and_one_that_goes_on_resumes_it(store, watchdog, tmp_path):
    health, gate = Health(RealClock()), threading.Event()
    async with beating(tmp_path, health, pulse.of_writer(store, health.loop("writer", LONGEST), EVERY)):
        assert await watchdog.fed()
        stuck = asyncio.create_task(store.write(lambda _connection: gate.wait(30)))
        await watchdog.starved()
        assert [name for name, loop in health.alive()[1]["loops"].items() if not loop["alive"]] == ["writer"]
        gate.set()
        await stuck
        assert await watchdog.fed()


async def test_a_stuck_courier_stops_the_feed(store, make_intake, make_courier, watchdog, tmp_path):
    hung = asyncio.Event()

    async def vendor(_call: Call) -> Outcome:
        hung.set()
        return await asyncio.get_running_loop().create_future()

    health, courier = Health(RealClock()), make_courier(vendor)
    async with running(make_intake(wake=courier.wake)) as intake:
        await take(intake, original())
        carrying = asyncio.create_task(courier.run())
        async with beating(tmp_path, health, pulse.of_lanes(courier, LONGEST, health.loop("lanes", LONGEST), EVERY)):
            await hung.wait()
            await watchdog.starved()
            assert courier.stuck(LONGEST) == ("A",)
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)


async def test_a_courier_that_waits_is_not_stuck(store, make_intake, make_courier, watchdog, tmp_path):
    """For its pace, for a back-off, for the next message."""
    vendor = Vendor()
    health, courier = Health(RealClock()), make_courier(vendor)
    async with running(make_intake(wake=courier.wake)) as intake:
        carrying = asyncio.create_task(courier.run())
        async with beating(tmp_path, health, pulse.of_lanes(courier, LONGEST, health.loop("lanes", LONGEST), EVERY)):
            await take(intake, original(), original("退款", id="2"))
            for _ in range(3):
                assert await watchdog.fed()
        courier.stop()
        await carrying
    assert len(vendor.calls) == 4
