"""A thousand accounts in one process on one core, each at the full pace of a call a second."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of the time watched: gaps in s, calls a second, and how much of its core the daemon took."""

    gaps: list[float]
    rate: float
    busy: float


def measured() -> Iterator[Figure]:
    each = round(FIRST_GAP + SETTLES + WATCHED) + 5
    with tempfile.TemporaryDirectory() as name:
        provided(Shape(messages=ACCOUNTS * each, pending=ACCOUNTS * each, accounts=ACCOUNTS), Path(name))
        seen = alone(_seen(Path(name)))
    yield Figure("1,000 accounts: forwardMsg calls", "/s", seen.rate)
    yield Figure("  of the most that their pace allows", "", seen.rate / (ACCOUNTS / PACE), 0.95)
    yield Figure("  the shortest gap", "s", min(seen.gaps), PACE)
    yield Figure("  the gap that half do not exceed", "s", percentile(seen.gaps, 0.5))
    yield Figure("  the gap that 99 % do not exceed", "s", percentile(seen.gaps, 0.99), 1.05, "less")
    yield Figure("  of one core", "", seen.busy)


async def _seen(directory: Path) -> _Seen:
    async with (
        platform.called(ACCOUNTS) as vendor,
        process.beside_a_platform(directory, 10, vendor.settings) as running,
    ):
        await asyncio.sleep(FIRST_GAP + SETTLES)
        began, cpu, before = vendor.platform.clock.monotonic(), running.cpu(), vendor.platform.calls.total
        await asyncio.sleep(WATCHED)
        took = vendor.platform.clock.monotonic() - began
        gaps = [call.gap / 1000 for call in vendor.calls if call.gap is not None and call.arrived >= began]
        rate = (vendor.platform.calls.total - before) / took
        return _Seen(gaps, rate, (running.cpu() - cpu) / took)
