"""Rules change under a running daemon: at once, whole, and without touching what is on its way."""

import asyncio
import json
from itertools import pairwise

from tests.acceptance.conftest import CLOUD, DUTY, OPS, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.incoming import Inject

ONE = f'["{CLOUD}"]'
RULE = '[[rules]]\nid = "{id}"\nforward_to = ["{to}"]\nwhen = {{ contains = ["{word}"] }}\n'


def said(words: str) -> Inject:
    return Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(words))


async def test_a_change_is_noticed_at_once_and_the_look_is_only_the_second_line(make_daemon, platform):
    daemon = make_daemon(RULE.format(id="one", to=OPS, word="退款"), accounts=ONE, rules__poll="1h", fresh=True)
    await start(daemon, platform, own_copies="none")
    aside = daemon.directory / "new.txt"
    aside.write_text(RULE.format(id="two", to=DUTY, word="投诉"), "utf-8")
    aside.rename(daemon.directory / "rules.toml")
    await until(lambda: len(daemon.log("rules.in_force")) == 2, 5)
    [changed] = daemon.log("rules.in_force")[1:]
    assert (changed["added"], changed["removed"]) == (["two"], ["one"])


async def test_a_restart_with_broken_rules_goes_on_with_the_last_good_ones_and_says_so(make_daemon, platform):
    daemon = make_daemon(RULE.format(id="one", to=OPS, word="退款"), accounts=ONE, forward__pace="0.05")
    await start(daemon, platform, own_copies="none")
    await asyncio.to_thread(daemon.stop)
    daemon.rules("[[rules]\n")
    await start(daemon, platform, own_copies="none")
    assert daemon.log("rules.degraded")
    told = json.loads(daemon.cli("status", "--json"))["rules"]
    assert (told["ok"], "rules.toml:1" in told["error"]) == (False, True)
    await platform.inject(said("我要退款"), wait=True)
    await until(daemon.drained)
    assert len(await platform.arrivals(OPS)) == 1
    assert "yes" not in daemon.cli("rules", "rollback", "--yes")
    await until(lambda: daemon.log("rules.in_force")[1:], 10)
    assert json.loads(daemon.cli("status", "--json"))["rules"]["error"] is None


async def test_reloads_under_load_touch_neither_pace_nor_deliveries(make_daemon, platform):
    rules = [RULE.format(id="r", to=OPS, word="退款") + f"# {n}\n" for n in range(2)]
    daemon = make_daemon(rules[0], accounts=ONE, forward__pace="0.1", rules__poll="0.1")
    await start(daemon, platform, own_copies="none")
    for n in range(40):
        await platform.inject(said(f"退款 {n}"), wait=True)
        daemon.rules(rules[n // 4 % 2])
        await asyncio.sleep(0.1)
    await until(daemon.drained, 30)
    calls = await platform.calls()
    assert min(b["arrived_ms"] - a["answered_ms"] for a, b in pairwise(calls)) >= 100
    assert sorted(call["contents"][0] for call in calls) == sorted(text(f"退款 {n}") for n in range(40))
    assert len(daemon.log("rules.in_force")) >= 3
    daemon.balanced()
