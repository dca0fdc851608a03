"""Kill it at any moment while messages flow and everything else goes wrong: nothing lost, nothing twice.

``CHAOS_SEED`` repeats a run, ``CHAOS_KILLS`` makes it longer (``make soak``). What it found is printed.
"""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest

from tests.acceptance.conftest import CLOUD, DUTY, LI, OPS, REAL, ROOM, WANG, Daemon, start, text, until
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.faults import Fault, Script
from yzj_daemon.sandbox.incoming import Inject, RoomChange, WorldChange

KILLS = int(os.environ.get("CHAOS_KILLS", "4"))
STRIKES = KILLS - KILLS // 2
"""At several daemons: each takes longer."""
SEED = int(os.environ.get("CHAOS_SEED", "20261125"))

RULES = f"""
[[rules]]
id = "refund"
forward_to = ["{OPS}", "{DUTY}"]
order = "strict"
when = {{ contains = ["退款"] }}
[[rules]]
id = "merge"
forward_to = ["{OPS}"]
when = {{ type = ["merge"] }}
"""

FAULTS = (
    Fault(drop="before"),
    Fault(drop="after"),
    Fault(drop="before", reset=True),
    Fault(hang="before"),
    Fault(hang="after"),
    Fault(truncate=True),
    Fault(status=502, body="bad gateway"),
    Fault(garbage=True),
    Fault(garbage="http"),
    Fault(delay=300),
    Fault(errcode=110, message="token"),
    Fault(errcode=1001, message="系统繁忙"),
)

SETTINGS = {
    "forward__pace": "0.05",
    "forward__echo_window": "5",
    "forward__retries": 1000,
    "api__timeout": "0.6",
    "pull__interval": "0.5",
}
PACE_MS = 50

MOST = 45
"""Messages between two kills."""


@dataclass
class Story:
    """What was done, to be held against what came of it."""

    sent: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    kills: int = 0

    def next(self, dice: Random) -> Inject:
        number = len(self.sent)
        kind, words = ("merge", f"聊天记录 {number}") if dice.random() < 0.2 else ("text", f"退款 {number}")
        content = text(words)
        self.sent[content] = kind
        return Inject(chat=ROOM, sender=dice.choice((WANG, LI)), type=kind, content_raw=content)


def gaps(calls: list[dict]) -> list[float]:
    """Ms from each answer to the next call of the account; where no answer left, from call to call.

    When a caller gave up, or died, the platform notices at some later time, which is no answer's.
    """
    found: list[float] = []
    for account in (CLOUD, REAL):
        mine = [call for call in calls if call["account"] == account]
        for before, after in pairwise(mine):
            unanswered = before["result"] in {"hang", "client left", "gone"}
            since = before["arrived_ms"] if unanswered else before["answered_ms"]
            found.append(after["arrived_ms"] - since)
    return found


async def flow(platform: SandboxControl, story: Story, dice: Random, over: asyncio.Event) -> None:
    """Messages, faults and moods of the platform, until told to stop."""
    while not over.is_set():
        if len(story.sent) > MOST * (story.kills + 1):  # a slow machine kills more slowly; lanes keep their pace
            await asyncio.sleep(0.1)
            continue
        made = await platform.inject(*(story.next(dice) for _ in range(dice.randint(1, 4))), batch=dice.random() < 0.5)
        story.ids += [ids["svrid"] for records in made for ids in records]
        if dice.random() < 0.5:
            await platform.faults(Script(fault=dice.choice(FAULTS), skip=dice.randint(0, 3)))
        if dice.random() < 0.2:
            await platform.behave(own_copies=dice.choice(("both", "callback", "log", "none")))
        if dice.random() < 0.1:
            await platform.faults(Script(endpoint="chatLogs", fault=dice.choice(FAULTS[:8])))
        if dice.random() < 0.1:
            await platform.expire_tokens()
        await asyncio.sleep(dice.uniform(0.02, 0.3))


async def kill_and_start(daemon: Daemon, platform: SandboxControl, story: Story, dice: Random) -> None:
    await asyncio.sleep(dice.uniform(0.1, 2.5))
    await asyncio.to_thread(daemon.kill)
    story.kills += 1
    await start(daemon, platform)


async def _settle(platform: SandboxControl) -> None:
    """Everybody is in every room."""
    rooms = [RoomChange(room=room, members=[CLOUD, REAL, WANG, LI]) for room in (ROOM, OPS, DUTY)]
    await platform.change_world(WorldChange(rooms=rooms))


@asynccontextmanager
async def _rough(platform: SandboxControl, story: Story) -> AsyncIterator[None]:
    """Messages flow through a platform at its worst meanwhile; in the end it is at its best."""
    over = asyncio.Event()
    await platform.behave(
        drop_probability=0.1, duplicate_probability=0.1, push_order="shuffled", late_limit=0, sends_per_minute=0
    )
    flowing = asyncio.create_task(flow(platform, story, Random(SEED + 1), over))
    yield
    over.set()
    await flowing
    await platform.clear_faults()
    await platform.behave(drop_probability=0.0, duplicate_probability=0.0, own_copies="both")


