"""The rule sets that were in force, what each changed, and back to one of them."""

import json
from functools import partial
from typing import Final

import msgspec
from starlette.responses import RedirectResponse, Response

from yzj_daemon.clock import Millis
from yzj_daemon.console import drafts, rulefiles
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.differing import differing
from yzj_daemon.console.page import Act, Page
from yzj_daemon.console.pages.draft import taken_up
from yzj_daemon.console.refused import Refused, refused
from yzj_daemon.console.rulefiles import Hindered, Stale
from yzj_daemon.errors import Phrase
from yzj_daemon.rules import load
from yzj_daemon.storage import controls, rule_history
from yzj_daemon.storage.reader import Connection
from yzj_daemon.storage.rule_history import Change

NAME: Final = "rules"
PATH: Final = "/history"

AT_ONCE: Final = 50
IDS: Final = 8
"""Rules of one change that the list names; the rest is counted."""

ACTIONS: Final = 500
"""Of the newest actions, those that wrote rule files tell who did."""

_SIGNS: Final = (("+", "added", "good"), ("~", "changed", "doubt"), ("−", "removed", "bad"))


class Line(msgspec.Struct, frozen=True):
    """A set that came into force. ``who`` wrote it from here, or ""."""

    at: Millis
    hash: str
    rules: int
    signs: tuple[tuple[str, tuple[str, ...], int, str], ...]
    who: str
    in_force: bool


def list_(asked: Asked) -> str:
    changes = rule_history.changes(asked.store, AT_ONCE)
    who = _who(asked.store)
    lines = [_line(asked, change, who, first=number == 0) for number, change in enumerate(changes)]
    applied = asked.query.get("applied", "")
    fresh = changes[0] if changes and changes[0].hash == applied else None
    before = next((change for change in changes[1:] if change.hash != applied), None) if fresh else None
    return asked.render(
        "history.html",
        page=NAME,
        tab="history",
        lines=lines,
        fresh=fresh,
        rules=[id_ for _, how, _ in _SIGNS[:2] for id_ in _ids(fresh, how)][:IDS] if fresh else [],
        before=before,
        base=rulefiles.base_of_all(drafts.on_disk(asked.desk).texts) if before else "",
        hindrance=_hindrance(asked, before),
    )


def _who(connection: Connection) -> dict[str, str]:
    """By the hash of the set that they wrote."""
    found: dict[str, str] = {}
    for action in controls.actions(connection, ACTIONS):
        if action.verb in {"rules", "rollback"}:
            told = json.loads(action.what)
            found.setdefault(told.get("after") or told.get("hash") or "", action.who)
    return found


def _line(asked: Asked, change: Change, who: dict[str, str], *, first: bool) -> Line:
    signs = tuple((sign, ids[:IDS], len(ids), tone) for sign, how, tone in _SIGNS if (ids := _ids(change, how)))
    in_force = first and change.hash == asked.desk.ruleset.hash
    return Line(change.at, change.hash, change.rules, signs, who.get(change.hash, ""), in_force)


def _ids(change: Change, how: str) -> tuple[str, ...]:
    return tuple(json.loads(change.summary or "{}").get(how, ()))


def _hindrance(asked: Asked, change: Change | None) -> str:
    why = rulefiles.hindrance(asked.desk, *change.sources) if change is not None else None
    return why.to(asked.lang) if why else ""


def one(asked: Asked) -> str:
    """One set: how the files differ from it, and what they would say."""
    change = _change(asked.store, asked.request.path_params["hash"])
    now = drafts.on_disk(asked.desk).texts
    return asked.render(
        "history_one.html",
        page=NAME,
        tab="history",
        change=change,
        differs=differing(now, change.sources),
        base=rulefiles.base_of_all(now),
        hindrance=_hindrance(asked, change),
    )


def _change(connection: Connection, digest: str) -> Change:
    """Raises Refused: there is none."""
    found = next((change for change in rule_history.changes(connection, 0) if change.hash == digest), None)
    if found is None:
        raise refused(404, "history.none")
    return found


async def restore(asked: Asked) -> Response:
    """Put the files back to what they were then."""
    desk, base = asked.desk, str(asked.form.get("base", ""))
    change = await desk.reader.read(partial(_change, digest=asked.request.path_params["hash"]))
    loaded = await desk.reader.run(partial(load.load_texts, change.sources, dialect=desk.settings.dialect()))
    if loaded.ruleset is None:
        raise Refused(409, load.problem(loaded).what, _MEND)
    match await desk.reader.run(partial(rulefiles.restore, desk, change.sources, base)):
        case Hindered(why):
            raise Refused(409, why)
        case Stale():
            raise refused(409, "history.stale")
        case None:
            await taken_up(asked, "rollback", {"hash": change.hash, "path": str(desk.settings.rules.path)})
            return RedirectResponse(f"{PATH}?applied={change.hash}", 303)


_MEND: Final = Phrase(
    "这个版本的程序不再接受那份规则: 用它的文字开一份草稿, 改好再用",
    "this version does not take those rules any more: use their text in a draft, and mend it",
)

ROUTES: Final = (Page(PATH, list_), Page("/history/{hash}", one), Act("/history/{hash}/restore", restore))
