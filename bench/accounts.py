"""A thousand accounts in one process on one core, each at the full pace of a call a second."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import platform, process
from bench.figure import Figure
from bench.history import Shape, provided
from bench.lane import FIRST_GAP, PACE
from bench.load import alone, percentile

ACCOUNTS = 1_000
SETTLES = 3.0
WATCHED = 20.0
"""Seconds."""


def measured() -> Iterator[Figure]:
    each = round(FIRST_GAP + SETTLES + WATCHED) + 5
    with tempfile.TemporaryDirectory() as name:
        provided(Shape(messages=ACCOUNTS * each, pending=ACCOUNTS * each, accounts=ACCOUNTS), Path(name))
        seen, busy = alone(_seen(Path(name)))
    yield Figure("1,000 accounts: forwardMsg calls", "/s", seen.rate)
    yield Figure("  of the most that their pace allows", "", seen.rate / (ACCOUNTS / PACE), 0.95)
    yield Figure("  the shortest gap", "s", min(seen.gaps), PACE)
    yield Figure("  the gap that half do not exceed", "s", percentile(seen.gaps, 0.5))
    yield Figure("  the gap that 99 % do not exceed", "s", percentile(seen.gaps, 0.99), 1.05, "less")
    yield Figure("  of one core", "", busy)


async def _seen(directory: Path) -> tuple[platform.Watched, float]:
    """And how much of its core the daemon took."""
    async with (
        platform.called(ACCOUNTS) as vendor,
        process.beside_a_platform(directory, 10, vendor.settings) as running,
    ):
        await asyncio.sleep(FIRST_GAP + SETTLES)
        cpu = running.cpu()
        seen = await vendor.watched(WATCHED)
        return seen, (running.cpu() - cpu) / seen.took
