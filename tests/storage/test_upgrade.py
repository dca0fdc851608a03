"""A store that an earlier release wrote opens, migrates and balances.

``stores/<revision>.sql`` is what ``sqlite3 store.db .dump`` says of a store that a daemon of that release filled, with
the sandbox for a platform: every kind of sample, deliveries in every state, a quarantined body, a notice, a mute. A
release that changes the schema adds one.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from tests.storage.test_schema import shape
from yzj_daemon.flow.plan import event_of
from yzj_daemon.rules import packing
from yzj_daemon.settings.model import Dedupe
from yzj_daemon.storage import copying, inbox, reports, schema
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Filter

STORES = sorted(Path(__file__).with_name("stores").glob("*.sql"))


@pytest.fixture
def store(file_store: Store) -> Store:
    """A file: what is looked at here, PostgreSQL has its own tools for."""
    return file_store


def opened(dump: Path, path: Path) -> Store:
    with closing(sqlite3.connect(path)) as old:
        old.executescript(dump.read_text("utf-8"))
    return Store(f"sqlite:///{path}")


def test_the_files_of_rule_sets_are_packed_on_either_engine(url):
    """The first migration of a store on PostgreSQL."""
    files = {"名.toml": "# 退款\n" * 1_000, "b.toml": ""}
    with closing(Store(url)) as store:
        store.write_now(lambda c: _as_0010(c, [json.dumps(files, ensure_ascii=False), ""]))
        assert store.write_now(schema.upgrade) == ("0010", schema.HEAD)
        packed = store.read_now(
            lambda c: c.execute(select(t.rule_sets.c.packed).order_by(t.rule_sets.c.id)).scalars().all()
        )
        first, empty = packed
        assert (packing.unpack(first), packing.unpack(empty)) == (files, {})
        assert len(first) < 200
        assert "sources" not in {
            column["name"] for column in store.read_now(lambda c: inspect(c).get_columns("rule_sets"))
        }
        assert store.write_now(lambda c: inbox.rule_set(c, "new", packing.pack(files), 9)) == 3


def _as_0010(connection, sources):
    for statement in (
        "ALTER TABLE rule_sets DROP COLUMN packed",
        "ALTER TABLE rule_sets ADD COLUMN sources TEXT DEFAULT '' NOT NULL",
        "UPDATE alembic_version SET version_num = '0010'",
    ):
        connection.exec_driver_sql(statement)
    kept = text("INSERT INTO rule_sets (hash, loaded_at, sources) VALUES (:hash, 1, :sources)")
    connection.execute(kept, [{"hash": str(number), "sources": each} for number, each in enumerate(sources)])


@pytest.mark.parametrize("dump", STORES, ids=[dump.stem for dump in STORES])
def test_a_store_of_an_earlier_release_is_brought_to_this_one_with_all_that_was_in_it(dump, tmp_path, store):
    with closing(opened(dump, tmp_path / "old.db")) as old:
        assert old.read_now(schema.version) == dump.stem
        contents = old.read_now(lambda c: c.exec_driver_sql("SELECT id, content FROM messages").all())
        assert old.write_now(schema.upgrade) == (dump.stem, schema.HEAD)
        assert old.read_now(shape) == store.read_now(shape)
        assert old.read_now(copying.unsound) == copying.Unsound()
        books = old.read_now(reports.books)
        assert books.balanced
        assert books.received == len(contents) > 10
        assert {state for state, n in books.deliveries.items() if n} >= {
            "pending", "held", "unknown", "sent", "confirmed", "failed",
        }  # fmt: skip
        kept = old.read_now(lambda c: c.execute(select(t.messages.c.id, t.messages.c.content)).all())
        assert [tuple(row) for row in kept] == [tuple(row) for row in contents]
        ids = [row.id for row in kept]
        for received in old.read_now(lambda c: reports.received_all(c, ids)):
            assert received.event == event_of(received.original, Dedupe().event_keys)
        [pending, *_] = old.read_now(lambda c: reports.deliveries(c, Filter(state="pending"), 10))
        judged = old.read_now(lambda c: reports.judgement(c, pending.message_id))
        assert judged is not None
        assert judged.rules == pending.rules
        assert "退款" in judged.sources["rules.toml"]
