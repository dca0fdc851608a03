"""Drafts: a rule file edited in the browser, checked as it is written, and held against the last days."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final, Literal
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from yzj_daemon.console import deciding, drafts, explaining
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.deciding import Decided
from yzj_daemon.console.drafts import Checked, Draft
from yzj_daemon.console.page import Act, Page
from yzj_daemon.console.pages.trying import received_as
from yzj_daemon.console.previews import Job
from yzj_daemon.console.refused import Refused, refused
from yzj_daemon.rules import modes
from yzj_daemon.rules.files import Files
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.rules.source import Source
from yzj_daemon.storage.reports import Received
from yzj_daemon.wording import previewed, when
from yzj_daemon.wording.explained import Case, explained

NAME: Final = "rules"

FINDINGS: Final = 50
EXAMPLES: Final = 50
RULES: Final = 50
FOLLOWED: Final = 3
"""Shown at most; the rest is counted."""

SPANS: Final = ("1h", "1d", "3d", "7d", "30d")


@dataclass(frozen=True, slots=True)
class Followed:
    """What becomes of one message under the rules in force and under the draft; ``why`` nobody can tell, or ""."""

    before: Decided | None = None
    after: Decided | None = None
    why: str = ""


def show(asked: Asked) -> str:
    """The editor. The address may name a ``file``, a ``rule`` to begin at and its ``mode``, a ``message`` to follow."""
    found = drafts.on_disk(asked.desk)
    rule = asked.query.get("rule", "")
    name = asked.query.get("file", "") or _file_of(asked, found, rule)
    draft = drafts.begun(found, name)
    if draft is None and found.texts:
        raise refused(404, "draft.no_file", file=name)
    if draft is not None and (mode := asked.query.get("mode", "")):
        draft = _in_mode(draft, rule, "live" if mode == "live" else "shadow")
    return asked.render(
        "draft.html",
        page=NAME,
        tab="draft",
        draft=draft,
        line=0 if draft is None else line_of(draft, rule),
        **editor(asked, found),
    )


def editor(asked: Asked, found: Files) -> dict[str, object]:
    """What ``draft_editor.html`` needs besides the draft."""
    size = sum(map(len, found.texts.values()))
    return {
        "names": sorted(found.texts),
        "findings": found.findings,
        "by_itself": size <= drafts.BY_ITSELF,
        "spans": SPANS,
        "message": asked.query.get("message", "") or str(asked.form.get("message", "")),
    }


def _file_of(asked: Asked, found: Files, rule: str) -> str:
    """The file that the rule stands in, else the first one."""
    places = (each.place.file for each in asked.desk.ruleset.rules if each.id == rule)
    return next((name for name in places if name in found.texts), next(iter(sorted(found.texts)), ""))


def _in_mode(draft: Draft, rule: str, mode: Literal["live", "shadow"]) -> Draft:
    changed = modes.with_mode(draft.text, rule, mode)
    if changed is None:
        raise refused(409, "draft.no_mode", rule=rule, mode=mode)
    return Draft(draft.file, changed, draft.base)


def line_of(draft: Draft, rule: str) -> int:
    """Where a rule stands in the draft; 0 where it does not."""
    source = Source(draft.file, draft.text)
    rules = source.tree.get("rules", [])
    numbers = (number for number, each in enumerate(rules) if isinstance(each, dict) and each.get("id") == rule)
    number = next(numbers, None)
    return 0 if number is None else source.place(("rules", number))[0]


def sent(asked: Asked) -> Draft:
    """The draft that a form holds."""
    text = drafts.shown(str(asked.form.get("text", "")))
    return Draft(str(asked.form.get("file", "")), text, str(asked.form.get("base", "")))


def _who(asked: Asked) -> str:
    """One browser, whatever its visitor is called."""
    assert asked.visitor is not None, "nobody acts before the door"
    return asked.visitor.csrf


# Checked as it is written -------------------------------------------------------------------------------------------


async def check(asked: Asked) -> Response:
    """What is wrong with it, whether its examples hold, what it changes, and what becomes of a message."""
    desk, draft = asked.desk, sent(asked)
    checked = await desk.turns.take(_who(asked), lambda: desk.reader.run(partial(drafts.checked, desk, draft)))
    if checked is None:
        return Response(status_code=204)
    return HTMLResponse(await desk.reader.read(lambda connection: _told(asked.on(connection), draft, checked)))


def _told(asked: Asked, draft: Draft, checked: Checked) -> str:
    findings = [*islice(checked.findings, FINDINGS)]
    return asked.render(
        "draft_checked.html",
        draft=draft,
        checked=checked,
        findings=[(finding, finding.row(asked.lang)) for finding in findings],
        findings_left=len(checked.findings) - len(findings),
        results=checked.results[:EXAMPLES],
        results_left=max(0, len(checked.results) - EXAMPLES),
        followed=_followed(asked, checked.ruleset),
    )


def _followed(asked: Asked, after: Ruleset | None) -> Followed | None:
    id_ = str(asked.form.get("message", "")).strip()
    if not id_:
        return None
    try:
        return _compared(asked, received_as(asked, id_), after)
    except Refused as why:
        return Followed(why=why.to(asked.lang))


def _compared(asked: Asked, received: Received, after: Ruleset | None) -> Followed:
    """Raises Refused: its content was not kept."""
    now = explaining.of_message(asked.desk, asked.store, received, now=True)
    before = deciding.shown(asked, now, most=FOLLOWED)
    if after is None:
        return Followed(before)
    id_, pulled = str(received.id), received.source == "pull"
    case = Case(message_id=id_, message=received.message, at=received.received_at, ruleset=after, pulled=pulled)
    told = explained(case, asked.desk.settings, asked.zone)
    return Followed(before, deciding.shown(asked, told, most=FOLLOWED))


async def download(asked: Asked) -> Response:
    """The draft as a file, for those who put it in place themselves."""
    draft = sent(asked)
    found = await asked.desk.reader.run(partial(drafts.on_disk, asked.desk))
    text = drafts.as_written(draft.text, found.texts.get(draft.file, ""))
    name = quote(draft.file, safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(text.encode(), media_type="application/toml", headers=headers)


# Held against the last days -----------------------------------------------------------------------------------------


async def preview(asked: Asked) -> Response:
    """Begin to hold it against the messages received since then."""
    desk, draft = asked.desk, sent(asked)
    since = when.instant(str(asked.form.get("since", "")) or "1d", asked.t("draft.since"), asked.now, asked.zone)
    load = partial(_ruleset, asked, draft)
    job = desk.previews.start(_who(asked), desk.ruleset, load, since)
    if job is None:
        raise refused(503, "draft.preview.busy")
    return await _progress(asked, job)


def _ruleset(asked: Asked, draft: Draft) -> Ruleset | None:
    return drafts.checked(asked.desk, draft).ruleset


def progress(asked: Asked) -> str:
    """How far it is, or what came of it: a part of the page that asks for itself again."""
    return _job_told(asked, _job(asked))


async def stop(asked: Asked) -> Response:
    """Break it off; what was seen is shown."""
    job = _job(asked)
    job.stop.set()
    return await _progress(asked, job)


def _job(asked: Asked) -> Job:
    """Raises Refused: it is not theirs, or too long ago."""
    job = asked.desk.previews.of(_who(asked), asked.request.path_params["job"])
    if job is None:
        raise refused(404, "draft.preview.gone")
    return job


async def _progress(asked: Asked, job: Job) -> Response:
    return HTMLResponse(await asked.desk.reader.read(lambda connection: _job_told(asked.on(connection), job)))


def _job_told(asked: Asked, job: Job) -> str:
    told = None
    if job.outcome and job.seen is not None and job.after is not None:
        told = previewed.told(job.seen, (job.before, job.after), (job.since, job.until), asked.zone)
    changed = [rule for rule in told["rules"] if rule["changed"]] if told else []
    return asked.render(
        "draft_preview.html",
        job=job,
        told=told,
        changed=changed[:RULES],
        changed_left=max(0, len(changed) - RULES),
        same=len(told["rules"]) - len(changed) if told else 0,
        loads=[*_loads(asked, told)] if told else [],
        reasons=[*_reasons(told)] if told else [],
        todo=job.problem.to(asked.lang) if job.problem else "",
    )


def _loads(asked: Asked, told: dict[str, Any]) -> Iterator[str]:
    for account in told["accounts"]:
        yield from (line.to(asked.lang) for line in previewed.load(account, asked.names))


def _reasons(told: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Each reason for forwarding nothing that keeps back more messages, or fewer, than before."""
    before, after = told["reasons"]["before"], told["reasons"]["after"]
    for reason in sorted((before.keys() | after.keys()) - {"matched"}):
        if before.get(reason, 0) != after.get(reason, 0):
            yield reason, before.get(reason, 0), after.get(reason, 0)


ROUTES: Final = (
    Page("/draft", show),
    Act("/draft/check", check, role="viewer"),
    Act("/draft/download", download, role="viewer"),
    Act("/draft/preview", preview, role="viewer"),
    Page("/draft/preview/{job}", progress),
    Act("/draft/preview/{job}/stop", stop, role="viewer"),
)
