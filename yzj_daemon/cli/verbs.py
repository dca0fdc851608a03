"""What an operator may do to deliveries: hold, release, requeue, drop, settle. By id or by filter, counted first.

Everything is written down with who and when. A running daemon takes it up within ten seconds.
"""

import getpass
import os
import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from yzj_daemon.cli import deliveries, filters, output
from yzj_daemon.cli.messages import no_such
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, UsageProblem

if TYPE_CHECKING:
    from yzj_daemon.flow.orders import Order
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.reports import Filter

commands = deliveries.commands

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help=both("转发的编号; 不写则用筛选", "ids; without any, the filter chooses")),
]
Yes = Annotated[bool, typer.Option("--yes", help=both("不再询问", "do not ask"))]
Everything = Annotated[bool, typer.Option("--all", help=both("不加筛选, 全部", "without any filter: all there are"))]


def who() -> str:
    """Whoever typed it, also behind sudo."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def _carry_out(
    context: typer.Context,
    order: "Order",
    ids: list[str] | None,
    narrowed: "Filter",
    *,
    everything: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Count, ask, do it in bites, write it down."""
    from yzj_daemon.flow.orders import BITE, Chosen
    from yzj_daemon.storage import controls

    session = Session.of(context)
    with session.store() as store:
        told = {"ids": ids} if ids else Chosen(narrowed=narrowed).told()
        if not told and not everything:
            raise _which()
        found = list(_chosen(store, ids or [], narrowed))
        chosen = [line_id for line_id, state in found if state in order.states]
        _refuse_doubtful(order, [state for _, state in found], chosen, named=bool(ids))
        if chosen and not yes:
            count = len(chosen)
            ask(Phrase(f"{order.verb.zh} {count} 条转发?", f"{order.verb.en} {count} deliveries?"), session)
        _refuse_without_content(order, store, chosen)
        lifted = _lifted(order, store, narrowed.rule)
        more = {**order.more, **lifted}
        done = 0
        for start in range(0, len(chosen), BITE):
            work = partial(order.act, ids=chosen[start : start + BITE], now=session.now)
            done += store.write_now(work)
        if done or more:
            what = {**told, **more}
            store.write_now(
                partial(controls.record, who=who(), verb=order.verb.en, what=what, affected=done, now=session.now)
            )
    if as_json:
        output.as_json({"verb": order.verb.en, "deliveries": done, **lifted})
        return
    output.line(Phrase(f"{order.verb.zh}: {done} 条转发", f"{order.verb.en}: {done} deliveries").to(session.lang))
    if rule := lifted.get("rule_released"):
        output.line(Phrase(f"规则 {rule} 不再被扣住", f"rule {rule} is held no more").to(session.lang))


def _lifted(order: "Order", store: "Store", rule: str) -> dict[str, str]:
    """A release by rule lifts the hold on the rule, too."""
    from yzj_daemon.flow.orders import RELEASE
    from yzj_daemon.storage import controls

    if order is RELEASE and rule and store.write_now(partial(controls.release_rule, rule=rule)):
        return {"rule_released": rule}
    return {}


def _chosen(store: "Store", ids: list[str], narrowed: "Filter") -> Iterator[tuple[int, str]]:
    """Id and state of each delivery that is named or that the filter finds."""
    from yzj_daemon.storage.reports import delivery

    for written in ids:
        line = store.read_now(partial(delivery, delivery_id=filters.row_id(written)))
        if line is None:
            raise no_such(Phrase("转发", "delivery"), written)
        yield line.id, line.state
    if not ids:
        yield from ((line.id, line.state) for line in deliveries.pages(store, narrowed, 0))


def _refuse_doubtful(order: "Order", states: list[str], chosen: list[int], *, named: bool) -> None:
    doubtful = sum(state in order.doubtful for state in states)
    if doubtful and (named or not chosen):
        raise UsageProblem(
            Phrase(
                f"{doubtful} 条转发可能已经送达, 再发会让对方收到两次",
                f"{doubtful} of them may have arrived; sent again, the chat gets them twice",
            ),
            Phrase("确定要再发就加上 --again", "add --again if that is wanted"),
        )


