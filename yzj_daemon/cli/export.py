"""``messages export``: all that is known of many messages, as JSON lines, for programs elsewhere."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli import deliveries, filters, kept, names, output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase
from yzj_daemon.wording import when

if TYPE_CHECKING:
    from yzj_daemon.ops.masks import Masks
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.exports import Exported
    from yzj_daemon.storage.reports import DeliveryLine, Filter

PAGE = 200
"""Messages in memory at a time, however many there are."""

NAMES_KEPT = 20_000
"""Messages after which the names that were looked up are let go."""


@filters.filtered
def export(
    context: typer.Context,
    narrowed: "Filter",
    limit: filters.Limit = 0,
    redact: Annotated[
        bool,
        typer.Option(
            "--redact",
            help=both(
                "遮住文字、名字和编号; 同一个编号的遮盖相同",
                "mask words, names and ids; one id has one mask throughout",
            ),
        ),
    ] = False,
    as_json: filters.Json = True,  # noqa: ARG001 - it is JSON anyway
) -> None:
    session = Session.of(context)
    kept.tell_unsearched(session, narrowed.text)
    masks = _masks() if redact else None
    with session.store() as store:
        known = names.of(session, store)
        for number, exported in enumerate(_pages(session, store, narrowed, limit), start=1):
            told = _row(session, known, exported)
            output.as_json(told if masks is None else _masked(told, masks))
            if number % NAMES_KEPT == 0:
                known = names.of(session, store)


def _masks() -> "Masks":
    from yzj_daemon.ops.masks import Masks

    return Masks()


def _pages(session: Session, store: "Store", narrowed: "Filter", limit: int) -> Iterator["Exported"]:
    from yzj_daemon.storage import exports
    from yzj_daemon.storage.reports import Place

    ids = store.read_now(partial(exports.id_span, narrowed=narrowed))
    below: Place | None = None
    left, reached = limit or None, ids[-1] + 1 if ids else 0
    with output.progress(Phrase("导出", "exporting"), len(ids), session.lang) as done:
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            page = store.read_now(partial(exports.page, narrowed=narrowed, limit=size, below=below))
            yield from page
            if len(page) < size:
                return
            last = page[-1].received
            below, left = Place(last.received_at, last.id), None if left is None else left - len(page)
            done(max(0, reached - last.id))
            reached = min(reached, last.id)


def _row(session: Session, known: names.Names, exported: "Exported") -> dict[str, Any]:
    received, zone = exported.received, session.zone
    original = received.original
    return {
        "id": str(received.id),
        "account": original.account,
        "account_name": known.of(original.account),
        "chat": original.chat,
        "chat_name": known.of(original.chat),
        "chat_type": original.chat_type,
        "sender": original.sender,
        "sender_name": known.of(original.sender),
        "type": original.type,
        "svrid": original.svrid,
        "wx_svrid": original.wx_svrid,
        "wx_msgid": original.wx_msgid,
        "source": received.source,
        "sent_at": when.iso(original.sent_at, zone),
        "received_at": when.iso(received.received_at, zone),
        "self_sent": received.message.self_sent,
        "opaque": received.message.opaque,
        "kept": received.kept,
        "text": received.message.text,
        "content": original.content,
        "decision": {
            "reason": exported.reason or None,
            "rules": list(exported.rules),
            "rules_hash": exported.rules_hash,
            "decided_at": when.iso(exported.decided_at, zone),
        },
        "deliveries": [_delivery(session, line) for line in exported.deliveries],
    }


def _delivery(session: Session, line: "DeliveryLine") -> dict[str, object]:
    """As ``deliveries list`` tells it, inside its message."""
    told = deliveries.row(session, line)
    del told["message_id"]
    return told


_IDS = ("account", "chat", "sender", "svrid", "wx_svrid", "wx_msgid")
_NAMES = ("account_name", "chat_name", "sender_name", "text")


def _masked(told: dict[str, Any], masks: "Masks") -> dict[str, Any]:
    told |= {key: masks.id(told[key]) for key in _IDS}
    told |= {key: masks.words(told[key]) for key in _NAMES}
    told["content"] = masks.content(told["content"])
    for owed in told["deliveries"]:
        owed |= {"account": masks.id(owed["account"]), "chat": masks.id(owed["chat"])}
    return told
