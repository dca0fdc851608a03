"""How long a callback waits for its answer: at half of what the daemon takes, and under ten times the connections."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from bench import corpus, process
from bench.callbacks import USUAL, driven
from bench.figure import Figure

MOST = 15_000
"""Callbacks that show what it can take."""

BURST = 10
LONGEST = 30.0
ACK_WITHIN = 500.0
SLACK = 100.0
"""Milliseconds: what the setting says, and how much later the last answer may be."""


def measured() -> Iterator[Figure]:
    bodies = corpus.bodies(MOST * 2)
    with tempfile.TemporaryDirectory() as name, process.daemon(Path(name), 10) as running:
        most = driven(running, bodies[:MOST]).rate
        half = driven(running, bodies[MOST:], replace(USUAL, rate=most / 2))
        yield Figure("half load: acknowledged within, 99.9 %", "ms", half.percentile(0.999), 50, "less")
        yield Figure("  the last one", "ms", half.percentile(1), 500, "less")
        many = replace(USUAL, connections=USUAL.connections * BURST, longest=LONGEST)
        burst = driven(running, cycle(bodies), many)
        yield Figure(
            f"burst of {LONGEST:.0f} s, {BURST} times the connections: the last one",
            "ms",
            burst.percentile(1),
            500,
            "less",
        )
        yield Figure("  later than ack_within and 100 ms", "", _later(burst.latencies), 0, "less")


def _later(latencies: list[float]) -> int:
    return sum(seconds * 1000 > ACK_WITHIN + SLACK for seconds in latencies)
