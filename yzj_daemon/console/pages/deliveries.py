"""What was owed to which chat, and what became of it: by state, narrowed, newest first."""

from collections.abc import Sequence
from typing import Final

import msgspec

from yzj_daemon.console.asked import Asked
from yzj_daemon.console.named import hits
from yzj_daemon.console.narrowed import MOST_BY_ITSELF, OF_DELIVERIES, Narrowed, below, form, narrowed, turn
from yzj_daemon.console.page import Page
from yzj_daemon.console.pages.actions import told
from yzj_daemon.console.pages.ordering import VERBS
from yzj_daemon.delivery import State
from yzj_daemon.storage import reports, searching
from yzj_daemon.storage.reports import DeliveryLine, MessageLine
from yzj_daemon.storage.searching import Found
from yzj_daemon.wording import reasons

NAME: Final = "deliveries"
PATH: Final = "/deliveries"

SHOWN: Final = 50
FIRST_FIELDS: Final = ("text", "account", "chat", "rule")
MORE_FIELDS: Final = ("sender", "type", "since", "until")

COUNTED: Final = (State.PENDING, State.SENDING, State.HELD, State.UNKNOWN)
"""States whose number is told: how many ended well or badly in a month is for the metrics."""


class Line(msgspec.Struct, frozen=True):
    """A delivery, why it is as it is, and the message; None: it is not in the store any more."""

    owed: DeliveryLine
    because: str
    message: MessageLine | None


class Chip(msgspec.Struct, frozen=True):
    """A state to choose. ``count`` is None where it is not told."""

    state: str
    href: str
    count: int | None
    chosen: bool


def whole(asked: Asked) -> str:
    wanted = narrowed(asked, OF_DELIVERIES)
    found = _search(asked, wanted)
    return asked.render(
        "deliveries.html",
        page=NAME,
        path=PATH,
        fields=form(asked, wanted, *FIRST_FIELDS),
        more_fields=form(asked, wanted, *MORE_FIELDS),
        given=wanted.given,
        named=hits(asked, wanted.given.get("text", "")),
        verbs=_verbs(wanted) if asked.may_act else (),
        told=told(asked, asked.query.get("told", "")),
        now=wanted.address(f"{PATH}/states"),
        **_chips(asked, wanted),
        **_rows(asked, wanted, found),
    )


def rows(asked: Asked) -> str:
    """The next ones."""
    wanted = narrowed(asked, OF_DELIVERIES)
    return asked.render("deliveries_rows.html", page=NAME, **_rows(asked, wanted, _search(asked, wanted)))


def states(asked: Asked) -> str:
    """What changes by itself: how many wait."""
    return asked.render("deliveries_states.html", page=NAME, **_chips(asked, narrowed(asked, OF_DELIVERIES)))


def _search(asked: Asked, wanted: Narrowed) -> Found[DeliveryLine, int]:
    return searching.deliveries(asked.store, wanted.filter, SHOWN, below(asked))


def _rows(asked: Asked, wanted: Narrowed, found: Found[DeliveryLine, int]) -> dict[str, object]:
    turns = turn(asked, found.rows)
    messages = reports.lines(asked.store, [line.message_id for line in found.rows])
    onward = wanted.address(f"{PATH}/rows", below=found.next, turn=turns or None) if found.next else ""
    return {
        "lines": [_line(asked, line, messages) for line in found.rows],
        "reached": found.reached,
        "onward": onward,
        "by_itself": turns < MOST_BY_ITSELF,
        "ticks": asked.may_act,
    }


def _line(asked: Asked, line: DeliveryLine, messages: dict[int, MessageLine]) -> Line:
    because = reasons.because(line.reason).to(asked.lang) if line.reason else ""
    return Line(line, because, messages.get(line.message_id))


def _chips(asked: Asked, wanted: Narrowed) -> dict[str, Sequence[Chip]]:
    """The states; their numbers are those of all deliveries, and so stand only where nothing else narrows."""
    others = {name: value for name, value in wanted.given.items() if name != "state"}
    counts = {} if others else reports.counted(asked.store, COUNTED)
    chosen, rest = wanted.filter.state, Narrowed(others, wanted.filter)
    every = Chip("", rest.address(PATH), None, not chosen)
    each = (Chip(s.value, rest.address(PATH, state=s.value), counts.get(s), s == chosen) for s in State)
    return {"chips": [every, *each]}


def _verbs(wanted: Narrowed) -> list[str]:
    """What can be done to some of those that are listed."""
    state = wanted.filter.state
    return [name for name, verb in VERBS.items() if not state or state in verb.states]


ROUTES: Final = (Page(PATH, whole), Page(f"{PATH}/rows", rows), Page(f"{PATH}/states", states))
