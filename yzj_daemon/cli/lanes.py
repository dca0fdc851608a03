"""``lanes`` and ``status``: what waits where, how long yet, and what a person should do."""

from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from yzj_daemon import __version__
from yzj_daemon.cli import filters, names, output
from yzj_daemon.cli.session import Session
from yzj_daemon.clock import Millis
from yzj_daemon.errors import Phrase
from yzj_daemon.trouble import Kind, Trouble
from yzj_daemon.wording import when
from yzj_daemon.wording.standing import OF_ACCOUNTS_AND_RULES, action, drain_seconds

if TYPE_CHECKING:
    from yzj_daemon.rules.load import Loaded
    from yzj_daemon.settings import Settings
    from yzj_daemon.storage.reports import LaneLine

_LANE_HEADS = (
    Phrase("账号", "account"),
    Phrase("名字", "name"),
    Phrase("状态", "state"),
    Phrase("等待", "depth"),
    Phrase("最久", "oldest"),
    Phrase("还需", "drains in"),
)


def lanes(context: typer.Context, limit: filters.Limit = 50, as_json: filters.Json = False) -> None:
    from yzj_daemon.storage import reports

    session = Session.of(context)
    with session.store() as store:
        now = session.now
        found = store.read_now(lambda c: reports.lane_lines(c, now))
        known = names.of(session, store)
        output.listing(
            found[: limit or None],
            _LANE_HEADS,
            lambda line: _cells(line, session.settings, now, known),
            lambda line: _row(line, session.settings, now),
            json_lines=as_json,
            lang=session.lang,
        )


def _row(line: "LaneLine", settings: "Settings", now: Millis) -> dict[str, object]:
    return {
        "account": line.account,
        "state": line.state.value,
        "depth": line.depth,
        "oldest_seconds": round(line.oldest_seconds, 1),
        "drain_seconds": drain_seconds(line, settings.forward, now),
    }


def _cells(line: "LaneLine", settings: "Settings", now: Millis, known: names.Names) -> tuple[str, ...]:
    drain = drain_seconds(line, settings.forward, now)
    shown = "?" if drain is None else when.span(drain)
    name, oldest = known.of(line.account), when.span(line.oldest_seconds)
    return (line.account, name, line.state.value, str(line.depth), oldest, shown)


def status(context: typer.Context, as_json: filters.Json = False) -> None:
    session = Session.of(context)
    told = _status(session)
    if as_json:
        output.as_json(told)
    else:
        _print(session, told)


def _status(session: Session) -> dict[str, Any]:
    from yzj_daemon.flow import troubles
    from yzj_daemon.rules.load import load
    from yzj_daemon.storage import reports
    from yzj_daemon.storage.daemons import alive, running_on

    loaded = load(session.settings.rules.path, session.settings.dialect())
    bounds = troubles.Bounds.of(session.settings)
    with session.store() as store:
        now = session.now
        running = bool(running_on(store))
        sharing = store.read_now(alive)
        lines = store.read_now(lambda c: reports.lane_lines(c, now))
        states = store.read_now(reports.deliveries_by_state)
        in_force = store.read_now(reports.rules_in_force)
        found = [
            *troubles.of_disk(store.database.path, bounds),
            *store.read_now(partial(troubles.stored, ruleset=loaded.ruleset, bounds=bounds, now=now)),
            *(store.read_now(troubles.seen_by_the_daemon) if running else ()),
        ]
    rules = _rules(session, loaded, in_force, running=running)
    if not rules["ok"]:
        found.append(Trouble(kind=Kind.RULES_REFUSED, why=rules["error"]))
    return {
        "state": "running" if running else "stopped",
        "version": __version__,
        "daemons": [
            {"name": one.name, "rules": one.rules_hash, "lanes": one.lanes, "version": one.version} for one in sharing
        ],
        "dry_run": session.settings.forward.dry_run,
        "rules": rules,
        "accounts": [
            {
                "account": line.account,
                "state": line.standing.value,
                "lane": line.state.value,
                "action": action(line).to(session.lang),
                "depth": line.depth,
                "oldest_seconds": round(line.oldest_seconds, 1),
            }
            for line in lines
        ],
        "deliveries": states,
        "attention": [
            {
                "id": trouble.kind.value,
                "subject": trouble.subject,
                "count": trouble.count,
                "todo": trouble.told.to(session.lang),
            }
            for trouble in found
        ],
    }


def _rules(session: Session, loaded: "Loaded", in_force: str, *, running: bool) -> dict[str, Any]:
    """``hash``: the set that decides, else the one on disk; ``error``: why the files on disk are not that set."""
    if loaded.ruleset is None:
        first = next(finding for finding in loaded.findings if finding.level == "error")
        told = f"{first.file}:{first.line}:{first.column} {first.message.to(session.lang)}"
        return {"hash": in_force or None, "ok": False, "error": told}
    on_disk = loaded.ruleset.hash
    if running and in_force and in_force != on_disk:
        changed = Phrase("磁盘上的规则已改动, 还没有生效", "the rules on disk were changed and are not in force yet")
        return {"hash": in_force, "ok": True, "error": changed.to(session.lang)}
    return {"hash": on_disk, "ok": True, "error": None}


def _print(session: Session, told: dict[str, Any]) -> None:
    lang, rules = session.lang, told["rules"]
    words = {"running": Phrase("运行中", "running"), "stopped": Phrase("没有运行", "not running")}
    good = Phrase("正常", "good").to(lang)
    dry = Phrase("  试运行 (forward.dry_run), 不转发", "  dry run (forward.dry_run), nothing is forwarded").to(lang)
    output.facts(
        [
            (
                Phrase("守护进程", "daemon"),
                f"{words[told['state']].to(lang)}  ({told['version']}){dry if told['dry_run'] else ''}",
            ),
            (Phrase("规则", "rules"), f"{rules['hash'] or '-'}  {rules['error'] or good}"),
            (
                Phrase("转发", "deliveries"),
                "  ".join(f"{n} {c}" for n, c in told["deliveries"].items() if c) or "-",
            ),
        ],
        lang,
    )
    _print_daemons(session, told["daemons"])
    _print_accounts(session, told["accounts"])
    for matter in told["attention"]:
        if matter["id"] in OF_ACCOUNTS_AND_RULES:
            continue
        output.line(output.visible(matter["todo"]))


def _print_daemons(session: Session, daemons: list[dict[str, Any]]) -> None:
    """Of those that share the store: which lives, by which rules, with how many lanes."""
    if not daemons:
        return
    heads = (
        Phrase("守护进程", "daemon"),
        Phrase("版本", "version"),
        Phrase("规则集", "rule set"),
        Phrase("通道", "lanes"),
    )
    rows = [(one["name"], one["version"], one["rules"], str(one["lanes"])) for one in daemons]
    output.table(heads, rows, session.lang)


def _print_accounts(session: Session, accounts: list[dict[str, Any]]) -> None:
    if not accounts:
        output.line(Phrase("还没有见到托管账号", "no hosted account was seen yet").to(session.lang))
        return
    heads = (_LANE_HEADS[0], _LANE_HEADS[2], _LANE_HEADS[3], _LANE_HEADS[4], Phrase("该做什么", "what to do"))
    with names.at_hand(session) as known:
        rows = [_account_cells(account, known) for account in accounts]
    output.table(heads, rows, session.lang)


def _account_cells(told: dict[str, Any], known: names.Names) -> tuple[str, ...]:
    account, oldest = output.visible(known.beside(told["account"])), when.span(told["oldest_seconds"])
    return (account, told["state"], str(told["depth"]), oldest, output.visible(told["action"]) or "-")
