"""Listings for those who look: newest first, and of one question never more than so many rows, however few it finds.

Time and chat of messages, and the state of deliveries, are found by an index. All else is looked for row by row; where
that would go on for long, the answer is what was found so far, and from where on to look further.
"""

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from msgspec.structs import replace
from sqlalchemy import Column, Connection, Select, func, select

from yzj_daemon.clock import HOUR, Millis
from yzj_daemon.storage import reports
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.reports import DeliveryLine, Filter, MessageLine, Place

R = TypeVar("R")
P = TypeVar("P")

EXAMINED: Final = 30_000
"""Rows of one question: 10 to 60 ms, by what is asked of each."""

APART: Final = 6_000
"""Messages of one question about a chat: in a long history they lie far apart, and each takes five times as long."""

SLACK: Final[Millis] = HOUR
"""How far ids and instants may be apart: callbacks wait until a daemon has started, and keep their time of receipt."""


@dataclass(frozen=True, slots=True)
class Found(Generic[R, P]):
    """``next``: where what follows begins; None: that was all.

    ``reached``: it was looked back to this instant and stopped there, though the page is not full.
    """

    rows: tuple[R, ...]
    next: P | None = None
    reached: Millis | None = None


def messages(
    connection: Connection, narrowed: Filter, limit: int, below: Place | None = None, most: int | None = None
) -> Found[MessageLine, Place]:
    """Up to ``limit`` messages older than ``below``, of the next ``most``; None: of as many as are cheap."""
    most = most or (APART if narrowed.chat else EXAMINED)
    first = None
    if narrowed.chat:
        ids = _ids(connection, t.messages.c.id, t.messages.c.received_at, narrowed)
        first, below = Place(0, ids.start), Place(0, ids.stop if below is None else min(below.id, ids.stop))
    elif below is not None and narrowed.until is not None:
        narrowed, below = _lower(narrowed, below, narrowed.until)
    floor = _floor_of_messages(connection, narrowed, below, first, most)
    if floor is not None and not narrowed.chat:
        narrowed = replace(narrowed, since=None)  # the floor is above it: of two bounds an index uses one
    rows = reports.messages(connection, narrowed, limit, below, floor or first)
    if len(rows) == limit:
        return Found(rows, Place(rows[-1].received_at, rows[-1].id))
    return Found(rows, floor, floor.received_at if floor else None)


def _lower(narrowed: Filter, below: Place, until: Millis) -> tuple[Filter, Place | None]:
    """The lower one of two upper bounds: an index uses one, and would read all that is between them."""
    return (replace(narrowed, until=None), below) if below.received_at < until else (narrowed, None)


def _floor_of_messages(
    connection: Connection, narrowed: Filter, below: Place | None, first: Place | None, most: int
) -> Place | None:
    """The last of the next ``most`` messages; None: there are fewer."""
    m = t.messages.c
    within = [] if narrowed.chat else reports.received_within(narrowed)
    query = reports.in_order(select(m.received_at, m.id).where(*within), narrowed, below, first)
    row = _at(connection, query, most)
    return None if row is None else Place(*row)


def deliveries(
    connection: Connection, narrowed: Filter, limit: int, below: int | None = None, most: int = EXAMINED
) -> Found[DeliveryLine, int]:
    """Up to ``limit`` deliveries with ids lower than ``below``, of the next ``most``."""
    d = t.deliveries.c
    ids = of_deliveries(connection, narrowed)
    below = ids.stop if below is None else min(below, ids.stop)
    query = select(d.id, d.created_at).where(d.id >= ids.start, d.id < below).order_by(d.id.desc())
    query = query.where(d.state == narrowed.state) if narrowed.state else query
    floor = _at(connection, query, most)
    rows = reports.deliveries(connection, narrowed, limit, below, ids.start if floor is None else floor.id)
    if len(rows) == limit:
        return Found(rows, rows[-1].id)
    return Found(rows) if floor is None else Found(rows, floor.id, floor.created_at)


def of_messages(connection: Connection, since: Millis, until: Millis) -> range:
    """The ids that messages received from ``since`` up to ``until`` may have, and few others."""
    return _ids(connection, t.messages.c.id, t.messages.c.received_at, Filter(since=since, until=until))


def of_deliveries(connection: Connection, narrowed: Filter) -> range:
    """The ids that deliveries of a filter's time may have; all, where it names none."""
    return _ids(connection, t.deliveries.c.id, t.deliveries.c.created_at, narrowed)


def _at(connection: Connection, query: Select[Any], place: int) -> Any:
    return connection.execute(query.offset(place - 1).limit(1)).one_or_none()


def _ids(connection: Connection, ids: Column[int], instants: Column[Millis], narrowed: Filter) -> range:
    """Those that rows of these instants may have."""
    ends = (select(end(ids)).scalar_subquery() for end in (func.min, func.max))  # both in one query read the table
    lowest, highest = connection.execute(select(*ends)).one()
    found = range(lowest or 0, (highest or 0) + 1)
    if narrowed.since is not None:
        found = range(_first(connection, ids, instants, narrowed.since - SLACK, found), found.stop)
    if narrowed.until is not None:
        found = range(found.start, _first(connection, ids, instants, narrowed.until + SLACK, found))
    return found


def _first(connection: Connection, ids: Column[int], instants: Column[Millis], at: Millis, within: range) -> int:
    """The lowest id of what came at ``at`` or later, by halving; the end of ``within`` where nothing did."""
    low, high = within.start, within.stop
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(select(ids, instants).where(ids >= middle).order_by(ids).limit(1)).one_or_none()
        if row is None or row[1] >= at:
            high = middle
        else:
            low = row[0] + 1
    return low
