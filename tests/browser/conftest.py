"""The console in a real browser: Debian's chromium, driven by Playwright, before a real daemon with things to show."""

import asyncio
import contextlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from sqlalchemy import Connection

from tests.acceptance.conftest import BOSS, LI, OPS, ROOM, WANG, Daemon, sandbox_running, text, until
from yzj_daemon.clock import DAY
from yzj_daemon.console import language
from yzj_daemon.rules import load, packing
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.faults import Fault, Script
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.server import Sandbox
from yzj_daemon.storage import controls, rule_history
from yzj_daemon.storage.engine import Store

PASSWORD = "correct horse battery"
TOKEN = "token-of-the-json-api"

WIDE = (1280, 800)
NARROW = (390, 844)

REFUNDS = f"""\
timezone = "Asia/Shanghai"

[names]
"运营群" = "{OPS}"
"老板" = "{BOSS}"

[[rules]]
id = "退款"
description = "客户要退款: 转给运营"
forward_to = ["运营群"]

[rules.when]
contains = ["退款"]

[[rules.examples]]
message = {{ text = "我要退款, 订单 20931" }}
expect = "match"
"""
COMPLAINTS = """
[[rules]]
id = "投诉"
description = "投诉转给老板"
forward_to = ["老板"]

[rules.when]
contains = ["投诉"]
chat_type = "room"
"""
RULES = REFUNDS + COMPLAINTS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.acceptance)
            item.add_marker(pytest.mark.xdist_group("browser"))  # one browser, one daemon, for all of them


