"""Which message a recall means: nobody knows yet where its notice says so (vendor page 11490715648234407)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from yzj_daemon.rules.text import ContentError, follow, steps_of, tree_of

MOST: Final = 200
"""Words of a notice that are looked at."""


def recalled(content: str, paths: Sequence[str] = ()) -> frozenset[str]:
    """Every word in the notice that may be the id of the recalled message.

    ``paths``: where ids stand, dotted; none: anywhere. A notice that cannot be read names nothing.
    """
    try:
        tree = tree_of(content)
    except ContentError:
        return frozenset()
    roots = [value for path in paths for value in follow(tree, steps_of(path))] if paths else [tree]
    found: set[str] = set()
    for root in roots:
        for word in _words(root):
            found.add(word)
            if len(found) >= MOST:
                return frozenset(found)
    return frozenset(found)


def _words(tree: Any) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            yield str(value)
