"""Questions people and metrics ask of the store. Reading only."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.delivery import State
from yzj_daemon.storage import tables as t


class Depth(NamedTuple):
    """How much waits in a lane, and how long its oldest has waited (seconds)."""

    account: str
    depth: int
    oldest_seconds: float


def deliveries_by_state(connection: Connection) -> dict[str, int]:
    """How many deliveries are in each state; every state is named."""
    d = t.deliveries.c
    found: dict[str, int] = dict(connection.execute(select(d.state, func.count()).group_by(d.state)).all())
    return {state.value: found.get(state.value, 0) for state in State}


def lane_depths(connection: Connection, now: Millis) -> tuple[Depth, ...]:
    """Every lane that owes something."""
    d = t.deliveries.c
    rows = connection.execute(
        select(d.account, func.count(), func.min(d.created_at)).where(d.state == State.PENDING).group_by(d.account)
    )
    return tuple(Depth(account, depth, max(0, now - oldest) / SECOND) for account, depth, oldest in rows)
