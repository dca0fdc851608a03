"""Intake: every original is stored, decided and planned in one transaction, and only then acknowledged.

Requests that arrive while a commit is under way form the next one (group commit), so durability costs one fsync
for all of them. Callback, pull and replay end here alike.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

import msgspec
import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from yzj_daemon.clock import MINUTE, Clock, Millis
from yzj_daemon.delivery import State
from yzj_daemon.errors import StoreProblem
from yzj_daemon.fingerprint import fingerprint
from yzj_daemon.flow.plan import Mutes, Plan, PlanPolicy, Wanted, acting, event_of, plan
from yzj_daemon.flow.recall import recalled
from yzj_daemon.flow.rests import Rests
from yzj_daemon.flow.tripwire import Tripwires
from yzj_daemon.message import Batch, Message, Notice, Original, Source
from yzj_daemon.ops import logs
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.ops.traces import Traces
from yzj_daemon.rules import packing, text
from yzj_daemon.rules.ruleset import Decision, Ruleset
from yzj_daemon.settings import units
from yzj_daemon.storage import controls, echoes, inbox, memory, outbox, retention, settlement
from yzj_daemon.storage.echoes import Confirmed
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.intake")

GROUP_MESSAGES = 500
"""Messages of one transaction: enough to make the fsync cheap, few enough to answer within a blink."""

QUEUED_MESSAGES = 20_000
QUEUED_BYTES = 64 * 1024 * 1024
"""What may wait for the writer before further callbacks are turned away with 503."""

SEEN_EVERY: Millis = MINUTE
"""How often an account's last sign of life is written down."""

RESTORED_DOUBT: Millis = MINUTE
"""How far the platform's clock may be ahead of ours when a restored store asks what was sent before it."""


class RulesInForce(msgspec.Struct, frozen=True):
    """The rule set that decides, and the files it came from, kept with its decisions (``rules/packing.py``)."""

    ruleset: Ruleset
    packed: bytes

    def texts(self) -> dict[str, str]:
        """The files, name to text."""
        return packing.unpack(self.packed)


class _Arrival(msgspec.Struct):
    batch: Batch
    source: Source
    at: Millis
    done: "Done"
    size: int = 0


class _New(msgspec.Struct):
    """One message on its way into the store."""

    message: Message
    arrival: _Arrival
    row: inbox.MessageRow


class _Planned(msgspec.Struct):
    """A message that is new, and what is to come of it."""

    message: Message
    row: inbox.MessageRow
    plan: Plan
    decision: Decision | None
    trouble: str


class Decided(msgspec.Struct, frozen=True):
    """One new message and what came of it."""

    message_id: int
    message: Message
    plan: Plan
    reason: str
    owed: int
    errors: tuple[tuple[str, str], ...] = ()


class Recorded(msgspec.Struct):
    """What one transaction stored. ``lanes``: accounts that now owe something."""

    decided: list[Decided] = msgspec.field(default_factory=list)
    lanes: set[str] = msgspec.field(default_factory=set)
    seen: set[str] = msgspec.field(default_factory=set)
    confirmed: list[Confirmed] = msgspec.field(default_factory=list)
    revoked: int = 0
    rule_set_id: int | None = None
    began_at: Millis = 0


Done = Callable[[Recorded | StoreProblem], None]
"""Hears after the commit what became of what was taken in; of a StoreProblem when nothing of it was stored."""

Stored = asyncio.Future[Recorded | StoreProblem]
"""The same, for those who wait."""


class Notify(Protocol):
    def __call__(self, accounts: Iterable[str]) -> None: ...


