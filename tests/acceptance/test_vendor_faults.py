"""Whatever the platform does, each delivery ends in a named state, and nothing is sent twice."""

import asyncio
import json

import pytest

from tests.acceptance.conftest import CLOUD, OPS, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject

ONE = f'["{CLOUD}"]'


def said(n: int) -> Inject:
    return Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(f"第 {n} 条"))


async def test_tokens_that_expire_under_load_are_renewed_once_for_all(make_daemon, platform):
    daemon = await start(make_daemon(forward__pace="0.05", pull__mode="off"), platform, own_copies="none")
    for round_ in range(4):
        await platform.inject(*(said(10 * round_ + n) for n in range(5)), wait=True)
        await platform.expire_tokens()
    rows = await until(daemon.drained, 30)
    assert {row.state for row in rows} == {"sent"}
    assert len(rows) == len(await platform.arrivals(OPS)) == 20
    assert (await platform.stats())["tokens_issued"] <= 6
    daemon.balanced()


@pytest.mark.parametrize(
    ("fault", "state", "reason", "calls"),
    [
        (Fault(errcode=110, message="token error"), "sent", "", 2),
        (Fault(errcode=406, message="param error"), "failed", "bad_parameter", 1),
        (Fault(errcode=405, message="method"), "failed", "wrong_method", 1),
        (Fault(errcode=1001, message="目标会话不存在"), "failed", "permanent", 1),
        (Fault(errcode=1001, message="系统繁忙,请稍后重试"), "sent", "", 2),
        (Fault(status=502, body="<html>bad gateway</html>"), "unknown", "http_5xx", 1),
        (Fault(garbage=True), "unknown", "unreadable", 1),
        (Fault(garbage="http"), "unknown", "connection_lost", 1),
        (Fault(drop="after"), "unknown", "connection_lost", 1),
        (Fault(drop="before", reset=True), "unknown", "connection_lost", 1),
        (Fault(truncate=True), "unknown", "connection_lost", 1),
        (Fault(hang=True), "unknown", "timeout", 1),
    ],
    ids=lambda value: str(value.kinds[0]) + str(value.errcode or "") if isinstance(value, Fault) else None,
)
async def test_each_fault_ends_in_its_state(make_daemon, platform, fault, state, reason, calls):
    settings = {"forward__pace": "0.1", "api__timeout": "1", "accounts": ONE, "pull__mode": "off"}
    daemon = await start(make_daemon(**settings), platform, own_copies="none")
    await platform.fail(fault)
    await platform.inject(said(1), wait=True)
    [row] = await until(daemon.drained, 30)
    assert (row.state, row.reason) == (state, reason)
    assert len(await platform.calls()) == calls
    told = json.loads(daemon.cli("deliveries", "show", str(row.id), "--json"))
    assert len(told["calls"]) == calls if fault.errcode != 110 else 1
    daemon.balanced()


@pytest.mark.parametrize(
    ("fault", "lane", "state"),
    [
        (Fault(errcode=407, message="over limit"), "throttled", "online"),
        (Fault(errcode=113, message="ip"), "blocked", "blocked"),
        (Fault(errcode=114, message="expired"), "blocked", "expired"),
        (Fault(errcode=1001, message="账号不在线,请重新登录"), "offline", "offline"),
    ],
    ids=lambda value: str(value.errcode) if isinstance(value, Fault) else None,
)
async def test_faults_of_the_whole_account_stop_the_lane_and_burn_no_try(make_daemon, platform, fault, lane, state):
    daemon = await start(make_daemon(forward__pace="0.1", accounts=ONE, pull__mode="off"), platform)
    await platform.fail(fault, times=None)
    await platform.inject(said(1), said(2), wait=True)
    await until(lambda: daemon.lanes()[CLOUD].state == lane)
    assert {(line.state, line.attempts) for line in daemon.deliveries()} == {("pending", 0)}
    [account] = [row for row in json.loads(daemon.cli("status", "--json"))["accounts"] if row["account"] == CLOUD]
    assert (account["lane"], account["state"]) == (lane, state)
    assert account["action"]
    assert len(await platform.calls()) == 1, "the lane waits, the second message does not try"
    daemon.balanced()


async def test_a_platform_that_is_away_is_waited_for_and_nothing_is_lost(make_daemon, platform, sandbox):
    daemon = make_daemon(forward__pace="0.1", accounts=ONE, pull__mode="off", base_url="http://127.0.0.1:9")
    await start(daemon, platform)
    await platform.inject(said(1), wait=True)
    await until(lambda: daemon.lanes()[CLOUD].state == "suspended")
    assert [line.reason for line in daemon.deliveries()] == ["network"]
    await asyncio.to_thread(daemon.stop)
    daemon.base_url = sandbox.base_url
    await start(daemon, platform, own_copies="none")
    [row] = await until(daemon.drained, 30)
    assert row.state == "sent"
    assert len(await platform.arrivals(OPS)) == 1


async def test_a_delivery_that_keeps_failing_is_given_up(make_daemon, platform):
    settings = {"forward__pace": "0.05", "forward__retries": 2, "accounts": ONE, "pull__mode": "off"}
    daemon = await start(make_daemon(**settings), platform, own_copies="none")
    await platform.fail(Fault(errcode=1001, message="系统繁忙"), times=None)
    await platform.inject(said(1), wait=True)
    [row] = await until(daemon.drained, 30)
    assert (row.state, row.reason, row.attempts) == ("failed", "transient", 2)
    assert len(await platform.calls()) == 2


async def test_the_platform_the_other_way_round_changes_nothing(make_daemon, platform):
    """U4, U18: numbers as strings, errors as HTTP errors, the token inside ``data``, ``errmsg``."""
    await platform.behave(errcode_as="string", text_field="errmsg", token_nesting="data", grant_field="grant_type")
    settings = {"forward__pace": "0.1", "accounts": ONE, "pull__mode": "off", "api__grant_field": "grant_type"}
    daemon = await start(make_daemon(**settings), platform, own_copies="none")
    await platform.fail(Fault(errcode=111, message="expired"))
    await platform.inject(said(1), wait=True)
    [row] = await until(daemon.drained, 30)
    assert row.state == "sent"
