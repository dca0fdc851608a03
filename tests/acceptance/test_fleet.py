"""Several daemons on one PostgreSQL: each lane is driven by one of them, whatever happens to the others."""

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

import httpx
import psycopg
import pytest

from tests import network
from tests.acceptance.conftest import CLOUD, EVERYTHING, OPS, REAL, ROOM, WANG, Daemon, start, text, until
from tests.postgres import QUICK, Server, running
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
Fleet = TypeVar("Fleet", Pair, tuple[Daemon])


@pytest.fixture
async def pair(make_daemon: Callable[..., Daemon], platform: SandboxControl, database_url: str) -> Pair:
    """Two daemons with a lane each; callbacks come to the first."""
    made = make_daemon(store__url=database_url, **PACE), make_daemon(store__url=database_url, **PACE)
    return await settled(made, platform)


async def settled(made: Fleet, platform: SandboxControl) -> Fleet:
    """Started, each with its share, and the past is behind them."""
    rooms = [RoomChange(room=room, members=[CLOUD, REAL, WANG]) for room in (ROOM, OPS)]
    await platform.change_world(WorldChange(rooms=rooms))
    await platform.behave(sends_per_minute=0)
    for daemon in reversed(made):
        await start(daemon, platform)
    await until(lambda: spread(*made))
    await until(lambda: sum(len(daemon.log("pull.baseline")) for daemon in made) >= 2)
    return made


async def pushed(platform: SandboxControl, to: Daemon, words: str) -> int:
    """How the daemon answered the callback of a message, which also comes into the chat's log."""
    await platform.behave(callback_url=to.callback)
    await platform.inject(*inject(words, account=CLOUD), wait=True)
    return int((await platform.pushes())[-1]["status"])


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
    [differing] = [one for one in told["attention"] if one["id"] == "rules_differ"]
    assert "rules publish" in differing["todo"]
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


async def all_turned_away(platform: SandboxControl, daemon: Daemon, words: list[str]) -> None:
    """Each callback of these is answered 503, and within a second."""
    outcomes = Counter[int]()
    slowest = 0.0
    for one in words:
        began = time.monotonic()
        outcomes[await pushed(platform, daemon, one)] += 1
        slowest = max(slowest, time.monotonic() - began)
    assert outcomes == {503: len(words)}
    assert slowest < 1


async def health(daemon: Daemon, page: str) -> int:
    async with httpx.AsyncClient() as http:
        return (await http.get(f"{daemon.ops}/{page}")).status_code


async def ready(daemon: Daemon) -> bool:
    return await health(daemon, "readyz") == 200


def free_connections(server: Server) -> int:
    with psycopg.connect(server.url()) as connection:
        [taken] = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        [most] = connection.execute("SHOW max_connections")
    return int(most[0]) - int(taken[0])


# The database fails ---------------------------------------------------------------------------------------------------


@pytest.fixture
def own_server() -> Iterator[Server]:
    """One that may be stopped."""
    with running(wal_level="replica", **QUICK) as server:
        server.create("yzj")
        yield server


@pytest.fixture
async def two(make_daemon: Callable[..., Daemon], platform: SandboxControl, own_server: Server) -> Pair:
    url = own_server.url("yzj")
    made = make_daemon(store__url=url, **PACE), make_daemon(store__url=url, **PACE)
    return await settled(made, platform)


async def test_while_the_database_is_away_callbacks_are_turned_away_at_once_and_the_gap_is_pulled(
    two: Pair, platform: SandboxControl, own_server: Server
):
    first, second = two
    own_server.stop()
    words = [f"away {number}" for number in range(40)]
    await all_turned_away(platform, first, words)
    assert await health(first, "readyz") == 503
    assert await health(first, "healthz") == 200
    own_server.start()
    await until(lambda: all_arrived(platform, *words))
    assert set((await arrived(platform)).values()) == {1}
    await until(lambda: spread(first, second))
    await until(first.drained)
    first.balanced()


async def test_a_standby_takes_over_and_nothing_is_lost_or_sent_twice(
    make_daemon: Callable[..., Daemon], platform: SandboxControl, own_server: Server
):
    """Synchronous replication, and a URL that names both servers: what was answered is on the standby."""
    own_server.execute("ALTER SYSTEM SET synchronous_commit = 'on'")
    standby = own_server.standby().start()
    try:
        own_server.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        own_server.execute("SELECT pg_reload_conf()")
        hosts = f"127.0.0.1:{own_server.port},127.0.0.1:{standby.port}"
        url = f"postgresql://postgres@{hosts}/yzj?target_session_attrs=read-write"
        first, second = await settled(
            (make_daemon(store__url=url, **PACE), make_daemon(store__url=url, **PACE)), platform
        )
        before = [f"before {number}" for number in range(20)]
        for words in before:
            assert await pushed(platform, first, words) == 200
        own_server.stop()
        standby.promote()
        standby.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        standby.execute("SELECT pg_reload_conf()")
        await until(lambda: ready(first))
        after = [f"after {number}" for number in range(20)]
        await platform.inject(*inject(*after))
        await until(lambda: all_arrived(platform, *before, *after))
        assert set((await arrived(platform)).values()) == {1}
        await until(lambda: spread(first, second))
        await until(first.drained)
        first.balanced()
    finally:
        standby.stop()


@pytest.mark.long
async def test_a_storm_of_connections_on_the_database_takes_nothing_from_daemons_that_run(
    make_daemon: Callable[..., Daemon], platform: SandboxControl
):
    with running(max_connections="30", superuser_reserved_connections="0", **QUICK) as server:
        url = server.create("yzj")
        first, second = await settled(
            (make_daemon(store__url=url, **PACE), make_daemon(store__url=url, **PACE)), platform
        )
        storm = [psycopg.connect(url) for _ in range(free_connections(server))]
        words = [f"storm {number}" for number in range(10)]
        await platform.inject(*inject(*words))
        await until(lambda: all_arrived(platform, *words))
        for connection in storm:
            connection.close()
        assert set((await arrived(platform)).values()) == {1}
        first.balanced()
        assert second.process is not None
        assert second.process.poll() is None


@pytest.mark.skipif(not network.can_be_made(), reason="network namespaces are made by root, with iproute2")
@pytest.mark.long
async def test_a_network_that_swallows_what_is_sent_is_a_database_that_is_away(
    make_daemon: Callable[..., Daemon], platform: SandboxControl
):
    """Nothing is refused, nothing is closed: only silence tells."""
    with network.wire() as wire, running(host=wire.there, inside=wire.inside, **QUICK) as server:
        url = server.create("yzj")
        daemon = make_daemon(store__url=url, **PACE)
        await settled((daemon,), platform)
        wire.cut()
        began = time.monotonic()
        tried: list[str] = []
        while await pushed(platform, daemon, f"tried {len(tried)}") != 503:
            tried.append(f"tried {len(tried)}")
            assert time.monotonic() - began < 10
        words = [f"cut {number}" for number in range(20)]
        await all_turned_away(platform, daemon, words)
        wire.mend()
        await until(lambda: all_arrived(platform, *tried, *words))
        assert set((await arrived(platform)).values()) == {1}
        await until(daemon.drained)
        daemon.balanced()
