"""What the store can testify of the platform: what came, by which way, and what was readable."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import State
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.reports import Received, received

NEWEST = 2_000
"""Rows, the newest, that are looked through where no index leads."""


class Came(NamedTuple):
    """``callbacks``, ``pulled``: messages by each way; the last of each at, None: never. ``unreadable``: bodies of
    callbacks by reason, the last at.
    """

    callbacks: int
    last_callback: Millis | None
    pulled: int
    unreadable: dict[str, int]
    last_unreadable: Millis | None


def came(connection: Connection, since: Millis) -> Came:
    """Since then."""
    m, q = t.messages.c, t.quarantine.c
    query = select(m.source, func.count(), func.max(m.received_at)).where(m.received_at >= since).group_by(m.source)
    by_source = {source: (count, last) for source, count, last in connection.execute(query)}
    bad = select(q.reason, func.count(), func.max(q.received_at)).where(q.received_at >= since, q.source == "callback")
    reasons = list(connection.execute(bad.group_by(q.reason)))
    count, last = by_source.get("callback", (0, None))
    return Came(
        callbacks=count,
        last_callback=last,
        pulled=by_source.get("pull", (0, None))[0],
        unreadable={reason: number for reason, number, _ in reasons},
        last_unreadable=max((at for _, _, at in reasons), default=None),
    )


class OfType(NamedTuple):
    """Messages of a type; ``opaque``: nothing inside them can be seen."""

    type: str
    messages: int
    opaque: int


def types(connection: Connection, since: Millis) -> tuple[OfType, ...]:
    """Received since then, by hosted accounts from others."""
    m = t.messages.c
    query = (
        select(m.type, func.count(), func.count().filter(m.opaque))
        .where(m.received_at >= since, ~m.self_sent)
        .group_by(m.type)
        .order_by(m.type)
    )
    return tuple(OfType(type_, count, opaque) for type_, count, opaque in connection.execute(query))


class Known(NamedTuple):
    """``ids``: those of the asked ones that callbacks brought; ``by_callback``: messages that they brought at all,
    ``since`` when (sent).
    """

    ids: frozenset[str]
    by_callback: int
    since: Millis


def known(connection: Connection, account: str, ids: tuple[str, ...], since: Millis) -> Known:
    """Of an account's messages received since then."""
    m = t.messages.c
    of_account = (m.account == account, m.source == "callback", m.received_at >= since)
    count, first = connection.execute(select(func.count(), func.min(m.sent_at)).where(*of_account)).one()
    found = connection.execute(select(m.key).where(m.account == account, m.source == "callback", m.key.in_(ids)))
    return Known(frozenset(found.scalars()), count, first or 0)


class Copies(NamedTuple):
    """Of the newest deliveries: those that the platform accepted, and those of them whose own copy was seen."""

    accepted: int
    confirmed: int


def copies(connection: Connection, before: Millis) -> Copies:
    """``before``: what ended later may still be waiting for its copy."""
    d = t.deliveries.c
    newest = select(d.state, d.updated_at).order_by(d.id.desc()).limit(NEWEST).subquery()
    ended = select(newest.c.state, func.count()).where(
        (newest.c.state == State.CONFIRMED) | ((newest.c.state == State.SENT) & (newest.c.updated_at < before))
    )
    found: dict[str, int] = dict(connection.execute(ended.group_by(newest.c.state)).all())
    confirmed = found.get(State.CONFIRMED, 0)
    return Copies(found.get(State.SENT, 0) + confirmed, confirmed)


def last_notice(connection: Connection, type_: str) -> int:
    """The row id of the newest notice of a type; 0: there is none among the newest."""
    n = t.notices.c
    newest = select(n.id, n.type).order_by(n.id.desc()).limit(NEWEST).subquery()
    found: int | None = connection.execute(select(func.max(newest.c.id)).where(newest.c.type == type_)).scalar_one()
    return found or 0


def to_forward(connection: Connection, chat: str, account: str, since: Millis) -> Received | None:
    """The newest text that somebody sent to a hosted account since then, and not into this chat."""
    m = t.messages.c
    newest = (
        select(m.id)
        .where(m.received_at >= since, m.sent_at >= since, m.chat != chat, m.type == "text")
        .where(~m.self_sent, m.fingerprint == "", *([m.account == account] if account else []))
        .order_by(m.received_at.desc())
        .limit(1)
    )
    found = connection.execute(newest).scalar_one_or_none()
    return None if found is None else received(connection, found)
