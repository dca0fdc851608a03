"""Daemons that share a store: who is alive, and which lanes are whose.

A daemon is alive as long as its lease runs, by the database's clock; it renews it in time or begins anew under another
number. A lane belongs to one daemon by its number: so what an old number still wants to write is recognized, and
refused. Nobody assigns lanes; each daemon takes what is free until it has its share, and gives back what is beyond.
"""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Connection, cast, delete, exists, func, insert, or_, select, text, update

from yzj_daemon.clock import HOUR, SECOND, Millis
from yzj_daemon.delivery import State
from yzj_daemon.storage import controls, outbox, schema
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.sqlite import holder

LEASE: Final[Millis] = 6 * SECOND
"""How long a daemon counts as alive after it last said so."""

REMEMBERED: Final[Millis] = HOUR
"""How long one that is gone stays in the list."""


class Daemon(NamedTuple):
    """``leased_until``: by the database's clock. ``lanes``: how many are its."""

    id: int
    name: str
    version: str
    rules_hash: str
    started_at: Millis
    leased_until: Millis
    lanes: int


def clock(connection: Connection) -> Millis:
    """The database's clock, now."""
    found: int = connection.execute(select(_now())).scalar_one()
    return found


def _now() -> Any:
    return cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)


def join(connection: Connection, name: str, version: str, rules_hash: str) -> int:
    """A daemon that has no lease, or lost it, takes one; answers its number.

    Raises:
        StoreProblem: the store was moved away, perhaps while the daemon was frozen.
    """
    if (place := controls.moved_to(connection)) is not None:
        raise schema.moved_away(place)
    row = {"name": name, "version": version, "rules_hash": rules_hash}
    times = {"started_at": _now(), "leased_until": _now() + LEASE}
    connection.execute(delete(t.daemons).where(t.daemons.c.leased_until < _now() - REMEMBERED))
    added: int = connection.execute(insert(t.daemons).values(**row, **times).returning(t.daemons.c.id)).scalar_one()
    return added


def renew(connection: Connection, daemon: int, rules_hash: str) -> bool:
    """Whether the lease was still running, and runs on."""
    d = t.daemons.c
    running = update(t.daemons).where(d.id == daemon, d.leased_until > _now())
    return connection.execute(running.values(leased_until=_now() + LEASE, rules_hash=rules_hash)).rowcount > 0


def leave(connection: Connection, daemon: int) -> None:
    """In good order: its lanes are free at once."""
    connection.execute(update(t.lanes).where(t.lanes.c.owner == daemon).values(owner=None))
    connection.execute(delete(t.daemons).where(t.daemons.c.id == daemon))


def alive(connection: Connection) -> tuple[Daemon, ...]:
    """Those that share the store, by number: the first does what one has to do for all. A file has only the one."""
    if connection.dialect.name == "sqlite":
        return ()
    d = t.daemons.c
    lanes = select(func.count()).where(t.lanes.c.owner == d.id).scalar_subquery()
    query = select(t.daemons, lanes.label("lanes")).where(d.leased_until > _now()).order_by(d.id)
    return tuple(Daemon(**row) for row in connection.execute(query).mappings())


def running_on(store: Store) -> tuple[str, ...]:
    """The daemons that run on a store, each by what names it."""
    if not store.database.shared:
        held_by = holder(store.path)
        return () if held_by is None else (held_by,)
    return tuple(one.name for one in store.read_now(alive))


# Lanes --------------------------------------------------------------------------------------------------------------


class Share(NamedTuple):
    """``owned``: the accounts whose lanes are this daemon's now. ``taken``: those of them that just became so.

    ``interrupted``: deliveries that were on their way when their daemon went; nobody knows whether they arrived.
    ``first``: whether this daemon does what one has to do for all. ``alive``: it and the others.
    """

    owned: frozenset[str]
    taken: tuple[str, ...]
    interrupted: int
    first: bool
    alive: tuple[Daemon, ...]


