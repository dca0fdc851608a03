"""What only time shows of a rule: that it never matches, or asks for more than its account can carry."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from yzj_daemon.clock import DAY, MINUTE, Millis
from yzj_daemon.errors import Phrase
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.ruleset import Rule

NEVER: Final = 30
"""Days without a match after which a rule is told."""

SHARE: Final = 0.5
"""Of a day: a rule that keeps a lane busy for longer leaves too little for others, and for bad hours."""


class Seen(msgspec.Struct, frozen=True):
    """``known``: for how long (ms) it was in force, all in all; ``silent``: since its last match, or since then."""

    known: Millis
    silent: Millis
    matches: int


class Lane(msgspec.Struct, frozen=True):
    """What one account carries: chats of one call, the time between calls, and how long a message is wanted (ms)."""

    max_targets: int
    pace: Millis
    max_age: Millis


def findings(rules: Iterable[Rule], seen: dict[str, Seen], lane: Lane) -> Iterator[Finding]:
    """Of the rules that were in force."""
    for rule in rules:
        known = seen.get(rule.id)
        found = [*_never(rule, known), *_too_much(rule, known, lane)]
        yield from (finding for finding in found if finding.id not in rule.allow)


def _never(rule: Rule, known: Seen | None) -> Iterator[Finding]:
    if known is not None and known.silent >= NEVER * DAY:
        days = known.silent // DAY
        message = Phrase(f"{days} 天没有匹配过任何消息", f"it has matched nothing for {days} days")
        hint = Phrase("还需要它吗?条件写对了吗?", "is it still wanted, and is its condition right?")
        yield _at(rule, "never-hit", message, f"{days}d", hint)


def _too_much(rule: Rule, known: Seen | None, lane: Lane) -> Iterator[Finding]:
    calls = len(rule.targets) if rule.fanout == "one-by-one" else -(-len(rule.targets) // lane.max_targets)
    once = calls * lane.pace
    wanted = lane.max_age if rule.max_age is None else rule.max_age
    if once > wanted:
        message = Phrase(
            f"一次匹配要发 {once // MINUTE} 分钟,超过它的有效时间 {wanted // MINUTE} 分钟",
            f"one match takes {once // MINUTE} minutes to send, and is wanted for {wanted // MINUTE}",
        )
        yield _at(rule, "fan-out-too-slow", message, str(len(rule.targets)), _FEWER)
    elif known is not None and known.known >= DAY:
        daily = known.matches * DAY / known.known
        if daily * once > SHARE * DAY:
            message = Phrase(
                f"每天约 {daily:.0f} 次匹配,账号每天要发 {daily * once / DAY * 24:.1f} 小时",
                f"about {daily:.0f} matches a day keep an account busy for {daily * once / DAY * 24:.1f} hours",
            )
            yield _at(rule, "fan-out-too-slow", message, str(len(rule.targets)), _FEWER)


_FEWER: Final = Phrase("减少目标,或把条件写窄", "fewer targets, or a narrower condition")


def _at(rule: Rule, id_: str, message: Phrase, value: str, hint: Phrase) -> Finding:
    return Finding(
        level="warning",
        id=id_,
        file=rule.place.file,
        line=rule.place.line,
        column=1,
        message=message,
        value=value,
        suggestion=hint,
    )
