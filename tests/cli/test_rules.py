"""Check, test, explain, schema."""

import json

import pytest

from tests.cli.conftest import RULES
from tests.flow.conftest import original

BODY = (
    '[{"type":"chatMsg","rel_wxid":"A","data":[{"msg_type":"text","svrid":"s1","from_wxid":"7","chat_wxid":"R:one",'
    '"msg_time":1800000000000,"content":{"items":[{"type":"text","text":"要退款"}]}}]}]'
)


def test_good_rules_are_good(shell):
    code, out, _ = shell("check")
    assert (code, "2 enabled" in out) == (0, True)


def test_every_mistake_is_told_with_its_place(shell):
    shell.rules('[[rules]]\nid = "a"\nforward_to = []\nwhem = {}\n')
    rows = [json.loads(line) for line in shell("check", "--json")[1].splitlines()]
    assert [(row["file"], row["line"], row["column"], row["id"]) for row in rows] == [
        ("rules.toml", 1, 1, "missing-key"),
        ("rules.toml", 3, 1, "empty-list"),
        ("rules.toml", 4, 1, "unknown-key"),
    ]
    assert set(rows[0]) == {"level", "id", "file", "line", "column", "message", "value", "suggestion"}
    code, out, _ = shell("--lang", "zh", "check")
    assert code == 1
    assert "rules.toml:4:1" in out
    assert "是不是想写“when”" in out


def test_a_warning_is_an_error_when_strict(shell):
    shell.rules('[[rules]]\nid = "a"\nforward_to = ["R:1"]\nwhen = { type = ["txet"] }\n')
    assert shell("check")[0] == 0
    assert shell("check", "--strict")[0] == 1


def test_a_path_may_be_named_and_may_be_a_directory(shell):
    (shell.directory / "d").mkdir()
    (shell.directory / "d" / "x.toml").write_text(RULES, encoding="utf-8")
    assert shell("check", "d")[0] == 0
    assert shell("check", "nowhere.toml")[0] == 1


def test_check_needs_no_vendor_and_no_store_but_good_settings(shell):
    code, _, err = shell("check", "--set", "forward.pace=soon")
    assert code == 3
    assert "forward.pace" in err
    assert "command line" in err


EXAMPLE = '[[rules.examples]]\nname = "例子"\nmessage = {{ type = "merge" }}\nat = {at}\nexpect = "match"\n'


@pytest.mark.parametrize(("at", "code"), [("2026-03-02T10:00:00", 0), ("2026-03-02T20:00:00", 1)])
def test_examples_are_run_and_a_failure_says_why(shell, at, code):
    shell.rules(RULES + EXAMPLE.format(at=at))
    answered, out, _ = shell("test")
    assert answered == code
    assert "例子" in out
    assert ("window" in out) is bool(code)
    row = json.loads(shell("test", "--json")[1])
    assert (row["rule"], row["passed"]) == ("merge", not code)
    assert shell("check")[0] == code


def test_a_message_is_explained_with_the_rules_of_then(shell):
    shell.receive(original("我要退款", id="m1"))
    shell.rules('[[rules]]\nid = "other"\nforward_to = ["R:9"]\nwhen = { contains = ["谢谢"] }\n')
    told = shell.one("explain", "1")
    assert (told["message_id"], told["matched"], told["targets"]) == ("1", ["退款"], ["R:ops", "R:boss"])
    assert told["text"] == "我要退款"
    assert [rule["id"] for rule in told["rules"]] == ["退款", "merge"]
    assert told["rules"][0]["failed"] is None
    assert told["rules"][1]["failed"] == {"key": "type", "expected": ["merge"], "actual": "text"}
    now = shell.one("explain", "m1", "--rules", "rules.toml")
    assert (now["matched"], now["rules_hash"] != told["rules_hash"]) == ([], True)


def test_a_file_and_standard_input_are_explained_too(shell):
    (shell.directory / "m.json").write_text(BODY, encoding="utf-8")
    told = shell.one("explain", "m.json", "--at", "2027-01-15T16:00")
    assert (told["matched"], told["reason"]) == (["退款"], "matched")
    code, _, err = shell("explain", "rules.toml")
    assert (code, "no message" in err) == (2, True)


@pytest.mark.parametrize(("at", "reason"), [("2027-01-15T17:59", "matched"), ("2027-01-15T18:00", "window")])
def test_the_time_decides_windows(shell, at, reason):
    merge = BODY.replace('"text","svrid"', '"merge","svrid"').replace("要退款", "聊天记录")
    (shell.directory / "m.json").write_text(merge, encoding="utf-8")
    told = shell.one("explain", "m.json", "--at", at)
    assert (told["reason"], told["matched"]) == (reason, ["merge"])
    assert told["targets"] == (["R:merge"] if reason == "matched" else [])


def test_people_read_what_was_wanted_and_what_is(shell):
    shell.receive(original("谢谢", id="m1"))
    _, out, _ = shell("--lang", "zh", "explain", "m1")
    assert "✗ 退款" in out
    assert '要求 ["退款"], 实际 谢谢' in out
    assert "没有规则匹配" in out


def test_a_message_that_cannot_be_looked_into_says_so(shell):
    shell.receive(original(id="m1", type="merge", content='{"file_id":"1"}'))
    _, out, _ = shell("explain", "m1")
    assert "cannot see inside" in out


def test_the_schema_describes_every_key(shell):
    code, out, _ = shell("schema")
    schema = json.loads(out)
    assert code == 0
    assert "json-schema.org" in schema["$schema"]
    tables = [schema, *schema["definitions"].values()]
    keys = [(name, key) for table in tables for name, key in table.get("properties", {}).items()]
    assert len(keys) > 50
    assert not [name for name, key in keys if not key.get("description")]