def share(connection: Connection, daemon: int, now: Millis) -> Share:
    """Take what is free and give back what is beyond this daemon's share: lanes by number, over all that are alive."""
    found = alive(connection)
    _ensure(connection)
    lanes = connection.execute(select(func.count()).select_from(t.lanes)).scalar_one()
    fair = -(-lanes // max(1, len(found)))
    mine = next((one.lanes for one in found if one.id == daemon), 0)
    if mine > fair:
        _give_back(connection, daemon, mine - fair)
    taken = _take(connection, daemon, fair - mine) if mine < fair else ()
    interrupted = outbox.interrupted(connection, now, taken) if taken else 0
    owned = connection.execute(select(t.lanes.c.account).where(t.lanes.c.owner == daemon)).scalars()
    return Share(frozenset(owned), taken, interrupted, bool(found) and found[0].id == daemon, found)


def _ensure(connection: Connection) -> None:
    """Every hosted account has a lane."""
    known = t.accounts.c.account
    without = select(known).where(~exists().where(t.lanes.c.account == known))
    outbox.give_lanes(connection, set(connection.execute(without).scalars()))


def owing(connection: Connection, daemon: int) -> tuple[str, ...]:
    """Those of a daemon's lanes that have something waiting."""
    lane, d = t.lanes.c, t.deliveries.c
    waits = exists().where(d.account == lane.account, text("deliveries.state = 'pending'"))
    return tuple(connection.execute(select(lane.account).where(lane.owner == daemon, waits)).scalars())


def _take(connection: Connection, daemon: int, most: int) -> tuple[str, ...]:
    """What others are taking at this moment is passed over."""
    lane = t.lanes.c
    living = select(t.daemons.c.id).where(t.daemons.c.leased_until > _now())
    free = (
        select(lane.account)
        .where(or_(lane.owner.is_(None), lane.owner.not_in(living)))
        .order_by(lane.account)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("free")
        .prefix_with("MATERIALIZED")
    )
    taken = update(t.lanes).where(lane.account.in_(select(free.c.account))).values(owner=daemon)
    return tuple(connection.execute(taken.returning(lane.account)).scalars())


def _give_back(connection: Connection, daemon: int, number: int) -> None:
    """Not those that have a call on its way."""
    lane, d = t.lanes.c, t.deliveries.c
    calling = exists().where(d.account == lane.account, d.state == State.SENDING)
    some = (
        select(lane.account)
        .where(lane.owner == daemon, ~calling)
        .order_by(lane.account.desc())
        .limit(number)
        .with_for_update(skip_locked=True)
        .cte("beyond")
        .prefix_with("MATERIALIZED")
    )
    connection.execute(update(t.lanes).where(lane.account.in_(select(some.c.account))).values(owner=None))


def holds(connection: Connection, account: str, daemon: int) -> bool:
    """Whether the lane is this daemon's, whose lease runs; if so, nobody takes it until the transaction ends."""
    lane, d = t.lanes.c, t.daemons.c
    alive = exists().where(d.id == daemon, d.leased_until > _now())
    query = select(lane.account).where(lane.account == account, lane.owner == daemon, alive).with_for_update()
    return connection.execute(query).one_or_none() is not None


# News ---------------------------------------------------------------------------------------------------------------

NEWS: Final = "yzj_daemon"
"""The channel on which daemons tell each other what is new."""

LANE: Final = "lane "
"""How news of an account that owes something begin."""

FREE: Final = "free"
"""The news that lanes are free."""

RULES: Final = "rules"
"""The news that a rule set was published, or taken back."""


def tell(connection: Connection, subjects: Collection[str]) -> None:
    """The other daemons learn of it when this transaction commits. A hint: each looks by itself as well."""
    for subject in sorted(subjects):
        connection.execute(select(func.pg_notify(NEWS, subject)))
