"""One lane: how soon a callback leaves again as a forward, and how exactly the pace is kept."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import mean

from bench import corpus, platform, process
from bench.figure import Figure
from bench.history import Shape, provided
from bench.load import Pressure, alone, driven, percentile
from yzj_daemon.sandbox.calls import Call

ACCOUNTS, MESSAGES, RATE = 100, 600, 66.0
"""Each account has its turn every 1.5 s: its lane is idle by then."""

FIRST_GAP = 2.0
"""Seconds after a start within which no lane sends."""

LANES, PACED = 10, 20.0
"""So many lanes that owe much, and for how many seconds they are watched: of a hundred gaps and more, the one that 99 %
do not exceed is not simply the longest.
"""

PACE = 1.0


def latency() -> Iterator[Figure]:
    """A callback's first byte leaves -> the first byte of its forwardMsg arrives."""
    with tempfile.TemporaryDirectory() as name:
        took = alone(_forwarded(Path(name)))
    yield Figure("callback to forwardMsg, idle lane, half", "ms", percentile(took, 0.5) * 1000, 5, "less")
    yield Figure("  99 %", "ms", percentile(took, 0.99) * 1000, 20, "less")
    yield Figure("  the last one", "ms", max(took) * 1000)


async def _forwarded(directory: Path) -> list[float]:
    """Seconds, of each message."""
    bodies = corpus.matching(MESSAGES, ACCOUNTS)
    async with (
        platform.called(ACCOUNTS) as vendor,
        process.beside_a_platform(directory, 10, vendor.settings) as running,
    ):
        await asyncio.sleep(FIRST_GAP)
        load = await driven(running.port, f"/callback/{process.SECRET}", bodies, Pressure(1, rate=RATE))
        async with asyncio.timeout(10):
            await vendor.platform.calls.until(MESSAGES)
        return [call.arrived - load.sent[_number(call)] for call in vendor.calls]


def _number(call: Call) -> int:
    """Which of the bodies it forwards."""
    text = json.loads(call.content())["items"][0]["text"]
    return int(text.rpartition(" ")[2])


def pace() -> Iterator[Figure]:
    """Accounts that always owe something, each at one call a second."""
    shape = Shape(messages=50 * LANES, pending=50 * LANES, accounts=LANES)
    with tempfile.TemporaryDirectory() as name:
        provided(shape, Path(name))
        gaps, calls = alone(_paced(Path(name)))
    yield Figure("pace of 1 s: the shortest gap", "s", min(gaps), PACE)
    yield Figure("  the gap that 99 % do not exceed", "s", percentile(gaps, 0.99), 1.010, "less")
    yield Figure("  of a bare timer: the longest", "s", max(alone(_bare_gaps())))
    yield Figure("  share of time that the lane is busy", "", mean(map(_busy, _by_account(calls))), 0.99)


async def _paced(directory: Path) -> tuple[list[float], list[Call]]:
    async with platform.called(LANES) as vendor, process.beside_a_platform(directory, 10, vendor.settings):
        await asyncio.sleep(FIRST_GAP + PACED)
        return vendor.gaps(), vendor.calls


async def _bare_gaps() -> list[float]:
    """What a loop that only sleeps for the pace keeps on this machine."""
    gaps = []
    for _ in range(5):
        began = time.monotonic()
        await asyncio.sleep(PACE)
        gaps.append(time.monotonic() - began)
    return gaps


def _by_account(calls: list[Call]) -> Iterable[list[Call]]:
    lanes: dict[str, list[Call]] = {}
    for call in calls:
        lanes.setdefault(call.account, []).append(call)
    return lanes.values()


def _busy(calls: list[Call]) -> float:
    """Of the time between the first call and the last one, what the pace and the calls themselves take."""
    first, *_, last = calls
    used = sum(PACE + (call.answered or call.arrived) - call.arrived for call in calls[:-1])
    return used / (last.arrived - first.arrived)
