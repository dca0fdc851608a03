"""What is periodic or bound to the calendar, on APScheduler 3. Never the pace.

A turn that finds the one before still at work is left out; turns missed while the machine slept become one.
APScheduler goes by the wall clock alone, so a clock that is set back would silence it for as long: the schedule
watches for that and lines its jobs up again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from yzj_daemon.clock import SECOND, Clock

log = structlog.get_logger("yzj_daemon.schedule")

GIVE_UP_AFTER: Final = 3
"""Failures of one job in a row, after which somebody must know."""

WATCH_EVERY: Final = 5.0
"""Seconds between looks at the wall clock."""

JUMP: Final = 2.0
"""Seconds by which the wall clock may drift between two looks."""

Job = Callable[[], Awaitable[None]]


class Schedule:
    """``on_error(name, error)`` is called when a job failed ``GIVE_UP_AFTER`` times in a row, and each time after.

    ``failures`` counts, by job, how often it failed in all.
    """

    def __init__(self, on_error: Callable[[str, Exception], None], clock: Clock) -> None:
        self.failures: dict[str, int] = {}
        self._in_a_row: dict[str, int] = {}
        self._on_error = on_error
        self._clock = clock
        self._offset = self._wall_offset()
        self._intervals: dict[str, timedelta] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._stopping = False
        self._scheduler: Any = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def every(self, seconds: float, job: Job, name: str, *, at_once: bool = False) -> None:
        """Run a job every so often, first after one interval or ``at_once``."""
        interval = timedelta(seconds=seconds)
        self._intervals[name] = interval
        first = datetime.now(UTC) + (timedelta() if at_once else interval)
        self._add(IntervalTrigger(seconds=seconds, timezone=UTC), job, name, next_run_time=first)

    def cron(self, expression: str, job: Job, name: str, *, zone: tzinfo = UTC) -> None:
        """Run a job when the calendar of ``zone`` says so: minute, hour, day, month, weekday.

        Raises:
            ValueError: the expression cannot be read.
        """
        self._add(CronTrigger.from_crontab(expression, timezone=zone), job, name)

    def start(self) -> None:
        """Begin; needs the running loop."""
        self._scheduler.start()
        self._look_again()

    async def stop(self) -> None:
        """Begin nothing more, cancel what is at work, and wait until it has gone."""
        self._stopping = True
        if self._watch is not None:
            self._watch.cancel()
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # APScheduler puts its shutdown on the loop

    def realign(self) -> None:
        """Look at the wall clock; if it jumped, count every interval from now."""
        offset = self._wall_offset()
        moved, self._offset = offset - self._offset, offset
        if abs(moved) <= JUMP:
            return
        log.warning("clock.jumped", seconds=round(moved, 3))
        now = datetime.now(UTC)
        for name, interval in self._intervals.items():
            self._scheduler.modify_job(name, next_run_time=now + interval)

    def _add(self, trigger: Any, job: Job, name: str, **more: Any) -> None:
        self._scheduler.add_job(partial(self._run, job, name), trigger, id=name, name=name, **more)

    async def _run(self, job: Job, name: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await job()
            self._in_a_row.pop(name, None)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        except Exception as error:  # noqa: BLE001 - told, counted, and handed on when it stays
            self._failed(name, error)
        finally:
            self._running.discard(task)

    def _failed(self, name: str, error: Exception) -> None:
        self.failures[name] = self.failures.get(name, 0) + 1
        self._in_a_row[name] = in_a_row = self._in_a_row.get(name, 0) + 1
        log.error("job.failed", job=name, in_a_row=in_a_row, exc_info=error)
        if in_a_row >= GIVE_UP_AFTER:
            self._on_error(name, error)

    def _look_again(self) -> None:
        self.realign()
        self._watch = asyncio.get_running_loop().call_later(WATCH_EVERY, self._look_again)

    def _wall_offset(self) -> float:
        return self._clock.now() / SECOND - self._clock.monotonic()
