"""Writing a draft: colours, mistakes at their lines, and what was received held against it."""

import re

from playwright.async_api import Dialog, Page, expect

from tests.browser.conftest import NARROW, RULES, Stage, Visiting
from tests.browser.test_pages import dress, fits, readable

BROKEN = RULES.replace('chat_type = "room"', 'chat_type = "rooms"')


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


async def good(page: Page) -> None:
    await expect(page.locator("#checked .verdict.good")).to_be_visible()


async def test_a_mistake_is_marked_at_its_line_while_one_types(visiting: Visiting) -> None:
    async with visiting("zh", "/draft?rule=投诉") as visit:
        page = visit.page
        await good(page)
        area = page.locator("textarea[name=text]")
        await expect(page.locator(".under .t-head").first).to_have_text("[names]")
        await area.fill(BROKEN)
        row = page.locator("#checked .findings li.bad")
        await expect(row).to_contain_text("rooms")
        line = line_of(BROKEN, "rooms")
        await expect(page.locator(".gutter .bad")).to_have_text(str(line))
        wave = page.locator(".wave.bad")
        await expect(wave).to_be_visible()
        await expect(area).to_have_attribute("aria-invalid", "true")
        marked = await wave.bounding_box()
        number = await page.locator(".gutter .bad").bounding_box()
        assert marked
        assert number
        assert abs(marked["y"] - number["y"]) < number["height"]
        await row.get_by_role("button").click()
        place = await area.evaluate("area => area.value.slice(0, area.selectionStart).split('\\n').length")
        assert place == line
        await readable(page, "a draft with a mistake")
        await area.fill(RULES)
        await good(page)
        await expect(page.locator(".wave.bad")).to_have_count(0)
        visit.all_well()


async def test_a_draft_is_held_against_what_was_received(visiting: Visiting, stage: Stage) -> None:
    async with visiting("en", "/draft") as visit:
        page = visit.page
        await good(page)
        await page.locator("textarea[name=text]").fill(RULES.replace('contains = ["投诉"]', 'contains = ["谢谢"]'))
        await expect(page.locator("#checked .value.doubt", has_text="~ 投诉")).to_be_visible()
        await page.get_by_role("button", name="Preview").click()
        await expect(page.locator("#preview")).to_contain_text(re.compile("1 rules do the same"), timeout=20_000)
        changed = page.locator("#preview .ruling", has_text="投诉")
        await expect(changed.get_by_role("link", name="谢谢")).to_be_visible()
        await expect(changed).to_contain_text("这也太慢了, 我要投诉")
        await dress(page, "dark", NARROW)
        await fits(page)
        await readable(page, "a preview")
        visit.all_well()


async def test_what_was_written_is_not_lost_by_a_slip(visiting: Visiting) -> None:
    async with visiting("en", "/draft") as visit:
        page = visit.page
        await good(page)
        await page.locator("textarea[name=text]").press_sequentially("# ")
        seen: list[str] = []

        async def stay(dialog: Dialog) -> None:
            seen.append(dialog.type)
            await dialog.dismiss()

        page.on("dialog", stay)
        await page.get_by_role("link", name="Overview").click()
        assert seen == ["beforeunload"]
        await expect(page.locator("textarea[name=text]")).to_be_visible()
        assert page.url.endswith("/draft")


async def test_a_draft_is_downloaded_as_it_stands(visiting: Visiting) -> None:
    async with visiting("en", "/draft") as visit:
        page = visit.page
        await good(page)
        await page.locator("textarea[name=text]").fill(RULES + "# 新的一行\n")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Download the draft").click()
        saved = await (await download.value).path()
        assert saved.read_text("utf-8") == RULES + "# 新的一行\n"
        visit.all_well()


async def test_what_somebody_else_wrote_meanwhile_is_shown_and_kept(visiting: Visiting, stage: Stage) -> None:
    theirs = RULES + "# 别人写的\n"
    async with visiting("zh", "/draft", theme="dark") as visit:
        page = visit.page
        await good(page)
        await page.locator("textarea[name=text]").fill(RULES.replace("投诉转给老板", "投诉给老板"))
        stage.rules(theirs)
        try:
            await page.get_by_role("button", name="应用").click()
            await page.locator("#apply").get_by_role("button", name="确定").click()
            await expect(page.get_by_role("alert").first).to_contain_text("被别人改过")
            await expect(page.locator(".diff .bad", has_text="别人写的")).to_be_visible()
            await readable(page, "a draft whose file changed")
            await fits(page)
            await page.get_by_role("button", name="继续改我的草稿").click()
            await good(page)
            await expect(page.locator("textarea[name=text]")).to_have_value(re.compile("投诉给老板"))
            assert (stage.rule_files / "rules.toml").read_text("utf-8") == theirs
        finally:
            stage.rules(RULES)
    assert [problem for problem in visit.wrong if "409" not in problem] == []


SALES = """[[rules]]
id = "报价"
forward_to = ["老板"]

[rules.when]
contains = ["报价"]
"""


async def test_a_new_file_is_begun_written_applied_and_undone(visiting: Visiting, stage: Stage) -> None:
    async with visiting("zh", "/draft") as visit:
        page = visit.page
        await good(page)
        await page.get_by_text("新建文件").click()
        await page.get_by_label("新文件名").fill("销售")
        await page.keyboard.press("Enter")
        await expect(page.locator("#text-title")).to_contain_text("销售.toml")
        await expect(page.locator("#checked .verdict.bad")).to_be_visible()
        await expect(page.locator(".wave.bad")).not_to_have_count(0)
        await readable(page, "a new file")
        await dress(page, "dark", NARROW)
        await fits(page)
        await page.locator("textarea[name=text]").fill(SALES)
        await good(page)
        await expect(page.locator("#checked .value.good")).to_have_text("+ 报价")
        await page.get_by_role("button", name="应用").click()
        await page.locator("#apply").get_by_role("button", name="确定").click()
        await expect(page.get_by_text("已经生效。")).to_be_visible()
        assert (stage.rule_files / "销售.toml").read_text("utf-8") == SALES
        await page.get_by_role("button", name="撤销").click()
        await expect(page.get_by_role("button", name="撤销")).to_be_visible()
        await expect(page.locator("tbody tr").first).to_contain_text("− 报价")
        assert [file.name for file in stage.rule_files.iterdir()] == ["rules.toml"]
        visit.all_well()


async def test_a_rule_is_muted_from_its_page(visiting: Visiting) -> None:
    async with visiting("en", "/rules/投诉") as visit:
        page = visit.page
        await page.get_by_role("button", name="Mute", exact=True).click()
        await page.get_by_label("Why").fill("试一试")
        await page.locator("#mute").get_by_role("button", name="Confirm").click()
        await expect(page.get_by_text(re.compile("Muted until .* by console:小王: 试一试"))).to_be_visible()
        await readable(page, "a muted rule")
        await page.get_by_role("button", name="Lift the mute").click()
        await expect(page.get_by_role("button", name="Mute", exact=True)).to_be_visible()
        visit.all_well()
