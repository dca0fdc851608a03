"""Bringing a store to this version's schema, and refusing one that is newer.

An empty store is made from the tables as they are. Alembic brings an older one there, and is imported only for that: a
daemon that starts must be ready at once.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, func, inspect, select, text

from yzj_daemon.clock import Millis
from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.storage import controls
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.upsert import upsert

HEAD = "0011"
"""The revision this version writes; tests/storage/test_schema.py holds it against migrations/."""

MOVING: Final = "moving "
"""How the version of a store begins into which another one is being moved: nobody takes that for a whole one."""

SHOWN: Final = 5
"""Tables of another program that are named."""

_CHANGING: Final = 0x797A6A
"""The advisory lock of whoever makes the schema, or changes it."""

_VERSION: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own table."""

MIGRATIONS = Path(__file__).with_name("migrations")


def version(connection: Connection) -> str | None:
    """The store's revision, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def set_version(connection: Connection, revision: str) -> None:
    """Of a store that has one."""
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def strangers(connection: Connection) -> list[str]:
    """Tables that have the names of ours."""
    return sorted({*inspect(connection).get_table_names()} & {*t.metadata.tables})


def refuse_foreign(connection: Connection) -> None:
    """Asked before anything is written: to begin to write turns a file to another journal already.

    Others may have their tables beside ours on a PostgreSQL, in a file they may not.

    Raises:
        StoreProblem: it is another program's.
    """
    _require_ours(connection, version(connection))


def _require_ours(connection: Connection, found: str | None) -> None:
    others = inspect(connection).get_table_names() if found is None and connection.dialect.name == "sqlite" else []
    if others or (found is not None and not found.startswith(MOVING) and not found.isdecimal()):
        raise _foreign(others or ["alembic_version"])


def unhurried(connection: Connection) -> None:
    """What this transaction asks may take as long as it takes: it goes through all there is."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def upgrade(connection: Connection, *, taken_back: bool = False) -> tuple[str | None, str]:
    """Bring the store to HEAD, in the caller's transaction; answers the revisions before and after.

    Several daemons may start on one store at once: the first does it, the others wait and find it done.
    ``taken_back``: also one that was moved away.

    Raises:
        StoreProblem: the store was written by a newer version, which this one must not touch, or by another program;
            it was moved away, or the move into it was not finished.
    """
    before = version(connection)
    _require_ours(connection, before)
    if before is not None and before.startswith(MOVING):
        raise _half_moved()
    if not taken_back and (place := _moved_to(connection, before)) is not None:
        raise moved_away(place)
    if before == HEAD:
        return before, HEAD
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CHANGING)))
        before = version(connection)
    if before is None:
        _create(connection)
    elif before != HEAD:
        migrate(connection, before)
    return before, HEAD


def migrate(connection: Connection, before: str | None) -> None:
    """Bring a store from this revision to HEAD, step by step.

    Raises:
        StoreProblem: the revision is none of this version's.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise _newer(before)
    command.upgrade(config, "head")


def _moved_to(connection: Connection, found: str | None) -> str | None:
    if found is None or not inspect(connection).has_table("actions"):  # the first versions had none
        return None
    return controls.moved_to(connection)


def _create(connection: Connection) -> None:
    """All tables, as Alembic's revisions would leave them; what has one of their names already is somebody else's."""
    if connection.dialect.name == "postgresql":
        for table in t.metadata.tables.values():
            for index in table.indexes:
                if (rows := index.dialect_kwargs.get("sqlite_where")) is not None:
                    index.dialect_kwargs["postgresql_where"] = rows
    t.metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=HEAD))


def probe(connection: Connection, now: Millis) -> None:
    """Write something, to see whether the store can be written."""
    row = upsert(t.probes).values(name="ready", at=now)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def require_current(connection: Connection) -> None:
    """For commands that only read.

    Raises:
        StoreProblem: the store is empty, older or newer than this version.
    """
    found = version(connection)
    if found == HEAD:
        return
    _require_ours(connection, found)
    if found is not None and found.startswith(MOVING):
        raise _half_moved()
    if found is None or found < HEAD:
        raise StoreProblem(
            Phrase(
                f"数据库的结构版本是 {found or '空'}, 这个程序需要 {HEAD}",
                f"the store's schema is {found or 'empty'}, this program needs {HEAD}",
            ),
            Phrase("运行 yzj-daemon db upgrade", "run: yzj-daemon db upgrade"),
        )
    raise _newer(found)


def _half_moved() -> StoreProblem:
    return StoreProblem(
        Phrase("往这个数据库里搬还没有搬完, 不能使用", "a move into this store was not finished: it cannot be used"),
        Phrase(
            "再运行一次同样的 yzj-daemon db move FROM TO, 它会接着搬",
            "run the same yzj-daemon db move FROM TO once more: it goes on where it broke off",
        ),
    )


def moved_away(place: str) -> StoreProblem:
    return StoreProblem(
        Phrase(f"这个数据库已经搬到 {place}", f"this store was moved to {place}"),
        Phrase(
            "把 store.url 指向那里; 如果还是要用这一个: yzj-daemon db distrust (等待中的会先扣住, 可能已从那边发出)",
            "point store.url there; if it is this one that shall go on: yzj-daemon db distrust (what waits is held, "
            "for it may have left from there)",
        ),
    )


def _foreign(tables: list[str]) -> StoreProblem:
    some = ", ".join(sorted(tables)[:SHOWN])
    return StoreProblem(
        Phrase(
            f"这是别的程序的数据库 (有表 {some}), 没有做任何改动",
            f"this is another program's database (it has the tables {some}); nothing was changed",
        ),
        Phrase("检查 store.url; 给 yzj-daemon 一个自己的文件", "check store.url; give yzj-daemon a file of its own"),
    )


def _newer(found: str) -> StoreProblem:
    return StoreProblem(
        Phrase(
            f"数据库由更新的版本写成 (结构 {found}, 本程序 {HEAD}), 没有做任何改动",
            f"the store was written by a newer version (schema {found}, this program {HEAD}); nothing was changed",
        ),
        Phrase("升级程序, 或恢复旧的备份", "upgrade the program, or restore an older backup"),
    )
