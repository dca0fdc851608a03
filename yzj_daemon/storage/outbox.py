"""Deliveries on their way in: what the planner asked for, made unique per event and target chat."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, TypedDict

import msgspec
from sqlalchemy import Connection, bindparam, func, select, text, update

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import Delivery, State
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.bulk import Bulk, Prepared, in_common_order
from yzj_daemon.storage.upsert import upsert


class Draft(TypedDict):
    """A delivery to be: one row of ``deliveries`` before it has an id and a turn."""

    message_id: int
    event: str
    nonce: int
    account: str
    chat: str
    reason: str
    rules: str
    rule: str
    priority: int
    solo: bool
    strict: bool
    parked: bool
    on_unknown: str
    fingerprint: str
    state: State
    due_at: Millis
    expires_at: Millis | None
    created_at: Millis
    updated_at: Millis


def draft(
    *,
    message_id: int,
    event: str,
    nonce: int,
    account: str,
    chat: str,
    rules: Sequence[str],
    priority: int,
    solo: bool,
    strict: bool,
    on_unknown: str,
    fingerprint: str,
    reason: str,
    due_at: Millis,
    expires_at: Millis | None,
    now: Millis,
    state: State = State.PENDING,
) -> Draft:
    """A delivery to be; it is parked outside the queue until ``due_at``, unless it is held."""
    return {
        "message_id": message_id,
        "event": event,
        "nonce": nonce,
        "account": account,
        "chat": chat,
        "reason": reason,
        "rules": encode(rules),
        "rule": rules[0],
        "priority": priority,
        "solo": solo,
        "strict": strict,
        "parked": state is State.PENDING and due_at > now,
        "on_unknown": on_unknown,
        "fingerprint": fingerprint,
        "state": state,
        "due_at": due_at,
        "expires_at": expires_at,
        "created_at": now,
        "updated_at": now,
    }


class Owed(NamedTuple):
    """A new delivery: the message that asked for it, and the target chat."""

    message_id: int
    chat: str


_by_event = itemgetter("event", "nonce")
"""Within one event, chats stay in the order of the rules; should two daemons' rules differ in that, and both insert the
same event at once, one of the two is told to try again."""
_new_deliveries = Bulk(
    upsert(t.deliveries),
    (*Draft.__annotations__, "turn"),
    lambda insert: insert.on_conflict_do_nothing().returning(t.deliveries.c.message_id, t.deliveries.c.chat),
)


def add(connection: Connection, drafts: Sequence[Draft], max_targets: int) -> frozenset[Owed]:
    """Store deliveries, unique per event, target chat and nonce; answers those that are new.

    The others were owed or sent before, perhaps by another account: a chat gets an event at most once.
    """
    if not drafts:
        return frozenset()
    rows = [{**draft, "turn": turn} for draft, turn in _turns(connection, drafts, max_targets)]
    rows = [*in_common_order(connection, rows, _by_event)]
    give_lanes(connection, {draft["account"] for draft in drafts})
    return frozenset(Owed(*row) for row in _new_deliveries.rows(connection, rows))


def give_lanes(connection: Connection, accounts: Collection[str]) -> None:
    """Where several daemons share the store, whose lane it is stands in the lane: each account that owes has one."""
    if connection.dialect.name != "sqlite" and accounts:
        rows = [{"account": account} for account in sorted(accounts)]
        connection.execute(upsert(t.lanes).on_conflict_do_nothing(), rows)


def _turns(connection: Connection, drafts: Sequence[Draft], max_targets: int) -> list[tuple[Draft, int]]:
    """Start-time fair queueing over the rules of a lane: one turn a call.

    A rule's next call queues behind its own last one, not behind everybody's, so a fan-out to hundreds of chats
    and a rule with one target alternate.
    """
    groups: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in drafts:
        groups[draft["account"], draft["rule"]].append(draft)
    placed: list[tuple[Draft, int]] = []
    for (account, rule), group in groups.items():
        turn = _last_turn(connection, account, rule)
        seats, message_id = 0, -1
        for draft in group:
            if seats == 0 or draft["solo"] or draft["message_id"] != message_id:
                turn, seats, message_id = turn + 1, max_targets, draft["message_id"]
            seats -= 1
            placed.append((draft, turn))
    return placed


_turns_of = Prepared(
    select(
        select(func.max(t.deliveries.c.turn))
        .where(t.deliveries.c.account == bindparam("account"), t.deliveries.c.rule == bindparam("rule"), text(t.QUEUED))
        .scalar_subquery(),
        select(t.lanes.c.turn).where(t.lanes.c.account == bindparam("account")).scalar_subquery(),
    )
)


def _last_turn(connection: Connection, account: str, rule: str) -> int:
    [(waiting, virtual)] = _turns_of.rows(connection, account=account, rule=rule)
    return max(waiting or 0, virtual or 0)


def had(connection: Connection, event: str) -> frozenset[str]:
    """Chats that got this event, may have got it, or will."""
    d = t.deliveries.c
    open_or_done = (State.PENDING, State.SENDING, State.SENT, State.CONFIRMED, State.UNKNOWN, State.HELD)
    return frozenset(connection.execute(select(d.chat).where(d.event == event, d.state.in_(open_or_done))).scalars())


def next_nonce(connection: Connection, event: str, message_id: int) -> int:
    """One that neither a delivery of the event nor a decision of the message has."""
    d, c = t.deliveries.c, t.decisions.c
    used = connection.execute(select(func.max(d.nonce)).where(d.event == event)).scalar_one()
    decided = connection.execute(select(func.max(c.nonce)).where(c.message_id == message_id)).scalar_one()
    return max(used or 0, decided or 0) + 1


def expire(connection: Connection, now: Millis, limit: int) -> int:
    """Mark what waited longer than it was wanted; answers how many (at most ``limit`` a call)."""
    d = t.deliveries.c
    old = select(d.id).where(text("state = 'pending'"), d.expires_at <= now).limit(limit)
    done = connection.execute(
        update(t.deliveries).where(d.id.in_(old)).values(state=State.EXPIRED, updated_at=now, parked=False)
    )
    return done.rowcount


def interrupted(connection: Connection, now: Millis, accounts: Collection[str] | None = None) -> int:
    """What was on its way when the last process died may or may not have arrived; of these accounts, or of all."""
    d, c = t.deliveries.c, t.calls.c
    sending = update(t.deliveries).where(d.state == State.SENDING)
    open_ = update(t.calls).where(c.ended_at.is_(None))
    if accounts is not None:
        sending, open_ = sending.where(d.account.in_(accounts)), open_.where(c.account.in_(accounts))
    done = connection.execute(
        sending.values(state=State.UNKNOWN, reason="interrupted", attempts=d.attempts + 1, updated_at=now)
    )
    connection.execute(open_.values(ended_at=now, outcome="unanswered", reason="interrupted"))
    return done.rowcount


def accounts_owing(connection: Connection) -> tuple[str, ...]:
    """The lanes that have something waiting."""
    return tuple(connection.execute(text(waiting(connection, "account"))).scalars())


def waiting(connection: Connection, columns: str) -> str:
    """A query of ``columns`` for each ``account`` that has something waiting: from one to the next, so that it takes as
    long as there are lanes, however much waits in each.
    """
    table = by_lane(connection)
    return f"""
        WITH RECURSIVE owing(account) AS (
          SELECT min(account) FROM {table} WHERE state = 'pending'
          UNION ALL
          SELECT (SELECT min(d.account) FROM {table} WHERE d.state = 'pending' AND d.account > owing.account)
          FROM owing WHERE owing.account IS NOT NULL
        )
        SELECT {columns} FROM owing WHERE account IS NOT NULL
    """  # noqa: S608 - our own words # nosec B608


def by_lane(connection: Connection) -> str:
    """The table ``d``, by the index of what waits in each lane, oldest first.

    SQLite has to be told which that is, and SQLAlchemy has no words for it.
    """
    hint = f" INDEXED BY {t.WAITING}" if connection.dialect.name == "sqlite" else ""
    return f"deliveries AS d{hint}"


def load(row: Any) -> Delivery:
    """The noun of one row of ``deliveries``, whose columns are its attributes."""
    return Delivery(
        id=row.id,
        message_id=row.message_id,
        account=row.account,
        chat=row.chat,
        state=State(row.state),
        reason=row.reason,
        attempts=row.attempts,
        due_at=row.due_at,
        expires_at=row.expires_at,
        solo=bool(row.solo),
    )


def encode(value: object) -> str:
    """JSON text for a column."""
    return msgspec.json.encode(value).decode()
