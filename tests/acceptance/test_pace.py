"""One call a second per account, whatever happens to the process."""

import asyncio

import pytest

from tests.acceptance.conftest import BOSS, CLOUD, DUTY, LI, OPS, REAL, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.incoming import Inject, RoomChange, WorldChange

PACE_MS = 1000.0

BOTH = f"""
[[rules]]
id = "cloud"
forward_to = ["{OPS}"]
when = {{ account = ["{CLOUD}"] }}
[[rules]]
id = "real"
forward_to = ["{DUTY}"]
when = {{ account = ["{REAL}"] }}
"""


def gaps(calls: list[dict]) -> list[float]:
    """Ms from each answer to the next call of the same account, as the platform saw them."""
    found = [call["gap_ms"] for call in calls if call["gap_ms"] is not None]
    assert not any(call["overlapped"] for call in calls)
    return found


async def test_twelve_calls_keep_the_pace_across_sigkill_and_restart(make_daemon, platform):
    daemon = await start(make_daemon(accounts=f'["{CLOUD}"]'), platform, own_copies="none")
    messages = [Inject(chat=ROOM, sender=WANG, content_raw=text(f"第 {n} 条")) for n in range(13)]
    await platform.inject(*messages, wait=True)
    await platform.calls(answered=5)
    await asyncio.to_thread(daemon.kill)
    await start(daemon, platform)
    await until(daemon.drained, 50)
    calls = await platform.calls()
    assert len(calls) >= 12
    assert min(gaps(calls)) >= PACE_MS
    states = {line.state for line in daemon.deliveries()}
    assert states <= {"sent", "unknown"}, "what was on its way is unknown, everything else went out once"
    contents = [call["contents"][0] for call in calls]
    assert len(contents) == len(set(contents)), "nothing was sent twice"
    daemon.balanced()


async def test_a_kill_while_the_call_is_on_its_way_leaves_unknown_and_never_sends_again(make_daemon, platform):
    from yzj_daemon.sandbox.faults import Fault

    daemon = await start(make_daemon(accounts=f'["{CLOUD}"]', callback__enabled="true"), platform, own_copies="none")
    await platform.fail(Fault(hang="after"))
    await platform.inject(Inject(chat=ROOM, sender=WANG, content_raw=text("路上")), wait=True)
    await until(lambda: daemon.deliveries("sending"))
    await asyncio.to_thread(daemon.kill)
    await start(daemon, platform)
    await platform.inject(Inject(chat=ROOM, sender=WANG, content_raw=text("后来")), wait=True)
    await until(lambda: daemon.deliveries("sent"))
    [unknown] = daemon.deliveries("unknown")
    assert unknown.reason == "interrupted"
    assert len(await platform.calls()) == 2
    daemon.balanced()


@pytest.mark.measures
async def test_accounts_are_paced_each_for_itself(make_daemon, platform):
    rooms = [RoomChange(room=DUTY, members=[REAL])]
    await platform.change_world(WorldChange(rooms=rooms))
    daemon = await start(make_daemon(BOTH, dedupe__event_keys="[]"), platform, own_copies="none")
    messages = [Inject(chat=ROOM, sender=LI, content_raw=text(f"{n}")) for n in range(4)]
    await platform.inject(*messages, wait=True)
    calls = await platform.calls(answered=8)
    assert min(gaps(calls)) >= PACE_MS
    assert {call["account"] for call in calls} == {CLOUD, REAL}
    seconds = (calls[-1]["arrived_ms"] - calls[0]["arrived_ms"]) / 1000
    assert seconds < 6, "side by side: one lane does not wait for the other"
    daemon.balanced()


async def test_a_fan_out_is_cut_into_calls_and_a_bad_chat_fails_alone(make_daemon, platform):
    rules = f"""
[[rules]]
id = "fan"
forward_to = ["{OPS}", "{DUTY}", "{BOSS}", "{LI}", "R:404"]
when = {{ contains = ["退款"] }}
"""
    daemon = make_daemon(rules, forward__max_targets=3, forward__pace="0.2", accounts=f'["{CLOUD}"]')
    await start(daemon, platform, partial=False, own_copies="none")
    await platform.inject(Inject(chat=ROOM, sender=WANG, content_raw=text("退款")), wait=True)
    await until(daemon.drained)
    by_chat = {line.chat: line.state for line in daemon.deliveries()}
    assert by_chat == {OPS: "sent", DUTY: "sent", BOSS: "sent", LI: "sent", "R:404": "failed"}
    calls = await platform.calls()
    assert len(calls[0]["chats"]) == 3
    assert min(gaps(calls)) >= 200
    assert len(await platform.arrivals(OPS)) == 1
    daemon.balanced()