def _refuse_without_content(order: "Order", store: "Store", chosen: list[int]) -> None:
    """Raises UsageProblem: none of them could leave, for nothing is there to be forwarded."""
    from yzj_daemon.flow.orders import BITE
    from yzj_daemon.storage import controls

    if order.act not in {controls.requeue, controls.send_again} or not chosen:
        return
    gone = sum(
        store.read_now(partial(controls.without_content, ids=chosen[start : start + BITE]))
        for start in range(0, len(chosen), BITE)
    )
    if gone == len(chosen):
        raise UsageProblem(
            Phrase(
                f"{gone} 条转发的原文没有保存 (store.content = none), 不能再发",
                f"{gone} deliveries cannot leave again: their originals were not kept (store.content = none)",
            )
        )


def _which() -> UsageProblem:
    return UsageProblem(
        Phrase("没有说是哪些转发", "which deliveries is not said"),
        Phrase("写编号、筛选(如 --state held), 或 --all", "name ids, a filter (such as --state held), or --all"),
    )


def ask(what: Phrase, session: Session) -> None:
    """Go on only if a person says yes.

    Raises:
        UsageProblem: there is no terminal to answer.
        Abort: the answer is no.
    """
    question = what.to(session.lang)
    if not sys.stdin.isatty():
        raise UsageProblem(
            Phrase(f"{question} 没有终端可以回答", f"{question} there is no terminal to answer"),
            Phrase("确定的话加上 --yes", "add --yes if you are sure"),
        )
    if not typer.confirm(question):
        raise typer.Abort


@commands.command(help=both("扣住等待中的转发", "Hold deliveries that wait"))
@filters.filtered
def hold(
    context: typer.Context,
    narrowed: "Filter",
    ids: Ids = None,
    everything: Everything = False,
    yes: Yes = False,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.flow.orders import HOLD

    _carry_out(context, HOLD, ids, narrowed, everything=everything, yes=yes, as_json=as_json)


@commands.command(
    help=both(
        "放行被扣住的转发; --rule 同时解除对该规则的扣住",
        "Let held deliveries go; with --rule, lift the rule's hold too",
    )
)
@filters.filtered
def release(
    context: typer.Context,
    narrowed: "Filter",
    ids: Ids = None,
    everything: Everything = False,
    yes: Yes = False,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.flow.orders import RELEASE

    _carry_out(context, RELEASE, ids, narrowed, everything=everything, yes=yes, as_json=as_json)


@commands.command(
    help=both(
        "重新排队: 失败、过期、丢弃的; 可能已送达的要加 --again",
        "Queue anew what failed, expired or was dropped; what may have arrived needs --again",
    )
)
@filters.filtered
def requeue(
    context: typer.Context,
    narrowed: "Filter",
    ids: Ids = None,
    again: Annotated[
        bool, typer.Option("--again", help=both("可能已经送达的也再发一次", "send once more what may have arrived"))
    ] = False,
    everything: Everything = False,
    yes: Yes = False,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.flow.orders import REQUEUE, SEND_AGAIN

    _carry_out(
        context, SEND_AGAIN if again else REQUEUE, ids, narrowed, everything=everything, yes=yes, as_json=as_json
    )


@commands.command(help=both("丢弃: 不再发送", "Drop: they are not sent any more"))
@filters.filtered
def drop(
    context: typer.Context,
    narrowed: "Filter",
    ids: Ids = None,
    everything: Everything = False,
    yes: Yes = False,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.flow.orders import DROP

    _carry_out(context, DROP, ids, narrowed, everything=everything, yes=yes, as_json=as_json)


@commands.command(
    help=both("判定不知道是否送达的转发: 已送达或没有送达", "Say what became of deliveries nobody could know of")
)
def settle(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help=both("转发的编号", "the deliveries' ids"))],
    as_: Annotated[
        str, typer.Option("--as", metavar="sent|failed", help=both("sent 已送达, failed 没有", "sent or failed"))
    ],
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.flow.orders import settled
    from yzj_daemon.storage.reports import Filter

    if as_ not in {"sent", "failed"}:
        raise UsageProblem(Phrase(f"--as 只能是 sent 或 failed: {as_}", f"--as is sent or failed: {as_}"))
    _carry_out(context, settled(arrived=as_ == "sent"), ids, Filter(), everything=False, yes=True, as_json=as_json)
