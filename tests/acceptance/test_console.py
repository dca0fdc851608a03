"""The console of the real daemon: its key, its news, its end, and who is kept out."""

import json
import os
import time

import httpx

from tests.acceptance.conftest import EVERYTHING, ROOM, WANG, start, text, until
from yzj_daemon.console.access.links import KeyFile
from yzj_daemon.sandbox.incoming import Inject

PASSWORD = "correct horse battery"


async def test_a_link_from_the_command_opens_it_and_goes_with_the_daemon(make_daemon, platform):
    daemon = await start(make_daemon(EVERYTHING), platform)
    key = KeyFile.of(daemon.directory / "store.db")
    assert key.stat().st_mode & 0o777 == 0o600
    url = json.loads(daemon.cli("console", "--json"))["url"]
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        page = await browser.get(url)
        assert page.status_code == 200
        assert "Overview" in page.text
        assert "content-security-policy" in page.headers
        assert (await browser.get(url)).status_code == 403
    assert daemon.stop() == 0
    assert not key.exists()


async def test_news_come_within_seconds_and_keep_nobody_waiting_at_the_end(make_daemon, platform):
    daemon = await start(make_daemon(EVERYTHING, ops__password=PASSWORD), platform)
    async with httpx.AsyncClient(base_url=daemon.ops, timeout=20) as browser:
        await browser.post("/login", data={"name": "w", "password": PASSWORD})
        async with browser.stream("GET", "/live") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            assert await anext(lines) == "retry: 3000"
            await platform.inject(Inject(chat=ROOM, sender=WANG, content_raw=text("有新消息")))
            asked_at = time.monotonic()
            while await anext(lines) != "event: news":
                pass
            assert time.monotonic() - asked_at < 8
            began = time.monotonic()
            daemon.process.terminate()
            async for _ in lines:
                pass
    await until(lambda: daemon.process.poll() is not None)
    assert time.monotonic() - began < 4, "the stream ends by itself, before any patience does"


async def test_it_is_not_told_to_those_who_are_passed_on_or_ask_under_another_name(make_daemon, platform):
    daemon = await start(make_daemon(EVERYTHING), platform)
    async with httpx.AsyncClient(base_url=daemon.ops) as browser:
        for headers in ({"Host": "evil.example"}, {"X-Forwarded-For": "192.0.2.1"}):
            answer = await browser.get("/login", headers=headers)
            assert answer.status_code == 403, headers
        assert (await browser.get("/login")).status_code == 200


async def test_a_page_that_looks_slows_no_callback(make_daemon, platform):
    """Many look at the overview while messages come in: each is answered in time."""
    daemon = await start(make_daemon(EVERYTHING, ops__password=PASSWORD), platform)
    async with httpx.AsyncClient(base_url=daemon.ops) as browser:
        await browser.post("/login", data={"name": "w", "password": PASSWORD})
        messages = [Inject(chat=ROOM, sender=WANG, content_raw=text(f"{os.urandom(4).hex()}")) for _ in range(30)]
        await platform.inject(*messages)
        pages = [await browser.get("/overview/now", headers={"X-By-Itself": "1"}) for _ in range(40)]
        assert {page.status_code for page in pages} == {200}
        await until(lambda: len(daemon.received()) >= 30)
    pushes = (await platform.stats())["pushes"]
    assert set(pushes["outcomes"]) == {"answered"}
    assert pushes["ms"]["p100"] < 500
