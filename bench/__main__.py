"""``make bench``: what speed is claimed, measured here and now, beside a reference of the same run.

Loopback only, bounded in count and time. Figures are no tests: nothing fails here but the books.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import audit, corpus, decide, machine, process
from bench.figure import HEADING, Figure
from bench.load import Load, drive

CALLBACKS = 30_000
CONNECTIONS = 32
LONGEST = 15.0
"""Seconds of one load."""

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    machine.load_cores()
    print(f"{machine.described()}\nserver on one core, load of {CONNECTIONS} connections from the others\n\n{HEADING}")
    began = machine.Busy.now()
    figures = []
    for figure in _figures():
        figures.append(figure)
        print(figure.line(), flush=True)
    others = began.others_until(machine.Busy.now())
    print(f"\nMeanwhile other processes took {others:.1f} s of CPU; what they took is missing above.")
    told = {"machine": machine.described(), "others_cpu_seconds": round(others, 1)}
    rows = [figure.row() for figure in figures]
    RESULTS.write_text(json.dumps({**told, "figures": rows}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(RESULTS)


def _figures() -> Iterator[Figure]:
    bodies = corpus.bodies(CALLBACKS)
    with process.bare() as port:
        reference = _drive(port, "/callback/x", bodies * 3).rate
    yield Figure("bare ASGI app, callbacks", "/s", reference)
    for rules, goal in ((10, 8_000), (10_000, 4_000)):
        load = _daemon(rules, bodies)
        yield Figure(f"durable callbacks, {rules:,} rules", "/s", load.rate, goal)
        yield Figure("  of the bare app", "", load.rate / reference, 0.25 if rules == 10 else None)
        yield Figure("  acknowledged within, half", "ms", load.percentile(0.5))
        yield Figure("  acknowledged within, 99.9 %", "ms", load.percentile(0.999))
    for rules, goal in ((10, 10), (10_000, 50)):
        yield Figure(f"decide, {rules:,} rules", "µs", decide.microseconds(rules), goal, "less")


def _drive(port: int, path: str, bodies: list[bytes]) -> Load:
    load = drive(port, path, bodies, connections=CONNECTIONS, longest=LONGEST)
    if set(load.statuses) != {200}:
        raise SystemExit(f"not every answer was 200: {load.statuses}")
    return load


def _daemon(rules: int, bodies: list[bytes]) -> Load:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with process.daemon(directory, rules) as port:
            load = _drive(port, f"/callback/{process.SECRET}", bodies)
        stored = audit.received(process.environment(directory))
        if stored != len(load.latencies):
            raise SystemExit(f"{len(load.latencies)} acknowledged, {stored} stored")
        return load


if __name__ == "__main__":
    main()
