"""``replay``: decide stored messages again; counts first, sends only with ``--execute``."""

from functools import partial
from typing import Annotated, Any

import typer

from yzj_daemon.cli import filters, kept, output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.verbs import who
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.wording import when


def replay(
    context: typer.Context,
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="TIME", help=both("从何时收到的: 2h 或时间", "received from when on: 2h, or a time")
        ),
    ],
    until: Annotated[str, typer.Option("--until", metavar="TIME", help=both("到何时为止", "up to when"))] = "",
    rule: Annotated[str, typer.Option("--rule", help=both("只看这条规则", "only what this rule asks for"))] = "",
    most: Annotated[int, typer.Option("--most", min=1, help=both("最多几条转发", "deliveries at most"))] = 100,
    again: Annotated[
        bool,
        typer.Option("--again", help=both("收到过的会话也再发一次", "also to chats that got it, or may have")),
    ] = False,
    execute: Annotated[bool, typer.Option("--execute", help=both("真的发送", "really send"))] = False,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.flow.plan import PlanPolicy
    from yzj_daemon.flow.replay import Question, Replay
    from yzj_daemon.flow.stored import count
    from yzj_daemon.rules import load, packing
    from yzj_daemon.storage import controls

    session = Session.of(context)
    settings = session.settings
    loaded = load.load(settings.rules.path, settings.dialect())
    if loaded.ruleset is None:
        raise load.problem(loaded)
    if rule and rule not in {known.id for known in loaded.ruleset.rules}:
        raise UsageProblem(Phrase(f"没有启用的规则 {rule!r}", f"no rule {rule!r} is switched on"))
    question = Question(
        since=when.instant(since, "--since", session.now, session.zone),
        until=when.instant(until, "--until", session.now, session.zone) if until else session.now,
        rule=rule,
        most=most,
        again=again,
    )
    policy = PlanPolicy.of(settings.forward, settings.pull)
    packed = packing.pack(loaded.files)
    with session.store() as store:
        asked = Replay(store, loaded.ruleset, packed, policy, settings.forward.max_targets, session.clock)
        whole = count(store, question.since, question.until)
        with output.progress(Phrase("判断消息", "deciding"), whole, session.lang) as done:
            answer = asked.ask(question, execute=execute, done=done)
        told = _told(answer)
        kept.tell_left_out(session, answer.without_content)
        if execute:
            what = {"since": since, "until": until, "rule": rule, "again": again}
            work = partial(
                controls.record, who=who(), verb="replay", what=what, affected=answer.deliveries, now=session.now
            )
            store.write_now(work)
    if as_json:
        output.as_json({**told, "executed": execute})
    else:
        _print(told, session, executed=execute)


def _told(answer: Any) -> dict[str, Any]:
    return {
        "messages": answer.messages,
        "matched": answer.matched,
        "deliveries": answer.deliveries,
        "already_had": answer.had,
        "left_out": answer.left_out,
        "without_content": answer.without_content,
        "by_rule": dict(answer.by_rule),
        "by_account": dict(answer.by_account),
    }


def _print(told: dict[str, Any], session: Session, *, executed: bool) -> None:
    pairs = [
        (Phrase("消息", "messages"), str(told["messages"])),
        (Phrase("匹配", "matched"), str(told["matched"])),
        (Phrase("转发", "deliveries"), str(told["deliveries"])),
        (Phrase("已收到过, 不再发", "had it already, not sent"), str(told["already_had"])),
        (Phrase("超过 --most, 不发", "beyond --most, not sent"), str(told["left_out"])),
        *((Phrase(f"规则 {rule}", f"rule {rule}"), str(count)) for rule, count in told["by_rule"].items()),
        *((Phrase(f"账号 {account}", f"account {account}"), str(n)) for account, n in told["by_account"].items()),
    ]
    output.facts(pairs, session.lang)
    if executed:
        output.line(Phrase("已排队", "queued").to(session.lang))
    else:
        output.line(Phrase("只是数了数; 加 --execute 才发送", "counted only; --execute sends").to(session.lang))
