"""``mute`` and ``actions``: what is kept back for a while, and who did what."""

import json
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from yzj_daemon.cli import filters, names, output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.verbs import who
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.wording import when

if TYPE_CHECKING:
    from yzj_daemon.storage.controls import Action, Mute

commands = typer.Typer(help=both("静音: 一段时间不转发", "Mutes: not forwarded for a while"), no_args_is_help=True)

_HEADS = (
    Phrase("编号", "id"),
    Phrase("什么", "what"),
    Phrase("谁", "value"),
    Phrase("到", "until"),
    Phrase("说明", "comment"),
    Phrase("由", "by"),
)
_ACTION_HEADS = (
    Phrase("时间", "at"),
    Phrase("谁", "who"),
    Phrase("做了", "did"),
    Phrase("转发数", "deliveries"),
    Phrase("什么", "what"),
)


@commands.command(help=both("静音一条规则、一个会话或一个账号", "Mute a rule, a chat or an account"))
def add(
    context: typer.Context,
    until: Annotated[
        str,
        typer.Option("--until", metavar="TIME", help=both("到何时: 2h(两小时后)或时间", "until when: 2h, or a time")),
    ],
    comment: Annotated[str, typer.Option("--comment", help=both("为什么", "why"))],
    rule: Annotated[str, typer.Option("--rule", help=both("规则的 id", "a rule's id"))] = "",
    chat: Annotated[str, typer.Option("--chat", help=both("会话: 名字或 id", "a chat: name or id"))] = "",
    account: Annotated[str, typer.Option("--account", help=both("托管账号: 名字或 id", "an account: name or id"))] = "",
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.storage import controls

    session = Session.of(context)
    kind, written = _one(rule, chat, account)
    value = written if kind == "rule" else _id_of(session, written)
    if kind == "rule":
        _known_rule(session, written)
    ends = when.ahead(until, "--until", session.now, session.zone)
    with session.store() as store:
        work = partial(controls.mute, kind=kind, value=value, until=ends, comment=comment, who=who(), now=session.now)
        number = store.write_now(work)
        what = {"mute": number, "kind": kind, "value": value, "until": when.iso(ends, session.zone), "comment": comment}
        store.write_now(partial(controls.record, who=who(), verb="mute", what=what, affected=0, now=session.now))
    if as_json:
        output.as_json({**what, "mute": str(number)})
    else:
        till = when.clock(ends, session.zone)
        output.line(
            Phrase(f"静音 {number}: {kind} {value}, 到 {till}", f"mute {number}: {kind} {value} until {till}").to(
                session.lang
            )
        )


def _one(rule: str, chat: str, account: str) -> tuple[str, str]:
    given = [(kind, value) for kind, value in (("rule", rule), ("chat", chat), ("account", account)) if value]
    if len(given) != 1:
        raise UsageProblem(
            Phrase("--rule、--chat、--account 要写且只写一个", "exactly one of --rule, --chat, --account is wanted")
        )
    return given[0]


def _id_of(session: Session, written: str) -> str:
    """A name of the rules as its id; anything else is an id already."""
    from yzj_daemon.rules import load

    loaded = load.load(session.settings.rules.path, session.settings.dialect())
    names = {name: id_ for id_, name in loaded.ruleset.names.items()} if loaded.ruleset is not None else {}
    return names.get(written, written)


def _known_rule(session: Session, written: str) -> None:
    """Raises UsageProblem: a typo must not mute nothing."""
    from yzj_daemon.rules import load

    loaded = load.load(session.settings.rules.path, session.settings.dialect())
    if loaded.ruleset is not None and written not in {rule.id for rule in loaded.ruleset.rules}:
        raise UsageProblem(
            Phrase(f"没有启用的规则 {written!r}", f"no rule {written!r} is switched on"),
            Phrase("yzj-daemon test 列出所有规则", "yzj-daemon test lists all rules"),
        )


@commands.command("list", help=both("现在的静音; --all 包括过去的", "Mutes in force; --all: those past, too"))
def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help=both("包括过去的", "those past, too"))] = False,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.storage import controls

    session = Session.of(context)
    with session.store() as store:
        found = store.read_now(partial(controls.mutes, now=session.now, all_=everything))
        known = names.of(session, store)
        shown = {mute.id: mute.value if mute.kind == "rule" else known.beside(mute.value) for mute in found}

    def cells(mute: "Mute") -> tuple[str, ...]:
        ends = mute.until if mute.lifted_at is None else mute.lifted_at
        return (str(mute.id), mute.kind, shown[mute.id], when.clock(ends, session.zone), mute.comment, mute.who)

    def row(mute: "Mute") -> dict[str, object]:
        instants = {key: when.iso(getattr(mute, key), session.zone) for key in ("until", "created_at", "lifted_at")}
        return {**mute._asdict(), "id": str(mute.id), **instants}

    output.listing(found, _HEADS, cells, row, json_lines=as_json, lang=session.lang)


@commands.command(help=both("提前解除静音", "Lift mutes before their time"))
def remove(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help=both("静音的编号", "the mutes' ids"))],
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.storage import controls

    session = Session.of(context)
    numbers = [filters.row_id(written) for written in ids]
    with session.store() as store:
        lifted = store.write_now(partial(controls.unmute, ids=numbers, now=session.now))
        what = {"mutes": ids}
        store.write_now(partial(controls.record, who=who(), verb="unmute", what=what, affected=lifted, now=session.now))
    if as_json:
        output.as_json({"lifted": lifted})
    else:
        output.line(Phrase(f"解除了 {lifted} 个静音", f"{lifted} mutes lifted").to(session.lang))


def actions(context: typer.Context, limit: filters.Limit = 50, as_json: filters.Json = False) -> None:
    from yzj_daemon.storage import controls

    session = Session.of(context)
    with session.store() as store:
        found = store.read_now(partial(controls.actions, limit=limit or -1))

    def cells(action: "Action") -> tuple[str, ...]:
        return (when.clock(action.at, session.zone), action.who, action.verb, str(action.affected), action.what)

    def row(action: "Action") -> dict[str, object]:
        at = when.iso(action.at, session.zone)
        return {**action._asdict(), "id": str(action.id), "at": at, "what": json.loads(action.what)}

    output.listing(found, _ACTION_HEADS, cells, row, json_lines=as_json, lang=session.lang)
