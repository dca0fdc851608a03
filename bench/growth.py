"""What a callback costs over how long the history is, and over how many accounts have something that waits."""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import corpus, process
from bench.callbacks import in_turn
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
    histories = _costs({count: Shape(count, accounts=10) if count else None for count in HISTORIES}, bodies)
    yield from _shown("history", "messages stored", histories)
    lanes = _costs({count: Shape(1_000, count, count, parked=True) for count in ACCOUNTS}, bodies)
    yield from _shown("accounts", "accounts whose lane waits", lanes)
    idle = tuple((float(count), cost.idle * 100) for count, cost in lanes.items())
    yield Curve("idle-over-accounts", "CPU of the daemon while nothing happens", "% of a core", "such accounts", idle)


def _shown(name: str, over: str, costs: Mapping[int, _Cost]) -> Iterator[Figure | Curve]:
    points = tuple((float(count), cost.callback) for count, cost in costs.items())
    yield Curve(f"callback-over-{name}", "CPU of the daemon a callback", "µs", over, points)
    ratio = max(y for _, y in points) / min(y for _, y in points)
    yield Figure(f"a callback over {over}: dearest by cheapest", "", ratio, FLAT, "less")


def _costs(shapes: Mapping[int, Shape | None], bodies: list[bytes]) -> dict[int, _Cost]:
    """A daemon on each of these stores, all of them at once, and loaded in turn: so that they have the same machine."""
    with contextlib.ExitStack() as stack:
        running = {count: stack.enter_context(_running(shape)) for count, shape in shapes.items()}
        time.sleep(SETTLES)
        settled = {count: one.cpu() for count, one in running.items()}
        time.sleep(IDLE)
        before = {count: one.cpu() for count, one in running.items()}
        in_turn(running.values(), bodies)
        return {
            count: _Cost((before[count] - settled[count]) / IDLE, (one.cpu() - before[count]) / len(bodies) * 1e6)
            for count, one in running.items()
        }


@contextlib.contextmanager
def _running(shape: Shape | None) -> Iterator[process.Running]:
    with tempfile.TemporaryDirectory() as name:
        if shape is not None:
            provided(shape, Path(name))
        with process.daemon(Path(name), 10) as running:
            yield running
    if shape is not None and shape.messages > 1_000_000:
        forget(shape)
