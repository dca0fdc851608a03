"""Real store, real rules, a clock set by hand, and a vendor that answers what the test says."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from yzj_daemon.flow.intake import Intake, RulesInForce
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.message import Batch, Original
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.rules import packing
from yzj_daemon.rules.load import load_texts
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store

NOW = 1_800_000_000_000

RULES = """
[[rules]]
id = "refund"
forward_to = ["R:ops", "R:boss"]
[rules.when]
contains = ["退款"]
"""


class HandClock:
    """Time that only the test moves."""

    def __init__(self) -> None:
        self.seconds = NOW / 1000

    def now(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Time goes by, and whoever else wants to run does."""
        self.seconds += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("test")


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_store: Path) -> str:
    """Of the store: on SQLite, and with ``FLOW_ON=postgresql`` on that."""
    if os.environ.get("FLOW_ON") == "postgresql" and request.node.get_closest_marker("of_a_file") is None:
        found: str = request.getfixturevalue("database_url")
        return found
    shutil.copy(empty_store, tmp_path / "store.db")
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(Store(url)) as store:
        yield store


def rules(toml: str = RULES) -> RulesInForce:
    loaded = load_texts({"rules.toml": toml})
    assert loaded.ruleset is not None, [f.row("en") for f in loaded.findings]
    return RulesInForce(loaded.ruleset, packing.pack({}))


def text_content(words: str) -> str:
    return f'{{"items":[{{"type":"text","text":"{words}"}}]}}'


def original(words: str = "我要退款", **given: Any) -> Original:
    row: dict[str, Any] = {
        "account": "A",
        "id": "1",
        "chat": "R:customers",
        "chat_type": "room",
        "sender": "7",
        "type": "text",
        "sent_at": NOW,
        "content": text_content(words),
        "envelope": "{}",
        "content_at": -1,
    }
    row.update(given)
    row.setdefault("svrid", row["id"])
    return Original(**row)


@pytest.fixture
def make_intake(store: Store, clock: HandClock, metrics: Metrics) -> Callable[..., Intake]:
    def make(toml: str = RULES, *, policy: PlanPolicy | None = None, **given: Any) -> Intake:
        given.setdefault("wake", lambda accounts: None)
        given.setdefault("max_targets", 20)
        return Intake(store, rules(toml), policy or PlanPolicy(), clock=clock, metrics=metrics, **given)

    return make


@asynccontextmanager
async def running(intake: Intake) -> AsyncIterator[Intake]:
    task = asyncio.create_task(intake.run())
    try:
        yield intake
    finally:
        intake.stop()
        await task


async def take(intake: Intake, *originals: Original, at: int = NOW, **parts: Any) -> Any:
    """Offer one batch and wait for the commit."""
    done = intake.offer(Batch(originals, **parts), "callback", at)
    assert done is not None
    return await done


def decisions(store: Store) -> list[tuple[str, str]]:
    """(dedup key, reason) of every decided message, in the order received."""
    m, d = t.messages.c, t.decisions.c
    query = select(m.key, d.reason).join_from(t.messages, t.decisions).order_by(m.id)
    return [tuple(row) for row in store.read_now(lambda c: c.execute(query).all())]


def owed(store: Store) -> list[tuple[str, str, str]]:
    """(account, target chat, state) of every delivery."""
    d = t.deliveries.c
    query = select(d.account, d.chat, d.state).order_by(d.id)
    return [tuple(row) for row in store.read_now(lambda c: c.execute(query).all())]
