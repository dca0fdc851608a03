"""People are told: the real daemon, a platform that fails, the real Apprise, a real web server that is told."""

import asyncio
import json
import socket

import httpx
import pytest

from tests.acceptance.conftest import CLOUD, DUTY, EVERYTHING, OPS, ROOM, WANG, start, text, until
from tests.receiver import receiving
from yzj_daemon.sandbox.incoming import Inject

ONE = f'["{CLOUD}"]'

LIMITED = f"""
[[rules]]
id = "all"
forward_to = ["{OPS}"]
limit = "2/1h"
when = {{ everything = true }}
"""


TWO = f"""
[[rules]]
id = "wild"
forward_to = ["{OPS}"]
limit = "20/1h"
when = {{ contains = ["句"] }}
[[rules]]
id = "calm"
forward_to = ["{DUTY}"]
when = {{ contains = ["还在转"] }}
"""


def said(words: str) -> Inject:
    return Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(words))


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


async def test_trouble_is_told_once_also_over_a_kill_and_so_is_its_end(make_daemon, platform, receiver):
    daemon = make_daemon(
        LIMITED,
        accounts=ONE,
        alerts__urls=receiver.alerts,
        alerts__patience="1s",
        alerts__heartbeat_url=f"{receiver.url}/ping",
        alerts__heartbeat_every="1s",
        rules__poll="0.2",
        lang="zh",
    )
    await start(daemon, platform)
    await platform.online(CLOUD, online=False)
    await platform.inject(said("一"), wait=True)
    await until(lambda: [lane for lane in daemon.lanes().values() if lane.state == "offline"])  # else all may be held
    await platform.inject(said("二"), said("三"), wait=True)
    daemon.rules("[[rules]]\nid = 'broken'\n")
    await until(lambda: len(receiver.titles()) >= 3, 30)
    assert sorted(receiver.titles()) == ["规则有错, 没有生效", "规则被扣住", "账号掉线"]
    assert any(path == "/ping" for _, path, _ in receiver.requests), "a sign of life"
    told = "".join(message["message"] for message in receiver.messages())
    assert "yzj-daemon deliveries release --rule all" in told
    assert socket.gethostname() in told
    assert not [words for words in ("一", "二", "三") if f'"{words}"' in told]
    attention = {row["id"] for row in json.loads(daemon.cli("status", "--json"))["attention"]}
    assert attention >= {"held_rule", "account_offline", "rules_refused"}
    async with httpx.AsyncClient(trust_env=False) as client:
        numbers = (await client.get(f"{daemon.ops}/metrics")).text
    assert 'yzj_troubles{kind="held_rule"} 1.0' in numbers
    assert 'yzj_alerts_total{outcome="sent"} 3.0' in numbers

    await until(lambda: sum(row["told_at"] is not None for row in daemon.rows("alerts", "list")) == 3)
    daemon.kill()
    await asyncio.to_thread(daemon.start)
    await asyncio.sleep(7)
    assert len(receiver.titles()) == 3, "a restart repeats nothing"

    daemon.rules(EVERYTHING)
    daemon.cli("deliveries", "release", "--rule", "all", "--yes")
    await until(lambda: len(receiver.titles()) >= 5, 30)
    assert sorted(receiver.titles()[3:]) == ["已恢复: 规则有错, 没有生效", "已恢复: 规则被扣住"]
    assert daemon.stop() == 0
    logged = "".join(path.read_text() for path in daemon.directory.glob("*.log"))
    assert "hook-0123" not in logged
    assert "Traceback" not in logged


async def test_receivers_that_hang_or_are_nonsense_never_touch_forwarding(make_daemon, platform, receiver):
    receiver.delay = 30
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = f"json://127.0.0.1:{silent.getsockname()[1]}/hook-0123456789?cto=300&rto=300"
        daemon = make_daemon(
            TWO,
            accounts=ONE,
            alerts__urls=json.dumps([hangs, "nonsense://secret-key-1", receiver.alerts]),
            alerts__patience="0",
            alerts__heartbeat_url=f"http://127.0.0.1:{silent.getsockname()[1]}/ping",
            alerts__heartbeat_every="0.5",
            forward__pace="0.2",
        )
        await start(daemon, platform, own_copies="none")
        await until(lambda: daemon.log("alerts.url_wrong"))
        await platform.inject(*(said(f"第{n}句") for n in range(25)), wait=True)
        await until(lambda: receiver.requests, 20)
        await platform.inject(said("还在转"), wait=True)
        await until(lambda: [line for line in daemon.deliveries("sent") if line.chat == DUTY], 5)
        stats = await platform.stats()
        assert daemon.balanced()["received"] == 26
        assert await asyncio.to_thread(daemon.stop) == 0
    assert [line["todo"] for line in daemon.log("alerts.url_wrong")] == ["yzj-daemon alerts test"]
    assert "secret-key-1" not in daemon.log_file.read_text()
    assert stats["pushes"]["outcomes"] == {"answered": 26}
    assert stats["pushes"]["late_today"] == 0
