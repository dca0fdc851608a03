"""Messages: listing and search, one whole, and why."""

import json
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query

from yzj_daemon.console import explaining
from yzj_daemon.console.api import deliveries
from yzj_daemon.console.api.request import Call, Caller, Cursor, Filtered, Limit, cursor_of, place
from yzj_daemon.console.api.shapes import Decision, Explanation, Explanations, Id, Message, MessageWhole, Page
from yzj_daemon.console.refused import Refused
from yzj_daemon.errors import Phrase
from yzj_daemon.storage import reports, searching
from yzj_daemon.storage.reader import Connection
from yzj_daemon.storage.reports import Judgement, MessageLine, Place, Received

routes = APIRouter(tags=["messages"])


@routes.get("/messages")
async def messages(call: Caller, narrowed: Filtered, cursor: Cursor = "", limit: Limit = 50) -> Page[Message]:
    """Messages, newest first; ``text`` searches in what a person reads."""
    ended = place(cursor, 2)
    below = None if ended is None else Place(*ended)
    work = partial(searching.messages, narrowed=call.filter(narrowed), limit=limit, below=below)
    found = await call.read(work)
    return Page(
        rows=[_row(call, line) for line in found.rows],
        next=cursor_of(*found.next) if found.next else None,
        searched_to=call.iso_or_none(found.reached),
    )


def _row(call: Call, line: MessageLine) -> Message:
    return Message(**{**line._asdict(), "id": str(line.id), "received_at": call.iso(line.received_at)})


@routes.get("/messages/{id}")
async def message(call: Caller, id_: Annotated[Id, Path(alias="id")]) -> MessageWhole:
    """All of one message: text, original, decision, deliveries."""
    return await call.read(lambda connection: _whole(call, connection, found(connection, id_)))


@routes.get("/messages/{id}/explanation")
async def explanation(
    call: Caller, id_: Annotated[Id, Path(alias="id")], now: Annotated[bool, Query()] = False
) -> Explanation:
    """Why it matched each rule or not: by the rules that decided it, or with ``now`` by those in force."""

    def explain(connection: Connection) -> dict[str, Any]:
        return explaining.of_message(call.desk, connection, found(connection, id_), now=now)

    return Explanation(**await call.read(explain))


@routes.post("/explanations")
async def explanations(call: Caller, message: Annotated[dict[str, Any], Body()]) -> Explanations:
    """Why a message that is not stored would match each rule in force: as the platform sends it, decrypted."""

    def explain() -> list[dict[str, Any]]:
        return list(explaining.of_body(call.desk, json.dumps(message, ensure_ascii=False).encode(), call.now))

    return Explanations(rows=[Explanation(**told) for told in await call.desk.reader.run(explain)])


def found(connection: Connection, id_: str) -> Received:
    """Raises Refused: there is none."""
    received = reports.received(connection, int(id_))
    if received is None:
        raise Refused(
            404,
            Phrase(f"没有消息 {id_}", f"there is no message {id_}"),
            Phrase("它可能早于 store.retention", "it may be older than store.retention"),
        )
    return received


def _whole(call: Call, connection: Connection, received: Received) -> MessageWhole:
    judged = reports.judgement(connection, received.id)
    owed = reports.deliveries_of(connection, received.id)
    original = received.original
    return MessageWhole(
        id=str(received.id),
        account=original.account,
        chat=original.chat,
        chat_type=original.chat_type,
        sender=original.sender,
        type=original.type,
        svrid=original.svrid,
        wx_svrid=original.wx_svrid,
        wx_msgid=original.wx_msgid,
        source=received.source,
        sent_at=call.iso_or_none(original.sent_at),
        received_at=call.iso(received.received_at),
        self_sent=received.message.self_sent,
        opaque=received.message.opaque,
        kept=received.kept,
        text=received.message.text,
        decision=None if judged is None else _decision(call, judged),
        deliveries=[deliveries.row(call, line) for line in owed],
        original=original.element(),
    )


def _decision(call: Call, judged: Judgement) -> Decision:
    return Decision(
        reason=judged.reason,
        rules=list(judged.rules),
        near=judged.trail.get("near", []),
        suppressed=judged.trail.get("suppressed", []),
        errors=judged.trail.get("errors", []),
        rules_hash=judged.rules_hash,
        decided_at=call.iso(judged.decided_at),
    )
