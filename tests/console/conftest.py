"""The console in this process, on a real store and real rules, asked by a browser that keeps cookies."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.types import ASGIApp

from tests.flow.conftest import NOW, HandClock, clock, make_intake, metrics, original, running, store, take, url
from yzj_daemon.console.access.visitor import Role
from yzj_daemon.console.asked import SESSION_COOKIE
from yzj_daemon.console.beside import beside
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.page import Act, Page
from yzj_daemon.flow import troubles
from yzj_daemon.flow.intake import Intake
from yzj_daemon.flow.rulebook import Rulebook
from yzj_daemon.ops.health import Health
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.settings import load
from yzj_daemon.storage.engine import Store
from yzj_daemon.web import ops
from yzj_daemon.yzj import payloads

__all__ = ["clock", "make_intake", "metrics", "store", "url"]

PASSWORD = "correct horse battery"
VIEWER = "only looking around"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Tests that log in wait for what the page does then; that guessing is slow is a test of its own."""
TOKEN = "token-of-the-json-api"

RULES = """
timezone = "Asia/Shanghai"
[names]
"运营群" = "R:ops"
[[rules]]
id = "退款"
description = "转给运营"
forward_to = ["运营群"]
[rules.when]
contains = ["退款"]
"""


@dataclass
class Console:
    """One desk and what answers for it. ``woken``: accounts whose lanes were told to look."""

    desk: Desk
    rules_file: Path
    clock: HandClock
    woken: list[str]
    more: tuple[Page | Act, ...] = ()

    @cached_property
    def application(self) -> ASGIApp:
        """All that the ops bind answers; made once, because that takes long."""
        return beside(self.desk, ops.application(Health(self.clock), self.desk.metrics), *self.more)

    def browser(self, *, client: str = "127.0.0.1", host: str = "127.0.0.1:8081", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.application, client=(client, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers)

    @asynccontextmanager
    async def inside(
        self, password: str = PASSWORD, name: str = "小王", **headers: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that is logged in."""
        async with self.browser(**headers) as browser:
            answer = await browser.post("/login", data={"name": name, "password": password})
            assert answer.status_code == 303, answer.text
            yield browser

    def seated(self, role: Role = "operator", name: str = "小王", **headers: str) -> httpx.AsyncClient:
        """A browser that is logged in, without the seconds that a password takes."""
        browser = self.browser(**headers)
        browser.cookies.set(SESSION_COOKIE, self.desk.sessions.begin(name, role)[0])
        return browser


def csrf(page: str) -> str:
    found = re.search(r'X-CSRF-Token": "([^"]+)"', page)
    assert found, page
    return found[1]


@pytest.fixture
def make_console(tmp_path: Path, store: Store, clock: HandClock, metrics: Metrics) -> Iterator[Callable[..., Console]]:
    desks: list[Desk] = []
    woken: list[str] = []

    def make(rules: str = RULES, *, folder: Path | None = None, **given: Any) -> Console:
        file = folder or tmp_path / "rules.toml"
        if folder is None:
            file.write_text(rules, encoding="utf-8")
        settings = load(None, {"rules.path": str(file), "lang": "en", **given}, {}, env_file=tmp_path / "none")
        rulebook = Rulebook(file, payloads.split, store, clock=clock, metrics=metrics)
        in_force = [rulebook.first()]
        desk = Desk(
            settings=settings,
            store=store,
            rulebook=rulebook,
            rules=lambda: in_force[-1],
            metrics=metrics,
            clock=clock,
            version="1.2.3",
            wake=woken.extend,
            take_up=in_force.append,
            troubles=lambda: store.read_now(
                partial(troubles.stored, ruleset=in_force[-1].ruleset, bounds=troubles.Bounds(), now=clock.now())
            ),
        )
        desks.append(desk)
        return Console(desk, file, clock, woken)

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
async def receive(make_intake: Callable[..., Intake]) -> Callable[..., Awaitable[None]]:
    """Messages come in, and the rules decide."""

    async def receiving(*words: str, at: int = NOW, **given: Any) -> None:
        async with running(make_intake(RULES)) as intake:
            for number, said in enumerate(words):
                await take(intake, original(said, **{"id": f"{said}-{number}", **given}), at=at)

    return receiving


@pytest.fixture
def console(make_console: Callable[..., Console]) -> Console:
    passwords = {"ops.password": QUICK.hash(PASSWORD), "ops.viewer_password": QUICK.hash(VIEWER)}
    return make_console(**passwords, **{"ops.token": TOKEN})
