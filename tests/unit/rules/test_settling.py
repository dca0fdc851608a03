"""A set that was settled is the set that was loaded, wherever its rules lie in memory."""

import pickle

from hypothesis import given, settings

from tests.unit.rules.conditions import leaves, messages, tables
from tests.unit.rules.messages import message
from yzj_daemon.rules import settling
from yzj_daemon.rules.dialect import Dialect
from yzj_daemon.rules.load import Loaded, load_texts
from yzj_daemon.rules.ruleset import Rule
from yzj_daemon.rules.settling import AT_ONCE
from yzj_daemon.rules.text import DEFAULT_PATHS

HEAD = """
timezone = "Europe/Paris"
[names]
"群" = "R:1"
[windows.w]
hours = ["09:00-18:00"]
"""
ONE = """
[[rules]]
id = "r{n}"
priority = {n}
forward_to = ["群", "R:{n}9"]
during = "w"
limit = "{more}/1h"
[rules.when]
regex = ["^第{n}条$"]
sender = ["78813{n}"]
[[rules.examples]]
message = {{ text = "第{n}条", sender = "78813{n}" }}
expect = "match"
"""
ALL = "when = { everything = true }\n"
NOON = 1_767_585_600_000


def loaded(rules: int) -> Loaded:
    text = HEAD + "".join(ONE.format(n=n, more=n + 1) for n in range(rules))
    found = load_texts({"a.toml": text})
    assert found.ruleset is not None, found.findings
    return found


def settled(found: Loaded, told: int = 20) -> Loaded:
    return settling.unpacked(settling.packed(found, told))


def test_it_decides_and_explains_as_before() -> None:
    before = loaded(2 * AT_ONCE + 50)
    after = settled(before)
    one, other = before.ruleset, after.ruleset
    assert one is not None
    assert other is not None
    assert other.rules == one.rules
    assert [rule.place for rule in other.rules] == [rule.place for rule in one.rules]
    assert (other.hash, other.timezone, other.names, other.paths) == (one.hash, one.timezone, one.names, one.paths)
    assert (other.limits.keys(), len(other.expecting)) == (one.limits.keys(), len(one.expecting))
    for n in (0, AT_ONCE - 1, AT_ONCE, 2 * AT_ONCE + 49):
        asked = message(text=f"第{n}条", sender=f"78813{n}")
        assert [match.rule.id for match in other.decide(asked, NOON).matches] == [f"r{n}"]
        assert [verdict.row() for verdict in other.explain(asked, NOON)] == [
            verdict.row() for verdict in one.explain(asked, NOON)
        ]


def test_its_files_stay_its_examples_go_and_so_many_doubts_are_told() -> None:
    before = load_texts({"a.toml": "".join(f'[[rules]]\nid = "r{n}"\nforward_to = ["R:1"]\n{ALL}' for n in range(30))})
    after = settled(before, told=7)
    assert len(before.findings) == 30
    assert after.findings == before.findings[:7]
    assert after.files == before.files
    assert (len(loaded(3).examples), settled(loaded(3)).examples) == (3, ())


def test_where_texts_are_looked_for_is_the_same() -> None:
    paths = {**DEFAULT_PATHS, "link": ("title",)}
    after = settled(load_texts({"a.toml": HEAD + ONE.format(n=1, more=2)}, dialect=Dialect(paths=paths)))
    assert after.ruleset is not None
    assert after.ruleset.paths is paths


@given(tables(leaves), messages)
@settings(deadline=None)
def test_every_kind_of_condition_survives(when, asked) -> None:  # type: ignore[no-untyped-def]
    rule = Rule(id="r", when=when, targets=("R:1",), priority=3, description="说明")
    same = pickle.loads(pickle.dumps(rule))
    assert (same, same.types, same.condition, same.place) == (rule, rule.types, rule.condition, rule.place)
    assert Rule(id="r", when=when, targets=("R:1",), priority=3, description="说明") == same
