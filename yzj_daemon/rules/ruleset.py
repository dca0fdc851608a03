"""The rule set: what becomes of a message. The only engine there is.

``decide`` is pure: no clock, no state, no I/O. Whatever asks what a rule does to a message asks here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple

import msgspec

from yzj_daemon.clock import Millis
from yzj_daemon.message import Message
from yzj_daemon.rules import window
from yzj_daemon.rules.condition import (
    NONE,
    All,
    Failure,
    Found,
    SelfSent,
    failures,
    first_failure,
    guarded,
    named_types,
)
from yzj_daemon.rules.index import Index
from yzj_daemon.rules.text import DEFAULT_PATHS, Paths
from yzj_daemon.rules.view import View
from yzj_daemon.rules.window import Window

NEAR_LOOKED_AT: Final = 32
NEAR_KEPT: Final = 5
NEAR_TEXT: Final = 80
NEAR_ENTRIES: Final = 10
"""Bounds of near misses, which are stored with every decision."""

FOUND_KEPT: Final = 20

Reason = Literal["matched", "no_match", "self_sent", "rule_error"]


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a rule stands. ``line`` is 1-based; 0 for a rule that came from no file."""

    file: str = ""
    line: int = 0


class Limit(msgspec.Struct, frozen=True, gc=False):
    """A tripwire: more than ``most`` matches within ``span`` (ms) hold the rule."""

    most: int
    span: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One enabled rule, resolved: ``targets`` are chat ids, spans are in ms.

    ``max_age`` and ``on_unknown`` are None where the setting decides. ``during``: windows of which one must be open;
    none: always. ``cooldown`` is how long it rests after a match, ``expect_every`` how long it may stay without one.
    ``via`` is the hosted account that forwards; "": the one that received. ``types``: those its ``when`` names
    positively.
    """

    id: str
    when: All
    targets: tuple[str, ...]
    priority: int = 0
    stop: bool = False
    mode: Literal["live", "shadow"] = "live"
    delay: Millis = 0
    max_age: Millis | None = None
    fanout: Literal["together", "one-by-one"] = "together"
    order: Literal["relaxed", "strict"] = "relaxed"
    on_unknown: Literal["hold", "resend"] | None = None
    during: tuple[Window, ...] = ()
    outside: Literal["defer", "drop"] = "defer"
    limit: Limit | None = None
    cooldown: Millis | None = None
    cooldown_by: Literal["rule", "sender", "chat"] = "rule"
    expect_every: Millis | None = None
    via: str = ""
    allow: frozenset[str] = NONE
    description: str = ""
    owner: str = ""
    place: Place = field(default=Place(), compare=False)
    types: frozenset[str] = field(init=False)
    condition: All = field(init=False, repr=False)
    """``when``, with the guard against messages of hosted accounts that it does not name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "types", named_types(self.when))
        object.__setattr__(self, "condition", guarded(self.when))

    def __reduce__(self) -> tuple[Any, ...]:
        return _as_it_was, _whole(self)


_FIELDS: Final = tuple(each.name for each in fields(Rule))
_whole: Final = attrgetter(*_FIELDS)
_put: Final = tuple(getattr(Rule, name).__set__ for name in _FIELDS)


