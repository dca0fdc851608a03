"""A store as a file: a copy of it while the daemon writes on, putting a copy back, giving back what is unused.

What a restored store cannot know, it must not guess. Between the backup and the restore messages were received and
forwarded that it knows nothing of, and what waited in it has left since. So nothing of that leaves by itself: see
:func:`distrust`, and ``flow/intake.py`` for what a catch-up brings.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import DBAPIError

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import State
from yzj_daemon.durable import sync_directory
from yzj_daemon.errors import Phrase, StoreProblem, UsageProblem
from yzj_daemon.storage import controls, outbox, schema
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.sqlite import damaged, hand_over

PAGES_AT_ONCE: Final = 1_000
"""Pages between two looks at the progress."""

ACCOMPANYING: Final = ("-wal", "-shm")
"""Files that SQLite keeps beside a store, and that belong to it alone."""

Progress = Callable[[int, int], None]
"""Told of how many pages are left, and how many there are."""


def no_progress(_left: int, _whole: int) -> None:
    """Nobody watches."""


def backup(source: Path, target: Path, progress: Progress = no_progress) -> int:
    """Copy a store that may be in use, whole or not at all, and check the copy; answers its size in bytes.

    All of it is of one moment: a read transaction holds it while others write on. Without that, SQLite would begin
    anew whenever somebody else writes, and never end on a busy store.

    Raises:
        UsageProblem: ``target`` exists.
        StoreProblem: there is no room or no permission, or what was copied is damaged.
    """
    neighbour = target.with_name(target.name + ".partial")
    _refuse(target, neighbour)
    with _told(target):
        try:
            neighbour.touch(mode=0o600, exist_ok=False)  # messages are private
            _copy(source, neighbour, progress)
            _require_sound(neighbour, copied=source)
            _put(neighbour, target)
        except BaseException:
            neighbour.unlink(missing_ok=True)
            raise
    return target.stat().st_size


def _copy(source: Path, target: Path, progress: Progress) -> None:
    with closing(_opened(source)) as old, closing(sqlite3.connect(target)) as new:
        old.execute("BEGIN")
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it sees one moment
        old.backup(new, pages=PAGES_AT_ONCE, progress=lambda _status, left, whole: progress(left, whole))
        old.execute("ROLLBACK")
        new.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it


def _opened(path: Path) -> sqlite3.Connection:
    """To read only; a store that was left behind in WAL mode is read as well."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _require_sound(path: Path, *, copied: Path | None = None) -> None:
    """Raises StoreProblem: no page of it may be trusted. ``copied``: of what it is a copy as of now, fault and all."""
    with closing(_opened(path)) as copy:
        said = [row[0] for row in copy.execute("PRAGMA quick_check(5)")]
    if said != ["ok"]:
        raise _damaged(path, "; ".join(said)) if copied is None else _damaged_itself(copied, "; ".join(said))


def _put(neighbour: Path, target: Path) -> None:
    """Give a complete file its name, so that a power cut leaves it whole or not there."""
    with neighbour.open("rb") as file:
        os.fsync(file.fileno())
    _refuse(target)
    neighbour.rename(target)
    sync_directory(target.parent)


# Putting a copy back ------------------------------------------------------------------------------------------------


class Restored(NamedTuple):
    """``aside``: where the store of before lies now, None if there was none. ``newest``: when the copy received last.

    ``held``: deliveries that waited in the copy, and wait for a person now; ``unknown``: those that were on their way.
    """

    aside: Path | None
    newest: Millis | None
    before: str | None
    held: int
    unknown: int


def restore(copy: Path, url: str, who: str, now: Millis, progress: Progress = no_progress) -> Restored:
    """Put a copy in the place of the store, at this version's schema; the store of before is kept beside it.

    Raises:
        StoreProblem: a daemon runs on the store; the copy is damaged, or was written by a newer version.
    """
    with closing(Store(url)) as place:
        target = place.path
        if copy.resolve() == target.resolve():
            raise UsageProblem(Phrase(f"{copy} 就是正在用的数据库", f"{copy} is the store itself"))
        place.claim()
        fresh = target.with_name(target.name + ".restoring")
        with _told(target):
            remove(fresh)
            try:
                fresh.touch(mode=0o600)
                _copy(copy, fresh, progress)
                _require_sound(fresh)
                made = _made_ours(fresh, copy, who, now)
                hand_over(fresh, target if target.exists() else target.parent)
            except BaseException:
                remove(fresh)
                raise
            return made._replace(aside=_exchanged(fresh, target, now))


def _made_ours(fresh: Path, copy: Path, who: str, now: Millis) -> Restored:
    with closing(Store(f"sqlite:///{fresh}")) as store:
        if store.read_now(schema.version) is None:
            raise _damaged(copy, "no store of yzj-daemon")
        before, _ = store.write_now(partial(schema.upgrade, taken_back=True))
        made = store.write_now(lambda connection: distrust(connection, str(copy), who, now))
    with closing(sqlite3.connect(fresh)) as left:
        left.execute("PRAGMA journal_mode = DELETE")  # what stands beside it goes into it
    return made._replace(before=before)


def distrust(connection: Connection, copy: str, who: str, now: Millis) -> Restored:
    """From now on this store knows that it was restored: what waited may have left since, what was on its way too.

    Pending deliveries are held, for a person or for their own copies that a catch-up brings; what is unknown is not
    sent again by itself, for its own copy may have come into what is lost.
    """
    d, m = t.deliveries.c, t.messages.c
    unknown = outbox.interrupted(connection, now)
    connection.execute(update(t.deliveries).where(d.state == State.UNKNOWN).values(on_unknown="hold"))
    doubtful = update(t.deliveries).where(d.state == State.PENDING)
    held = connection.execute(
        doubtful.values(state=State.HELD, reason=controls.RESTORED, parked=False, updated_at=now)
    ).rowcount
    newest = connection.execute(select(func.max(m.received_at))).scalar_one()
    what = {"file": copy, "newest": newest, "unknown": unknown}
    controls.record(connection, who, controls.RESTORE, what, held, now)
    return Restored(None, newest, None, held, unknown)


