"""The overview while things happen."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest
from playwright.async_api import expect

from tests.acceptance.conftest import LI, ROOM, text
from tests.browser.conftest import RULES, Stage, Visiting
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.storage import controls
from yzj_daemon.storage.engine import Store


async def test_it_updates_by_itself(visiting: Visiting, stage: Stage) -> None:
    async with visiting("en") as visit:
        received = visit.page.locator("figure", has_text="Received").locator("strong")
        before = int(await received.inner_text())
        await visit.page.evaluate("window.stillTheSame = true")
        await stage.inject(Inject(chat=ROOM, sender=LI, content_raw=text("在吗")))
        await expect(received).not_to_have_text(str(before), timeout=15_000)
        assert await visit.page.evaluate("window.stillTheSame"), "without loading the page anew"
        visit.all_well()


async def test_refused_rules_are_told_at_once_and_their_end_too(visiting: Visiting, stage: Stage) -> None:
    async with visiting("zh") as visit:
        stage.rules(RULES.replace("contains", "contain"))
        banner = visit.page.get_by_role("heading", name=re.compile("磁盘上的规则有"))
        await expect(banner).to_be_visible(timeout=15_000)
        await expect(visit.page.locator(".mistakes")).to_contain_text(re.compile(r"rules\.toml:\d+:\d+"))
        stage.rules(RULES)
        await expect(banner).to_be_hidden(timeout=15_000)
        visit.all_well()


@pytest.fixture
def holding(stage: Stage) -> Iterator[None]:
    """What the rule asks for is held meanwhile: other tests of this stage release what was."""
    with closing(Store(stage.daemon.url)) as store:
        now = int(time.time() * 1000)
        store.write_now(partial(controls.hold_rule, rule="退款", why="a test", now=now))
        yield
        store.write_now(partial(controls.release_rule, rule="退款"))


@pytest.mark.usefixtures("holding")
async def test_what_is_held_leads_to_its_list(visiting: Visiting, stage: Stage) -> None:
    await stage.inject(Inject(chat=ROOM, sender=LI, content_raw=text("退款, 请等一等")))
    async with visiting("en") as visit:
        link = visit.page.get_by_role("link", name=re.compile("deliveries are held"))
        await expect(link).to_have_attribute("href", "/deliveries?state=held", timeout=30_000)


async def test_a_daemon_that_ends_is_noticed_and_nobody_waits_for_its_readers(visiting: Visiting, stage: Stage) -> None:
    async with visiting("en") as visit:
        await expect(visit.page.locator("#live")).to_have_attribute("data-state", "on", timeout=15_000)
        assert stage.daemon.stop() == 0
        await expect(visit.page.get_by_role("status")).to_have_text("connection lost, trying again", timeout=30_000)
        stage.daemon.settings["ops.port"] = stage.daemon.ready["ops"].rpartition(":")[2]
        stage.daemon.start()
        await visit.page.wait_for_url("**/login**", timeout=30_000)
