"""Why a message matched or did not: every rule with its conditions and the values that decided, as data."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from yzj_daemon.clock import Millis
from yzj_daemon.flow.plan import PlanPolicy, plan
from yzj_daemon.message import Batch, Message
from yzj_daemon.ops import traces
from yzj_daemon.rules import found, text, window
from yzj_daemon.rules.found import Span
from yzj_daemon.rules.outline import outline
from yzj_daemon.rules.ruleset import Decision, Ruleset, Verdict
from yzj_daemon.rules.view import View
from yzj_daemon.settings import Settings
from yzj_daemon.storage.reports import DeliveryLine, Judgement
from yzj_daemon.wording import when


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One message to explain: against which rules, as of when, and what was decided on receipt, if it was.

    ``pulled``: no callback brought it. ``as_then``: by the same rules at the same time, so that what differs is state.
    """

    message_id: str
    message: Message
    at: Millis
    ruleset: Ruleset
    pulled: bool = False
    then: dict[str, Any] | None = None
    as_then: bool = False


def of_batch(batch: Batch, at: Millis, ruleset: Ruleset) -> Iterator[Case]:
    """The messages of a body that nothing is stored of, as if received at ``at``."""
    read = partial(text.read, paths=ruleset.paths)
    for original in batch.originals:
        message = text.message_of(original, self_sent=original.sender == original.account, reader=read)
        yield Case(message_id=original.id, message=message, at=at, ruleset=ruleset)


def of_then(judged: Judgement, owed: Sequence[DeliveryLine]) -> dict[str, Any]:
    """What was decided on receipt, with what state had to do with it, and what came of it since."""
    return {
        "reason": judged.reason,
        "rules_hash": judged.rules_hash,
        "rules": list(judged.rules),
        "suppressed": judged.trail.get("suppressed", []),
        "deliveries": [
            {"id": str(line.id), "chat": line.chat, "state": line.state, "reason": line.reason} for line in owed
        ],
    }


def explained(case: Case, settings: Settings, zone: ZoneInfo) -> dict[str, Any]:
    """All that can be told of it, as ``explain --json`` prints it."""
    view = View(case.message, paths=case.ruleset.paths)
    decision = case.ruleset.decide(case.message, case.at)
    policy = PlanPolicy.of(settings.forward, settings.pull)
    planned = plan(case.message, decision, case.at, policy, pulled=case.pulled)
    return {
        "message_id": case.message_id,
        "account": case.message.account,
        "chat": case.message.chat,
        "sender": case.message.sender,
        "type": case.message.type,
        "rules_hash": case.ruleset.hash,
        "matched": [match.rule.id for match in decision.matches],
        "targets": [wanted.chat for wanted in planned.wanted],
        "reason": planned.reason,
        "suppressed": [kept_back._asdict() for kept_back in planned.suppressed],
        "then": case.then,
        "as_then": case.as_then,
        "trace": "" if case.then is None else trace_of(case.message.account, case.message.id, settings),
        "at": when.iso(case.at, zone),
        "text": case.message.text,
        "spans": _spans(case, decision),
        "opaque": case.message.opaque,
        "rules": [_row(zone, view, case.at, verdict) for verdict in case.ruleset.explain(case.message, case.at)],
        "names": {id_: name for id_, name in case.ruleset.names.items() if id_ in _ids(case.message, planned)},
    }


def trace_of(account: str, key: str, settings: Settings) -> str:
    """The id of a message's OpenTelemetry trace; "" where there is none."""
    return traces.shown(account, key, settings.traces.sample) if settings.traces.endpoint else ""


def _spans(case: Case, decision: Decision) -> tuple[Span, ...]:
    """Where in the text the words of the rules that matched stand."""
    matches = decision.matches
    every = (found.spans(case.message.text, match.rule.condition, match.found) for match in matches)
    return found.joined(span for spans in every for span in spans)


def _ids(message: "Message", planned: Any) -> set[str]:
    return {message.chat, message.sender, message.account, *(wanted.chat for wanted in planned.wanted)}


def _row(zone: ZoneInfo, view: View, at: Millis, verdict: Verdict) -> dict[str, Any]:
    rule, asked = verdict.rule, not (verdict.error or verdict.skipped_by)
    waits = verdict.matched and rule.during and not verdict.dropped and not window.open_at(rule.during, at)
    opens = window.opens_after(rule.during, at) if waits else None
    checks = outline(rule, view, at) if asked else ()
    return {
        **verdict.row(),
        "description": rule.description,
        "conditions": [check.row() for check in checks],
        "opens_at": when.iso(opens, zone),
    }
