"""What is left of a run: bench/results.json, and the tables and curves of docs/performance.md.

A part that was measured alone takes the place of its last results; those of the others stay, each with the day, the
commit and the machine it was measured on.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import machine, plot
from bench.figure import Curve, Figure
from bench.load import percentile

ROOT: Final = Path(__file__).parent.parent
RESULTS: Final = ROOT / "bench" / "results.json"
PAGE: Final = ROOT / "docs" / "performance.md"
PICTURES: Final = ROOT / "docs" / "performance"

BUSY: Final = 0.05
"""Share of the machine that others may take before it is called busy."""

_PLACE: Final = re.compile(r"(<!-- measured: (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one part. ``failed``: why there is no more of it. ``others``: their share of the machine.

    ``fsyncs``: seconds that each took right afterwards, of the disk alone.
    """

    figures: tuple[Figure, ...]
    curves: tuple[Curve, ...]
    seconds: float
    others: float
    fsyncs: list[float]
    failed: str = ""

    def row(self) -> dict[str, object]:
        return {
            "machine": machine.described(),
            "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "commit": _commit(),
            "seconds": round(self.seconds, 1),
            "others_share": round(self.others, 3),
            "disk": disk(self.fsyncs),
            "failed": self.failed,
            "figures": [figure.row() for figure in self.figures],
            "curves": [curve.row() for curve in self.curves],
        }


def write(results: Mapping[str, Result]) -> None:
    told = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    told |= {name: result.row() for name, result in results.items()}
    RESULTS.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    shown = {name: _told(told[name]) for name in results}
    page = _PLACE.sub(lambda place: place[1] + shown.get(place[2], place[3]) + place[4], PAGE.read_text("utf-8"))
    PAGE.write_text(page, encoding="utf-8")


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _told(row: dict[str, Any]) -> str:
    """One part, as the page shows it."""
    blocks = [*_table([Figure.of(each) for each in row["figures"]]), *map(_picture, map(Curve.of, row["curves"]))]
    if row["failed"]:
        blocks.append(f"**This part did not come to its end:** {row['failed']}\n")
    return "\n" + "\n".join([*blocks, _circumstances(row)]) + "\n"


def _table(figures: list[Figure]) -> Iterator[str]:
    if figures:
        rows = "".join(map(_row, figures))
        yield f"| | measured | goal | measured : goal | |\n|---|---:|---:|---:|---|\n{rows}"


def _row(figure: Figure) -> str:
    measured = f"{figure.measured:,.{figure.places}f} {figure.unit}".strip()
    name = figure.what.strip() if not figure.what.startswith(" ") else f"– {figure.what.strip()}"
    if figure.goal is None:
        return f"| {name} | {measured} | | | |\n"
    side = "≥" if figure.better == "more" else "≤"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    return (
        f"| {name} | {measured} | {side} {figure.goal:,.10g} {figure.unit} | {ratio} "
        f"| {'reached' if figure.reached else '**missed**'} |\n"
    )


def _picture(curve: Curve) -> str:
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{curve.name}.svg").write_text(plot.svg(curve), encoding="utf-8")
    return f"![{curve.what} ({curve.unit}) over {curve.over}]({PICTURES.name}/{curve.name}.svg)\n"


def _circumstances(row: dict[str, Any]) -> str:
    share = row["others_share"]
    busy = f"; **on a busy machine**: others took {share:.0%} of it" if share > BUSY else ""
    told = f"{row['at']}, {row['commit']}, {row['machine']}, in {row['seconds']:.0f} s{busy}"
    return f"*{told}; right afterwards {row['disk']}.*\n"


def disk(fsyncs: list[float]) -> str:
    """What a commit waits for at least, on this disk with nothing beside it."""
    half, most, longest = (1000 * percentile(fsyncs, share) for share in (0.5, 0.99, 1))
    return f"half of {len(fsyncs):,} fsyncs took {half:.1f} ms, 99 % {most:.1f}, the longest {longest:.0f}"
