"""Stored messages decided again by the rules in force, from the console: counted, then forwarded."""

from collections.abc import Callable
from functools import partial

import msgspec

from yzj_daemon.console.desk import Desk
from yzj_daemon.console.jobs import Job, Outcome
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.flow.replay import Answer, Question, Replay
from yzj_daemon.flow.stored import count
from yzj_daemon.ops.yielding import Breath
from yzj_daemon.storage import controls


class Replayed(msgspec.Struct, frozen=True):
    """What came of it: of ``question``, by the rule set of this hash. ``sent``: the deliveries are owed now."""

    question: Question
    rules_hash: str
    answer: Answer
    sent: bool


class Replaying(msgspec.Struct, frozen=True):
    """The work of one replay. ``who`` is written down, and ``told`` once it is done, if anything is forwarded."""

    desk: Desk
    question: Question
    who: str
    send: bool = False
    told: Callable[[Answer], None] = lambda _answer: None

    def __call__(self, job: Job) -> Outcome:
        desk, rules = self.desk, self.desk.rules()
        settings = desk.settings
        policy = PlanPolicy.of(settings.forward, settings.pull)
        replay = Replay(desk.store, rules.ruleset, rules.packed, policy, settings.forward.max_targets, desk.clock)
        job.whole = 1 if self.question.message else count(desk.reader, self.question.since, self.question.until)
        breath = Breath(job.stop)

        def done(more: int) -> None:
            job.done += more
            breath.take()

        answer = replay.ask(self.question, execute=self.send, done=done, go_on=lambda: not job.stop.is_set())
        job.result = Replayed(self.question, rules.ruleset.hash, answer, self.send)
        if self.send:
            self._write_down(answer)
            self.told(answer)
        return "stopped" if job.stop.is_set() and job.done < job.whole else "done"

    def _write_down(self, answer: Answer) -> None:
        asked, now = self.question, self.desk.clock.now()
        what = {"since": asked.since, "until": asked.until, "rule": asked.rule, "again": asked.again}
        if asked.message:
            what = {"message": str(asked.message), "rule": asked.rule, "again": asked.again}
        work = partial(controls.record, who=self.who, verb="replay", what=what, affected=answer.deliveries, now=now)
        self.desk.store.write_now(work)
