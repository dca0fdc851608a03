"""Messages with all that is known of them, page by page, for programs elsewhere."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select

from yzj_daemon.clock import Millis
from yzj_daemon.storage import reports
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.reports import DeliveryLine, Filter, Place, Received


class Exported(msgspec.Struct):
    """One message, its decision on receipt (``reason`` "": none on record), and what it owed, oldest first."""

    received: Received
    reason: str = ""
    rules: tuple[str, ...] = ()
    rules_hash: str = ""
    decided_at: Millis | None = None
    deliveries: list[DeliveryLine] = msgspec.field(default_factory=list)


def page(connection: Connection, narrowed: Filter, limit: int, below: Place | None) -> tuple[Exported, ...]:
    """Up to ``limit`` messages, newest first, received before ``below``."""
    ids = [line.id for line in reports.messages(connection, narrowed, limit, below)]
    found = {received.id: Exported(received) for received in reports.received_all(connection, ids)}
    _judge(connection, found)
    for line in reports.deliveries_of_all(connection, ids):
        found[line.message_id].deliveries.append(line)
    return tuple(found[message_id] for message_id in ids)


def _judge(connection: Connection, found: dict[int, Exported]) -> None:
    c, r = t.decisions.c, t.rule_sets.c
    query = (
        select(c.message_id, c.reason, c.rules, c.decided_at, r.hash)
        .outerjoin_from(t.decisions, t.rule_sets, r.id == c.rule_set_id)
        .where(c.message_id.in_(found), c.nonce == 0)
    )
    for row in connection.execute(query):
        one = found[row.message_id]
        one.reason, one.decided_at, one.rules_hash = row.reason, row.decided_at, row.hash or ""
        one.rules = reports.rule_ids(row.rules)


def id_span(connection: Connection, narrowed: Filter) -> Sequence[int]:
    """The row ids among which the messages of the filter's time lie; empty where there are none."""
    since, until = narrowed.since or 0, narrowed.until if narrowed.until is not None else 1 << 62
    stretch = reports.stretch(connection, since, until)
    return range(stretch.first, stretch.last + 1) if stretch.messages else range(0)
