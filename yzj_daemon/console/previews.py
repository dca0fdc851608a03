"""Drafts held against the messages of the last days: one at a time, in a thread of its own that keeps out of the way.

Python runs one thread at a time. So that whatever answers callbacks never waits for more than a moment, this one
stops for as long as it worked, every few milliseconds.
"""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Final, Literal

import structlog

from yzj_daemon.clock import Clock, Millis
from yzj_daemon.errors import Problem
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.flow.preview import Lane, Preview
from yzj_daemon.flow.stored import Judge, Ours, pages
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.settings import Settings
from yzj_daemon.storage import reports
from yzj_daemon.storage.reader import Connection, Reader

log = structlog.get_logger("yzj_daemon.console")

MOST: Final = 50_000
"""Messages, the newest of the span, that are looked at."""

LONGEST: Final = 60.0
"""Seconds; then it is broken off, and what was seen is shown."""

SLICE: Final = 0.003
"""Seconds of work between two rests."""

SAMPLES: Final = 5
WAITING: Final = 4
KEPT: Final = 16

Outcome = Literal["", "done", "stopped", "late", "failed"]


@dataclass(slots=True)
class Job:
    """``after`` None until the draft is loaded. ``whole``: messages to look at; ``left_out``: older ones of the span.

    ``outcome`` is "" while it goes on.
    """

    id: str
    who: str
    before: Ruleset
    since: Millis
    until: Millis
    after: Ruleset | None = None
    seen: Preview | None = None
    done: int = 0
    whole: int = 0
    left_out: int = 0
    without_content: int = 0
    outcome: Outcome = ""
    problem: Problem | None = None
    stop: Event = field(default_factory=Event)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.whole if self.whole else 0


class Previews:
    """``load`` of a job answers the rules of the draft, or None where they have errors."""

    def __init__(self, settings: Settings, reader: Reader, clock: Clock) -> None:
        self._settings = settings
        self._reader = reader
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="preview")
        self._jobs: dict[str, Job] = {}

    def start(self, who: str, before: Ruleset, load: Callable[[], Ruleset | None], since: Millis) -> Job | None:
        """One job of each person; the one before it ends. None: too many wait already."""
        for job in self._jobs.values():
            if job.who == who:
                job.stop.set()
        if sum(not job.outcome for job in self._jobs.values() if not job.stop.is_set()) >= WAITING:
            return None
        job = Job(secrets.token_urlsafe(9), who, before, since, self._clock.now())
        self._jobs[job.id] = job
        while len(self._jobs) > KEPT and (over := next((j for j in self._jobs.values() if j.outcome), None)):
            del self._jobs[over.id]
        self._thread.submit(self._run, job, load)
        return job

    def of(self, who: str, id_: str) -> Job | None:
        """Their own."""
        job = self._jobs.get(id_)
        return job if job is not None and job.who == who else None

    def close(self) -> None:
        for job in self._jobs.values():
            job.stop.set()
        self._thread.shutdown(cancel_futures=True)

    def _run(self, job: Job, load: Callable[[], Ruleset | None]) -> None:
        try:
            job.after = load()
            job.outcome = self._look(job, job.after) if job.after is not None else "failed"
        except Problem as problem:
            job.problem, job.outcome = problem, "failed"
        except Exception:
            log.exception("console.preview_failed")
            job.outcome = "failed"

    def _look(self, job: Job, after: Ruleset) -> Outcome:
        """All messages of the span through both sets."""
        forward = self._settings.forward
        policy = PlanPolicy.of(forward, self._settings.pull)
        ours = Ours(self._reader, policy.echo_window)
        lane = Lane(forward.max_targets, forward.pace + forward.jitter // 2)
        seen = Preview(Judge(job.before, policy, ours), Judge(after, policy, ours), lane, samples=SAMPLES)
        self._bound(job)
        job.seen, breath = seen, Breath(job.stop)
        ends = self._clock.monotonic() + LONGEST
        for page in pages(self._reader, job.since, job.until):
            for received in page:
                if received.kept:
                    seen.take(received)
                job.without_content += not received.kept
                job.done += 1
                if breath.take():
                    return "stopped"
                if self._clock.monotonic() > ends:
                    return "late"
        return "done"

    def _bound(self, job: Job) -> None:
        """No more than the newest messages of the span."""

        def first(connection: Connection) -> None:
            stretch = reports.stretch(connection, job.since, job.until)
            job.whole = stretch.messages
            if stretch.messages > MOST:
                above = stretch.last - MOST
                oldest = reports.received_between(connection, job.since, job.until, above, 1)
                job.since = oldest[0].received_at
                job.whole = reports.stretch(connection, job.since, job.until).messages
                job.left_out = stretch.messages - job.whole

        self._reader.read_now(first)


class Breath:
    """Rests of a thread that works for long."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._began = time.monotonic()

    def take(self) -> bool:
        """After each slice of work, wait for as long as it took; answers whether to stop."""
        worked = time.monotonic() - self._began
        if worked < SLICE:
            return self._stop.is_set()
        stopped = self._stop.wait(worked)
        self._began = time.monotonic()
        return stopped
