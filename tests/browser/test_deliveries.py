"""What an operator does to deliveries, in a real browser."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Visiting


async def test_what_is_held_is_ticked_asked_dropped_and_on_record(visiting: Visiting) -> None:
    async with visiting("en", "/deliveries?state=held") as visit:
        page = visit.page
        await expect(page.locator("tbody input[type=checkbox]").first).to_be_visible()
        held = await page.locator("tbody input[type=checkbox]").count()
        await page.get_by_label("Tick all that are shown").check()
        await page.get_by_role("button", name="Requeue").click()
        await expect(page.get_by_role("heading", name=re.compile(rf"Requeue: {held} "))).to_be_visible()
        await page.get_by_role("button", name=f"Requeue {held}").click()
        await expect(page.get_by_role("status").filter(has_text="Requeue:")).to_be_visible()
        await page.get_by_role("link", name="on record").click()
        await expect(page.locator("tbody tr").first).to_contain_text("console:小王")
        visit.all_well()
