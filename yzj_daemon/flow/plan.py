"""From a decision to the deliveries it asks for: pure.

A message ends in ``matched`` or in one named suppression. What is doubtful is suppressed: a type nobody named, a
message too old, a target that is the chat it came from.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Final, Literal, NamedTuple, Self

import msgspec
from msgspec.structs import replace

from yzj_daemon.clock import HOUR, MINUTE, SECOND, Millis
from yzj_daemon.flow.rests import Rests
from yzj_daemon.message import KNOWN_TYPES, MEDIA_TYPES, Message, Original
from yzj_daemon.rules.ruleset import Decision, Match, Rule
from yzj_daemon.settings.model import Forward, Pull

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


class PlanPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say of all rules. Spans in ms.

    ``dry_run`` treats every rule as a shadow. ``pulled_max_age`` is the age beyond which what only a pull brought is
    not forwarded any more. ``echo_window`` is how far a copy of what we sent may stand from the sending;
    ``repeats_per_hour`` how many messages of one content and one chat may become deliveries (0: any). ``revoke_paths``:
    where a recall names its message; none: anywhere in its content.
    """

    max_age: Millis = 12 * HOUR
    media_delay: Millis = 3 * SECOND
    deny_types: frozenset[str] = frozenset({"system", "revoke", "redpacket"})
    on_unknown: Literal["hold", "resend"] = "hold"
    dry_run: bool = False
    pulled_max_age: Millis = 2 * HOUR
    echo_window: Millis = MINUTE
    repeats_per_hour: int = 60
    cancel_on_revoke: bool = True
    revoke_paths: tuple[str, ...] = ()

    @classmethod
    def of(cls, forward: Forward, pull: Pull, *, dry_run: bool = False) -> Self:
        return cls(
            max_age=forward.max_age,
            media_delay=forward.media_delay,
            deny_types=frozenset(forward.deny_types),
            on_unknown=forward.on_unknown,
            dry_run=dry_run,
            pulled_max_age=pull.max_age,
            echo_window=forward.echo_window,
            repeats_per_hour=forward.repeats_per_hour,
            cancel_on_revoke=forward.cancel_on_revoke,
            revoke_paths=forward.revoke_paths,
        )


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One target chat of one message, and all rules that asked for it, most important first.

    ``solo``: travels alone in its call. ``strict``: leaves after what older messages owe the chat, if they are strict.
    ``waits_for``: why it does not leave at once, or "". ``via``: the account that forwards; "": the one that received.
    """

    chat: str
    rules: tuple[str, ...]
    priority: int
    solo: bool
    strict: bool
    on_unknown: Literal["hold", "resend"]
    due_at: Millis
    expires_at: Millis
    waits_for: str
    via: str = ""


class Suppressed(NamedTuple):
    """A rule that matched and yet sends nothing. ``detail``: which mute, which limit; "" where the reason says all."""

    rule: str
    reason: Reason
    detail: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed, and which rules that matched send nothing."""

    reason: Reason
    rules: tuple[str, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()

    def withheld(self, reason: Reason, detail: str = "") -> "Plan":
        """The same, with nothing sent after all."""
        kept_back = tuple(Suppressed(rule, reason, detail) for rule in self.rules)
        return replace(self, reason=reason, wanted=(), suppressed=kept_back)


Mutes = Mapping[tuple[str, str], str]
"""What is muted now: (``rule``, ``chat`` or ``account``; its id) -> how the mute names itself."""

NO_MUTES: Final[Mutes] = {}


def event_of(original: Original, keys: tuple[str, ...]) -> str:
    """The identity that all copies of one message share.

    In a room every hosted account receives its own copy; the first of ``keys`` (``wx_svrid``, ``wx_msgid``) that
    the original has makes them one event. A private chat is one account's own, so the account is part of it. With
    no such key each copy is an event of its own.

    The id stands first and whole, so that events of one time lie together in an index; behind it, in a few
    characters, to whom and to which key it belongs.
    """
    for key in keys:
        if value := getattr(original, key):
            whose = original.chat if original.chat_type == "room" else f"{original.account}|{original.chat}"
            return f"{value}.{_short(f'{whose}|{key}')}"
    return f"{original.id}.{_short(f'{original.account}|id')}"


@lru_cache(maxsize=10_000)
def _short(origin: str) -> str:
    """Eight characters, 48 bits: two origins would have to share them and the very id as well."""
    return urlsafe_b64encode(blake2b(origin.encode(), digest_size=6).digest()).decode()


def plan(
    message: Message,
    decision: Decision,
    received_at: Millis,
    policy: PlanPolicy,
    *,
    pulled: bool = False,
    mutes: Mutes = NO_MUTES,
    rests: Rests | None = None,
) -> Plan:
    """What is owed for this message, before the store knows what was owed already.

    ``pulled``: no callback brought it, so it may be older than anybody wants. ``rests``: which rules rest now; those
    of :func:`acting` ones begin when the plan is carried out.
    """
    if not decision.matches:
        return _nothing(decision.reason)
    rests = rests or Rests()
    born = message.sent_at if message.sent_at is not None and message.sent_at <= received_at else received_at
    oldest = policy.pulled_max_age if pulled else None
    suppressed: list[Suppressed] = []
    granted: list[tuple[Match, tuple[str, ...]]] = []
    for match in decision.matches:
        targets = tuple(chat for chat in match.rule.targets if chat != message.chat)
        kept_back = _suppression(message, match, targets, received_at - born, policy, oldest)
        kept_back = kept_back or _muted(message, match, targets, mutes)
        kept_back = kept_back or _resting(message, match, received_at, rests) or _shadow(match, policy)
        if kept_back is None:
            granted.append((match, tuple(chat for chat in targets if ("chat", chat) not in mutes)))
        else:
            suppressed.append(kept_back)
    return Plan(
        reason="matched" if granted else suppressed[0].reason,
        rules=tuple(match.rule.id for match in decision.matches),
        wanted=tuple(_merge(message, granted, born, received_at, policy)),
        suppressed=tuple(suppressed),
    )


@cache
def _nothing(reason: Reason) -> Plan:
    """One for all messages that nobody asked for."""
    return Plan(reason=reason)


def acting(made: Plan, decision: Decision) -> Iterator[Rule]:
    """The rules that forward the message, or as shadows would."""
    kept_back = {one.rule for one in made.suppressed if one.reason != "shadow"}
    return (match.rule for match in decision.matches if match.rule.id not in kept_back)


def _suppression(
    message: Message, match: Match, targets: tuple[str, ...], age: Millis, policy: PlanPolicy, oldest: Millis | None
) -> Suppressed | None:
    reason = _reason(message, match, targets, age, policy, oldest)
    return None if reason is None else Suppressed(match.rule.id, reason)


def _reason(
    message: Message, match: Match, targets: tuple[str, ...], age: Millis, policy: PlanPolicy, oldest: Millis | None
) -> Reason | None:
    rule = match.rule
    if message.type in policy.deny_types:
        return "type_denied"
    if message.type not in KNOWN_TYPES and message.type not in rule.types:
        return "type_denied"
    if match.dropped:
        return "window"
    if age > _max_age(match, policy) or (oldest is not None and age > oldest):
        return "too_old"
    if not targets:
        return "loop"
    return None


def _resting(message: Message, match: Match, received_at: Millis, rests: Rests) -> Suppressed | None:
    left = rests.left(match.rule, message, received_at)
    return Suppressed(match.rule.id, "cooldown", left) if left else None


def _shadow(match: Match, policy: PlanPolicy) -> Suppressed | None:
    return Suppressed(match.rule.id, "shadow") if match.rule.mode == "shadow" or policy.dry_run else None


def _muted(message: Message, match: Match, targets: tuple[str, ...], mutes: Mutes) -> Suppressed | None:
    """A muted rule, account or source chat sends nothing; a muted target keeps only itself from being sent to."""
    if not mutes:
        return None
    whole = (("rule", match.rule.id), ("account", message.account), ("chat", message.chat))
    naming = [mutes[key] for key in whole if key in mutes]
    if not naming and all(("chat", chat) in mutes for chat in targets):
        naming = [mutes["chat", chat] for chat in targets]
    return Suppressed(match.rule.id, "muted", naming[0]) if naming else None


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
            strict=any(match.rule.order == "strict" for match in matches),
            on_unknown="hold" if "hold" in policies else "resend",
            due_at=due_at,
            expires_at=born + max(_max_age(match, policy) for match in matches),
            waits_for=waits_for,
            via=matches[0].rule.via,
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
