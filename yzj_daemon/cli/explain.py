"""``explain``: every rule, pass or fail, for one message, with the values that decided."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli import filters, messages, output, reasons, rulesets, when
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.clock import Millis
from yzj_daemon.errors import Phrase, UsageProblem

if TYPE_CHECKING:
    from yzj_daemon.message import Message
    from yzj_daemon.rules.ruleset import Ruleset, Verdict

_SHOWN_VALUE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One message to explain: against which rules, as of when, and what was decided on receipt, if it was.

    ``pulled``: no callback brought it.
    """

    message_id: str
    message: "Message"
    at: Millis
    ruleset: "Ruleset"
    pulled: bool = False
    then: dict[str, Any] | None = None


def explain(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE|-",
            help=both(
                "消息编号或 svrid, 或平台消息的 JSON 文件, 或 - 从标准输入读",
                "a message's id or svrid, a file with a vendor message, or - for standard input",
            ),
        ),
    ],
    rules: Annotated[
        Path | None,
        typer.Option(
            "--rules",
            metavar="PATH",
            help=both("用这些规则, 而不是当时的规则", "with these rules instead of the set that decided it"),
        ),
    ] = None,
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="TIME", help=both("当作这个时间收到", "as if it was received then; decides windows")
        ),
    ] = "",
    limit: filters.Limit = 50,
    as_json: filters.Json = False,
) -> None:
    session = Session.of(context)
    instant = when.instant(at, "--at", session.now, session.zone) if at else None
    for case in _cases(session, what, rules, instant):
        told = _told(session, case)
        if as_json:
            output.as_json(told)
        else:
            _print(session, told, limit)


def _cases(session: Session, what: str, rules: Path | None, at: Millis | None) -> Iterator[_Case]:
    if what == "-":
        yield from _from_body(session, sys.stdin.buffer.read(), what, rules, at)
    elif Path(what).is_file():
        yield from _from_body(session, Path(what).read_bytes(), what, rules, at)
    else:
        yield from _from_store(session, what, rules, at)


def _from_store(session: Session, what: str, rules: Path | None, at: Millis | None) -> Iterator[_Case]:
    from yzj_daemon.storage import reports

    with session.store() as store:
        for received in messages.find(store, what):
            judged = store.read_now(partial(reports.judgement, message_id=received.id))
            sources = judged.sources if judged is not None else {}
            yield _Case(
                message_id=str(received.id),
                message=received.message,
                at=received.received_at if at is None else at,
                ruleset=rulesets.stored(sources) if sources and rules is None else rulesets.on_disk(session, rules),
                pulled=received.source == "pull",
                then=None if judged is None else {"reason": judged.reason, "rules_hash": judged.rules_hash},
            )


def _from_body(session: Session, body: bytes, what: str, rules: Path | None, at: Millis | None) -> Iterator[_Case]:
    from yzj_daemon.rules import text
    from yzj_daemon.yzj import payloads

    batch = payloads.split(body)
    if not batch.originals:
        raise _no_message(what, batch.unreadable[0].detail if batch.unreadable else "")
    ruleset = rulesets.on_disk(session, rules)
    for original in batch.originals:
        yield _Case(
            message_id=original.id,
            message=text.message_of(original, self_sent=original.sender == original.account),
            at=session.now if at is None else at,
            ruleset=ruleset,
        )


def _no_message(what: str, why: str) -> UsageProblem:
    return UsageProblem(
        Phrase(f"{what} 里没有能读懂的消息 {why}".rstrip(), f"{what} holds no message that can be read {why}".rstrip()),
        Phrase(
            "它应当是平台推送的 JSON(解密后), 或其中一条消息",
            "it should be the vendor's decrypted JSON, or one message",
        ),
    )


def _told(session: Session, case: _Case) -> dict[str, Any]:
    from yzj_daemon.flow.plan import PlanPolicy, plan

    decision = case.ruleset.decide(case.message, case.at)
    policy = PlanPolicy.of(session.settings.forward, session.settings.pull)
    planned = plan(case.message, decision, case.at, policy, pulled=case.pulled)
    return {
        "message_id": case.message_id,
        "rules_hash": case.ruleset.hash,
        "matched": [match.rule.id for match in decision.matches],
        "targets": [wanted.chat for wanted in planned.wanted],
        "reason": planned.reason,
        "suppressed": [kept_back._asdict() for kept_back in planned.suppressed],
        "then": case.then,
        "at": when.iso(case.at, session.zone),
        "text": case.message.text,
        "opaque": case.message.opaque,
        "rules": [_row(verdict) for verdict in case.ruleset.explain(case.message, case.at)],
        "names": {chat: name for chat, name in case.ruleset.names.items() if chat in _ids(case.message, planned)},
    }


