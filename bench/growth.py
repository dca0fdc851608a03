"""What a callback costs over how long the history is, and over how many accounts have something that waits."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import corpus, process
from bench.callbacks import driven
from bench.figure import Curve, Figure
from bench.history import Shape, forget, provided
from bench.questions import MESSAGES

HISTORIES: Final = tuple(sorted({0, 100_000, 1_000_000, MESSAGES}))
ACCOUNTS: Final = (1, 100, 1_000)
CALLBACKS: Final = 15_000

SETTLES: Final = 4.0
IDLE: Final = 5.0
"""Seconds: by then every lane has looked once for what it owes; and for how long nothing happens then."""

FLAT: Final = 1.25
"""The dearest point may cost so many times the cheapest one."""


@dataclass(frozen=True, slots=True)
class _Cost:
    """``idle``: share of a core while nothing happens; ``callback``: microseconds of CPU of each."""

    idle: float
    callback: float


def measured() -> Iterator[Figure | Curve]:
    bodies = corpus.bodies(CALLBACKS)
    histories = {count: _cost(Shape(count, accounts=10) if count else None, bodies) for count in HISTORIES}
    yield from _shown("history", "messages stored", histories)
    lanes = {count: _cost(Shape(1_000, count, count, parked=True), bodies) for count in ACCOUNTS}
    yield from _shown("accounts", "accounts whose lane waits", lanes)
    idle = tuple((float(count), cost.idle * 100) for count, cost in lanes.items())
    yield Curve("idle-over-accounts", "CPU of the daemon while nothing happens", "% of a core", "such accounts", idle)


def _shown(name: str, over: str, costs: Mapping[int, _Cost]) -> Iterator[Figure | Curve]:
    points = tuple((float(count), cost.callback) for count, cost in costs.items())
    yield Curve(f"callback-over-{name}", "CPU of the daemon a callback", "µs", over, points)
    ratio = max(y for _, y in points) / min(y for _, y in points)
    yield Figure(f"a callback over {over}: dearest by cheapest", "", ratio, FLAT, "less")


def _cost(shape: Shape | None, bodies: list[bytes]) -> _Cost:
    with tempfile.TemporaryDirectory() as name:
        if shape is not None:
            provided(shape, Path(name))
        with process.daemon(Path(name), 10) as running:
            cost = _spent(running, bodies)
    if shape is not None and shape.messages > 1_000_000:
        forget(shape)
    return cost


def _spent(running: process.Running, bodies: list[bytes]) -> _Cost:
    time.sleep(SETTLES)
    settled = running.cpu()
    time.sleep(IDLE)
    before = running.cpu()
    load = driven(running, bodies)
    return _Cost((before - settled) / IDLE, (running.cpu() - before) / len(load.latencies) * 1e6)
