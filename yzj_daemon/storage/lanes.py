"""Lanes: choosing the next call of an account, and writing down how it ended.

``begin`` runs before the request leaves: it marks the call's deliveries SENDING, records the attempt and moves the
lane's ``next_at``. Should the process die now, the deliveries are found SENDING at the next start and become
unknown, not pending: nobody can know whether the vendor carried the call out.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, case, func, insert, select, text, update

from yzj_daemon.clock import DAY, HOUR, MINUTE, SECOND, Millis
from yzj_daemon.delivery import Call, Delivery, Outcome, State, in_words
from yzj_daemon.lane import Lane, LaneState, Pace
from yzj_daemon.storage import daemons
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.bulk import Bulk, Prepared
from yzj_daemon.storage.outbox import load
from yzj_daemon.storage.upsert import Insert, upsert

PROMOTED_AT_ONCE = 500

ORDER_LOOK: Millis = 5 * SECOND
"""How soon to look again whether what goes before is settled, when nobody can say when it will be."""


class Caps(msgspec.Struct, frozen=True):
    """How much an account may send, counted in deliveries over rolling windows; 0 is no cap.

    ``chat_gap`` (ms) is the least time between two deliveries to the same chat. ``max_targets``: chats in one call.
    """

    max_targets: int = 20
    per_minute: int = 0
    per_hour: int = 0
    per_day: int = 0
    chat_gap: Millis = 0

    def windows(self) -> tuple[tuple[int, Millis, str], ...]:
        """Each cap in force as (deliveries, span, reason)."""
        every = (
            (self.per_minute, MINUTE, "per_minute"),
            (self.per_hour, HOUR, "per_hour"),
            (self.per_day, DAY, "per_day"),
        )
        return tuple(window for window in every if window[0])


class Wait(msgspec.Struct, frozen=True):
    """Nothing may leave before ``until``; None: nothing waits in this lane at all."""

    until: Millis | None
    reason: str = ""


# Statements of every call, made once: to build them anew for each takes longer than to run them. ----------------------

_account: Final[BindParameter[str]] = bindparam("of_account")
_now: Final[BindParameter[int]] = bindparam("now")
_lane: Final = Prepared(select(t.lanes).where(t.lanes.c.account == _account))
_queued: Final = select(t.deliveries).where(t.deliveries.c.account == _account, text(t.QUEUED))
_next: Final = select(func.min(t.deliveries.c.due_at)).where(t.deliveries.c.account == _account, text(t.PARKED))
_first: Final = Prepared(
    _queued.add_columns(_next.correlate(None).scalar_subquery().label("next_due"))
    .order_by(t.deliveries.c.priority.desc(), t.deliveries.c.turn, t.deliveries.c.attempts, t.deliveries.c.id)
    .limit(1)
)
_next_due: Final = Prepared(_next)
_siblings: Final = Prepared(
    _queued.where(
        t.deliveries.c.message_id == bindparam("message"),
        t.deliveries.c.nonce == bindparam("of_nonce"),
        ~t.deliveries.c.solo,
        t.deliveries.c.id != bindparam("delivery"),
    )
    .order_by(t.deliveries.c.turn, t.deliveries.c.id)
    .limit(bindparam("most"))
)
_due: Final = (
    select(t.deliveries.c.id, t.deliveries.c.turn, t.deliveries.c.attempts)
    .where(t.deliveries.c.account == _account, text(t.PARKED), t.deliveries.c.due_at <= _now)
    .order_by(t.deliveries.c.due_at)
    .limit(PROMOTED_AT_ONCE)
)
_new_call: Final = Prepared(insert(t.calls).returning(t.calls.c.id), ("account", "message_id", "began_at"))
_new_attempts: Final = Bulk(upsert(t.attempts), ("call_id", "delivery_id", "account", "chat", "began_at"))
_leaving: Final = Prepared(
    update(t.deliveries)
    .where(t.deliveries.c.id == bindparam("delivery"))
    .values(state=State.SENDING, reason="", call_id=bindparam("call"), updated_at=_now)
)
_original: Final = Prepared(
    select(
        t.messages.c.type,
        t.messages.c.sent_at,
        t.messages.c.content,
        t.messages.c.account,
        t.messages.c.key,
        t.messages.c.received_at,
    ).where(t.messages.c.id == bindparam("message"))
)
_call_ended: Final = Prepared(
    update(t.calls)
    .where(t.calls.c.id == bindparam("call"))
    .values(ended_at=_now, outcome=bindparam("how"), reason=bindparam("why"), detail=bindparam("words"))
)
_ended: Final = Prepared(
    update(t.deliveries)
    .where(t.deliveries.c.id == bindparam("delivery"), t.deliveries.c.state == State.SENDING)
    .values(
        state=bindparam("to"),
        reason=bindparam("why"),
        attempts=bindparam("tries"),
        solo=bindparam("alone"),
        due_at=bindparam("due"),
        parked=bindparam("waits"),
        updated_at=_now,
    )
)


def _saved() -> Insert:
    statement = upsert(t.lanes)
    changed = {name: statement.excluded[name] for name in ("state", "next_at", "strikes", "reason", "updated_at")}
    return statement.on_conflict_do_update(index_elements=["account"], set_=changed)


def _called() -> Insert:
    statement = upsert(t.lanes)
    turn = case((t.lanes.c.turn < statement.excluded.turn, statement.excluded.turn), else_=t.lanes.c.turn)
    changed = {"next_at": statement.excluded.next_at, "updated_at": statement.excluded.updated_at, "turn": turn}
    return statement.on_conflict_do_update(index_elements=["account"], set_=changed)


_STANDS: Final = ("account", "state", "next_at", "strikes", "reason", "updated_at")
_save: Final = Prepared(_saved(), _STANDS)
_call: Final = Prepared(_called(), (*_STANDS, "turn"))


def get(connection: Connection, account: str) -> Lane:
    row = _lane.first(connection, of_account=account)
    if row is None:
        return Lane(account=account)
    return Lane(
        account=account, state=LaneState(row.state), next_at=row.next_at, strikes=row.strikes, reason=row.reason
    )


def save(connection: Connection, lane: Lane, now: Millis) -> None:
    _save.run(connection, **_row(lane, now))


def _row(lane: Lane, now: Millis) -> dict[str, Any]:
    return {
        "account": lane.account,
        "state": lane.state,
        "next_at": lane.next_at,
        "strikes": lane.strikes,
        "reason": lane.reason,
        "updated_at": now,
    }


class Lost(msgspec.Struct, frozen=True):
    """The lane is another daemon's, or nobody's: nothing of it may leave here."""


def begin(
    connection: Connection,
    account: str,
    now: Millis,
    pace: Pace,
    caps: Caps,
    *,
    daemon: int | None = None,
    after_failure: bool = False,
) -> Call | Wait | Lost:
    """Take the lane's next call, or learn until when there is none.

    ``daemon``: whose lane it must be, where several share the store. ``after_failure``: the answer to the last try got
    lost, and the call that it may have begun never left.
    """
    if daemon is not None and not daemons.holds(connection, account, daemon):
        return Lost()
    if after_failure:
        _never_left(connection, account, now)
    room, blocked_until, reason = _room(connection, account, now, caps)
    if room <= 0:
        return Wait(blocked_until, reason) if _owes(connection, account) else Wait(None)
    head, next_due = _head(connection, account)
    if next_due is not None and next_due <= now:
        _promote(connection, account, now)
        head, next_due = _head(connection, account)
    while head is not None:
        first = _in_order(connection, head, now)
        if first is not None:
            group = _with_siblings(connection, first, min(room, caps.max_targets), now)
            ready = _without_expired(connection, _without_chat_gap(connection, account, group, now, caps), now)
            if ready:
                return _record(connection, account, ready, now, pace)
        head, next_due = _head(connection, account)
    return Wait(next_due)


def capped(connection: Connection, account: str, now: Millis, caps: Caps) -> bool:
    """Whether a cap keeps the lane waiting."""
    return bool(caps.windows()) and _room(connection, account, now, caps)[0] <= 0


def _never_left(connection: Connection, account: str, now: Millis) -> None:
    d, c = t.deliveries.c, t.calls.c
    back = {"state": State.PENDING, "updated_at": now}
    connection.execute(update(t.deliveries).where(d.account == account, d.state == State.SENDING).values(back))
    ended = {"ended_at": now, "outcome": "deferred", "reason": "never_left"}
    connection.execute(update(t.calls).where(c.account == account, c.ended_at.is_(None)).values(ended))


def finish(
    connection: Connection,
    call: Call,
    outcome: Outcome,
    lane: Lane,
    deliveries: Sequence[Delivery],
    now: Millis,
    *,
    daemon: int | None = None,
) -> bool:
    """Write down what a call ended with, for the call, its deliveries and the lane.

    False: the lane is ``daemon``'s no more. Whoever has it now holds the call for unknown, and that stands.
    """
    if daemon is not None and not daemons.holds(connection, call.account, daemon):
        return False
    name, reason, detail = in_words(outcome)
    _call_ended.run(connection, call=call.id, now=now, how=name, why=reason, words=detail)
    _ended.each(connection, [_end_of(delivery, now) for delivery in deliveries])
    save(connection, lane, now)
    return True


def _end_of(delivery: Delivery, now: Millis) -> dict[str, Any]:
    return {
        "delivery": delivery.id,
        "to": delivery.state,
        "why": delivery.reason,
        "tries": delivery.attempts,
        "alone": delivery.solo,
        "due": delivery.due_at,
        "waits": delivery.state is State.PENDING and delivery.due_at > now,
        "now": now,
    }


def _promote(connection: Connection, account: str, now: Millis) -> None:
    """What has come due joins the queue; what failed before joins behind what is already waiting its turn.

    Retried deliveries keep their spacing among themselves, so the whole tail of a fan-out that comes due at once
    still alternates with new messages.
    """
    d = t.deliveries.c
    due = connection.execute(_due, {"of_account": account, "now": now}).all()
    if not due:
        return
    earliest = min((row.turn for row in due if row.attempts), default=0)
    lane_turn = connection.execute(select(t.lanes.c.turn).where(t.lanes.c.account == account)).scalar() or 0
    behind = case((d.attempts > 0, lane_turn + 1 + d.turn - earliest), else_=d.turn)
    connection.execute(
        update(t.deliveries).where(d.id.in_([row.id for row in due])).values(parked=False, turn=behind, updated_at=now)
    )


def _room(connection: Connection, account: str, now: Millis, caps: Caps) -> tuple[int, Millis, str]:
    """How many deliveries may leave now; when none, until when and for which cap."""
    room, until, reason = caps.max_targets, now, ""
    a = t.attempts.c
    for cap, span, name in caps.windows():
        inside = (a.account == account) & (a.began_at > now - span)
        used = connection.execute(select(func.count()).where(inside)).scalar_one()
        room = min(room, cap - used)
        if cap <= used:
            frees = connection.execute(
                select(a.began_at).where(inside).order_by(a.began_at).offset(used - cap).limit(1)
            ).scalar_one()
            if frees + span > until:
                until, reason = frees + span, name
    return room, until, reason


def _head(connection: Connection, account: str) -> tuple[Row[Any] | None, Millis | None]:
    """The first delivery of the queue, and when the next of those that wait for their time joins it."""
    head = _first.first(connection, of_account=account)
    if head is None:
        [(next_due,)] = _next_due.rows(connection, of_account=account)
        return None, next_due
    return head, head.next_due


def _in_order(connection: Connection, head: Row[Any], now: Millis) -> Row[Any] | None:
    """Whose turn it is in the head's chat: its own; under strict order, that of the oldest message.

    None: the oldest cannot leave yet, and all behind it in this chat wait until it may.
    """
    if not head.strict:
        return head
    d = t.deliveries.c
    ahead = _ahead(now).where(d.account == head.account, d.chat == head.chat, d.message_id <= head.message_id)
    oldest = connection.execute(ahead.order_by(d.message_id, d.nonce, d.id).limit(1)).one_or_none() or head
    if oldest.state == State.PENDING and not oldest.parked:
        return oldest
    if oldest.reason == "order":  # what it waited for is gone
        connection.execute(update(t.deliveries).where(d.id == oldest.id).values(parked=False, reason=""))
        return oldest
    until = oldest.due_at if oldest.state == State.PENDING else now + ORDER_LOOK
    behind = (d.account == head.account, d.chat == head.chat, d.message_id >= oldest.message_id, d.id != oldest.id)
    waits = {"parked": True, "reason": "order", "due_at": max(until, now + 1), "updated_at": now}
    connection.execute(update(t.deliveries).where(*behind, text(t.ORDERED), text(t.QUEUED)).values(waits))
    return None


def _ahead(now: Millis) -> Select[Any]:
    """Strict deliveries that others of their chat wait for: they will leave, or leave again.

    Not those outside their window: what need not wait for its own window does not wait for another's.
    """
    d = t.deliveries.c
    shut = (d.state == State.PENDING) & d.parked & (d.reason == "window") & (d.due_at > now)
    over = d.expires_at.is_not(None) & (d.expires_at <= now) & (d.state != State.SENDING)
    given_up = (d.state == State.UNKNOWN) & (d.on_unknown != "resend")
    return select(t.deliveries).where(text(t.ORDERED), ~shut, ~over, ~given_up)


def _with_siblings(connection: Connection, first: Row[Any], size: int, now: Millis) -> list[Row[Any]]:
    """A delivery, and those of the same message that may share its call."""
    if first.solo or size == 1:
        return [first]
    same = {"of_account": first.account, "message": first.message_id, "of_nonce": first.nonce, "delivery": first.id}
    siblings = _siblings.all(connection, **same, most=size - 1)
    barred = _barred(connection, first, [row.chat for row in siblings if row.strict], now)
    return [first, *(row for row in siblings if not (row.strict and row.chat in barred))]


def _barred(connection: Connection, first: Row[Any], chats: list[str], now: Millis) -> frozenset[str]:
    """Those of the chats which an older message is owed to, in strict order."""
    if not chats:
        return frozenset()
    d = t.deliveries.c
    older = _ahead(now).where(d.account == first.account, d.chat.in_(chats), d.message_id < first.message_id)
    return frozenset(connection.execute(older.with_only_columns(d.chat).distinct()).scalars())


def _without_chat_gap(
    connection: Connection, account: str, group: list[Row[Any]], now: Millis, caps: Caps
) -> list[Row[Any]]:
    """Drop from the group, and park, what would reach a chat too soon after the last delivery to it."""
    if not caps.chat_gap:
        return group
    a = t.attempts.c
    rows = connection.execute(
        select(a.chat, func.max(a.began_at))
        .where(a.account == account, a.began_at > now - caps.chat_gap, a.chat.in_([d.chat for d in group]))
        .group_by(a.chat)
    )
    last: dict[str, Millis] = dict(rows.all())
    for delivery in group:
        if delivery.chat in last:
            connection.execute(
                update(t.deliveries)
                .where(t.deliveries.c.id == delivery.id)
                .values(parked=True, due_at=last[delivery.chat] + caps.chat_gap, reason="chat_gap", updated_at=now)
            )
    return [delivery for delivery in group if delivery.chat not in last]


def _without_expired(connection: Connection, group: list[Row[Any]], now: Millis) -> list[Row[Any]]:
    old = [d.id for d in group if d.expires_at is not None and d.expires_at <= now]
    if old:
        connection.execute(
            update(t.deliveries).where(t.deliveries.c.id.in_(old)).values(state=State.EXPIRED, updated_at=now)
        )
    return [d for d in group if d.id not in old]


def _record(connection: Connection, account: str, group: list[Row[Any]], now: Millis, pace: Pace) -> Call:
    message_id = group[0].message_id
    [(call_id,)] = _new_call.rows(connection, account=account, message_id=message_id, began_at=now)
    _leaving.each(connection, [{"delivery": row.id, "call": call_id, "now": now} for row in group])
    attempts: list[dict[str, Any]] = [
        {"call_id": call_id, "delivery_id": row.id, "account": account, "chat": row.chat, "began_at": now}
        for row in group
    ]
    _new_attempts.run(connection, attempts)
    turn = min(row.turn for row in group)
    _call.run(connection, **_row(Lane(account=account).begin(now, pace), now), turn=turn)
    original = _original.first(connection, message=message_id)
    return Call(
        id=call_id,
        account=account,
        chats=tuple(row.chat for row in group),
        type=original.type,
        sent_at=original.sent_at,
        content=original.content,
        message_id=message_id,
        deliveries=tuple(map(load, group)),
        received_by=original.account,
        key=original.key,
        received_at=original.received_at,
    )


def _owes(connection: Connection, account: str) -> bool:
    d = t.deliveries.c
    waiting = select(d.id).where(d.account == account, d.state == State.PENDING).limit(1)
    return connection.execute(waiting).one_or_none() is not None
