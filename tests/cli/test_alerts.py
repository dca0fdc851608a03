"""``alerts``: what stands and who was told; whether alerts arrive."""

import json
import time

from tests.receiver import receiving
from yzj_daemon.storage import troubles
from yzj_daemon.trouble import Kind, Standing

NOW = int(time.time() * 1000)


def test_what_is_remembered_is_listed_with_when_people_were_told(shell):
    shell.receive()
    told = Standing(
        kind=Kind.ACCOUNT_OFFLINE, subject="a1", name="小王", since=NOW - 60_000, told_at=NOW, level=1, open=True
    )
    gone = Standing(kind=Kind.HELD_RULE, subject="退款", since=NOW - 60_000, gone_at=NOW)
    shell.work(lambda c: troubles.remember(c, [told, gone], []))
    rows = shell.rows("alerts", "list")
    assert [(row["kind"], row["subject"], row["name"], row["state"]) for row in rows] == [
        ("account_offline", "a1", "小王", "stands"),
        ("held_rule", "退款", "", "gone"),
    ]
    assert rows[0]["told_at"]
    assert rows[1]["told_at"] is None
    code, out, _ = shell("--lang", "zh", "alerts", "list")
    assert code == 0
    assert "小王 (a1)" in out
    assert "账号掉线" in out


def test_a_test_is_sent_to_every_url_and_told_one_by_one(shell):
    with receiving() as receiver:
        shell.settings["YZJ_ALERTS__URLS"] = f'["{receiver.alerts}", "nonsense://secret-key-1"]'
        code, out, _ = shell("--lang", "zh", "alerts", "test", "--json")
        first, second = map(json.loads, out.splitlines())
        assert code == 1
        assert (first["ok"], second["ok"]) == (True, False)
        assert receiver.titles() == ["测试"]
        assert "secret-key" not in out
        assert "hook-0123" not in out
        shell.settings["YZJ_ALERTS__URLS"] = receiver.alerts
        code, out, _ = shell("alerts", "test")
        assert (code, "arrived" in out) == (0, True)


def test_without_urls_it_says_so(shell):
    code, _, err = shell("alerts", "test")
    assert code == 3
    assert "alerts.urls" in err
