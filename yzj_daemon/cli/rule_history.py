"""``rules history|show|rollback``: which rule sets were in force, and back to one of them."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yzj_daemon.cli import filters, output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.verbs import Yes, ask, who
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, Problem, UsageProblem
from yzj_daemon.wording import when

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from yzj_daemon.rules.ruleset import Difference
    from yzj_daemon.storage.engine import Work
    from yzj_daemon.storage.rule_history import Change

commands = typer.Typer(help=both("规则的历史", "The history of the rules"), no_args_is_help=True)

_HEADS = (
    Phrase("时间", "at"),
    Phrase("规则集", "rule set"),
    Phrase("规则数", "rules"),
    Phrase("新增", "added"),
    Phrase("改动", "changed"),
    Phrase("去掉", "removed"),
)

Which = Annotated[
    str, typer.Argument(metavar="[HASH]", help=both("规则集, 写开头几位即可", "a set's hash, or its begin"))
]


@commands.command(help=both("用过的规则集, 最新的在前", "The sets that were in force, the newest first"))
def history(context: typer.Context, limit: filters.Limit = 50, as_json: filters.Json = False) -> None:
    from yzj_daemon.storage import rule_history

    session = Session.of(context)
    with session.store() as store:
        found = store.read_now(lambda c: rule_history.changes(c, limit))
    output.listing(
        found,
        _HEADS,
        lambda change: _cells(change, session),
        lambda change: _row(change, session),
        json_lines=as_json,
        lang=session.lang,
    )


def _row(change: "Change", session: Session) -> dict[str, object]:
    at = when.iso(change.at, session.zone)
    return {"at": at, "hash": change.hash, "rules": change.rules, "files": sorted(change.sources), **_summary(change)}


def _cells(change: "Change", session: Session) -> tuple[str, ...]:
    summary = _summary(change)
    told = (_some(summary[how]) for how in ("added", "changed", "removed"))
    return (when.clock(change.at, session.zone), change.hash, str(change.rules), *told)


def _summary(change: "Change") -> dict[str, list[str]]:
    told: dict[str, list[str]] = json.loads(change.summary or "{}")
    return {how: told.get(how, []) for how in ("added", "changed", "removed")}


def _some(ids: list[str]) -> str:
    shown = ", ".join(ids[:3])
    return f"{shown} … +{len(ids) - 3}" if len(ids) > 3 else shown or "-"


@commands.command(help=both("一个规则集的文件", "The files of one set"))
def show(context: typer.Context, which: Which, as_json: filters.Json = False) -> None:
    session = Session.of(context)
    change = _one(session, which)
    if as_json:
        output.as_json({**_row(change, session), "sources": change.sources})
        return
    for name, text in change.sources.items():
        output.line(f"# ── {name} ──")
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


@commands.command(
    help=both(
        "把规则文件恢复成以前的规则集 (默认: 上一个); 运行中的守护进程几秒内采用",
        "Put the rule files back to an earlier set (by default the one before); a running daemon takes it up",
    )
)
def rollback(context: typer.Context, which: Which = "", yes: Yes = False, as_json: filters.Json = False) -> int:
    from yzj_daemon.rules import files, load
    from yzj_daemon.rules.ruleset import difference

    session = Session.of(context)
    path = session.settings.rules.path
    change = _one(session, which) if which else _before(session, path)
    wanted = load.load_texts(change.sources, dialect=session.settings.dialect())
    if wanted.ruleset is None:
        raise load.problem(wanted)
    now = load.load(path, session.settings.dialect())
    told = difference(now.ruleset.rules if now.ruleset else (), wanted.ruleset.rules)
    if not yes and not _sure(session, change, told):
        return 1
    try:
        files.restore(path, change.sources)
    except OSError as error:
        raise _not_written(path, error) from None
    _note(session, change)
    if as_json:
        output.as_json({"hash": change.hash, "files": sorted(change.sources)})
    else:
        output.line(Phrase(f"已恢复成 {change.hash}", f"put back to {change.hash}").to(session.lang))
    return 0


def _one(session: Session, which: str) -> "Change":
    from yzj_daemon.storage import rule_history

    with session.store() as store:
        found = [
            change for change in store.read_now(lambda c: rule_history.changes(c, 0)) if change.hash.startswith(which)
        ]
    if len({change.hash for change in found}) != 1:
        raise UsageProblem(
            Phrase(
                f"{len({c.hash for c in found})} 个规则集以 {which} 开头",
                f"{len({c.hash for c in found})} sets begin with {which}",
            ),
            Phrase("yzj-daemon rules history 列出所有规则集", "yzj-daemon rules history lists them"),
        )
    return found[0]


def _before(session: Session, path: Path) -> "Change":
    """The newest set that the files do not say already."""
    from yzj_daemon.rules import files
    from yzj_daemon.storage import rule_history

    on_disk = files.read(path).texts
    with session.store() as store:
        found = store.read_now(lambda c: rule_history.changes(c, 0))
    earlier = next((change for change in found if change.sources != on_disk), None)
    if earlier is None:
        raise UsageProblem(Phrase("没有更早的规则集", "there is no earlier set"))
    return earlier


def _sure(session: Session, change: "Change", told: "Difference") -> bool:
    at = when.clock(change.at, session.zone)
    output.line(
        Phrase(f"恢复成 {at} 起用的 {change.hash}:", f"back to {change.hash}, in force since {at}:").to(session.lang)
    )
    for sign, ids in (("+", told.added), ("~", told.changed), ("-", told.removed)):
        for id_ in ids:
            output.line(f"  {sign} {output.visible(id_)}")
    if not sys.stdin.isatty():
        output.line(Phrase("加上 --yes 才会写文件", "nothing is written without --yes").to(session.lang))
        return False
    return typer.confirm(Phrase("写入规则文件?", "write the rule files?").to(session.lang))


def _note(session: Session, change: "Change") -> None:
    from yzj_daemon.storage import controls

    what = {"hash": change.hash, "path": str(session.settings.rules.path)}
    with session.store() as store:
        store.write_now(lambda c: controls.record(c, who(), "rollback", what, 0, session.now))


def _not_written(path: Path, error: OSError) -> Problem:
    return UsageProblem(
        Phrase(
            f"写不了规则文件 {path}: {error.strerror}", f"the rule files {path} cannot be written: {error.strerror}"
        ),
        Phrase("检查目录的权限", "check the permissions of the directory"),
    )


@commands.command(
    help=both(
        "让一套规则对共用这个数据库的所有守护进程生效, 不管它们自己的文件 (默认: 这里的规则文件); 只用于 PostgreSQL",
        "Make one set the one for all daemons on this store, whatever their own files say (by default the files here); "
        "for PostgreSQL only",
    )
)
def publish(
    context: typer.Context,
    which: Which = "",
    withdraw: Annotated[
        bool,
        typer.Option(
            "--withdraw",
            help=both("收回发布的规则集", "take it back: each daemon's own files decide"),
        ),
    ] = False,
    yes: Yes = False,
    as_json: filters.Json = False,
) -> int:
    from yzj_daemon.storage import rule_history

    session = Session.of(context)
    with session.store() as store:
        if not store.database.shared:
            raise _not_shared(store.place)
        digest, packed = ("", b"") if withdraw else _to_publish(session, which)
        if not yes:
            ask(_WITHDRAW if withdraw else _asked(digest), session)
        if withdraw:
            work = partial(rule_history.withdraw, who=who(), now=session.now)
            said = Phrase("已收回, 各守护进程又用自己的文件", "taken back: each daemon's own files decide again")
        else:
            work = partial(rule_history.publish, digest=digest, packed=packed, who=who(), now=session.now)
            said = Phrase(f"已发布 {digest}", f"published {digest}")
        store.write_now(_written_down("withdraw" if withdraw else "publish", digest, work, session))
    if as_json:
        output.as_json({"published": digest or None})
    else:
        output.line(said.to(session.lang))
    return 0


_WITHDRAW = Phrase("收回发布的规则集?", "take the published set back?")


def _asked(digest: str) -> Phrase:
    return Phrase(f"让 {digest} 对所有守护进程生效?", f"make {digest} the set of all daemons?")


def _to_publish(session: Session, which: str) -> tuple[str, bytes]:
    """Hash and packed files of a set that was in force, or of the files here."""
    from yzj_daemon.rules import load, packing

    if which:
        change = _one(session, which)
        return change.hash, change.packed
    loaded = load.load(session.settings.rules.path, session.settings.dialect())
    if loaded.ruleset is None:
        raise load.problem(loaded)
    return loaded.ruleset.hash, packing.pack(loaded.files)


def _written_down(verb: str, hash_: str, work: "Callable[[Connection], None]", session: Session) -> "Work[None]":
    """What is published or taken back, who did it, and that the daemons hear of it: all or nothing."""
    from yzj_daemon.storage import controls, daemons

    def written(connection: "Connection") -> None:
        work(connection)
        what = {"hash": hash_} if hash_ else {}
        controls.record(connection, who(), verb, what, 1, session.now)
        daemons.tell(connection, [daemons.RULES])

    return written


def _not_shared(place: str) -> Problem:
    return UsageProblem(
        Phrase(f"{place} 只有一个守护进程, 它的规则文件就是规则", f"{place} has one daemon, whose rule files decide"),
        Phrase("发布只用于 store.url = postgresql://…", "publishing is for store.url = postgresql://…"),
    )
