"""``messages``: what was received, what was decided, and why."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec.structs import replace

from yzj_daemon.cli import filters, kept, names, output, usage
from yzj_daemon.cli.export import export
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.wording import reasons, when

if TYPE_CHECKING:
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.reports import Filter, Judgement, MessageLine, Received

commands = typer.Typer(cls=usage.Commands, help=both("收到的消息", "What was received"), no_args_is_help=True)

_HEADS = (
    Phrase("编号", "id"),
    Phrase("收到", "received"),
    Phrase("账号", "account"),
    Phrase("会话", "chat"),
    Phrase("发送者", "sender"),
    Phrase("类型", "type"),
    Phrase("内容", "text"),
)


@commands.command("list", help=both("列出消息, 新的在前", "List messages, newest first"))
@filters.filtered
def list_(
    context: typer.Context,
    narrowed: "Filter",
    limit: filters.Limit = 50,
    as_json: filters.Json = False,
) -> None:
    _list(Session.of(context), narrowed, limit, as_json=as_json)


@commands.command(help=both("按文字找消息, 新的在前", "Find messages by their words, newest first"))
@filters.filtered
def search(
    context: typer.Context,
    words: Annotated[str, typer.Argument(metavar="WORDS", help=both("文字里的几个字", "words of the text"))],
    narrowed: "Filter",
    limit: filters.Limit = 50,
    as_json: filters.Json = False,
) -> None:
    _list(Session.of(context), replace(narrowed, text=words), limit, as_json=as_json)


def _list(session: Session, narrowed: "Filter", limit: int, *, as_json: bool) -> None:
    kept.tell_unsearched(session, narrowed.text)
    with session.store() as store:
        known = names.of(session, store)
        output.listing(
            _pages(store, narrowed, limit),
            _HEADS,
            lambda line: _cells(session, line, known),
            lambda line: _row(session, line),
            json_lines=as_json,
            lang=session.lang,
        )


def _pages(store: "Store", narrowed: "Filter", limit: int) -> Iterator["MessageLine"]:
    from yzj_daemon.storage.reports import Place, messages

    below: Place | None = None
    left = limit or None
    while left is None or left > 0:
        size = filters.PAGE if left is None else min(filters.PAGE, left)
        page = store.read_now(partial(messages, narrowed=narrowed, limit=size, below=below))
        yield from page
        if len(page) < size:
            return
        below = Place(page[-1].received_at, page[-1].id)
        left = None if left is None else left - len(page)


def _cells(session: Session, line: "MessageLine", known: names.Names) -> tuple[str, ...]:
    text = line.text if len(line.text) <= output.WIDEST_TEXT else line.text[: output.WIDEST_TEXT] + "…"
    at = when.clock(line.received_at, session.zone)
    whole = text if output.terminal() else line.text
    whole = whole if line.kept else kept.NOT_KEPT.to(session.lang)
    account, chat, sender = map(known.beside, (line.account, line.chat, line.sender))
    return (str(line.id), at, account, chat, sender, line.type, whole)


def _row(session: Session, line: "MessageLine") -> dict[str, object]:
    told: dict[str, object] = {**line._asdict(), "id": str(line.id)}
    del told["kept"]
    return {**told, "received_at": when.iso(line.received_at, session.zone)}


@commands.command(
    help=both("一条消息的全部: 决定、理由、转发、原文", "All of one message: decision, reason, deliveries, original")
)
def show(
    context: typer.Context,
    message_id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help=both("编号, 或平台的 svrid 或 wx_svrid", "the id, or the vendor's svrid or wx_svrid")
        ),
    ],
    as_json: filters.Json = False,
) -> None:
    session = Session.of(context)
    with session.store() as store:
        known = names.of(session, store)
        for received in find(store, message_id):
            told = whole(session, store, received)
            if as_json:
                output.as_json(told)
            else:
                print_whole(session, told, known)


commands.command(
    help=both(
        "导出为 JSON, 一行一条, 新的在前; --redact 遮住文字、名字和编号",
        "Export as JSON lines, newest first; --redact masks words, names and ids",
    ),
)(export)


def find(store: "Store", written: str) -> tuple["Received", ...]:
    """The message with this id, else those that the vendor knows by it.

    Raises:
        UsageProblem: there is none.
    """
    from yzj_daemon.storage import reports

    if written.isascii() and written.isdigit() and len(written) < 19:
        by_row = store.read_now(lambda c: reports.received(c, int(written)))
        if by_row is not None:
            return (by_row,)
    found = store.read_now(lambda c: reports.received_as(c, written))
    if not found:
        raise no_such(Phrase("消息", "message"), written)
    return found


def no_such(what: Phrase, written: str) -> UsageProblem:
    return UsageProblem(
        Phrase(f"数据库里没有{what.zh} {written}", f"the store holds no {what.en} {written}"),
        Phrase("它可能早于 store.retention; 用 list 查编号", "it may be older than store.retention; list shows ids"),
    )


def whole(session: Session, store: "Store", received: "Received") -> dict[str, Any]:
    from yzj_daemon.cli.deliveries import row
    from yzj_daemon.storage import reports
    from yzj_daemon.wording.explained import trace_of

    judged = store.read_now(lambda c: reports.judgement(c, received.id))
    owed = store.read_now(lambda c: reports.deliveries_of(c, received.id))
    original = received.original
    return {
        "id": str(received.id),
        "account": original.account,
        "chat": original.chat,
        "chat_type": original.chat_type,
        "sender": original.sender,
        "type": original.type,
        "svrid": original.svrid,
        "wx_svrid": original.wx_svrid,
        "wx_msgid": original.wx_msgid,
        "source": received.source,
        "sent_at": when.iso(original.sent_at, session.zone),
        "received_at": when.iso(received.received_at, session.zone),
        "self_sent": received.message.self_sent,
        "opaque": received.message.opaque,
        "kept": received.kept,
        "text": received.message.text,
        "decision": None if judged is None else _decision(session, judged),
        "deliveries": [row(session, line) for line in owed],
        "trace": trace_of(original.account, original.id, session.settings),
        "original": original.element(),
    }


def _decision(session: Session, judged: "Judgement") -> dict[str, Any]:
    return {
        "reason": judged.reason,
        "rules": list(judged.rules),
        "near": judged.trail.get("near", []),
        "suppressed": judged.trail.get("suppressed", []),
        "errors": judged.trail.get("errors", []),
        "rules_hash": judged.rules_hash,
        "decided_at": when.iso(judged.decided_at, session.zone),
    }


def print_whole(session: Session, told: dict[str, Any], known: names.Names) -> None:
    decision = told["decision"] or {}
    pairs = [
        (Phrase("消息", "message"), f"{told['id']}  svrid {told['svrid'] or '-'}"),
        (Phrase("账号", "account"), known.beside(told["account"])),
        (Phrase("会话", "chat"), known.beside(told["chat"])),
        (Phrase("发送者", "sender"), known.beside(told["sender"])),
        (Phrase("类型", "type"), told["type"]),
        (Phrase("发送于", "sent"), told["sent_at"] or "-"),
        (Phrase("收到于", "received"), f"{told['received_at']} ({told['source']})"),
        (Phrase("内容", "text"), _text(session, told)),
        (Phrase("决定", "decision"), _reason(session, decision)),
        (Phrase("规则", "rules"), ", ".join(decision.get("rules", [])) or "-"),
        (Phrase("规则集", "rule set"), decision.get("rules_hash") or "-"),
    ]
    output.facts(pairs, session.lang)
    _print_trail(session, decision)
    for owed in told["deliveries"]:
        state = reasons.state(owed["state"], owed["reason"]).to(session.lang)
        output.facts(
            [(Phrase("转发", "delivery"), f"{owed['id']} → {known.beside(owed['chat'])}  {state}")], session.lang
        )
    if told["trace"]:
        output.facts([(Phrase("追踪", "trace"), told["trace"])], session.lang)
    original = told["original"] if told["kept"] else kept.NOT_KEPT.to(session.lang)
    output.facts([(Phrase("原文", "original"), original)], session.lang)


def _text(session: Session, told: dict[str, Any]) -> str:
    if not told["kept"]:
        return kept.NOT_KEPT.to(session.lang)
    if told["opaque"]:
        return Phrase("(看不到这条消息里面)", "(cannot see inside this message)").to(session.lang)
    return str(told["text"])


def _reason(session: Session, decision: dict[str, Any]) -> str:
    if not decision:
        return Phrase("没有记录", "none on record").to(session.lang)
    return f"{decision['reason']}: {reasons.decision(decision['reason']).to(session.lang)}"


def _print_trail(session: Session, decision: dict[str, Any]) -> None:
    heads = {
        "near": Phrase("差一点", "near miss"),
        "suppressed": Phrase("被拦下", "suppressed"),
        "errors": Phrase("规则出错", "rule raised"),
    }
    for key, head in heads.items():
        for entry in decision.get(key, []):
            told = "  ".join(f"{name}={value}" for name, value in entry.items() if value not in (None, ""))
            output.facts([(head, told)], session.lang)
