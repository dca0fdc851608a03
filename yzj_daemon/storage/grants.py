"""The platform's access token, shared by all daemons on one store: sealed, and fetched by one for all."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, select, update

from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.upsert import upsert

ACCESS: Final = "access"
"""The one grant there is."""

FETCH_WITHIN: Final[Millis] = 20 * SECOND
"""After which a daemon that wanted to fetch a token is taken for gone."""


class Sealed(NamedTuple):
    """A token as it is stored, and its end by the store's clock."""

    sealed: str
    ends_at: Millis


def look(connection: Connection, had: str, now: Millis) -> Sealed | bool:
    """The token, if it is another than the one ``had`` (sealed; "": none); else whether it is ours to fetch a new one.

    Where it is not, somebody else is fetching one just now.
    """
    g = t.grants.c
    connection.execute(upsert(t.grants).values(name=ACCESS).on_conflict_do_nothing())
    row = connection.execute(select(t.grants).where(g.name == ACCESS).with_for_update()).one()
    if row.sealed and row.sealed != had and row.ends_at > now:
        return Sealed(row.sealed, row.ends_at)
    if row.fetching_until > now:
        return False
    connection.execute(update(t.grants).where(g.name == ACCESS).values(fetching_until=now + FETCH_WITHIN))
    return True


def put(connection: Connection, sealed: str, ends_at: Millis) -> None:
    """The new one."""
    fresh = {"sealed": sealed, "ends_at": ends_at, "fetching_until": 0}
    connection.execute(update(t.grants).where(t.grants.c.name == ACCESS).values(fresh))


def give_up(connection: Connection) -> None:
    """It could not be fetched: the next one who wants it may try."""
    connection.execute(update(t.grants).where(t.grants.c.name == ACCESS).values(fetching_until=0))
