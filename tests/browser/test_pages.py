"""Every page in every dress: everybody can read it, nothing of it breaks, and how it looks is kept in docs/console/."""

import os
from itertools import product
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Visiting

PAGES = {
    "login": "/login",
    "overview": "/",
    "messages": "/messages",
    "message": "/messages/1",
    "deliveries": "/deliveries",
    "order": "/deliveries/order?verb=release&scope=all&state=held",
    "actions": "/actions",
    "rules": "/rules",
    "rule": "/rules/退款",
    "draft": "/draft?rule=投诉&message=1",
    "graph": "/graph",
    "history": "/history",
    "replay": "/replay?rule=退款",
    "try": "/try?message=1",
}
"""Name and address of every page. Add a new one here."""

PICTURES = os.environ.get("SCREENSHOTS", "")
"""Where they go, if somebody asks for them: they differ by the second."""

OUTSIDE = frozenset({"login"})
"""Pages that are shown before anybody is logged in."""

LOOKED_AT = {("zh", "light", WIDE), ("en", "dark", WIDE), ("zh", "dark", NARROW), ("en", "light", NARROW)}
"""Dresses whose pictures are kept: every colour in every width once."""

READ = {("zh", "light", WIDE), ("en", "dark", NARROW)}
"""Those that are held to what everybody can read: every language, colour and width; with pictures, all four."""


@pytest.mark.parametrize("name", PAGES)
async def test_it_looks_right_to_everybody(name: str, visiting: Visiting) -> None:
    async with visiting("zh", PAGES[name], inside=name not in OUTSIDE) as visit:
        for lang in ("zh", "en"):
            if lang == "en":
                await visit.speak(lang)
            await settled(visit.page)
            assert unquote(visit.page.url) == visit.url + PAGES[name], "it is the page that is looked at"
            for theme, size in product(("light", "dark"), (WIDE, NARROW)):
                await dress(visit.page, theme, size)
                await fits(visit.page)
                if (lang, theme, size) in (LOOKED_AT if PICTURES else READ):
                    await readable(visit.page, f"{name} {lang} {theme} {size[0]}")
                if PICTURES and (lang, theme, size) in LOOKED_AT:
                    await picture(visit.page, name, lang, theme, size)
            assert await visit.page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[lang]
        visit.all_well()


async def settled(page: Page) -> None:
    await page.wait_for_load_state("load")
    live = page.locator("#live")
    if await live.count():
        await expect(live).to_have_attribute("data-state", "on", timeout=10_000)  # to evaluate here breaks the policy
    await expect(page.locator("[hx-trigger=load]:not(:has(details))")).to_have_count(0)  # what a page asks for later
    if await page.locator("#checked").count():
        await expect(page.locator("#checked .verdict")).to_be_visible()


async def dress(page: Page, theme: str, size: tuple[int, int]) -> None:
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    await page.set_viewport_size({"width": size[0], "height": size[1]})


async def fits(page: Page) -> None:
    """Nobody has to scroll sideways."""
    over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{over} px too wide"


async def readable(page: Page, where: str) -> None:
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{where}\n{found.generate_report()}"


async def picture(page: Page, name: str, lang: str, theme: str, size: tuple[int, int]) -> None:
    width = "wide" if size == WIDE else "narrow"
    path = Path(PICTURES) / f"{name}-{lang}-{theme}-{width}.png"
    await page.screenshot(path=path, full_page=True)


async def test_every_page_of_the_navigation_is_looked_at(visiting: Visiting) -> None:
    async with visiting() as visit:
        places = await visit.page.locator("nav a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert set(places) <= {path.partition("?")[0] for path in PAGES.values()}


async def test_who_has_no_mouse_gets_about(visiting: Visiting) -> None:
    async with visiting("en") as visit:
        await settled(visit.page)
        await visit.page.keyboard.press("Tab")
        focused = visit.page.locator(":focus")
        await expect(focused).to_have_text("Skip to content")
        assert await focused.bounding_box() is not None
        await visit.page.keyboard.press("Enter")
        await expect(visit.page.locator("#content")).to_be_focused()
        visit.all_well()


async def test_language_and_colours_are_switched_and_stay(visiting: Visiting) -> None:
    async with visiting("zh") as visit:
        html = visit.page.locator("html")
        await visit.page.get_by_role("button", name="English").click()
        await expect(html).to_have_attribute("lang", "en")
        for name, then in (("Appearance", "light"), ("light", "dark")):
            await visit.page.get_by_role("button", name=name).click()
            await expect(html).to_have_attribute("data-theme", then)
        await visit.page.reload()
        await expect(html).to_have_attribute("lang", "en")
        await expect(html).to_have_attribute("data-theme", "dark")
        ground = await visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(15, 19, 24)"
        visit.all_well()
