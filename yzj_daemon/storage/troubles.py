"""What is remembered of troubles: which stand, of which people were told, how many answers were late today."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from msgspec.structs import asdict
from sqlalchemy import Connection, delete, select

from yzj_daemon.clock import DAY, SECOND, Millis
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.upsert import upsert
from yzj_daemon.trouble import Key, Kind, Standing

PLATFORM_TIME: Final = timezone(timedelta(hours=8))
"""Where the platform's day begins and ends."""

KEPT: Final[Millis] = 30 * DAY


def remembered(connection: Connection) -> tuple[Standing, ...]:
    """All that is remembered. Kinds that this version does not know are another version's."""
    c = t.troubles.c
    known = select(t.troubles).where(c.kind.in_(list(Kind))).order_by(c.since, c.kind, c.subject)
    return tuple(Standing(**{**row, "kind": Kind(row["kind"])}) for row in connection.execute(known).mappings())


def remember(connection: Connection, changed: Collection[Standing], gone: Iterable[Key]) -> None:
    """Write down what changed, and forget what is gone."""
    if changed:
        statement = upsert(t.troubles)
        fresh = {column.name: statement.excluded[column.name] for column in t.troubles.c if not column.primary_key}
        statement = statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=fresh)
        connection.execute(statement, [asdict(standing) for standing in changed])
    for kind, subject in gone:
        connection.execute(delete(t.troubles).where(t.troubles.c.kind == kind, t.troubles.c.subject == subject))


def answered_late(connection: Connection, more: int, now: Millis) -> None:
    """So many more callbacks were answered late today."""
    row = upsert(t.late_acks).values(day=_day(now), late=more)
    total = t.late_acks.c.late + row.excluded.late
    connection.execute(row.on_conflict_do_update(index_elements=["day"], set_={"late": total}))
    connection.execute(delete(t.late_acks).where(t.late_acks.c.day < _day(now - KEPT)))


def late_today(connection: Connection, now: Millis) -> int:
    """How many callbacks were answered late since midnight."""
    query = select(t.late_acks.c.late).where(t.late_acks.c.day == _day(now))
    return connection.execute(query).scalar_one_or_none() or 0


def _day(now: Millis) -> str:
    return datetime.fromtimestamp(now // SECOND, UTC).astimezone(PLATFORM_TIME).date().isoformat()