def _as_it_was(*values: Any) -> Rule:
    """A pickled rule: it has all of its fields, and is neither looked into nor guarded again."""
    rule = object.__new__(Rule)
    for put, value in zip(_put, values, strict=True):
        put(rule, value)
    return rule


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched. ``not_before``: its window opens then; 0: at once. ``dropped``: its window suppresses it.

    ``found``: keys and what in the message satisfied them.
    """

    rule: Rule
    not_before: Millis = 0
    dropped: bool = False
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule makes of a message.

    ``failed`` is the first condition that failed. ``skipped_by``: the rule whose ``stop`` kept this one from being
    asked. ``error``: it raised. ``dropped``: it matched outside its window.
    """

    rule: Rule
    matched: bool
    failed: Failure | None = None
    skipped_by: str = ""
    error: str = ""
    dropped: bool = False
    found: tuple[Found, ...] = ()

    @property
    def id(self) -> str:
        return self.rule.id

    def row(self) -> dict[str, Any]:
        return {
            "id": self.rule.id,
            "matched": self.matched,
            "failed": self.failed.row() if self.failed else None,
            "found": [list(found) for found in self.found],
            "skipped_by": self.skipped_by,
            "error": self.error,
            "dropped": self.dropped,
            "file": self.rule.place.file,
            "line": self.rule.place.line,
        }


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that failed on one condition only."""

    rule: Rule
    failed: Failure

    def row(self) -> dict[str, Any]:
        """Bounded, for the store."""
        return {
            "rule": self.rule.id,
            "file": self.rule.place.file,
            "line": self.rule.place.line,
            **{key: _bounded(value) for key, value in self.failed.row().items()},
        }


class Decision(msgspec.Struct, frozen=True, eq=False):
    """``matches`` in evaluation order; ``errors``: rules that raised, each with what it said."""

    matches: tuple[Match, ...]
    reason: Reason
    errors: tuple[tuple[str, str], ...] = ()
    asked: "Asked | None" = None
    """What was decided, for the reasons; None for a decision made by hand, which has none."""

    @property
    def near(self) -> tuple[NearMiss, ...]:
        """Some rules that failed on one condition only. Computed when asked for; bounded in work and in size."""
        return self.asked.ruleset.near_misses(self.asked) if self.asked else ()

    @property
    def trail(self) -> tuple[Verdict, ...]:
        """The verdict of every rule. Computed when asked for, because few are."""
        return self.asked.ruleset.explain(self.asked.view.message, self.asked.now) if self.asked else ()


class Asked(NamedTuple):
    """What was decided, for its reasons. ``offered``: the rules that the index found, by their numbers."""

    ruleset: "Ruleset"
    view: View
    offered: list[int]
    now: Millis


@dataclass(frozen=True, slots=True)
class Difference:
    """Rule ids, in order: what a set has that another lacks, has otherwise, or lacks."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def difference(before: Iterable[Rule], after: Iterable[Rule]) -> Difference:
    """``before`` -> ``after``. Where a rule stands in its file is no difference; which rule is asked first is."""
    old, new = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(id_ for id_ in new.keys() & old.keys() if new[id_] != old[id_])),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


class Ruleset:
    """Rules in evaluation order, immutable. ``hash`` names the files they came from; ``names``: id -> name."""

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        digest: str = "",
        timezone: str = "Asia/Shanghai",
        names: Mapping[str, str] | None = None,
        paths: Paths = DEFAULT_PATHS,
    ) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: -rule.priority))
        self.hash = digest
        self.timezone = timezone
        self.names: Mapping[str, str] = dict(names or {})
        self.expecting = tuple(rule for rule in self.rules if rule.expect_every is not None)
        self.limits = {rule.id: rule.limit for rule in self.rules if rule.limit is not None}
        self.paths = paths
        self._stopping = [number for number, rule in enumerate(self.rules) if rule.stop]

    @cached_property
    def _index(self) -> Index:
        return Index([rule.condition for rule in self.rules])

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {rule.id: number for number, rule in enumerate(self.rules)}

    def prepare(self) -> None:
        """Build what decisions need, so that the first one does not wait for it."""
        _ = self._index

    @classmethod
    def empty(cls) -> "Ruleset":
        """Forwards nothing."""
        return cls((), digest="empty")

    def decide(self, message: Message, now: Millis) -> Decision:
        """What the rules ask for. ``now`` opens and closes windows."""
        view = View(message, paths=self.paths)
        offered = self._index.candidates(view)
        matches, errors = self._ask(view, offered, now)
        return Decision(
            matches=tuple(matches),
            reason=_reason(matches, errors, message),
            errors=tuple(errors),
            asked=Asked(self, view, offered, now),
        )

    def explain(self, message: Message, now: Millis) -> tuple[Verdict, ...]:
        """Every rule in turn, without the index, each with the first condition that failed."""
        view = View(message, paths=self.paths)
        verdicts: list[Verdict] = []
        stopped_by = ""
        for rule in self.rules:
            verdict = _verdict(rule, view, now, stopped_by)
            verdicts.append(verdict)
            if not stopped_by and _stops(verdict):
                stopped_by = rule.id
        return tuple(verdicts)

    def verdict(self, rule_id: str, message: Message, now: Millis) -> Verdict:
        """What :meth:`explain` says of one rule. Of the others, only those are asked that may stop it."""
        view = View(message, paths=self.paths)
        number = self._numbers[rule_id]
        higher = (self.rules[other] for other in self._stopping if other < number)
        stopped_by = next((rule.id for rule in higher if _stops(_verdict(rule, view, now, ""))), "")
        return _verdict(self.rules[number], view, now, stopped_by)

    def _ask(self, view: View, numbers: Iterable[int], now: Millis) -> tuple[list[Match], list[tuple[str, str]]]:
        """The matches, and the errors of rules that raised, up to the first ``stop``."""
        matches: list[Match] = []
        errors: list[tuple[str, str]] = []
        for number in numbers:
            rule = self.rules[number]
            try:
                match = _match(rule, view, now)
            except Exception as surprise:  # noqa: BLE001 - fail closed: it forwards nothing, and is told
                errors.append((rule.id, _told(surprise)))
                if rule.stop:
                    break
                continue
            if match is not None:
                matches.append(match)
            if match is not None and rule.stop and not match.dropped:
                break
        return matches, errors

    def near_misses(self, asked: "Asked") -> tuple[NearMiss, ...]:
        """Of the rules that the index offers, and those that name a word of it, the sender or the chat."""
        numbers = [*asked.offered, *self._index.related(asked.view)]
        if not numbers:
            return ()
        rules = [self.rules[number] for number in dict.fromkeys(numbers[:NEAR_LOOKED_AT])]
        return tuple(islice(_near_misses(rules, asked.view), NEAR_KEPT))


