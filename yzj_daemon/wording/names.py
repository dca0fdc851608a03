"""Names beside ids, for people: those of the rule files win, then those of the directory."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

_TABLE: Final = re.compile(r"^[ \t]*\[", re.MULTILINE)
_NAMES: Final = re.compile(r"^[ \t]*\[[ \t]*names[ \t]*\]", re.MULTILINE)

LookUp = Callable[[str], str]
"""The directory's name for an id, "" where it has none."""


class Names:
    """``written``: id -> name, as the rules have it. Without a directory there is nothing else to know."""

    def __init__(self, written: Mapping[str, str], look_up: LookUp | None = None) -> None:
        self._known = dict(written)
        self._look_up = look_up

    def of(self, id_: str) -> str:
        """The name of a chat, a person or a hosted account; "" when nobody has one for it."""
        if id_ not in self._known:
            self._known[id_] = "" if self._look_up is None else self._look_up(id_)
        return self._known[id_]

    def beside(self, id_: str) -> str:
        """The id, and its name behind it."""
        name = self.of(id_)
        return f"{id_} ({name})" if name not in {"", id_} else id_


def written(path: Path) -> dict[str, str]:
    """Id -> the first name that the rule files have for it, read without judging the rules."""
    found: dict[str, str] = {}
    for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
        for name, id_ in _table(file).items():
            if isinstance(id_, str):
                found.setdefault(id_, name)
    return found


def _table(file: Path) -> dict[str, Any]:
    """``[names]`` of one file. Only it and what stands above the first table are parsed: the rules may be many."""
    try:
        whole = file.read_text("utf-8")
        names = tomllib.loads(_until_table(whole, 0) + "\n" + _section(whole)).get("names")
    except (OSError, ValueError):  # check tells what is wrong with the rules; not every listing
        return {}
    return names if isinstance(names, dict) else {}


def _section(whole: str) -> str:
    header = _NAMES.search(whole)
    return "" if header is None else header[0] + _until_table(whole, header.end())


def _until_table(whole: str, start: int) -> str:
    following = _TABLE.search(whole, start)
    return whole[start : following.start()] if following else whole[start:]
