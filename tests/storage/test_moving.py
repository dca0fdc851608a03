"""A store that becomes another one: of the other engine or the same, whole, once, and never by halves."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tests.storage.conftest import message_row
from tests.storage.filling import WORDS, fill
from yzj_daemon.delivery import State
from yzj_daemon.errors import StoreProblem, UsageProblem
from yzj_daemon.storage import controls, copying, daemons, inbox, moving, schema
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store

ROWS = 20


@pytest.fixture
def source(file_store: Store) -> Store:
    file_store.write_now(lambda c: fill(c, ROWS))
    return file_store


@pytest.fixture
def target(database_url: str):
    with closing(Store(database_url)) as store:
        yield store


def sums(store: Store) -> dict[str, moving.Sum]:
    """Without the books of moves themselves, and what a move settles."""
    return {table.name: moving.summed(store, table)[:2] for table in moving.carried() if table is not t.actions}


def count(store: Store, table) -> int:
    return store.read_now(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


def settle(store: Store) -> None:
    """Nothing is on its way, so that a move has nothing to settle."""
    store.write_now(lambda c: c.execute(text("UPDATE deliveries SET state = 'sent' WHERE state = 'sending'")))
    store.write_now(lambda c: c.execute(text("UPDATE calls SET ended_at = 5 WHERE ended_at IS NULL")))


def test_every_table_is_filled_so_that_none_is_forgotten(source):
    assert {table.name for table in moving.carried()} | moving.LEFT_BEHIND == {*t.metadata.tables}
    assert {count(source, table) for table in moving.carried()} == {ROWS}


def test_forth_and_back_it_is_the_same_row_for_row(source, target, tmp_path):
    settle(source)
    before = sums(source)
    walked = []
    moved = moving.move(source, target, "ann", 9_000, lambda left, whole: walked.append((left, whole)))
    assert walked[-1] == (0, 3 * moved.rows)
    assert sums(target) == before
    assert moved.nuls > 0, "they were counted"
    with closing(Store(f"sqlite:///{tmp_path}/back.db")) as back:
        moving.move(target, back, "ann", 9_500)
        assert sums(back) == before
        assert (tmp_path / "back.db").stat().st_mode & 0o777 == 0o600
        assert count(back, t.actions) == ROWS + 2, "of each arrival; not of the departures"
        back.write_now(schema.upgrade)  # a daemon may start on it


def test_a_text_with_a_nul_arrives_with_its_symbol(source, target):
    source.write_now(lambda c: c.execute(text("UPDATE messages SET content = 'x' || char(0) || 'y' WHERE id = 5")))
    moving.move(source, target, "ann", 9_000)
    assert (
        target.read_now(lambda c: c.execute(text("SELECT content FROM messages WHERE id = 5")).scalar()) == "x\u2400y"
    )
    assert any("\0" in word for word in WORDS)


def test_what_was_on_its_way_is_unknown_and_new_rows_get_new_numbers(source, target):
    sending = source.read_now(
        lambda c: c.execute(select(func.count()).where(t.deliveries.c.state == State.SENDING)).scalar_one()
    )
    assert sending > 0
    assert moving.move(source, target, "ann", 9_000).unknown == sending
    left = select(func.count()).where(t.deliveries.c.state == State.SENDING)
    assert target.read_now(lambda c: c.execute(left).scalar_one()) == 0
    last = 3 * (ROWS - 1) + 5
    new = target.write_now(lambda c: inbox.add(c, [message_row(key="new")]))
    assert new == {last + 1}
    owners = select(t.lanes.c.owner).distinct()
    assert target.read_now(lambda c: c.execute(owners).scalars().all()) == [None]


def test_the_source_is_as_it_was_but_for_the_word_that_it_moved(source, target):
    before = sums(source)
    moving.move(source, target, "ann", 9_000)
    assert sums(source) == before
    newest = source.read_now(lambda c: controls.actions(c, 1))[0]
    assert (newest.verb, newest.who) == ("moved", "ann")


def test_no_daemon_starts_on_a_store_that_moved_away_until_it_is_distrusted(source, target):
    moving.move(source, target, "ann", 9_000)
    with pytest.raises(StoreProblem, match="this store was moved to postgresql://"):
        source.write_now(schema.upgrade)
    source.read_now(schema.require_current)  # it may still be read
    source.write_now(lambda c: copying.distrust(c, "x", "ann", 9_001))
    source.write_now(schema.upgrade)


def test_a_moved_store_does_not_move_again(source, target, tmp_path):
    moving.move(source, target, "ann", 9_000)
    with closing(Store(f"sqlite:///{tmp_path}/other.db")) as other, pytest.raises(StoreProblem, match="was moved to"):
        moving.move(source, other, "ann", 9_000)


class EnoughError(Exception):
    """Somebody pulled the plug."""


def broken_off(source: Store, target: Store, after: int) -> None:
    """A move that ends when so many rows were walked past."""

    def progress(left: int, whole: int) -> None:
        if whole - left >= after:
            raise EnoughError

    with pytest.raises(EnoughError):
        moving.move(source, target, "ann", 9_000, progress)


@pytest.mark.parametrize("after", [ROWS * 9, ROWS * 25])
def test_half_of_a_store_is_none_and_the_same_move_goes_on(source, target, after):
    broken_off(source, target, after)
    with pytest.raises(StoreProblem, match="not finished"):
        target.write_now(schema.upgrade)
    with pytest.raises(StoreProblem, match="not finished"):
        target.read_now(schema.require_current)
    source.write_now(schema.upgrade)  # the source may still go on
    moving.move(source, target, "ann", 9_000)
    target.write_now(schema.upgrade)
    assert count(target, t.messages) == ROWS


def test_within_a_table_it_goes_on_behind_the_last_row(file_store, target):
    many = [message_row(key=str(n)) for n in range(moving.BITE + 10)]
    file_store.write_now(lambda c: inbox.add(c, many) and None)
    decided = "INSERT INTO decisions (message_id, reason, decided_at) SELECT id, 'too_old', 1 FROM messages"
    file_store.write_now(lambda c: c.execute(text(decided)) and None)
    broken_off(file_store, target, moving.BITE)
    assert count(target, t.messages) == moving.BITE
    assert moving.move(file_store, target, "ann", 9_000).tables["messages"].rows == moving.BITE + 10


def test_a_move_that_broke_off_in_its_last_step_is_finished(source, target):
    """The source says already that it moved, the target does not yet say that it is whole."""
    broken_off(source, target, 1)
    source.write_now(lambda c: controls.record(c, "ann", controls.MOVED, {"to": target.place}, 0, 9_000) and None)
    with pytest.raises(StoreProblem, match="was moved to"):
        source.write_now(schema.upgrade)
    moving.move(source, target, "ann", 9_000)
    target.write_now(schema.upgrade)


@pytest.mark.parametrize("side", ["source", "target"])
def test_what_was_changed_meanwhile_is_found_and_only_anew_helps(source, target, side):
    broken_off(source, target, ROWS * 25)
    changed = text("UPDATE messages SET content = 'changed' WHERE id = 5")
    (source if side == "source" else target).write_now(lambda c: c.execute(changed) and None)
    with pytest.raises(StoreProblem, match="is not what left: messages"):
        moving.move(source, target, "ann", 9_000)
    with pytest.raises(StoreProblem, match="not finished"):
        target.write_now(schema.upgrade)
    moving.move(source, target, "ann", 9_000, anew=True)
    target.write_now(schema.upgrade)


def test_a_row_in_the_way_is_no_surprise(source, target):
    broken_off(source, target, 1)
    clash = text("INSERT INTO quarantine (id, received_at, body) VALUES (20, 1, 'x')")
    target.write_now(lambda c: c.execute(clash) and None)
    with pytest.raises(StoreProblem, match="is not what left: quarantine"):
        moving.move(source, target, "ann", 9_000)


def test_a_target_that_holds_something_is_refused(source, target):
    target.write_now(lambda c: c.execute(text("INSERT INTO probes (name, at) VALUES ('x', 1)")) and None)
    with pytest.raises(StoreProblem, match=r"holds something else already \(probes\)"):
        moving.move(source, target, "ann", 9_000)
    with pytest.raises(StoreProblem, match="holds something else"):
        moving.move(source, target, "ann", 9_000, anew=True)
    assert count(target, t.messages) == 0


def test_another_move_into_the_same_target_is_refused(source, target, tmp_path):
    broken_off(source, target, 1)
    with closing(Store(f"sqlite:///{tmp_path}/other.db")) as other:
        other.write_now(schema.upgrade)
        with pytest.raises(StoreProblem, match="holds something else"):
            moving.move(other, target, "ann", 9_000)


def test_a_store_does_not_move_into_itself(source):
    with closing(Store(source.url)) as same, pytest.raises(UsageProblem, match="the same store"):
        moving.move(source, same, "ann", 9_000)


def test_nothing_moves_while_a_daemon_runs_on_either_side(source, target, tmp_path):
    with closing(Store(source.url)) as daemon:
        daemon.claim()
        with pytest.raises(StoreProblem, match="is using the store"):
            moving.move(source, target, "ann", 9_000)
    number = target.write_now(lambda c: daemons.join(c, "host:1", "1", "h"))
    with pytest.raises(StoreProblem, match=r"daemons run on .*: host:1"):
        moving.move(source, target, "ann", 9_000)
    target.write_now(lambda c: daemons.leave(c, number))
    moving.move(source, target, "ann", 9_000)
    target.write_now(lambda c: daemons.join(c, "host:2", "1", "h"))
    with closing(Store(f"sqlite:///{tmp_path}/back.db")) as back, pytest.raises(StoreProblem, match="host:2"):
        moving.move(target, back, "ann", 9_000)


def test_a_daemon_that_was_frozen_during_the_move_gets_no_lease_of_what_moved_away(source, target, tmp_path):
    moving.move(source, target, "ann", 9_000)
    number = target.write_now(lambda c: daemons.join(c, "host:1", "1", "h"))
    target.write_now(lambda c: c.execute(text("UPDATE daemons SET leased_until = 0")) and None)
    with closing(Store(f"sqlite:///{tmp_path}/back.db")) as back:
        moving.move(target, back, "ann", 9_500)
    assert not target.write_now(lambda c: daemons.renew(c, number, "h"))
    with pytest.raises(StoreProblem, match="was moved to"):
        target.write_now(lambda c: daemons.join(c, "host:1", "1", "h"))


def test_a_store_of_another_version_or_with_open_books_stays(source, target, tmp_path):
    source.write_now(lambda c: schema.set_version(c, "0009"))
    with pytest.raises(StoreProblem, match="0009"):
        moving.move(source, target, "ann", 9_000)
    source.write_now(lambda c: schema.set_version(c, schema.HEAD))
    source.write_now(lambda c: c.execute(text("DELETE FROM decisions WHERE message_id = 5")) and None)
    with pytest.raises(StoreProblem, match="do not balance"):
        moving.move(source, target, "ann", 9_000)
    assert not Path(tmp_path / "none").exists()
