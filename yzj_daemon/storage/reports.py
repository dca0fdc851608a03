"""Questions people and metrics ask of the store. Reading only, newest first, page by page."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    Table,
    TextClause,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
)

from yzj_daemon.account import AccountState, Evidence, state_of
from yzj_daemon.clock import MINUTE, SECOND, Millis
from yzj_daemon.delivery import State
from yzj_daemon.lane import Lane, LaneState
from yzj_daemon.message import Message, Original
from yzj_daemon.rules import packing
from yzj_daemon.storage import envelope, lanes, outbox
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.bulk import Prepared


class Depth(NamedTuple):
    """How much waits in a lane, and how long its oldest has waited (seconds)."""

    account: str
    depth: int
    oldest_seconds: float


def deliveries_by_state(connection: Connection) -> dict[str, int]:
    """How many deliveries are in each state; every state is named."""
    d = t.deliveries.c
    found: dict[str, int] = dict(connection.execute(select(d.state, func.count()).group_by(d.state)).all())
    return {state.value: found.get(state.value, 0) for state in State}


def counted(connection: Connection, states: Sequence[State]) -> dict[State, int]:
    """How many deliveries are in each of these states. As dear as they are many: not for those that end well."""
    d = t.deliveries.c
    query = select(d.state, func.count()).where(d.state.in_(states)).group_by(d.state)
    found: dict[str, int] = dict(connection.execute(query).all())
    return {state: found.get(state.value, 0) for state in states}


def lane_depths(connection: Connection, now: Millis) -> tuple[Depth, ...]:
    """Every lane that owes something."""
    return tuple(Depth(account, depth, max(0, now - oldest) / SECOND) for account, depth, oldest in _owing(connection))


def _owing(connection: Connection) -> Sequence[Any]:
    """Of each lane that owes something: how much, and when the oldest of it was made. Read along an index: a backlog of
    a million takes no memory.
    """
    waits = f"FROM {outbox.by_lane(connection)} WHERE d.state = 'pending' AND d.account = owing.account"
    columns = f"account, (SELECT count(*) {waits}), (SELECT min(d.created_at) {waits})"
    return connection.execute(text(outbox.waiting(connection, columns))).all()


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing is narrowed to; "" and None narrow nothing.

    ``since`` is inclusive, ``until`` exclusive: when a message was received, when a delivery was created. ``text``
    is a literal part of what a person reads, whatever its case. ``state`` and ``rule`` of a message are those of its
    deliveries and its decision, ``decided`` is why it was forwarded or not; ``chat`` of a delivery is its target.
    """

    account: str = ""
    chat: str = ""
    sender: str = ""
    type: str = ""
    rule: str = ""
    state: str = ""
    decided: str = ""
    text: str = ""
    since: Millis | None = None
    until: Millis | None = None


class MessageLine(NamedTuple):
    """One message in a listing. ``kept``: its content is in the store."""

    id: int
    account: str
    chat: str
    sender: str
    type: str
    svrid: str
    source: str
    received_at: Millis
    text: str
    kept: bool = True


class DeliveryLine(NamedTuple):
    """One delivery in a listing; ``rules``: all that asked for it."""

    id: int
    message_id: int
    account: str
    chat: str
    state: str
    rules: tuple[str, ...]
    attempts: int
    reason: str
    created_at: Millis
    updated_at: Millis


class Place(NamedTuple):
    """Where a page of messages ended: the next one goes on below it."""

    received_at: Millis
    id: int


def messages(
    connection: Connection, narrowed: Filter, limit: int, below: Place | None = None, down_to: Place | None = None
) -> tuple[MessageLine, ...]:
    """Up to ``limit`` messages, newest first, older than ``below`` and down to ``down_to``."""
    query = select(*_message_line()).where(*_of_message(narrowed), *received_within(narrowed)).limit(limit)
    if narrowed.rule or narrowed.decided:
        query = query.where(_decided_by(narrowed))
    if narrowed.state:
        query = query.where(_has_delivery(narrowed.state))
    found = connection.execute(in_order(query, narrowed, below, down_to))
    return tuple(MessageLine(*row) for row in found)


def _message_line() -> tuple[ColumnElement[Any], ...]:
    m = t.messages.c
    kept = m.fingerprint == ""
    return (m.id, m.account, m.chat, m.sender, m.type, m.svrid, m.source, m.received_at, m.text, kept)


