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

MESSAGES = PENDING[-1]


def measured() -> Iterator[Figure | Curve]:
    memory = [(pending, _memory(pending)) for pending in PENDING]
    (_, none), *_, (_, most) = memory
    yield Figure("memory, 1,000,000 messages, nothing pending", "MiB", none)
    yield Figure("  1,000,000 pending", "MiB", most)
    yield Figure("  above nothing pending", "MiB", most - none, 50, "less")
    yield Curve("backlog", "Memory", "MiB", "pending deliveries", tuple(memory))


def _memory(pending: int) -> float:
    """MiB. The platform refuses every connection, so the backlog stays."""
    with tempfile.TemporaryDirectory() as name:
        provided(Shape(MESSAGES, pending, accounts=10), Path(name))
        with process.daemon(Path(name), 10) as running:
            time.sleep(SETTLES)
            return running.memory()
