"""What a rule asks of a message.

A condition holds (True), does not (False), or nobody can tell (None): the message hides what is asked for. A rule
matches on True alone, and ``not`` of "nobody can tell" is again "nobody can tell", so that a negation never forwards
what could not be looked into.

They are structs that tell nothing to the garbage collector: large sets have a hundred thousand of them, and what is
made from the inside out and never changed refers to nothing that refers to it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Literal, assert_never

import msgspec

from yzj_daemon.message import Message
from yzj_daemon.rules.fold import DEFAULT_FOLD, Fold, fold
from yzj_daemon.rules.pattern import Pattern
from yzj_daemon.rules.text import ContentError, follow, steps_of
from yzj_daemon.rules.view import View

Attribute = Literal["type", "account", "chat", "chat_type", "sender"]
Found = tuple[str, str]
"""A key, and what in the message satisfied it."""

SHOWN_TEXT: Final = 200
SHOWN_ENTRIES: Final = 20
"""Bounds of what an explanation repeats of a message and of a rule."""

MERGE: Final = "merge"

NONE: Final[frozenset[str]] = frozenset()
"""The same one for all: an empty set takes as much as one of four."""

HIDDEN: Final = "cannot see inside this message"

_numeral = re.compile(r"\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Failure:
    """The condition that failed: its key, what it asked for, what the message has. All of it JSON.

    ``note`` is ``HIDDEN`` where nobody can tell, else "".
    """

    key: str
    expected: Any
    actual: Any
    note: str = ""

    def row(self) -> dict[str, Any]:
        row = {"key": self.key, "expected": self.expected, "actual": self.actual}
        return {**row, "note": self.note} if self.note else row


_read_attribute: Final[dict[Attribute, Callable[[Message], str]]] = {
    "type": attrgetter("type"),
    "account": attrgetter("account"),
    "chat": attrgetter("chat"),
    "chat_type": attrgetter("chat_type"),
    "sender": attrgetter("sender"),
}


class OneOf(msgspec.Struct, frozen=True, gc=False):
    """The message's type, account, chat, chat type or sender is one of ``values``. An empty one tells nothing."""

    key: Attribute
    values: frozenset[str]

    def holds(self, view: View) -> bool | None:
        value = _read_attribute[self.key](view.message)
        return value in self.values if value else None

    def found(self, view: View) -> Iterator[Found]:
        yield self.key, _read_attribute[self.key](view.message)

    def expected(self) -> Any:
        return sorted(self.values)[:SHOWN_ENTRIES]

    def actual(self, view: View) -> Any:
        return _read_attribute[self.key](view.message)


class SelfSent(msgspec.Struct, frozen=True, gc=False):
    """Whether a hosted account sent it."""

    value: bool
    key: Literal["self_sent"] = "self_sent"

    def holds(self, view: View) -> bool | None:
        return view.message.self_sent is self.value

    def found(self, view: View) -> Iterator[Found]:
        if self.value:
            yield self.key, str(view.message.self_sent).lower()

    def expected(self) -> Any:
        return self.value

    def actual(self, view: View) -> Any:
        return view.message.self_sent


class Everything(msgspec.Struct, frozen=True, gc=False):
    key: Literal["everything"] = "everything"

    def holds(self, view: View) -> bool | None:  # noqa: ARG002 - the others look
        return True

    def found(self, view: View) -> Iterator[Found]:  # noqa: ARG002
        yield self.key, "true"

    def expected(self) -> Any:
        return True

    def actual(self, view: View) -> Any:  # noqa: ARG002
        return True


class Words(msgspec.Struct, frozen=True, gc=False):
    """At least one (``contains``) or every one (``contains_all``) of the words stands in the folded text.

    ``said`` is how the rule spells them, ``folded`` how they are compared; entry by entry the same.
    """

    key: Literal["contains", "contains_all"]
    said: tuple[str, ...]
    folded: tuple[str, ...]
    fold: Fold = DEFAULT_FOLD

    @classmethod
    def of(cls, key: Literal["contains", "contains_all"], said: tuple[str, ...], how: Fold = DEFAULT_FOLD) -> "Words":
        folded = tuple(fold(word, how) for word in said)
        return cls(key, said, said if folded == said else folded, how)

    def holds(self, view: View) -> bool | None:
        text = view.text(self.fold)
        every = self.key == "contains_all"
        for word in self.folded:
            if (word in text) is not every:
                decided = not every
                break
        else:
            decided = every and bool(self.folded)
        return None if view.unseen and not decided else decided

    def found(self, view: View) -> Iterator[Found]:
        text = view.text(self.fold)
        for said, word in zip(self.said, self.folded, strict=True):
            if word in text:
                yield self.key, said

    def expected(self) -> Any:
        return list(self.said[:SHOWN_ENTRIES])

    def actual(self, view: View) -> Any:
        return view.message.text[:SHOWN_TEXT]


