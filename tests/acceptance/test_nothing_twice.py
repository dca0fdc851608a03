"""Unknown outcomes, loops, recalls and failover, through the real process."""

import asyncio
import json

import pytest

from tests.acceptance.conftest import BOSS, CLOUD, DUTY, LI, OPS, REAL, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject, RoomChange, WorldChange

ONE = f'["{CLOUD}"]'
FAST = {"forward__pace": "0.1", "api__timeout": "1"}

RESEND = f"""
[[rules]]
id = "all"
forward_to = ["{OPS}"]
on_unknown = "resend"
when = {{ everything = true }}
"""


def said(n: int, **given) -> Inject:
    row = {"chat": ROOM, "sender": WANG, "account": CLOUD, "content_raw": text(f"第 {n} 条"), **given}
    return Inject(**row)


@pytest.mark.parametrize("copies", ["callback", "log", "both"])
@pytest.mark.parametrize("content", ["same", "rewritten"])
async def test_a_call_without_an_answer_is_confirmed_by_the_own_copy(make_daemon, platform, copies, content):
    """The copy may come by callback or by pull, and its bytes may differ."""
    daemon = make_daemon(accounts=ONE, pull__interval="0.5", **FAST)
    await start(daemon, platform, own_copies=copies, own_copy_content=content)
    await until(lambda: daemon.log("pull.baseline"))
    await platform.fail(Fault(hang="after"))
    await platform.inject(said(1), said(2), wait=True)
    await until(lambda: len(daemon.deliveries("confirmed")) == 2)
    assert len(await platform.arrivals(OPS)) == 2
    assert len(await platform.calls()) == 2
    daemon.balanced()


async def test_a_call_that_never_arrived_is_sent_again_when_that_is_asked_for(make_daemon, platform):
    daemon = make_daemon(RESEND, accounts=ONE, forward__echo_window="2", pull__interval="0.5", **FAST)
    await start(daemon, platform)
    await until(lambda: daemon.log("pull.baseline"))
    await platform.fail(Fault(hang="before"))
    await platform.inject(said(1), wait=True)
    await until(lambda: daemon.deliveries("confirmed"))
    assert [(line.state, line.reason) for line in daemon.deliveries()] == [("dropped", "resent"), ("confirmed", "")]
    assert len(await platform.arrivals(OPS)) == 1
    daemon.balanced()


async def test_a_call_that_did_arrive_is_not_sent_again(make_daemon, platform):
    daemon = make_daemon(RESEND, accounts=ONE, forward__echo_window="2", pull__interval="0.5", **FAST)
    await start(daemon, platform)
    await until(lambda: daemon.log("pull.baseline"))
    await platform.fail(Fault(drop="after"))
    await platform.inject(said(1), wait=True)
    await until(lambda: daemon.deliveries("confirmed"))
    await asyncio.sleep(4)
    assert len(daemon.deliveries()) == len(await platform.arrivals(OPS)) == 1


async def test_while_nothing_can_be_seen_of_the_account_nothing_is_sent_again(make_daemon, platform):
    daemon = make_daemon(RESEND, accounts=ONE, forward__echo_window="1", pull__mode="off", **FAST)
    await start(daemon, platform, own_copies="none")
    await platform.fail(Fault(hang="after"))
    await platform.inject(said(1), wait=True)
    await until(lambda: daemon.deliveries("unknown"))
    await asyncio.sleep(4)
    assert [line.state for line in daemon.deliveries()] == ["unknown"]
    assert len(await platform.arrivals(OPS)) == 1


async def test_a_to_b_and_b_to_a_with_two_hosted_accounts_forward_once_and_stop(make_daemon, platform):
    rules = f"""
[[rules]]
id = "there"
forward_to = ["{OPS}"]
when = {{ chat = ["{ROOM}"] }}
[[rules]]
id = "back"
forward_to = ["{ROOM}"]
when = {{ chat = ["{OPS}"] }}
"""
    members = [CLOUD, REAL, WANG, LI]
    rooms = [RoomChange(room=ROOM, members=members), RoomChange(room=OPS, members=members)]
    await platform.change_world(WorldChange(rooms=rooms))
    daemon = await start(make_daemon(rules, **FAST), platform)
    await platform.inject(said(1, account=""), wait=True)
    await until(lambda: daemon.deliveries("confirmed"))
    await asyncio.sleep(2)
    await platform.settled()
    assert [call["chats"] for call in await platform.calls()] == [[OPS]]
    assert (await asyncio.to_thread(daemon.balanced))["matched"] == 1


async def test_what_one_account_was_logged_out_of_another_one_forwards(make_daemon, platform):
    rules = f'[[rules]]\nid = "all"\nforward_to = ["{DUTY}"]\nwhen = {{ contains = ["退款"] }}\n'
    await platform.change_world(WorldChange(rooms=[RoomChange(room=DUTY, members=[REAL])]))
    daemon = await start(make_daemon(rules, **FAST), platform)
    await until(lambda: len(daemon.log("pull.baseline")) == 2)
    await platform.online(CLOUD, False)
    await platform.fail(Fault(errcode=1001, message="账号不在线,请重新登录"), account=CLOUD, times=None)
    await platform.inject(said(1, account="", content_raw=text("先占住车道 退款 0")), wait=True)
    await platform.inject(said(2, account="", content_raw=text("退款 1")), wait=True)
    await until(lambda: daemon.deliveries("sent", "confirmed"), 30)
    [line] = daemon.deliveries("sent", "confirmed")
    assert line.account == REAL
    assert [arrival["sender"] for arrival in await platform.arrivals(DUTY)] == [REAL]


async def test_a_message_recalled_before_it_left_stays_here(make_daemon, platform):
    rules = f"""
[[rules]]
id = "slow"
forward_to = ["{OPS}", "{BOSS}"]
delay = "1h"
when = {{ everything = true }}
"""
    daemon = await start(make_daemon(rules, accounts=ONE), platform)
    [[ids]] = await platform.inject(said(1), wait=True)
    notice = json.dumps({"text": "撤回了一条消息", "revoke": {"wx_svrid": int(ids["wx_svrid"])}}, ensure_ascii=False)
    await platform.inject(said(2, type="revoke", content_raw=notice), wait=True)
    assert [(line.state, line.reason) for line in daemon.deliveries()] == [("dropped", "revoked")] * 2
    daemon.balanced()


async def test_an_operator_holds_releases_and_queues_anew_while_it_runs(make_daemon, platform):
    daemon = await start(make_daemon(accounts=ONE, **FAST), platform)
    await platform.fail(Fault(errcode=406, message="param"))
    await platform.inject(said(1), wait=True)
    await until(lambda: daemon.deliveries("failed"))
    await asyncio.to_thread(daemon.cli, "deliveries", "requeue", "--state", "failed", "--yes")
    await until(lambda: daemon.deliveries("sent", "confirmed"))
    assert len(await platform.arrivals(OPS)) == 1
    daemon.balanced()