@pytest.mark.timeout(60 + 30 * KILLS)
async def test_nothing_is_lost_and_nothing_sent_twice(make_daemon, platform, capsys):
    dice, story = Random(SEED), Story()
    await _settle(platform)
    daemon = await start(make_daemon(RULES, **SETTINGS), platform)
    await until(lambda: len(daemon.log("pull.baseline")) == 2)
    async with _rough(platform, story):
        for _ in range(KILLS):
            await kill_and_start(daemon, platform, story, dice)
    await _hold_against(daemon, platform, story, capsys)


@pytest.mark.timeout(90 + 40 * KILLS)
async def test_nothing_is_lost_and_nothing_sent_twice_by_several_daemons(make_daemon, platform, database_url, capsys):
    """The same with three of them on one PostgreSQL: killed, frozen past their lease, or stopped, in any order."""
    dice, story = Random(SEED), Story()
    await _settle(platform)
    fleet = [make_daemon(RULES, store__url=database_url, **SETTINGS) for _ in range(3)]
    for daemon in fleet:
        await start(daemon, platform)
    await until(lambda: sum(len(daemon.log("pull.baseline")) for daemon in fleet) >= 2)
    async with _rough(platform, story):
        for _ in range(STRIKES):
            await _strike(fleet, platform, story, dice)
    await _hold_against(fleet[0], platform, story, capsys)


async def _strike(fleet: list[Daemon], platform: SandboxControl, story: Story, dice: Random) -> None:
    """One daemon goes, callbacks come to another, and after a while the first is back."""
    await asyncio.sleep(dice.uniform(0.1, 1.5))
    struck, other = dice.sample(fleet, 2)
    story.kills += 1
    assert struck.process is not None
    how = dice.choice(("kill", "freeze", "stop"))
    if how == "freeze":
        struck.process.send_signal(signal.SIGSTOP)
    else:
        await asyncio.to_thread(struck.kill if how == "kill" else struck.stop)
    if dice.random() < 0.7:  # else the platform goes on calling nobody for a while
        await platform.behave(callback_url=other.callback)
    await asyncio.sleep(dice.uniform(0.5, 9.0))
    if how == "freeze":
        struck.process.send_signal(signal.SIGCONT)
    else:
        await asyncio.to_thread(struck.start)
    await platform.behave(callback_url=dice.choice((struck, other)).callback)


def _all_received(daemon: Daemon, story: Story) -> bool:
    return set(story.ids) <= daemon.received()


async def _hold_against(daemon: Daemon, platform: SandboxControl, story: Story, capsys) -> None:
    await until(lambda: _all_received(daemon, story), 150)  # a 407 on the way stops pulling for a minute
    await until(daemon.drained, 90 + 5 * KILLS)
    books = json.loads(await asyncio.to_thread(daemon.cli, "audit", "--json"))
    assert books["ok"]
    arrivals = [arrival for arrival in await platform.arrivals() if arrival["sender"] in {CLOUD, REAL}]
    arrived = Counter((arrival["chat"], arrival["content"]) for arrival in arrivals)
    owed = daemon.owed()
    states = Counter(state for _, _, state in owed)
    calls = await platform.calls()
    smallest = min(gaps(calls))
    with capsys.disabled():
        print(
            f"\nchaos: seed {SEED}, {story.kills} kills, {len(story.sent)} messages, {len(owed)} deliveries "
            f"{dict(states)}, {len(calls)} calls, duplicates {sum(n > 1 for n in arrived.values())}, "
            f"smallest gap {smallest:.1f} ms"
        )
    targets = {"text": {OPS, DUTY}, "merge": {OPS}}
    wanted = {(chat, content) for content, kind in story.sent.items() for chat in targets[kind]}
    assert {(chat, content) for chat, content, _ in owed} == wanted, "each message owes each target, once"
    assert len(owed) == len(wanted)
    assert set(states) <= {"sent", "confirmed", "unknown"}, "nothing failed, expired or hangs"
    assert not [key for key, times in arrived.items() if times > 1], "no chat got a message twice"
    assert set(arrived) <= wanted, "nothing arrived that no rule asked for"
    assert {(chat, content) for chat, content, state in owed if state in {"sent", "confirmed"}} <= set(arrived)
    assert smallest >= PACE_MS
    _in_order(daemon, story, arrivals)
    assert books["matched"] == len(story.sent)


def _in_order(daemon: Daemon, story: Story, arrivals: list[dict]) -> None:
    """What the strict rule forwarded reached each chat in the order in which its account received it."""
    received = daemon.numbers()
    for account, chat in {(arrival["sender"], arrival["chat"]) for arrival in arrivals}:
        came = [
            received[account, arrival["content"]]
            for arrival in arrivals
            if (arrival["sender"], arrival["chat"]) == (account, chat) and story.sent[arrival["content"]] == "text"
        ]
        assert came == sorted(came)
