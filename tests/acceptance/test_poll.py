"""A daemon that no callback can reach lives on chat logs alone."""

import pytest

from tests.acceptance.conftest import CLOUD, OPS, REAL, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.incoming import Inject

ONE = f'["{CLOUD}"]'
POLLING = {"callback__enabled": "false", "forward__pace": "0.05", "accounts": ONE}


def said(n: int) -> Inject:
    return Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(f"第 {n} 条"))


async def baselined(daemon) -> None:
    await until(lambda: daemon.log("pull.baseline"))


async def test_the_first_start_forwards_nothing_of_the_past_and_then_everything_new(make_daemon, platform):
    await platform.inject(*(said(n) for n in range(5)))
    daemon = await start(make_daemon(**POLLING), platform, own_copies="none")
    await baselined(daemon)
    await platform.inject(*(said(n) for n in range(5, 8)))
    calls = await platform.calls(answered=3)
    assert [call["contents"][0] for call in calls] == [said(n).content_text().decode() for n in range(5, 8)]
    assert daemon.ready["callback"] == "off"
    assert {line.state for line in await until(daemon.drained)} == {"sent"}
    daemon.balanced()


async def test_what_came_while_it_was_down_is_caught_up_once(make_daemon, platform):
    daemon = await start(make_daemon(**POLLING), platform)
    await baselined(daemon)
    await platform.inject(said(1))
    await platform.calls(answered=1)
    daemon.stop()
    await platform.inject(*(said(n) for n in range(2, 122)))
    await start(daemon, platform)
    calls = await platform.calls(answered=121)
    contents = [call["contents"][0] for call in calls]
    assert len(set(contents)) == len(contents) == 121
    daemon.balanced()


@pytest.mark.parametrize(
    "behaviour",
    [
        {"direction_newer": 1},
        {"sort": "desc", "newer_first_page": "newest"},
        {"sort": "shuffled"},
        {"rows_path": "data.list", "pager": True},
        {"cursor_inclusive": False},
        {"pulled_content": "string"},
        {"errcode_as": "string", "token_nesting": "data"},
    ],
    ids=str,
)
async def test_the_platform_the_other_way_round_is_polled_all_the_same(make_daemon, platform, behaviour):
    """U4, U9, U10, U12, U18."""
    await platform.behave(**behaviour)
    await platform.inject(said(0))
    direction = behaviour.get("direction_newer", 2)
    daemon = await start(make_daemon(**POLLING, pull__direction_newer=direction), platform)
    await baselined(daemon)
    await platform.inject(*(said(n) for n in range(1, 8)))
    calls = await platform.calls(answered=7)
    assert sorted(call["contents"][0] for call in calls) == sorted(said(n).content_text().decode() for n in range(1, 8))
    assert len(await platform.arrivals(OPS)) == 7
    daemon.balanced()


async def test_all_accounts_that_the_platform_lists_are_polled(make_daemon, platform):
    settings = {**POLLING, "accounts": "[]", "dedupe__event_keys": "[]"}
    daemon = await start(make_daemon(**settings), platform)
    await until(lambda: len(daemon.log("pull.baseline")) == 2)
    await platform.inject(Inject(chat=ROOM, sender=WANG, content_raw=text("大家好")))
    calls = await platform.calls(answered=2)
    assert {call["account"] for call in calls} == {CLOUD, REAL}


async def test_a_message_seen_by_callback_and_by_pull_is_one(make_daemon, platform):
    settings = {"forward__pace": "0.05", "accounts": ONE, "pull__interval": "0.5"}
    daemon = await start(make_daemon(**settings), platform)
    await baselined(daemon)
    await platform.inject(*(said(n) for n in range(3)), wait=True)
    await platform.inject(*(said(n) for n in range(3, 6)), push=False)
    await platform.calls(answered=6)
    pulls = (await platform.stats())["requests"]["chatLogs"]
    await until(lambda: _pulled(platform, pulls + 3))
    assert len(await platform.calls()) == 6
    books = daemon.balanced()
    assert books["matched"] == 6


async def _pulled(platform, times: int) -> bool:
    return (await platform.stats())["requests"]["chatLogs"] >= times
