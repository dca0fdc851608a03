"""What takes longer than a page may: one at a time, in a thread of its own that keeps out of the way."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, Final, Literal

import msgspec
import structlog

from yzj_daemon.errors import Problem
from yzj_daemon.ops.yielding import giving_way

log = structlog.get_logger("yzj_daemon.console")

WAITING: Final = 4
KEPT: Final = 16
"""Jobs that wait at most, and that are kept with what came of them."""

Outcome = Literal["", "done", "stopped", "late", "failed"]


class Job(msgspec.Struct):
    """``done`` of ``whole`` messages. ``outcome`` is "" while it goes on; ``result`` is the work's own.

    ``sure``: once begun it goes on to its end.
    """

    id: str
    who: str
    sure: bool = False
    done: int = 0
    whole: int = 0
    outcome: Outcome = ""
    problem: Problem | None = None
    result: Any = None
    stop: Event = msgspec.field(default_factory=Event)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.whole if self.whole else 0


Work = Callable[[Job], Outcome]


class Jobs:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="console-job")
        self._jobs: dict[str, Job] = {}

    def start(self, who: str, work: Work, *, sure: bool = False) -> Job | None:
        """One job of each person; the one before it ends, unless it is sure. None: too many wait already."""
        for job in self._jobs.values():
            if job.who == who and not job.sure:
                job.stop.set()
        if sum(not job.outcome and not job.stop.is_set() for job in self._jobs.values()) >= WAITING:
            return None
        job = Job(secrets.token_urlsafe(9), who, sure)
        self._jobs[job.id] = job
        while len(self._jobs) > KEPT and (over := next((j for j in self._jobs.values() if j.outcome), None)):
            del self._jobs[over.id]
        self._thread.submit(self._run, job, work)
        return job

    def of(self, who: str, id_: str) -> Job | None:
        """Their own."""
        job = self._jobs.get(id_)
        return job if job is not None and job.who == who else None

    def close(self) -> None:
        """What goes on is broken off, between two messages."""
        for job in self._jobs.values():
            job.stop.set()
        self._thread.shutdown(cancel_futures=True)

    @staticmethod
    def _run(job: Job, work: Work) -> None:
        try:
            with giving_way():
                job.outcome = work(job)
        except Problem as problem:
            job.problem, job.outcome = problem, "failed"
        except Exception:
            log.exception("console.job_failed")
            job.outcome = "failed"
