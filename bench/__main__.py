"""``make bench``: what speed is claimed, measured here and now, as ratios to references of the same run.

Loopback only, bounded in count and time. Figures are no tests: nothing fails here but the books.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import corpus, decide, process
from bench.load import Load, drive

CALLBACKS = 20_000
CONNECTIONS = 32
LONGEST = 20.0
"""Seconds of one load."""

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    print(f"{_machine()}\n")
    bodies = corpus.bodies(CALLBACKS)
    with process.bare() as port:
        reference = _drive(port, "/callback/x", bodies)
    few, many = (_daemon(rules, bodies) for rules in (10, 10_000))
    rows = [
        ("bare ASGI app, callbacks/s", reference.rate, None),
        ("durable callbacks/s, 10 rules", few.rate, 8_000),
        ("  of the bare app", few.rate / reference.rate, 0.25),
        ("  answered, p99.9 ms (full load)", few.percentile(0.999), None),
        ("durable callbacks/s, 10,000 rules", many.rate, 4_000),
        ("decide, 10 rules, µs", decide.microseconds(10), 10),
        ("decide, 10,000 rules, µs", decide.microseconds(10_000), 50),
    ]
    print(f"{'what':<40} {'measured':>12} {'goal':>10}")
    for what, measured, goal in rows:
        print(f"{what:<40} {measured:>12,.2f} {'' if goal is None else f'{goal:,}':>10}")
    _write(rows)


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
        stored = _audited(directory)
        if stored != len(load.latencies):
            raise SystemExit(f"{len(load.latencies)} acknowledged, {stored} stored")
        return load


def _audited(directory: Path) -> int:
    """How many messages are stored, in books that balance."""
    done = subprocess.run(
        [sys.executable, "-m", "yzj_daemon", "audit", "--json"],
        env={**os.environ, **process.environment(directory)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return int(json.loads(done.stdout)["received"])


def _machine() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    cpu = names[0].partition(":")[2].strip() if names else platform.machine()
    load = os.getloadavg()[0]
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f} before"


def _write(rows: list[tuple[str, float, float | None]]) -> None:
    told: dict[str, Any] = {what.strip(): {"measured": measured, "goal": goal} for what, measured, goal in rows}
    RESULTS.write_text(json.dumps({"machine": _machine(), "results": told}, ensure_ascii=False, indent=2) + "\n")
    print(f"\n{RESULTS}")


if __name__ == "__main__":
    main()
