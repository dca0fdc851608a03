"""The engine as a whole: reasons, stops, windows, and rules that raise."""

from typing import Any

import pytest

from tests.unit.rules.messages import message
from yzj_daemon.rules.condition import All, Patterns
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.pattern import Pattern
from yzj_daemon.rules.ruleset import NEAR_KEPT, Rule, Ruleset

RULE = '[[rules]]\nid = "{id}"\nforward_to = ["R:1"]\n{more}\n[rules.when]\n{when}\n'


class Exploding:
    """A compiled regex with a bug."""

    def search(self, text: bytes) -> Any:
        raise ZeroDivisionError("bug")


BROKEN = All((Patterns((Pattern("boom", Exploding()),)),))


def ruleset(*rules: tuple[str, str, str]) -> Ruleset:
    toml = "".join(RULE.format(id=id_, when=when, more=more) for id_, when, more in rules)
    loaded = load_texts({"rules.toml": toml})
    assert loaded.ruleset is not None, [finding.to("en") for finding in loaded.findings]
    return loaded.ruleset


def with_broken(*more: Rule, **given: Any) -> Ruleset:
    good = ruleset(("good", "everything = true", "")).rules
    broken = Rule(id="broken", when=BROKEN, targets=("R:9",), priority=5, **given)
    return Ruleset((broken, *good, *more))


def test_a_rule_that_raises_forwards_nothing_is_named_and_the_others_go_on():
    decision = with_broken().decide(message("boom"), 0)
    assert [match.rule.id for match in decision.matches] == ["good"]
    assert decision.errors == (("broken", "ZeroDivisionError: bug"),)
    verdicts = with_broken().explain(message("boom"), 0)
    assert [(verdict.id, verdict.matched, verdict.error) for verdict in verdicts] == [
        ("broken", False, "ZeroDivisionError: bug"),
        ("good", True, ""),
    ]


def test_a_rule_that_raises_and_would_stop_the_others_stops_them():
    """Nobody can know whether it would have matched: the lower ones would send what it may have kept back."""
    decision = with_broken(stop=True).decide(message("boom"), 0)
    assert (decision.matches, decision.reason) == ((), "rule_error")


def test_nothing_but_a_rule_that_raises_is_rule_error():
    broken = Rule(id="broken", when=BROKEN, targets=("R:9",))
    assert Ruleset((broken,)).decide(message("boom"), 0).reason == "rule_error"


@pytest.mark.parametrize(
    ("text", "given", "reason", "matched"),
    [
        ("退款", {}, "matched", ["a"]),
        ("谢谢", {}, "no_match", []),
        ("退款", {"self_sent": True}, "self_sent", []),
    ],
)
def test_a_decision_has_a_reason(text, given, reason, matched):
    decision = ruleset(("a", 'contains = ["退款"]', "")).decide(message(text, **given), 0)
    assert (decision.reason, [match.rule.id for match in decision.matches]) == (reason, matched)


def test_stop_keeps_lower_rules_from_being_asked_and_says_so():
    rules = ruleset(
        ("low", "everything = true", "priority = -1"), ("halt", 'contains = ["x"]', "stop = true\npriority = 1")
    )
    assert [match.rule.id for match in rules.decide(message("x"), 0).matches] == ["halt"]
    assert [match.rule.id for match in rules.decide(message("y"), 0).matches] == ["low"]
    assert [verdict.skipped_by for verdict in rules.explain(message("x"), 0)] == ["", "halt"]


WINDOW = '[windows.w]\nhours = ["09:00-10:00"]\n'
NINE = 1_772_413_200_000  # 2026-03-02T09:00 in Shanghai


@pytest.mark.parametrize(
    ("outside", "at", "dropped", "not_before"),
    [
        ("defer", NINE - 1_000, False, NINE),
        ("defer", NINE, False, 0),
        ("drop", NINE - 1_000, True, 0),
        ("drop", NINE + 3_599_000, False, 0),
        ("drop", NINE + 3_600_000, True, 0),
    ],
)
def test_outside_its_window_a_rule_waits_or_drops(outside, at, dropped, not_before):
    toml = WINDOW + RULE.format(id="a", when="everything = true", more=f'during = "w"\noutside = "{outside}"')
    loaded = load_texts({"rules.toml": toml})
    assert loaded.ruleset is not None
    [match] = loaded.ruleset.decide(message("x"), at).matches
    assert (match.dropped, match.not_before) == (dropped, not_before)


def test_a_dropped_match_stops_nobody():
    toml = WINDOW + RULE.format(id="a", when="everything = true", more='during = "w"\noutside = "drop"\nstop = true')
    loaded = load_texts({"rules.toml": toml + RULE.format(id="b", when="everything = true", more="")})
    assert loaded.ruleset is not None
    matches = loaded.ruleset.decide(message("x"), NINE - 1).matches
    assert [(match.rule.id, match.dropped) for match in matches] == [("a", True), ("b", False)]


def test_near_misses_failed_on_one_condition_only_and_are_bounded():
    near = [(f"near{n}", 'contains = ["退款"]\ntype = ["merge"]', "") for n in range(20)]
    far = ("far", 'contains = ["退款"]\ntype = ["merge"]\nsender = ["99"]', "")
    misses = ruleset(*near, far).decide(message("退款"), 0).near
    assert [miss.rule.id for miss in misses] == [f"near{n}" for n in range(NEAR_KEPT)]
    assert {(miss.failed.key, miss.failed.actual) for miss in misses} == {("type", "text")}


def test_the_same_question_has_the_same_answer():
    rules = ruleset(("a", 'contains = ["退款"]', ""), ("b", "regex = ['款']", ""))
    assert rules.decide(message("退款"), 5) == rules.decide(message("退款"), 5)
    verdicts = [(verdict.id, verdict.matched, verdict.found) for verdict in rules.explain(message("退款"), 5)]
    assert verdicts == [("a", True, (("contains", "退款"),)), ("b", True, (("regex", "款"),))]