def in_order(query: Select[Any], narrowed: Filter, below: Place | None, down_to: Place | None = None) -> Select[Any]:
    """Of messages, the newest first: in one chat by its own index, else by the time of receipt."""
    m = t.messages.c
    if narrowed.chat:
        query = query.where(m.chat == narrowed.chat)
        query = query if below is None else query.where(m.id < below.id)
        query = query if down_to is None else query.where(m.id >= down_to.id)
        return query.order_by(m.id.desc())
    if below is not None:
        earlier = and_(m.received_at == below.received_at, m.id < below.id)
        query = query.where(m.received_at <= below.received_at, or_(m.received_at < below.received_at, earlier))
    if down_to is not None:
        later = and_(m.received_at == down_to.received_at, m.id >= down_to.id)
        query = query.where(m.received_at >= down_to.received_at, or_(m.received_at > down_to.received_at, later))
    return query.order_by(m.received_at.desc(), m.id.desc())


def deliveries(
    connection: Connection, narrowed: Filter, limit: int, below: int | None = None, down_to: int | None = None
) -> tuple[DeliveryLine, ...]:
    """Up to ``limit`` deliveries, newest first, with ids lower than ``below`` and down to ``down_to``."""
    d = t.deliveries.c
    query = _narrowed(_delivery_lines(), narrowed)
    query = query if below is None else query.where(d.id < below)
    query = query if down_to is None else query.where(d.id >= down_to)
    return tuple(_delivery_line(row) for row in connection.execute(query.order_by(d.id.desc()).limit(limit)))


def states_of(connection: Connection, narrowed: Filter, states: Sequence[State], ids: range) -> dict[str, int]:
    """How many deliveries with these ids a filter finds in each of these states."""
    d = t.deliveries.c
    query = _narrowed(select(d.state, func.count()), narrowed).where(d.state.in_(states))
    query = query.where(d.id >= ids.start, d.id < ids.stop).group_by(d.state)
    return dict(connection.execute(query).all())


