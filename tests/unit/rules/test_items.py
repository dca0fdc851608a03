"""The messages inside a merge, as far as they can be seen."""

import json

import pytest

from tests.flow.conftest import NOW
from yzj_daemon.message import Message
from yzj_daemon.rules import text
from yzj_daemon.rules.condition import HIDDEN
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.text import records_of
from yzj_daemon.sandbox.samples import SAMPLES

SAMPLE = {sample.name: sample for sample in SAMPLES}


def merge(*records: dict, **more) -> str:
    return json.dumps({"title": "聊天记录", "items": list(records), **more}, ensure_ascii=False)


def said(words: str, **more) -> dict:
    return {"msg_type": "text", "content": {"items": [{"type": "text", "text": words}]}, **more}


PICTURE = {"msg_type": "picture", "content": {"url": "https://x"}}


def message(content: str, kind: str = "merge") -> Message:
    reading = text.read(kind, content)
    return Message(
        account="A",
        id="1",
        chat="R:1",
        chat_type="room",
        sender="7",
        type=kind,
        sent_at=NOW,
        text=reading.text,
        content=content,
        self_sent=False,
        opaque=reading.opaque,
    )


def ruleset(when: str):
    loaded = load_texts({"rules.toml": f'[[rules]]\nid = "r"\nforward_to = ["R:9"]\n[rules.when]\n{when}\n'})
    assert loaded.ruleset is not None, loaded.findings
    return loaded.ruleset


def matches(when: str, content: str, kind: str = "merge") -> bool:
    rules = ruleset(when)
    decided = bool(rules.decide(message(content, kind), NOW).matches)
    assert decided is rules.explain(message(content, kind), NOW)[0].matched, "the index withholds nothing"
    return decided


TWO = merge(said("我要退款", nickname="王客户", from_wxid="7881"), PICTURE)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("items = { min_count = 2 }", True),
        ("items = { min_count = 3 }", False),
        ('items = { any = { type = ["picture"] } }', True),
        ('items = { any = { type = ["video"] } }', False),
        ('items = { any = { type = ["text"], contains = ["退款"] } }', True),
        ('items = { any = { type = ["picture"], contains = ["退款"] } }', False),
        ('items = { any = { sender = ["7881"] } }', True),
        ('items = { all = { type = ["text", "picture"] } }', True),
        ('items = { all = { type = ["text"] } }', False),
        ('items = { any = { field = [{ path = "nickname", equals = "王客户" }] } }', True),
        ("items = { any = { regex = ['退.款'] } }", False),
        ("items = { any = { regex = ['退款$'] }, min_count = 2 }", True),
        ('items = { any = { not = { type = ["picture"] } } }', True),
        ('items = { any = { any = [{ sender = ["7881"] }, { type = ["video"] }] } }', True),
        ('not = { items = { min_count = 3 } }\ntype = ["merge"]', True),
    ],
)
def test_how_many_one_of_them_every_one(when, expected):
    assert matches(when, TWO) is expected


@pytest.mark.parametrize("when", ["items = { min_count = 1 }", "not = { items = { min_count = 1 } }"])
@pytest.mark.parametrize("content", [SAMPLE["merge as opaque XML"].content, '{"title":"聊天记录"}', "{", merge()])
def test_what_cannot_be_looked_into_neither_holds_nor_fails(when, content):
    assert not matches(when, content)


def test_explain_says_that_nobody_can_see_inside():
    rules = ruleset("items = { min_count = 1 }")
    [verdict] = rules.explain(message('{"title":"聊天记录"}'), NOW)
    assert verdict.failed is not None
    assert (verdict.failed.key, verdict.failed.note) == ("items", HIDDEN)


def test_explain_shows_what_is_inside():
    [verdict] = ruleset('items = { any = { contains = ["投诉"] } }').explain(message(TWO), NOW)
    assert verdict.failed is not None
    assert verdict.failed.expected == {"any": {"contains": ["投诉"]}}
    assert [one["text"] for one in verdict.failed.actual] == ["我要退款", ""]


def test_what_is_no_merge_has_no_messages_inside():
    words = '{"items":[{"type":"text","text":"退款"}]}'
    assert not matches("items = { min_count = 1 }", words, "text")
    assert matches("not = { items = { min_count = 1 } }", words, "text")


def test_words_of_a_merge_inside_a_merge_are_seen():
    assert matches(
        'items = { any = { type = ["merge"], contains = ["最早的一句"] } }', SAMPLE["merge inside a merge"].content
    )


@pytest.mark.parametrize("key", ["items", "list", "msgs", "messages", "records"])
@pytest.mark.parametrize("packed", [False, True])
def test_where_the_records_stand_is_found(key, packed):
    """Their shape is undocumented; lists as JSON in a string are taken too, as other forms of content are."""
    records = [said("一"), said("二")]
    packs = packed and key in {"items", "list", "msgs", "messages"}
    tree = {"title": "x", key: json.dumps(records) if packs else records}
    assert [record.reading.text for record in records_of(tree)] == ["一", "二"]


@pytest.mark.parametrize(
    "tree", [None, [], "x", {}, {"items": []}, {"items": ["x"]}, {"items": [{"type": "text"}]}, {"items": {}}]
)
def test_what_holds_no_records_shows_none(tree):
    assert records_of(tree) == ()
