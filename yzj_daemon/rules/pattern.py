"""A regex in RE2 syntax, and the literals it cannot match without.

RE2 finds in linear time, so neither a pattern nor a text can stall the daemon. The literals let most regexes rest
for most messages.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import re2  # type: ignore[import-untyped]  # the package ships no types

from yzj_daemon.rules.fold import DEFAULT_FOLD, fold

MAX_PATTERN: Final = 1_000
"""Characters of one regex."""

MAX_MEMORY: Final = 4 << 20
"""Bytes that one compiled regex may take, its automaton included; larger ones do not load."""

MAX_LITERALS: Final = 1_000

BadPattern: Final[type[Exception]] = re2.error

_CLASS_ESCAPES: Final = frozenset("dDsSwWbBAzntrfvav")
_repeat = re.compile(r"\{(\d+)(?:,\d*)?\}")
_group = re.compile(r"\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?:)")
_flags = re.compile(r"\?[imsU]*(?:-[imsU]+)?\)")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One regex. Compared by its text.

    ``compiled`` is None where it has not been asked yet since it was pickled: of thousands of regexes, whose literals
    hardly any text holds, few ever are, and RE2 takes some KB for each.
    """

    said: str
    compiled: Any = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, said: str) -> "Pattern":
        """Raises ``BadPattern`` for what RE2 refuses."""
        return cls(said, _compiled(said))

    def __reduce__(self) -> tuple[Any, ...]:
        return Pattern, (self.said,)

    def found_in(self, text: bytes) -> str | None:
        """The first piece of UTF-8 ``text`` that matches, or None."""
        if self.compiled is None:
            object.__setattr__(self, "compiled", _compiled(self.said))
        found = self.compiled.search(text)
        return None if found is None else found.group().decode(errors="replace")


def _compiled(said: str) -> Any:
    return re2.compile(said.encode(), _options())


def forget() -> None:
    """RE2's wrapper keeps the patterns that were compiled last."""
    re2.purge()


@cache
def _options() -> Any:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    return options


def literals(said: str) -> frozenset[str] | None:
    """Strings, folded by ``DEFAULT_FOLD``, one of which stands in the folded form of every text that ``said`` matches.

    None when no such strings can be told; then the regex must always run. ``said`` is a valid RE2 pattern.
    """
    try:
        reader = _Reader(said)
        needed = reader.alternatives()
    except (_CannotTellError, RecursionError):  # groups may nest deeper than this reader can
        return None
    return needed if reader.at_end else None


class _CannotTellError(Exception):
    """Syntax this reader does not follow."""


Needed = frozenset[str] | None


class _Reader:
    """Reads the part of RE2's syntax whose meaning is plain, and gives up on the rest."""

    def __init__(self, said: str) -> None:
        self._said = said
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._said)

    def alternatives(self) -> Needed:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return _either(branches)

    def _sequence(self) -> Needed:
        best: Needed = None
        run = ""
        while not self.at_end and self._said[self._at] not in "|)":
            needed, char = self._atom()
            least = self._quantifier()
            if least == 0:
                needed, char = None, ""
            if char and least is None:
                run += char
                continue
            best = _better(_better(best, _literal(run + char)), needed)
            run = ""
        return _better(best, _literal(run))

    def _atom(self) -> tuple[Needed, str]:
        """What one atom needs, and its character if it is a plain one."""
        char = self._next()
        match char:
            case "(":
                return self._in_group(), ""
            case "[":
                self._skip_class()
                return None, ""
            case "." | "^" | "$":
                return None, ""
            case "\\":
                return None, self._escaped()
            case "*" | "+" | "?" | "{":
                raise _CannotTellError
            case _:
                return None, _plain(char)

    def _in_group(self) -> Needed:
        if found := _flags.match(self._said, self._at):
            self._at = found.end()
            return None
        if self._said.startswith("?", self._at):
            self._at = self._must(_group.match(self._said, self._at)).end()
        needed = self.alternatives()
        if not self._take(")"):
            raise _CannotTellError
        return needed

    def _skip_class(self) -> None:
        end = self._said.find("]", self._at + 2 if self._said.startswith("^", self._at) else self._at + 1)
        inside = self._said[self._at : end]
        if end < 0 or "[" in inside or "\\" in inside:
            raise _CannotTellError
        self._at = end + 1

    def _escaped(self) -> str:
        char = self._next()
        if char in _CLASS_ESCAPES:
            return ""
        if char.isascii() and not char.isalnum():
            return char
        raise _CannotTellError

    def _quantifier(self) -> int | None:
        """The least number of times, or None where nothing is said: exactly once."""
        least: int | None = None
        while not self.at_end and (char := self._said[self._at]) in "*+?{":
            if char == "{":
                found = self._must(_repeat.match(self._said, self._at))
                self._at = found.end()
                times = int(found[1])
            else:
                self._at += 1
                times = int(char == "+")
            self._take("?")
            least = times if least is None else min(least, times)
        return least

    def _must(self, found: re.Match[str] | None) -> re.Match[str]:
        if found is None:
            raise _CannotTellError
        return found

    def _next(self) -> str:
        if self.at_end:
            raise _CannotTellError
        self._at += 1
        return self._said[self._at - 1]

    def _take(self, char: str) -> bool:
        taken = self._said.startswith(char, self._at)
        self._at += taken
        return taken


def _plain(char: str) -> str:
    """The character if folding treats it as RE2's ``(?i)`` does: ASCII, or without case."""
    return char if char.isascii() or char.lower() == char.upper() == char.casefold() == char else ""


def _literal(run: str) -> Needed:
    folded = fold(run, DEFAULT_FOLD)
    return frozenset({folded}) if folded else None


def _either(branches: list[Needed]) -> Needed:
    together: set[str] = set()
    for branch in branches:
        if branch is None:
            return None
        together |= branch
    return frozenset(together) if len(together) <= MAX_LITERALS else None


def _better(one: Needed, other: Needed) -> Needed:
    """The one that fewer texts can satisfy: longer literals first, then fewer of them."""
    if one is None or other is None:
        return one if other is None else other
    return max(one, other, key=lambda needed: (min(map(len, needed)), -len(needed)))
