"""What time, a recall, or an account that went offline makes of deliveries that are still open."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, exists, func, insert, or_, select, text, update

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import State
from yzj_daemon.lane import LaneState
from yzj_daemon.storage import outbox
from yzj_daemon.storage import tables as t

LOOKED_THROUGH: Final = 2_000
"""Messages of a chat, the newest, among which a recalled one is looked for."""

LOOKED_AT_LEAST: Final = 10
"""Deliveries of a lane, in each turn of a walk through those that are offline."""


def revoke(connection: Connection, account: str, chat: str, ids: Collection[str], now: Millis) -> int:
    """The sender recalled a message of this chat: whatever of it has not left stays here. Answers how many.

    ``ids``: every word of the notice that may be an id of the recalled message.
    """
    events = _events_of(connection, account, chat, frozenset(ids))
    d = t.deliveries.c
    dropped = connection.execute(
        update(t.deliveries)
        .where(d.event.in_(events), d.state.in_((State.PENDING, State.HELD)))
        .values(state=State.DROPPED, reason="revoked", parked=False, updated_at=now)
    )
    return dropped.rowcount


def _events_of(connection: Connection, account: str, chat: str, ids: frozenset[str]) -> list[str]:
    m = t.messages.c
    newest = (
        select(m.event, m.account, m.svrid, m.wx_svrid, m.wx_msgid)
        .where(m.chat == chat)
        .order_by(m.id.desc())
        .limit(LOOKED_THROUGH)
    )
    return [
        row.event
        for row in connection.execute(newest)
        if row.account == account and not ids.isdisjoint({row.svrid, row.wx_svrid, row.wx_msgid} - {""})
    ]


def resend(connection: Connection, now: Millis, window: Millis, limit: int) -> list[str]:
    """Unknown deliveries whose rules want them sent again, once no own copy was seen for ``window``.

    The clock of a delivery stands still as long as nothing was received of its account after the call: a copy could
    not have been seen. Each is sent again as a delivery of its own (the next nonce); the old one is dropped as
    ``resent``, and an own copy that comes late still confirms it. Answers the accounts that owe something now.
    """
    d = t.deliveries.c
    due = (
        select(t.deliveries)
        .where(
            text("deliveries.state = 'unknown'"),
            d.on_unknown == "resend",
            d.updated_at <= now - window,
            or_(d.expires_at.is_(None), d.expires_at > now),
            _heard_since(),
        )
        .limit(limit)
    )
    rows = [dict(row) for row in connection.execute(due).mappings()]
    if rows:
        again(connection, rows, "resent", now)
    return sorted({row["account"] for row in rows})


def again(connection: Connection, rows: list[dict[str, Any]], reason: str, now: Millis) -> None:
    """Each of these deliveries once more, as the next nonce of its event and chat; the old ones end with a reason."""
    d = t.deliveries.c
    connection.execute(
        update(t.deliveries)
        .where(d.id.in_([row["id"] for row in rows]), d.state.not_in((State.SENT, State.CONFIRMED)))
        .values(state=State.DROPPED, reason=reason, parked=False, updated_at=now)
    )
    for row in rows:
        used = select(func.max(d.nonce)).where(d.event == row["event"], d.chat == row["chat"])
        fresh = {key: value for key, value in row.items() if key not in {"id", "call_id"}}
        fresh |= {
            "nonce": connection.execute(used).scalar_one() + 1,
            "state": State.PENDING,
            "reason": "again",
            "attempts": 0,
            "parked": False,
            "due_at": now,
            "created_at": now,
            "updated_at": now,
        }
        connection.execute(insert(t.deliveries).values(fresh))


def _heard_since() -> Any:
    """Whether intake heard of the delivery's account after its call ended, by callback or by pull."""
    a, c, d = t.accounts.c, t.cursors.c, t.deliveries.c
    return or_(
        exists().where(a.account == d.account, a.seen_at > d.updated_at),
        exists().where(c.account == d.account, c.pulled_at > d.updated_at),
    )


class Place(NamedTuple):
    """Of a delivery among those that wait in a lane, oldest first."""

    created_at: Millis
    id: int


class Walk(NamedTuple):
    """``movable``: deliveries that another account can send. ``places``: how far each lane was walked; one that is not
    among them was walked to its end.
    """

    movable: tuple[int, ...]
    places: Mapping[str, Place]


_BEGIN: Final = Place(-1, 0)


def walk(connection: Connection, places: Mapping[str, Place], limit: int) -> Walk:
    """Look on through what waits for accounts that are offline, from these places, at so many deliveries in all.

    A little at a time: in the end all are looked at, however many wait, and then from the beginning.
    """
    accounts = _offline_that_owe(connection)
    share = max(LOOKED_AT_LEAST, limit // max(1, len(accounts)))
    movable, walked = list[int](), dict[str, Place]()
    for account in accounts:
        seen = _waiting_after(connection, account, places.get(account, _BEGIN), share)
        movable += [row.id for row in connection.execute(_movable([place.id for place in seen]))]
        if len(seen) == share:
            walked[account] = seen[-1]
    return Walk(tuple(movable), walked)


def reroute(connection: Connection, deliveries: Collection[int], now: Millis) -> list[str]:
    """Those of these deliveries whose account is offline leave by another one that received the same message.

    Only what was never tried moves: what may have left must not leave twice. Answers the accounts that took over.
    """
    d, m = t.deliveries.c, t.messages.c
    moved = []
    for delivery_id, message_id in connection.execute(_movable(deliveries)).all():
        account = connection.execute(select(m.account).where(m.id == message_id)).scalar_one()
        connection.execute(
            update(t.deliveries)
            .where(d.id == delivery_id)
            .values(account=account, message_id=message_id, turn=0, reason="failover", updated_at=now)
        )
        moved.append(account)
    return sorted(set(moved))


def _offline() -> Any:
    listed = select(t.accounts.c.account).where(t.accounts.c.online.is_(False))
    return listed.union(select(t.lanes.c.account).where(t.lanes.c.state == LaneState.OFFLINE))


def _offline_that_owe(connection: Connection) -> list[str]:
    offline = set(connection.execute(_offline()).scalars())
    return sorted(offline.intersection(outbox.accounts_owing(connection))) if offline else []


def _waiting_after(connection: Connection, account: str, place: Place, limit: int) -> list[Place]:
    query = f"""
        SELECT created_at, id FROM {outbox.by_lane(connection)} WHERE state = 'pending' AND account = :account
        AND created_at >= :created_at AND (created_at, id) > (:created_at, :id) ORDER BY created_at, id LIMIT :limit
    """  # noqa: S608 - our own words # nosec B608
    asked = {"account": account, "limit": limit, **place._asdict()}
    return [Place(*row) for row in connection.execute(text(query), asked)]


def _movable(deliveries: Collection[int]) -> Any:
    """Of these deliveries those that another account can send, each with the message that it received."""
    d, m, offline = t.deliveries.c, t.messages.c, _offline()
    other = (
        select(func.min(m.id))
        .where(m.event == d.event, m.account != d.account, m.account.not_in(offline), ~m.self_sent, m.fingerprint == "")
        .correlate(t.deliveries)
        .scalar_subquery()
    )
    return select(d.id, other.label("message_id")).where(
        d.id.in_(deliveries),
        d.state == State.PENDING,
        d.call_id.is_(None),
        d.account.in_(offline),
        exists().where(m.id == d.message_id, m.account == d.account),  # not what a rule sends by one account only
        other.is_not(None),
    )
