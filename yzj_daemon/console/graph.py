"""A drawing of what flows where: sources, rules, targets in three columns, bounded, with lines between them."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log2
from typing import Final

import msgspec

RULES: Final = 40
ENDS: Final = 40
"""Rules, sources and targets that one drawing holds; what is beyond is told or gathered."""

OF_ONE: Final = 6
"""Sources, or targets, of one rule that are drawn."""

WIDTH: Final = 1080
NODE: Final = 270
ROW: Final = 34
HIGH: Final = 26
LABEL: Final = 30
"""Latin letters that a node has room for; a Chinese character is as wide as two."""

REST: Final = "…"
"""The key of the node that stands for all that is not drawn."""


class Flow(msgspec.Struct, frozen=True):
    """One rule: from where to where, by keys. ``tone`` is how it stands; ``times``: how often it matched lately."""

    rule: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    tone: str
    times: int


class Node(msgspec.Struct, frozen=True):
    """A box at ``x``, ``y``. ``column``: source, rule or target; ``label`` is cut to fit, ``name`` is whole."""

    column: str
    key: str
    name: str
    label: str
    tone: str
    x: int
    y: int

    @property
    def middle(self) -> float:
        return self.y + HIGH / 2


class Line(msgspec.Struct, frozen=True):
    path: str
    tone: str
    weight: float


class Drawing(msgspec.Struct, frozen=True):
    """``left``: rules that had no room."""

    height: int
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    left: int
    width: int = WIDTH


def drawn(flows: Sequence[Flow], name: Callable[[str], str]) -> Drawing:
    """The flows in this order, the first ones if they are too many. ``name``: what a source or target is called."""
    shown = flows[:RULES]
    sources = _ends((flow.sources for flow in shown), shown)
    targets = _ends((flow.targets for flow in shown), shown)
    height = ROW * max(len(sources), len(shown), len(targets), 1)
    tones = {flow.rule: flow.tone for flow in shown}
    of_all = (
        *_column("source", sources, {}, name, 0, height),
        *_column("rule", [flow.rule for flow in shown], tones, str, 1, height),
        *_column("target", targets, {}, name, 2, height),
    )
    nodes = {(node.column, node.key): node for node in of_all}
    lines = (*_lines(shown, nodes, "source"), *_lines(shown, nodes, "target"))
    return Drawing(height, of_all, lines, max(0, len(flows) - len(shown)))


def _ends(of_each: Iterable[tuple[str, ...]], flows: Sequence[Flow]) -> list[str]:
    """The ends of one side, those of most rules kept, each about as high as its rules, so that few lines cross."""
    places: dict[str, list[int]] = {}
    for number, keys in enumerate(of_each):
        for key in keys[:OF_ONE]:
            places.setdefault(key, []).append(number)
    kept = {key for key, _ in Counter({key: len(rules) for key, rules in places.items()}).most_common(ENDS)}
    ordered = sorted(kept, key=lambda key: (sum(places[key]) / len(places[key]), key))
    beyond = len(kept) < len(places) or any(len(flow.sources) > OF_ONE or len(flow.targets) > OF_ONE for flow in flows)
    return [*ordered, REST] if beyond else ordered


def _column(
    column: str, keys: Sequence[str], tones: Mapping[str, str], name: Callable[[str], str], number: int, height: int
) -> Iterator[Node]:
    """Spread over all of the height."""
    x = number * (WIDTH - NODE) // 2
    room = height / max(len(keys), 1)
    for place, key in enumerate(keys):
        called = key if key == REST else name(key)
        y = round(room * (place + 0.5) - HIGH / 2)
        yield Node(column, key, called, _cut(called), tones.get(key, "plain"), x, y)


def _lines(flows: Sequence[Flow], nodes: Mapping[tuple[str, str], Node], side: str) -> Iterator[Line]:
    rest = nodes.get((side, REST))
    for flow in flows:
        rule = nodes["rule", flow.rule]
        keys = flow.sources if side == "source" else flow.targets
        ends = dict.fromkeys(nodes.get((side, key), rest) for key in keys)
        for end in ends:
            if end is not None:
                left, right = (end, rule) if side == "source" else (rule, end)
                yield Line(_curve(left, right), flow.tone, round(1 + min(log2(1 + flow.times), 10) / 2.5, 1))


def _curve(left: Node, right: Node) -> str:
    begin, end = left.x + NODE, right.x
    bend = (begin + end) // 2
    return f"M{begin},{left.middle:g}C{bend},{left.middle:g} {bend},{right.middle:g} {end},{right.middle:g}"


def _cut(name: str) -> str:
    room = LABEL
    for number, char in enumerate(name):
        room -= 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if room < 0:
            return name[: max(number - 1, 1)] + "…"
    return name
