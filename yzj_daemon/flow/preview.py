"""Two rule sets over the same messages: what the second would forward in addition, what no longer, and what it costs.

Nothing grows with the number of messages but counters of rules, accounts and hours.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from yzj_daemon.clock import DAY, HOUR, Millis
from yzj_daemon.flow.plan import Plan, Wanted
from yzj_daemon.flow.stored import Judge, Once
from yzj_daemon.message import Message
from yzj_daemon.storage.reports import Received

SAMPLE_TEXT: Final = 60
"""Characters of a message that a sample shows."""


class Lane(msgspec.Struct, frozen=True):
    """How an account's calls leave: so many chats share one, and each takes so long (ms)."""

    max_targets: int
    pace: Millis

    def calls(self, wanted: Iterable[Wanted]) -> int:
        """How many calls carry what one message owes: of what may travel together, that which comes due together."""
        alone, together = 0, Counter[Millis]()
        for each in wanted:
            alone += each.solo
            together[each.due_at] += not each.solo
        return alone + sum(-(-chats // self.max_targets) for chats in together.values())


class Sample(msgspec.Struct, frozen=True):
    """A message that a rule treats differently, and the chats that this concerns."""

    message_id: int
    targets: tuple[str, ...]
    text: str


class Counted(msgspec.Struct):
    """Of one rule under one set: messages that it matched, deliveries that it asked for, and why it sent nothing."""

    matched: int = 0
    deliveries: int = 0
    suppressed: Counter[str] = msgspec.field(default_factory=Counter)


class RuleChange(msgspec.Struct):
    """``added``, ``removed``: messages of which it asks for a chat more, or less, than before."""

    id: str
    before: Counted = msgspec.field(default_factory=Counted)
    after: Counted = msgspec.field(default_factory=Counted)
    added: int = 0
    removed: int = 0
    added_samples: list[Sample] = msgspec.field(default_factory=list)
    removed_samples: list[Sample] = msgspec.field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.added or self.removed) or self.before != self.after


class Load(msgspec.Struct):
    """Of one account under one set. ``hours``: calls by the hour in which their messages came."""

    deliveries: int = 0
    calls: int = 0
    hours: Counter[Millis] = msgspec.field(default_factory=Counter)

    @property
    def busiest(self) -> int:
        """Calls of its busiest hour."""
        return max(self.hours.values(), default=0)


class AccountChange(msgspec.Struct, frozen=True):
    """What the change asks of one account's lane."""

    account: str
    before: Load
    after: Load

    @property
    def added_calls(self) -> int:
        return self.after.calls - self.before.calls


class Side:
    """One of the two sets, and what became of the messages under it."""

    def __init__(self, judge: Judge, lane: Lane) -> None:
        self.reasons: Counter[str] = Counter()
        self.loads: dict[str, Load] = {}
        self._judge = judge
        self._lane = lane
        self._once = Once()

    def take(self, received: Received) -> tuple[Plan, tuple[Wanted, ...]]:
        """The plan for a message, and what it owes that no copy of it owed before."""
        made = self._judge(received)
        fresh = self._once.fresh(received.event, made.wanted)
        self.reasons["duplicate" if made.wanted and not fresh else made.reason] += 1
        for account in {each.via or received.message.account for each in fresh}:
            leaving = [each for each in fresh if (each.via or received.message.account) == account]
            self._load(account, received.received_at, leaving)
        return made, fresh

    def _load(self, account: str, at: Millis, fresh: Sequence[Wanted]) -> None:
        load = self.loads.setdefault(account, Load())
        calls = self._lane.calls(fresh)
        load.deliveries += len(fresh)
        load.calls += calls
        load.hours[at // HOUR] += calls


class Preview:
    """Takes messages in the order of their receipt. ``samples``: of each rule and direction, at most; 0: all.

    ``began_at`` and ``ended_at`` are when the first and the last one came; 0 before any did.
    """

    def __init__(self, before: Judge, after: Judge, lane: Lane, *, samples: int = 5) -> None:
        self.messages = 0
        self.added = 0
        self.removed = 0
        self.began_at: Millis = 0
        self.ended_at: Millis = 0
        self.lane = lane
        self.before = Side(before, lane)
        self.after = Side(after, lane)
        self._rules: dict[str, RuleChange] = {}
        self._samples = samples

    def take(self, received: Received) -> None:
        self.messages += 1
        self.began_at = min(self.began_at or received.received_at, received.received_at)
        self.ended_at = max(self.ended_at, received.received_at)
        before, owed_before = self.before.take(received)
        after, owed_after = self.after.take(received)
        chats_before, chats_after = {w.chat for w in owed_before}, {w.chat for w in owed_after}
        self.added += len(chats_after - chats_before)
        self.removed += len(chats_before - chats_after)
        for rule in dict.fromkeys((*before.rules, *after.rules)):
            self._compare(rule, received, (before, _targets(rule, owed_before)), (after, _targets(rule, owed_after)))

    def _compare(
        self, rule: str, received: Received, before: tuple[Plan, list[str]], after: tuple[Plan, list[str]]
    ) -> None:
        change = self._rules.setdefault(rule, RuleChange(rule))
        _count(change.before, rule, *before)
        _count(change.after, rule, *after)
        if gained := tuple(chat for chat in after[1] if chat not in before[1]):
            change.added += 1
            self._keep(change.added_samples, received, gained)
        if lost := tuple(chat for chat in before[1] if chat not in after[1]):
            change.removed += 1
            self._keep(change.removed_samples, received, lost)

    def _keep(self, samples: list[Sample], received: Received, targets: tuple[str, ...]) -> None:
        if not self._samples or len(samples) < self._samples:
            samples.append(Sample(received.id, targets, _short(received.message)))

    def rules(self, order: Iterable[str] = ()) -> Iterator[RuleChange]:
        """Each rule that ``order`` names, in that order; then the others that matched anything."""
        for rule in dict.fromkeys((*order, *self._rules)):
            yield self._rules.get(rule) or RuleChange(rule)

    def accounts(self) -> tuple[AccountChange, ...]:
        """Those that forward anything under either set; where the most calls are added, first."""
        names = sorted(self.before.loads.keys() | self.after.loads.keys())
        changes = [AccountChange(a, self.before.loads.get(a, Load()), self.after.loads.get(a, Load())) for a in names]
        return tuple(sorted(changes, key=lambda change: -change.added_calls))

    def days(self, until: Millis) -> float:
        """How many days the messages are spread over, up to ``until``; less than one is one."""
        return max(until - self.began_at, DAY) / DAY if self.messages else 1.0


def _targets(rule: str, owed: Iterable[Wanted]) -> list[str]:
    return [each.chat for each in owed if rule in each.rules]


def _count(counted: Counted, rule: str, made: Plan, targets: list[str]) -> None:
    counted.matched += rule in made.rules
    counted.deliveries += len(targets)
    counted.suppressed.update(kept_back.reason for kept_back in made.suppressed if kept_back.rule == rule)


def _short(message: Message) -> str:
    """What a person knows the message by."""
    text = " ".join(message.text[: SAMPLE_TEXT * 4].split()) or f"[{message.type}]"
    return text if len(text) <= SAMPLE_TEXT else text[:SAMPLE_TEXT] + "…"
