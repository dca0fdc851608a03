"""The engine as a whole: reasons, stops, windows, and rules that raise."""

import gc
import json
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import times
from tests.unit.rules.conditions import leaves, messages, tables
from tests.unit.rules.messages import message
from yzj_daemon.rules.condition import All, Everything, Patterns
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.pattern import Pattern
from yzj_daemon.rules.ruleset import NEAR_ENTRIES, NEAR_KEPT, NEAR_TEXT, Rule, Ruleset
from yzj_daemon.rules.window import Window

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


def with_broken(**given: Any) -> Ruleset:
    good = ruleset(("good", "everything = true", "")).rules
    broken = Rule(id="broken", when=BROKEN, targets=("R:9",), priority=5, **given)
    return Ruleset((broken, *good))


def ids(decision: Any) -> list[str]:
    return [match.rule.id for match in decision.matches]


SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = Window(name="morning", zone=SHANGHAI, hours=((9 * 60, 10 * 60),))
BYGONE = Window(name="bygone", zone=SHANGHAI, dates=((date(2020, 1, 1), date(2020, 1, 2)),))
NINE = 1_772_413_200_000  # 2026-03-02T09:00 in Shanghai

random_rules = st.lists(
    st.fixed_dictionaries(
        {
            # every message makes it raise, for no literal tells that it cannot match
            "when": tables(leaves) | st.just(All((Patterns((Pattern("(?:boom)*", Exploding()),)),))),
            "priority": st.integers(-1, 1),
            "stop": st.integers(0, 3).map(lambda roll: roll == 0),
            "during": st.sampled_from([(), (), (MORNING,), (BYGONE,), (BYGONE, MORNING)]),
            "outside": st.sampled_from(["defer", "drop"]),
        }
    ),
    max_size=10,
).map(lambda rows: [Rule(id=f"r{number}", targets=("R:9",), **row) for number, row in enumerate(rows)])


@times(4)
@given(random_rules, messages, st.sampled_from([NINE - 1, NINE]))
def test_a_decision_is_what_every_rule_in_turn_says(rules, received, now):
    decision = Ruleset(rules).decide(received, now)
    verdicts = decision.trail
    assert [(match.rule.id, match.dropped, match.found) for match in decision.matches] == [
        (verdict.id, verdict.dropped, verdict.found) for verdict in verdicts if verdict.matched
    ]
    assert decision.errors == tuple((verdict.id, verdict.error) for verdict in verdicts if verdict.error)
    assert len(verdicts) == len(rules)
    assert tuple(Ruleset(rules).verdict(verdict.id, received, now) for verdict in verdicts) == verdicts
    for verdict in verdicts:
        told = [verdict.matched, verdict.failed is not None, bool(verdict.skipped_by), bool(verdict.error)]
        assert sum(told) == 1, "each rule has one verdict"
        json.dumps(verdict.row()).encode()


@times(3)
@given(random_rules, messages)
def test_the_order_of_evaluation_is_by_priority_and_nothing_after_a_stop_is_asked(rules, received):
    decision = Ruleset(rules).decide(received, NINE)
    asked = [*ids(decision), *(rule for rule, _ in decision.errors)]
    places = {rule.id: (-rule.priority, number) for number, rule in enumerate(rules)}
    assert ids(decision) == sorted(ids(decision), key=places.__getitem__)
    dropped = {match.rule.id for match in decision.matches if match.dropped}
    stops = [places[rule.id] for rule in rules if rule.stop and rule.id in asked and rule.id not in dropped]
    assert all(places[rule] <= min(stops, default=places[rule]) for rule in asked)


@given(random_rules, messages)
def test_near_misses_are_rules_that_did_not_match_and_would_but_for_one_key(rules, received):
    decision = Ruleset(rules).decide(received, NINE)
    near = decision.near
    assert len(near) <= NEAR_KEPT
    assert {miss.rule.id for miss in near}.isdisjoint(ids(decision))
    verdicts = {verdict.id: verdict.failed for verdict in decision.trail if verdict.failed}
    assert all(miss.failed == verdicts.get(miss.rule.id, miss.failed) for miss in near)


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


def test_a_rule_that_raises_is_near_nothing():
    assert with_broken().decide(message("boom"), 0).near == ()


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


def test_two_keys_under_all_that_fail_are_two_conditions():
    rules = ruleset(("a", 'sender = ["7"]\nall = [{ type = ["merge"], contains = ["退款"] }]', ""))
    assert rules.decide(message("谢谢"), 0).near == ()
    assert [miss.failed.key for miss in rules.decide(message("退款"), 0).near] == ["type"]


