"""``lanes`` and ``status``: what waits where, how long yet, and what a person should do."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from yzj_daemon import __version__
from yzj_daemon.cli import filters, names, output
from yzj_daemon.cli.session import Session
from yzj_daemon.clock import DAY, SECOND, Millis
from yzj_daemon.errors import Phrase
from yzj_daemon.wording import when
from yzj_daemon.wording.standing import action, drain_seconds

if TYPE_CHECKING:
    from yzj_daemon.flow.silence import Silent
    from yzj_daemon.rules.load import Loaded
    from yzj_daemon.settings import Settings
    from yzj_daemon.storage.reports import LaneLine, Matters

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
    from yzj_daemon.flow.silence import silent
    from yzj_daemon.rules.load import load
    from yzj_daemon.storage import memory, reports
    from yzj_daemon.storage.engine import holder

    with session.store() as store:
        now = session.now
        running = holder(store.path) is not None
        lines = store.read_now(lambda c: reports.lane_lines(c, now))
        states = store.read_now(reports.deliveries_by_state)
        matters = store.read_now(lambda c: reports.matters(c, now - DAY))
        in_force = store.read_now(reports.rules_in_force)
        last = store.read_now(memory.last_matches)
    loaded = load(session.settings.rules.path, session.settings.dialect())
    missed = silent(loaded.ruleset, last, now) if loaded.ruleset is not None else ()
    return {
        "state": "running" if running else "stopped",
        "version": __version__,
        "rules": _rules(session, loaded, in_force, running=running),
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
            {"id": id_, "count": count, "todo": todo.to(session.lang)}
            for id_, count, todo in (*_todo(matters), *_missed(missed))
        ],
    }


def _todo(matters: "Matters") -> Iterator[tuple[str, int, Phrase]]:
    """What somebody should look at, how many, and what to do; of the last day where it is history."""
    if matters.unknown:
        yield (
            "unknown",
            matters.unknown,
            Phrase(
                f"{matters.unknown} 条转发不知道是否送达: yzj-daemon deliveries list --state unknown",
                f"{matters.unknown} deliveries may or may not have arrived: yzj-daemon deliveries list --state unknown",
            ),
        )
    for rule, why in matters.held_rules.items():
        yield (
            "held_rule",
            1,
            Phrase(
                f"规则 {rule} 被扣住 ({why}): yzj-daemon deliveries release --rule {rule}",
                f"rule {rule} is held ({why}): yzj-daemon deliveries release --rule {rule}",
            ),
        )
    if matters.held:
        yield (
            "held",
            matters.held,
            Phrase(
                f"{matters.held} 条转发被扣住: yzj-daemon deliveries list --state held",
                f"{matters.held} deliveries are held: yzj-daemon deliveries list --state held",
            ),
        )
    if matters.too_old:
        yield (
            "too_old",
            matters.too_old,
            Phrase(
                f"24 小时内 {matters.too_old} 条消息来得太晚没有转发: yzj-daemon replay --since 24h 可以补发",
                f"{matters.too_old} messages came too late in 24 h and were not forwarded: "
                "yzj-daemon replay --since 24h sends what is wanted of them",
            ),
        )
    if matters.quarantined:
        yield (
            "quarantined",
            matters.quarantined,
            Phrase(
                f"24 小时内 {matters.quarantined} 个回调读不懂, 已原样保存: 检查 callback.aes_key",
                f"{matters.quarantined} callbacks in 24 h could not be read and are kept as they came: "
                "check callback.aes_key",
            ),
        )


def _missed(silences: Iterable["Silent"]) -> Iterator[tuple[str, int, Phrase]]:
    for rule, silence in silences:
        lasts = when.span(silence / SECOND)
        yield (
            "silent_rule",
            1,
            Phrase(
                f"规则 {rule.id} 已经 {lasts} 没有匹配: 它等的消息还来吗?",
                f"rule {rule.id} has not matched for {lasts}: does what it waits for still come?",
            ),
        )


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
    output.facts(
        [
            (Phrase("守护进程", "daemon"), f"{words[told['state']].to(lang)}  ({told['version']})"),
            (Phrase("规则", "rules"), f"{rules['hash'] or '-'}  {rules['error'] or good}"),
            (
                Phrase("转发", "deliveries"),
                "  ".join(f"{n} {c}" for n, c in told["deliveries"].items() if c) or "-",
            ),
        ],
        lang,
    )
    _print_accounts(session, told["accounts"])
    for matter in told["attention"]:
        output.line(output.visible(matter["todo"]))


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
