"""Explain and test as people see them: conditions one by one, matched words, and what state decided."""

import json

import pytest

from tests.flow.conftest import original
from yzj_daemon.ops import traces
from yzj_daemon.storage import controls
from yzj_daemon.storage.engine import Store

RULES = """
timezone = "Asia/Shanghai"
[names]
"运营群" = "R:ops"
"王客户" = "7"
[windows.day]
hours = ["09:00-10:00"]
[[rules]]
id = "退款"
forward_to = ["运营群"]
[rules.when]
type = ["text"]
sender = ["王客户"]
any = [{ contains = ["退款"] }, { regex = ['\\d{3}元'] }]
not = { contains = ["测试", "演习"] }
[[rules]]
id = "晚些"
forward_to = ["R:late"]
during = ["day"]
[rules.when]
contains_all = ["退款", "加急"]
"""


@pytest.fixture
def terminal(shell, monkeypatch):
    """The output as a terminal gets it."""

    def run(*args):
        with monkeypatch.context() as told:
            told.setenv("FORCE_COLOR", "1")
            told.setenv("COLUMNS", "200")
            return shell("--lang", "zh", *args)[1]

    return run


def act(shell, work):
    store = Store(shell.environ["YZJ_STORE__URL"])
    store.write_now(work)
    store.close()


def explained(shell, *args):
    return shell("--lang", "zh", "explain", *args)[1]


def test_every_condition_is_told_with_what_it_asks_for_and_what_is(shell):
    shell.rules(RULES)
    shell.receive(original("测试:我要退款", id="m1", sender="8"))
    out = explained(shell, "m1")
    for line in (
        "✗ 退款  rules.toml:8",
        '    ✓ type: 要求 ["text"], 实际 text',
        '    ✗ sender: 要求 ["7 (王客户)"], 实际 8',
        "    ✓ any:",
        '        ✓ contains: 要求 ["退款"], 实际 ["退款"]',
        '        ✗ regex: 要求 ["\\\\d{3}元"], 实际 测试:我要退款',
        "    ✗ not:",
        '        ✓ contains: 要求 ["测试", "演习"], 实际 ["测试"]',
    ):
        assert line in out.splitlines(), line


def test_the_trace_of_a_message_is_named_where_it_is_traced(shell):
    shell.rules(RULES)
    shell.receive(original("退款", id="m1", sender="7"))
    assert "追踪" not in explained(shell, "m1")
    shell.settings["YZJ_TRACES__ENDPOINT"] = "http://127.0.0.1:4318/v1/traces"
    told = shell.one("explain", "m1")
    assert told["trace"] == f"{traces.ids(told['account'], 'm1')[0]:032x}"
    assert f"追踪: {told['trace']}" in explained(shell, "m1")
    assert shell.one("messages", "show", "m1")["trace"] == told["trace"]
    shell.settings["YZJ_TRACES__SAMPLE"] = "0"
    assert "追踪" not in explained(shell, "m1")


def test_programs_get_the_conditions_too(shell):
    shell.rules(RULES)
    shell.receive(original("退款", id="m1", sender="7"))
    told = shell.one("explain", "m1")
    refund, late = told["rules"]
    assert [check["key"] for check in refund["conditions"]] == ["type", "sender", "not", "any"]
    assert refund["conditions"][0] == {"key": "type", "held": True, "expected": ["text"], "actual": "text"}
    assert late["conditions"][-1]["key"] == "during"
    assert {"message_id", "rules_hash", "matched", "targets", "rules", "text"} <= set(told)
    assert told["spans"] == [[0, 2]]


def test_on_a_terminal_it_is_a_tree_in_which_matched_words_stand_out(shell, terminal):
    shell.rules(RULES)
    shell.receive(original("你好,我要退\u200b款!", id="m1", sender="7"))
    out = terminal("explain", "m1")
    assert "├── " in out
    assert "你好,我要\x1b[1;30;43m退\\u200b款\x1b[0m!" in out


def test_a_window_that_is_closed_says_until_when(shell):
    shell.rules(RULES)
    shell.receive(original("退款 加急", id="m1"))
    out = explained(shell, "m1")
    assert "等到 2027-01-16T09:00" in out
    assert '    ✗ during: 要求 ["day"], 实际 2027-01-15 16:00' in out.splitlines()


