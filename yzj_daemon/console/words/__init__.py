"""All that the console says, in both languages: one catalogue, kept by page.

A page's words stand in a module of its name, each a :class:`~yzj_daemon.errors.Phrase` under a name that begins with
the page's; what several pages say stands in ``common``. ``{name}`` is filled in when it is said.
"""

from collections.abc import Mapping
from typing import Final

from yzj_daemon.console.words import (
    common,
    deliveries,
    draft,
    entrance,
    history,
    messages,
    overview,
    replay,
    rules,
    tree,
    trying,
)
from yzj_daemon.errors import Phrase

PARTS: Final = (
    common,
    entrance,
    overview,
    messages,
    deliveries,
    rules,
    draft,
    history,
    replay,
    tree,
    trying,
)
"""Add the module of a new page here."""


def _gathered() -> Mapping[str, Phrase]:
    found: dict[str, Phrase] = {}
    for part in PARTS:
        if twice := found.keys() & part.WORDS.keys():
            raise ValueError(f"said twice: {sorted(twice)}")
        found |= part.WORDS
    return found


WORDS: Final = _gathered()
