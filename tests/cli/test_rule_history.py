"""The sets that were in force, and back to one of them."""

from contextlib import closing

import pytest

from tests.cli.conftest import RULES
from yzj_daemon.flow.rulebook import Rulebook
from yzj_daemon.storage import schema
from yzj_daemon.storage.engine import Store
from yzj_daemon.yzj import payloads

SECOND = RULES.replace('id = "merge"', 'id = "合并"').replace('contains = ["退款"]', 'contains = ["退款", "投诉"]')


@pytest.fixture
def shelf(shell):
    """A store that saw two rule sets, one after the other."""
    for text in (RULES, SECOND):
        shell.rules(text)
        with closing(Store(shell.environ["YZJ_STORE__URL"])) as store:
            store.write_now(schema.upgrade)
            path = shell.directory / "rules.toml"
            Rulebook(path, payloads.split, store, clock=shell.clock, metrics=shell.metrics).first()
    return shell


def on_disk(shelf) -> str:
    return (shelf.directory / "rules.toml").read_text("utf-8")


def test_each_set_is_listed_with_its_time_and_size(shelf):
    rows = shelf.rows("rules", "history")
    assert [(row["rules"], row["files"]) for row in rows] == [(2, ["rules.toml"])] * 2
    assert "merge" in shelf("rules", "history")[1]


def test_a_set_is_shown_as_it_was(shelf):
    first = shelf.rows("rules", "history")[-1]["hash"]
    assert RULES in shelf("rules", "show", first[:8])[1]
    assert shelf("rules", "show", "zz")[0] == 2


def test_back_to_the_set_before_and_forth_again(shelf):
    code, out, _ = shelf("rules", "rollback")
    assert (code, on_disk(shelf)) == (1, SECOND), "not without --yes"
    assert "+ merge" in out
    assert "- 合并" in out
    assert "~ 退款" in out
    assert shelf("rules", "rollback", "--yes")[0] == 0
    assert on_disk(shelf) == RULES
    newest = shelf.rows("actions")[0]
    assert newest["verb"] == "rollback"
    assert shelf("rules", "rollback", newest["what"]["hash"], "--yes")[0] == 0
    assert shelf("rules", "rollback", "--yes")[0] == 0
    assert on_disk(shelf) == SECOND


def test_a_broken_file_is_put_right(shelf):
    shelf.rules("[[rules]\n")
    assert shelf("rules", "rollback", "--yes")[0] == 0
    assert on_disk(shelf) == SECOND
    (shelf.directory / "rules.toml").unlink()
    assert shelf("rules", "rollback", "--yes")[0] == 0
    assert on_disk(shelf) == SECOND
