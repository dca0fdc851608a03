"""A copy of a store in use, a copy put back, and room given back."""

import os
import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import func, select, text

from tests.storage.conftest import message_row
from yzj_daemon.delivery import State
from yzj_daemon.errors import StoreProblem, UsageProblem
from yzj_daemon.storage import controls, copying, inbox, reports, schema
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Filter


@pytest.fixture
def store(file_store: Store) -> Store:
    """A file: what is looked at here, PostgreSQL has its own tools for."""
    return file_store


def fill(store: Store, count: int, first: int = 0) -> None:
    rows = [message_row(key=f"k{n}", content="x" * 2_000) for n in range(first, first + count)]
    store.write_now(lambda c: inbox.add(c, rows) and None)


def messages(path) -> int:
    with closing(Store(f"sqlite:///{path}")) as store:
        return store.read_now(lambda c: c.execute(select(func.count()).select_from(t.messages)).scalar_one())


def states(path) -> dict[str, str]:
    with closing(Store(f"sqlite:///{path}")) as store:
        found = store.read_now(lambda c: reports.deliveries(c, Filter(), 100))
    return {line.chat: f"{line.state} {line.reason}".strip() for line in found}


def test_a_copy_is_of_one_moment_and_ends_while_others_write(store, tmp_path):
    """Pairs are written together: no copy may hold one half. By steps without a transaction it would never end."""
    fill(store, 4_000)
    over, written = threading.Event(), []

    def write() -> None:
        n = 10_000
        with closing(Store(store.url)) as other:
            while not over.is_set():
                fill(other, 2, n)
                n += 2
                written.append(n)

    writer = threading.Thread(target=write)
    writer.start()
    steps = []
    try:
        while not written:
            pass
        for n in range(3):
            copying.backup(store.path, tmp_path / f"copy{n}.db", lambda left, whole: steps.append((left, whole)))
    finally:
        over.set()
        writer.join()
    assert len(written) > 3, "it wrote all the while"
    for n in range(3):
        found = messages(tmp_path / f"copy{n}.db")
        assert found > 4_000
        assert found % 2 == 0
    assert steps[-1][0] == 0
    assert len(steps) > 3


def test_a_copy_is_private_complete_and_never_overwrites(store, tmp_path):
    fill(store, 3)
    size = copying.backup(store.path, tmp_path / "copy.db")
    copy = tmp_path / "copy.db"
    assert (copy.stat().st_size, copy.stat().st_mode & 0o777) == (size, 0o600)
    assert sorted(p.name for p in tmp_path.glob("copy*")) == ["copy.db"]
    with pytest.raises(UsageProblem, match="exists"):
        copying.backup(store.path, copy)
    with pytest.raises(StoreProblem, match="could not be written"):
        copying.backup(store.path, tmp_path / "no" / "folder.db")


def test_a_damaged_store_makes_no_backup(store, tmp_path):
    fill(store, 2_000)
    store.close()
    whole = bytearray(store.path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 40_000] = b"\xff" * 40_000
    store.path.write_bytes(whole)
    with pytest.raises(StoreProblem, match="damaged"):
        copying.backup(store.path, tmp_path / "copy.db")
    assert list(tmp_path.glob("copy*")) == []


def test_a_restored_store_lets_nothing_leave_by_itself(store, owe, tmp_path):
    owe("R:waits")
    owe("R:sent", state=State.SENT)
    owe("R:underway", state=State.SENDING, on_unknown="resend")
    owe("R:unknown", state=State.UNKNOWN, on_unknown="resend")
    copying.backup(store.path, tmp_path / "copy.db")
    owe("R:later")
    store.close()
    made = copying.restore(tmp_path / "copy.db", store.url, "op", now=9_000)
    assert (made.held, made.unknown, made.newest, made.before) == (1, 1, 1_000, schema.HEAD)
    assert states(store.path) == {
        "R:waits": "held restored",
        "R:sent": "sent",
        "R:underway": "unknown interrupted",
        "R:unknown": "unknown",
    }
    assert made.aside is not None
    assert states(made.aside)["R:later"] == "pending", "the store of before is kept"
    with closing(Store(store.url)) as restored:
        assert restored.read_now(controls.restored_at) == 9_000
        resend = select(func.count()).where(t.deliveries.c.on_unknown == "resend")
        assert restored.read_now(lambda c: c.execute(resend).scalar_one()) == 0
        [action] = restored.read_now(lambda c: controls.actions(c, 10))
    assert (action.who, action.verb, action.affected) == ("op", "restore", 1)
    assert store.path.stat().st_mode & 0o777 == 0o600


