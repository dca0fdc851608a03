"""``explain``: every rule, pass or fail, for one message, with the values that decided."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from yzj_daemon.cli import filters, messages, names, output, rulesets, tree
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.clock import Millis
from yzj_daemon.errors import Lang, Phrase, UsageProblem
from yzj_daemon.wording import reasons, verdicts, when

if TYPE_CHECKING:
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.reports import Judgement
    from yzj_daemon.wording.explained import Case


class _Against(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules: those that decided (``then``), else those of ``path``, None being ``rules.path``; as of when."""

    path: Path | None
    then: bool
    at: Millis | None


def explain(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE|-",
            help=both(
                "消息编号、svrid 或 wx_svrid, 或平台消息的 JSON 文件, 或 - 从标准输入读",
                "a message's id, svrid or wx_svrid, a file with a vendor message, or - for standard input",
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
    now: Annotated[
        bool, typer.Option("--now", help=both("用现在的规则", "with the rules of now instead of those of then"))
    ] = False,
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="TIME", help=both("当作这个时间收到", "as if it was received then; decides windows")
        ),
    ] = "",
    limit: filters.Limit = 50,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.wording.explained import explained

    session = Session.of(context)
    if now and rules is not None:
        raise UsageProblem(Phrase("--now 和 --rules 只能写一个", "--now and --rules: one of the two"))
    instant = when.instant(at, "--at", session.now, session.zone) if at else None
    if _tell_not_kept(session, what, as_json=as_json):
        return
    for case in _cases(session, what, _Against(path=rules, then=rules is None and not now, at=instant)):
        told = explained(case, session.settings, session.zone)
        if as_json:
            output.as_json(told)
        else:
            with names.at_hand(session, case.ruleset.names) as known:
                _print(session, told, known.beside, limit)


def _tell_not_kept(session: Session, what: str, *, as_json: bool) -> bool:
    """Of a message without content no condition can be asked again: what was decided on receipt is what there is."""
    if what == "-" or Path(what).is_file():
        return False
    with session.store() as store:
        found = messages.find(store, what)
        if all(received.kept for received in found):
            return False
        for received in found:
            told = messages.whole(session, store, received)
            decision = told["decision"] or {}
            if as_json:
                output.as_json(
                    {
                        **{key: told[key] for key in ("account", "chat", "sender", "type", "text", "kept", "trace")},
                        "message_id": told["id"],
                        "rules_hash": decision.get("rules_hash", ""),
                        "matched": decision.get("rules", []),
                        "targets": [owed["chat"] for owed in told["deliveries"]],
                        "reason": decision.get("reason"),
                        "suppressed": decision.get("suppressed", []),
                        "near": decision.get("near", []),
                        "rules": [],
                    }
                )
            else:
                messages.print_whole(session, told, names.of(session, store))
    return True


def _cases(session: Session, what: str, against: _Against) -> Iterator["Case"]:
    if what == "-":
        yield from _from_body(session, sys.stdin.buffer.read(), what, against)
    elif Path(what).is_file():
        yield from _from_body(session, Path(what).read_bytes(), what, against)
    else:
        yield from _from_store(session, what, against)


def _from_store(session: Session, what: str, against: _Against) -> Iterator["Case"]:
    from yzj_daemon.storage import reports
    from yzj_daemon.wording.explained import Case

    with session.store() as store:
        for received in messages.find(store, what):
            judged = store.read_now(partial(reports.judgement, message_id=received.id))
            sources = judged.sources if judged is not None and against.then else {}
            yield Case(
                message_id=str(received.id),
                message=received.message,
                at=received.received_at if against.at is None else against.at,
                ruleset=rulesets.stored(session, sources) if sources else rulesets.on_disk(session, against.path),
                pulled=received.source == "pull",
                then=_then_told(store, received.id, judged),
                as_then=bool(sources) and against.at is None,
            )


def _then_told(store: "Store", message_id: int, judged: "Judgement | None") -> dict[str, Any] | None:
    from yzj_daemon.storage import reports
    from yzj_daemon.wording.explained import of_then

    if judged is None:
        return None
    return of_then(judged, store.read_now(partial(reports.deliveries_of, message_id=message_id)))


