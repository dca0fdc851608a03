"""Rules change hands whole or not at all, while everything else goes on."""

import json
from pathlib import Path

import pytest

from yzj_daemon.errors import RulesProblem
from yzj_daemon.flow.intake import RulesInForce
from yzj_daemon.flow.rulebook import MANY, Rulebook
from yzj_daemon.storage import rule_history
from yzj_daemon.yzj import payloads

GOOD = '[[rules]]\nid = "{id}"\nforward_to = ["R:1"]\nwhen = {{ everything = true }}\n'


class Shelf:
    """A rulebook on a real file, and what it handed over."""

    def __init__(self, path: Path, store, clock, metrics) -> None:
        self.path = path
        self.book = Rulebook(path, payloads.split, store, clock=clock, metrics=metrics)
        self.taken: list[str] = []
        self.metrics = metrics

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")

    def take_up(self, rules: RulesInForce) -> None:
        self.taken.append(",".join(rule.id for rule in rules.ruleset.rules))

    async def look(self, times: int = 1, **how: bool) -> None:
        for _ in range(times):
            await self.book.look(self.take_up, **how)

    def gauge(self, name: str) -> str:
        lines = self.metrics.render().decode().splitlines()
        return next(line.rpartition(" ")[2] for line in lines if line.startswith(name + " "))


@pytest.fixture
def shelf(tmp_path: Path, store, clock, metrics) -> Shelf:
    shelf = Shelf(tmp_path / "rules.toml", store, clock, metrics)
    shelf.write(GOOD.format(id="one"))
    assert [rule.id for rule in shelf.book.first().ruleset.rules] == ["one"]
    return shelf


async def test_files_that_say_the_same_are_not_read_again(shelf: Shelf):
    await shelf.look(5)
    shelf.write(GOOD.format(id="one"))
    await shelf.look(5)
    assert shelf.taken == []


async def test_a_change_is_taken_up_once_it_stands_still(shelf: Shelf):
    shelf.write(GOOD.format(id="two"))
    await shelf.look()
    assert shelf.taken == [], "it may still be being written"
    await shelf.look(4)
    assert shelf.taken == ["two"]


async def test_a_file_that_is_half_written_at_one_look_does_no_harm(shelf: Shelf):
    whole = GOOD.format(id="two") + GOOD.format(id="three")
    shelf.write(GOOD.format(id="two"))
    await shelf.look()
    shelf.write(whole)
    await shelf.look(3)
    assert shelf.taken == ["two,three"]


async def test_asked_for_it_looks_at_once(shelf: Shelf):
    shelf.write(GOOD.format(id="two"))
    await shelf.look(force=True)
    assert shelf.taken == ["two"]


async def test_a_bad_set_changes_nothing_and_the_good_one_saved_again_recovers(shelf: Shelf):
    shelf.write("[[rules]]\nid = 'two'\n")
    await shelf.look(3)
    assert shelf.taken == []
    assert shelf.book.refused is not None
    assert shelf.book.refused.en.startswith("rules.toml:1: ")
    assert "缺少" in shelf.book.refused.zh
    assert shelf.gauge("yzj_rules_reload_success") == "0.0"
    shelf.write(GOOD.format(id="one"))
    await shelf.look(3)
    assert shelf.taken == ["one"]
    assert shelf.book.refused is None
    assert shelf.gauge("yzj_rules_reload_success") == "1.0"


async def test_a_file_that_is_gone_changes_nothing(shelf: Shelf):
    shelf.path.unlink()
    await shelf.look(3)
    assert shelf.taken == []
    assert "rules.toml" in str(shelf.book.refused)


async def test_a_set_whose_examples_fail_is_refused(shelf: Shelf):
    example = '[[rules.examples]]\nmessage = { text = "x" }\nexpect = "no-match"\n'
    shelf.write(GOOD.format(id="two") + example)
    await shelf.look(3)
    assert shelf.taken == []
    assert "rules.toml" in str(shelf.book.refused)


