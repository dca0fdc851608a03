"""Callbacks a second that the real daemon takes in durably on one core, beside a bare app on the same server.

Both are loaded in turn, a slice each: a machine that is slower for a while is so to both of them.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import audit, corpus, process
from bench.figure import Figure
from bench.load import Load, Pressure, drive

SLICE = 2_500
SLICES = 16
USUAL = Pressure()
SETTLES = 2.0
"""Seconds after a start: what is done once at its beginning is no part of what a callback costs."""
PATH = f"/callback/{process.SECRET}"


def measured() -> Iterator[Figure]:
    bodies = corpus.bodies(SLICE * SLICES)
    for rules, goal, memory in ((10, 8_000, 80), (10_000, 4_000, 150)):
        whole = _whole(rules, bodies)
        yield Figure("bare ASGI app, callbacks", "/s", whole.bare.rate)
        yield Figure(f"durable callbacks, {rules:,} rules", "/s", whole.load.rate, goal)
        yield Figure("  of the bare app", "", whole.load.rate / whole.bare.rate, 0.25 if rules == 10 else None)
        yield Figure("  CPU of the daemon a callback", "µs", whole.cpu * 1e6)
        yield Figure("  acknowledged within, half", "ms", whole.load.percentile(0.5))
        yield Figure("  acknowledged within, 99.9 %", "ms", whole.load.percentile(0.999))
        yield Figure("  memory, idle", "MiB", whole.memory, memory, "less")
        yield Figure("  memory, after the load", "MiB", whole.after)
        yield Figure("  store, of the bodies received", "", whole.size, 1.3, "less")


def driven(running: process.Running, bodies: Iterable[bytes], pressure: Pressure = USUAL) -> Load:
    """Every body sent, and every one answered 200."""
    return answered(drive(running.port, PATH, bodies, pressure))


def in_turn(servers: Iterable[process.Running], bodies: list[bytes]) -> list[Load]:
    """The same load on each, in slices."""
    loads = [(server, Load()) for server in servers]
    for at in range(0, len(bodies), SLICE):
        for server, load in loads:
            load.add(driven(server, bodies[at : at + SLICE]))
    return [load for _, load in loads]


def answered(load: Load) -> Load:
    if set(load.statuses) != {200}:
        raise SystemExit(f"not every answer was 200: {load.statuses}")
    return load


@dataclass(frozen=True, slots=True)
class _Whole:
    """A load on the real daemon, and on the ``bare`` app. Memory in MiB, before and ``after``. ``size``: bytes stored
    for each byte received. ``cpu``: seconds of each callback.
    """

    load: Load
    bare: Load
    memory: float
    after: float
    cpu: float
    size: float


def _whole(rules: int, bodies: list[bytes]) -> _Whole:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with process.bare() as bare, process.daemon(directory, rules) as running:
            time.sleep(SETTLES)
            memory, spent = running.memory(), running.cpu()
            load, reference = in_turn((running, bare), bodies)
            after, cpu = running.memory(), (running.cpu() - spent) / len(load.latencies)
        stored = audit.received(process.environment(directory))
        if stored != len(load.latencies):
            raise SystemExit(f"{len(load.latencies)} acknowledged, {stored} stored")
        received = sum(len(body) for body in bodies[:stored])
        return _Whole(load, reference, memory, after, cpu, (directory / "store.db").stat().st_size / received)
