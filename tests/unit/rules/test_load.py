"""From rule files to the rules they mean."""

import pytest

from tests.unit.rules.messages import message
from yzj_daemon.rules import packing
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.ruleset import Limit, Rule

RULE = '[[rules]]\nid = "a"\nforward_to = ["R:1"]\n'
ALL = "when = { everything = true }\n"


def rules(toml: str) -> tuple[Rule, ...]:
    loaded = load_texts({"rules.toml": toml})
    assert loaded.ruleset is not None, [finding.to("en") for finding in loaded.findings]
    return loaded.ruleset.rules


def only(toml: str) -> Rule:
    [rule] = rules(toml)
    return rule


def test_a_rule_that_says_little_has_the_defaults_of_the_language():
    rule = only(RULE + ALL)
    assert (rule.id, rule.targets, rule.priority, rule.stop, rule.mode) == ("a", ("R:1",), 0, False, "live")
    assert (rule.delay, rule.max_age, rule.fanout, rule.on_unknown) == (0, None, "together", None)
    assert (rule.during, rule.outside, rule.place.file, rule.place.line) == ((), "defer", "rules.toml", 1)


def test_every_key_of_a_rule_is_taken():
    keys = (
        'description = "说明"\nowner = "小王"\nmode = "shadow"\npriority = -5\nstop = true\nmax_age = "2h"\n'
        'delay = "90s"\nfanout = "one-by-one"\non_unknown = "resend"\noutside = "drop"\n'
    )
    rule = only(RULE + keys + ALL)
    assert (rule.description, rule.owner, rule.mode, rule.priority, rule.stop) == ("说明", "小王", "shadow", -5, True)
    assert (rule.max_age, rule.delay, rule.fanout) == (7_200_000, 90_000, "one-by-one")
    assert (rule.on_unknown, rule.outside) == ("resend", "drop")


def test_names_and_lists_stand_wherever_an_id_does():
    head = '[names]\n"老板" = "7881"\n"群" = "R:2"\n[lists]\nops = ["群", "inner", "R:3"]\ninner = ["老板", "R:2"]\n'
    rule = only(head + '[[rules]]\nid = "a"\nforward_to = ["ops", "老板"]\n[rules.when]\nsender = ["inner"]\n')
    assert rule.targets == ("R:2", "7881", "R:3"), "each once, in order"
    ruleset = load_texts({"r.toml": head + RULE + ALL}).ruleset
    assert ruleset is not None
    assert dict(ruleset.names) == {"7881": "老板", "R:2": "群"}


def test_defaults_hold_where_a_rule_says_nothing():
    head = '[defaults]\npriority = 7\nmax_age = "1h"\nmode = "shadow"\n'
    one, two = rules(
        head + RULE + ALL + '[[rules]]\nid = "b"\nforward_to = ["R:1"]\npriority = 1\nmode = "live"\n' + ALL
    )
    assert (one.id, one.priority, one.mode, one.max_age) == ("a", 7, "shadow", 3_600_000)
    assert (two.id, two.priority, two.mode, two.max_age) == ("b", 1, "live", 3_600_000)


def test_a_limit_is_a_count_and_a_span():
    rule = only(RULE + 'limit = "30 / 10m"\n' + ALL)
    assert rule.limit == Limit(30, 600_000)
    assert only(RULE + ALL).limit is None


def test_defaults_may_name_windows_and_a_rule_may_name_others():
    head = '[defaults]\nduring = ["day"]\noutside = "drop"\n[windows]\n'
    head += 'day = { hours = ["09:00-18:00"] }\nnight = { hours = ["22:00-06:00"] }\n'
    one, two = rules(head + RULE + ALL + RULE.replace('"a"', '"b"') + 'during = ["night", "day", "night"]\n' + ALL)
    assert ([window.name for window in one.during], one.outside) == (["day"], "drop")
    assert [window.name for window in two.during] == ["night", "day"]


def test_a_rule_switched_off_is_not_there_and_its_mistakes_are():
    assert rules(RULE + "enabled = false\n" + ALL + RULE.replace('"a"', '"b"') + ALL)[0].id == "b"
    assert load_texts({"r.toml": RULE + "enabled = false\nwhen = {}\n"}).ruleset is None


def test_rules_are_evaluated_by_priority_then_as_they_stand():
    toml = "".join(
        f'[[rules]]\nid = "{id_}"\npriority = {priority}\nforward_to = ["R:1"]\n{ALL}'
        for id_, priority in (("low", -1), ("first", 5), ("second", 5), ("zero", 0))
    )
    assert [rule.id for rule in rules(toml)] == ["first", "second", "zero", "low"]


