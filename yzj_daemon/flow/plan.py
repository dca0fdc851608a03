"""From a decision to the deliveries it asks for: pure.

A message ends in ``matched`` or in one named suppression. What is doubtful is suppressed: a type nobody named, a
message too old, a target that is the chat it came from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

from yzj_daemon.clock import HOUR, SECOND, Millis
from yzj_daemon.message import KNOWN_TYPES, MEDIA_TYPES, Message, Original
from yzj_daemon.rules.ruleset import Decision, Match
from yzj_daemon.settings.model import Forward

Reason = Literal[
    "matched",
    "no_match",
    "duplicate",
    "loop",
    "self_sent",
    "shadow",
    "cooldown",
    "muted",
    "window",
    "type_denied",
    "too_old",
    "rule_error",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPolicy:
    """What the settings say of all rules. Spans in ms; ``dry_run`` treats every rule as a shadow."""

    max_age: Millis = 12 * HOUR
    media_delay: Millis = 3 * SECOND
    deny_types: frozenset[str] = frozenset({"system", "revoke", "redpacket"})
    on_unknown: Literal["hold", "resend"] = "hold"
    dry_run: bool = False

    @classmethod
    def of(cls, forward: Forward, *, dry_run: bool = False) -> Self:
        return cls(
            max_age=forward.max_age,
            media_delay=forward.media_delay,
            deny_types=frozenset(forward.deny_types),
            on_unknown=forward.on_unknown,
            dry_run=dry_run,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One target chat of one message, and all rules that asked for it, most important first.

    ``waits_for``: why it does not leave at once, or "".
    """

    chat: str
    rules: tuple[str, ...]
    priority: int
    solo: bool
    on_unknown: Literal["hold", "resend"]
    due_at: Millis
    expires_at: Millis
    waits_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``suppressed``: the rules that matched and yet send nothing, each with its reason."""

    reason: Reason
    rules: tuple[str, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    suppressed: tuple[tuple[str, Reason], ...] = ()


def event_of(original: Original, keys: tuple[str, ...]) -> str:
    """The identity that all copies of one message share.

    In a room every hosted account receives its own copy; the first of ``keys`` (``wx_svrid``, ``wx_msgid``) that
    the original has makes them one event. A private chat is one account's own, so the account is part of it. With
    no such key each copy is an event of its own.
    """
    for key in keys:
        if value := getattr(original, key):
            whose = original.chat if original.chat_type == "room" else f"{original.account}|{original.chat}"
            return f"{whose}|{key}|{value}"
    return f"{original.account}|{original.id}"


def plan(message: Message, decision: Decision, received_at: Millis, policy: PlanPolicy) -> Plan:
    """What is owed for this message, before the store knows what was owed already."""
    if not decision.matches:
        return Plan(reason=decision.reason)
    born = message.sent_at if message.sent_at is not None and message.sent_at <= received_at else received_at
    suppressed: list[tuple[str, Reason]] = []
    granted: list[tuple[Match, tuple[str, ...]]] = []
    for match in decision.matches:
        targets = tuple(chat for chat in match.rule.targets if chat != message.chat)
        reason = _suppression(message, match, targets, received_at - born, policy)
        if reason is None:
            granted.append((match, targets))
        else:
            suppressed.append((match.rule.id, reason))
    return Plan(
        reason="matched" if granted else suppressed[0][1],
        rules=tuple(match.rule.id for match in decision.matches),
        wanted=tuple(_merge(message, granted, born, received_at, policy)),
        suppressed=tuple(suppressed),
    )


def _suppression(
    message: Message, match: Match, targets: tuple[str, ...], age: Millis, policy: PlanPolicy
) -> Reason | None:
    rule = match.rule
    if message.type in policy.deny_types:
        return "type_denied"
    if message.type not in KNOWN_TYPES and message.type not in rule.types:
        return "type_denied"
    if match.dropped:
        return "window"
    if age > (policy.max_age if rule.max_age is None else rule.max_age):
        return "too_old"
    if not targets:
        return "loop"
    if rule.mode == "shadow" or policy.dry_run:
        return "shadow"
    return None


def _merge(
    message: Message,
    granted: list[tuple[Match, tuple[str, ...]]],
    born: Millis,
    received_at: Millis,
    policy: PlanPolicy,
) -> Iterator[Wanted]:
    """A chat gets a message at most once: its delivery names every rule that asked for it."""
    asking: dict[str, list[Match]] = {}
    for match, targets in granted:
        for chat in targets:
            asking.setdefault(chat, []).append(match)
    for chat, matches in asking.items():
        due_at, waits_for = min(_due(message, match, received_at, policy) for match in matches)
        policies = [match.rule.on_unknown or policy.on_unknown for match in matches]
        yield Wanted(
            chat=chat,
            rules=tuple(match.rule.id for match in matches),
            priority=max(match.rule.priority for match in matches),
            solo=any(match.rule.fanout == "one-by-one" for match in matches),
            on_unknown="hold" if "hold" in policies else "resend",
            due_at=due_at,
            expires_at=born + max(_max_age(match, policy) for match in matches),
            waits_for=waits_for,
        )


def _max_age(match: Match, policy: PlanPolicy) -> Millis:
    return policy.max_age if match.rule.max_age is None else match.rule.max_age


def _due(message: Message, match: Match, received_at: Millis, policy: PlanPolicy) -> tuple[Millis, str]:
    waits = [(received_at, "")]
    if message.type in MEDIA_TYPES and policy.media_delay:
        waits.append((received_at + policy.media_delay, "media_delay"))
    if match.rule.delay:
        waits.append((received_at + match.rule.delay, "delay"))
    if match.not_before > received_at:
        waits.append((match.not_before, "window"))
    return max(waits)
