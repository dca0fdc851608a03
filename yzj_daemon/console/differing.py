"""How two texts differ, line by line, as a page shows it."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from itertools import islice
from typing import Final

import msgspec

MOST: Final = 400
"""Lines of all files."""

_KINDS: Final = {"+": "good", "-": "bad", "@": "place"}


class Line(msgspec.Struct, frozen=True):
    """``kind``: good (only in the second), bad (only in the first), place, or ""."""

    kind: str
    text: str


class Differing(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]
    more: bool

    @property
    def same(self) -> bool:
        return not self.lines


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> Differing:
    """Files by name; one that stands on one side only is empty on the other."""
    found = [*islice(_lines(before, after), MOST + 1)]
    return Differing(tuple(found[:MOST]), more=len(found) > MOST)


def _lines(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Line]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, ""), after.get(name, "")
        if old == new:
            continue
        if len(before.keys() | after.keys()) > 1:
            yield Line("place", name)
        for line in islice(unified_diff(old.splitlines(), new.splitlines(), lineterm=""), 2, None):
            yield Line(_KINDS.get(line[0], ""), line)