def _exchanged(fresh: Path, target: Path, now: Millis) -> Path | None:
    """The files that belong to the store of before go first: SQLite would take them for the new one's."""
    if not target.exists():
        fresh.rename(target)
        sync_directory(target.parent)
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(target)) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    aside = target.with_name(f"{target.name}.before-restore-{now}")
    for ending in ACCOMPANYING:
        with suppress(FileNotFoundError):
            Path(f"{target}{ending}").rename(f"{aside}{ending}")
    try:
        aside.hardlink_to(target)  # so that there is a store at every moment
    except OSError:
        target.rename(aside)
    fresh.replace(target)
    sync_directory(target.parent)
    return aside


def remove(path: Path) -> None:
    """A store, with the files beside it."""
    for ending in ("", *ACCOMPANYING):
        Path(f"{path}{ending}").unlink(missing_ok=True)


# Room ---------------------------------------------------------------------------------------------------------------


class Room(NamedTuple):
    """Bytes of the file, and those of them in pages that nothing lies in; they are used again as the store grows."""

    bytes: int
    free: int


def room(connection: Connection) -> Room:
    """Of PostgreSQL, what the whole database takes: it tells of no free pages without reading them all."""
    if connection.dialect.name == "postgresql":
        return Room(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one(), 0)
    size, pages, free = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_size", "page_count", "freelist_count")
    )
    return Room(size * pages, size * free)


def compact(url: str) -> tuple[Room, Room]:
    """Write the store anew without its free pages; answers the room it took before and takes now.

    Raises:
        StoreProblem: a daemon runs on it, or there is no room for the second copy that this needs for a while.
    """
    with closing(Store(url)) as store:
        path = store.path
        store.claim()
        before = store.read_now(room)
        with _told(path), closing(sqlite3.connect(path, isolation_level=None)) as alone:
            alone.execute("VACUUM")
            alone.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return before, store.read_now(room)


# What is wrong ------------------------------------------------------------------------------------------------------


class Unsound(NamedTuple):
    """What is wrong with a store, each check's own words, at most a hundred of each; and what to do about it."""

    problems: tuple[Phrase, ...] = ()
    todo: Phrase | None = None


_MEND: Final = Phrase(
    "停掉守护进程, 恢复一份好的备份: yzj-daemon db restore FILE",
    "stop the daemon, and put a good backup in its place: yzj-daemon db restore FILE",
)


def unsound(connection: Connection, done: Callable[[int], None] = lambda _more: None) -> Unsound:
    """Look at all of it. PostgreSQL lets nothing point to what is not there, and looks after its own pages."""
    misfit, damage = None, list[Phrase]()
    try:
        misfit = _misfit(connection)
        done(1)
        for look in () if connection.dialect.name == "postgresql" else (_pages, _references):
            damage += look(connection)
            done(1)
    except DBAPIError as error:
        if not damaged(error):
            raise
        damage.append(_damage(error.orig))
    if damage:
        connection.connection.rollback()  # of a damaged file not even a commit of nothing succeeds
    told = (*([misfit.what] if misfit else []), *damage)
    return Unsound(told, _MEND if damage else misfit.todo if misfit else None)


def _misfit(connection: Connection) -> StoreProblem | None:
    try:
        schema.require_current(connection)
    except StoreProblem as problem:
        return problem
    return None


def _pages(connection: Connection) -> list[Phrase]:
    rows = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
    return [_damage(row) for row in rows if row != "ok"]


def _references(connection: Connection) -> list[Phrase]:
    rows: list[Any] = list(connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(100))
    places = [f"{table} {row_id} → {parent}" for table, row_id, parent, _ in rows]
    return [Phrase(f"指向不存在的行: {where}", f"points to a row that is not there: {where}") for where in places]


def _damage(said: object) -> Phrase:
    return Phrase(f"数据损坏: {said}", f"damaged: {said}")


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        space = Phrase("检查磁盘空间和目录权限", "check disk space and directory permissions")
        source = Phrase("来源已损坏, 或不是数据库", "what is copied is damaged, or no store")
        raise StoreProblem(
            Phrase(f"{target} 无法写成: {error}", f"{target} could not be written: {error}"),
            source if damaged(error) else space,
        ) from error


def _refuse(*files: Path) -> None:
    for file in files:
        if file.exists():
            raise UsageProblem(
                Phrase(f"{file} 已经存在, 没有覆盖", f"{file} exists and was not overwritten"),
                Phrase("换一个文件名", "give another name"),
            )


def _damaged(path: Path, said: str) -> StoreProblem:
    return StoreProblem(
        Phrase(f"{path} 已损坏, 或不是数据库: {said}", f"{path} is damaged, or no store: {said}"),
        Phrase("换一份备份; 用 yzj-daemon db check 检查", "use another backup; yzj-daemon db check looks at a store"),
    )


def _damaged_itself(store: Path, said: str) -> StoreProblem:
    return StoreProblem(
        Phrase(
            f"{store} 已损坏, 没有留下副本: {said}", f"{store}: what is copied is damaged, no copy was kept: {said}"
        ),
        Phrase(
            "停掉守护进程, 恢复一份好的备份: yzj-daemon db restore FILE",
            "stop the daemon and put a good backup in its place: yzj-daemon db restore FILE",
        ),
    )
