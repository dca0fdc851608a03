"""How long callbacks wait for their answer beside the daemon's other work, on a store with a million messages."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

from bench import corpus, process, visitor
from bench.callbacks import PATH, answered
from bench.figure import Figure
from bench.history import Shape, provided
from bench.load import Load, Pressure, alone, driven
from bench.questions import PAGES

STORED: Final = Shape(messages=1_000_000, accounts=10)
WAITING: Final = Shape(messages=1_000_000, pending=1_000_000, accounts=10)
PRESSURE: Final = Pressure(rate=400.0, longest=60.0)
LONGEST: Final = 20.0
"""Seconds for which one kind of work is watched at most."""

LATEST: Final = 900.0
"""Milliseconds: the platform waits one second."""

Work = Callable[[process.Running], Awaitable[None]]


def measured() -> Iterator[Figure]:
    bodies = cycle(corpus.bodies(20_000))
    with tempfile.TemporaryDirectory() as name:
        provided(STORED, Path(name))
        with process.daemon(Path(name), 10) as running:
            for what, work in _WORKS.items():
                yield from _figures(what, alone(_beside(running, work, bodies)))
    yield from _figures("retention deletes", _quiet(STORED, bodies, {"YZJ_STORE__RETENTION": "1d"}))
    yield from _figures("1,000,000 deliveries wait", _quiet(WAITING, bodies, {}))


def _quiet(shape: Shape, bodies: Iterator[bytes], environ: dict[str, str]) -> Load:
    """What the daemon does by itself."""
    with tempfile.TemporaryDirectory() as name:
        provided(shape, Path(name))
        with process.daemon(Path(name), 10, environ) as running:
            return alone(_beside(running, _nothing, bodies))


def _figures(what: str, load: Load) -> Iterator[Figure]:
    yield Figure(f"{what}: acknowledged within, 99 %", "ms", load.percentile(0.99))
    yield Figure("  the last one", "ms", load.percentile(1), LATEST, "less")


async def _beside(running: process.Running, work: Work, bodies: Iterator[bytes]) -> Load:
    """The callbacks that came from a moment before the work until its end."""
    feed = _Feed(bodies)
    load = asyncio.create_task(driven(running.port, PATH, feed, PRESSURE))
    await asyncio.sleep(0.5)
    try:
        await work(running)
    finally:
        feed.over = True
    return answered(await load)


@dataclass(slots=True)
class _Feed:
    """Bodies without end, until it is ``over``."""

    bodies: Iterator[bytes]
    over: bool = False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> bytes:
        if self.over:
            raise StopIteration
        return next(self.bodies)


async def _nothing(_running: process.Running) -> None:
    await asyncio.sleep(8)


async def _clicks(running: process.Running) -> None:
    """One page after the other, as fast as they come."""
    async with visitor.inside(running) as client:
        ends = time.monotonic() + 8
        for page in cycle(PAGES.values()):
            await visitor.look(client, page)
            if time.monotonic() > ends:
                return


async def _preview(running: process.Running) -> None:
    rules = running.directory / "new.toml"
    rules.write_text(corpus.rules(20), encoding="utf-8")
    await _command(running, "preview", str(rules), "--since", "30d")


async def _backup(running: process.Running) -> None:
    await _command(running, "db", "backup", str(running.directory / "copy.db"))


async def _reload(running: process.Running) -> None:
    (running.directory / "rules.toml").write_text(corpus.rules(10_000), encoding="utf-8")
    running.signal(signal.SIGHUP)
    await asyncio.sleep(8)


async def _command(running: process.Running, *words: str) -> None:
    """One of the daemon's commands, to its end, or for so long; one that fails ends the part."""
    started = await asyncio.create_subprocess_exec(
        *running.command(*words),
        env={**os.environ, **running.environ},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LONGEST):
            _, said = await started.communicate()
        if started.returncode:
            raise SystemExit(f"{' '.join(words)} ended with {started.returncode}: {said.decode()[-500:]}")
    except TimeoutError:
        started.terminate()
        await started.wait()


_WORKS: Final[dict[str, Work]] = {
    "nothing else": _nothing,
    "the console is clicked": _clicks,
    "preview of a million messages": _preview,
    "a backup": _backup,
    "reload of 10,000 rules": _reload,
}