def states_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The state of each of these deliveries; those that are not there are missing."""
    d = t.deliveries.c
    return dict(connection.execute(select(d.id, d.state).where(d.id.in_(ids))).all())


def ids_in(connection: Connection, narrowed: Filter, state: State, limit: int, ids: range) -> tuple[int, ...]:
    """Up to ``limit`` of these ids, the highest: those of deliveries that a filter finds in this state."""
    d = t.deliveries.c
    query = _narrowed(select(d.id), narrowed).where(d.state == state, d.id >= ids.start, d.id < ids.stop)
    return tuple(connection.execute(query.order_by(d.id.desc()).limit(limit)).scalars())


def _narrowed(query: Select[Any], narrowed: Filter) -> Select[Any]:
    """Deliveries, and where a filter asks for it, their messages."""
    query = query.where(*_of_delivery(narrowed))
    if narrowed.sender or narrowed.type or narrowed.text:
        of_message = Filter(sender=narrowed.sender, type=narrowed.type, text=narrowed.text)
        joined = t.messages.c.id == t.deliveries.c.message_id + 0  # from deliveries to messages: the other way sorts
        query = query.join_from(t.deliveries, t.messages, joined).where(*_of_message(of_message))
    return query


def _delivery_lines() -> Select[Any]:
    d = t.deliveries.c
    return select(
        d.id, d.message_id, d.account, d.chat, d.state, d.rules, d.attempts, d.reason, d.created_at, d.updated_at
    )


def _delivery_line(row: Row[Any]) -> DeliveryLine:
    return DeliveryLine(**{**row._mapping, "rules": rule_ids(row.rules)})  # noqa: SLF001 - the public way to a row by name


def rule_ids(stored: str) -> tuple[str, ...]:
    """The ids of a column of rules, which is a JSON list or empty."""
    return msgspec.json.decode(stored, type=tuple[str, ...]) if stored else ()


def _of_message(narrowed: Filter) -> list[ColumnElement[bool]]:
    m = t.messages.c
    found = [
        _beside(column) == wanted
        for column, wanted in ((m.account, narrowed.account), (m.sender, narrowed.sender), (m.type, narrowed.type))
        if wanted
    ]
    return [*found, m.text.icontains(narrowed.text, autoescape=True)] if narrowed.text else found


def received_within(narrowed: Filter) -> list[ColumnElement[bool]]:
    received = t.messages.c.received_at
    since = [received >= narrowed.since] if narrowed.since is not None else []
    return [*since, received < narrowed.until] if narrowed.until is not None else since


def _of_delivery(narrowed: Filter) -> list[ColumnElement[bool]]:
    d = t.deliveries.c
    conditions = (
        (narrowed.account, d.account == narrowed.account),
        (narrowed.chat, d.chat == narrowed.chat),
        (narrowed.state, d.state == narrowed.state),
        (narrowed.rule, _names(d.rules, narrowed)),
        (narrowed.since is not None, d.created_at >= (narrowed.since or 0)),
        (narrowed.until is not None, d.created_at < (narrowed.until or 0)),
    )
    return [condition for asked, condition in conditions if asked]


def _beside(column: Column[Any]) -> ColumnElement[str]:
    """A column's value, out of the planner's sight: an index on it would cost sorting all that it finds."""
    return column.concat("")


def _names(rules: Column[Any], narrowed: Filter) -> ColumnElement[bool]:
    """A JSON list of rule ids holds this one. LIKE would take "A" for "a"."""
    quoted = msgspec.json.encode(narrowed.rule).decode()
    return func.replace(rules, quoted, "", type_=String) != rules


def _decided_by(narrowed: Filter) -> ColumnElement[bool]:
    """By a rule, on receipt or in a replay; for a reason, on receipt."""
    c = t.decisions.c
    query = select(c.message_id).where(c.message_id == t.messages.c.id)
    query = query.where(_names(c.rules, narrowed)) if narrowed.rule else query
    query = query.where(c.reason == narrowed.decided, c.nonce == 0) if narrowed.decided else query
    return query.exists()


def _has_delivery(state: str) -> ColumnElement[bool]:
    d = t.deliveries.c
    return select(d.id).where(d.message_id == t.messages.c.id, d.state == state).exists()


# One message, one delivery ------------------------------------------------------------------------------------------


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A stored message: its row id, the original, and the message as rules saw it.

    ``kept`` is false where the content is not in the store any more (``store.content = "none"``): then original and
    message have none, and nothing can be decided by them.
    """

    id: int
    original: Original
    message: Message
    received_at: Millis
    source: str
    event: str
    kept: bool = True


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A stored decision. ``trail`` holds the near misses, suppressions and errors, as intake wrote them.

    ``sources`` are the files of the rule set that decided, name to text; empty where none did.
    """

    reason: str
    rules: tuple[str, ...]
    trail: dict[str, list[dict[str, Any]]]
    rules_hash: str
    sources: dict[str, str]
    decided_at: Millis


class CallLine(NamedTuple):
    """One forwardMsg call that carried a delivery. ``ended_at`` None: on its way, or the process died."""

    id: int
    began_at: Millis
    ended_at: Millis | None
    outcome: str
    reason: str
    detail: str


def received(connection: Connection, message_id: int) -> Received | None:
    """The message with this row id."""
    row = connection.execute(select(t.messages).where(t.messages.c.id == message_id)).one_or_none()
    return None if row is None else _received_row(row)


def received_all(connection: Connection, ids: Collection[int]) -> tuple[Received, ...]:
    """The messages with these row ids, in any order."""
    rows = connection.execute(select(t.messages).where(t.messages.c.id.in_(ids)))
    return tuple(_received_row(row) for row in rows)


def received_as(connection: Connection, vendor_id: str, limit: int = 10) -> tuple[Received, ...]:
    """Messages that the vendor knows by this id, in an account or of the event: one for each account that received it.

    That of the event is ``wx_svrid``, else ``wx_msgid``; a private chat has none that others see.
    """
    query = select(t.messages).where(_known_as(vendor_id)).order_by(t.messages.c.id).limit(limit)
    return tuple(_received_row(row) for row in connection.execute(query))


def lines_as(connection: Connection, vendor_id: str, limit: int = 10) -> tuple[MessageLine, ...]:
    """The same messages as they are listed."""
    query = select(*_message_line()).where(_known_as(vendor_id)).order_by(t.messages.c.id).limit(limit)
    return tuple(MessageLine(*row) for row in connection.execute(query))


def _known_as(vendor_id: str) -> ColumnElement[bool]:
    """By two indexes: of each account's keys, and of the events, which begin with their id."""
    m, begins = t.messages.c, f"{vendor_id}."
    own = select(m.id).where(m.account.in_(_receiving()), m.key == vendor_id)
    shared = select(m.id).where(
        m.event.between(begins, f"{begins}{'z' * 9}"),  # of that many it is the last, whatever the collation
        m.event.startswith(begins, autoescape=True),
        func.length(m.event) == len(begins) + EVENT_TAIL,
    )
    return m.id.in_(own.union(shared))


