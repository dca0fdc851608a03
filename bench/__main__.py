"""``make bench [BENCH="lane accounts"]``: what speed is claimed, measured here and now, all parts or those named.

Where another way to do it can be measured in the same run, the figure beside is its ratio. Loopback only, bounded in
count and time. Figures are no tests: a part that fails says so, and the others go on.
"""

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Final

from bench import (
    accounts,
    answers,
    backlog,
    beside,
    callbacks,
    engine,
    fleet,
    growth,
    lane,
    machine,
    questions,
    report,
    start,
)
from bench.figure import HEADING, Curve, Figure

Part = Callable[[], Iterator[Figure | Curve]]

PARTS: Final[dict[str, Part]] = {
    "callbacks": callbacks.measured,
    "answers": answers.measured,
    "latency": lane.latency,
    "pace": lane.pace,
    "accounts": accounts.measured,
    "start": start.measured,
    "backlog": backlog.measured,
    "beside": beside.measured,
    "questions": questions.measured,
    "growth": growth.measured,
    "rules": engine.measured,
    "fleet": fleet.measured,
}


def main(asked: list[str]) -> int:
    """0: all parts came to their end; 1: one did not; 2: one is asked for that there is not."""
    if unknown := [name for name in asked if name not in PARTS]:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    machine.load_cores()
    print(f"{machine.described()}\nserver on one core, load from the others\n\n{HEADING}")
    failed = [name for name in asked or PARTS if _kept(name).failed]
    print(f"\n{report.RESULTS}\n{report.PAGE}")
    if failed:
        print(f"did not come to their end: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def _kept(name: str) -> report.Result:
    """What came of a part, written down at once: a run that is broken off keeps what it has."""
    result = _result(name)
    report.write({name: result})
    return result


def _result(name: str) -> report.Result:
    print(f"\n{name}", flush=True)
    found: list[Figure | Curve] = []
    busy, began, failed = machine.Busy.now(), time.monotonic(), ""
    try:
        for each in PARTS[name]():
            found.append(each)
            print(each.line(), flush=True)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - told, and the other parts go on
        traceback.print_exc()
        failed = f"{type(error).__name__}: {error}".splitlines()[0]
    seconds = time.monotonic() - began
    others = machine.Busy.now().others_since(busy) / (seconds * machine.CORES)
    fsyncs = machine.fsyncs()
    print(f"in {seconds:.0f} s; meanwhile others took {others:.0%} of this machine; {report.disk(fsyncs)}", flush=True)
    figures = tuple(each for each in found if isinstance(each, Figure))
    return report.Result(figures, tuple(e for e in found if isinstance(e, Curve)), seconds, others, fsyncs, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
