"""The first page: how things are, and what to do."""

import re

import pytest

from tests.console.conftest import RULES, Console
from tests.flow.conftest import NOW, HandClock
from yzj_daemon.account import HostedAccount
from yzj_daemon.clock import MINUTE
from yzj_daemon.console import language
from yzj_daemon.console.hour import KINDS, LastHour
from yzj_daemon.console.look import spark
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.storage import controls, inbox
from yzj_daemon.storage.engine import Store


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_accounts_stand_with_name_state_queue_and_what_to_do(console: Console, store: Store, receive) -> None:
    await receive("我要退款", account="1688850000000001")
    there = [
        HostedAccount(account="1688850000000001", name="小云", online=False),
        HostedAccount(account="2", online=True),
    ]
    await store.write(lambda c: inbox.listed(c, there, NOW + 1))
    async with console.seated() as browser:
        page = words((await browser.get("/")).text)
    assert "小云 1688850000000001 offline" in page
    assert "log it in at the platform again" in page
    assert page.index("小云") < page.index(" 2 online"), "who needs a person stands first"


async def test_what_waits_for_a_person_leads_to_its_list(console: Console, store: Store, receive) -> None:
    await receive("我要退款", "再次退款")
    await store.write(lambda c: controls.hold(c, [1, 2], NOW))
    async with console.seated() as browser:
        page = (await browser.get("/")).text
    assert re.search(r'<a href="/deliveries\?state=held">2 deliveries are held</a>', page)
    assert "All is well" not in page


async def test_all_is_well_is_said(console: Console) -> None:
    async with console.seated() as browser:
        assert "nothing needs attention" in (await browser.get("/")).text


async def test_rules_on_disk_that_were_refused_are_a_banner_with_their_places(console: Console) -> None:
    console.rules_file.write_text(RULES.replace("forward_to", "forward_too"), encoding="utf-8")
    for _ in range(2):
        await console.desk.rulebook.look(lambda rules: None)
    async with console.seated() as browser:
        page = words((await browser.get("/")).text)
        assert "are not in force; the set before still decides" in page
        assert re.search(r"rules\.toml:\d+:\d+ ", page)
        assert "All is well" not in page
    console.rules_file.write_text(RULES + "\n", encoding="utf-8")
    for _ in range(2):
        await console.desk.rulebook.look(lambda rules: None)
    async with console.seated() as browser:
        assert "still decides" not in (await browser.get("/")).text


async def test_the_part_that_changes_comes_alone(console: Console) -> None:
    async with console.seated() as browser:
        part = await browser.get("/overview/now", headers={"HX-Request": "true", "X-By-Itself": "1"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Accounts and lanes" in part.text


async def test_hostile_names_stay_text(console: Console, store: Store) -> None:
    there = [HostedAccount(account="1", name="<script>alert(1)</script>", online=True)]
    await store.write(lambda c: inbox.listed(c, there, NOW))
    async with console.seated() as browser:
        page = (await browser.get("/")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_last_hour_counts_what_grew_in_each_minute(clock: HandClock) -> None:
    hour, stood = LastHour(NOW), dict.fromkeys(KINDS, 0.0)
    at = NOW - NOW % MINUTE
    for second, received in ((0, 3), (30, 5), (70, 6)):
        hour.note({**stood, "received": float(received)}, at + second * 1000)
    assert hour.course("received", at + MINUTE)[-3:] == (0, 5, 1)
    assert hour.course("failed", at + MINUTE) == (0,) * 60
    hour.note({**stood, "received": 6.0}, at + 61 * MINUTE)
    assert sum(hour.course("received", at + 61 * MINUTE)) == 0


def test_counters_are_summed_over_their_labels(metrics: Metrics) -> None:
    metrics.received("callback", "text")
    metrics.received("pull", "file")
    metrics.called("sent", "", 0.1)
    metrics.called("refused", "permanent", 0.1)
    metrics.called("deferred", "network", 0.1)
    assert metrics.total("yzj_messages_received_total") == 2
    assert metrics.total("yzj_forward_calls_total", outcome=frozenset({"sent", "refused"})) == 2


@pytest.mark.parametrize("course", [(), (0, 0), (1, 2, 3), (0, 10**9)])
def test_a_course_is_drawn_within_its_frame(course: tuple[int, ...]) -> None:
    drawn = spark(course, 240, 40)
    heights = [float(number) for number in re.findall(r"V(-?[\d.]+)", drawn.line)]
    assert len(heights) == len(course)
    assert all(0 < height < 40 for height in heights)


@pytest.mark.parametrize(
    ("cookie", "setting", "accepted", "spoken"),
    [
        ("zh", "en", "en", "zh"),
        ("fr", "en", "zh", "en"),
        ("", "zh", "en", "zh"),
        ("", "auto", "en-GB;q=0.4, zh;q=0.5", "zh"),
        ("", "auto", "zh;q=0, en;q=0.1", "en"),
        ("", "auto", "fr, *;q=0.5", "en"),
        ("", "auto", "zh;q=x", "en"),
        ("", "auto", "", "en"),
    ],
)
def test_the_language_is_chosen_setting_or_preferred(cookie: str, setting, accepted: str, spoken: str) -> None:
    assert language.choose(cookie, setting, accepted, "en") == spoken
