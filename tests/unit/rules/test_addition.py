"""Whatever was received: it becomes an example that holds, or the reason why not is told. Nothing is ever raised."""

import tomllib
from pathlib import Path

import pytest

from yzj_daemon.message import Message
from yzj_daemon.rules import addition, found, load
from yzj_daemon.rules.addition import Addition, Asked, Refusal
from yzj_daemon.rules.dialect import DEFAULT
from yzj_daemon.rules.text import read
from yzj_daemon.sandbox.samples import SAMPLES
from yzj_daemon.yzj import payloads

NOW = 1_800_000_000_000
RULES = """
[[rules]]
id = "words"
forward_to = ["R:1"]
[rules.when]
contains = ["退款", "12", "的"]
[[rules]]
id = "not"
forward_to = ["R:1"]
[rules.when]
not = { contains = ["退款"] }
[[rules]]
id = "regex"
forward_to = ["R:1"]
[rules.when]
regex = ['\\d{2,}', '[a-z]+']
[[rules]]
id = "field"
forward_to = ["R:1"]
[rules.when]
field = [{ path = "items[].text", exists = true }, { path = "title", contains = ["记录"] }]
[[rules]]
id = "items"
forward_to = ["R:1"]
[rules.when]
items = { min_count = 1, any = { contains = ["退款"] } }
[[rules]]
id = "type"
forward_to = ["R:1"]
[rules.when]
type = ["merge", "picture"]
"""
LOADED = load.load_texts({"rules.toml": RULES})
assert LOADED.ruleset is not None
RULESET = LOADED.ruleset


def message(kind: str, content: str, **given: str) -> Message:
    reading = read(kind, content)
    return Message(
        account="1688850000000001",
        id="1",
        chat="R:10900000000000001",
        chat_type="room",
        sender=given.get("sender", "7881300000000002"),
        type=kind,
        sent_at=NOW,
        text=reading.text,
        content=content,
        opaque=reading.opaque,
    )


def asked(of: Message, rule: str) -> Asked:
    return Asked(
        loaded=LOADED,
        ruleset=RULESET,
        rule=next(each for each in RULESET.rules if each.id == rule),
        message=of,
        at=NOW,
        name="例",
        people=frozenset(),
        directory=Path(),
        split=payloads.split,
        dialect=DEFAULT,
    )


@pytest.mark.parametrize("rule", [rule.id for rule in RULESET.rules])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_message_becomes_an_example_that_holds(sample, rule):
    received = message(sample.type, sample.content)
    made = addition.made(asked(received, rule))
    if (sample.name, rule) == ("merge nested deeply", "items"):
        assert isinstance(made, Refusal), "a rule file may not nest so deep"
        return
    assert isinstance(made, Addition), made
    decided = any(match.rule.id == rule for match in RULESET.decide(received, NOW).matches)
    assert made.expect == ("match" if decided else "no-match")
    assert received.sender not in made.added
    assert tomllib.loads(made.after)["rules"]


def test_matched_words_are_found_however_they_are_spelled():
    text = "我要退\u200b款,REFUND 和 退款"
    rules = '[[rules]]\nid = "a"\nforward_to = ["R:1"]\n[rules.when]\ncontains = ["退款", "refund"]\n'
    ruleset = load.load_texts({"r.toml": rules}).ruleset
    assert ruleset is not None
    [match] = ruleset.decide(message("text", f'{{"items":[{{"text":"{text}"}}]}}'), NOW).matches
    spans = found.spans(text, match.rule.condition, match.found)
    assert [text[start:end] for start, end in spans] == ["退\u200b款", "REFUND", "退款"]
