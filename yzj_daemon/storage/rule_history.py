"""The rule sets that were in force, one after the other: the newest is what a start falls back on."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, insert, select

from yzj_daemon.clock import Millis
from yzj_daemon.rules import packing
from yzj_daemon.storage import inbox
from yzj_daemon.storage import tables as t


class Change(NamedTuple):
    """A set that came into force at ``at``, of so many ``rules``. ``summary``: JSON, what it changed."""

    id: int
    at: Millis
    hash: str
    rules: int
    summary: str
    packed: bytes

    @property
    def sources(self) -> dict[str, str]:
        """Its files, name to text; unpacked each time, for a history has many."""
        return packing.unpack(self.packed)


def record(connection: Connection, digest: str, packed: bytes, rules: int, summary: str, now: Millis) -> bool:
    """This set is in force from now on; answers whether it was not already."""
    newest = connection.execute(_changes().limit(1)).one_or_none()
    if newest is not None and newest.hash == digest:
        return False
    rule_set_id = inbox.rule_set(connection, digest, packed, now)
    row = {"at": now, "rule_set_id": rule_set_id, "rules": rules, "summary": summary}
    connection.execute(insert(t.rule_changes).values(row))
    return True


def newest(connection: Connection) -> Change | None:
    found = changes(connection, 1)
    return found[0] if found else None


def changes(connection: Connection, limit: int) -> list[Change]:
    """The newest first; 0: all."""
    return [Change(*row) for row in connection.execute(_changes().limit(limit or None))]


def _changes() -> Select[Any]:
    c, r = t.rule_changes.c, t.rule_sets.c
    return (
        select(c.id, c.at, r.hash, c.rules, c.summary, r.packed)
        .join_from(t.rule_changes, t.rule_sets, r.id == c.rule_set_id)
        .order_by(c.id.desc())
    )


class Published(NamedTuple):
    """A set that is the one for all daemons on this store, whatever their files say; since when, and by whom."""

    at: Millis
    who: str
    hash: str
    packed: bytes

    @property
    def sources(self) -> dict[str, str]:
        """Its files, name to text; unpacked each time, for it is looked at again and again."""
        return packing.unpack(self.packed)


def publish(connection: Connection, digest: str, packed: bytes, who: str, now: Millis) -> None:
    """From now on this set decides, on every daemon."""
    rule_set_id = inbox.rule_set(connection, digest, packed, now)
    connection.execute(insert(t.publications).values(at=now, who=who, rule_set_id=rule_set_id))


def withdraw(connection: Connection, who: str, now: Millis) -> None:
    """From now on each daemon decides by its own files again."""
    connection.execute(insert(t.publications).values(at=now, who=who, rule_set_id=None))


def published(connection: Connection) -> Published | None:
    """The set for all; None: there is none."""
    p, r = t.publications.c, t.rule_sets.c
    newest = (
        select(p.at, p.who, r.hash, r.packed)
        .outerjoin_from(t.publications, t.rule_sets, r.id == p.rule_set_id)
        .order_by(p.id.desc())
        .limit(1)
    )
    row = connection.execute(newest).one_or_none()
    if row is None or row.hash is None:
        return None
    return Published(row.at, row.who, row.hash, row.packed)
