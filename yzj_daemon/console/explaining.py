"""Messages to explain, with the rules that decided them or those in force: for the pages and for the API."""

from collections.abc import Iterator
from typing import Any

from yzj_daemon.clock import Millis
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.refused import Refused
from yzj_daemon.errors import Phrase
from yzj_daemon.rules import load
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.storage import reports
from yzj_daemon.storage.reader import Connection
from yzj_daemon.storage.reports import Judgement, Received
from yzj_daemon.wording.explained import Case, explained, of_batch, of_then
from yzj_daemon.yzj import payloads


def of_message(desk: Desk, connection: Connection, received: Received, *, now: bool = False) -> dict[str, Any]:
    """A stored message by the rules that decided it; ``now``: by those in force.

    Raises Refused: its content is not in the store any more, or this version cannot read those rules.
    """
    if not received.kept:
        raise _not_kept()
    judged = reports.judgement(connection, received.id)
    then = judged is not None and bool(judged.sources) and not now
    case = Case(
        message_id=str(received.id),
        message=received.message,
        at=received.received_at,
        ruleset=ruleset_of(desk, judged) if judged is not None and then else desk.ruleset,
        pulled=received.source == "pull",
        then=None if judged is None else of_then(judged, reports.deliveries_of(connection, received.id)),
        as_then=then,
    )
    return explained(case, desk.settings, desk.zone)


def of_body(desk: Desk, body: bytes, at: Millis) -> Iterator[dict[str, Any]]:
    """Messages that somebody pasted, as the platform sends them (decrypted), by the rules in force.

    Raises Refused: there is none in it.
    """
    batch = payloads.split(body)
    if not batch.originals:
        raise _no_message(batch.unreadable[0].detail if batch.unreadable else "")
    for case in of_batch(batch, at, desk.ruleset):
        yield explained(case, desk.settings, desk.zone)


def ruleset_of(desk: Desk, judged: Judgement) -> Ruleset:
    """The rules that decided; those that are not in force any more are loaded, and kept a while.

    Raises Refused: this version cannot read them.
    """
    if judged.rules_hash == desk.ruleset.hash:
        return desk.ruleset
    found = desk.stored_rules.get(judged.rules_hash)
    if found is None:
        found = load.load_kept(judged.sources, desk.settings.dialect()).ruleset
        if found is None:
            raise _unreadable()
        desk.stored_rules.put(judged.rules_hash, found)
    return found


def _not_kept() -> Refused:
    return Refused(
        409,
        Phrase(
            "这条消息的原文没有保存, 不能再问规则; 收到时的决定还在",
            "the content of this message was not kept: no rule can be asked again; the decision of then is there",
        ),
    )


def _no_message(why: str) -> Refused:
    return Refused(
        400,
        Phrase(f"里面没有能读懂的消息 {why}".rstrip(), f"there is no message in it that can be read {why}".rstrip()),
        Phrase(
            "它应当是平台推送的 JSON(解密后), 或其中一条消息",
            "it should be the vendor's decrypted JSON, or one message",
        ),
    )


def _unreadable() -> Refused:
    return Refused(
        409,
        Phrase("当时的规则集, 这个版本已经读不懂了", "the rule set of then cannot be read by this version any more"),
        Phrase("用现在的规则解释 (now)", "explain it by the rules of now (now)"),
    )
