"""A curve as an SVG that is readable on light and on dark: a line through the points, zero at the bottom.

What grows goes over three powers of ten and begins at nothing, so its points stand at equal distances.
"""

from collections.abc import Iterator
from html import escape

from bench.figure import Curve

WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 40, 40
LINES = 4

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333 } .what { font-size: 13px; font-weight: 600 }
.grid { stroke: #ccc } .curve { stroke: #06c; stroke-width: 2; fill: none } circle { fill: #06c }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd } .grid { stroke: #444 } .curve { stroke: #6bf } circle { fill: #6bf }
}
"""


def svg(curve: Curve) -> str:
    inside = "\n".join((*_frame(curve), *_scale(curve), *_points(curve)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        f"<title>{escape(curve.line())}</title>\n<style>{_STYLE}</style>\n{inside}\n</svg>\n"
    )


def _frame(curve: Curve) -> Iterator[str]:
    yield _text(LEFT, 20, f"{curve.what}, {curve.unit}", "start", "what")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, curve.over, "middle")


def _scale(curve: Curve) -> Iterator[str]:
    """Lines across, from nothing to a round number above the highest point."""
    step = _step(curve)
    for line in range(LINES + 1):
        y = _y(curve, line * step)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(LEFT - 8, y + 4, f"{line * step:,.10g}", "end")


def _points(curve: Curve) -> Iterator[str]:
    places = [(_x(curve, number), _y(curve, y)) for number, (_, y) in enumerate(curve.points)]
    yield f'<polyline class="curve" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
    for (grown, measured), (x, y) in zip(curve.points, places, strict=True):
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        yield _text(x, y - 8, f"{measured:,.4g}", "middle")
        yield _text(x, HEIGHT - BOTTOM + 18, f"{grown:,.10g}", "middle")


def _text(x: float, y: float, said: str, anchor: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


def _x(curve: Curve, number: int) -> float:
    inset = 28
    room = WIDTH - LEFT - RIGHT - 2 * inset
    return LEFT + inset + room * number / max(1, len(curve.points) - 1)


def _y(curve: Curve, value: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / (_step(curve) * LINES)


def _step(curve: Curve) -> float:
    """The least round number of which so many are above the highest point."""
    highest = max(y for _, y in curve.points) * 1.1
    power = 1.0
    while power * 10 * LINES < highest:
        power *= 10
    while power * LINES > highest:
        power /= 10
    return next(power * round_ for round_ in (1, 2, 2.5, 5, 10) if power * round_ * LINES >= highest)
