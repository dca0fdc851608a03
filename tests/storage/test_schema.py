"""Migrations arrive at exactly the tables that the code speaks of."""

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from yzj_daemon.errors import StoreProblem
from yzj_daemon.storage import schema
from yzj_daemon.storage.engine import Store


def shape(connection: Connection) -> dict[str, list[str]]:
    """Every table's and index's own SQL in its parts, in any order."""
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql <> ''"))
    return {name: sorted(part.strip(" )") for part in " ".join(sql.split()).split(", ")) for name, sql in rows}


def test_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_a_migrated_store_is_what_a_new_one_is(file_store: Store):
    migrated = create_engine("sqlite://")
    with migrated.begin() as connection:
        schema.migrate(connection, None)
        assert schema.version(connection) == schema.HEAD
        expected = shape(connection)
    migrated.dispose()
    assert file_store.read_now(shape) == expected
    assert file_store.read_now(schema.version) == schema.HEAD


def test_a_new_store_is_not_made_over_tables_of_somebody_else(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/other.db")
    store.write_now(lambda c: c.execute(text("CREATE TABLE messages (anything TEXT)")) and None)
    with pytest.raises(StoreProblem, match="messages"):
        store.write_now(schema.upgrade)
    assert list(store.read_now(shape)) == ["messages"]
    store.close()


def test_upgrading_twice_changes_nothing(file_store: Store):
    assert file_store.write_now(schema.upgrade) == (schema.HEAD, schema.HEAD)