def _ids(message: "Message", planned: Any) -> set[str]:
    return {message.chat, message.sender, message.account, *(wanted.chat for wanted in planned.wanted)}


def _row(verdict: "Verdict") -> dict[str, Any]:
    return {**verdict.row(), "description": verdict.rule.description}


# For people ---------------------------------------------------------------------------------------------------------


def _print(session: Session, told: dict[str, Any], limit: int) -> None:
    lang = session.lang
    hidden = Phrase("(看不到这条消息里面)", "(cannot see inside this message)").to(lang)
    targets = ", ".join(_named(chat, told["names"]) for chat in told["targets"])
    pairs = [
        (Phrase("消息", "message"), told["message_id"]),
        (Phrase("内容", "text"), f"{told['text']} {hidden if told['opaque'] else ''}".strip()),
        (Phrase("规则集", "rule set"), f"{told['rules_hash']}  @ {told['at']}"),
        (Phrase("结论", "verdict"), f"{told['reason']}: {reasons.decision(told['reason']).to(lang)}"),
        (Phrase("转发到", "forwarded to"), targets or "-"),
    ]
    if told["then"] and told["then"]["reason"] != told["reason"]:
        then = told["then"]["reason"]
        pairs.append((Phrase("收到时的决定", "decided on receipt"), f"{then}: {reasons.decision(then).to(lang)}"))
    output.facts(pairs, lang)
    suppressed = {entry["rule"]: entry["reason"] for entry in told["suppressed"]}
    rows = sorted(told["rules"], key=lambda row: not row["matched"])
    for row in rows[: limit or None]:
        _print_rule(row, suppressed.get(row["id"], ""), session)
    if limit and len(rows) > limit:
        more = len(rows) - limit
        output.line(Phrase(f"… 还有 {more} 条规则 (--limit 0)", f"… {more} more rules (--limit 0)").to(lang))


def _named(chat: str, names: dict[str, str]) -> str:
    return f"{names[chat]} ({chat})" if chat in names else chat


def _print_rule(row: dict[str, Any], suppressed: str, session: Session) -> None:
    lang = session.lang
    place = f"{row['file']}:{row['line']}" if row["line"] else ""
    mark = "✓" if row["matched"] else "✗"
    output.verdict(f"{mark} {row['id']}", f"{place} {row['description']}".strip(), good=row["matched"])
    for key, found in row["found"]:
        output.detail(f"{key}: {found}")
    if suppressed:
        output.detail(f"{suppressed}: {reasons.decision(suppressed).to(lang)}")
    for line in _why_not(row):
        output.detail(line.to(lang))


def _why_not(row: dict[str, Any]) -> Iterator[Phrase]:
    if row["error"]:
        yield Phrase(f"规则出错: {row['error']}", f"the rule failed: {row['error']}")
    if row["skipped_by"]:
        by = row["skipped_by"]
        yield Phrase(f"没有判断: 规则 {by} 匹配后停止了 (stop)", f"not asked: rule {by} matched and stops the rest")
    if row["dropped"]:
        yield Phrase("匹配, 但在时间窗之外, 不转发", "matched outside its window, and is not forwarded")
    if failed := row["failed"]:
        expected, actual = _shown(failed["expected"]), _shown(failed["actual"])
        if failed.get("note"):
            yield Phrase(
                f"{failed['key']}: 看不到这条消息里面, 无法判断 (要求 {expected})",
                f"{failed['key']}: cannot see inside this message (wanted {expected})",
            )
        else:
            yield Phrase(
                f"{failed['key']}: 要求 {expected}, 实际 {actual}", f"{failed['key']}: wanted {expected}, is {actual}"
            )


def _shown(value: Any) -> str:
    import json

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_VALUE else text[:_SHOWN_VALUE] + "…"
