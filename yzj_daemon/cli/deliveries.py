"""``deliveries``: what was owed to which chat, and what became of it."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli import filters, names, output, usage
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase
from yzj_daemon.wording import reasons, when

if TYPE_CHECKING:
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.reports import CallLine, DeliveryLine, Filter

commands = typer.Typer(
    cls=usage.Commands, help=both("转发: 欠谁的, 结果如何", "What was owed to whom, and its end"), no_args_is_help=True
)

_HEADS = (
    Phrase("编号", "id"),
    Phrase("消息", "message"),
    Phrase("创建", "created"),
    Phrase("账号", "account"),
    Phrase("目标", "to chat"),
    Phrase("状态", "state"),
    Phrase("次数", "tries"),
    Phrase("规则", "rules"),
)


@commands.command("list", help=both("列出转发, 新的在前", "List deliveries, newest first"))
@filters.filtered
def list_(
    context: typer.Context,
    narrowed: "Filter",
    limit: filters.Limit = 50,
    as_json: filters.Json = False,
) -> None:
    session = Session.of(context)
    with session.store() as store:
        known = names.of(session, store)
        output.listing(
            pages(store, narrowed, limit),
            _HEADS,
            lambda line: _cells(session, line, known),
            lambda line: row(session, line),
            json_lines=as_json,
            lang=session.lang,
        )


def pages(store: "Store", narrowed: "Filter", limit: int) -> Iterator["DeliveryLine"]:
    from yzj_daemon.storage.reports import deliveries

    below: int | None = None
    left = limit or None
    while left is None or left > 0:
        size = filters.PAGE if left is None else min(filters.PAGE, left)
        page = store.read_now(partial(deliveries, narrowed=narrowed, limit=size, below=below))
        yield from page
        if len(page) < size:
            return
        below = page[-1].id
        left = None if left is None else left - len(page)


def _cells(session: Session, line: "DeliveryLine", known: names.Names) -> tuple[str, ...]:
    state = f"{line.state} {reasons.state(line.state, line.reason).to(session.lang)}"
    created = when.clock(line.created_at, session.zone)
    tries, rules = str(line.attempts), ",".join(line.rules)
    account, chat = known.beside(line.account), known.beside(line.chat)
    return (str(line.id), str(line.message_id), created, account, chat, state, tries, rules)


def row(session: Session, line: "DeliveryLine") -> dict[str, Any]:
    """A delivery as programs see it."""
    return {
        **line._asdict(),
        "id": str(line.id),
        "message_id": str(line.message_id),
        "rules": list(line.rules),
        "created_at": when.iso(line.created_at, session.zone),
        "updated_at": when.iso(line.updated_at, session.zone),
    }


@commands.command(
    help=both("一次转发的全部调用、时间和平台的原话", "All calls of one delivery, with times and answers")
)
def show(
    context: typer.Context,
    delivery_id: Annotated[str, typer.Argument(metavar="ID", help=both("转发的编号", "the delivery's id"))],
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.cli.messages import no_such
    from yzj_daemon.storage import reports

    session = Session.of(context)
    number = filters.row_id(delivery_id)
    with session.store() as store:
        line = store.read_now(lambda c: reports.delivery(c, number))
        if line is None:
            raise no_such(Phrase("转发", "delivery"), delivery_id)
        calls = store.read_now(lambda c: reports.calls_of(c, number))
        told = {**row(session, line), "calls": [_call(session, call) for call in calls]}
        if as_json:
            output.as_json(told)
        else:
            _print(session, told, names.of(session, store))


def _call(session: Session, call: "CallLine") -> dict[str, Any]:
    return {
        "id": str(call.id),
        "began_at": when.iso(call.began_at, session.zone),
        "ended_at": when.iso(call.ended_at, session.zone),
        "seconds": None if call.ended_at is None else (call.ended_at - call.began_at) / 1000,
        "outcome": call.outcome,
        "reason": call.reason,
        "detail": call.detail,
    }


def _print(session: Session, told: dict[str, Any], known: names.Names) -> None:
    state = reasons.state(told["state"], told["reason"]).to(session.lang)
    output.facts(
        [
            (Phrase("转发", "delivery"), told["id"]),
            (Phrase("消息", "message"), told["message_id"]),
            (Phrase("账号", "account"), known.beside(told["account"])),
            (Phrase("目标", "to chat"), known.beside(told["chat"])),
            (Phrase("状态", "state"), f"{told['state']}  {state}"),
            (Phrase("规则", "rules"), ", ".join(told["rules"])),
            (Phrase("创建", "created"), told["created_at"]),
            (Phrase("更新", "updated"), told["updated_at"]),
        ],
        session.lang,
    )
    for call in told["calls"]:
        end = call["outcome"] or Phrase("还没有回答", "no answer yet").to(session.lang)
        words = " ".join(word for word in (end, call["reason"], call["detail"]) if word)
        took = "" if call["seconds"] is None else f" {call['seconds']:.2f}s"
        output.facts([(Phrase("调用", "call"), f"{call['id']}  {call['began_at']}{took}  {words}")], session.lang)
