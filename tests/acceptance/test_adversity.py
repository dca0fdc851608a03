"""The machine turns on us: a full disk, a stop in mid fan-out, a rule that changes under its deliveries."""

import asyncio
import json
import resource
import time
from contextlib import contextmanager

import httpx
import pytest

from tests.acceptance.conftest import BOSS, CLOUD, DUTY, LI, OPS, ROOM, WANG, Daemon, start, text, until
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject

ONE = f'["{CLOUD}"]'
FAN = f"""
[[rules]]
id = "fan"
forward_to = ["{OPS}", "{DUTY}", "{BOSS}", "{LI}"]
when = {{ contains = ["退款"] }}
"""


def said(words: str) -> Inject:
    return Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(words))


@contextmanager
def full_disk(daemon: Daemon):
    """No file of the daemon may grow any more: the kernel refuses what a full disk would refuse."""
    assert daemon.process is not None
    pid = daemon.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


async def test_a_full_disk_is_told_fast_corrupts_nothing_and_heals(make_daemon, platform):
    daemon = make_daemon(accounts=ONE, forward__pace="0.1", pull__interval="0.5", callback__allow_plaintext="true")
    await start(daemon, platform)
    await until(lambda: daemon.log("pull.baseline"))
    await platform.inject(said("之前"), wait=True)
    await until(lambda: daemon.deliveries("sent", "confirmed"))
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        with full_disk(daemon):
            await platform.inject(*(said(f"满了 {n}") for n in range(5)))
            for _ in range(10):
                began = time.monotonic()
                answer = await http.post(daemon.callback, content=b"[]" * 3)
                assert answer.status_code == 503
                assert time.monotonic() - began < 1
            assert (await http.get(f"http://{daemon.ready['ops']}/readyz")).status_code == 503
            assert (await http.get(f"http://{daemon.ready['ops']}/healthz")).status_code == 200
            calls = len(await platform.calls())
            await asyncio.sleep(1)
            assert len(await platform.calls()) == calls, "what cannot be written down is not sent"
        await until(lambda: len(daemon.deliveries("sent", "confirmed")) == 6, 40)
        assert (await http.get(f"http://{daemon.ready['ops']}/readyz")).status_code == 200
    assert len(await platform.arrivals(OPS)) == 6, "what was missed is pulled, and sent once"
    daemon.balanced()
    assert "sound" in daemon.cli("db", "check")


async def test_a_disk_that_fills_while_a_call_is_on_its_way_sends_nothing_twice(make_daemon, platform):
    """The answer cannot be written down: until it can, the delivery stays what it was, and nothing else leaves."""
    daemon = make_daemon(accounts=ONE, forward__pace="0.1", pull__mode="off")
    await start(daemon, platform, own_copies="none")
    await platform.fail(Fault(delay=1000))
    await platform.inject(said("在路上"), said("下一条"), wait=True)
    await until(lambda: daemon.deliveries("sending"))
    with full_disk(daemon):
        await platform.calls(answered=1)
        await asyncio.sleep(1)
        assert len(await platform.calls()) == 1
    rows = await until(daemon.drained, 40)
    assert {row.state for row in rows} <= {"sent", "unknown"}
    contents = [arrival["content"] for arrival in await platform.arrivals(OPS)]
    assert sorted(contents) == sorted({text("在路上"), text("下一条")})
    daemon.balanced()


async def test_a_stop_in_mid_fan_out_goes_on_where_it_was(make_daemon, platform):
    daemon = make_daemon(FAN, accounts=ONE, forward__pace="0.3", forward__max_targets=1)
    await start(daemon, platform, own_copies="none")
    await platform.inject(said("退款"), wait=True)
    await platform.calls(answered=2)
    assert await asyncio.to_thread(daemon.stop) == 0
    stopped = sorted(line.state for line in daemon.deliveries())
    assert set(stopped) == {"pending", "sent"}
    await start(daemon, platform)
    await until(daemon.drained)
    assert sorted(call["chats"][0] for call in await platform.calls()) == sorted([OPS, DUTY, BOSS, LI])
    daemon.balanced()


@pytest.mark.long
async def test_a_logout_in_mid_fan_out_keeps_the_rest_for_later(make_daemon, platform):
    daemon = make_daemon(FAN, accounts=ONE, forward__pace="0.2", forward__max_targets=1)
    await start(daemon, platform, own_copies="none")
    await platform.fail(Fault(errcode=1001, message="账号不在线,请重新登录"), skip=2, times=None)
    await platform.inject(said("退款"), wait=True)
    await until(lambda: daemon.lanes()[CLOUD].state == "offline")
    assert sorted(line.state for line in daemon.deliveries()) == ["pending", "pending", "sent", "sent"]
    await platform.clear_faults()
    await asyncio.to_thread(daemon.stop)
    daemon.cli("db", "check")
    await start(daemon, platform)
    await until(daemon.drained, 50)
    assert {line.state for line in daemon.deliveries()} == {"sent"}
    assert sorted(a["chat"] for a in await platform.arrivals() if a["sender"] == CLOUD) == sorted([OPS, DUTY, BOSS, LI])


async def test_what_was_decided_stays_decided_when_the_rule_loses_its_target(make_daemon, platform):
    """Rules decide what comes; what is queued belongs to the operator, who may drop it."""
    daemon = make_daemon(FAN, accounts=ONE, forward__pace="2.0", forward__max_targets=1, rules__poll="0.2")
    await start(daemon, platform, own_copies="none")
    await platform.inject(said("退款"), wait=True)
    await platform.calls(answered=1)
    daemon.rules(FAN.replace(f', "{LI}"', ""))
    await until(lambda: len(daemon.log("rules.in_force")) == 2)
    assert LI in {line.chat for line in daemon.deliveries("pending")}
    told = json.loads(daemon.cli("deliveries", "drop", "--chat", LI, "--yes", "--json"))
    assert told["deliveries"] == 1
    await platform.inject(said("又一个退款"), wait=True)
    await until(daemon.drained, 30)
    assert LI not in {arrival["chat"] for arrival in await platform.arrivals() if arrival["sender"] == CLOUD}
    assert len(daemon.deliveries("sent")) == 6
