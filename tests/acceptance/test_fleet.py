"""Several daemons on one PostgreSQL: each lane is driven by one of them, whatever happens to the others."""

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.acceptance.conftest import CLOUD, EVERYTHING, OPS, REAL, ROOM, WANG, Daemon, start, text, until
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.faults import Fault, Script
from yzj_daemon.sandbox.incoming import Inject, RoomChange, WorldChange
from yzj_daemon.storage import daemons as sharing
from yzj_daemon.storage.engine import Store

PACE = {"forward__pace": "0.05", "forward__echo_window": "5", "pull__interval": "0.5"}


def alive(daemon: Daemon) -> dict[str, int]:
    """Name and number of lanes of each that lives."""
    with closing(Store(daemon.url)) as store:
        return {one.name.rpartition(":")[2]: one.lanes for one in store.read_now(sharing.alive)}


def pid(daemon: Daemon) -> str:
    assert daemon.process is not None
    return str(daemon.process.pid)


def owners(daemon: Daemon) -> dict[str, str]:
    """Account -> process."""
    with closing(Store(daemon.url)) as store:
        rows = store.read_now(
            lambda c: c.exec_driver_sql("SELECT account, d.name FROM lanes l JOIN daemons d ON d.id = l.owner").all()
        )
    return {account: name.rpartition(":")[2] for account, name in rows}


def spread(*by: Daemon) -> bool:
    """Whether the two accounts of the sandbox are driven by these, by each as many as is fair."""
    found = alive(by[0])
    return found == {pid(one): 2 // len(by) for one in by}


def inject(*words: str, account: str = "") -> list[Inject]:
    return [Inject(chat=ROOM, sender=WANG, account=account, content_raw=text(one)) for one in words]


async def arrived(platform: SandboxControl) -> Counter[str]:
    """What came to the target, and how often."""
    return Counter(one["content"] for one in await platform.arrivals(OPS) if one["sender"] in {CLOUD, REAL})


async def all_arrived(platform: SandboxControl, *words: str) -> bool:
    return set(map(text, words)) <= set(await arrived(platform))


Pair = tuple[Daemon, Daemon]


@pytest.fixture
async def pair(make_daemon: Callable[..., Daemon], platform: SandboxControl, database_url: str) -> Pair:
    """Two daemons with a lane each; callbacks come to the first."""
    rooms = [RoomChange(room=room, members=[CLOUD, REAL, WANG]) for room in (ROOM, OPS)]
    await platform.change_world(WorldChange(rooms=rooms))
    await platform.behave(sends_per_minute=0)
    two = make_daemon(store__url=database_url, **PACE), make_daemon(store__url=database_url, **PACE)
    await start(two[1], platform)
    await start(two[0], platform)
    await until(lambda: spread(*two))
    return two


async def test_each_lane_is_driven_by_one_daemon_whichever_received_the_message(pair: Pair, platform: SandboxControl):
    words = [f"for all {n}" for n in range(10)]
    await platform.inject(*inject(*words))
    await until(lambda: all_arrived(platform, *words))
    assert set((await arrived(platform)).values()) == {1}, "what two accounts saw is one event, over all daemons"
    await platform.inject(*inject("by one", account=CLOUD), *inject("by the other", account=REAL))
    await until(lambda: all_arrived(platform, "by one", "by the other"))
    carried = [{call["account"] for call in daemon.log("call.ended")} for daemon in pair]
    assert sorted(map(len, carried)) == [1, 1]
    assert carried[0] != carried[1], "each carried by its own daemon, though one received them all"
    pair[0].balanced()
    assert (await platform.stats())["tokens_issued"] == 1, "one token for all"


async def test_a_stopped_daemon_hands_over_at_once_and_one_that_comes_gets_its_share(
    pair: Pair, platform: SandboxControl
):
    first, second = pair
    began = time.monotonic()
    await asyncio.to_thread(second.stop)
    await until(lambda: spread(first), 3)
    assert time.monotonic() - began < 3
    await platform.inject(*inject("one", account=CLOUD), *inject("two", account=REAL))
    await until(lambda: all_arrived(platform, "one", "two"))
    await asyncio.to_thread(second.start)
    await until(lambda: spread(first, second), 5)


async def test_the_lanes_of_a_killed_daemon_are_taken_over_within_ten_seconds(pair: Pair, platform: SandboxControl):
    first, second = pair
    await asyncio.to_thread(second.kill)
    began = time.monotonic()
    await platform.inject(*inject("one", account=CLOUD), *inject("two", account=REAL))
    await until(lambda: all_arrived(platform, "one", "two"), 10)
    assert time.monotonic() - began < 10
    assert spread(first)
    assert set((await arrived(platform)).values()) == {1}


async def test_a_daemon_frozen_past_its_lease_finishes_nothing_that_another_took_over(
    pair: Pair, platform: SandboxControl
):
    first, second = pair
    [account] = [account for account, owner in owners(first).items() if owner == pid(second)]
    await platform.faults(Script(fault=Fault(delay=1_500)))
    await platform.inject(*inject("on its way", account=account))
    await until(lambda: first.deliveries("sending"))
    assert second.process is not None
    second.process.send_signal(signal.SIGSTOP)
    await until(lambda: spread(first), 12)
    [lost] = first.deliveries("unknown", "confirmed")
    await platform.inject(*inject("after it", account=account))
    await until(lambda: all_arrived(platform, "on its way", "after it"))
    second.process.send_signal(signal.SIGCONT)
    await until(lambda: second.log("call.overtaken"))
    await until(lambda: spread(first, second), 12)
    assert {line.state for line in first.deliveries() if line.id == lost.id} <= {"unknown", "confirmed"}
    assert set((await arrived(platform)).values()) == {1}
    assert second.log("lease.lost")
    first.balanced()


async def test_rules_that_differ_are_told_and_one_set_is_published_for_all(pair: Pair, platform: SandboxControl):
    first, second = pair
    second.rules(EVERYTHING.replace('id = "all"', 'id = "other"'))
    await until(lambda: first.log("rules.differ"))
    told = json.loads(first.cli("status", "--json"))
    assert len({one["rules"] for one in told["daemons"]}) == 2
    assert "publish" in first.cli("status")
    first.cli("rules", "publish", "--yes")
    await until(lambda: second.log("rules.published"))
    await platform.behave(callback_url=second.callback)
    await platform.inject(*inject("by the published", account=CLOUD))
    await until(lambda: all_arrived(platform, "by the published"))
    assert [line.rules for line in first.deliveries()] == [("all",)]
    await until(lambda: len({one["rules"] for one in json.loads(first.cli("status", "--json"))["daemons"]}) == 1)
    first.cli("rules", "publish", "--withdraw", "--yes")
    await until(lambda: second.log("rules.withdrawn"))
    await platform.inject(*inject("by its own", account=CLOUD))
    await until(lambda: all_arrived(platform, "by its own"))
    assert first.deliveries()[-1].rules == ("other",)
