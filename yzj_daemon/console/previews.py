"""Drafts held against the messages of the last days."""

from collections.abc import Callable
from typing import Final

import msgspec

from yzj_daemon.clock import Clock, Millis
from yzj_daemon.console.jobs import Job, Outcome
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.flow.preview import Lane, Preview
from yzj_daemon.flow.stored import Judge, Ours, pages
from yzj_daemon.ops.yielding import Breath
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.settings import Settings
from yzj_daemon.storage import reports
from yzj_daemon.storage.reader import Connection, Reader

MOST: Final = 50_000
"""Messages, the newest of the span, that are looked at."""

LONGEST: Final = 60.0
"""Seconds; then it is broken off, and what was seen is shown."""

SAMPLES: Final = 5


class Held(msgspec.Struct):
    """What a preview saw of the messages from ``since`` up to ``until``; ``left_out``: older ones of the span asked."""

    before: Ruleset
    after: Ruleset
    since: Millis
    until: Millis
    seen: Preview
    left_out: int = 0
    without_content: int = 0


class Holding(msgspec.Struct, frozen=True):
    """The work of one preview. ``load`` answers the rules of the draft, or None where they have errors."""

    settings: Settings
    reader: Reader
    clock: Clock
    before: Ruleset
    load: Callable[[], Ruleset | None]
    since: Millis

    def __call__(self, job: Job) -> Outcome:
        """All messages of the span through both sets."""
        after = self.load()
        if after is None:
            return "failed"
        held = job.result = self._begun(job, after)
        breath, ends = Breath(job.stop), self.clock.monotonic() + LONGEST
        for page in pages(self.reader, held.since, held.until):
            for received in page:
                if received.kept:
                    held.seen.take(received)
                held.without_content += not received.kept
                job.done += 1
                if breath.take():
                    return "stopped"
                if self.clock.monotonic() > ends:
                    return "late"
        return "done"

    def _begun(self, job: Job, after: Ruleset) -> Held:
        forward, until = self.settings.forward, self.clock.now()
        policy = PlanPolicy.of(forward, self.settings.pull)
        ours = Ours(self.reader, policy.echo_window)
        lane = Lane(forward.max_targets, forward.pace + forward.jitter // 2)
        seen = Preview(Judge(self.before, policy, ours), Judge(after, policy, ours), lane, samples=SAMPLES)
        held = Held(self.before, after, self.since, until, seen)
        self.reader.read_now(lambda connection: _bound(connection, job, held))
        return held


def _bound(connection: Connection, job: Job, held: Held) -> None:
    """No more than the newest messages of the span."""
    stretch = reports.stretch(connection, held.since, held.until)
    job.whole = stretch.messages
    if stretch.messages > MOST:
        oldest = reports.received_between(connection, held.since, held.until, stretch.last - MOST, 1)
        held.since = oldest[0].received_at
        job.whole = reports.stretch(connection, held.since, held.until).messages
        held.left_out = stretch.messages - job.whole
