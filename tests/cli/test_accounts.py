"""What is said of an account in each state, wherever it is asked, and what a person should do."""

import time

import pytest

from yzj_daemon.account import HostedAccount
from yzj_daemon.lane import Lane, LaneState
from yzj_daemon.storage import inbox, lanes

NO = "113: ip 203.0.113.9 not allowed"
STATES = {
    "online": (LaneState.READY, True, "", "", ""),
    "offline": (
        LaneState.READY,
        False,
        "",
        "账号掉线: 在云真机后台重新登录它",
        "account offline: log it in at the platform",
    ),
    "logged out": (
        LaneState.OFFLINE,
        True,
        "账号不在线",
        "账号掉线 (账号不在线): 在云真机",
        "account offline (账号不在线): log it in",
    ),
    "expired": (
        LaneState.BLOCKED,
        True,
        "114: expired",
        "平台的服务到期 (114: expired): 续费",
        "ran out (114: expired): renew it",
    ),
    "blocked": (
        LaneState.BLOCKED,
        True,
        NO,
        f"平台拒绝我们 ({NO}): 检查",
        f"the platform refuses us ({NO}): check app_id",
    ),
    "unknown": (LaneState.READY, None, "", "是不是托管账号", "is it a hosted account?"),
    "throttled": (LaneState.THROTTLED, True, "407", "平台限流, 会自动继续", "rate limited, it goes on by itself"),
    "away": (LaneState.SUSPENDED, True, "timeout", "暂时连不上 (timeout)", "out of reach for now (timeout)"),
}
SHOWN = {"logged out": "offline", "throttled": "online", "away": "online"}
"""State that is told, where it is not the name here."""


@pytest.fixture
def filled(shell):
    shell.receive()
    now = int(time.time() * 1000)
    for account, (state, online, reason, _, _) in STATES.items():
        listed = (HostedAccount(account=account, online=online),)
        shell.work(lambda c, listed=listed: inbox.listed(c, listed, now))
        lane = Lane(account=account, state=state, reason=reason)
        shell.work(lambda c, lane=lane: lanes.save(c, lane, now + 1))
    return shell


@pytest.mark.parametrize(("lang", "word"), [("zh", 3), ("en", 4)])
def test_status_and_accounts_tell_each_state_with_what_to_do(filled, lang, word):
    told = {row["account"]: row for row in filled.one("--lang", lang, "status")["accounts"]}
    listed = {row["account"]: row for row in filled.rows("--lang", lang, "accounts")}
    shown, table = filled("--lang", lang, "status")[1], filled("--lang", lang, "accounts")[1]
    assert told.keys() == listed.keys() == STATES.keys()
    for account, expected in STATES.items():
        for row in (told[account], listed[account]):
            assert row["state"] == SHOWN.get(account, account)
            assert expected[word] in row["action"]
            assert bool(row["action"]) == bool(expected[word])
        assert expected[word] in shown
        assert expected[word] in table


def test_accounts_that_need_a_person_want_a_look(filled):
    rows = filled.one("status")["attention"]
    assert {(row["id"], row["subject"]) for row in rows if row["id"].startswith("account_")} == {
        ("account_offline", "offline"),
        ("account_offline", "logged out"),
        ("account_expired", "expired"),
        ("account_blocked", "blocked"),
    }
