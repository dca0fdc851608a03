"""What all daemons on one store may ask of the platform together: a token bucket that is a row."""

from typing import Final

from sqlalchemy import Connection, select

from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.upsert import upsert

CALLS: Final = "calls"
"""The one bucket there is: of all calls that are no sends."""


def take(connection: Connection, per_second: float, most: float, now: Millis) -> float:
    """Spend one call and answer 0; or answer after how many seconds there may be one."""
    a = t.allowances.c
    connection.execute(upsert(t.allowances).values(name=CALLS, calls=1.0, at=now).on_conflict_do_nothing())
    row = connection.execute(select(a.calls, a.at).where(a.name == CALLS).with_for_update()).one()
    since = max(0, now - row.at) / SECOND
    left: float = min(most, row.calls + since * per_second)
    pause: Millis = max(0, row.at - now)
    if left < 1:
        return max(0.001, pause / SECOND + (1 - left) / per_second)
    _set(connection, left - 1, max(row.at, now))
    return 0.0


def pause(connection: Connection, until: Millis) -> None:
    """Nothing is left, and nothing grows until then."""
    _set(connection, 0.0, until)


def _set(connection: Connection, calls: float, at: Millis) -> None:
    statement = upsert(t.allowances).values(name=CALLS, calls=calls, at=at)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"calls": calls, "at": at}))
