"""Where forwarded messages could come round again: chats that are both source and target, over all rules.

Only rules that name their chats can be held against each other; one that listens everywhere is kept from looping at
run time (self-sent messages, fingerprints, repeats).
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from yzj_daemon.rules.condition import All, AnyOf, Condition, OneOf
from yzj_daemon.rules.ruleset import Rule

TOLD: Final = 100
"""Cycles that are looked for the way they take; a rule set with more has been told enough."""


def cycles(rules: Iterable[Rule]) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    """Each rule that closes a cycle, with the chats along it, from its source back to it."""
    naming = [(rule, sources(rule.when)) for rule in rules]
    naming = [(rule, chats) for rule, chats in naming if chats]
    looped = [naming[number] for number in _on_cycles([(chats, rule.targets) for rule, chats in naming])]
    onward: dict[str, set[str]] = {}
    for rule, chats in looped:
        for source in chats:
            onward.setdefault(source, set()).update(rule.targets)
    for rule, chats in looped[:TOLD]:
        trail = _closed(rule, chats, onward)
        if trail is not None:
            yield rule, trail


def sources(when: Condition) -> frozenset[str]:
    """The chats that a condition names; none where it listens everywhere."""
    match when:
        case OneOf(key="chat", values=values):
            return values
        case All(parts=parts):
            named = [found for part in parts if (found := sources(part))]
            return frozenset.intersection(*named) if named else frozenset()
        case AnyOf(parts=parts):
            inner = [sources(part) for part in parts]
            return frozenset().union(*inner) if all(inner) else frozenset()
        case _:
            return frozenset()


def _on_cycles(rules: Sequence[tuple[Iterable[str], Iterable[str]]]) -> list[int]:
    """Rules that may lie on a cycle: what is left when all that leads nowhere, or comes from nowhere, is taken away.

    A chat that no rule is sent to cannot be come back to, and one that no rule listens to leads no further. Taking
    such rules away again and again leaves every cycle whole, and seldom anything else.
    """
    listens = [frozenset(chats) for chats, _ in rules]
    sends = [frozenset(targets) for _, targets in rules]
    left = set(range(len(rules)))
    while True:
        reached = frozenset().union(*(sends[number] for number in left))
        heard = frozenset().union(*(listens[number] for number in left))
        keep = {n for n in left if not listens[n].isdisjoint(reached) and not sends[n].isdisjoint(heard)}
        if keep == left:
            return sorted(left)
        left = keep


def _closed(rule: Rule, chats: Iterable[str], onward: Mapping[str, Collection[str]]) -> tuple[str, ...] | None:
    """A way from one of the rule's targets to one of its sources. A chat that is its own target is no cycle."""
    for source in sorted(chats):
        for target in rule.targets:
            if target == source:
                continue
            way = _way(target, source, onward)
            if way is not None:
                return (source, *way)
    return None


def _way(start: str, end: str, onward: Mapping[str, Collection[str]]) -> tuple[str, ...] | None:
    """The shortest way from chat to chat, along the rules."""
    ways: dict[str, tuple[str, ...]] = {start: (start,)}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here == end:
            return ways[here]
        for chat in sorted(onward.get(here, ())):
            if chat not in ways and chat != here:
                ways[chat] = (*ways[here], chat)
                waiting.append(chat)
    return None
