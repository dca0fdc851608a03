"""Alive: the loops turn. Ready: it can work."""

import asyncio
from dataclasses import dataclass

import pytest

from yzj_daemon.clock import Millis
from yzj_daemon.ops import health as module
from yzj_daemon.ops.health import Health


@dataclass
class HandClock:
    seconds: float = 100.0

    def now(self) -> Millis:
        return int(self.seconds * 1_000)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def health(clock: HandClock) -> Health:
    return Health(clock)


def test_a_loop_is_alive_until_it_was_silent_too_long(health: Health, clock: HandClock) -> None:
    health.loop("intake", 60)
    clock.seconds += 60
    assert health.alive()[0]
    clock.seconds += 0.1
    alive, detail = health.alive()
    assert not alive
    assert detail == {
        "alive": False,
        "loops": {"intake": {"silent_seconds": 60.1, "longest_seconds": 60, "alive": False}},
    }


def test_a_beat_ends_the_silence(health: Health, clock: HandClock) -> None:
    beat = health.loop("intake", 60)
    clock.seconds += 61
    assert not health.alive()[0]
    beat()
    assert health.alive()[0]


def test_one_stuck_loop_is_enough(health: Health, clock: HandClock) -> None:
    beat = health.loop("intake", 60)
    health.loop("courier", 30)
    clock.seconds += 31
    beat()
    assert not health.alive()[0]
    health.release("courier")
    assert health.alive()[0]


async def test_ready_when_every_probe_finds_all_well(health: Health) -> None:
    async def well() -> str:
        return ""

    async def ill() -> str:
        return "token refused"

    health.check("store", well)
    assert await health.ready() == (True, {"ready": True, "checks": {"store": "ok"}})
    health.check("token", ill)
    assert await health.ready() == (False, {"ready": False, "checks": {"store": "ok", "token": "token refused"}})


async def test_facts_are_told_and_decide_nothing(health: Health) -> None:
    health.tell(lambda: {"version": "1.2.3"})
    assert await health.ready() == (True, {"ready": True, "checks": {}, "version": "1.2.3"})


async def test_a_probe_that_raises_is_not_ready(health: Health) -> None:
    async def broken() -> str:
        raise OSError("disk full")

    health.check("store", broken)
    ready, detail = await health.ready()
    assert not ready
    assert detail["checks"] == {"store": "OSError: disk full"}


async def test_a_probe_that_hangs_does_not_hang_the_answer(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROBE_TIMEOUT", 0.01)

    async def hanging() -> str:
        await asyncio.Event().wait()
        return ""

    health.check("token", hanging)
    ready, detail = await health.ready()
    assert not ready
    assert detail["checks"] == {"token": "no answer within 0.01 s"}
