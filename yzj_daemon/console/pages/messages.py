"""What was received: the list, narrowed and searched, newest first."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from yzj_daemon.console.asked import Asked
from yzj_daemon.console.named import hits
from yzj_daemon.console.narrowed import MOST_BY_ITSELF, OF_MESSAGES, Narrowed, form, narrowed, turn
from yzj_daemon.console.page import Page
from yzj_daemon.console.refused import refused
from yzj_daemon.storage import reports, searching
from yzj_daemon.storage.reports import Decided, MessageLine, Place
from yzj_daemon.storage.searching import Found

NAME: Final = "messages"
PATH: Final = "/messages"

SHOWN: Final = 50
"""Messages of one page."""

_PLACE: Final = re.compile(r"(\d{1,15})-(\d{1,18})")

FIRST_FIELDS: Final = ("text", "account", "chat", "outcome")
MORE_FIELDS: Final = ("sender", "type", "rule", "since", "until")


class Line(msgspec.Struct, frozen=True):
    """A message, what was decided, and how many of its deliveries are in which state."""

    message: MessageLine
    decided: Decided | None
    states: Sequence[tuple[str, int]]


def whole(asked: Asked) -> str:
    wanted = narrowed(asked, OF_MESSAGES)
    found = searching.messages(asked.store, wanted.filter, SHOWN, _below(asked))
    return asked.render(
        "messages.html",
        page=NAME,
        path=PATH,
        fields=form(asked, wanted, *FIRST_FIELDS),
        more_fields=form(asked, wanted, *MORE_FIELDS),
        given=wanted.given,
        named=hits(asked, wanted.given.get("text", "")),
        newer=wanted.address(f"{PATH}/newer", above=_newest(found)),
        unsearched=bool(wanted.filter.text) and asked.desk.settings.store.content == "none",
        **_rows(asked, wanted, found),
    )


def rows(asked: Asked) -> str:
    """The next ones."""
    wanted = narrowed(asked, OF_MESSAGES)
    found = searching.messages(asked.store, wanted.filter, SHOWN, _below(asked))
    return asked.render("messages_rows.html", page=NAME, **_rows(asked, wanted, found))


def newer(asked: Asked) -> str:
    """How many came since the page was shown, at least."""
    wanted = narrowed(asked, OF_MESSAGES)
    above = _place(asked.query.get("above", "0-0"))
    found = searching.messages(asked.store, wanted.filter, SHOWN).rows
    count = sum((line.received_at, line.id) > above for line in found)
    link = wanted.address(PATH)
    return asked.render("messages_newer.html", page=NAME, count=count, all=count == SHOWN, href=link)


def _rows(asked: Asked, wanted: Narrowed, found: Found[MessageLine, Place]) -> dict[str, object]:
    turns = turn(asked, found.rows)
    return {
        "lines": _lines(asked, found.rows),
        "reached": found.reached,
        "onward": wanted.address(f"{PATH}/rows", below=_told(found.next), turn=turns or None) if found.next else "",
        "by_itself": turns < MOST_BY_ITSELF,
    }


def _lines(asked: Asked, found: Sequence[MessageLine]) -> list[Line]:
    ids = [line.id for line in found]
    decided = reports.decided(asked.store, ids)
    states: dict[int, Counter[str]] = {}
    for owed in reports.deliveries_of_all(asked.store, ids):
        states.setdefault(owed.message_id, Counter())[owed.state] += 1
    return [Line(line, decided.get(line.id), sorted(states.get(line.id, Counter()).items())) for line in found]


def _below(asked: Asked) -> Place | None:
    return _place(asked.query["below"]) if asked.query.get("below") else None


def _place(written: str) -> Place:
    found = _PLACE.fullmatch(written)
    if found is None:
        raise refused(400, "filter.place")
    return Place(int(found[1]), int(found[2]))


def _told(place: Place | None) -> str:
    return "" if place is None else f"{place.received_at}-{place.id}"


def _newest(found: Found[MessageLine, Place]) -> str:
    return _told(Place(found.rows[0].received_at, found.rows[0].id)) if found.rows else "0-0"


ROUTES: Final = (Page(PATH, whole), Page(f"{PATH}/rows", rows), Page(f"{PATH}/newer", newer))
