"""Who is meant: names, lists and ids.

A typo must never become a target. So what is neither a name nor a list must look like an id, and a word that looks
like an id but also much like a name is refused.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar

from yzj_daemon.errors import Phrase

ALIKE: Final = 0.75
"""How much of two words must agree for one to be taken for a misspelling of the other."""

GUESSES: Final = 200_000
"""Comparisons that one load spends on guessing what was meant."""

Shared = TypeVar("Shared")

_id = re.compile(r"[A-Za-z0-9_:@.\-]+")


def is_id(word: str) -> bool:
    """Whether it could be an id of the platform: ``R:…`` for rooms, else digits or an ASCII word."""
    return _id.fullmatch(word) is not None and word != "R:" and not word.startswith("r:")


def is_plain_id(word: str) -> bool:
    """Whether it can be nothing but an id."""
    return is_id(word) and (word.isdigit() or word.startswith("R:"))


class Names:
    """``ids``: name -> id. ``lists``: list -> its entries as written."""

    def __init__(self, ids: Mapping[str, str], lists: Mapping[str, Iterable[str]]) -> None:
        self.ids = dict(ids)
        self.lists = {name: tuple(entries) for name, entries in lists.items()}
        self._expanded: dict[str, tuple[str, ...]] = {}
        self._guesses: dict[str, str] = {}
        self._budget = GUESSES
        self._shared: dict[Any, Any] = {}

    def share(self, value: Shared) -> Shared:
        """The first one that was equal to it: what many rules say alike is kept once."""
        found: Shared = self._shared.setdefault(value, value)
        return found

    def known(self, entry: str) -> bool:
        return entry in self.ids or entry in self.lists

    def resolve(self, entries: Iterable[str]) -> tuple[str, ...]:
        """The ids that the entries stand for, in order, each once."""
        found: dict[str, None] = {}
        for entry in entries:
            found.update(dict.fromkeys(self._expand(entry)))
        return tuple(found)

    def id_of(self, entry: str | None) -> str:
        """The id of one name or id; "" for None."""
        return "" if entry is None else self.ids.get(entry, entry)

    def doubt(self, entry: str) -> Phrase | None:
        """Why the entry cannot be used, or None."""
        if self.known(entry) or is_plain_id(entry):
            return None
        if not is_id(entry):
            return Phrase(
                f"“{entry}”既不是 [names] 里的名字,也不是 [lists] 里的列表,也不像 id",
                f'"{entry}" is no name of [names], no list of [lists], and does not look like an id',
            )
        meant = self._misspelt(entry)
        if meant:
            return Phrase(
                f"“{entry}”和“{meant}”太像,可能写错了;如果它真的是一个 id,请在 [names] 里给它起个名字",
                f'"{entry}" looks much like "{meant}"; if it really is an id, give it a name in [names]',
            )
        return None

    def guess(self, entry: str) -> str:
        """What was probably meant, or ""."""
        if entry not in self._guesses:
            self._guesses[entry] = self._misspelt(entry) or _written_plainly(entry) or self._closest(entry)
        return self._guesses[entry]

    def cycles(self) -> Iterator[tuple[str, ...]]:
        """Lists that contain themselves, each cycle from one of its lists back to it."""
        done: set[str] = set()
        for start in self.lists:
            trail: dict[str, Iterator[str]] = {}
            waiting = [start]
            while waiting:
                here = waiting[-1]
                if here in done:
                    waiting.pop()
                    continue
                inner = next(trail.setdefault(here, iter(self.lists[here])), None)
                if inner is None:
                    done.add(here)
                    del trail[here]
                elif inner in trail:
                    path = list(trail)
                    yield (*path[path.index(inner) :], inner)
                elif inner in self.lists:
                    waiting.append(inner)

    def _expand(self, entry: str) -> tuple[str, ...]:
        if entry not in self.lists:
            return (self.ids.get(entry, entry),)
        if entry not in self._expanded:
            self._expanded[entry] = tuple(self._inside(entry))
        return self._expanded[entry]

    def _inside(self, entry: str) -> Iterator[str]:
        waiting, seen = [entry], {entry}
        while waiting:
            here = waiting.pop()
            if here not in self.lists:
                yield self.ids.get(here, here)
                continue
            for inner in reversed(self.lists[here]):
                if inner not in seen or inner not in self.lists:
                    seen.add(inner)
                    waiting.append(inner)

    def _misspelt(self, entry: str) -> str:
        """The known ASCII name that differs from the entry in no more than a letter or so."""
        if not entry.isascii():
            return ""
        for piece in _pieces(entry):
            known = self._ascii_pieces.get(piece)
            if known and difflib.SequenceMatcher(None, known.lower(), entry.lower()).ratio() >= ALIKE:
                return known
        return ""

    @cached_property
    def _ascii_pieces(self) -> dict[str, str]:
        known = (name for name in (*self.ids, *self.lists) if name.isascii())
        return {piece: name for name in known for piece in _pieces(name)}

    def _closest(self, entry: str) -> str:
        self._budget -= len(self.ids) + len(self.lists)
        return closest(entry, (*self.ids, *self.lists)) if self._budget > 0 else ""


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like ``word``, or ""."""
    by_folded = {each.lower(): each for each in known}
    cutoff = 0.5 if len(word) <= 3 else 0.6  # of a name of two characters, one that is right is a hint
    found = difflib.get_close_matches(word[:100].lower(), list(by_folded), n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else ""


def _pieces(word: str) -> Iterator[str]:
    """The word, and the word without each of its letters. Words one letter apart share one of them."""
    word = word.lower()
    yield word
    if len(word) > 2:
        yield from (word[:place] + word[place + 1 :] for place in range(min(len(word), 100)))


def _written_plainly(entry: str) -> str:
    """The entry as an id, where only its width, its case or spaces around it keep it from being one."""
    plain = unicodedata.normalize("NFKC", entry).strip()
    plain = "R:" + plain[2:] if plain.startswith("r:") else plain
    return plain if plain != entry and is_plain_id(plain) else ""
