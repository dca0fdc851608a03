"""What a list is narrowed to: the fields of an address, as a filter of the store and as a form to change them."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

import msgspec

from yzj_daemon.console import instants
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.refused import refused
from yzj_daemon.delivery import State
from yzj_daemon.message import KNOWN_TYPES
from yzj_daemon.storage import directory, inbox
from yzj_daemon.storage.reports import Filter
from yzj_daemon.wording import when
from yzj_daemon.wording.reasons import DECISIONS

MOST_CHOICES: Final = 200
"""Rules to choose from; where there are more, their ids are typed."""

LONGEST: Final = 200
MOST_DIGITS: Final = 19

Choices = Sequence[tuple[str, str]]


class Field(NamedTuple):
    """One field of the form. ``choices``: value and words; a text: the kind of the input; None: any words."""

    name: str
    label: str
    value: str
    choices: Choices | str | None


class Narrowed(msgspec.Struct, frozen=True):
    """``given``: the fields as they were written, without empty ones."""

    given: Mapping[str, str]
    filter: Filter

    def address(self, path: str, **more: object) -> str:
        """A path with the same fields and these."""
        fields = {**self.given, **{name: value for name, value in more.items() if value not in (None, "")}}
        return f"{path}?{urlencode(fields)}" if fields else path


OF_DELIVERIES: Final = ("text", "account", "chat", "sender", "type", "rule", "state", "since", "until")
OF_MESSAGES: Final = (*OF_DELIVERIES, "outcome")


def narrowed(asked: Asked, names: Sequence[str], given: Mapping[str, str] | None = None) -> Narrowed:
    """As the address says, or ``given``, in the fields with these names.

    Raises Problem: a field cannot be understood.
    """
    fields = asked.query if given is None else given
    said = {name: fields[name].strip()[:LONGEST] for name in names if fields.get(name, "").strip()}
    decided, state = _outcome(said)
    return Narrowed(
        said,
        Filter(
            account=said.get("account", ""),
            chat=_id(asked, said.get("chat", "")),
            sender=_id(asked, said.get("sender", "")),
            type=said.get("type", ""),
            rule=said.get("rule", ""),
            decided=decided,
            state=state,
            text=said.get("text", ""),
            since=instants.past(said.get("since", ""), asked.t("filter.since"), asked.now, asked.zone),
            until=instants.past(said.get("until", ""), asked.t("filter.until"), asked.now, asked.zone),
        ),
    )


def _outcome(said: Mapping[str, str]) -> tuple[str, str]:
    """What was decided and the state of a delivery: a message's outcome is one of both."""
    outcome, state = said.get("outcome", ""), said.get("state", "")
    if outcome in DECISIONS:
        return outcome, state
    if wrong := next((each for each in (outcome, state) if each and each not in set(State)), ""):
        raise refused(400, "filter.outcome.unknown", given=wrong)
    return "", state or outcome


def _id(asked: Asked, written: str) -> str:
    """An id, or the id of what is called so. Raises Refused: several are."""
    if not written or asked.name_of(written):
        return written
    by_rules = {id_ for id_, name in asked.desk.ruleset.names.items() if name == written}
    found = sorted(by_rules or directory.named(asked.store, written))
    if len(found) > 1:
        raise refused(400, "filter.several", called=written, ids=", ".join(found))
    return found[0] if found else written


# Where a list goes on -----------------------------------------------------------------------------------------------

MOST_BY_ITSELF: Final = 10
"""Questions that a page asks one after the other while nothing is found; the next one needs a click."""


def row_id(written: str) -> int | None:
    """The id of a row; None: it is none."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < MOST_DIGITS else None


def below(asked: Asked) -> int | None:
    """Where the rows of an address begin. Raises Refused: it is no id."""
    written = asked.query.get("below", "")
    found = row_id(written)
    if written and found is None:
        raise refused(400, "filter.place")
    return found


def turn(asked: Asked, rows: Sequence[object]) -> int:
    """How many times in a row nothing was found."""
    return 0 if rows else min(row_id(asked.query.get("turn", "")) or 0, MOST_BY_ITSELF) + 1


# The form -----------------------------------------------------------------------------------------------------------


def form(asked: Asked, narrowed: Narrowed, *names: str) -> list[Field]:
    """The fields with these names, in this order."""
    return [_field(asked, narrowed, name) for name in names]


def _field(asked: Asked, narrowed: Narrowed, name: str) -> Field:
    given = narrowed.given.get(name, "")
    label = asked.t(f"filter.{name}")
    match name:
        case "account":
            return Field(name, label, given, _accounts(asked, given))
        case "type":
            return Field(
                name, label, given, _with(given, [(each, asked.type_of(each)) for each in sorted(KNOWN_TYPES)])
            )
        case "rule":
            return Field(name, label, given, _rules(asked, given))
        case "outcome":
            decided = [(each, asked.t(f"decision.{each}")) for each in DECISIONS]
            states = [(state.value, asked.t(f"state.{state.value}")) for state in State]
            return Field(name, label, given, [*decided, *states])
        case "since" | "until":
            at = narrowed.filter.since if name == "since" else narrowed.filter.until
            return Field(
                name, label, "" if at is None else when.clock(at, asked.zone)[:16].replace(" ", "T"), "datetime-local"
            )
        case _:
            return Field(name, label, given, None)


def _accounts(asked: Asked, given: str) -> Choices:
    known = sorted(inbox.hosted(asked.store))
    return _with(given, [(id_, f"{asked.name_of(id_)} {id_}".strip()) for id_ in known])


def _rules(asked: Asked, given: str) -> Choices | None:
    rules = asked.desk.ruleset.rules
    return _with(given, [(rule.id, rule.id) for rule in rules]) if len(rules) <= MOST_CHOICES else None


def _with(given: str, choices: list[tuple[str, str]]) -> Choices:
    """The choices, and what was given though it is none of them: a rule of yesterday."""
    return choices if not given or given in dict(choices) else [*choices, (given, given)]