def test_a_window_is_of_the_rule_sets_zone():
    head = 'timezone = "Europe/Berlin"\n[windows.w]\ndays = ["周一-周五"]\nhours = ["09:00-18:00", "22:00-02:00"]\n'
    [window] = only(head + RULE + 'during = "w"\n' + ALL).during
    assert (window.name, str(window.zone), window.days) == ("w", "Europe/Berlin", frozenset(range(5)))
    assert window.hours == ((540, 1080), (1320, 120))


def test_a_condition_inside_another_folds_as_that_does_unless_it_says_otherwise():
    when = '[rules.when]\nfold = []\nall = [{ contains = ["A"] }, { contains = ["B"], fold = ["case"] }]\n'
    ruleset = load_texts({"r.toml": RULE + when}).ruleset
    assert ruleset is not None
    assert [bool(ruleset.decide(message(text=text), 0).matches) for text in ("Ab", "ab", "AB")] == [True, False, True]


@pytest.mark.parametrize(
    ("when", "yes", "no"),
    [
        ('contains = ["退款"]', {"text": "我要退款"}, {"text": "谢谢"}),
        ('contains = ["ＡＢ"]', {"text": "xaby"}, {"text": "ba"}),
        ('contains_all = ["甲", "乙"]', {"text": "乙和甲"}, {"text": "甲"}),
        ("regex = ['^\\d+$']", {"text": "123"}, {"text": "12a"}),
        ('type = ["merge"]', {"type": "merge"}, {"type": "text"}),
        ('sender = ["1"]', {"sender": "1"}, {"sender": "2"}),
        ('chat_type = "room"', {"chat_type": "room"}, {"chat_type": "private"}),
        ('field = [{ path = "n", in = [1, "二"] }]', {"content": '{"n":"二"}'}, {"content": '{"n":2}'}),
        ('field = [{ path = "a[].b", contains = "x" }]', {"content": '{"a":[{},{"b":"xy"}]}'}, {"content": "{}"}),
        ('field = [{ path = "n", min = 1, max = 2 }]', {"content": '{"n":2}'}, {"content": '{"n":3}'}),
        ('field = [{ path = "n", exists = false }]', {"content": "{}"}, {"content": '{"n":null}'}),
        ('all = [{ contains = ["a"] }, { contains = ["b"] }]', {"text": "ab"}, {"text": "a"}),
        ('any = [{ contains = ["a"] }, { sender = ["9"] }]', {"sender": "9"}, {"text": "b"}),
        ('contains = ["a"]\nnot = { contains = ["b"] }', {"text": "a"}, {"text": "ab"}),
        ("self_sent = true", {"self_sent": True}, {"self_sent": False}),
        ("everything = true", {}, {"self_sent": True}),
    ],
)
def test_every_kind_of_condition_means_what_it_says(when, yes, no):
    ruleset = load_texts({"r.toml": RULE + "[rules.when]\n" + when}).ruleset
    assert ruleset is not None
    assert ruleset.decide(message(**yes), 0).matches
    assert not ruleset.decide(message(**no), 0).matches


def test_the_hash_tells_rule_sets_apart_and_outlives_the_store():
    one = load_texts({"a.toml": RULE + ALL})
    assert one.ruleset is not None
    assert load_texts(packing.unpack(packing.pack(one.files))).ruleset.hash == one.ruleset.hash
    others = [
        load_texts({"b.toml": RULE + ALL}),
        load_texts({"a.toml": RULE + ALL + "# x"}),
        load_texts({"a.toml": RULE + ALL, "b.toml": "version = 1\n"}),
    ]
    hashes = {loaded.ruleset.hash for loaded in others if loaded.ruleset is not None}
    assert len(hashes) == 3
    assert one.ruleset.hash not in hashes


def test_a_byte_order_mark_is_no_mistake():
    assert only("\ufeff" + RULE + ALL).id == "a"


def test_ten_thousand_rules_load():
    toml = "".join(
        f'[[rules]]\nid = "r{n}"\nforward_to = ["R:{n}"]\n[rules.when]\ncontains = ["词{n}"]\n' for n in range(10_000)
    )
    found = rules(toml)
    assert len(found) == 10_000
    assert found[-1].place.line == 5 * 9_999 + 1


def test_what_rules_say_alike_is_kept_once():
    when = '[rules.when]\ntype = ["text"]\ncontains = ["退款"]\n'
    one, two = rules(RULE + when + RULE.replace('"a"', '"b"') + when)
    assert one.targets is two.targets
    assert one.types is two.types
    assert one.allow is two.allow
    [words] = [part for part in one.when.parts if part.key == "contains"]
    assert words.folded is words.said, "nothing was folded"
