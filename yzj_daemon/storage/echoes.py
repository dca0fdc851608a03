"""What we sent, known again when it comes back: as the account's own copy, as a loop, or once too often."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from yzj_daemon.clock import HOUR, Millis
from yzj_daemon.delivery import State
from yzj_daemon.fingerprint import fingerprint as fingerprint_of
from yzj_daemon.storage import controls
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.bulk import Prepared


class Confirmed(NamedTuple):
    """A delivery whose own copy was seen, and the state it was in."""

    id: int
    was: str


def confirm(
    connection: Connection, account: str, chat: str, fingerprint: str, at: Millis, window: Millis, now: Millis
) -> Confirmed | None:
    """The account's own copy was seen in a chat at ``at``: the oldest try that it can belong to has arrived.

    ``window`` (ms) is how far the platform's clock, or its delay, may stand from the try. One copy confirms one
    delivery; whatever the delivery's state was, the copy is proof.
    """
    d, a = t.deliveries.c, t.attempts.c
    tried = (
        select(d.id, d.state)
        .join_from(t.deliveries, t.attempts, a.delivery_id == d.id)
        .where(
            d.fingerprint == fingerprint,
            d.chat == chat,
            a.account == account,
            a.began_at.between(at - window, at + window),
            d.state != State.CONFIRMED,
        )
        .order_by(a.began_at)
        .limit(1)
    )
    found = connection.execute(tried).one_or_none()
    return None if found is None else _confirmed(connection, found, now)


def _confirmed(connection: Connection, found: Any, now: Millis) -> Confirmed:
    settled = {"state": State.CONFIRMED, "reason": "", "parked": False, "updated_at": now}
    connection.execute(update(t.deliveries).where(t.deliveries.c.id == found.id).values(settled))
    return Confirmed(found.id, found.state)


def confirm_lost(connection: Connection, account: str, chat: str, fingerprint: str, now: Millis) -> Confirmed | None:
    """The same of a delivery that is held because the store was restored and cannot know of any try: there was one."""
    d = t.deliveries.c
    doubtful = (d.state == State.HELD, d.reason == controls.RESTORED, d.account == account)
    query = select(d.id, d.state).where(d.fingerprint == fingerprint, d.chat == chat, *doubtful)
    found = connection.execute(query.order_by(d.id).limit(1)).one_or_none()
    return None if found is None else _confirmed(connection, found, now)


class Proven(NamedTuple):
    """Which held deliveries were proven to have left, and the highest id that was looked at."""

    confirmed: tuple[Confirmed, ...]
    looked_up_to: int


def prove_lost(connection: Connection, restored_at: Millis, above: int, limit: int, now: Millis) -> Proven:
    """The same where the copy was stored first: chats may be pulled one after the other, the target before the source.

    Looks at up to ``limit`` deliveries with ids above ``above``. A copy is one that came since the restore and is not
    older than the original; one copy proves one delivery.
    """
    d, m = t.deliveries.c, t.messages.c
    query = (
        select(d.id, d.state, d.account, d.chat, d.fingerprint, m.sent_at)
        .join_from(t.deliveries, t.messages, m.id == d.message_id)
        .where(d.state == State.HELD, d.reason == controls.RESTORED, d.id > above)
        .order_by(d.id)
        .limit(limit)
    )
    held = connection.execute(query).all()
    copies = {place: _unclaimed(connection, *place, restored_at) for place in {(row.account, row.chat) for row in held}}
    proven = [row for row in held if _claims(copies[row.account, row.chat], row)]
    return Proven(
        tuple(_confirmed(connection, row, now) for row in proven), max((row.id for row in held), default=above)
    )


def _claims(copies: dict[str, list[Millis]], held: Any) -> bool:
    """Take the oldest copy that this delivery can have made."""
    own = copies.get(held.fingerprint, [])
    found = next((at for at in own if at >= (held.sent_at or 0)), None)
    if found is not None:
        own.remove(found)
    return found is not None


def _unclaimed(connection: Connection, account: str, chat: str, restored_at: Millis) -> dict[str, list[Millis]]:
    """When the account's own copies in a chat were sent, by fingerprint: those that came since the restore.

    The oldest are left out, as many as deliveries were confirmed since.
    """
    d, m = t.deliveries.c, t.messages.c
    first = select(m.id).where(m.received_at >= restored_at).order_by(m.received_at).limit(1).scalar_subquery()
    query = select(m.type, m.content, m.fingerprint, m.sent_at, m.received_at).where(
        m.chat == chat, m.id >= first, m.account == account, m.sender == account
    )
    copies: dict[str, list[Millis]] = {}
    for row in connection.execute(query.order_by(m.id)):
        mark = row.fingerprint or fingerprint_of(row.type, row.content)
        copies.setdefault(mark, []).append(row.sent_at or row.received_at)
    confirmed = select(d.fingerprint, func.count()).where(
        d.fingerprint.in_(copies), d.chat == chat, d.state == State.CONFIRMED, d.updated_at >= restored_at
    )
    claimed: dict[str, int] = dict(connection.execute(confirmed.group_by(d.fingerprint)).all())
    return {mark: sorted(at)[claimed.get(mark, 0) :] for mark, at in copies.items()}


_sent = Prepared(
    select(t.deliveries.c.id)
    .join_from(t.deliveries, t.attempts, t.attempts.c.delivery_id == t.deliveries.c.id)
    .where(
        t.deliveries.c.fingerprint == bindparam("fingerprint"),
        t.deliveries.c.chat == bindparam("chat"),
        t.attempts.c.began_at.between(bindparam("earliest"), bindparam("latest")),
    )
    .limit(1)
)


def came_back(connection: Connection, chat: str, fingerprint: str, at: Millis, window: Millis) -> bool:
    """Whether any account sent just this into this chat around ``at``: then a message there is our own, come back."""
    found = _sent.rows(connection, fingerprint=fingerprint, chat=chat, earliest=at - window, latest=at + window)
    return bool(found)


def written_into(connection: Connection) -> frozenset[str]:
    """Every chat that was ever owed anything: nothing comes back from any other."""
    return frozenset(connection.execute(select(t.deliveries.c.chat).distinct()).scalars())


_recent = Prepared(
    select(t.deliveries.c.message_id)
    .join_from(t.deliveries, t.messages, t.messages.c.id == t.deliveries.c.message_id)
    .where(
        t.deliveries.c.fingerprint == bindparam("fingerprint"),
        t.deliveries.c.created_at > bindparam("since"),
        t.messages.c.chat == bindparam("chat"),
    )
    .distinct()
    .limit(bindparam("most"))
)


def repeated(connection: Connection, chat: str, fingerprint: str, most: int, now: Millis) -> bool:
    """Whether ``most`` messages of this content, received in this chat, became deliveries within the last hour."""
    found = _recent.rows(connection, fingerprint=fingerprint, chat=chat, since=now - HOUR, most=most)
    return len(found) >= most