EVENT_TAIL: Final = 8
"""Characters of an event behind its id and the dot (flow/plan.py)."""


def _receiving() -> Select[Any]:
    """Every account that received something, in one step along the index each."""
    account = t.messages.c.account
    first = select(func.min(account).label("account")).cte("receiving", recursive=True)
    after = select(func.min(account)).where(account > first.c.account).scalar_subquery()
    receiving = first.union_all(select(after).where(first.c.account.is_not(None)))
    return select(receiving.c.account)


class Stretch(NamedTuple):
    """Where messages of a span of time lie: the lowest and the highest row id, and how many there are."""

    first: int
    last: int
    messages: int


def stretch(connection: Connection, since: Millis, until: Millis) -> Stretch:
    """Of the messages received from ``since`` up to ``until``; all zeros when there are none."""
    m = t.messages.c
    query = select(func.min(m.id), func.max(m.id), func.count()).where(m.received_at >= since, m.received_at < until)
    first, last, messages = connection.execute(query).one()
    return Stretch(first or 0, last or 0, messages)


def received_between(
    connection: Connection, since: Millis, until: Millis, above: int, limit: int
) -> tuple[Received, ...]:
    """Up to ``limit`` messages received from ``since`` up to ``until``, oldest first, with ids above ``above``.

    It looks at every row above: begin at the :func:`stretch`.
    """
    m = t.messages.c
    received = m.received_at + 0  # its index would find them all, and sort them all, for each page
    query = select(t.messages).where(m.id > above, received >= since, received < until).order_by(m.id).limit(limit)
    return tuple(_received_row(row) for row in connection.execute(query))


def _received_row(row: Row[Any]) -> Received:
    original = Original(
        account=row.account,
        id=row.key,
        chat=row.chat,
        chat_type=row.chat_type,
        sender=row.sender,
        type=row.type,
        sent_at=row.sent_at,
        content=row.content,
        envelope=envelope.unfold(row.envelope, [getattr(row, name) for name in envelope.COLUMNS]),
        content_at=row.content_at,
        svrid=row.svrid,
        wx_svrid=row.wx_svrid,
        wx_msgid=row.wx_msgid,
    )
    return Received(
        id=row.id,
        original=original,
        message=_as_rules_saw(original, row),
        received_at=row.received_at,
        source=row.source,
        event=row.event,
        kept=not row.fingerprint,
    )


def _as_rules_saw(original: Original, row: Row[Any]) -> Message:
    return Message(
        account=original.account,
        id=original.id,
        chat=original.chat,
        chat_type=original.chat_type,
        sender=original.sender,
        type=original.type,
        sent_at=original.sent_at,
        text=row.text,
        content=original.content,
        self_sent=row.self_sent,
        opaque=row.opaque,
    )


