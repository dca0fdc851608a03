"""Every trouble that can be brought about from outside, at the real daemon: a receiver is told of it and of its end."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.acceptance.conftest import CLOUD, DUTY, EVERYTHING, OPS, REAL, ROOM, WANG, start, text, until
from tests.receiver import receiving
from yzj_daemon.clock import HOUR
from yzj_daemon.ops.clock import SystemClock
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import AccountChange, Inject, WorldChange

LAPSED = "1688850000000003"

RULES = f"""
[[rules]]
id = "退款"
forward_to = ["{OPS}"]
when = {{ contains = ["退款"] }}
[[rules]]
id = "日报"
owner = "王工"
forward_to = ["{DUTY}"]
expect_every = "1s"
when = {{ contains = ["日报"] }}
"""

TOLD = {
    "调用平台不成功": "调用平台不成功 (HTTP 502",
    "平台拒绝我们": f"账号 {REAL}: 平台拒绝我们 (113: ip 203.0.113.9 not allowed)",
    "队列卡住": f"账号 {CLOUD} 的队列 ",
    "不知道是否送达": "1 条转发不知道是否送达",
    "消息来得太晚, 没有转发": "24 小时内 1 条消息来得太晚没有转发",
    "规则该匹配而没有匹配": "规则 日报 (王工) 已经 ",
    "有回调读不懂": "24 小时内 1 个回调读不懂, 已原样保存",
    "回调应答太慢": "今天有 1",
}

AFTERWARDS = {
    "the order at the platform ran out",
    "recovered: calls to the platform fail",
    "recovered: deliveries of unknown fate",
    "recovered: a rule is silent",
}

QUICK = {
    "alerts__patience": "0",
    "alerts__lane_stuck": "1s",
    "api__timeout": "6s",
    "callback__ack_within": "0.05",
    "forward__echo_window": "1s",
    "pull__mode": "off",
}


def said(words: str, account: str = CLOUD, **given) -> Inject:
    return Inject(chat=ROOM, sender=WANG, account=account, content_raw=text(words), **given)


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@contextmanager
def locked(daemon) -> Iterator[None]:
    """The store, by another program: callbacks are answered late meanwhile, and stored after it."""
    other = sqlite3.connect(daemon.directory / "store.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.mark.long
async def test_each_trouble_is_told_in_chinese_and_after_a_restart_its_end_in_english(make_daemon, platform, receiver):
    await platform.change_world(WorldChange(accounts=[AccountChange(account=LAPSED)]))
    await platform.fail(Fault(status=502), endpoint="list", times=None)
    await platform.fail(Fault(hang="before"), account=CLOUD)
    await platform.fail(Fault(errcode=113, message="ip 203.0.113.9 not allowed"), account=REAL, times=None)
    daemon = make_daemon(RULES, alerts__urls=receiver.alerts, **QUICK, lang="zh")
    await start(daemon, platform, own_copies="none", received_by="unchecked")
    await platform.inject(said("退款"), said("退款 排队"), wait=True)
    await until(platform.calls)  # before the other's refusal, which is the whole platform's, stops this account, too
    old = said("退款 昨天", msg_time=SystemClock().now() - 13 * HOUR)
    await platform.inject(said("退款", REAL), old, wait=True)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(daemon.callback, content=b"bm9uc2Vuc2U=")).status_code == 200
    with locked(daemon):
        await platform.inject(*(said("闲聊") for _ in range(100)), wait=True)
    await until(lambda: missing(receiver) == set())
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{daemon.ops}/readyz?verbose")
    assert answer.status_code == 200, "an account that needs a person makes the daemon no worse"
    assert any(f"account {REAL}: the platform refuses us (113: ip" in told for told in answer.json()["troubles"])
    await until(lambda: any(row["kind"] == "unknown" and row["told_at"] for row in daemon.rows("alerts", "list")))
    with locked(daemon):
        await until(lambda: "数据库写不进去" in receiver.titles())

    await platform.clear_faults()
    await platform.fail(Fault(errcode=114, message="app_id expired"), account=LAPSED, times=None)
    [lost] = daemon.deliveries("unknown")
    daemon.cli("deliveries", "settle", str(lost.id), "--as", "failed")
    assert await asyncio.to_thread(daemon.stop) == 0
    daemon.rules(EVERYTHING)
    daemon.settings["lang"] = "en"
    await start(daemon, platform)
    await platform.inject(said("退款", LAPSED), wait=True)
    await until(lambda: set(receiver.titles()) >= AFTERWARDS)
    [expired] = [told["message"] for told in receiver.messages() if told["title"].endswith("ran out")]
    assert f"account {LAPSED}: the order ran out (114: app_id expired)" in expired
    assert "what to do: renew it" in expired


def missing(receiver) -> set[str]:
    """Titles that did not come with these words."""
    came = [(told["title"].removeprefix("yzj-daemon: "), told["message"]) for told in receiver.messages()]
    return {t for t, words in TOLD.items() if not any(t == title and words in body for title, body in came)}
