"""Rules as they are in force, mutes, and who did what."""

import json
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query

from yzj_daemon.console.api.request import Call, Caller, Cursor, Limit, cursor_of, place
from yzj_daemon.console.api.shapes import Action, Finding, Id, Lifted, Mute, Mutes, NewMute, Page, Rule, RuleSet
from yzj_daemon.console.refused import Refused
from yzj_daemon.errors import Phrase
from yzj_daemon.rules import ruleset
from yzj_daemon.storage import controls, memory
from yzj_daemon.storage.memory import LastMatch
from yzj_daemon.storage.reader import Connection

routes = APIRouter(tags=["rules"])


@routes.get("/rules")
async def rules(call: Caller) -> RuleSet:
    """The rules in force in the order in which they are asked, and the mistakes that keep newer files out."""
    desk = call.desk
    last = await call.read(memory.last_matches)
    held = await call.read(controls.held_rules)
    return RuleSet(
        hash=desk.ruleset.hash,
        timezone=desk.ruleset.timezone,
        rules=[_rule(call, rule, held.get(rule.id, ""), last.get(rule.id)) for rule in desk.ruleset.rules],
        mistakes=[Finding(**finding.row(call.lang)) for finding in desk.rulebook.mistakes],
    )


def _rule(call: Call, rule: ruleset.Rule, held: str, last: LastMatch | None) -> Rule:
    return Rule(
        id=rule.id,
        description=rule.description,
        owner=rule.owner,
        mode=rule.mode,
        priority=rule.priority,
        targets=list(rule.targets),
        via=rule.via,
        file=rule.place.file,
        line=rule.place.line,
        held=held,
        matches=last.matches if last else 0,
        matched_at=call.iso_or_none(last.matched_at if last else None),
        known_at=call.iso_or_none(last.known_at if last else None),
    )


@routes.get("/mutes")
async def mutes(call: Caller, everything: Annotated[bool, Query(alias="all")] = False) -> Mutes:
    """Those in force; with ``all``, those past, too."""
    found = await call.read(partial(controls.mutes, now=call.now, all_=everything))
    return Mutes(rows=[_mute(call, mute) for mute in found])


@routes.post("/mutes", status_code=201)
async def mute(call: Caller, wanted: NewMute) -> Mute:
    """For a while, nothing of a rule, into a chat, or by an account is forwarded."""
    if wanted.kind == "rule" and wanted.value not in {rule.id for rule in call.desk.ruleset.rules}:
        raise Refused(404, Phrase(f"没有启用的规则 {wanted.value}", f"no rule {wanted.value} is switched on"))
    until = call.ahead(wanted.until, "until")

    def add(connection: Connection) -> controls.Mute:
        given = {"kind": wanted.kind, "value": wanted.value, "comment": wanted.comment}
        number = controls.mute(connection, **given, until=until, who=call.who, now=call.now)
        what = {"mute": number, **given, "until": call.iso(until)}
        controls.record(connection, call.who, "mute", what, 0, call.now)
        return controls.Mute(number, wanted.kind, wanted.value, until, wanted.comment, call.who, call.now, None)

    return _mute(call, await call.desk.store.write(add))


@routes.delete("/mutes/{id}")
async def unmute(call: Caller, id_: Annotated[Id, Path(alias="id")]) -> Lifted:
    """Lift it before its time."""

    def lift(connection: Connection) -> int:
        lifted = controls.unmute(connection, [int(id_)], call.now)
        controls.record(connection, call.who, "unmute", {"mutes": [id_]}, lifted, call.now)
        return lifted

    known = await call.read(partial(controls.mutes, now=call.now, all_=True))
    if int(id_) not in {mute.id for mute in known}:
        raise Refused(404, Phrase(f"没有静音 {id_}", f"there is no mute {id_}"))
    return Lifted(lifted=await call.desk.store.write(lift))


def _mute(call: Call, mute: controls.Mute) -> Mute:
    given = mute._asdict()
    given |= {"id": str(mute.id), "until": call.iso(mute.until), "created_at": call.iso(mute.created_at)}
    return Mute(**{**given, "lifted_at": call.iso_or_none(mute.lifted_at)})


@routes.get("/actions")
async def actions(call: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page[Action]:
    """The audit trail: who did what and when, newest first, at whichever door."""
    ended = place(cursor, 1)
    found = await call.read(partial(controls.actions, limit=limit, below=None if ended is None else ended[0]))
    return Page(rows=[_action(call, action) for action in found], next=_next(found, limit))


def _next(found: tuple[controls.Action, ...], limit: int) -> str | None:
    return cursor_of(found[-1].id) if len(found) == limit else None


def _action(call: Call, action: controls.Action) -> Action:
    given = action._asdict()
    return Action(**{**given, "id": str(action.id), "at": call.iso(action.at), "what": json.loads(action.what)})
