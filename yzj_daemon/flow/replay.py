"""Stored messages decided again, with the rules of now: counted, and sent only when somebody says so.

What a chat already got, or may have got, it does not get again unless that is asked for too.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from yzj_daemon.clock import DAY, Clock, Millis
from yzj_daemon.fingerprint import fingerprint
from yzj_daemon.flow.plan import Plan, PlanPolicy, Wanted
from yzj_daemon.flow.stored import Judge, Once, Ours, pages
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.storage import inbox, outbox, reports
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Received

AGELESS: Final[Millis] = 36_500 * DAY


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Messages received from ``since`` up to ``until``; ``rule``: only what this rule asks for ("": all).

    ``most``: deliveries at most. ``again``: also to chats that already got the message, or may have. ``message``: this
    one alone, by its row id (0: all of the span).
    """

    since: Millis
    until: Millis
    rule: str = ""
    most: int = 100
    again: bool = False
    message: int = 0


class Answer(msgspec.Struct):
    """``left_out``: deliveries beyond ``most``; ``had``: those not owed because the chat got the message before.

    ``without_content``: messages that cannot be decided again, because their content was not kept.
    """

    messages: int = 0
    matched: int = 0
    deliveries: int = 0
    had: int = 0
    left_out: int = 0
    without_content: int = 0
    by_rule: Counter[str] = msgspec.field(default_factory=Counter)
    by_account: Counter[str] = msgspec.field(default_factory=Counter)


class Replay:
    """``max_targets``: chats of one call. ``policy``: what the settings say; age and dry runs do not count here."""

    def __init__(
        self, store: Store, ruleset: Ruleset, packed: bytes, policy: PlanPolicy, max_targets: int, clock: Clock
    ) -> None:
        self._store = store
        self._ruleset = ruleset
        self._packed = packed
        self._policy = replace(policy, max_age=AGELESS, pulled_max_age=AGELESS, dry_run=False)
        self._max_age = policy.max_age
        self._max_targets = max_targets
        self._clock = clock

    def ask(
        self,
        question: Question,
        *,
        execute: bool = False,
        done: Callable[[int], None] = lambda _more: None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Count; with ``execute`` owe it, page by page. ``done`` is told of how many messages more.

        ``go_on`` is asked before each page; when it says no, the answer is of what was seen until then.
        """
        answer = Answer()
        judge = Judge(self._ruleset, self._policy, Ours(self._store, self._policy.echo_window))
        once = Once()
        for page in self._pages(question):
            if not go_on():
                break
            answer.messages += len(page)
            kept = [received for received in page if received.kept]
            answer.without_content += len(page) - len(kept)
            wanted = [(received, self._wanted(received, judge(received), once, question, answer)) for received in kept]
            owed = [(received, found) for received, found in wanted if found]
            if execute and owed:
                self._store.write_now(partial(self._owe, owed=owed))
            done(len(page))
        return answer

    def _pages(self, question: Question) -> Iterator[tuple[Received, ...]]:
        if not question.message:
            yield from pages(self._store, question.since, question.until)
        elif one := self._store.read_now(partial(reports.received, message_id=question.message)):
            yield (one,)

    def _wanted(
        self, received: Received, planned: Plan, once: Once, question: Question, answer: Answer
    ) -> list[Wanted]:
        asked = (w for w in planned.wanted if not question.rule or question.rule in w.rules)
        wanted = once.fresh(received.event, asked)
        answer.matched += bool(wanted)
        asks_nobody = question.again or not wanted
        had = frozenset() if asks_nobody else self._store.read_now(partial(outbox.had, event=received.event))
        found: list[Wanted] = []
        for each in wanted:
            if each.chat in had:
                answer.had += 1
            elif answer.deliveries >= question.most:
                answer.left_out += 1
            else:
                answer.deliveries += 1
                answer.by_rule.update(each.rules)
                answer.by_account[received.message.account] += 1
                found.append(each)
        return found

    def _owe(self, connection: Connection, owed: list[tuple[Received, list[Wanted]]]) -> None:
        now = self._clock.now()
        rule_set_id = inbox.rule_set(connection, self._ruleset.hash, self._packed, now)
        drafts: list[outbox.Draft] = []
        decisions: list[inbox.DecisionRow] = []
        for received, wanted in owed:
            nonce = outbox.next_nonce(connection, received.event, received.id)
            drafts += (self._draft(received, each, nonce, now) for each in wanted)
            rules = list(dict.fromkeys(rule for each in wanted for rule in each.rules))
            decisions.append(
                {
                    "message_id": received.id,
                    "nonce": nonce,
                    "reason": "matched",
                    "rules": outbox.encode(rules),
                    "trail": outbox.encode({"replay": [{"at": now}]}),
                    "rule_set_id": rule_set_id,
                    "decided_at": now,
                }
            )
        outbox.add(connection, drafts, self._max_targets)
        inbox.decide(connection, decisions)

    def _draft(self, received: Received, wanted: Wanted, nonce: int, now: Millis) -> outbox.Draft:
        """Due now, and wanted for as long from now as it was from its receipt."""
        return outbox.draft(
            message_id=received.id,
            event=received.event,
            nonce=nonce,
            account=wanted.via or received.message.account,
            chat=wanted.chat,
            rules=wanted.rules,
            priority=wanted.priority,
            solo=wanted.solo,
            strict=False,  # the past keeps nothing of the present waiting
            on_unknown=wanted.on_unknown,
            fingerprint=fingerprint(received.message.type, received.message.content),
            reason="replay",
            due_at=now,
            expires_at=now + self._max_age,
            now=now,
        )
