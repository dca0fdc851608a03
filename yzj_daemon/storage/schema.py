"""Bringing a store to this version's schema, and refusing one that is newer.

Alembic does the work, and is imported only when there is work: a daemon that starts on a current store must be
ready at once.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, inspect, select, text

from yzj_daemon.clock import Millis
from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.upsert import upsert

HEAD = "0010"
"""The revision this version writes; tests/storage/test_schema.py holds it against migrations/."""

_CHANGING: Final = 0x797A6A
"""The advisory lock of whoever makes the schema, or changes it."""

MIGRATIONS = Path(__file__).with_name("migrations")


def version(connection: Connection) -> str | None:
    """The store's revision, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(connection: Connection) -> tuple[str | None, str]:
    """Bring the store to HEAD, in the caller's transaction; answers the revisions before and after.

    Several daemons may start on one store at once: the first does it, the others wait and find it done.

    Raises:
        StoreProblem: the store was written by a newer version, which this one must not touch.
    """
    before = version(connection)
    if before == HEAD:
        return before, HEAD
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CHANGING)))
        before = version(connection)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise _newer(before)
    if before is None and connection.dialect.name == "postgresql":
        _create(connection)
        command.stamp(config, "head")
    else:
        command.upgrade(config, "head")
    return before, HEAD


def _create(connection: Connection) -> None:
    """On PostgreSQL the first schema is the one of 0010 or later: there is nothing older to migrate from."""
    for table in t.metadata.tables.values():
        for index in table.indexes:
            if (rows := index.dialect_kwargs.get("sqlite_where")) is not None:
                index.dialect_kwargs["postgresql_where"] = rows
    t.metadata.create_all(connection)


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
    if found is None or found < HEAD:
        raise StoreProblem(
            Phrase(
                f"数据库的结构版本是 {found or '空'}, 这个程序需要 {HEAD}",
                f"the store's schema is {found or 'empty'}, this program needs {HEAD}",
            ),
            Phrase("运行 yzj-daemon db upgrade", "run: yzj-daemon db upgrade"),
        )
    raise _newer(found)


def _newer(found: str) -> StoreProblem:
    return StoreProblem(
        Phrase(
            f"数据库由更新的版本写成 (结构 {found}, 本程序 {HEAD}), 没有做任何改动",
            f"the store was written by a newer version (schema {found}, this program {HEAD}); nothing was changed",
        ),
        Phrase("升级程序, 或恢复旧的备份", "upgrade the program, or restore an older backup"),
    )
