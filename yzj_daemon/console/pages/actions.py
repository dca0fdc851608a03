"""The audit trail: who did what, when, and to how many, at whichever door."""

import json
from typing import Any, Final

import msgspec

from yzj_daemon.console.asked import Asked
from yzj_daemon.console.narrowed import below, row_id
from yzj_daemon.console.page import Page
from yzj_daemon.console.words import WORDS
from yzj_daemon.errors import UsageProblem
from yzj_daemon.storage import controls
from yzj_daemon.storage.controls import Action
from yzj_daemon.wording import when

NAME: Final = "actions"
PATH: Final = "/actions"

SHOWN: Final = 50
SHOWN_IDS: Final = 8

IDS: Final = frozenset({"account", "chat", "sender", "value"})
INSTANTS: Final = frozenset({"since", "until", "newest"})
HASHES: Final = frozenset({"hash", "before", "after"})

OF_NONE: Final = frozenset({"mute", "unmute", "rules", "rollback", "publish", "withdraw", "moved"})
"""What is done to no deliveries: their number says nothing."""


class Deed(msgspec.Struct, frozen=True):
    """``what``: what it was about, as label and value each. ``counts``: the number of deliveries says something."""

    action: Action
    verb: str
    what: tuple[tuple[str, str], ...]
    counts: bool


def whole(asked: Asked) -> str:
    return asked.render("actions.html", page=NAME, **_told(asked))


def rows(asked: Asked) -> str:
    """The next ones."""
    return asked.render("actions_rows.html", page=NAME, **_told(asked))


def _told(asked: Asked) -> dict[str, object]:
    begins = below(asked)
    found = controls.actions(asked.store, SHOWN, begins)
    onward = f"{PATH}/rows?below={found[-1].id}" if len(found) == SHOWN else ""
    return {"deeds": [deed(asked, action) for action in found], "onward": onward, "first": begins is None}


def told(asked: Asked, written: str) -> Deed | str:
    """What an address says was just done: of an id of the trail, the deed; "nothing"; or "" where it says nothing."""
    number = row_id(written)
    if number is None:
        return written if written == "nothing" else ""
    found = controls.actions(asked.store, 1, number + 1)
    return deed(asked, found[0]) if found and found[0].id == number else ""


def deed(asked: Asked, action: Action) -> Deed:
    what: dict[str, Any] = json.loads(action.what) if action.what else {}
    verb = asked.t(f"verb.{action.verb}") if f"verb.{action.verb}" in WORDS else action.verb
    told = ((_label(asked, key), _value(asked, key, value)) for key, value in what.items() if value)
    return Deed(action, verb, tuple(told), action.verb not in OF_NONE)


def _label(asked: Asked, key: str) -> str:
    return asked.t(f"what.{key}") if f"what.{key}" in WORDS else key


def _value(asked: Asked, key: str, value: Any) -> str:
    match value:
        case list():
            ids = [str(each) for each in value]
            more = f" … ({len(ids)})" if len(ids) > SHOWN_IDS else ""
            return ", ".join(ids[:SHOWN_IDS]) + more
        case True:
            return "✓"
        case int() if key in INSTANTS:
            return asked.at(value)
        case str() if key in INSTANTS:
            return _at(asked, value)
        case str() if key in HASHES:
            return value[:12]
        case str() if key in IDS:
            return asked.names.beside(value)
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def _at(asked: Asked, written: str) -> str:
    """An instant that was written down as text; what is none stays as it is."""
    try:
        return asked.at(when.instant(written, "", asked.now, asked.zone))
    except UsageProblem:
        return written


ROUTES: Final = (Page(PATH, whole), Page(f"{PATH}/rows", rows))