class Patterns(msgspec.Struct, frozen=True, gc=False):
    """At least one of the regexes is found in the unaltered text."""

    patterns: tuple[Pattern, ...]
    key: Literal["regex"] = "regex"

    def holds(self, view: View) -> bool | None:
        if view.unseen and not view.message.text:
            return None  # ``^$`` is found in nothing, but nothing is not what the message says
        if any(view.find(pattern) is not None for pattern in self.patterns):
            return True
        return None if view.unseen else False

    def found(self, view: View) -> Iterator[Found]:
        for pattern in self.patterns:
            piece = view.find(pattern)
            if piece is not None:
                yield self.key, piece[:SHOWN_TEXT]

    def expected(self) -> Any:
        return [pattern.said for pattern in self.patterns[:SHOWN_ENTRIES]]

    def actual(self, view: View) -> Any:
        return view.message.text[:SHOWN_TEXT]


Scalar = str | int | float | bool


class FieldTest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One test on the value, or on any of the values, that ``path`` leads to in ``content``.

    Exactly one test is set; only ``least`` and ``most`` may stand together. ``words`` are folded.
    """

    path: str
    equals: tuple[Scalar, ...] = ()
    words: tuple[str, ...] = ()
    fold: Fold = DEFAULT_FOLD
    patterns: tuple[Pattern, ...] = ()
    exists: bool | None = None
    least: float | None = None
    most: float | None = None

    def holds(self, tree: Any) -> bool:
        values = list(follow(tree, steps_of(self.path)))
        if self.exists is not None:
            return bool(values) is self.exists
        return any(self._accepts(value) for value in values)

    def _accepts(self, value: Any) -> bool:
        if self.equals:
            return any(_same(value, wanted) for wanted in self.equals)
        if self.least is not None or self.most is not None:
            return _between(value, self.least, self.most)
        if not isinstance(value, str):
            return False
        if self.words:
            text = fold(value, self.fold)
            return any(word in text for word in self.words)
        encoded = value.encode(errors="replace")
        return any(pattern.found_in(encoded) is not None for pattern in self.patterns)

    def described(self) -> dict[str, Any]:
        told = {
            "equals": list(self.equals[:SHOWN_ENTRIES]),
            "contains": list(self.words[:SHOWN_ENTRIES]),
            "regex": [pattern.said for pattern in self.patterns[:SHOWN_ENTRIES]],
            "exists": self.exists,
            "min": self.least,
            "max": self.most,
        }
        return {"path": self.path, **{key: value for key, value in told.items() if value not in (None, [])}}

    def values(self, tree: Any) -> list[Any]:
        """What stands at the path, bounded for an explanation."""
        return [_shown(value) for value in list(follow(tree, steps_of(self.path)))[:SHOWN_ENTRIES]]


def _same(value: Any, wanted: Scalar) -> bool:
    """``true`` is not 1, but the id 123 is the id "123": vendors send, and people write, ids both ways."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int) and isinstance(wanted, str):
        return str(value) == wanted
    if isinstance(value, str) and isinstance(wanted, int):
        return value == str(wanted)
    return bool(value == wanted)


def _between(value: Any, least: float | None, most: float | None) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = _number(value) if isinstance(value, str) else value
    except ValueError:
        return False
    # one of the two is set, and NaN compares with nothing
    return (least is None or number >= least) and (most is None or number <= most)


def _number(value: str) -> float:
    """Whole numbers stay exact. ``inf`` and ``1_000`` are numbers in Python's eyes alone. Raises ValueError."""
    if not _numeral.fullmatch(value):
        raise ValueError
    try:
        return int(value)
    except ValueError:
        return float(value)