def test_a_rule_of_one_key_is_near_nothing_but_a_hosted_accounts_own_message():
    rules = ruleset(("a", 'sender = ["7"]', ""), ("b", 'contains = ["退款"]', ""))
    assert rules.decide(message("谢谢", sender="8"), 0).near == ()
    own = rules.decide(message("谢谢", self_sent=True), 0).near
    assert [(miss.rule.id, miss.failed.key) for miss in own] == [("a", "self_sent")]


def test_a_near_miss_is_looked_for_among_rules_that_name_the_sender_or_the_chat():
    others = [(f"other{n}", f'contains = ["词{n}号"]\nsender = ["{n}0"]', "") for n in range(50)]
    rules = ruleset(*others, ("mine", 'contains = ["退款"]\nsender = ["7"]', ""))
    [miss] = rules.decide(message("谢谢"), 0).near
    assert (miss.rule.id, miss.failed.key, miss.failed.actual) == ("mine", "contains", "谢谢")


def test_what_is_kept_of_a_near_miss_is_small():
    words = ", ".join(f'"{"长" * 90}{n}"' for n in range(50))
    rules = ruleset(("a", f'sender = ["7"]\ncontains = [{words}]', ""))
    [miss] = rules.decide(message("谢" * 5_000), 0).near
    row = miss.row()
    assert (len(row["expected"]), {len(word) for word in row["expected"]}) == (NEAR_ENTRIES, {NEAR_TEXT})
    assert len(row["actual"]) == NEAR_TEXT


def test_a_rule_whose_window_never_opens_again_is_dropped():
    rule = Rule(id="a", when=All((Everything(),)), targets=("R:9",), during=(BYGONE,))
    [match] = Ruleset((rule,)).decide(message("x"), NINE).matches
    assert (match.dropped, match.not_before) == (True, 0)


def test_of_several_windows_the_first_to_open_counts():
    later = Window(name="later", zone=SHANGHAI, hours=((20 * 60, 21 * 60),))
    rule = Rule(id="a", when=All((Everything(),)), targets=("R:9",), during=(later, MORNING, BYGONE))
    [match] = Ruleset((rule,)).decide(message("x"), NINE - 1).matches
    assert (match.dropped, match.not_before) == (False, NINE)


def test_an_empty_rule_set_forwards_nothing():
    decision = Ruleset.empty().decide(message("x"), 0)
    assert (decision.matches, decision.reason, decision.near, decision.trail) == ((), "no_match", (), ())


def test_the_same_question_has_the_same_answer():
    rules = ruleset(("a", 'contains = ["退款"]', ""), ("b", "regex = ['款']", ""))
    first, second = rules.decide(message("退款"), 5), rules.decide(message("退款"), 5)
    assert (first.matches, first.reason, first.errors) == (second.matches, second.reason, second.errors)
    verdicts = [(verdict.id, verdict.matched, verdict.found) for verdict in rules.explain(message("退款"), 5)]
    assert verdicts == [("a", True, (("contains", "退款"),)), ("b", True, (("regex", "款"),))]


def test_the_right_word_from_the_wrong_sender_is_a_near_miss():
    """The index files the rule under its sender, and the word alone would not find it."""
    many = [(f"r{n}", f'contains = ["退款"]\nsender = ["{n}"]', "") for n in range(40)]
    misses = ruleset(*many).decide(message("我要退款", sender="99"), 0).near
    assert len(misses) == NEAR_KEPT
    assert {miss.failed.key for miss in misses} == {"sender"}
    assert ruleset(*many).decide(message("你好", sender="99"), 0).near == ()


def test_a_rule_for_own_messages_alone_is_no_near_miss_of_every_message():
    assert ruleset(("own", "self_sent = true", "")).decide(message("你好"), 0).near == ()


def test_a_decision_leaves_nothing_to_the_garbage_collector():
    """There are thousands a second."""
    rules = ruleset(("a", 'contains = ["退款"]\nregex = ["x+"]', ""), ("b", 'type = ["text"]', ""))
    gc.collect()
    gc.disable()
    try:
        for n in range(100):
            rules.decide(message(text=f"退款xx{n}"), 0)
            rules.explain(message(text=f"谢谢{n}"), 0)
        assert gc.collect() == 0
    finally:
        gc.enable()
