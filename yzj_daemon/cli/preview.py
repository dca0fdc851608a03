"""``preview``: what other rules would do to the messages in the store, beside what those in force do."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli import filters, kept, names, output, rulesets
from yzj_daemon.cli.names import Names
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.clock import Millis
from yzj_daemon.errors import Phrase
from yzj_daemon.wording import previewed, reasons, when

if TYPE_CHECKING:
    from yzj_daemon.flow.preview import Preview
    from yzj_daemon.rules.ruleset import Ruleset
    from yzj_daemon.storage.engine import Store


def preview(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help=both("新的规则文件或目录", "the new rules: a file or directory")),
    ],
    since: filters.Since = "7d",
    until: filters.Until = "",
    limit: Annotated[
        int,
        typer.Option(
            "--limit", min=0, help=both("每条规则最多几条样例; 0 为全部", "samples of a rule at most; 0 is all")
        ),
    ] = 5,
    as_json: filters.Json = False,
) -> None:
    session = Session.of(context)
    after = rulesets.proven(session, path)
    with session.store() as store:
        before = rulesets.in_force(session, store)
        began = when.instant(since, "--since", session.now, session.zone)
        ended = when.instant(until, "--until", session.now, session.zone) if until else session.now
        seen = _seen(session, store, (before, after), (began, ended), limit)
    told = previewed.told(seen, (before, after), (began, ended), session.zone)
    if as_json:
        output.as_json(told)
    else:
        with names.at_hand(session, {**before.names, **after.names}) as known:
            _print(told, session, known)


def _seen(
    session: Session, store: "Store", sets: tuple["Ruleset", "Ruleset"], span: tuple[Millis, Millis], samples: int
) -> "Preview":
    """All messages of the span through both sets."""
    from yzj_daemon.flow.plan import PlanPolicy
    from yzj_daemon.flow.preview import Lane, Preview
    from yzj_daemon.flow.stored import Judge, Ours, count, pages

    forward = session.settings.forward
    policy = PlanPolicy.of(forward, session.settings.pull)
    ours = Ours(store, policy.echo_window)
    lane = Lane(forward.max_targets, forward.pace + forward.jitter // 2)
    before, after = (Judge(each, policy, ours) for each in sets)
    without_content = 0
    seen = Preview(before, after, lane, samples=samples)
    with output.progress(Phrase("判断消息", "deciding"), count(store, *span), session.lang) as done:
        for page in pages(store, *span):
            for received in page:
                if received.kept:
                    seen.take(received)
                without_content += not received.kept
            done(len(page))
    kept.tell_left_out(session, without_content)
    return seen


# For people ---------------------------------------------------------------------------------------------------------


def _print(told: dict[str, Any], session: Session, known: Names) -> None:
    lang, owed, hashes = session.lang, told["deliveries"], told["rules_hash"]
    output.facts(
        [
            (Phrase("规则集", "rule set"), f"{hashes['before']} → {hashes['after']}"),
            (Phrase("消息", "messages"), f"{told['messages']}  ({told['since']} … {told['until']})"),
            (Phrase("转发", "deliveries"), _change(owed, owed["added"], owed["removed"])),
            *_suppressed(told["reasons"], session),
        ],
        lang,
    )
    for account in told["accounts"]:
        for line in previewed.load(account, known):
            output.line(output.visible(line.to(lang)))
    changed = [rule for rule in told["rules"] if rule["changed"]]
    for rule in changed:
        _print_rule(rule, session, known)
    same = len(told["rules"]) - len(changed)
    output.line(Phrase(f"{same} 条规则没有变化", f"{same} rules do the same as before").to(lang))


def _change(counts: Mapping[str, int], added: int, removed: int) -> str:
    return f"{counts['before']} → {counts['after']}  (+{added} -{removed})"


def _suppressed(told: Mapping[str, Mapping[str, int]], session: Session) -> Iterator[tuple[Phrase, str]]:
    """Each reason for forwarding nothing that keeps back more messages, or fewer, than before."""
    before, after = told["before"], told["after"]
    for reason in sorted((before.keys() | after.keys()) - {"matched"}):
        was, is_ = before.get(reason, 0), after.get(reason, 0)
        if was != is_:
            yield Phrase(reason, reason), f"{was} → {is_}  {reasons.decision(reason).to(session.lang)}"


def _print_rule(rule: Mapping[str, Any], session: Session, known: Names) -> None:
    before, after = rule["before"], rule["after"]
    matched = f"{before['matched']} → {after['matched']}"
    owed = _change({"before": before["deliveries"], "after": after["deliveries"]}, rule["added"], rule["removed"])
    told = Phrase(f"匹配 {matched}, 转发 {owed}", f"matched {matched}, deliveries {owed}")
    output.verdict(rule["id"], told.to(session.lang), good=not rule["removed"])
    _print_samples("+", rule["added_samples"], rule["added"], session, known)
    _print_samples("-", rule["removed_samples"], rule["removed"], session, known)
    for reason in sorted(before["suppressed"].keys() | after["suppressed"].keys()):
        was, is_ = before["suppressed"].get(reason, 0), after["suppressed"].get(reason, 0)
        if was != is_:
            output.detail(f"{reason}: {was} → {is_}  {reasons.decision(reason).to(session.lang)}")


def _print_samples(sign: str, samples: Sequence[Mapping[str, Any]], whole: int, session: Session, known: Names) -> None:
    for sample in samples:
        chats = ", ".join(known.beside(chat) for chat in sample["targets"])
        output.detail(f"{sign} {sample['message_id']} → {chats}  {sample['text']}")
    if left := whole - len(samples):
        more = Phrase(f"… 还有 {left} 条 (--limit 0)", f"… {left} more (--limit 0)")
        output.detail(f"{sign} {more.to(session.lang)}")