class Intake:
    """The one way into the store.

    ``rules`` may be swapped at any time; a transaction uses the set it began with. ``wake`` is called with the
    accounts that owe something new, after the commit. ``served`` limits the accounts this daemon serves; messages of
    others are kept as notices. ``hosted`` is every account known to be hosted: what one of them sent is self-sent.
    ``content_off``: no text stays that no delivery needs. ``restored_at``: when the store was restored from a backup.
    """

    def __init__(
        self,
        store: Store,
        rules: RulesInForce,
        policy: PlanPolicy,
        *,
        clock: Clock,
        metrics: Metrics,
        wake: Notify,
        max_targets: int,
        event_keys: tuple[str, ...] = ("wx_svrid", "wx_msgid"),
        served: frozenset[str] = frozenset(),
        read_text: text.Reader = text.read,
        content_off: bool = False,
        restored_at: Millis | None = None,
        traces: Traces | None = None,
    ) -> None:
        self.rules = rules
        self.hosted: set[str] = set(served)
        self._store = store
        self._policy = policy
        self._clock = clock
        self._metrics = metrics
        self._wake = wake
        self._max_targets = max_targets
        self._event_keys = event_keys
        self._served = served
        self._read_text = read_text
        self._content_off = content_off
        self._restored_at = restored_at
        self._traces = traces
        self._queue: deque[_Arrival] = deque()
        self._queued_messages = 0
        self._queued_bytes = 0
        self._arrived = asyncio.Event()
        self._stopping = False
        self._rule_set_ids: dict[str, int] = {}
        self._seen_at: dict[str, Millis] = {}
        self._tripwires = Tripwires()
        self._standing = controls.Standing()

    def offer(self, batch: Batch, source: Source, at: Millis) -> Stored | None:
        """Queue a batch; the future is done after the commit. None: full, nothing was taken in."""
        stored: Stored = asyncio.get_running_loop().create_future()
        return stored if self.take(batch, source, at, partial(_settle, stored)) else None

    def take(self, batch: Batch, source: Source, at: Millis, done: Done) -> bool:
        """The same, for those who do not wait. False: full, nothing was taken in, and ``done`` hears nothing."""
        if self._served:
            batch = _only_served(batch, self._served)
        if self._content_off:
            batch = _without_bodies(batch)
        size = 0
        for original in batch.originals:
            self.hosted.add(original.account)
            size += len(original.content)
        if self._queued_messages >= QUEUED_MESSAGES or self._queued_bytes >= QUEUED_BYTES:
            return False
        self._queued_messages += len(batch.originals)
        self._queued_bytes += size
        self._queue.append(_Arrival(batch, source, at, done, size))
        self._arrived.set()
        return True

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Store what arrives until :meth:`stop`, then what is left. ``beat`` tells that the loop turns."""
        ticking = asyncio.create_task(self._tick())
        try:
            while not (self._stopping and not self._queue):
                beat()
                self._arrived.clear()
                if not self._queue:
                    await self._arrived.wait()
                if self._queue:
                    await asyncio.sleep(0)  # what lies ready at the sockets comes along
                    await self._store_group()
        finally:
            ticking.cancel()

    async def _tick(self) -> None:
        """The loop turns once a second, also when nothing arrives."""
        while True:
            await asyncio.sleep(1)
            self._arrived.set()

    def stop(self) -> None:
        self._stopping = True
        self._arrived.set()

    def _next_group(self) -> list[_Arrival]:
        group: list[_Arrival] = []
        messages = 0
        while self._queue and messages < GROUP_MESSAGES:
            arrival = self._queue.popleft()
            messages += len(arrival.batch.originals)
            group.append(arrival)
        return group

    async def _store_group(self) -> None:
        """The group is formed when its transaction begins, of all that arrived until then."""
        group: list[_Arrival] = []
        try:
            recorded: Recorded | StoreProblem = await self._store.write(partial(self._record_next, group, self.rules))
        except StoreProblem as problem:
            group = group or self._next_group()
            log.error("store.refused", problem=str(problem), requests=len(group))
            recorded = problem
        if isinstance(recorded, Recorded):
            await self._trip(recorded)
        for arrival in group:
            self._queued_messages -= len(arrival.batch.originals)
            self._queued_bytes -= arrival.size
            self._tell(arrival, recorded)
        if isinstance(recorded, Recorded):
            self._publish(group, recorded)

    def _tell(self, arrival: _Arrival, recorded: Recorded | StoreProblem) -> None:
        """Whatever becomes of one answer, the others are given."""
        try:
            arrival.done(recorded)
        except Exception:
            log.exception("intake.raised", todo="report this: it is a fault of the program")

    # In the writer's thread, inside its transaction ------------------------------------------------------------

    def _record_next(self, group: list[_Arrival], rules: RulesInForce, connection: Connection) -> Recorded:
        """``group`` is filled at the first try, and stays what it is should there be another."""
        if not group:
            group += self._next_group()
        return self._record(group, rules, self._clock.now(), connection)

    def _record(self, group: list[_Arrival], rules: RulesInForce, now: Millis, connection: Connection) -> Recorded:
        recorded = Recorded(began_at=now)
        arrived: list[_New] = []
        for arrival in group:
            batch = arrival.batch
            if batch.unreadable:
                inbox.quarantine(connection, batch.unreadable, arrival.source, arrival.at)
            if batch.notices:
                inbox.note(connection, batch.notices, arrival.source, arrival.at)
            for original in batch.originals:
                message = self._message(original)
                arrived.append(_New(message, arrival, self._row(original, message, arrival)))
        fresh = inbox.add(connection, [one.row for one in arrived])
        if fresh:
            self._decide(connection, rules, [one for one in arrived if one.row["id"] in fresh], recorded, now)
        self._note_seen(connection, {one.message.account for one in arrived}, recorded, now)
        return recorded

    def _message(self, original: Original) -> Message:
        self_sent = original.sender == original.account or original.sender in self.hosted
        return text.message_of(original, self_sent=self_sent, reader=self._read_text)

    def _row(self, original: Original, message: Message, arrival: _Arrival) -> inbox.MessageRow:
        return {
            "id": 0,
            "account": original.account,
            "key": original.id,
            "event": event_of(original, self._event_keys),
            "chat": original.chat,
            "chat_type": original.chat_type,
            "sender": original.sender,
            "type": original.type,
            "sent_at": original.sent_at,
            "received_at": arrival.at,
            "source": arrival.source,
            "svrid": original.svrid,
            "wx_svrid": original.wx_svrid,
            "wx_msgid": original.wx_msgid,
            "self_sent": message.self_sent,
            "opaque": message.opaque,
            "text": message.text,
            "content": original.content,
            "envelope": original.envelope,
            "content_at": original.content_at,
        }

    def _decide(
        self, connection: Connection, rules: RulesInForce, new: list[_New], recorded: Recorded, now: Millis
    ) -> None:
        digest = rules.ruleset.hash
        recorded.rule_set_id = self._rule_set_ids.get(digest) or inbox.rule_set(connection, digest, rules.packed, now)
        mutes, held = self._standing.look(connection, now)
        rests = Rests(partial(memory.rested_until, connection))
        planned: list[_Planned] = []
        drafts: list[outbox.Draft] = []
        owing: set[str] = set()
        copies: list[Message] = []
        for one in new:
            message, arrival = one.message, one.arrival
            settled = self._settle(connection, message, arrival.at, recorded, now)
            if self._restored_at is not None and message.sender == message.account and not settled:
                copies.append(message)
            decision, todo, trouble = _judge(rules.ruleset, message, arrival, self._policy, mutes, rests)
            if todo.rules:
                event = one.row["event"]
                mark = _mark(message) if todo.wanted else ""
                todo = self._unless_it_came_back(connection, message, arrival.at, todo, mark, now)
                todo = _as_copy(connection, todo, event, owing)
                for rule in acting(todo, decision) if decision is not None else ():
                    rests.begin(rule, message, arrival.at)
                owing.update(event for _ in todo.wanted)
                doubt = controls.RESTORED if self._may_have_left_before(message, arrival) else ""
                drafts += (_draft(one.row["id"], event, message, w, mark, held, doubt, now) for w in todo.wanted)
            planned.append(_Planned(message, one.row, todo, decision, trouble))
        created = outbox.add(connection, drafts, self._max_targets)
        if copies:
            found = (echoes.confirm_lost(connection, m.account, m.chat, _mark(m), now) for m in copies)
            recorded.confirmed += [one for one in found if one is not None]
        inbox.decide(connection, [_told_in_row(one, created, recorded, now) for one in planned])
        if self._content_off:
            unwanted = [(one.row["id"], _mark(one.message)) for one in planned if not one.plan.wanted]
            retention.blank(connection, unwanted)
        memory.rest(connection, rests.begun)
        memory.matched(connection, Counter(rule for one in planned for rule in one.plan.rules), now)

    def _may_have_left_before(self, message: Message, arrival: _Arrival) -> bool:
        """A pull brings what was sent before the store was restored from a backup: it may have been forwarded by what
        is now lost. A callback comes only once, so what it brings is new.
        """
        if self._restored_at is None or arrival.source != "pull":
            return False
        born = message.sent_at if message.sent_at is not None else arrival.at - RESTORED_DOUBT
        return born <= self._restored_at + RESTORED_DOUBT

    def _settle(self, connection: Connection, message: Message, at: Millis, recorded: Recorded, now: Millis) -> bool:
        """An own copy proves that a delivery arrived, which is answered; a recall stops what has not left."""
        if message.sender == message.account:
            mark = _mark(message)
            sent_at, window = message.sent_at or at, self._policy.echo_window
            found = echoes.confirm(connection, message.account, message.chat, mark, sent_at, window, now)
            if found is not None:
                recorded.confirmed.append(found)
                return True
        elif message.type == "revoke" and self._policy.cancel_on_revoke:
            ids = recalled(message.content, self._policy.revoke_paths)
            recorded.revoked += settlement.revoke(connection, message.account, message.chat, ids, now)
        return False

    def _unless_it_came_back(
        self, connection: Connection, message: Message, at: Millis, todo: Plan, mark: str, now: Millis
    ) -> Plan:
        """What we sent ourselves, under whatever sender it comes back, is not sent again; nor the same for ever."""
        if not todo.wanted:
            return todo
        if echoes.came_back(connection, message.chat, mark, message.sent_at or at, self._policy.echo_window):
            return todo.withheld("loop", "it was sent into this chat by us")
        most = self._policy.repeats_per_hour
        if most and echoes.repeated(connection, message.chat, mark, most, now):
            return todo.withheld("loop", f"{most} messages of this content came from this chat within an hour")
        return todo

    def _note_seen(self, connection: Connection, accounts: set[str], recorded: Recorded, now: Millis) -> None:
        recorded.seen = {a for a in accounts if now - self._seen_at.get(a, 0) >= SEEN_EVERY}
        inbox.saw(connection, recorded.seen, now)

    # Back on the loop, after the commit -------------------------------------------------------------------------

    def _publish(self, group: list[_Arrival], recorded: Recorded) -> None:
        if recorded.rule_set_id is not None:
            self._rule_set_ids[self.rules.ruleset.hash] = recorded.rule_set_id
        now = self._clock.now()
        for account in recorded.seen:
            self._seen_at[account] = now
        for arrival in group:
            for part in arrival.batch.unreadable:
                self._metrics.quarantined(part.reason)
                log.warning("quarantined", reason=part.reason, detail=part.detail, source=arrival.source)
        received = Counter((a.source, o.type) for a in group for o in a.batch.originals)
        received.update((a.source, n.type) for a in group for n in a.batch.notices)
        for (source, kind), number in received.items():
            self._metrics.received(source, kind, number)
        decided = recorded.decided
        reasons = Counter([one.reason for one in decided])
        self._metrics.decided(reasons, Counter([rule for one in decided for rule in one.plan.rules]))
        for found in recorded.confirmed:
            log.info("delivery.confirmed", delivery=str(found.id), was=found.was)
        if recorded.revoked:
            log.info("deliveries.revoked", deliveries=recorded.revoked)
        logs.many("yzj_daemon.intake", "message.decided", [_told(one) for one in decided])
        if recorded.lanes:
            self._wake(recorded.lanes)
        if self._traces is not None:
            self._trace(self._traces, group, recorded, now)

    def _trace(self, traces: Traces, group: list[_Arrival], recorded: Recorded, now: Millis) -> None:
        arrived = {(o.account, o.id): arrival for arrival in reversed(group) for o in arrival.batch.originals}
        for decided in recorded.decided:
            message = decided.message
            arrival = arrived[message.account, message.id]
            row, source, reason = decided.message_id, arrival.source, decided.reason
            traces.received(message, row, source, reason, at=arrival.at, began=recorded.began_at, committed=now)

    async def _trip(self, recorded: Recorded) -> None:
        """Hold the rules that matched too often. What this transaction created of theirs is held with the rest."""
        now = self._clock.now()
        limits = self.rules.ruleset.limits
        matched = (rule for decided in recorded.decided if decided.owed for rule in decided.plan.rules)
        for rule, limit in self._tripwires.crossed(limits, matched, now) if limits else ():
            why = f'limit = "{limit.most}/{units.span(limit.span)}"'  # as the rule has it: of no language
            held = await self._store.write(partial(controls.hold_rule, rule=rule, why=why, now=now))
            log.error(
                "rule.held", rule=rule, why=why, deliveries=held, todo=f"yzj-daemon deliveries release --rule {rule}"
            )


def _told(decided: Decided) -> dict[str, Any]:
    """Its line of the log."""
    for rule, error in decided.errors:
        log.error("rule.raised", rule=rule, message=str(decided.message_id), error=error)
    message = decided.message
    return {
        "message": str(decided.message_id),
        "account": message.account,
        "chat": message.chat,
        "sender": message.sender,
        "type": message.type,
        "reason": decided.reason,
        "rules": decided.plan.rules,
        "deliveries": decided.owed,
    }


def _only_served(batch: Batch, served: frozenset[str]) -> Batch:
    """Messages of accounts that this daemon does not serve are kept as notices, undecided by intent."""
    others = tuple(o for o in batch.originals if o.account not in served)
    if not others:
        return batch
    return Batch(
        originals=tuple(o for o in batch.originals if o.account in served),
        notices=(*batch.notices, *(Notice(account=o.account, type="chatMsg", body=o.element()) for o in others)),
        unreadable=batch.unreadable,
    )


def _without_bodies(batch: Batch) -> Batch:
    """Where no content is kept: that something came, of which type or why it could not be read, and no word of it."""
    return Batch(
        originals=batch.originals,
        notices=tuple(replace(notice, body="") for notice in batch.notices),
        unreadable=tuple(replace(part, body=b"") for part in batch.unreadable),
    )


def _settle(stored: Stored, recorded: Recorded | StoreProblem) -> None:
    if not stored.done():
        stored.set_result(recorded)


def _mark(message: Message) -> str:
    return fingerprint(message.type, message.content)


def _judge(
    ruleset: Ruleset, message: Message, arrival: _Arrival, policy: PlanPolicy, mutes: Mutes, rests: Rests
) -> tuple[Decision | None, Plan, str]:
    """Decide and plan; should either raise, the message is kept and nothing is forwarded."""
    try:
        decision = ruleset.decide(message, arrival.at)
        pulled = arrival.source == "pull"
        return decision, plan(message, decision, arrival.at, policy, pulled=pulled, mutes=mutes, rests=rests), ""
    except Exception as surprise:  # noqa: BLE001 - fail closed: stored, named, loud, and the next message goes on
        return None, Plan(reason="rule_error"), f"{type(surprise).__name__}: {surprise}"


def _told_in_row(
    one: _Planned, created: Collection[tuple[int, str]], recorded: Recorded, now: Millis
) -> inbox.DecisionRow:
    """Counts what one message came to, and answers the row that keeps it. ``created``: the deliveries that are new."""
    message_id, todo = one.row["id"], one.plan
    owed, reason = 0, todo.reason
    if todo.wanted:
        owed = sum((message_id, wanted.chat) in created for wanted in todo.wanted)
        reason = reason if owed else "duplicate"
    if owed:
        recorded.lanes.update(wanted.via or one.message.account for wanted in todo.wanted)
    errors = one.decision.errors if one.decision is not None else (("", one.trouble),)
    recorded.decided.append(Decided(message_id, one.message, todo, reason, owed, errors))
    return {
        "message_id": message_id,
        "nonce": 0,
        "reason": reason,
        "rules": outbox.encode(todo.rules) if todo.rules else "[]",
        "trail": _trail(todo, one.decision, errors),
        "rule_set_id": recorded.rule_set_id,
        "decided_at": now,
    }


def _as_copy(connection: Connection, todo: Plan, event: str, owing: Collection[str]) -> Plan:
    """A rule that rests since the first copy of this very message did not keep the second one back: that is double."""
    if todo.reason == "cooldown" and (event in owing or outbox.had(connection, event)):
        return todo.withheld("duplicate")
    return todo


def _draft(
    message_id: int,
    event: str,
    message: Message,
    wanted: Wanted,
    mark: str,
    held: Mapping[str, str],
    doubt: str,
    now: Millis,
) -> outbox.Draft:
    """What waits for a person: what a rule asks for that a tripwire holds (``held``), and what may have left before
    (``doubt``: the reason, or "").
    """
    why = doubt or ("limit" if any(rule in held for rule in wanted.rules) else "")
    return outbox.draft(
        message_id=message_id,
        event=event,
        nonce=0,
        account=wanted.via or message.account,
        chat=wanted.chat,
        rules=wanted.rules,
        priority=wanted.priority,
        solo=wanted.solo,
        strict=wanted.strict,
        on_unknown=wanted.on_unknown,
        fingerprint=mark,
        reason=why or wanted.waits_for,
        due_at=wanted.due_at,
        expires_at=wanted.expires_at,
        now=now,
        state=State.HELD if why else State.PENDING,
    )


def _trail(todo: Plan, decision: Decision | None, errors: tuple[tuple[str, str], ...]) -> str:
    """What a later "why" needs and the message does not tell; "" when there is nothing of it."""
    told: dict[str, Any] = {}
    if decision is not None and (near := [miss.row() for miss in decision.near]):
        told["near"] = near
    if todo.suppressed:
        told["suppressed"] = [kept_back._asdict() for kept_back in todo.suppressed]
    if errors:
        told["errors"] = [{"rule": rule, "error": error} for rule, error in errors]
    return outbox.encode(told) if told else ""
