"""A rule set is proven by its own examples, or not used."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from yzj_daemon.rules import examples
from yzj_daemon.rules.condition import All, Patterns
from yzj_daemon.rules.load import Loaded, load_checked, load_texts
from yzj_daemon.rules.pattern import Pattern
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.yzj import payloads

RULE = '[[rules]]\nid = "a"\nforward_to = ["R:1"]\n'
ALL = "when = { everything = true }\n"


def checked(tmp_path: Path, toml: str) -> Loaded:
    (tmp_path / "rules.toml").write_text(toml, encoding="utf-8")
    return load_checked(tmp_path / "rules.toml", payloads.split)


def example(message: str = '{ text = "x" }', expect: str = "match", more: str = "") -> str:
    return f'[[rules.examples]]\nname = "例"\nmessage = {message}\n{more}\nexpect = "{expect}"\n'


WORDS = RULE + '[rules.when]\ncontains = ["退款"]\n'


def test_examples_that_hold_are_no_findings(tmp_path):
    loaded = checked(tmp_path, WORDS + example('{ text = "要退款" }') + example('{ text = "谢谢" }', "no-match"))
    assert (loaded.findings, len(loaded.examples)) == ((), 2)


@pytest.mark.parametrize(
    ("words", "expect", "why"),
    [("谢谢", "match", "contains wants"), ("要退款", "no-match", "it matched (contains = 退款)")],
)
def test_an_example_that_fails_rejects_the_whole_set_and_says_why(tmp_path, words, expect, why):
    loaded = checked(tmp_path, WORDS + example(f'{{ text = "{words}" }}', expect))
    assert loaded.ruleset is None
    [told] = loaded.findings
    assert (told.id, told.level, told.line) == ("example-failed", "error", 6)
    assert why in told.message.en
    assert "例" in told.message.zh


def test_an_example_of_a_rule_that_another_one_stops_says_so(tmp_path):
    stopper = '[[rules]]\nid = "halt"\npriority = 1\nstop = true\nforward_to = ["R:9"]\n' + ALL
    stopped = checked(tmp_path, stopper + WORDS + example('{ text = "退款" }')).findings
    [told] = [finding for finding in stopped if finding.level == "error"]
    assert '"halt" matched before it' in told.message.en


def test_examples_of_a_rule_that_is_switched_off_are_not_run(tmp_path):
    loaded = checked(tmp_path, RULE + "enabled = false\n" + ALL + example(expect="no-match"))
    assert (loaded.examples, loaded.findings) == ((), ())


@pytest.mark.parametrize(
    ("when", "expect"),
    [("2026-03-02T10:00:00", "match"), ("2026-03-02T20:00:00", "no-match"), ("2026-03-02T02:00:00Z", "match")],
)
def test_an_example_happens_when_it_says(tmp_path, when, expect):
    head = '[windows.w]\nhours = ["09:00-18:00"]\n'
    toml = head + RULE + 'during = "w"\noutside = "drop"\n' + ALL + example(expect=expect, more=f"at = {when}")
    assert checked(tmp_path, toml).findings == ()


def test_an_example_may_be_a_vendor_message_as_received(tmp_path):
    ids = '"wxid":"1","svrid":"2","from_wxid":"3","chat_wxid":"R:4"'
    body = f'{{"msg_type":"text",{ids},"content":{{"items":[{{"text":"退款"}}]}}}}'
    (tmp_path / "refund.json").write_text(body, encoding="utf-8")
    toml = WORDS + '[[rules.examples]]\nmessage_file = "refund.json"\nexpect = "{}"\n'
    assert checked(tmp_path, toml.format("match")).findings == ()
    [failed] = checked(tmp_path, toml.format("no-match")).findings
    assert failed.id == "example-failed"
    (tmp_path / "refund.json").unlink()
    [missing] = checked(tmp_path, toml.format("match")).findings
    assert (missing.id, missing.value) == ("example-unreadable", "refund.json")


DROPS = '[windows.w]\nhours = ["09:00-18:00"]\n' + RULE + 'during = "w"\noutside = "drop"\n' + ALL


def test_an_example_outside_a_window_that_drops_says_so(tmp_path):
    [told] = checked(tmp_path, DROPS + example(more="at = 2026-03-02T20:00:00")).findings
    assert told.id == "example-failed"
    assert 'outside = "drop"' in told.message.en


def test_outside_a_window_that_waits_an_example_matches(tmp_path):
    waits = DROPS.replace("drop", "defer")
    assert checked(tmp_path, waits + example(more="at = 2026-03-02T20:00:00")).findings == ()


def test_a_window_that_is_over_for_good_is_not_blamed_on_drop(tmp_path):
    over = '[windows.w]\ndates = ["2025-01-01"]\n' + RULE + 'during = "w"\n' + ALL
    [told] = checked(tmp_path, over + example()).findings
    assert "never opens again" in told.message.en


def test_an_example_is_of_the_rule_sets_zone(tmp_path):
    berlin = 'timezone = "Europe/Berlin"\n' + DROPS
    assert checked(tmp_path, berlin + example(more="at = 2026-03-02T17:59:00")).findings == ()
    assert checked(tmp_path, berlin + example("{}", "no-match", "at = 2026-03-02T17:59:00Z")).findings == ()


def test_an_example_speaks_of_people_by_their_names(tmp_path):
    head = '[names]\n"老板" = "7881"\n"群" = "R:9"\n' + RULE + '[rules.when]\nsender = ["老板"]\nchat_type = "room"\n'
    assert checked(tmp_path, head + example('{ sender = "老板", chat = "群" }')).findings == ()
    others = checked(tmp_path, head + example('{ sender = "7881", chat = "7882" }', "no-match"))
    assert {told.id for told in others.findings} == {"unused"}


def test_what_an_example_does_not_say_no_condition_holds_of(tmp_path):
    assert checked(tmp_path, RULE + '[rules.when]\nchat = ["R:5"]\n' + example("{}", "no-match")).findings == ()


def test_an_example_of_content_is_read_as_a_message_is(tmp_path):
    content = '{ type = "text", content = { items = [{ text = "要退款" }] } }'
    assert checked(tmp_path, WORDS + example(content)).findings == ()


def test_one_that_says_self_sent_matches_only_rules_that_do(tmp_path):
    assert checked(tmp_path, RULE + ALL + example("{ self_sent = true }", "no-match")).findings == ()


def test_every_example_that_fails_is_told(tmp_path):
    told = checked(tmp_path, WORDS + example('{ text = "x" }') + example('{ text = "退款" }') + example("{}")).findings
    assert [(f.id, f.line) for f in told] == [("example-failed", 6), ("example-failed", 16)]


def test_one_without_a_name_is_told_by_its_number(tmp_path):
    nameless = example().replace('name = "例"\n', "")
    [told] = checked(tmp_path, WORDS + nameless).findings
    assert '"#1"' in told.message.en


@pytest.mark.parametrize("body", [b"", b"]", b"[]", b"{}", b"\xff", b"1" * 10_000])
def test_a_message_file_that_holds_no_message_is_told(tmp_path, body):
    (tmp_path / "x.json").write_bytes(body)
    [told] = checked(tmp_path, WORDS + '[[rules.examples]]\nmessage_file = "x.json"\nexpect = "no-match"\n').findings
    assert (told.id, told.line) == ("example-unreadable", 6)


def test_without_a_directory_a_message_file_is_not_looked_for():
    toml = WORDS + '[[rules.examples]]\nmessage_file = "/etc/hostname"\nexpect = "match"\n'
    [result] = examples.run(load_texts({"rules.toml": toml}), payloads.split)
    assert result.finding().id == "example-unreadable"


def test_a_set_with_errors_has_no_examples_to_run():
    assert examples.run(load_texts({"rules.toml": "x"}), payloads.split) == ()


class Exploding:
    """A compiled regex with a bug."""

    def search(self, text: bytes) -> Any:
        raise ZeroDivisionError


def test_a_rule_that_raises_passes_no_example_not_even_one_of_no_match():
    loaded = load_texts({"rules.toml": WORDS + example('{ text = "退款" }', "no-match")})
    assert loaded.ruleset is not None
    broken = replace(loaded.ruleset.rules[0], when=All((Patterns((Pattern("(?:x)*", Exploding()),)),)))
    [result] = examples.run(structs.replace(loaded, ruleset=Ruleset([broken])), payloads.split)
    assert result.why is not None
    assert "ZeroDivisionError" in result.why.en