def _shown(value: Any) -> Any:
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    # half an emoji has no UTF-8, in which explanations are stored
    return value[:SHOWN_TEXT].encode(errors="replace").decode() if isinstance(value, str) else value


class Fields(msgspec.Struct, frozen=True, gc=False):
    """At least one of the tests on ``content`` is true."""

    tests: tuple[FieldTest, ...]
    key: Literal["field"] = "field"

    def holds(self, view: View) -> bool | None:
        try:
            tree = view.tree()
        except ContentError:
            return None
        return any(test.holds(tree) for test in self.tests)

    def found(self, view: View) -> Iterator[Found]:
        tree = view.tree()
        for test in self.tests:
            if test.holds(tree):
                yield self.key, test.path

    def expected(self) -> Any:
        return [test.described() for test in self.tests[:SHOWN_ENTRIES]]

    def actual(self, view: View) -> Any:
        try:
            tree = view.tree()
        except ContentError:
            return None
        return {test.path: test.values(tree) for test in self.tests[:SHOWN_ENTRIES]}


class All(msgspec.Struct, frozen=True, gc=False):
    """Every part holds. A rule's ``when`` is one of these; so is any table, and a list under ``all``."""

    parts: "tuple[Condition, ...]"
    key: Literal["all"] = "all"

    def holds(self, view: View) -> bool | None:
        return _both(part.holds(view) for part in self.parts)

    def found(self, view: View) -> Iterator[Found]:
        for part in self.parts:
            yield from part.found(view)

    def expected(self) -> Any:
        return described(self)

    def actual(self, view: View) -> Any:
        failure = first_failure(self, view)
        return None if failure is None else failure.row()


class AnyOf(msgspec.Struct, frozen=True, gc=False):
    """At least one part holds."""

    parts: "tuple[Condition, ...]"
    key: Literal["any"] = "any"

    def holds(self, view: View) -> bool | None:
        return _either(part.holds(view) for part in self.parts)

    def found(self, view: View) -> Iterator[Found]:
        for part in self.parts:
            if part.holds(view):
                yield from part.found(view)

    def expected(self) -> Any:
        return [described(part) for part in self.parts[:SHOWN_ENTRIES]]

    def actual(self, view: View) -> Any:
        failures = (first_failure(part, view) for part in self.parts[:SHOWN_ENTRIES])
        return [failure.row() for failure in failures if failure is not None]


class Not(msgspec.Struct, frozen=True, gc=False):
    """The part does not hold, for certain."""

    part: "Condition"
    key: Literal["not"] = "not"

    def holds(self, view: View) -> bool | None:
        held = self.part.holds(view)
        return None if held is None else not held

    def found(self, view: View) -> Iterator[Found]:  # noqa: ARG002 - what is absent has no piece to show
        yield from ()

    def expected(self) -> Any:
        return described(self.part)

    def actual(self, view: View) -> Any:
        return [list(found) for found in self.part.found(view)][:SHOWN_ENTRIES] if self.part.holds(view) else None


class Items(msgspec.Struct, frozen=True, gc=False):
    """Of the messages inside a merge: at least ``least`` of them, one for which ``some`` holds, ``each`` for all.

    Nobody can tell of a merge into which nobody can look. What is no merge has no messages inside.
    """

    least: int = 0
    some: "All | None" = None
    each: "All | None" = None
    key: Literal["items"] = "items"

    def holds(self, view: View) -> bool | None:
        if view.message.type != MERGE:
            return False
        records = view.records()
        if not records:
            return None
        answers: list[bool | None] = [len(records) >= self.least]
        if self.some is not None:
            answers.append(_either(self.some.holds(record) for record in records))
        if self.each is not None:
            answers.append(_both(self.each.holds(record) for record in records))
        return _both(answers)

    def found(self, view: View) -> Iterator[Found]:
        records = view.records()
        yield self.key, str(len(records))
        for record in records:
            if self.some is not None and self.some.holds(record):
                yield from self.some.found(record)
                return

    def expected(self) -> Any:
        told = {"min_count": self.least, "any": self.some, "all": self.each}
        return {key: described(part) if isinstance(part, All) else part for key, part in told.items() if part}

    def actual(self, view: View) -> Any:
        return [_record_shown(record) for record in view.records()[:SHOWN_ENTRIES]]