def test_what_the_old_stores_log_holds_does_not_get_into_the_restored_one(store, tmp_path):
    """A store that was killed leaves its newest commits in -wal; beside another file SQLite would take them for its."""
    fill(store, 1)
    copying.backup(store.path, tmp_path / "copy.db")
    crashed = sqlite3.connect(store.path)
    crashed.execute("PRAGMA wal_autocheckpoint = 0")
    fill(store, 50, first=100)
    made = copying.restore(tmp_path / "copy.db", store.url, "op", now=1)
    crashed.close()
    assert messages(store.path) == 1
    assert messages(made.aside) == 51


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_store_that_root_restores_for_a_service_is_the_services(store, tmp_path):
    fill(store, 1)
    copying.backup(store.path, tmp_path / "copy.db")
    store.close()
    os.chown(store.path, 12_345, 12_345)
    copying.restore(tmp_path / "copy.db", store.url, "op", now=1)
    os.chown(tmp_path, 12_346, 12_346)
    copying.restore(tmp_path / "copy.db", f"sqlite:///{tmp_path}/fresh.db", "op", now=1)
    made = ("store.db", "fresh.db", "fresh.db.lock")
    assert [(tmp_path / name).stat().st_uid for name in made] == [12_345, 12_346, 12_346]


def test_a_restore_onto_nothing_makes_the_store(store, tmp_path):
    fill(store, 2)
    copying.backup(store.path, tmp_path / "copy.db")
    made = copying.restore(tmp_path / "copy.db", f"sqlite:///{tmp_path}/fresh.db", "op", now=1)
    assert made.aside is None
    assert messages(tmp_path / "fresh.db") == 2


@pytest.mark.parametrize("fault", ["running", "newer", "damaged", "no store", "itself"])
def test_a_restore_that_cannot_be_changes_nothing(store, tmp_path, fault):
    fill(store, 1)
    copy = tmp_path / "copy.db"
    copying.backup(store.path, copy)
    fill(store, 1, first=10)
    running = Store(store.url).claim() if fault == "running" else None
    if fault == "newer":
        with closing(sqlite3.connect(copy)) as other:
            other.execute("UPDATE alembic_version SET version_num = '9999'")
            other.commit()
    if fault == "damaged":
        copy.write_bytes(copy.read_bytes()[:30_000])
    if fault == "no store":
        copy.unlink()
        with closing(sqlite3.connect(copy)) as other:
            other.execute("CREATE TABLE something (x)")
    store.close()
    with pytest.raises((StoreProblem, UsageProblem)):
        copying.restore(store.path if fault == "itself" else copy, store.url, "op", now=1)
    if running is not None:
        running.close()
    assert messages(store.path) == 2
    assert not list(tmp_path.glob("store.db.*restor*"))


def test_freed_pages_are_used_again_and_compact_gives_them_back(store):
    fill(store, 2_000)
    full = store.read_now(copying.room)
    store.write_now(lambda c: c.execute(text("DELETE FROM messages")) and None)
    emptied = store.read_now(copying.room)
    assert emptied.bytes == full.bytes
    assert emptied.free > full.bytes // 2
    fill(store, 1_500)
    assert store.read_now(copying.room).bytes == full.bytes, "the file does not grow"
    store.write_now(lambda c: c.execute(text("DELETE FROM messages")) and None)
    store.close()
    before, after = copying.compact(store.url)
    assert before.bytes == full.bytes
    assert after.bytes < full.bytes // 4
    assert after.free == 0
