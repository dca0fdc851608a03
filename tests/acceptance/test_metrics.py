"""Every promised number, scraped from the real process while it does what the number counts."""

import asyncio
import time

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.conftest import CLOUD, EVERYTHING, OPS, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject

Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


def said(words: str) -> Inject:
    return Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(words))


async def scrape(daemon) -> Numbers:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{daemon.ops}/metrics")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def told(numbers: Numbers, name: str, **labels: str) -> float | None:
    """The one series of this name with these labels among others."""
    found = [value for (n, of), value in numbers.items() if n == name and labels.items() <= dict(of).items()]
    assert len(found) <= 1, (name, labels, found)
    return found[0] if found else None


async def test_every_promised_number_moves_with_what_it_counts(make_daemon, platform):
    rules = EVERYTHING + f'[[rules]]\nid = "never"\nforward_to = ["{OPS}"]\nwhen = {{ contains = ["绝不"] }}\n'
    daemon = make_daemon(
        rules,
        accounts=f'["{CLOUD}"]',
        forward__pace="0.3",
        rules__poll="0.2",
        pull__interval="2",
        callback__ack_within="0.3",
    )
    await start(daemon, platform, own_copies="none")
    before = await scrape(daemon)
    assert told(before, "yzj_callback_late_acks_total") == 0
    assert told(before, "yzj_rules_info", hash=daemon.ready["rules_hash"]) == 1
    assert abs((told(before, "yzj_rules_reload_timestamp_seconds") or 0) - time.time()) < 60
    assert told(before, "yzj_build_info", version=daemon.ready["version"]) == 1

    await until(lambda: daemon.log("pull.baseline"))
    await platform.fail(Fault(errcode=406, message="bad chat"), endpoint="forwardMsg", times=1)
    await platform.inject(said("一"), said("二"), said("三"), wait=True)
    await platform.inject(said("只在记录里"), push=False)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(daemon.callback, content=b"nonsense")).status_code == 200
    await until(lambda: len(daemon.drained()) == 4 and daemon.drained(), 30)
    daemon.rules("[[rules]]\nid = 'broken'\n")
    await until(lambda: daemon.log("rules.refused"))

    async def all_counted() -> Numbers | None:
        numbers = await scrape(daemon)
        good = (
            told(numbers, "yzj_deliveries", state="sent") == 3 and told(numbers, "yzj_lane_depth", account=CLOUD) == 0
        )
        return numbers if good and told(numbers, "yzj_account_up", account=CLOUD) is not None else None

    after = await until(all_counted)
    assert told(after, "yzj_messages_received_total", source="callback", type="text") == 3
    assert told(after, "yzj_messages_received_total", source="pull", type="text") == 1
    assert told(after, "yzj_callback_ack_seconds_count") == 4
    assert told(after, "yzj_decisions_total", reason="matched") == 4
    assert told(after, "yzj_rule_matches_total", rule="all") == 4
    assert told(after, "yzj_rule_matches_total", rule="never") is None
    assert told(after, "yzj_deliveries", state="failed") == 1
    assert told(after, "yzj_forward_calls_total", outcome="sent", reason="") == 3
    assert told(after, "yzj_forward_calls_total", outcome="refused") == 1
    assert told(after, "yzj_forward_seconds_count") == 4
    assert told(after, "yzj_pace_gap_seconds_count") == 3
    assert told(after, "yzj_lane_oldest_seconds", account=CLOUD) == 0
    assert told(after, "yzj_account_up", account=CLOUD) == 1
    assert (told(after, "yzj_pull_calls_total", outcome="ok") or 0) >= 1
    assert told(after, "yzj_gap_messages_total") == 1
    assert told(after, "yzj_rules_reload_success") == 0
    assert sum(value for (name, _), value in after.items() if name == "yzj_quarantined_total") == 1
    assert (told(after, "process_resident_memory_bytes") or 0) > 10 << 20


async def test_what_waits_and_for_how_long_is_counted_and_late_answers_too(make_daemon, platform):
    daemon = make_daemon(accounts=f'["{CLOUD}"]', callback__ack_within="0.001", forward__pace="30", pull__mode="off")
    await start(daemon, platform, own_copies="none")
    await platform.inject(*(said(f"{n}") for n in range(20)), wait=True)

    async def waiting() -> Numbers | None:
        numbers = await scrape(daemon)
        old = (told(numbers, "yzj_lane_oldest_seconds", account=CLOUD) or 0) >= 1
        return numbers if old and (told(numbers, "yzj_lane_depth", account=CLOUD) or 0) >= 18 else None

    numbers = await until(waiting)
    assert (told(numbers, "yzj_callback_late_acks_total") or 0) >= 1


async def test_scraping_without_end_keeps_no_callback_waiting(make_daemon, platform):
    daemon = make_daemon(accounts=f'["{CLOUD}"]', pull__mode="off")
    await start(daemon, platform, "--dry-run")
    over = asyncio.Event()

    async def scraping() -> int:
        scrapes = 0
        while not over.is_set():
            await scrape(daemon)
            scrapes += 1
        return scrapes

    scrapers = [asyncio.create_task(scraping()) for _ in range(4)]
    await platform.inject(*(said(f"{n}") for n in range(100)), wait=True)
    over.set()
    assert sum(await asyncio.gather(*scrapers)) > 4
    stats = await platform.stats()
    assert stats["pushes"]["outcomes"] == {"answered": 100}
    assert stats["pushes"]["late_today"] == 0
