"""``db`` and ``audit``: the store's schema, its soundness, a copy of it, its books."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from yzj_daemon.cli import filters, output, usage
from yzj_daemon.cli.session import Session, require_file
from yzj_daemon.cli.verbs import Yes, ask, who
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, StoreProblem, UsageProblem
from yzj_daemon.secret import in_url, url_without
from yzj_daemon.wording import when

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from yzj_daemon.storage.copying import Restored, Room, Unsound
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.moving import Moved
    from yzj_daemon.storage.reports import Books

commands = typer.Typer(cls=usage.Commands, help=both("数据库", "The store"), no_args_is_help=True)

CHECKS: Final = 4
"""Schema, integrity, what points to what, books."""

_UNBALANCED = Phrase("账目不平: 运行 yzj-daemon audit", "the books do not balance: run yzj-daemon audit")


@commands.command(help=both("升级到本程序的结构", "Bring it to this program's schema"))
def upgrade(context: typer.Context, as_json: filters.Json = False) -> None:
    from yzj_daemon.storage import schema
    from yzj_daemon.storage.sqlite import hand_over

    session = Session.of(context)
    with session.any_store(create=True) as store:
        store.claim()  # a running daemon must not have its tables changed under it
        store.read_now(schema.refuse_foreign)
        before, after = store.write_now(schema.upgrade)
    if before is None and (path := store.database.path) is not None:
        hand_over(path, path.parent)
    if as_json:
        output.as_json({"path": store.place, "before": before, "after": after})
    elif before == after:
        output.line(Phrase(f"{store.place} 已经是 {after}", f"{store.place} is at {after} already").to(session.lang))
    else:
        output.line(f"{store.place}: {before or '-'} → {after}")


@commands.command(help=both("检查数据库是否完好、账目是否平衡", "Check that the store is sound and its books balance"))
def check(context: typer.Context, as_json: filters.Json = False) -> int:
    from yzj_daemon.storage import copying

    session = Session.of(context)
    with session.any_store() as store, _checking(session) as done:
        found = store.read_now(partial(copying.unsound, done=done))
        if not found.problems:  # of a damaged store, or of another version, nothing can be counted
            found = copying.Unsound(tuple(store.read_now(_unbalanced)))
        done(1)
        taken = _room(store)
    if as_json:
        told = [problem.to(session.lang) for problem in found.problems]
        sizes = {"bytes": taken.bytes, "free_bytes": taken.free} if taken else {"bytes": None, "free_bytes": None}
        output.as_json({"ok": not told, "path": store.place, "problems": told, **sizes})
    elif found.problems:
        _print_unsound(found, session)
    else:
        output.line(Phrase(f"{store.place} 完好", f"{store.place} is sound").to(session.lang))
        if taken:
            output.line(_in_words(taken).to(session.lang))
    return 1 if found.problems else 0


def _print_unsound(found: "Unsound", session: Session) -> None:
    for problem in found.problems:
        output.line(output.visible(problem.to(session.lang)))
    if found.todo:
        output.detail(f"→ {found.todo.to(session.lang)}")


def _room(store: "Store") -> "Room | None":
    """None where not even that can be read."""
    from yzj_daemon.storage import copying

    try:
        return store.read_now(copying.room)
    except StoreProblem:
        return None


def _checking(session: Session) -> AbstractContextManager[Callable[[int], None]]:
    return output.progress(Phrase("检查", "checking"), CHECKS, session.lang)


def _all_books(connection: "Connection") -> "Books":
    """However long the history, and the counting, is."""
    from yzj_daemon.storage import reports, schema

    schema.unhurried(connection)
    return reports.books(connection)


def _unbalanced(connection: "Connection") -> list[Phrase]:
    books = _all_books(connection)
    return _imbalances(books) or ([] if books.balanced else [_UNBALANCED])


def _in_words(taken: "Room") -> Phrase:
    whole, free = _mib(taken.bytes), _mib(taken.free)
    return Phrase(f"{whole}, 其中空闲 {free} 会再用到", f"{whole}, of which {free} are free and will be used again")


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"


@commands.command(
    help=both("在线备份到新文件, 并检查备份", "Copy it to a new file while the daemon runs, and check the copy")
)
def backup(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=both("备份文件, 不能已存在", "the copy; must not exist"))
    ],
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.storage import copying

    session = Session.of(context)
    with session.any_store() as store, _copying(session) as progress:
        size = copying.backup(store.path, file, progress)
    if as_json:
        output.as_json({"file": str(file), "bytes": size})
    else:
        output.line(Phrase(f"已备份到 {file} ({size} 字节)", f"copied to {file} ({size} bytes)").to(session.lang))


def _copying(session: Session) -> AbstractContextManager[Callable[[int, int], None]]:
    return _hundredths(Phrase("复制", "copying"), session)


@contextmanager
def _hundredths(what: Phrase, session: Session) -> Iterator[Callable[[int, int], None]]:
    """A bar in hundredths: how much there is to do is told only when it has begun."""
    with output.progress(what, 100, session.lang) as done:
        reached = 0

        def progress(left: int, whole: int) -> None:
            nonlocal reached
            now = 100 - 100 * left // max(1, whole)
            done(now - reached)
            reached = now

        yield progress


@commands.command(
    help=both(
        "用备份替换数据库 (先停守护进程); 原来的保留在旁边",
        "Put a backup in the store's place (stop the daemon first); what was there is kept beside it",
    )
)
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=both("备份文件", "the backup"))],
    yes: Yes = False,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.storage import copying

    session = Session.of(context)
    if not file.is_file():
        raise UsageProblem(Phrase(f"没有这个备份: {file}", f"there is no such backup: {file}"))
    if not yes:
        ask(Phrase(f"用 {file} 替换数据库?", f"put {file} in the store's place?"), session)
    with _copying(session) as progress:
        made = copying.restore(file, session.settings.store.url, who(), session.now, progress)
    if as_json:
        output.as_json({**_restored(made, session), "file": str(file)})
    else:
        _print_restored(made, file, session)


def _restored(made: "Restored", session: Session) -> dict[str, Any]:
    return {
        "aside": None if made.aside is None else str(made.aside),
        "newest": when.iso(made.newest, session.zone),
        "schema": made.before,
        "held": made.held,
        "unknown": made.unknown,
    }


def _print_restored(made: "Restored", place: Path | str, session: Session) -> None:
    pairs = [
        (Phrase("已恢复", "restored"), str(place)),
        (Phrase("备份里最新的消息", "newest message in it"), when.clock(made.newest, session.zone)),
        (Phrase("原来的数据库", "the store of before"), str(made.aside or "-")),
        (Phrase("扣住的转发", "deliveries held"), str(made.held)),
        (Phrase("不知道是否送达", "unknown"), str(made.unknown)),
    ]
    output.facts(pairs, session.lang)
    todo = Phrase(
        "之后补拉到的旧消息可能已经转发过, 会被扣住 (restored): 启动后看 yzj-daemon deliveries list --state held, "
        "该发的 release, 其余 drop",
        "older messages that a catch-up brings now may have been forwarded before, and are held (restored): after the "
        "start, look at yzj-daemon deliveries list --state held; release what is wanted, drop the rest",
    )
    output.line(todo.to(session.lang))


@commands.command(
    help=both("把空闲空间还给磁盘 (先停守护进程)", "Give unused room back to the disk (stop the daemon first)")
)
def compact(context: typer.Context, as_json: filters.Json = False) -> None:
    from yzj_daemon.storage import copying

    session = Session.of(context)
    with session.any_store():
        before, after = copying.compact(session.settings.store.url)
    if as_json:
        output.as_json({"before": before.bytes, "after": after.bytes})
    else:
        output.line(f"{_mib(before.bytes)} → {_mib(after.bytes)}")


@commands.command(
    help=both(
        "把数据库整个搬到另一个 (SQLite 与 PostgreSQL 之间, 先停守护进程); 中断后再运行会接着搬",
        "Move a store into another one, of SQLite or PostgreSQL (stop the daemons first); run again, it goes on where "
        "it broke off",
    )
)
def move(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="FROM", help=both("从哪里, 如 sqlite:///文件.db", "whence, such as sqlite:///file.db")),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TO",
            help=both("到哪里, 如 postgresql://用户@主机/库", "where to, such as postgresql://user@host/db"),
        ),
    ],
    anew: Annotated[
        bool,
        typer.Option(
            "--anew", help=both("丢掉上次没搬完的, 从头来", "throw away what an unfinished move left, and begin")
        ),
    ] = False,
    yes: Yes = False,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.storage import moving
    from yzj_daemon.storage.engine import Store

    session = Session.of(context)
    urls = [_with_password(url, session) for url in (source, target)]
    _refuse_spooled(urls[0])
    with closing(Store(urls[0])) as old, closing(Store(urls[1])) as new:
        require_file(old)
        if not yes:
            ask(Phrase(f"把 {old.place} 搬到 {new.place}?", f"move {old.place} to {new.place}?"), session)
        with _hundredths(Phrase("搬移并核对", "moving and comparing"), session) as progress:
            moved = moving.move(old, new, who(), session.now, progress, anew=anew)
        places = old.place, new.place
    if as_json:
        tables = {name: {"rows": found.rows, "digest": found.digest} for name, found in moved.tables.items()}
        told = {"from": places[0], "to": places[1], "rows": moved.rows, "unknown": moved.unknown, "nuls": moved.nuls}
        output.as_json({**told, "tables": tables})
    else:
        _print_moved(moved, places, session)


def _with_password(url: str, session: Session) -> str:
    """A URL of the command line; the password for it is that of ``store.url``, where both name the same store.

    Raises:
        UsageProblem: a password stands in it, where everybody on this machine reads it.
    """
    if in_url(url):
        shown = url_without(url)
        raise UsageProblem(
            Phrase(f"密码不能写在命令行上: {shown}", f"a password cannot stand on the command line: {shown}"),
            Phrase(
                "写进 store.url 的设置 (密钥文件最好), 命令行上写不带密码的同一个; 或用 ~/.pgpass、PGPASSWORD. "
                "已露出的要更换",
                "put it into the setting store.url (best in a secret file) and write the same here without it, or use "
                "~/.pgpass or PGPASSWORD; replace the one that was shown",
            ),
        )
    known = session.settings.store.url
    return known if url_without(known, "") == url else url


def _refuse_spooled(url: str) -> None:
    """Raises StoreProblem: callbacks that were answered are not in the store yet."""
    from yzj_daemon.web import spool

    path = spool.path_of(url)
    if path is not None and path.exists() and path.stat().st_size:
        raise StoreProblem(
            Phrase(
                f"{path} 里有已应答、还没存进数据库的回调",
                f"{path} holds callbacks that were answered and not stored yet",
            ),
            Phrase("先启动一次守护进程, 再停掉", "start the daemon once more, and stop it"),
        )


def _print_moved(moved: "Moved", places: tuple[str, str], session: Session) -> None:
    pairs = [
        (Phrase("已搬完", "moved"), f"{places[0]} → {places[1]}"),
        (Phrase("行数", "rows"), str(moved.rows)),
        *((Phrase(name, name), f"{found.rows}  {found.digest}") for name, found in moved.tables.items() if found.rows),
        (Phrase("不知道是否送达", "unknown"), str(moved.unknown)),
    ]
    if moved.nuls and places[1].startswith("postgres"):
        told = f"{moved.nuls} (NUL → \u2400)"
        pairs.append((Phrase("PostgreSQL 存不了的字符已替换", "texts with what PostgreSQL cannot hold"), told))
    output.facts(pairs, session.lang)
    todo = Phrase(
        "两边逐行核对一致. 把 store.url 指向新的数据库再启动; 原来的已标明搬走, 守护进程不会再用它",
        "both were compared row for row. Point store.url to the new one and start; the old one knows that it was "
        "moved, and no daemon starts on it",
    )
    output.line(todo.to(session.lang))


@commands.command(
    help=both(
        "数据库被别的工具恢复到从前之后: 扣住等待中的转发 (先停守护进程)",
        "After other tools put the store back to an earlier state: hold what waits (stop the daemons first)",
    )
)
def distrust(context: typer.Context, yes: Yes = False, as_json: filters.Json = False) -> None:
    from yzj_daemon.storage import copying, moving, schema

    session = Session.of(context)
    with session.any_store() as store:
        moving.require_alone(store)
        if not yes:
            ask(Phrase("扣住所有等待中的转发?", "hold all deliveries that wait?"), session)
        before, _ = store.write_now(partial(schema.upgrade, taken_back=True))
        made = store.write_now(partial(copying.distrust, copy=store.place, who=who(), now=session.now))
        made = made._replace(before=before)
    if as_json:
        output.as_json({**_restored(made, session), "file": store.place})
    else:
        _print_restored(made, store.place, session)


def audit(context: typer.Context, as_json: filters.Json = False) -> int:
    session = Session.of(context)
    with session.store() as store:
        books = store.read_now(_all_books)
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
