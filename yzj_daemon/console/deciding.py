"""Why a message was or was not forwarded, ready to be shown: :func:`shown` for the macros of ``decision.html``."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from yzj_daemon.console.asked import Asked
from yzj_daemon.wording import verdicts

MOST: Final = 30
"""Rules that a page shows; a set may have ten thousand, of which nobody reads so many."""


class Branch(msgspec.Struct, frozen=True):
    """One condition. ``held`` is None where nobody can tell; ``ids``: its values are ids, which have names.

    ``wanted`` and ``actual`` are bounded; ``actual`` is empty where the message has none, or hides it.
    """

    key: str
    held: bool | None
    hidden: bool = False
    ids: bool = False
    wanted: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()
    inside: "tuple[Branch, ...]" = ()


class Ruling(msgspec.Struct, frozen=True):
    """What one rule made of it. ``near``: all but one of its conditions hold. ``notes``: what no condition tells."""

    id: str
    description: str
    place: str
    matched: bool
    near: bool
    notes: tuple[str, ...]
    branches: tuple[Branch, ...]


class Decided(msgspec.Struct, frozen=True):
    """``told`` is the explanation itself; ``pieces`` of its text, each with whether a rule's words stand there.

    ``left``: how many rules are not shown. ``by_state``: something else than the rules decided on receipt.
    """

    told: dict[str, Any]
    pieces: tuple[tuple[str, bool], ...]
    rulings: tuple[Ruling, ...]
    left: int
    by_state: bool

    @property
    def tone(self) -> str:
        return tone(self.told["reason"])


def tone(reason: str) -> str:
    """How a decision is dressed: forwarded, kept back by something that a person may have overlooked, or not asked."""
    return {"matched": "good", "no_match": "plain", "rule_error": "bad"}.get(reason, "doubt")


def shown(asked: Asked, told: dict[str, Any], *, rule: str = "", most: int = MOST) -> Decided:
    """Of an explanation as :func:`~yzj_daemon.wording.explained.explained` tells it.

    Rules that matched come first, then those that came nearest; ``rule``, if it is one of them, before all others.
    """
    ranked = sorted(told["rules"], key=lambda row: (row["id"] != rule, *_distance(row)))
    return Decided(
        told=told,
        pieces=tuple(_pieces(told["text"], told["spans"])),
        rulings=tuple(_ruling(asked, row, told) for row in ranked[:most]),
        left=max(0, len(ranked) - most),
        by_state=verdicts.by_state(told),
    )


def _distance(row: dict[str, Any]) -> tuple[bool, bool, int, int]:
    """How far a rule was from matching: by how many of its conditions, of how many. What was not asked is far."""
    failed = sum(check["held"] is not True for check in row["conditions"])
    return not row["matched"], not row["conditions"], failed, -len(row["conditions"])


def _ruling(asked: Asked, row: dict[str, Any], told: dict[str, Any]) -> Ruling:
    failed = _distance(row)[2]
    return Ruling(
        id=row["id"],
        description=row["description"],
        place=f"{row['file']}:{row['line']}" if row["line"] else "",
        matched=row["matched"],
        near=not row["matched"] and failed == 1 and len(row["conditions"]) > 1,
        notes=tuple(note.to(asked.lang) for note in verdicts.notes(row, told)),
        branches=tuple(_branches(row["conditions"])),
    )


def _branches(checks: Iterable[dict[str, Any]]) -> Iterator[Branch]:
    for check in checks:
        head: dict[str, Any] = {"key": check["key"], "held": check["held"]}
        if inside := check.get("inside"):
            yield Branch(**head, inside=tuple(_branches(inside)))
        else:
            hidden = verdicts.hidden(check)
            wanted, actual = values(check["expected"]), () if hidden else values(check["actual"])
            yield Branch(**head, hidden=hidden, ids=check["key"] in verdicts.IDS, wanted=wanted, actual=actual)


def values(value: Any) -> tuple[str, ...]:
    """The entries of a value, each as a person reads it."""
    entries = value if isinstance(value, list) else [value]
    return tuple(verdicts.shown(entry) for entry in entries if entry not in ("", None))


def _pieces(text: str, spans: Iterable[Sequence[int]]) -> Iterator[tuple[str, bool]]:
    """The pieces of a text; true are those in ``spans`` (characters, half-open)."""
    past = 0
    for start, end in spans:
        yield text[past:start], False
        yield text[start:end], True
        past = end
    yield text[past:], False
