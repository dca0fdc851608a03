"""What is older than the retention goes, and the original of what need not be kept: bite by bite, for the writer is
everybody's.

Pages that are freed are used again, so the file grows to what the retention needs and stays there; ``db compact``
gives back what a shorter retention left over.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, select, tuple_, update

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import State
from yzj_daemon.fingerprint import fingerprint
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.reports import Place

OPEN: Final = (State.PENDING, State.SENDING, State.UNKNOWN, State.HELD)
"""A delivery in one of these may still leave, or leave again: it needs its message."""


class Bite(NamedTuple):
    """``reached``: where the next bite begins; None: nothing older is left. ``gone``: rows deleted."""

    reached: Place | None
    gone: int


def forget(connection: Connection, before: Millis, after: Place, limit: int) -> Bite:
    """Delete messages received before an instant, with their decisions, deliveries and calls.

    Looks at up to ``limit`` of them, those received just ``after`` a place. A message whose delivery still waits, is
    held, or is unknown stays, however old.
    """
    m, d = t.messages.c, t.deliveries.c
    is_open = select(d.id).where(d.message_id == m.id, d.state.in_(OPEN)).exists()
    old = select(m.received_at, m.id, is_open.label("open")).where(
        m.received_at < before, tuple_(m.received_at, m.id) > tuple_(after.received_at, after.id)
    )
    rows = connection.execute(old.order_by(m.received_at, m.id).limit(limit)).all()
    ids = [row.id for row in rows if not row.open]
    connection.execute(delete(t.calls).where(t.calls.c.message_id.in_(ids)))
    connection.execute(delete(t.messages).where(m.id.in_(ids)))
    reached = Place(rows[-1].received_at, rows[-1].id) if rows else None
    return Bite(reached, len(ids))


def forget_rest(connection: Connection, before: Millis, limit: int) -> int:
    """The same of notices and quarantine; answers how many rows went.

    Rule sets stay: their history is short, and to know which of them no decision names would mean to read them all.
    """
    return sum(_forget_oldest(connection, table, before, limit) for table in (t.notices, t.quarantine))


def _forget_oldest(connection: Connection, table: Table, before: Millis, limit: int) -> int:
    """Only the oldest rows are looked at: ids grow with time, and nothing else is known of where old ones lie."""
    c = table.c
    oldest = select(c.id, c.received_at).order_by(c.id).limit(limit).subquery()
    some = select(oldest.c.id).where(oldest.c.received_at < before)
    return connection.execute(delete(table).where(c.id.in_(some))).rowcount


# Content that is not kept -------------------------------------------------------------------------------------------


def with_content(connection: Connection, above: int, limit: int) -> tuple[int, ...]:
    """Up to ``limit`` messages with ids above, whose content is still there."""
    m = t.messages.c
    query = select(m.id).where(m.id > above, m.fingerprint == "").order_by(m.id).limit(limit)
    return tuple(connection.execute(query).scalars())


def ended(connection: Connection, ids: Collection[int]) -> tuple[int, ...]:
    """Those of these messages that no delivery needs: not theirs, nor one of another account's copy, which may yet be
    taken over.
    """
    m = t.messages.c
    return tuple(connection.execute(select(m.id).where(m.id.in_(ids), ~_event_is_open()).order_by(m.id)).scalars())


def _event_is_open() -> ColumnElement[bool]:
    d = t.deliveries.c
    return select(d.id).where(d.event == t.messages.c.event, d.state.in_(OPEN)).exists()


def blank_ended(connection: Connection, ids: Collection[int]) -> tuple[int, ...]:
    """Take the content out of those of these messages that no delivery needs; answers which."""
    m = t.messages.c
    query = select(m.id, m.type, m.content).where(m.id.in_(ids), m.fingerprint == "", ~_event_is_open())
    query = query.order_by(m.id)
    found = [(row.id, fingerprint(row.type, row.content)) for row in connection.execute(query)]
    blank(connection, found)
    return tuple(message_id for message_id, _ in found)


_blank = (
    update(t.messages)
    .where(t.messages.c.id == bindparam("message"))
    .values(text="", content="", envelope="", content_at=-1, fingerprint=bindparam("mark"))
)


def blank(connection: Connection, marks: Sequence[tuple[int, str]]) -> None:
    """Keep of these messages no word, only the fingerprint of what they held; and none in why rules did not match."""
    if not marks:
        return
    connection.execute(_blank, [{"message": message_id, "mark": mark} for message_id, mark in marks])
    c = t.decisions.c
    told = select(c.message_id, c.nonce, c.trail).where(c.message_id.in_([id_ for id_, _ in marks]), c.trail != "")
    for row in connection.execute(told).all():
        same = (c.message_id == row.message_id, c.nonce == row.nonce)
        connection.execute(update(t.decisions).where(*same).values(trail=_without_words(row.trail)))


def _without_words(trail: str) -> str:
    """A decision's trail without what stood in the message: near misses name their condition, errors their kind."""
    told: dict[str, list[dict[str, Any]]] = msgspec.json.decode(trail)
    for miss in told.get("near", []):
        miss["actual"] = None
    for raised in told.get("errors", []):
        raised["error"] = str(raised.get("error", "")).partition(":")[0]
    return msgspec.json.encode(told).decode()