async def test_a_link_that_is_swapped_is_a_change(tmp_path: Path, store, clock, metrics):
    """As Kubernetes swaps a volume."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rules.toml").write_text(GOOD.format(id=name), encoding="utf-8")
    link = tmp_path / "rules"
    link.symlink_to("old")
    shelf = Shelf(link, store, clock, metrics)
    shelf.book.first()
    link.unlink()
    link.symlink_to("new")
    await shelf.look(3)
    assert shelf.taken == ["new"]


def test_a_start_with_mistakes_tells_them_all(tmp_path: Path, store, clock, metrics):
    shelf = Shelf(tmp_path / "rules.toml", store, clock, metrics)
    shelf.write("[[rules]]\nid = 'a'\n[[rules]]\nid = 'b'\n")
    with pytest.raises(RulesProblem) as caught:
        shelf.book.first()
    assert caught.value.exit_code == 1
    assert "rules.toml:1" in str(caught.value)
    assert "rules.toml:3" in str(caught.value)


def history(store) -> list[tuple[int, str]]:
    return [(change.rules, change.summary) for change in store.read_now(lambda c: rule_history.changes(c, 0))]


async def test_what_comes_into_force_is_kept_with_what_it_changed(shelf: Shelf, store):
    shelf.write(GOOD.format(id="one") + GOOD.format(id="two"))
    await shelf.look(3)
    shelf.write(GOOD.format(id="one").replace("R:1", "R:2"))
    await shelf.look(3)
    shelf.write("[[rules]]\n")
    await shelf.look(3)
    assert [(n, json.loads(summary)) for n, summary in history(store)] == [
        (1, {"added": [], "changed": ["one"], "removed": ["two"]}),
        (2, {"added": ["two"], "changed": [], "removed": []}),
        (1, {"added": ["one"], "changed": [], "removed": []}),
    ]


@pytest.mark.parametrize("broken", ["[[rules]]\n", "", None])
async def test_a_start_with_broken_or_missing_files_goes_on_with_the_last_good_set(shelf: Shelf, store, clock, broken):
    if broken is None:
        shelf.path.unlink()
    else:
        shelf.write(broken)
    again = Shelf(shelf.path, store, clock, shelf.metrics)
    assert [rule.id for rule in again.book.first().ruleset.rules] == ["one"]
    assert again.book.refused
    assert again.gauge("yzj_rules_reload_success") == "0.0"
    assert len(history(store)) == 1
    again.write(GOOD.format(id="two"))
    await again.look(3)
    assert (again.taken, again.book.refused, again.gauge("yzj_rules_reload_success")) == (["two"], None, "1.0")


def test_what_changed_while_no_daemon_ran_is_a_change_like_any_other(shelf: Shelf, store, clock):
    shelf.write(GOOD.format(id="one") + GOOD.format(id="two"))
    Shelf(shelf.path, store, clock, shelf.metrics).book.first()
    assert json.loads(history(store)[0][1]) == {"added": ["two"], "changed": [], "removed": []}


def test_a_restart_on_the_same_files_is_no_change(shelf: Shelf, store, clock):
    Shelf(shelf.path, store, clock, shelf.metrics).book.first()
    assert len(history(store)) == 1


async def test_a_large_set_comes_into_force_and_is_kept_like_a_small_one(shelf: Shelf, store):
    text = "".join(GOOD.format(id=f"r{number}") for number in range(MANY))
    shelf.write(text)
    await shelf.look(force=True)
    [taken] = shelf.taken
    assert taken.split(",") == [f"r{number}" for number in range(MANY)]
    [newest, _] = store.read_now(lambda c: rule_history.changes(c, 0))
    assert (newest.rules, newest.sources) == (MANY, {"rules.toml": text})
    shelf.write(text + "x")
    await shelf.look(force=True)
    assert len(shelf.taken) == 1
    assert shelf.book.refused is not None
