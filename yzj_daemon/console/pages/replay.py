"""Replay: what was received before, decided by the rules in force; counted first, forwarded when somebody confirms."""

import asyncio
from typing import Final

from starlette.responses import HTMLResponse, Response

from yzj_daemon.console.asked import Asked
from yzj_daemon.console.jobs import Job
from yzj_daemon.console.page import Act, Page
from yzj_daemon.console.pages.draft import who
from yzj_daemon.console.pages.trying import received_as
from yzj_daemon.console.refused import refused
from yzj_daemon.console.replays import Replayed, Replaying
from yzj_daemon.flow.replay import Answer, Question
from yzj_daemon.wording import when

NAME: Final = "rules"
PATH: Final = "/replay"

MOST: Final = 1_000
"""Deliveries of one replay, at most."""

SPANS: Final = ("1h", "6h", "1d", "3d", "7d")


def show(asked: Asked) -> str:
    """What to ask for; with ``message`` in the address, of that one alone."""
    id_ = asked.query.get("message", "")
    return asked.render(
        "replay.html",
        page=NAME,
        tab="replay",
        received=received_as(asked, id_) if id_ else None,
        rule=asked.query.get("rule", ""),
        rules=[rule.id for rule in asked.desk.ruleset.rules[:5_000]],
        spans=SPANS,
    )


async def count(asked: Asked) -> Response:
    """How much it would be. Nothing is sent."""
    return await _start(asked, Replaying(asked.desk, await _question(asked), asked.who))


async def _question(asked: Asked) -> Question:
    """Raises UsageProblem, Refused: it cannot be read, or names a rule that is not in force."""
    form, rule = asked.form, str(asked.form.get("rule", ""))
    if rule and rule not in {each.id for each in asked.desk.ruleset.rules}:
        raise refused(404, "rules.none", rule=rule)
    again, id_ = form.get("again") == "1", str(form.get("message", "")).strip()
    if id_:
        found = await asked.desk.reader.read(lambda connection: received_as(asked.on(connection), id_))
        return Question(since=0, until=asked.now, rule=rule, most=MOST, again=again, message=found.id)
    label = asked.t("replay.since")
    since = when.instant(str(form.get("since", "")) or "1d", label, asked.now, asked.zone)
    return Question(since=since, until=asked.now, rule=rule, most=MOST, again=again)


async def forward(asked: Asked) -> Response:
    """What was counted, and no more than that; by the same rules, or not at all."""
    counted = _job(asked)
    result = counted.result
    if not isinstance(result, Replayed) or result.sent or not result.answer.deliveries:
        raise refused(409, "replay.nothing")
    if result.rules_hash != asked.desk.ruleset.hash:
        raise refused(409, "replay.other_rules")
    counted.result = None  # once
    question = _bounded(result)
    loop, desk = asyncio.get_running_loop(), asked.desk

    def told(answer: Answer) -> None:
        loop.call_soon_threadsafe(desk.wake, [*answer.by_account])

    return await _start(asked, Replaying(desk, question, asked.who, send=True, told=told), sure=True)


def _bounded(counted: Replayed) -> Question:
    asked, answer = counted.question, counted.answer
    return Question(
        since=asked.since,
        until=asked.until,
        rule=asked.rule,
        most=answer.deliveries,
        again=asked.again,
        message=asked.message,
    )


async def _start(asked: Asked, work: Replaying, *, sure: bool = False) -> Response:
    job = asked.desk.jobs.start(who(asked), work, sure=sure)
    if job is None:
        raise refused(503, "jobs.busy")
    return await _progress(asked, job)


async def stop(asked: Asked) -> Response:
    """Break it off; what was forwarded until then stays so."""
    job = _job(asked)
    job.stop.set()
    return await _progress(asked, job)


def progress(asked: Asked) -> str:
    return _told(asked, _job(asked))


def _job(asked: Asked) -> Job:
    """Raises Refused: it is not theirs, or too long ago."""
    job = asked.desk.jobs.of(who(asked), asked.request.path_params["job"])
    if job is None:
        raise refused(404, "jobs.gone")
    return job


async def _progress(asked: Asked, job: Job) -> Response:
    return HTMLResponse(await asked.desk.reader.read(lambda connection: _told(asked.on(connection), job)))


def _told(asked: Asked, job: Job) -> str:
    outcome = job.outcome  # as it is now: the job goes on meanwhile
    result = job.result if outcome and isinstance(job.result, Replayed) else None
    return asked.render(
        "replay_result.html",
        job=job,
        outcome=outcome,
        result=result,
        answer=result.answer if result else None,
        why=job.problem.to(asked.lang) if job.problem else "",
    )


ROUTES: Final = (
    Page(PATH, show),
    Act("/replay/count", count, role="viewer"),
    Page("/replay/{job}", progress),
    Act("/replay/{job}/stop", stop, role="viewer"),
    Act("/replay/{job}/forward", forward),
)
