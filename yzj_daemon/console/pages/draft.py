"""Drafts: a rule file edited in the browser, checked as it is written, and held against the last days."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any, Final, Literal
from urllib.parse import quote

import msgspec
from starlette.responses import HTMLResponse, RedirectResponse, Response

from yzj_daemon.console import deciding, drafts, explaining, rulefiles
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.deciding import Decided
from yzj_daemon.console.differing import differing
from yzj_daemon.console.drafts import Checked, Draft
from yzj_daemon.console.jobs import Job
from yzj_daemon.console.page import Act, Page
from yzj_daemon.console.pages.trying import received_as
from yzj_daemon.console.previews import Held, Holding
from yzj_daemon.console.refused import Refused, refused
from yzj_daemon.console.rulefiles import Hindered, Stale, Written, Wrong
from yzj_daemon.rules import modes
from yzj_daemon.rules.files import Files
from yzj_daemon.rules.ruleset import Ruleset, difference
from yzj_daemon.rules.source import Source
from yzj_daemon.storage import controls
from yzj_daemon.storage.reports import Received
from yzj_daemon.wording import previewed, when
from yzj_daemon.wording.explained import Case, explained

NAME: Final = "rules"

FINDINGS: Final = 50
EXAMPLES: Final = 50
RULES: Final = 50
FOLLOWED: Final = 3
"""Shown at most; the rest is counted."""

MOST: Final = 12 << 20
"""Bytes of a form with a draft in it: one Chinese character takes nine."""

SPANS: Final = ("1h", "1d", "3d", "7d", "30d")


class Followed(msgspec.Struct, frozen=True):
    """What becomes of one message under the rules in force and under the draft; ``why`` nobody can tell, or ""."""

    before: Decided | None = None
    after: Decided | None = None
    why: str = ""


def show(asked: Asked) -> str:
    """The editor. The address may name a ``file``, a ``rule`` to begin at and its ``mode``, a ``message`` to follow;
    or a ``new`` file.
    """
    found = drafts.on_disk(asked.desk)
    if "new" in asked.query:
        return _anew(asked, found, asked.query["new"].strip())
    rule = asked.query.get("rule", "")
    name = asked.query.get("file", "") or _file_of(asked, found, rule)
    draft = drafts.begun(found, name)
    if draft is None and found.texts:
        raise refused(404, "draft.no_file", file=name)
    if draft is not None and (mode := asked.query.get("mode", "")):
        draft = _in_mode(draft, rule, "live" if mode == "live" else "shadow")
    return _editor(asked, found, draft, line=0 if draft is None else line_of(draft, rule))


def _anew(asked: Asked, found: Files, name: str) -> str:
    """A file that is not there yet, or why it cannot be."""
    name = name if "." in name or not name else f"{name}.toml"
    if why := rulefiles.unfit(asked.desk, name):
        first = drafts.begun(found, _file_of(asked, found, ""))
        return _editor(asked, found, first, refusal=why.to(asked.lang))
    return _editor(asked, found, Draft(name, asked.t("draft.new.begins"), drafts.NEW))


def _editor(asked: Asked, found: Files, draft: Draft | None, *, line: int = 0, refusal: str = "") -> str:
    """``refusal``: why it was not applied."""
    size = sum(map(len, found.texts.values()))
    hindrance = None if draft is None else rulefiles.hindrance(asked.desk, draft.file)
    fresh = draft is not None and draft.base == drafts.NEW
    begun = asked.t("draft.new.begins") if fresh else drafts.shown(found.texts.get(draft.file if draft else "", ""))
    alone = rulefiles.alone(asked.desk)
    told = {
        "names": sorted(found.texts),
        "fresh": fresh,
        "alone": alone.to(asked.lang) if alone else "",
        "wanted": asked.query.get("new", "") if refusal else "",
        "findings": found.findings,
        "by_itself": size <= drafts.BY_ITSELF,
        "spans": SPANS,
        "message": asked.query.get("message", "") or str(asked.form.get("message", "")),
        "hindrance": hindrance.to(asked.lang) if hindrance else "",
        "unsaved": draft is not None and draft.text != begun,
    }
    return asked.render("draft.html", page=NAME, tab="draft", draft=draft, line=line, refusal=refusal, **told)


def _file_of(asked: Asked, found: Files, rule: str) -> str:
    """The file that the rule stands in, also where it is switched off, else the first one."""
    in_force = (each.place.file for each in asked.desk.ruleset.rules if each.id == rule)
    mentioned = (name for name, text in sorted(found.texts.items()) if rule and f'"{rule}"' in text)
    names = (*in_force, *mentioned, *sorted(found.texts))
    return next((name for name in names if name in found.texts), "")


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
    """The draft that a form holds. Raises Refused: its file is none that a directory could have."""
    name, text = str(asked.form.get("file", "")), drafts.shown(str(asked.form.get("text", "")))
    if not rulefiles.is_name(name):
        raise refused(404, "draft.no_file", file=name)
    return Draft(name, text, str(asked.form.get("base", "")))


def who(asked: Asked) -> str:
    """One browser, whatever its visitor is called."""
    assert asked.visitor is not None, "nobody acts before the door"
    return asked.visitor.csrf


# Checked as it is written -------------------------------------------------------------------------------------------


async def check(asked: Asked) -> Response:
    """What is wrong with it, whether its examples hold, what it changes, and what becomes of a message."""
    desk, draft = asked.desk, sent(asked)
    checked = await desk.turns.take(who(asked), lambda: desk.reader.run(partial(drafts.checked, desk, draft)))
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


# Put in place -------------------------------------------------------------------------------------------------------


async def apply(asked: Asked) -> Response:
    """The draft becomes the file, and the daemon takes it up; or why not."""
    desk, draft = asked.desk, sent(asked)
    before = desk.ruleset
    match await desk.reader.run(partial(rulefiles.apply, desk, draft)):
        case Written(Checked(ruleset=Ruleset() as after)):
            told = difference(before.rules, after.rules)
            await taken_up(
                asked, "rules", {"file": draft.file, "before": before.hash, "after": after.hash, **asdict(told)}
            )
            return RedirectResponse(f"/history?applied={after.hash}", 303)
        case Hindered(why):
            return await _page(asked, lambda a: _editor(a, drafts.on_disk(desk), draft, refusal=why.to(a.lang)), 409)
        case Stale(now):
            return await _page(asked, lambda a: _stale(a, draft, now), 409)
        case Wrong() | Written():
            refusal = asked.t("draft.not_applied")
            return await _page(asked, lambda a: _editor(a, drafts.on_disk(desk), draft, refusal=refusal), 422)


async def taken_up(asked: Asked, verb: str, what: dict[str, Any]) -> None:
    """Rule files were written: note who did, and have them in force before the next page is shown."""
    desk = asked.desk
    await desk.store.write(
        partial(controls.record, who=asked.who, verb=verb, what=what, affected=0, now=desk.clock.now())
    )
    await desk.rulebook.look(desk.take_up, force=True)


def _stale(asked: Asked, draft: Draft, now: str) -> str:
    """Somebody else changed the file: both texts, and how they differ."""
    found = drafts.on_disk(asked.desk)
    base = drafts.base_of(found.texts[draft.file]) if draft.file in found.texts else ""
    differs = differing({draft.file: now}, {draft.file: draft.text})
    told = {"draft": draft, "now": now, "base": base, "differs": differs}
    return asked.render("draft_stale.html", page=NAME, tab="draft", **told)


async def go_on(asked: Asked) -> Response:
    """With a draft whose file changed, on top of what that says now (``base``)."""
    return await _page(asked, lambda a: _editor(a, drafts.on_disk(a.desk), sent(a)))


async def _page(asked: Asked, show: Callable[[Asked], str], status: int = 200) -> Response:
    return HTMLResponse(await asked.desk.reader.read(lambda connection: show(asked.on(connection))), status)


# Held against the last days -----------------------------------------------------------------------------------------


async def preview(asked: Asked) -> Response:
    """Begin to hold it against the messages received since then."""
    desk, draft = asked.desk, sent(asked)
    since = when.instant(str(asked.form.get("since", "")) or "1d", asked.t("draft.since"), asked.now, asked.zone)
    load = partial(_ruleset, asked, draft)
    work = Holding(desk.settings, desk.reader, desk.clock, desk.ruleset, load, since)
    job = desk.jobs.start(who(asked), work)
    if job is None:
        raise refused(503, "jobs.busy")
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
    job = asked.desk.jobs.of(who(asked), asked.request.path_params["job"])
    if job is None or (job.outcome and job.outcome != "failed" and not isinstance(job.result, Held)):
        raise refused(404, "jobs.gone")
    return job


async def _progress(asked: Asked, job: Job) -> Response:
    return HTMLResponse(await asked.desk.reader.read(lambda connection: _job_told(asked.on(connection), job)))


def _job_told(asked: Asked, job: Job) -> str:
    outcome, told = job.outcome, None  # as it is now: the job goes on meanwhile
    held = job.result
    if outcome and isinstance(held, Held):
        told = previewed.told(held.seen, (held.before, held.after), (held.since, held.until), asked.zone)
    changed = [rule for rule in told["rules"] if rule["changed"]] if told else []
    return asked.render(
        "draft_preview.html",
        job=job,
        outcome=outcome,
        held=held,
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
    Act("/draft/check", check, role="viewer", most=MOST),
    Act("/draft/download", download, role="viewer", most=MOST),
    Act("/draft/apply", apply, most=MOST),
    Act("/draft/go-on", go_on, role="viewer", most=MOST),
    Act("/draft/preview", preview, role="viewer", most=MOST),
    Page("/draft/preview/{job}", progress),
    Act("/draft/preview/{job}/stop", stop, role="viewer"),
)
