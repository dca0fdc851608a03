"""What is periodic runs, one turn at a time, and says so when it fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from yzj_daemon.clock import Millis
from yzj_daemon.ops.schedule import GIVE_UP_AFTER, Schedule

TICK = 0.005


@dataclass
class HandClock:
    wall: Millis = 1_000_000
    seconds: float = 100.0

    def now(self) -> Millis:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds


class Turns:
    """A job that counts its turns and tells when there were enough; ``each`` happens in every turn."""

    def __init__(self, enough: int, each: Callable[[int], Awaitable[None]] | None = None) -> None:
        self.count = 0
        self.reached = asyncio.Event()
        self._enough = enough
        self._each = each

    async def __call__(self) -> None:
        self.count += 1
        if self.count >= self._enough:
            self.reached.set()
        if self._each is not None:
            await self._each(self.count)


class Told:
    def __init__(self) -> None:
        self.errors: list[tuple[str, str]] = []
        self.once = asyncio.Event()

    def __call__(self, name: str, error: Exception) -> None:
        self.errors.append((name, str(error)))
        self.once.set()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def schedule(told: Told, clock: HandClock) -> AsyncIterator[Schedule]:
    schedule = Schedule(told, clock)
    yield schedule
    await schedule.stop()


async def test_a_job_runs_again_and_again(schedule: Schedule) -> None:
    turns = Turns(3)
    schedule.every(TICK, turns, "tick")
    schedule.start()
    await asyncio.wait_for(turns.reached.wait(), 30)


async def test_at_once_does_not_wait_for_the_first_interval(schedule: Schedule) -> None:
    turns = Turns(1)
    schedule.every(3_600, turns, "hourly", at_once=True)
    schedule.start()
    await asyncio.wait_for(turns.reached.wait(), 30)


async def test_a_turn_that_is_still_at_work_is_not_joined_by_another(schedule: Schedule) -> None:
    ticks = Turns(20)
    never = asyncio.Event()

    async def hang(_turn: int) -> None:
        await never.wait()

    slow = Turns(1, hang)
    schedule.every(TICK, slow, "slow")
    schedule.every(TICK, ticks, "ticks")
    schedule.start()
    await asyncio.wait_for(ticks.reached.wait(), 30)
    assert slow.count == 1


async def test_a_job_that_fails_goes_on_and_is_counted(schedule: Schedule, told: Told) -> None:
    async def fail_every_second(turn: int) -> None:
        if turn in {1, 3, 5, 7}:
            raise ValueError(turn)

    turns = Turns(8, fail_every_second)
    schedule.every(TICK, turns, "flaky")
    schedule.start()
    await asyncio.wait_for(turns.reached.wait(), 30)
    assert schedule.failures["flaky"] == 4, "however many turns came after enough"
    assert told.errors == []


async def test_a_job_that_keeps_failing_is_handed_on(schedule: Schedule, told: Told) -> None:
    async def fail(turn: int) -> None:
        raise ValueError(turn)

    schedule.every(TICK, Turns(1, fail), "broken")
    schedule.start()
    await asyncio.wait_for(told.once.wait(), 30)
    assert told.errors[0] == ("broken", str(GIVE_UP_AFTER))


async def test_stop_cancels_what_is_at_work_and_waits_for_its_end(schedule: Schedule, told: Told) -> None:
    ended = []

    async def until_cancelled(_turn: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("tidied")

    turns = Turns(1, until_cancelled)
    schedule.every(3_600, turns, "long", at_once=True)
    schedule.start()
    await asyncio.wait_for(turns.reached.wait(), 30)
    await schedule.stop()
    assert ended == ["tidied"]
    assert told.errors == []


async def test_nothing_begins_after_stop(schedule: Schedule) -> None:
    ticks, after = Turns(3), Turns(1)
    schedule.every(TICK, ticks, "ticks")
    schedule.start()
    await asyncio.wait_for(ticks.reached.wait(), 30)
    await schedule.stop()
    count = ticks.count
    loop = asyncio.get_running_loop()
    loop.call_later(10 * TICK, after.reached.set)
    await after.reached.wait()
    assert ticks.count == count


async def test_a_schedule_that_never_started_can_be_stopped(told: Told, clock: HandClock) -> None:
    await Schedule(told, clock).stop()


async def test_a_wall_clock_set_back_silences_nothing(schedule: Schedule, clock: HandClock) -> None:
    turns = Turns(1)
    schedule.every(TICK, turns, "tick")
    schedule.start()
    hours_ahead = datetime.now(UTC) + timedelta(hours=5)
    schedule._scheduler.modify_job("tick", next_run_time=hours_ahead)  # as if the clock had just gone back
    clock.wall -= 5 * 3_600_000
    schedule.realign()
    await asyncio.wait_for(turns.reached.wait(), 30)


async def test_without_a_jump_the_jobs_stay_as_they_are(schedule: Schedule, clock: HandClock) -> None:
    schedule.every(3_600, Turns(1), "hourly")
    schedule.start()
    planned = schedule._scheduler.get_job("hourly").next_run_time
    clock.wall += 60_000
    clock.seconds += 60.5
    schedule.realign()
    assert schedule._scheduler.get_job("hourly").next_run_time == planned


async def test_the_calendar_is_that_of_the_given_zone(schedule: Schedule) -> None:
    from zoneinfo import ZoneInfo

    schedule.cron("30 8 * * *", Turns(1), "morning", zone=ZoneInfo("Asia/Shanghai"))
    schedule.start()
    at = schedule._scheduler.get_job("morning").next_run_time.astimezone(UTC)
    assert (at.hour, at.minute) == (0, 30)


async def test_a_calendar_that_cannot_be_read_is_refused(schedule: Schedule) -> None:
    with pytest.raises(ValueError, match="fields"):
        schedule.cron("every day", Turns(1), "x")