def _match(rule: Rule, view: View, now: Millis) -> Match | None:
    if rule.condition.holds(view) is not True:
        return None
    found = tuple(islice(rule.condition.found(view), FOUND_KEPT))
    if not rule.during or window.open_at(rule.during, now):
        return Match(rule, found=found)
    opens = window.opens_after(rule.during, now) if rule.outside == "defer" else None
    return Match(rule, not_before=opens or 0, dropped=opens is None, found=found)


def _reason(matches: list[Match], errors: list[tuple[str, str]], message: Message) -> Reason:
    if matches:
        return "matched"
    if errors:
        return "rule_error"
    return "self_sent" if message.self_sent else "no_match"


def _verdict(rule: Rule, view: View, now: Millis, stopped_by: str) -> Verdict:
    if stopped_by:
        return Verdict(rule, matched=False, skipped_by=stopped_by)
    try:
        match = _match(rule, view, now)
        failed = first_failure(rule.condition, view) if match is None else None
    except Exception as surprise:  # noqa: BLE001 - as in decide
        return Verdict(rule, matched=False, error=_told(surprise))
    if match is None:
        return Verdict(rule, matched=False, failed=failed)
    return Verdict(rule, matched=True, dropped=match.dropped, found=match.found)


def _stops(verdict: Verdict) -> bool:
    """What may have matched and stopped the others stops them."""
    return verdict.rule.stop and bool(verdict.error or (verdict.matched and not verdict.dropped))


def _near_misses(rules: Iterable[Rule], view: View) -> Iterator[NearMiss]:
    for rule in rules:
        try:
            failed = list(islice(failures(rule.condition, view), 2))
        except Exception:  # noqa: BLE001, S112 - a rule that raises is told as an error where it is asked to match
            continue
        if len(failed) == 1 and (len(rule.when.parts) > 1 or _kept_by_guard(rule, failed[0])):
            yield NearMiss(rule, failed[0])


def _kept_by_guard(rule: Rule, failed: Failure) -> bool:
    """A rule of one key is near only what it kept back because a hosted account sent it."""
    return failed.key == "self_sent" and not any(isinstance(part, SelfSent) for part in rule.when.parts)


def _told(surprise: Exception) -> str:
    return f"{type(surprise).__name__}: {surprise}"


def _bounded(value: Any) -> Any:
    match value:
        case str():
            return value[:NEAR_TEXT]
        case list():
            return [_bounded(entry) for entry in value[:NEAR_ENTRIES]]
        case dict():
            return {key: _bounded(entry) for key, entry in list(value.items())[:NEAR_ENTRIES]}
        case _:
            return value
