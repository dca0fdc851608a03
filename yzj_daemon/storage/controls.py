"""What people, and tripwires, hold back: mutes, held rules, deliveries by hand; each with who and when."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, text, update

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import State
from yzj_daemon.storage import settlement
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.bulk import Prepared
from yzj_daemon.storage.outbox import encode
from yzj_daemon.storage.upsert import upsert

OPEN: Final = (State.PENDING, State.HELD)
"""Deliveries that certainly never arrived and may still leave."""

REPLACED: Final = ("resent", "sent_again")
"""Reasons of deliveries in whose place another one was made."""

RESTORE: Final = "restore"
"""The verb under which a restore is written down."""

MOVED: Final = "moved"
"""The verb under which a store knows that it was moved away."""

ARRIVED: Final = "move"
"""The verb under which a store knows whence it was moved."""

RESTORED: Final = "restored"
"""The reason of deliveries that may have left before the store was restored from a backup."""

MAY_HAVE_ARRIVED: Final = (State.SENT, State.CONFIRMED, State.UNKNOWN)


class Mute(NamedTuple):
    """``kind`` is rule, chat or account; ``value`` its id. ``lifted_at`` None: it holds until its time."""

    id: int
    kind: str
    value: str
    until: Millis
    comment: str
    who: str
    created_at: Millis
    lifted_at: Millis | None

    def __str__(self) -> str:
        """How it names itself in every decision that it suppresses."""
        told = f"mute {self.id}: {self.kind} {self.value}"
        return f"{told} ({self.comment})" if self.comment else told


_in_force: Final = Prepared(
    select(*(t.mutes.c[name] for name in Mute._fields))
    .where(t.mutes.c.until > bindparam("now"), t.mutes.c.lifted_at.is_(None))
    .order_by(t.mutes.c.id)
)


def mutes(connection: Connection, now: Millis, *, all_: bool = False) -> tuple[Mute, ...]:
    """Those in force, or all there ever were."""
    if not all_:
        return tuple(Mute(*row) for row in _in_force.rows(connection, now=now))
    return tuple(Mute(**row) for row in connection.execute(select(t.mutes).order_by(t.mutes.c.id)).mappings())


_CHANGED: Final = "mutes and held rules changed"
"""Under this, a connection keeps how often it changed them itself."""


def _note_changed(connection: Connection) -> None:
    connection.info[_CHANGED] = connection.info.get(_CHANGED, 0) + 1


class Standing:
    """Mutes and held rules as they stand, read again only when somebody may have changed them.

    For one connection, the writer's: what others commit shows in SQLite's ``data_version``, what it changed itself it
    keeps count of. PostgreSQL tells of no such thing, and is asked each time.
    """

    def __init__(self) -> None:
        self._version: tuple[int, int] | None = None
        self._mutes: tuple[Mute, ...] = ()
        self._held: Mapping[str, str] = {}

    def look(self, connection: Connection, now: Millis) -> tuple[Mapping[tuple[str, str], str], Mapping[str, str]]:
        """What the mutes in force keep back, and how each names itself; rule -> why it is held."""
        version = _version_of(connection)
        if version is None or version != self._version:
            self._mutes, self._held = mutes(connection, now), held_rules(connection)
            self._version = version
        return {(mute.kind, mute.value): str(mute) for mute in self._mutes if mute.until > now}, self._held


def _version_of(connection: Connection) -> tuple[int, int] | None:
    if connection.dialect.name != "sqlite":
        return None
    others: int = connection.connection.cursor().execute("PRAGMA data_version").fetchone()[0]
    return others, connection.info.get(_CHANGED, 0)


def mute(connection: Connection, kind: str, value: str, until: Millis, comment: str, who: str, now: Millis) -> int:
    row = {"kind": kind, "value": value, "until": until, "comment": comment, "who": who, "created_at": now}
    _note_changed(connection)
    added: int = connection.execute(insert(t.mutes).values(row).returning(t.mutes.c.id)).scalar_one()
    return added


def unmute(connection: Connection, ids: Collection[int], now: Millis) -> int:
    """Lift these before their time; answers how many were in force."""
    _note_changed(connection)
    m = t.mutes.c
    lifted = connection.execute(
        update(t.mutes).where(m.id.in_(ids), m.lifted_at.is_(None), m.until > now).values(lifted_at=now)
    )
    return lifted.rowcount


# Held rules ---------------------------------------------------------------------------------------------------------


_held: Final = Prepared(select(t.held_rules.c.rule, t.held_rules.c.why))


def held_rules(connection: Connection) -> Mapping[str, str]:
    """Rule -> why it is held."""
    return dict(_held.rows(connection))


def hold_rule(connection: Connection, rule: str, why: str, now: Millis) -> int:
    """From now on what this rule asks for is held, and so is what waits of it; answers how much waited."""
    _note_changed(connection)
    row = {"rule": rule, "why": why, "held_at": now}
    connection.execute(upsert(t.held_rules).values(row).on_conflict_do_nothing())
    d = t.deliveries.c
    held = connection.execute(
        update(t.deliveries)
        .where(text("deliveries.state = 'pending'"), d.rule == rule)
        .values(state=State.HELD, reason="limit", parked=False, updated_at=now)
    )
    return held.rowcount


def release_rule(connection: Connection, rule: str) -> bool:
    """Lift the hold on a rule; its deliveries are released like all others."""
    _note_changed(connection)
    done = connection.execute(delete(t.held_rules).where(t.held_rules.c.rule == rule))
    return done.rowcount > 0


# Deliveries by hand -------------------------------------------------------------------------------------------------


def hold(connection: Connection, ids: Sequence[int], now: Millis) -> int:
    """Those that wait wait for a person from now on; answers how many."""
    return _move(connection, ids, (State.PENDING,), {"state": State.HELD, "reason": "operator", "parked": False}, now)


def release(connection: Connection, ids: Sequence[int], now: Millis) -> int:
    """Those that are held may leave again, at the lane's pace; answers how many."""
    freed = {"state": State.PENDING, "reason": "released", "parked": False, "due_at": now}
    return _move(connection, ids, (State.HELD,), freed, now)


