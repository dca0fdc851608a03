"""Rules change under a running daemon: at once, whole, and without touching what is on its way."""

import asyncio
import json
import shutil
from itertools import pairwise
from pathlib import Path

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


async def test_the_link_that_kubernetes_swaps_is_noticed_at_once(make_daemon, platform):
    """A ConfigMap's volume: files are links through ``..data``, which is renamed over."""
    daemon = make_daemon(accounts=ONE, rules__poll="1h")
    volume = daemon.directory / "volume"
    volume.mkdir()
    daemon.settings["rules.path"] = volume
    projected(volume, "..2026_01", RULE.format(id="one", to=OPS, word="退款"))
    (volume / "rules.toml").symlink_to("..data/rules.toml")
    await start(daemon, platform, own_copies="none")
    projected(volume, "..2026_02", RULE.format(id="two", to=DUTY, word="投诉"))
    shutil.rmtree(volume / "..2026_01")
    await until(lambda: len(daemon.log("rules.in_force")) == 2, 5)
    [changed] = daemon.log("rules.in_force")[1:]
    assert (changed["added"], changed["removed"], changed["files"]) == (["two"], ["one"], ["rules.toml"])


def projected(volume: Path, name: str, rules: str) -> None:
    """As the kubelet writes a volume anew: a directory beside, a link beside, one rename."""
    (volume / name).mkdir()
    (volume / name / "rules.toml").write_text(rules, "utf-8")
    (volume / "..data_tmp").symlink_to(name)
    (volume / "..data_tmp").rename(volume / "..data")
