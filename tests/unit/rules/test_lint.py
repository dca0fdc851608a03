"""What is allowed and hardly meant is told once, at its place, unless the rule allows it."""

import pytest

from yzj_daemon.rules.dialect import Dialect
from yzj_daemon.rules.finding import WARNINGS
from yzj_daemon.rules.load import load_texts

EXAMPLE = '[[rules.examples]]\nmessage = { text = "x" }\nexpect = "no-match"\n'


def rule(
    id_: str = "a", when: str = 'contains = ["退款"]', to: str = '"R:9"', more: str = "", example: str = EXAMPLE
) -> str:
    return f'[[rules]]\nid = "{id_}"\nforward_to = [{to}]\n{more}[rules.when]\n{when}\n{example}'


def told(toml: str, **dialect) -> list[tuple[str, int, str]]:
    loaded = load_texts({"rules.toml": toml}, dialect=Dialect(**dialect))
    assert loaded.ruleset is not None, loaded.findings
    return [(one.id, one.line, one.value) for one in loaded.findings]


@pytest.mark.parametrize(
    ("toml", "finding"),
    [
        (rule(example=""), ("no-examples", 2, "a")),
        (rule(to='"R:9", "R:8", "R:9"'), ("duplicate-target", 3, "R:9")),
        ('[names]\n"ops" = "R:9"\n' + rule(to='"ops", "R:9"'), ("duplicate-target", 5, "R:9")),
        (rule(when='contains = ["退款|投诉"]'), ("regex-in-contains", 5, "退款|投诉")),
        (rule(when='contains = ["退.*款"]'), ("regex-in-contains", 5, "退.*款")),
        (rule(when="contains_all = ['\\d单']"), ("regex-in-contains", 5, "\\d单")),
        (rule(when="not = { contains = ['^退款'] }"), ("regex-in-contains", 5, "^退款")),
        (rule(when='contains = ["VIР"]'), ("look-alike", 5, "VIР")),
        (rule(when='items = { any = { contains = ["Οrder"] } }'), ("look-alike", 5, "Οrder")),
        ('[names]\n"老板" = "7881"\n' + rule(), ("unused", 2, "老板")),
        ('[lists]\nops = ["R:9"]\n' + rule(), ("unused", 2, "ops")),
        ('[windows.night]\nhours = ["20:00-08:00"]\n' + rule(), ("unused", 1, "night")),
    ],
)
def test_each_doubt_is_told_at_its_place(toml, finding):
    assert told(toml) == [finding]


@pytest.mark.parametrize(
    "toml",
    [
        rule(when='contains = ["[微笑]", "100%", "a.b", "C++", "(退)", "1+1", "？", "ＶＩＰ", "café", "10$ 起"]'),
        rule(when="regex = ['退.*款|投诉$']"),
        rule(to='"R:9", "R:8"'),
        '[names]\n"群" = "R:9"\n[lists]\nall = ["群"]\n' + rule(to='"all"'),
        '[windows.w]\nhours = ["20:00-08:00"]\n[defaults]\nduring = "w"\n' + rule(),
    ],
)
def test_what_is_meant_is_not_told(toml):
    assert told(toml) == []


def test_an_account_that_the_daemon_does_not_serve_is_told():
    toml = rule(when='account = ["1688", "1699"]\ncontains = ["x"]')
    assert told(toml, served=frozenset({"1688"})) == [("account-not-served", 4, "1699")]
    assert told(toml) == []


@pytest.mark.parametrize(
    ("first", "second", "covered"),
    [
        ("everything = true", 'contains = ["x"]', True),
        ('type = ["text", "link"]', 'type = ["text"]\ncontains = ["x"]', True),
        ('type = ["text"]', 'type = ["text", "link"]', False),
        ('contains = ["退款"]', 'contains = ["要退款", "退款单"]', True),
        ('contains = ["退款"]', 'contains = ["要退款", "投诉"]', False),
        ('contains = ["退款", "投诉"]', 'contains_all = ["退款", "急"]', True),
        ('contains_all = ["退", "急"]', 'contains_all = ["退款", "急", "今天"]', True),
        ('contains_all = ["退", "急"]', 'contains_all = ["退款"]', False),
        ('contains = ["ABC"]', 'contains = ["abc"]\nfold = []', False),
        ('sender = ["1", "2"]\ntype = ["text"]', 'sender = ["1"]\ntype = ["text"]\nchat = ["R:1"]', True),
        ('any = [{ sender = ["1"] }, { sender = ["2"] }]', 'sender = ["2"]', True),
        ('sender = ["1", "2"]', 'any = [{ sender = ["1"] }, { sender = ["2"] }]', True),
        ('sender = ["1"]', 'any = [{ sender = ["1"] }, { contains = ["x"] }]', False),
        ('not = { sender = ["1"] }', 'not = { sender = ["1", "2"] }', True),
        ("regex = ['a']", "regex = ['a']\nchat = ['R:1']", True),
        ("self_sent = true", 'contains = ["x"]', False),
        ("everything = true", "self_sent = true", False),
    ],
)
def test_a_rule_that_never_has_its_turn(first, second, covered):
    toml = rule("a", first, more="stop = true\n") + rule("b", second)
    unreachable = [value for id_, _, value in told(toml) if id_ == "unreachable"]
    assert unreachable == (["b"] if covered else [])


def test_priority_decides_which_is_first():
    toml = rule("a", "everything = true", more="stop = true\n") + rule("b", 'contains = ["x"]', more="priority = 1\n")
    assert told(toml) == []


def test_a_stop_that_rests_outside_its_window_covers_nothing():
    head = '[windows.w]\nhours = ["20:00-08:00"]\n'
    drops = EXAMPLE.replace("expect", "at = 2026-01-05T21:00:00\nexpect")
    stopper = rule(
        "a",
        "everything = true",
        more='stop = true\nduring = "w"\noutside = "drop"\n',
        example=drops.replace("no-match", "match"),
    )
    assert told(head + stopper + rule("b")) == []


def test_a_rule_allows_what_it_means():
    noisy = 'contains = ["退|款"]'
    allowing = rule(when=noisy, example="", more='allow = ["no-examples", "regex-in-contains"]\n')
    assert told(allowing) == []
    assert [id_ for id_, _, _ in told(allowing + rule("b", noisy, example=""))] == ["no-examples", "regex-in-contains"]
    assert told('[defaults]\nallow = ["no-examples"]\n' + rule(example="")) == []


def test_every_warning_can_be_allowed():
    ids = ", ".join(f'"{id_}"' for id_ in sorted(WARNINGS))
    assert told(rule(when='contains = ["a|b"]', example="", more=f"allow = [{ids}]\n")) == []
