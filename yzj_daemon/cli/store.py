"""``db`` and ``audit``: the store's schema, its soundness, a copy of it, its books."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli import filters, output, usage
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, StoreProblem, UsageProblem

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from yzj_daemon.storage.reports import Books

commands = typer.Typer(cls=usage.Commands, help=both("数据库", "The store"), no_args_is_help=True)

PAGES_AT_ONCE = 1_000
"""Pages of one step of a backup: between steps the daemon writes on."""


@commands.command(help=both("升级到本程序的结构", "Bring it to this program's schema"))
def upgrade(context: typer.Context, as_json: filters.Json = False) -> None:
    from yzj_daemon.storage import schema

    session = Session.of(context)
    with session.any_store(create=True) as store:
        store.claim()  # a running daemon must not have its tables changed under it
        before, after = store.write_now(schema.upgrade)
    if as_json:
        output.as_json({"path": str(store.path), "before": before, "after": after})
    elif before == after:
        output.line(Phrase(f"{store.path} 已经是 {after}", f"{store.path} is at {after} already").to(session.lang))
    else:
        output.line(f"{store.path}: {before or '-'} → {after}")


@commands.command(help=both("检查数据库是否完好", "Check that the store is sound"))
def check(context: typer.Context, as_json: filters.Json = False) -> int:
    session = Session.of(context)
    with session.any_store() as store:
        problems = store.read_now(_problems)
    if as_json:
        output.as_json(
            {"ok": not problems, "path": str(store.path), "problems": [p.to(session.lang) for p in problems]}
        )
    elif problems:
        for problem in problems:
            output.line(output.visible(problem.to(session.lang)))
    else:
        output.line(Phrase(f"{store.path} 完好", f"{store.path} is sound").to(session.lang))
    return 1 if problems else 0


def _problems(connection: "Connection") -> list[Phrase]:
    """What is wrong; each check's own words, at most a hundred of them."""
    from yzj_daemon.storage import schema

    found = []
    try:
        schema.require_current(connection)
    except StoreProblem as problem:
        found.append(problem.what)
    integrity = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
    found += [Phrase(f"数据损坏: {row}", f"damaged: {row}") for row in integrity if row != "ok"]
    for table, row_id, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(100):
        where = f"{table} {row_id} → {parent}"
        found.append(Phrase(f"指向不存在的行: {where}", f"points to a row that is not there: {where}"))
    return found


@commands.command(help=both("在线备份到新文件", "Copy it to a new file while the daemon runs"))
def backup(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=both("备份文件, 不能已存在", "the copy; must not exist"))
    ],
    as_json: filters.Json = False,
) -> None:
    session = Session.of(context)
    with session.any_store() as store:
        _copy(store.path, file)
    size = file.stat().st_size
    if as_json:
        output.as_json({"file": str(file), "bytes": size})
    else:
        output.line(Phrase(f"已备份到 {file} ({size} 字节)", f"copied to {file} ({size} bytes)").to(session.lang))


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all: into a neighbour of ``target``, which takes its name when it is complete."""
    partial = target.with_name(target.name + ".partial")
    if target.exists() or partial.exists():
        raise _exists(target if target.exists() else partial)
    try:
        partial.touch(mode=0o600)  # messages are private
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(partial)) as new:
            old.execute("PRAGMA query_only = ON")
            old.backup(new, pages=PAGES_AT_ONCE, sleep=0.01)
            new.execute("PRAGMA journal_mode = DELETE")
        partial.rename(target)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise StoreProblem(
            Phrase(f"备份到 {target} 失败: {error}", f"could not copy to {target}: {error}"),
            Phrase("检查磁盘空间和目录权限", "check disk space and directory permissions"),
        ) from error


def _exists(file: Path) -> UsageProblem:
    return UsageProblem(
        Phrase(f"{file} 已经存在, 没有覆盖", f"{file} exists and was not overwritten"),
        Phrase("换一个文件名", "give another name"),
    )


def audit(context: typer.Context, as_json: filters.Json = False) -> int:
    from yzj_daemon.storage import reports

    session = Session.of(context)
    with session.store() as store:
        books = store.read_now(reports.books)
    told = _told(books, session)
    if as_json:
        output.as_json(told)
    else:
        _print(told, session)
    return 0 if books.balanced else 1


def _told(books: "Books", session: Session) -> dict[str, Any]:
    return {
        "ok": books.balanced,
        "received": books.received,
        "decided": books.decided,
        "quarantined": books.quarantined,
        "matched": books.matched,
        "suppressed": books.suppressed,
        "deliveries": books.deliveries,
        "problems": [problem.to(session.lang) for problem in _imbalances(books)],
    }


def _imbalances(books: "Books") -> list[Phrase]:
    undecided, bare = _ids(books.undecided), _ids(books.matched_without_delivery)
    strange = " ".join(f"{state}: {count}" for state, count in books.strange_states.items())
    problems = (
        (undecided, Phrase(f"没有决定的消息: {undecided}", f"messages without a decision: {undecided}")),
        (bare, Phrase(f"匹配了却没有转发记录的消息: {bare}", f"messages that matched but owe nothing: {bare}")),
        (strange, Phrase(f"状态不明的转发: {strange}", f"deliveries in no known state: {strange}")),
    )
    return [problem for there, problem in problems if there]


def _ids(found: tuple[int, ...]) -> str:
    return " ".join(map(str, found))


def _print(told: dict[str, Any], session: Session) -> None:
    verdict = Phrase("账目平衡", "the books balance") if told["ok"] else Phrase("账目不平", "the books do not balance")
    suppressed = "  ".join(f"{name} {count}" for name, count in told["suppressed"].items())
    states = "  ".join(f"{name} {count}" for name, count in told["deliveries"].items() if count)
    output.facts(
        [
            (Phrase("结果", "verdict"), verdict.to(session.lang)),
            (Phrase("收到", "received"), str(told["received"])),
            (Phrase("已决定", "decided"), str(told["decided"])),
            (Phrase("匹配", "matched"), str(told["matched"])),
            (Phrase("未转发", "suppressed"), suppressed or "-"),
            (Phrase("转发", "deliveries"), states or "-"),
            (Phrase("隔离", "quarantined"), str(told["quarantined"])),
            *((Phrase("问题", "problem"), problem) for problem in told["problems"]),
        ],
        session.lang,
    )
