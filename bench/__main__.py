"""``make bench [BENCH=rules]``: what speed is claimed, measured here and now, beside a reference of the same run.

Loopback only, bounded in count and time. Figures are no tests: nothing fails here but the books.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from bench import audit, corpus, decide, hostile, loading, machine, process, rivals
from bench.figure import HEADING, Figure
from bench.load import Load, Pressure, drive
from yzj_daemon.rules.text import MAX_TEXT

CALLBACKS = 30_000
MANY = 10_000
USUAL = Pressure()

BURST = 10
"""Times as many connections as usual."""

STARTS = 5
"""Starts, of which the middle one counts."""

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    machine.load_cores()
    load = f"load of {USUAL.connections} connections from the others"
    print(f"{machine.described()}\nserver on one core, {load}\n\n{HEADING}")
    began = machine.Busy.now()
    figures = []
    only = sys.argv[1:]
    for figure in _rules() if only == ["rules"] else _figures():
        figures.append(figure)
        print(figure.line(), flush=True)
    others = began.others_until(machine.Busy.now())
    print(f"\nMeanwhile other processes took {others:.1f} s of CPU, which is missing from the rates of callbacks.")
    told = {"machine": machine.described(), "others_cpu_seconds": round(others, 1)}
    rows = [figure.row() for figure in figures]
    report = json.dumps({**told, "figures": rows}, ensure_ascii=False, indent=2) + "\n"
    if only:
        print(report)
    else:
        RESULTS.write_text(report, encoding="utf-8")
        print(RESULTS)


def _figures() -> Iterator[Figure]:
    bodies = corpus.bodies(CALLBACKS)
    with process.bare() as port:
        reference = _drive(port, "/callback/x", bodies * 3).rate
    yield Figure("bare ASGI app, callbacks", "/s", reference)
    for rules, goal, memory in ((10, 8_000, 80), (10_000, 4_000, 150)):
        whole = _daemon(rules, bodies)
        load = whole.load
        yield Figure(f"durable callbacks, {rules:,} rules", "/s", load.rate, goal)
        yield Figure("  of the bare app", "", load.rate / reference, 0.25 if rules == 10 else None)
        yield Figure("  acknowledged within, half", "ms", load.percentile(0.5))
        yield Figure("  acknowledged within, 99.9 %", "ms", load.percentile(0.999))
        yield Figure("  memory, idle", "MiB", whole.memory, memory, "less")
        yield Figure("  store, of the bodies received", "", whole.size, 1.3, "less")
    yield from _otherwise(whole.load.rate, bodies)
    yield from _rules()


def _otherwise(most: float, bodies: list[bytes]) -> Iterator[Figure]:
    """At half of what it can take with many rules, with ten times the connections, and how soon it is there."""
    half = _daemon(10, bodies, replace(USUAL, rate=most / 2)).load
    yield Figure("half load: acknowledged within, 99.9 %", "ms", half.percentile(0.999), 50, "less")
    yield Figure("  the last one", "ms", half.percentile(1), 500, "less")
    many = Pressure(connections=USUAL.connections * BURST, longest=30.0)
    burst = _daemon(10, corpus.bodies(CALLBACKS * 5), many).load
    yield Figure(f"{BURST} times the connections: the last one", "ms", burst.percentile(1), 500, "less")
    yield Figure("start to ready, empty store", "s", median(_start() for _ in range(STARTS)), 0.7, "less")


def _start() -> float:
    with tempfile.TemporaryDirectory() as name, process.daemon(Path(name), 10) as running:
        return running.ready_after


def _rules() -> Iterator[Figure]:
    """The engine alone, in this process."""
    yield Figure("load of 10,000 rules", "s", loading.seconds(MANY), 3, "less")
    yield Figure("check of 10,000 rules with their examples", "s", loading.checked_seconds(MANY), 10, "less")
    yield Figure("  each of which fails its example", "s", loading.refused_seconds(MANY), 10, "less")
    few = decide.microseconds(10)
    yield Figure("decide, 10 rules", "µs", few, 10, "less")
    many = decide.microseconds(MANY)
    yield Figure("decide, 10,000 rules", "µs", many, 50, "less")
    yield Figure("  times 10 rules", "", many / few)
    for name, rival, texts in (("naive loop", rivals.naive, 100), ("rule-engine", rivals.engine, 10)):
        measured = rival(MANY, [corpus.message(text) for text in corpus.texts(texts)])
        yield Figure(f"{name}, 10,000 rules", "µs", measured.microseconds)
        yield Figure("  times ours", "", measured.microseconds / many)
        yield Figure("  until it was ready", "s", measured.loading)
    yield from _hostile()


def _hostile() -> Iterator[Figure]:
    """Twice the text may take twice the time, and a little for the clock."""
    for name, costs in (("hostile regexes", hostile.patterns), ("keywords inside one another", hostile.keywords)):
        whole = costs()
        yield Figure(f"{name}, {MAX_TEXT:,} characters", "ms", whole)
        yield Figure("  times half the text", "", whole / costs(MAX_TEXT // 2), 2.5, "less")
    yield Figure(f"  Python's re, {hostile.BACKTRACKING} characters", "ms", hostile.backtracking())
    more = hostile.backtracking(hostile.BACKTRACKING + 2) / hostile.backtracking()
    yield Figure("  times two characters less", "", more)


def _drive(port: int, path: str, bodies: list[bytes], pressure: Pressure = USUAL) -> Load:
    load = drive(port, path, bodies, pressure)
    if set(load.statuses) != {200}:
        raise SystemExit(f"not every answer was 200: {load.statuses}")
    return load


@dataclass(frozen=True, slots=True)
class _Whole:
    """A load on the real daemon. ``memory``: MiB before it. ``size``: bytes stored for each byte received."""

    load: Load
    memory: float
    size: float


def _daemon(rules: int, bodies: list[bytes], pressure: Pressure = USUAL) -> _Whole:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with process.daemon(directory, rules) as running:
            memory = running.memory()
            load = _drive(running.port, f"/callback/{process.SECRET}", bodies, pressure)
        stored = audit.received(process.environment(directory))
        if stored != len(load.latencies):
            raise SystemExit(f"{len(load.latencies)} acknowledged, {stored} stored")
        received = sum(len(body) for body in bodies[:stored])
        return _Whole(load, memory, (directory / "store.db").stat().st_size / received)


if __name__ == "__main__":
    main()
