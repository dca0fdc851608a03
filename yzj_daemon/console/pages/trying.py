"""Try a message: what would become of it, and why. One that somebody writes, pastes, or picks from those received."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import msgspec
from starlette.responses import HTMLResponse, Response

from yzj_daemon.clock import Millis
from yzj_daemon.console import deciding, explaining
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.deciding import Decided
from yzj_daemon.console.page import Act, Page
from yzj_daemon.console.refused import refused
from yzj_daemon.message import KNOWN_TYPES, Message
from yzj_daemon.storage import reports
from yzj_daemon.storage.reports import Filter, MessageLine, Received
from yzj_daemon.wording import when
from yzj_daemon.wording.explained import Case, explained

NAME: Final = "try"
PATH: Final = "/try"

OFFERED: Final = 10
"""Stored messages to pick from."""

MOST: Final = 5
"""Messages of one body that are explained."""

FIELDS: Final = ("text", "type", "chat", "sender", "account", "at", "json")
TYPES: Final = ("text", *sorted(KNOWN_TYPES - {"text"}))


class Tried(msgspec.Struct, frozen=True):
    """What is shown of one message; ``heading`` says by which rules. ``message``: its id in the store, or ""."""

    heading: str
    decided: Decided
    message: str = ""
    aside: bool = False


def show(asked: Asked) -> str:
    """The forms; with ``message`` in the address, what becomes of that one."""
    id_ = asked.query.get("message", "")
    tried = tuple(_stored(asked, received_as(asked, id_))) if id_ else ()
    return _whole(asked, tried, {key: asked.query.get(key, "") for key in FIELDS}, picked=id_)


def offered(asked: Asked) -> str:
    """Stored messages to pick from: a part of the page."""
    return asked.render("try_stored.html", **_offer(asked))


async def attempt(asked: Asked) -> Response:
    """Of what a form says. Nothing is written."""
    return HTMLResponse(await asked.desk.reader.read(lambda connection: _tried(asked.on(connection))))


def received_as(asked: Asked, written: str) -> Received:
    """The stored message with this id of ours or of the platform's. Raises Refused: there is none."""
    digits = written.isascii() and written.isdigit() and len(written) < 19
    found = reports.received(asked.store, int(written)) if digits else None
    if found is None:
        found = next(iter(reports.received_as(asked.store, written, 1)), None)
    if found is None:
        raise refused(404, "try.none")
    return found


def _tried(asked: Asked) -> str:
    given = {key: str(asked.form.get(key, "")) for key in FIELDS}
    at = when.instant(given["at"], asked.t("try.at"), asked.now, asked.zone) if given["at"] else asked.now
    tried = tuple(_pasted(asked, given["json"], at) if given["json"].strip() else _written(asked, given, at))
    if asked.by_htmx:
        return asked.render("try_result.html", **_result(tried))
    return _whole(asked, tried, given)


def _result(tried: tuple[Tried, ...]) -> dict[str, object]:
    return {"tried": tried[:MOST], "most": MOST, "more": len(tried) > MOST}


def _whole(asked: Asked, tried: tuple[Tried, ...], given: dict[str, str], picked: str = "") -> str:
    names = sorted(asked.desk.ruleset.names.items(), key=lambda pair: pair[1])
    said = {"names": names, "types": TYPES, "given": given, "picked": picked}
    return asked.render("try.html", page=NAME, **said, **_result(tried), **_offer(asked))


def _offer(asked: Asked) -> dict[str, object]:
    words = asked.query.get("q", "").strip()
    lines: tuple[MessageLine, ...] = reports.messages(asked.store, Filter(text=words), OFFERED)
    return {"q": words, "lines": [line for line in lines if line.kept]}


def _stored(asked: Asked, received: Received) -> Iterator[Tried]:
    """By the rules in force, and where others decided it, by those as well."""
    desk, rule = asked.desk, asked.query.get("rule", "")
    now = explaining.of_message(desk, asked.store, received, now=True)
    yield Tried(asked.t("try.by_now"), deciding.shown(asked, now, rule=rule), str(received.id))
    judged = reports.judgement(asked.store, received.id)
    if judged is not None and judged.sources and judged.rules_hash != desk.ruleset.hash:
        then = explaining.of_message(desk, asked.store, received)
        yield Tried(asked.t("try.by_then"), deciding.shown(asked, then, rule=rule), str(received.id), aside=True)


def _pasted(asked: Asked, body: str, at: Millis) -> Iterator[Tried]:
    """One more than are shown, to know whether there are more."""
    for told in islice(explaining.of_body(asked.desk, body.encode(errors="replace"), at), MOST + 1):
        yield Tried(asked.t("try.by_now"), deciding.shown(asked, told))


def _written(asked: Asked, given: dict[str, str], at: Millis) -> Iterator[Tried]:
    message = written(asked, given, at)
    case = Case(message_id="", message=message, at=at, ruleset=asked.desk.ruleset)
    told = explained(case, asked.desk.settings, asked.zone)
    yield Tried(asked.t("try.by_now"), deciding.shown(asked, told))


def written(asked: Asked, given: dict[str, str], at: Millis) -> Message:
    """A message as the fields of the form say it. Raises Refused: they say nothing."""
    said = {key: given[key].strip() for key in ("chat", "sender", "account")}
    text, type_ = given["text"], given["type"] or "text"
    if not text.strip() and not any(said.values()) and type_ == "text":
        raise refused(400, "try.nothing")
    ids = {name: id_ for id_, name in asked.desk.ruleset.names.items()}
    account, chat, sender = (ids.get(said[key], said[key]) for key in ("account", "chat", "sender"))
    return Message(
        account=account,
        id="",
        chat=chat,
        chat_type="room" if chat.startswith("R:") else "private",
        sender=sender,
        type=type_,
        sent_at=at,
        text=text,
        content=json.dumps(_content(type_, text), ensure_ascii=False),
        self_sent=bool(account) and sender == account,
    )


def _content(type_: str, text: str) -> dict[str, Any]:
    return {"items": [{"type": "text", "text": text}]} if type_ == "text" else {"title": text}


ROUTES: Final = (Page(PATH, show), Page("/try/stored", offered), Act(PATH, attempt, role="viewer"))