def _record_shown(record: View) -> dict[str, Any]:
    message = record.message
    return {"type": message.type, "sender": message.sender, "text": message.text[:SHOWN_TEXT]}


def _either(answers: Iterable[bool | None]) -> bool | None:
    sure = True
    for answer in answers:
        if answer:
            return True
        sure = sure and answer is False
    return False if sure else None


def _both(answers: Iterable[bool | None]) -> bool | None:
    sure = True
    for answer in answers:
        if answer is False:
            return False
        sure = sure and answer is True
    return True if sure else None


Leaf = OneOf | SelfSent | Everything | Words | Patterns | Fields | Items
Condition = Leaf | All | AnyOf | Not

_COST: Final[dict[type, int]] = {
    Everything: 0,
    OneOf: 0,
    SelfSent: 0,
    Words: 1,
    Patterns: 2,
    Fields: 3,
    Items: 3,
    Not: 4,
    All: 5,
    AnyOf: 6,
}


def table(parts: tuple[Condition, ...]) -> All:
    """The keys of one table, ANDed; the cheap ones are looked at first."""
    return All(tuple(sorted(parts, key=lambda part: _COST[type(part)])))


def described(condition: Condition) -> dict[str, Any]:
    """The condition in the words of a rule file, bounded."""
    match condition:
        case All(parts=parts):
            told: dict[str, Any] = {}
            nested: list[Any] = []
            for part in parts:
                if isinstance(part, All):
                    nested.append(described(part))
                else:
                    told.update(described(part))
            return {**told, "all": nested[:SHOWN_ENTRIES]} if nested else told
        case Fields() | OneOf() | SelfSent() | Everything() | Words() | Patterns() | Items() | AnyOf() | Not():
            return {condition.key: condition.expected()}
        case _:
            assert_never(condition)


def failures(condition: All, view: View) -> Iterator[Failure]:
    """Every key that does not hold, of the table and of those under ``all``, in the order they are looked at."""
    for part in condition.parts:
        if isinstance(part, All):
            yield from failures(part, view)
        elif (failure := first_failure(part, view)) is not None:
            yield failure


def first_failure(condition: Condition, view: View) -> Failure | None:
    """Why the condition does not hold, or None if it does. Looks into ``all``, to the key that failed."""
    held = condition.holds(view)
    if held:
        return None
    if isinstance(condition, All):
        return next(failures(condition, view))
    return Failure(condition.key, condition.expected(), condition.actual(view), HIDDEN if held is None else "")


# What a table says about self-sent messages and types ----------------------------------------------------------------


def guarded(condition: All) -> All:
    """The condition with ``self_sent = false`` wherever a hosted account's own message could slip through unnamed."""
    if _grants(condition):
        return condition
    for index, part in enumerate(condition.parts):
        if isinstance(part, AnyOf) and _mentions(part):
            tables = tuple(guarded(inner if isinstance(inner, All) else All((inner,))) for inner in part.parts)
            return _with(condition, index, AnyOf(tables))
        if isinstance(part, All) and _mentions(part):
            return _with(condition, index, guarded(part))
    return table((*condition.parts, _BY_OTHERS))


_BY_OTHERS: Final = SelfSent(value=False)


def _with(condition: All, index: int, part: Condition) -> All:
    return All((*condition.parts[:index], part, *condition.parts[index + 1 :]))


def _grants(condition: Condition) -> bool:
    """Whether nothing matches it without a word on ``self_sent``."""
    match condition:
        case SelfSent():
            return True
        case All(parts=parts):
            return any(_grants(part) for part in parts)
        case AnyOf(parts=parts):
            return all(_grants(part) for part in parts)
        case Not(part=All(parts=(SelfSent(),))):
            return True
        case _:
            return False


def _mentions(condition: Condition) -> bool:
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            return any(_mentions(part) for part in parts)
        case _:
            return _grants(condition)


def named_types(condition: Condition) -> frozenset[str]:
    """The types that the condition names positively."""
    match condition:
        case OneOf(key="type", values=values):
            return values
        case All(parts=parts) | AnyOf(parts=parts):
            named = {types for part in parts if (types := named_types(part))}
            return named.pop() if len(named) == 1 else NONE.union(*named) if named else NONE
        case _:
            return NONE
