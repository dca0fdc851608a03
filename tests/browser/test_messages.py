"""The messages in a real browser: found, opened, and as many as one scrolls to."""

import re

from playwright.async_api import expect

from tests.acceptance.conftest import LI, ROOM, text
from tests.browser.conftest import NARROW, Stage, Visiting
from tests.browser.test_pages import dress, fits, readable
from yzj_daemon.sandbox.incoming import Inject


async def test_a_message_is_found_by_its_words_and_tells_why(visiting: Visiting) -> None:
    async with visiting("en", "/messages") as visit:
        await visit.page.get_by_role("textbox", name="Text").fill("订单 20931")
        await visit.page.keyboard.press("Enter")
        await visit.page.wait_for_url("**/messages?text=*")
        await visit.page.locator("tbody a").last.click()
        await expect(visit.page).to_have_title(re.compile("Message 1"))
        await expect(visit.page.locator("#tree mark")).to_have_text("退款")
        await visit.page.get_by_role("button", name="The rules of now").click()
        await expect(visit.page.locator("[aria-pressed=true]")).to_have_text("The rules of now")
        await expect(visit.page.locator(".timeline")).to_contain_text("accepted after")
        svrid = await visit.page.locator("dt:text-is('svrid') + dd").inner_text()
        await visit.page.get_by_role("link", name="All messages").click()
        await visit.page.get_by_role("textbox", name="Text or an id").fill(svrid)
        await visit.page.keyboard.press("Enter")
        await expect(visit.page.get_by_role("heading", name=f"The id {svrid} names")).to_be_visible()
        await dress(visit.page, "light", NARROW)
        await fits(visit.page)
        await readable(visit.page, "what an id names")
        await visit.page.get_by_role("link", name="Message 1", exact=True).click()
        await expect(visit.page).to_have_title(re.compile("Message 1"))
        visit.all_well()


async def test_the_list_goes_on_while_it_is_scrolled_and_new_ones_are_announced(
    visiting: Visiting, stage: Stage
) -> None:
    async with visiting("en") as visit:
        said = (Inject(chat=ROOM, sender=LI, content_raw=text(f"第 {n} 句")) for n in range(40))
        await stage.inject(*said)
        await visit.page.goto(visit.url + "/messages?text=句")
        rows = visit.page.locator("tbody tr:not(.more)")
        await expect(rows).to_have_count(50)
        await visit.page.locator("tr.more").scroll_into_view_if_needed()
        await expect(rows).to_have_count(80)
        await expect(visit.page.locator("tr.more")).to_have_text("That is all")
        await stage.inject(Inject(chat=ROOM, sender=LI, content_raw=text("最后一句")))
        newer = visit.page.get_by_role("link", name=re.compile("New messages"))
        await expect(newer).to_be_visible(timeout=15_000)
        await expect(rows).to_have_count(80)
        visit.all_well()
