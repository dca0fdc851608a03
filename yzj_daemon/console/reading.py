"""A rule as a person reads it: from where, which messages, to whom."""

import tomllib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from yzj_daemon.rules.condition import (
    All,
    AnyOf,
    Condition,
    Everything,
    Fields,
    FieldTest,
    Items,
    Not,
    OneOf,
    Patterns,
    SelfSent,
    Words,
)
from yzj_daemon.rules.ruleset import Rule
from yzj_daemon.wording.verdicts import IDS

WHERE: Final = IDS | {"chat_type"}
"""Keys that say where a message comes from, not what is in it."""


class Part(msgspec.Struct, frozen=True):
    """One condition of a rule. ``ids``: its values are ids, which have names. ``inside``: what it is made of."""

    key: str
    values: tuple[str, ...] = ()
    ids: bool = False
    inside: "tuple[Part, ...]" = ()


def parts(rule: Rule) -> tuple[Part, ...]:
    """All that the rule asks, as its file says it."""
    return tuple(_part(part) for part in rule.when.parts)


def where(rule: Rule) -> tuple[Part, ...]:
    """Where its messages come from; none: from anywhere."""
    return tuple(part for part in parts(rule) if part.key in WHERE)


def what(rule: Rule) -> tuple[Part, ...]:
    """What has to be in them."""
    return tuple(part for part in parts(rule) if part.key not in WHERE)


def mentions(rule: Rule) -> Iterator[str]:
    """Every word that a person may look for it by."""
    yield from (rule.id, rule.description, rule.owner, rule.place.file, *rule.targets)
    waiting = [*parts(rule)]
    while waiting:
        part = waiting.pop()
        yield from part.values
        waiting.extend(part.inside)


def switched_off(texts: Iterable[str], rules: Iterable[Rule]) -> tuple[str, ...]:
    """Ids that stand in the files of a set, which is good, and not among its rules."""
    enabled = {rule.id for rule in rules}
    written = (rule["id"] for text in texts for rule in tomllib.loads(text.removeprefix("\ufeff")).get("rules", ()))
    return tuple(id_ for id_ in written if id_ not in enabled)


def _part(condition: Condition) -> Part:
    match condition:
        case All(parts=(only,)):
            return _part(only)
        case All(parts) | AnyOf(parts):
            return Part(condition.key, inside=tuple(map(_part, parts)))
        case Not(part):
            return Part("not", inside=(_part(part),))
        case Items():
            return Part("items", inside=tuple(_items(condition)))
        case _:
            return Part(condition.key, tuple(_values(condition)), ids=condition.key in IDS)


def _items(items: Items) -> Iterator[Part]:
    if items.least:
        yield Part("min_count", (str(items.least),))
    if items.some is not None:
        yield Part("any_item", inside=(_part(items.some),))
    if items.each is not None:
        yield Part("each_item", inside=(_part(items.each),))


def _values(leaf: OneOf | SelfSent | Everything | Words | Patterns | Fields) -> Iterator[str]:
    match leaf:
        case OneOf(values=values):
            yield from sorted(values)
        case SelfSent(value=value):
            yield str(value).lower()
        case Words(said=said):
            yield from said
        case Patterns(patterns=patterns):
            yield from (pattern.said for pattern in patterns)
        case Fields(tests=tests):
            yield from map(_test, tests)
        case Everything():
            yield from ()


_SIGNS: Final = {"equals": "=", "contains": "∋", "regex": "~", "min": "≥", "max": "≤"}


def _test(test: FieldTest) -> str:
    """``price ≥ 10``, ``title ∋ 退款 | 投诉``, ``url`` (there is one), ``¬ url`` (there is none)."""
    told = test.described()
    path = told.pop("path")
    if "exists" in told:
        return path if told["exists"] else f"¬ {path}"
    return " ".join([path, *(f"{_SIGNS[key]} {_listed(value)}" for key, value in told.items())])


def _listed(value: Any) -> str:
    return (
        " | ".join(map(str, value))
        if isinstance(value, list)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