def judgement(connection: Connection, message_id: int) -> Judgement | None:
    """What was decided when the message was received."""
    c, r = t.decisions.c, t.rule_sets.c
    query = (
        select(c.reason, c.rules, c.trail, c.decided_at, r.hash, r.packed)
        .outerjoin_from(t.decisions, t.rule_sets, r.id == c.rule_set_id)
        .where(c.message_id == message_id, c.nonce == 0)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Judgement(
        reason=row.reason,
        rules=rule_ids(row.rules),
        trail=msgspec.json.decode(row.trail) if row.trail else {},
        rules_hash=row.hash or "",
        sources=packing.unpack(row.packed) if row.packed else {},
        decided_at=row.decided_at,
    )


def lines(connection: Connection, ids: Collection[int]) -> dict[int, MessageLine]:
    """Messages as they are listed, by their row ids."""
    query = select(*_message_line()).where(t.messages.c.id.in_(ids))
    return {row.id: MessageLine(*row) for row in connection.execute(query)}


class Decided(NamedTuple):
    """What was decided when a message was received: why, and the rules that matched."""

    reason: str
    rules: tuple[str, ...]


def decided(connection: Connection, message_ids: Collection[int]) -> dict[int, Decided]:
    """Of each of these messages."""
    c = t.decisions.c
    query = select(c.message_id, c.reason, c.rules).where(c.message_id.in_(message_ids), c.nonce == 0)
    return {id_: Decided(reason, rule_ids(rules)) for id_, reason, rules in connection.execute(query)}


class Copy(NamedTuple):
    """A message that several hosted accounts received, as one of them did."""

    id: int
    account: str
    received_at: Millis


def copies(connection: Connection, event: str, limit: int = 20) -> tuple[Copy, ...]:
    """One message of a room as each hosted account received it, the first one first."""
    m = t.messages.c
    query = select(m.id, m.account, m.received_at).where(m.event == event).order_by(m.id).limit(limit)
    return tuple(Copy(*row) for row in connection.execute(query))


def deliveries_of(connection: Connection, message_id: int) -> tuple[DeliveryLine, ...]:
    """All that one message owed, oldest first."""
    d = t.deliveries.c
    query = _delivery_lines().where(d.message_id == message_id).order_by(d.id)
    return tuple(_delivery_line(row) for row in connection.execute(query))


def deliveries_of_all(connection: Connection, message_ids: Collection[int]) -> tuple[DeliveryLine, ...]:
    """All that these messages owed, oldest first."""
    d = t.deliveries.c
    query = _delivery_lines().where(d.message_id.in_(message_ids)).order_by(d.id)
    return tuple(_delivery_line(row) for row in connection.execute(query))


def delivery(connection: Connection, delivery_id: int) -> DeliveryLine | None:
    row = connection.execute(_delivery_lines().where(t.deliveries.c.id == delivery_id)).one_or_none()
    return None if row is None else _delivery_line(row)


def call_of(connection: Connection, call_id: int) -> int | None:
    """The message that a call carried."""
    found: int | None = connection.execute(
        select(t.calls.c.message_id).where(t.calls.c.id == call_id)
    ).scalar_one_or_none()
    return found


def calls_of(connection: Connection, delivery_id: int) -> tuple[CallLine, ...]:
    """Every call that carried a delivery, oldest first."""
    a, c = t.attempts.c, t.calls.c
    query = (
        select(c.id, c.began_at, c.ended_at, c.outcome, c.reason, c.detail)
        .join_from(t.attempts, t.calls, c.id == a.call_id)
        .where(a.delivery_id == delivery_id)
        .order_by(c.id)
    )
    return tuple(CallLine(*row) for row in connection.execute(query))


# Lanes and the whole ------------------------------------------------------------------------------------------------


class LaneLine(NamedTuple):
    """An account's lane. ``calls``: how many calls what waits will take; ``last_due_at``: when its last comes due.

    ``standing`` is the state of the account itself.
    """

    account: str
    name: str
    standing: AccountState
    state: LaneState
    reason: str
    next_at: Millis
    depth: int
    calls: int
    oldest_seconds: float
    last_due_at: Millis


def lane_lines(connection: Connection, now: Millis) -> tuple[LaneLine, ...]:
    """Every account that is hosted, has a lane or owes something, by account."""
    names = {row.account: row for row in connection.execute(select(t.accounts))}
    lanes_ = {row.account: row for row in connection.execute(select(t.lanes))}
    owed = {row.account: row for row in _waiting(connection)}
    return tuple(
        _lane_line(account, names.get(account), lanes_.get(account), owed.get(account), now)
        for account in sorted(names.keys() | lanes_.keys() | owed.keys())
    )


class Account(NamedTuple):
    """How an account is. ``reason``: why its lane stopped."""

    account: str
    name: str
    state: AccountState
    reason: str


def account_states(connection: Connection) -> tuple[Account, ...]:
    """Every account that the platform still lists, or whose lane knows of trouble."""
    listed = {row.account: row for row in connection.execute(select(t.accounts))}
    lanes_ = {row.account: row for row in connection.execute(select(t.lanes))}
    owing = set(outbox.accounts_owing(connection))
    newest = max((row.checked_at or 0 for row in listed.values()), default=0)
    return tuple(
        Account(account, row.name if row else "", _standing(row, lanes_.get(account), owes=account in owing), reason)
        for account in sorted(listed.keys() | lanes_.keys())
        if (row := listed.get(account)) is None or account in owing or (row.checked_at or 0) >= newest - UNLISTED_AFTER
        for reason in (lanes_[account].reason if account in lanes_ else "",)
    )


UNLISTED_AFTER: Final = 10 * MINUTE
"""An account that newer lists of the platform do not name is hosted no more."""


def _waiting(connection: Connection) -> Sequence[Any]:
    """What waits in each lane, one lane after the other: a backlog of a million takes time, and no memory."""
    query = f"""
        SELECT account, count(*) AS depth, count(DISTINCT turn) AS calls, min(created_at) AS oldest_at,
            max(due_at) AS last_due_at
        FROM {outbox.by_lane(connection)} WHERE state = 'pending' GROUP BY account
    """  # noqa: S608 - our own words # nosec B608
    return connection.execute(text(query)).all()


def _lane_line(account: str, named: Any, said: Any, owed: Any, now: Millis) -> LaneLine:
    return LaneLine(
        account=account,
        name=named.name if named else "",
        standing=_standing(named, said, owes=owed is not None),
        state=LaneState(said.state) if said else LaneState.READY,
        reason=said.reason if said else "",
        next_at=said.next_at if said else 0,
        depth=owed.depth if owed else 0,
        calls=owed.calls if owed else 0,
        oldest_seconds=max(0, now - owed.oldest_at) / SECOND if owed else 0.0,
        last_due_at=owed.last_due_at if owed else 0,
    )


def _standing(named: Any, said: Any, *, owes: bool) -> AccountState:
    """A lane that owes nothing calls no more: what came of the account since then is the newer word.

    That it still receives tells nothing of our credentials; that the platform answered its list does.
    """
    lane, evidence = Lane(account=""), Evidence()
    if named:
        evidence = Evidence(online=named.online, listed_at=named.checked_at, heard_at=named.seen_at)
    if said:
        lane = Lane(account="", state=LaneState(said.state), reason=said.reason)
        heard = 0 if lane.state is LaneState.BLOCKED else evidence.heard_at or 0
        if not owes and max(evidence.listed_at or 0, heard) > said.updated_at:
            lane = Lane(account="")
    return state_of(evidence, lane)


def rules_in_force(connection: Connection) -> str:
    """Hash of the rule set of the newest decision, else of the one loaded last; "" when there was none."""
    return str(_in_force(connection, t.rule_sets.c.hash) or "")


def sources_in_force(connection: Connection) -> dict[str, str]:
    """The files of that rule set, name to text; none when there was none, or only the one that forwards nothing."""
    packed = _in_force(connection, t.rule_sets.c.packed)
    return packing.unpack(packed) if packed else {}


def _in_force(connection: Connection, wanted: Column[Any]) -> Any:
    """One column of it; None where there is none."""
    c, r, h = t.decisions.c, t.rule_sets.c, t.rule_changes.c
    change = select(h.rule_set_id).order_by(h.id.desc()).limit(1)
    newest = select(c.rule_set_id).where(c.rule_set_id.is_not(None)).order_by(c.message_id.desc()).limit(1)
    for which in (r.id == change.scalar_subquery(), r.id == newest.scalar_subquery(), r.id.is_not(None)):
        query = select(wanted).where(which).order_by(r.loaded_at.desc(), r.id.desc()).limit(1)
        found = connection.execute(query).scalar_one_or_none()
        if found is not None:
            return found
    return None


class Matters(NamedTuple):
    """What is counted of what somebody should know. ``unknown``: since before ``settled``; the history since ``since``.

    ``held_rules``: with the why.
    """

    unknown: int
    held: int
    too_old: int
    quarantined: int
    held_rules: dict[str, str]


def matters(connection: Connection, since: Millis, settled: Millis) -> Matters:
    c, d, q, r = t.decisions.c, t.deliveries.c, t.quarantine.c, t.held_rules.c

    def number(table: Table, *where: ColumnElement[bool] | TextClause) -> int:
        found: int = connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
        return found

    return Matters(
        unknown=number(t.deliveries, d.state == State.UNKNOWN, d.updated_at <= settled),
        held=number(t.deliveries, d.state == State.HELD),
        too_old=number(t.decisions, text("reason = 'too_old'"), c.decided_at >= since),
        quarantined=number(t.quarantine, q.received_at >= since),
        held_rules=dict(connection.execute(select(r.rule, r.why)).all()),
    )


class Stuck(NamedTuple):
    """A lane that carries nothing, though something is due. ``due_at``: since when its oldest is."""

    account: str
    depth: int
    due_at: Millis


_carried: Final = Prepared(  # asked of every lane that waits
    select(t.calls.c.id)
    .where(
        t.calls.c.account == bindparam("of_account"),
        t.calls.c.began_at > bindparam("since"),
        (t.calls.c.outcome == "sent") | (t.calls.c.outcome == "refused"),
    )
    .limit(1)
)


_OF_LANE: Final = "account = :account"
_FIRST_PARKED: Final = text(f"SELECT min(due_at) FROM deliveries WHERE {_OF_LANE} AND {t.PARKED}")  # noqa: S608 # nosec B608
_ANY_QUEUED: Final = text(f"SELECT 1 FROM deliveries WHERE {_OF_LANE} AND {t.QUEUED} LIMIT 1")  # noqa: S608 # nosec B608


def stuck(connection: Connection, now: Millis, after: Millis, caps: lanes.Caps) -> tuple[Stuck, ...]:
    """Lanes whose oldest has been due for longer than ``after`` while no call got an answer to the message itself.

    A lane that its caps keep waiting does what it was told.
    """
    before = now - after
    found = (
        (account, depth, _due_since(connection, account, before))
        for account, depth, oldest in _owing(connection)
        if oldest <= before  # nothing is due before it is made
        and not _carried.rows(connection, of_account=account, since=before)
        and not lanes.capped(connection, account, now, caps)
    )
    return tuple(Stuck(account, depth, due_at) for account, depth, due_at in found if due_at is not None)


def _due_since(connection: Connection, account: str, before: Millis) -> Millis | None:
    """Since when something is due in a lane, if it was by then.

    Neither what waits behind it is looked at, nor, where nothing else waits, what waits for a time to come.
    """
    oldest_queued = f"""
        SELECT due_at FROM {outbox.by_lane(connection)} WHERE {_OF_LANE} AND {t.QUEUED}
        AND created_at <= :before AND due_at <= :before ORDER BY created_at LIMIT 1
    """  # noqa: S608 - our own words # nosec B608
    asked = {"account": account, "before": before}
    due = [connection.execute(_FIRST_PARKED, asked).scalar()]
    if connection.execute(_ANY_QUEUED, asked).scalar():
        due.append(connection.execute(text(oldest_queued), asked).scalar())
    return min((at for at in due if at is not None and at <= before), default=None)


class Books(NamedTuple):
    """What must balance: every message received is decided, every delivery is in a named state."""

    received: int
    decided: int
    quarantined: int
    matched: int
    suppressed: dict[str, int]
    deliveries: dict[str, int]
    undecided: tuple[int, ...]
    matched_without_delivery: tuple[int, ...]
    strange_states: dict[str, int]

    @property
    def balanced(self) -> bool:
        whole = self.received == self.decided == self.matched + sum(self.suppressed.values())
        return whole and not (self.undecided or self.matched_without_delivery or self.strange_states)


def books(connection: Connection, samples: int = 20) -> Books:
    """Count everything. ``samples``: how many ids of each kind of trouble are named."""
    m, c, d = t.messages.c, t.decisions.c, t.deliveries.c
    first = c.nonce == 0
    by_reason: dict[str, int] = dict(
        connection.execute(select(c.reason, func.count()).where(first).group_by(c.reason)).all()
    )
    by_state: dict[str, int] = dict(connection.execute(select(d.state, func.count()).group_by(d.state)).all())
    named = {state.value for state in State}
    decided = select(c.message_id).where(c.message_id == m.id, first).exists()
    owed = select(d.id).where(d.event == m.event).exists()  # another account's copy may have taken the delivery over
    bare = select(c.message_id).join_from(t.decisions, t.messages, m.id == c.message_id)
    return Books(
        received=connection.execute(select(func.count()).select_from(t.messages)).scalar_one(),
        decided=sum(by_reason.values()),
        quarantined=connection.execute(select(func.count()).select_from(t.quarantine)).scalar_one(),
        matched=by_reason.pop("matched", 0),
        suppressed=by_reason,
        deliveries={state.value: by_state.get(state.value, 0) for state in State},
        undecided=_first_ids(connection, select(m.id).where(~decided), samples),
        matched_without_delivery=_first_ids(connection, bare.where(first, c.reason == "matched", ~owed), samples),
        strange_states={state: count for state, count in by_state.items() if state not in named},
    )


def _first_ids(connection: Connection, query: Select[Any], limit: int) -> tuple[int, ...]:
    found: Sequence[int] = connection.execute(query.limit(limit)).scalars().all()
    return tuple(found)
