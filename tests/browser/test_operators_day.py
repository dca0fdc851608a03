"""An operator's day: a customer complains, and an hour later the message is where it belongs."""

import asyncio
import re
import shutil
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.acceptance.conftest import LI, OPS, ROOM, Daemon, sandbox_running, text
from tests.browser.conftest import PASSWORD, RULES, WIDE, Visit
from tests.browser.test_pages import readable
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.incoming import Inject

COMPLAINT = "钱怎么还没退给我, 订单 88017"


async def test_from_a_complaint_to_the_message_going_out(browser: Browser, empty_store: Path, tmp_path: Path) -> None:
    shutil.copy(empty_store, tmp_path / "store.db")
    with sandbox_running() as sandbox:
        daemon = Daemon(tmp_path, sandbox.base_url, settings={"ops.password": PASSWORD})
        daemon.rules(RULES)
        await asyncio.to_thread(daemon.start)
        try:
            async with SandboxControl(sandbox.control_url) as control:
                await control.behave(callback_url=daemon.callback)
                for said in ("你好", COMPLAINT, "谢谢"):
                    await control.inject(Inject(chat=ROOM, sender=LI, content_raw=text(said)), wait=True)
            await _day(browser, daemon)
        finally:
            assert daemon.stop() == 0
    assert {(line.chat, line.state) for line in daemon.deliveries()} == {(OPS, "confirmed")}
    assert [action["verb"] for action in daemon.rows("actions", "--json")] == ["replay", "rules"]


async def _find(page: Page) -> None:
    """Two accounts saw it; the first one owes it."""
    await page.get_by_role("link", name="消息", exact=True).click()
    await page.get_by_label("文字或编号").fill("88017")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/messages?*88017*")
    await page.get_by_role("row", name=re.compile("88017")).last.get_by_role("link").first.click()
    await page.wait_for_url(re.compile(r"/messages/\d+$"))


async def _day(browser: Browser, daemon: Daemon) -> None:
    context = await browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, locale="zh-CN")
    context.set_default_timeout(20_000)
    try:
        visit = Visit(await context.new_page(), daemon.ops)
        visit.watch()
        await visit.log_in()
        page = visit.page

        # find the message that the customer complains about
        await _find(page)

        # see why it was not forwarded
        await expect(page.get_by_text("没有规则匹配").first).to_be_visible()
        ruling = page.locator(".ruling", has_text="退款")
        await expect(ruling.locator(".failed").first).to_contain_text("contains")

        # mend the rule in a draft, with the message in sight
        await page.get_by_role("link", name="改规则, 看它会怎样").click()
        await expect(page.locator("#followed .verdict.plain").first).to_be_visible()
        await expect(page.get_by_text("rules.path 是单个文件")).to_be_visible()
        area = page.locator("textarea[name=text]")
        await area.fill(RULES.replace('contains = ["退款"]', 'contains = ["退款", "退给"]'))
        await expect(page.locator("#checked .value.doubt")).to_have_text("~ 退款")
        await expect(page.locator("#followed .verdict.good")).to_contain_text("运营群")

        # hold it against the last days
        await page.get_by_role("button", name="比一比").click()
        await expect(page.locator("#preview .ruling", has_text="退款")).to_contain_text("88017")

        # apply
        await page.get_by_role("button", name="应用").click()
        await page.locator("#apply").get_by_role("button", name="确定").click()
        await expect(page.get_by_text("已经生效。")).to_be_visible()
        await readable(page, "applied")

        # forward what was missed
        await page.get_by_role("link", name="补发 退款").click()
        await page.get_by_role("button", name="数一数").click()
        await expect(page.locator("#result .verdict")).to_have_text("会转发 1 条")
        await page.get_by_role("button", name="现在补发").click()
        await page.locator("#forward").get_by_role("button", name="确定").click()
        await expect(page.locator("#result .verdict.good")).to_contain_text("1 条已排队")
        await readable(page, "replayed")

        # and watch it go out
        await _find(page)
        await expect(page.get_by_text("已看到发出的副本").first).to_be_visible(timeout=30_000)
        visit.all_well()
    finally:
        await context.close()
