"""Names beside ids, for people: those of the rule files win, then those of the directory."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from yzj_daemon.cli.session import Session
from yzj_daemon.errors import StoreProblem

if TYPE_CHECKING:
    from yzj_daemon.storage.engine import Store

_TABLE: Final = re.compile(r"^[ \t]*\[", re.MULTILINE)
_NAMES: Final = re.compile(r"^[ \t]*\[[ \t]*names[ \t]*\]", re.MULTILINE)


class Names:
    """``written``: id -> name, as the rules have it. Without a store there is nothing else to know."""

    def __init__(self, written: Mapping[str, str], store: "Store | None" = None) -> None:
        self._known = dict(written)
        self._store = store

    def of(self, id_: str) -> str:
        """The name of a chat, a person or a hosted account; "" when nobody has one for it."""
        if id_ not in self._known:
            self._known[id_] = self._looked_up(id_)
        return self._known[id_]

    def beside(self, id_: str) -> str:
        """The id, and its name behind it."""
        name = self.of(id_)
        return f"{id_} ({name})" if name not in {"", id_} else id_

    def _looked_up(self, id_: str) -> str:
        from yzj_daemon.storage import directory

        return "" if self._store is None else self._store.read_now(partial(directory.name, id_=id_))


def of(session: Session, store: "Store") -> Names:
    """With a store that is open."""
    return Names(written(session.settings.rules.path), store)


@contextmanager
def at_hand(session: Session, first: Mapping[str, str] | None = None) -> Iterator[Names]:
    """With the store, where there is one to read: for commands that need none. ``first`` wins over all."""
    known = {**written(session.settings.rules.path), **(first or {})}
    with ExitStack() as opened:
        yield Names(known, _opened(session, opened))


def _opened(session: Session, stack: ExitStack) -> "Store | None":
    try:
        return stack.enter_context(session.store())
    except StoreProblem:
        return None


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
