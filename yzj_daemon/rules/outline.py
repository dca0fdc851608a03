"""Every condition of one rule, held against one message: what it asks for, what the message has, whether it holds."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec

from yzj_daemon.clock import Millis
from yzj_daemon.rules import window
from yzj_daemon.rules.condition import SHOWN_ENTRIES, All, AnyOf, Condition, Not, SelfSent
from yzj_daemon.rules.ruleset import Rule
from yzj_daemon.rules.view import View


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """``held`` is None where nobody can tell. ``expected`` and ``actual`` are JSON; None where ``inside`` says it.

    ``inside``: the conditions under ``all``, ``any`` and ``not``. Those under ``not`` say whether *they* hold.
    """

    key: str
    held: bool | None
    expected: Any = None
    actual: Any = None
    inside: "tuple[Check, ...]" = ()

    def row(self) -> dict[str, Any]:
        told = {"key": self.key, "held": self.held}
        if self.inside:
            return {**told, "inside": [check.row() for check in self.inside]}
        return {**told, "expected": self.expected, "actual": self.actual}


def outline(rule: Rule, view: View, at: Millis) -> tuple[Check, ...]:
    """All that the rule asks, its windows at the end. Raises whatever a condition raises."""
    written = (part for part in rule.condition.parts if not _unsaid(rule, part, view))
    return (*(_check(part, view) for part in written), *_during(rule, at))


def _unsaid(rule: Rule, part: Condition, view: View) -> bool:
    """The guard against self-sent messages goes without saying while it holds."""
    return isinstance(part, SelfSent) and part not in rule.when.parts and part.holds(view) is True


def _check(condition: Condition, view: View) -> Check:
    match condition:
        case All(parts=(only,)):
            return _check(only, view)
        case All(parts) | AnyOf(parts):
            inside = tuple(_check(part, view) for part in parts)
            return Check(key=condition.key, held=condition.holds(view), inside=inside)
        case Not(part):
            inside = tuple(_check(inner, view) for inner in (part.parts if isinstance(part, All) else (part,)))
            return Check(key="not", held=condition.holds(view), inside=inside)
        case _:
            held = condition.holds(view)
            actual = _found(condition, view) if held and condition.key != "field" else condition.actual(view)
            return Check(key=condition.key, held=held, expected=condition.expected(), actual=actual)


def _found(condition: Condition, view: View) -> Any:
    """The pieces that satisfied it; for an attribute, which has one value, that value."""
    pieces = [piece for _, piece in islice(condition.found(view), SHOWN_ENTRIES)]
    return condition.actual(view) if not pieces or pieces == [condition.actual(view)] else pieces


def _during(rule: Rule, at: Millis) -> Iterator[Check]:
    if rule.during:
        local = datetime.fromtimestamp(at // 1000, UTC).astimezone(rule.during[0].zone)
        yield Check(
            key="during",
            held=window.open_at(rule.during, at),
            expected=[each.name for each in rule.during],
            actual=f"{local:%Y-%m-%d %H:%M}",
        )