def chromium() -> str:
    """The browser's program, where the system has one."""
    names = (os.environ.get("BROWSER_PROGRAM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, filter(None, names))), None)
    assert found, "no chromium: run make system, or name one in BROWSER_PROGRAM"
    return found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        await started.close()


@pytest.fixture(scope="session")
def platform_of_all() -> Iterator[Sandbox]:
    with sandbox_running() as sandbox:
        yield sandbox


@dataclass
class Stage:
    """A daemon that has something to show. ``session``: of who came in first. ``inject``: somebody writes something."""

    daemon: Daemon
    sandbox: Sandbox
    session: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.daemon.ops

    @property
    def rule_files(self) -> Path:
        return self.daemon.directory / "rules"

    def rules(self, toml: str) -> None:
        (self.rule_files / "rules.toml").write_text(toml, encoding="utf-8")

    async def inject(self, *messages: Inject) -> None:
        async with SandboxControl(self.sandbox.control_url) as control:
            await control.inject(*messages, wait=True)


@pytest.fixture(scope="session")
async def stage(
    platform_of_all: Sandbox, empty_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    directory = tmp_path_factory.mktemp("stage")
    shutil.copy(empty_store, directory / "store.db")
    settings = {"ops.password": PASSWORD, "ops.token": TOKEN, "rules.path": "rules"}
    stage = Stage(Daemon(directory, platform_of_all.base_url, settings=settings), platform_of_all)
    stage.rule_files.mkdir()
    stage.rules(RULES)
    daemon = stage.daemon
    with closing(Store(daemon.url)) as store:
        store.write_now(_yesterday)
    await asyncio.to_thread(daemon.start)
    try:
        await _play(stage)
        yield stage
    finally:
        assert daemon.stop() == 0


def _yesterday(connection: Connection) -> None:
    """One rule was in force, and somebody added another."""
    now, before = int(time.time() * 1000), Counter[str]()
    for age, text_ in ((2 * DAY, REFUNDS), (DAY, RULES)):
        loaded = load.load_texts({"rules.toml": text_})
        assert loaded.ruleset is not None
        rules = Counter(rule.id for rule in loaded.ruleset.rules)
        changed = json.dumps({"added": [*(rules - before)], "changed": [], "removed": []})
        set_ = {"digest": loaded.ruleset.hash, "packed": packing.pack(loaded.files), "rules": len(rules)}
        rule_history.record(connection, **set_, summary=changed, now=now - age)
        what = {"file": "rules.toml", "after": loaded.ruleset.hash, "added": [*(rules - before)]}
        controls.record(connection, who="console:小李", verb="rules", what=what, affected=0, now=now - age)
        before = rules


async def _play(stage: Stage) -> None:
    """Messages that match and messages that do not; of the deliveries some end well, some badly, and some are held."""
    refused, lost = Fault(errcode=1001, message="该群已解散"), Fault(drop="before")
    async with SandboxControl(stage.sandbox.control_url) as control:
        await control.behave(callback_url=stage.daemon.callback)
        await stage.inject(Inject(chat=ROOM, sender=WANG, content_raw=text("我要退款, 订单 20931")))
        await until(lambda: stage.daemon.deliveries("sent", "confirmed"))
        await control.faults(Script(fault=refused), Script(fault=lost))
        for words in ("退款还没有到账, 已经三天了", "麻烦尽快退款, 别再拖了"):
            await stage.inject(Inject(chat=ROOM, sender=LI, content_raw=text(words)))
    await until(lambda: len(stage.daemon.deliveries("failed", "unknown")) == 2)
    await until(lambda: len(stage.daemon.rows("chats", "list")) > 2)
    said = (
        (ROOM, LI, "我也要退款"),
        (ROOM, LI, "上次买的两箱苹果有一箱是坏的, 客服说今天回复, 等到现在也没有人理我。" * 6),
        (ROOM, WANG, "这也太慢了, 我要投诉"),
        (ROOM, LI, "谢谢"),
        (ROOM, WANG, "第二单也退款"),
    )
    await stage.inject(*(Inject(chat=chat, sender=who, content_raw=text(words)) for chat, who, words in said))
    await stage.inject(Inject(chat=ROOM, sender=LI, type="picture", content_raw='{"url":"https://example.com/1.jpg"}'))
    with closing(Store(f"sqlite:///{stage.daemon.directory}/store.db")) as store:
        now = int(time.time() * 1000)
        held = store.write_now(partial(controls.hold, ids=range(1, 20), now=now))
        what = {"rule": "退款", "since": now - 600_000}
        store.write_now(partial(controls.record, who="console:小李", verb="hold", what=what, affected=held, now=now))


@dataclass
class Visit:
    """One page of a browser, and what went wrong in it that nobody asked for."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.wrong.append(f"asked elsewhere: {url}")

    async def log_in(self) -> None:
        await self.page.goto(self.url + "/login")
        await self.page.get_by_label("Your name").or_(self.page.get_by_label("你的名字")).fill("小王")
        await self.page.locator("input[type=password]").fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(self.url + "/")

    async def enter(self, stage: Stage, at: str) -> None:
        """Come in by the session of who did, as long as the daemon knows it: a password takes long, on purpose."""
        await self.page.context.add_cookies(stage.session)
        await self.page.goto(self.url + at)
        if "/login" in self.page.url:
            await self.log_in()
            stage.session[:] = await self.page.context.cookies()
            await self.page.goto(self.url + at)

    async def speak(self, lang: str) -> None:
        """The same page in another language."""
        await self.page.context.add_cookies([{"name": language.COOKIE, "value": lang, "url": self.url}])
        await self.page.reload()

    def all_well(self) -> None:
        """Raises AssertionError: an error, a breach of the policy, or a request to elsewhere."""
        assert self.wrong == []


Visiting = Callable[..., "contextlib.AbstractAsyncContextManager[Visit]"]


@pytest.fixture
def visiting(browser: Browser, stage: Stage) -> Visiting:
    """A browser's visit: ``lang`` zh or en, ``theme`` light or dark, ``at`` a page; logged in unless told otherwise."""

    @asynccontextmanager
    async def visit(
        lang: str = "zh", at: str = "/", *, theme: str = "light", inside: bool = True
    ) -> AsyncIterator[Visit]:
        shown: Any = {"locale": {"zh": "zh-CN", "en": "en-GB"}[lang], "color_scheme": theme}
        context: BrowserContext = await browser.new_context(
            viewport={"width": WIDE[0], "height": WIDE[1]}, timezone_id="Europe/Berlin", **shown
        )
        context.set_default_timeout(10_000)
        try:
            visit = Visit(await context.new_page(), stage.url)
            visit.watch()
            if inside:
                await visit.enter(stage, at)
            else:
                await visit.page.goto(stage.url + at)
            yield visit
        finally:
            await context.close()

    return visit
