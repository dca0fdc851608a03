"""Looking at the store without being in anybody's way."""

from pathlib import Path

import pytest

from yzj_daemon.errors import StoreProblem
from yzj_daemon.storage import reports
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reader import Reader, TookTooLong, version

FOR_EVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


async def test_a_question_without_an_end_is_broken_off_and_the_next_one_answered(store: Store) -> None:
    reader = Reader(store, within=0.05)
    with pytest.raises(TookTooLong, match="narrow it down"):
        await reader.read(lambda c: c.exec_driver_sql(FOR_EVER).scalar_one())
    assert await reader.read(lambda c: reports.counted(c, ())) == {}
    reader.close()


async def test_who_looks_writes_nothing(store: Store) -> None:
    reader = Reader(store)
    with pytest.raises(StoreProblem, match=r"read-?only"):
        await reader.read(lambda c: c.exec_driver_sql("DELETE FROM messages"))
    reader.close()


async def test_a_store_that_is_not_there_is_told(tmp_path: Path) -> None:
    reader = Reader(Store(f"sqlite:///{tmp_path}/missing/store.db"))
    with pytest.raises(StoreProblem, match="no directory"):
        await reader.read(version)
    reader.close()


async def test_the_version_changes_with_what_people_look_at(store: Store) -> None:
    reader = Reader(store)
    before = await reader.read(version)
    assert await reader.read(version) == before
    added = "INSERT INTO actions (at, who, verb, what) VALUES (1, 'w', 'hold', '{}')"
    await store.write(lambda c: c.exec_driver_sql(added))
    assert await reader.read(version) != before
    reader.close()
