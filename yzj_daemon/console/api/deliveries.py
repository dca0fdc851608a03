"""Deliveries: listing, one whole, and what an operator orders for them."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path

from yzj_daemon.console.api.request import Call, Caller, Cursor, Filtered, Limit, cursor_of, place
from yzj_daemon.console.api.shapes import Call as CallShape
from yzj_daemon.console.api.shapes import (
    Choice,
    Delivery,
    DeliveryWhole,
    Id,
    Narrowed,
    Ordered,
    Page,
    Requeue,
    Settle,
)
from yzj_daemon.console.refused import Refused
from yzj_daemon.errors import Phrase
from yzj_daemon.flow import orders
from yzj_daemon.flow.orders import Chosen, Count, Order, carry_out
from yzj_daemon.storage import outbox, reports, searching
from yzj_daemon.storage.reader import Connection
from yzj_daemon.storage.reports import CallLine, DeliveryLine

routes = APIRouter(tags=["deliveries"])


@routes.get("/deliveries")
async def deliveries(call: Caller, narrowed: Filtered, cursor: Cursor = "", limit: Limit = 50) -> Page[Delivery]:
    """What was owed to which chat, and what became of it, newest first."""
    ended = place(cursor, 1)
    below = None if ended is None else ended[0]
    work = partial(searching.deliveries, narrowed=call.filter(narrowed), limit=limit, below=below)
    found = await call.read(work)
    return Page(
        rows=[row(call, line) for line in found.rows],
        next=cursor_of(found.next) if found.next else None,
        searched_to=call.iso_or_none(found.reached),
    )


def row(call: Call, line: DeliveryLine) -> Delivery:
    given = line._asdict()
    given |= {"id": str(line.id), "message_id": str(line.message_id), "rules": list(line.rules)}
    given |= {"created_at": call.iso(line.created_at), "updated_at": call.iso(line.updated_at)}
    return Delivery(**given)


@routes.get("/deliveries/{id}")
async def delivery(call: Caller, id_: Annotated[Id, Path(alias="id")]) -> DeliveryWhole:
    """One delivery with all its calls and the platform's answers."""

    def whole(connection: Connection) -> DeliveryWhole:
        line = reports.delivery(connection, int(id_))
        if line is None:
            raise _missing([id_])
        calls = [_call(call, one) for one in reports.calls_of(connection, line.id)]
        return DeliveryWhole(**row(call, line).model_dump(), calls=calls)

    return await call.read(whole)


def _call(call: Call, line: CallLine) -> CallShape:
    return CallShape(
        id=str(line.id),
        began_at=call.iso(line.began_at),
        ended_at=call.iso_or_none(line.ended_at),
        seconds=None if line.ended_at is None else (line.ended_at - line.began_at) / 1000,
        outcome=line.outcome,
        reason=line.reason,
        detail=line.detail,
    )


# Orders -------------------------------------------------------------------------------------------------------------


@routes.post("/deliveries/hold")
async def hold(call: Caller, choice: Choice) -> Ordered:
    """Those that wait wait for a person from now on."""
    return await _ordered(call, orders.HOLD, choice)


@routes.post("/deliveries/release")
async def release(call: Caller, choice: Choice) -> Ordered:
    """Those that are held may leave; by a rule, its hold is lifted, too."""
    return await _ordered(call, orders.RELEASE, choice)


@routes.post("/deliveries/requeue")
async def requeue(call: Caller, choice: Requeue) -> Ordered:
    """What failed, expired or was dropped is queued anew; what may have arrived only with ``again``."""
    return await _ordered(call, orders.SEND_AGAIN if choice.again else orders.REQUEUE, choice)


@routes.post("/deliveries/drop")
async def drop(call: Caller, choice: Choice) -> Ordered:
    """They are not sent any more."""
    return await _ordered(call, orders.DROP, choice)


@routes.post("/deliveries/settle")
async def settle(call: Caller, choice: Settle) -> Ordered:
    """Say what became of deliveries that nobody could know of."""
    return await _ordered(call, orders.settled(arrived=choice.as_ == "sent"), choice)


async def _ordered(call: Call, order: Order, choice: Choice) -> Ordered:
    """Raises Refused: it is not said which, or what is there is not what was expected."""
    if choice.ids and choice.filter != Narrowed():
        raise Refused(400, Phrase("ids 和 filter 只能写一个", "ids and filter: one of the two"))
    if not choice.ids and choice.filter == Narrowed() and not choice.all:
        raise Refused(
            400,
            Phrase("没有说是哪些转发", "which deliveries is not said"),
            Phrase("写 ids、filter, 或 all", "give ids, a filter, or all"),
        )
    chosen = Chosen(tuple(map(int, choice.ids)), call.filter(choice.filter))
    count = await call.read(partial(orders.count, order=order, chosen=chosen))
    _refuse(count, choice)
    done = 0
    if not choice.dry_run:
        done = (await carry_out(call.desk.store, order, chosen, who=call.who, now=call.now)).deliveries
        if done:
            call.desk.wake(await call.read(outbox.accounts_owing))
    return Ordered(
        verb=order.verb.en,
        dry_run=choice.dry_run,
        ready=count.ready,
        doubtful=count.doubtful,
        other=count.other,
        done=done,
    )


def _refuse(count: Count, choice: Choice) -> None:
    if count.missing:
        raise _missing([str(id_) for id_ in count.missing])
    if choice.dry_run:
        return
    if choice.expected is not None and choice.expected != count.ready:
        raise Refused(
            409,
            Phrase(
                f"现在是 {count.ready} 条, 不是 {choice.expected} 条, 没有执行",
                f"there are {count.ready} of them now, not {choice.expected}; nothing was done",
            ),
        )
    if count.doubtful and (choice.ids or not count.ready):
        raise Refused(
            409,
            Phrase(
                f"{count.doubtful} 条转发可能已经送达, 再发会让对方收到两次",
                f"{count.doubtful} of them may have arrived; sent again, the chat gets them twice",
            ),
            Phrase("确定要再发就加上 again", "add again if that is wanted"),
        )


def _missing(ids: list[str]) -> Refused:
    told = ", ".join(ids[:10])
    return Refused(404, Phrase(f"没有转发 {told}", f"there are no deliveries {told}"))