def test_the_rules_of_now_are_asked_when_told_so(shell):
    shell.rules(RULES)
    shell.receive(original("退款", id="m1", sender="7"))
    shell.rules('[[rules]]\nid = "新"\nforward_to = ["R:1"]\nwhen = { contains = ["换货"] }\n')
    assert shell.one("explain", "m1")["matched"] == ["退款"]
    now = shell.one("explain", "m1", "--now")
    assert (now["matched"], [rule["id"] for rule in now["rules"]]) == ([], ["新"])
    assert now["then"]["rules"] == ["退款"]
    assert shell("explain", "m1", "--now", "--rules", "rules.toml")[0] == 2


def test_what_state_decided_is_told_from_the_decision_of_then(shell):
    shell.rules(RULES)
    shell.receive(original("谢谢", id="m0"))
    act(shell, lambda c: controls.mute(c, kind="rule", value="退款", until=10**14, comment="假期", who="me", now=0))
    shell.receive(original("退款", id="m1", sender="7"))
    told = shell.one("explain", "m1")
    assert (told["reason"], told["then"]["reason"]) == ("matched", "muted")
    out = explained(shell, "m1")
    assert "收到时的决定: muted: 被静音  (不是规则, 是当时的状态决定的)" in out
    assert "    没有转发: muted: 被静音" in out
    assert "没有转发" not in explained(shell, "m1", "--now"), "of now, state is not asked"


def test_a_rule_that_rests_is_told(shell):
    shell.rules(RULES.replace('id = "退款"', 'id = "退款"\ncooldown = "1h"'))
    shell.receive(original("退款", id="m1", sender="7"))
    shell.receive(original("还要退款", id="m2", sender="7"))
    out = explained(shell, "m2")
    assert "cooldown: 规则还在冷却  (不是规则" in out
    assert "    没有转发: cooldown: 规则还在冷却" in out


def test_a_duplicate_is_told(shell):
    shell.rules(RULES)
    shell.receive(
        original("退款", id="m1", sender="7", wx_svrid="w"),
        original("退款", id="m2", account="B", sender="7", wx_svrid="w"),
    )
    assert "duplicate: 目标会话都已经收过这条消息  (不是规则" in explained(shell, "m2")


def test_deliveries_that_a_tripwire_holds_are_told(shell):
    shell.rules(RULES)
    shell.receive(original("谢谢", id="m0"))
    act(shell, lambda c: controls.hold_rule(c, rule="退款", why="too many", now=0))
    shell.receive(original("退款", id="m1", sender="7"))
    assert "转发: 1 → R:ops (运营群)  被扣住 (规则匹配得太多 (limit))" in explained(shell, "m1")


def test_standard_input_is_explained(shell, monkeypatch, tmp_path):
    shell.rules(RULES)
    ids = '"wxid":"A","from_wxid":"7","chat_wxid":"R:1","svrid":"9"'
    body = f'{{"msg_type":"text",{ids},"content":{{"items":[{{"text":"退款"}}]}}}}'
    (tmp_path / "in").write_text(body, encoding="utf-8")
    with (tmp_path / "in").open(encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert shell.one("explain", "-")["matched"] == ["退款"]


EXAMPLES = (
    RULES
    + """
[[rules.examples]]
name = "加急的"
message = { text = "加急退款" }
expect = "match"
[[rules.examples]]
name = "缺一个词"
message = { text = "加急" }
expect = "match"
"""
)


def test_examples_are_a_tree_and_a_failure_says_which_condition(shell, terminal):
    shell.rules(EXAMPLES)
    code, out, _ = shell("--lang", "zh", "test")
    assert code == 1
    for line in (
        "- 退款  (没有例子)",
        "✗ 晚些  1/2",
        "    ✓ 加急的  → match",
        "    ✗ 缺一个词  → match  rules.toml:27",
        '        应该匹配,却没有匹配:contains_all 要求 ["退款", "加急"],消息是 "加急"',
        "2 个例子, 1 个不通过",
    ):
        assert line in out.splitlines(), line
    assert "├── " in terminal("test")


def test_a_program_gets_the_condition_that_failed(shell):
    shell.rules(EXAMPLES)
    code, out, _ = shell("test", "--json")
    good, bad = (json.loads(line) for line in out.splitlines())
    assert (code, good["passed"], good["failed"]) == (1, True, None)
    assert bad["failed"] == {"key": "contains_all", "expected": ["退款", "加急"], "actual": "加急"}
