"""Group commit, isolation of failures, the one-daemon claim, and a full disk."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import IntegrityError

from yzj_daemon.errors import StoreProblem
from yzj_daemon.storage import schema
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store


def add_account(name: str):
    def work(connection: Connection) -> str:
        connection.execute(t.accounts.insert().values(account=name))
        return name

    return work


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(t.accounts)).scalar_one()


async def test_what_write_answered_is_committed_and_readable(store: Store, url: str):
    assert await store.write(add_account("A")) == "A"
    assert await store.read(count) == 1
    with closing(Store(url)) as other:
        assert other.read_now(count) == 1


async def test_many_writes_at_once_all_end_with_their_own_result(store: Store):
    names = [str(n) for n in range(300)]
    assert await asyncio.gather(*(store.write(add_account(name)) for name in names)) == names
    assert await store.read(count) == 300


async def test_one_failing_write_takes_none_of_its_group_with_it(store: Store):
    results = await asyncio.gather(
        *(store.write(add_account(name)) for name in ("A", "B", "A", "C")), return_exceptions=True
    )
    assert [type(r) for r in results] == [str, str, IntegrityError, str]
    assert await store.read(count) == 3


async def test_readers_cannot_write(store: Store):
    with pytest.raises(StoreProblem, match=r"read-?only"):
        await store.read(add_account("A"))


async def test_a_reader_is_not_blocked_by_a_transaction_under_way(store: Store):
    await store.write(add_account("A"))
    seen: list[int] = []

    def slow(connection: Connection) -> None:
        connection.execute(t.accounts.insert().values(account="B"))
        seen.append(store.read_now(count))

    await store.write(slow)
    assert seen == [1]
    assert await store.read(count) == 2


async def test_what_one_reader_asks_is_of_one_moment(store: Store, url: str):
    with closing(Store(url)) as other:

        def twice(connection: Connection) -> tuple[int, int]:
            first = count(connection)
            other.write_now(add_account("between"))
            return first, count(connection)

        assert store.read_now(twice) == (0, 0)
        assert store.read_now(count) == 1


async def test_durable_settings_are_in_force(file_store: Store):
    def pragmas(connection: Connection) -> tuple[str, int, int]:
        return tuple(  # type: ignore[return-value]
            connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        )

    assert await file_store.write(pragmas) == ("wal", 2, 1)


async def test_a_full_disk_is_a_named_problem_corrupts_nothing_and_heals(file_store: Store):
    store = file_store
    await store.write(add_account("before"))

    def limit_pages(connection: Connection) -> None:
        used = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {used + 2}"))

    def fill(connection: Connection) -> None:
        connection.execute(t.accounts.insert().values(account="big", name="x" * 1_000_000))

    await store.write(limit_pages)
    with pytest.raises(StoreProblem) as full:
        await store.write(fill)
    assert "full" in full.value.what.en
    assert "磁盘" in full.value.to("zh")
    assert await store.read(count) == 1
    await store.write(lambda c: c.execute(text("PRAGMA max_page_count = 1073741823")) and None)
    await store.write(fill)
    assert await store.read(count) == 2


def test_a_second_daemon_on_one_store_is_refused_and_named(tmp_path: Path):
    first = Store(f"sqlite:///{tmp_path}/s.db").claim()
    second = Store(f"sqlite:///{tmp_path}/s.db")
    with pytest.raises(StoreProblem, match="another yzj-daemon"):
        second.claim()
    first.close()
    second.claim().close()


@pytest.mark.parametrize("url", ["mysql://u:pw@h/db", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_a_url_that_is_no_store_is_refused_without_showing_a_password(url: str):
    with pytest.raises(StoreProblem) as refused:
        Store(url)
    assert "pw" not in str(refused.value)


def test_a_store_of_a_newer_version_is_refused_and_untouched(store: Store):
    store.write_now(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")) and None)
    for check in (schema.upgrade, schema.require_current):
        with pytest.raises(StoreProblem, match="newer version"):
            store.write_now(check)


def test_an_empty_store_asks_for_an_upgrade(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(StoreProblem, match="db upgrade"):
        store.read_now(schema.require_current)
    store.close()


def durable(connection: Connection) -> str:
    return connection.execute(text("SHOW synchronous_commit")).scalar_one()


async def test_a_commit_is_on_the_disk_also_where_the_server_would_not_wait_for_it(database_url: str):
    with closing(Store(database_url)) as store:
        assert await store.read(durable) == "off", "the server's default"
        assert await store.write(durable) == "on"
    with closing(Store(f"{database_url}?options=-csynchronous_commit%3Dremote_apply")) as store:
        assert await store.write(durable) == "remote_apply", "what is stricter stays"
