"""Migrations arrive at exactly the tables that the code speaks of."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from yzj_daemon.storage import schema
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.tables import metadata


def shape(connection: Connection) -> dict[str, list[str]]:
    """Every table's and index's own SQL in its parts, in any order, but for Alembic's bookkeeping."""
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql <> '' AND name <> 'alembic_version'"))
    return {name: sorted(part.strip(" )") for part in " ".join(sql.split()).split(", ")) for name, sql in rows}


def test_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_a_migrated_store_is_what_tables_says(file_store: Store):
    fresh = create_engine("sqlite://")
    with fresh.begin() as connection:
        metadata.create_all(connection)
        expected = shape(connection)
    fresh.dispose()
    assert file_store.read_now(shape) == expected


def test_upgrading_twice_changes_nothing(file_store: Store):
    assert file_store.write_now(schema.upgrade) == (schema.HEAD, schema.HEAD)