def _from_body(session: Session, body: bytes, what: str, against: _Against) -> Iterator["Case"]:
    from yzj_daemon.wording.explained import of_batch
    from yzj_daemon.yzj import payloads

    batch = payloads.split(body)
    if not batch.originals:
        raise _no_message(what, batch.unreadable[0].detail if batch.unreadable else "")
    at = session.now if against.at is None else against.at
    yield from of_batch(batch, at, rulesets.on_disk(session, against.path))


def _no_message(what: str, why: str) -> UsageProblem:
    return UsageProblem(
        Phrase(f"{what} 里没有能读懂的消息 {why}".rstrip(), f"{what} holds no message that can be read {why}".rstrip()),
        Phrase(
            "它应当是平台推送的 JSON(解密后), 或其中一条消息",
            "it should be the vendor's decrypted JSON, or one message",
        ),
    )


# For people ---------------------------------------------------------------------------------------------------------


def _print(session: Session, told: dict[str, Any], beside: tree.Beside, limit: int) -> None:
    output.facts(_facts(told, beside, session.lang), session.lang)
    rows = sorted(told["rules"], key=lambda row: not row["matched"])
    tree.show([_text(told, session.lang), *(_rule(row, told, beside, session.lang) for row in rows[: limit or None])])
    if limit and len(rows) > limit:
        more = len(rows) - limit
        output.line(Phrase(f"… 还有 {more} 条规则 (--limit 0)", f"… {more} more rules (--limit 0)").to(session.lang))


def _facts(told: dict[str, Any], beside: tree.Beside, lang: Lang) -> Iterator[tuple[Phrase, str]]:
    yield Phrase("消息", "message"), f"{told['message_id']}  {told['type']}"
    yield Phrase("账号", "account"), beside(told["account"])
    yield Phrase("会话", "chat"), beside(told["chat"])
    yield Phrase("发送者", "sender"), beside(told["sender"]) or "-"
    yield Phrase("规则集", "rule set"), f"{told['rules_hash']}  @ {told['at']}"
    yield Phrase("结论", "verdict"), f"{told['reason']}: {reasons.decision(told['reason']).to(lang)}"
    yield Phrase("转发到", "forwarded to"), ", ".join(map(beside, told["targets"])) or "-"
    yield from _then(told, beside, lang) if told["then"] else ()
    if told["trace"]:
        yield Phrase("追踪", "trace"), told["trace"]


def _then(told: dict[str, Any], beside: tree.Beside, lang: Lang) -> Iterator[tuple[Phrase, str]]:
    """What was decided on receipt, and whether something else than the rules decided it."""
    then = told["then"]
    state = f"  ({verdicts.BY_STATE.to(lang)})" if verdicts.by_state(told) else ""
    yield (
        Phrase("收到时的决定", "decided on receipt"),
        f"{then['reason']}: {reasons.decision(then['reason']).to(lang)}" + state,
    )
    for owed in then["deliveries"]:
        came_of_it = reasons.state(owed["state"], owed["reason"]).to(lang)
        yield Phrase("转发", "delivery"), f"{owed['id']} → {beside(owed['chat'])}  {came_of_it}"


def _text(told: dict[str, Any], lang: Lang) -> tree.Branch:
    hidden = f" ({verdicts.UNSEEN.to(lang)})"
    head = (f"{Phrase('内容', 'text').to(lang)}: ", tree.HEAD)
    pieces = tree.marked(told["text"], told["spans"])
    return tree.Branch((head, *pieces, *([(hidden, tree.FAINT)] if told["opaque"] else [])))


def _rule(row: dict[str, Any], told: dict[str, Any], beside: tree.Beside, lang: Lang) -> tree.Branch:
    place = f"{row['file']}:{row['line']}" if row["line"] else ""
    notes = (tree.told(note.to(lang), tree.WARN) for note in verdicts.notes(row, told))
    inside = (*notes, *tree.checks(row["conditions"], beside, lang))
    return tree.verdict(row["id"], f"{place} {row['description']}".strip(), inside, good=row["matched"])
