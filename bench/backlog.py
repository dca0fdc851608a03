"""Memory of the daemon over how many deliveries wait."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import process
from bench.figure import Curve, Figure
from bench.history import Shape, provided

PENDING = (0, 10_000, 100_000, 1_000_000)
SETTLES = 6.0
"""Seconds: by then every job of the schedule has run, and every lane has tried to send."""

WATCHED = 10.0
"""Seconds over which its CPU is taken: whatever looks at what waits does so at least every five."""

MESSAGES = PENDING[-1]


def measured() -> Iterator[Figure | Curve]:
    found = [(pending, *_held(pending)) for pending in PENDING]
    (_, none, _), *_, (_, most, busy) = found
    yield Figure("memory, 1,000,000 messages, nothing pending", "MiB", none)
    yield Figure("  1,000,000 pending", "MiB", most)
    yield Figure("  above nothing pending", "MiB", most - none, 50, "less")
    yield Figure("  of one core, while nothing can be sent", "", busy)
    yield Curve("backlog", "Memory", "MiB", "pending deliveries", tuple((pending, held) for pending, held, _ in found))


def _held(pending: int) -> tuple[float, float]:
    """MiB, and the share of a core. The platform refuses every connection, so the backlog stays."""
    with tempfile.TemporaryDirectory() as name:
        provided(Shape(MESSAGES, pending, accounts=10), Path(name))
        with process.daemon(Path(name), 10) as running:
            time.sleep(SETTLES)
            held, took = running.memory(), running.cpu()
            time.sleep(WATCHED)
            return held, (running.cpu() - took) / WATCHED