def drop(connection: Connection, ids: Sequence[int], now: Millis) -> int:
    """Those that wait, are held or failed are wanted no more; answers how many.

    Of an unknown one nobody can say that it was dropped: a person settles it first.
    """
    gone = {"state": State.DROPPED, "reason": "operator", "parked": False}
    return _move(connection, ids, (*OPEN, State.FAILED), gone, now)


def settle(connection: Connection, ids: Sequence[int], *, arrived: bool, now: Millis) -> int:
    """A person knows what became of unknown ones; answers how many there were."""
    known = {"state": State.SENT if arrived else State.FAILED, "reason": "operator"}
    return _move(connection, ids, (State.UNKNOWN,), known, now)


def requeue(connection: Connection, ids: Sequence[int], now: Millis) -> int:
    """Those that certainly did not arrive are tried afresh; answers how many.

    What was sent again as another delivery may have arrived itself, and stays as it is; so does what has no content
    any more.
    """
    fresh = {"state": State.PENDING, "reason": "requeued", "attempts": 0, "parked": False, "due_at": now}
    fresh["expires_at"] = None
    d = t.deliveries.c
    certain = set(
        connection.execute(select(d.id).where(d.id.in_(ids), d.reason.not_in(REPLACED), _has_content())).scalars()
    )
    return _move(connection, sorted(certain), (State.FAILED, State.EXPIRED, State.DROPPED, State.HELD), fresh, now)


def send_again(connection: Connection, ids: Sequence[int], now: Millis) -> int:
    """Those that may have arrived are sent once more, each as a delivery of its own; answers how many."""
    d = t.deliveries.c
    query = select(t.deliveries).where(d.id.in_(ids), d.state.in_(MAY_HAVE_ARRIVED), _has_content())
    rows = connection.execute(query).mappings()
    found = [{**row, "expires_at": None} for row in rows]
    settlement.again(connection, found, "sent_again", now)
    return len(found)


def _has_content() -> ColumnElement[bool]:
    """What was not kept cannot be forwarded."""
    m = t.messages.c
    return select(m.id).where(m.id == t.deliveries.c.message_id, m.fingerprint == "").exists()


def without_content(connection: Connection, ids: Sequence[int]) -> int:
    """How many of these deliveries cannot leave any more, because the content of their message was not kept."""
    query = select(func.count()).select_from(t.deliveries).where(t.deliveries.c.id.in_(ids), ~_has_content())
    found: int = connection.execute(query).scalar_one()
    return found


def _move(
    connection: Connection, ids: Sequence[int], states: Sequence[State], values: Mapping[str, Any], now: Millis
) -> int:
    d = t.deliveries.c
    moved = connection.execute(
        update(t.deliveries).where(d.id.in_(ids), d.state.in_(states)).values(**values, updated_at=now)
    )
    return moved.rowcount


class Action(NamedTuple):
    """What somebody did. ``what`` is JSON: the ids or the filter, and what was said."""

    id: int
    at: Millis
    who: str
    verb: str
    what: str
    affected: int


def record(connection: Connection, who: str, verb: str, what: Mapping[str, Any], affected: int, now: Millis) -> int:
    """Write down who did what, in the same transaction; answers the id of that."""
    row = {"at": now, "who": who, "verb": verb, "what": encode(what), "affected": affected}
    added: int = connection.execute(insert(t.actions).values(row).returning(t.actions.c.id)).scalar_one()
    return added


def moved_to(connection: Connection) -> str | None:
    """Where this store was moved to, unless it has been taken back since."""
    a = t.actions.c
    query = select(a.verb, a.what).where(a.verb.in_((MOVED, ARRIVED, RESTORE))).order_by(a.id.desc()).limit(1)
    newest = connection.execute(query).one_or_none()
    if newest is None or newest.verb != MOVED:
        return None
    place: str = msgspec.json.decode(newest.what)["to"]
    return place


def restored_at(connection: Connection) -> Millis | None:
    """When this store was last restored from a backup; None: never."""
    a = t.actions.c
    found: Millis | None = connection.execute(select(func.max(a.at)).where(a.verb == RESTORE)).scalar_one()
    return found


def actions(connection: Connection, limit: int, below: int | None = None) -> tuple[Action, ...]:
    """The newest first, with ids lower than ``below``."""
    newest = select(t.actions).order_by(t.actions.c.id.desc()).limit(limit)
    if below is not None:
        newest = newest.where(t.actions.c.id < below)
    return tuple(Action(**row) for row in connection.execute(newest).mappings())
