"""``tap``: decisions and outcomes as they happen, until Ctrl-C."""

import time
from contextlib import closing
from typing import TYPE_CHECKING

import typer

from yzj_daemon.cli import filters, names, output
from yzj_daemon.cli.session import Session
from yzj_daemon.errors import Phrase
from yzj_daemon.wording import reasons, when

if TYPE_CHECKING:
    from yzj_daemon.storage.following import Happening

LOOK_EVERY = 0.25
"""Seconds between two looks; one that finds nothing new costs next to nothing."""


def tap(
    context: typer.Context, rule: filters.Rule = "", account: filters.Account = "", as_json: filters.Json = False
) -> None:
    from yzj_daemon.storage.following import Follower

    session = Session.of(context)
    with session.store() as store, closing(Follower(store, rule=rule, account=account)) as follower:
        known = names.of(session, store)
        while True:
            for happening in follower.look():
                if as_json:
                    output.as_json(_row(session, happening))
                else:
                    output.line(output.visible(_line(session, happening, known)))
            output.flush()
            time.sleep(LOOK_EVERY)


def _row(session: Session, one: "Happening") -> dict[str, object]:
    told = {
        "at": when.iso(one.at, session.zone),
        "message_id": str(one.message_id),
        "account": one.account,
        "chat": one.chat,
        "rules": list(one.rules),
    }
    if one.delivery is None:
        return {"event": "decision", **told, "type": one.type, "reason": one.outcome, "text": one.text}
    return {"event": "delivery", **told, "delivery_id": str(one.delivery), "state": one.outcome, "reason": one.reason}


def _line(session: Session, one: "Happening", known: names.Names) -> str:
    at, chat, rules = when.clock(one.at, session.zone), known.beside(one.chat), ", ".join(one.rules)
    if one.delivery is None:
        why = reasons.decision(one.outcome).to(session.lang)
        text = one.text if len(one.text) <= output.WIDEST_TEXT else one.text[: output.WIDEST_TEXT] + "…"
        told = f"{one.message_id}  {chat}  {one.type}  {one.outcome}: {why}  {rules}"
        return f"{at}  {told}  {text}".rstrip()
    became = reasons.state(one.outcome, one.reason).to(session.lang)
    of = Phrase("消息", "message").to(session.lang)
    return f"{at}    {one.delivery} → {chat}  {became}  ({of} {one.message_id}, {rules})"
