"""The supervisor's watchdog is fed by the work of the real process: a thread of it stands still, its loop goes on."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.conftest import CLOUD, ROOM, WANG, Daemon, start, text, until
from tests.acceptance.stillness import standing_still, writer_of
from yzj_daemon.sandbox.incoming import Inject

EVERY = 0.2
"""Seconds between two signs of life."""


class Signs:
    """systemd's end: when the last sign of life came."""

    def __init__(self, path: Path, listening: socket.socket) -> None:
        self.path = path
        self.last = 0.0
        self._listening = listening
        listening.bind(str(path))
        listening.setblocking(False)

    def silent(self) -> float:
        """For how many seconds there was none."""
        while True:
            try:
                if self._listening.recv(4096) == b"WATCHDOG=1":
                    self.last = time.monotonic()
            except BlockingIOError:
                return time.monotonic() - self.last


@pytest.fixture
def signs(tmp_path: Path) -> Iterator[Signs]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        yield Signs(tmp_path / "notify", listening)


async def health(daemon: Daemon, within: float = 20) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False, timeout=within) as client:
        return (await client.get(f"{daemon.ops}/healthz", params={"verbose": ""})).json()["loops"]


async def hold_the_writer(daemon: Daemon) -> ExitStack:
    """Until what it answers is closed. One that had just what the loop needs, too, is let go and held again."""
    assert daemon.process is not None
    while True:
        with ExitStack() as held:
            held.enter_context(standing_still(writer_of(daemon.process.pid)))
            try:
                await health(daemon, 2)
            except httpx.TimeoutException:
                continue
            return held.pop_all()


async def test_a_writer_that_hangs_stops_the_feed_and_one_that_goes_on_resumes_it(make_daemon, platform, signs):
    """As one does whose disk does not answer any more."""
    daemon = make_daemon(accounts=f'["{CLOUD}"]', pull__mode="off")
    daemon.extra = {"NOTIFY_SOCKET": str(signs.path), "WATCHDOG_USEC": str(int(2 * EVERY * 1_000_000))}
    await start(daemon, platform, own_copies="none")
    await platform.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("写下来")), wait=True)
    dead: list[str] = []
    while not dead:  # again, should it have held something that the loop came to need
        with await hold_the_writer(daemon), suppress(httpx.TimeoutException):
            assert signs.silent() < 2, "the loop turns, and nothing is held against it yet"
            await until(lambda: signs.silent() > 5 * EVERY, 40)
            dead = [name for name, loop in (await health(daemon, 5)).items() if not loop["alive"]]
        await until(lambda: signs.silent() < 2 * EVERY)
    assert dead == ["writer"]
    assert await asyncio.to_thread(daemon.stop) == 0
    daemon.balanced()
