"""Rules along which a message could come round again are told before anybody runs them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.rules.cycle import cycles
from yzj_daemon.rules.load import load_texts

RULE = '[[rules]]\nid = "{id}"\nforward_to = {to}\n[rules.when]\n{when}\n'


def rules(*edges: tuple[str, list[str]]) -> str:
    return "".join(
        RULE.format(id=f"r{n}", to=to, when=when if "=" in when else f'chat = ["{when}"]')
        for n, (when, to) in enumerate(edges)
    )


def told(*edges: tuple[str, list[str]]) -> list[tuple[str, str]]:
    loaded = load_texts({"rules.toml": rules(*edges)})
    assert loaded.ruleset is not None
    return [(finding.id, finding.value) for finding in loaded.findings if finding.id == "cycle"]


def test_there_and_back_is_a_cycle_and_both_rules_are_told():
    assert told(("R:1", ["R:2"]), ("R:2", ["R:1"])) == [("cycle", "R:1 → R:2 → R:1"), ("cycle", "R:2 → R:1 → R:2")]


def test_a_way_round_over_three_chats_is_one_too():
    values = [value for _, value in told(("R:1", ["R:2"]), ("R:2", ["R:9", "R:3"]), ("R:3", ["R:1"]))]
    assert values[0] == "R:1 → R:2 → R:3 → R:1"
    assert len(values) == 3


@pytest.mark.parametrize(
    "edges",
    [
        [("R:1", ["R:2"]), ("R:2", ["R:3"])],
        [("R:1", ["R:2"]), ('contains = ["x"]', ["R:1"])],
        [('chat = ["R:1", "R:2"]', ["R:2"])],
        [("R:1", ["R:2"]), ('all = [{ chat = ["R:2"] }, { chat = ["R:3"] }]', ["R:1"])],
        [("R:1", ["R:2"]), ('not = { chat = ["R:2"] }', ["R:1"])],
    ],
)
def test_what_leads_nowhere_is_none(edges):
    assert told(*edges) == []


def test_one_rule_between_two_chats_is_a_cycle_by_itself():
    assert told(('chat = ["R:1", "R:2"]', ["R:1", "R:2"])) == [("cycle", "R:1 → R:2 → R:1")]


def test_a_rule_that_is_switched_off_closes_nothing():
    toml = rules(("R:1", ["R:2"]), ("R:2", ["R:1"])).replace('id = "r1"', 'id = "r1"\nenabled = false')
    assert "cycle" not in {finding.id for finding in load_texts({"rules.toml": toml}).findings}


chats = st.sampled_from([f"R:{n}" for n in range(5)])


@given(st.lists(st.tuples(chats, st.lists(chats, min_size=1, max_size=3, unique=True)), min_size=1, max_size=6))
def test_it_agrees_with_walking_every_way(edges):
    loaded = load_texts({"rules.toml": rules(*edges)})
    assert loaded.ruleset is not None
    onward = {source: {t for s, to in edges if s == source for t in to if t != source} for source, _ in edges}

    def reaches(start: str, end: str) -> bool:
        seen, waiting = set(), [start]
        while waiting:
            here = waiting.pop()
            if here == end:
                return True
            if here not in seen:
                seen.add(here)
                waiting += onward.get(here, ())
        return False

    expected = {f"r{n}" for n, (s, to) in enumerate(edges) if any(t != s and reaches(t, s) for t in to)}
    assert {rule.id for rule, _ in cycles(loaded.ruleset.rules)} == expected
