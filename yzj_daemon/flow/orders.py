"""What an operator may order for deliveries, at whichever door: by id or by filter, counted first, and written down."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Connection

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import State
from yzj_daemon.errors import Phrase
from yzj_daemon.storage import controls, reports, searching
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Filter

BITE: Final = 500
"""Deliveries of one transaction: intake must not wait."""

Act = Callable[..., int]


class Order(msgspec.Struct, frozen=True):
    """``act`` is done to deliveries in ``states``; ``more`` is written down with it.

    ``doubtful``: states in which it would be wrong without the person knowing that the chat may get it twice.
    """

    verb: Phrase
    act: Act
    states: Sequence[State]
    more: Mapping[str, Any] = msgspec.field(default_factory=dict)
    doubtful: Sequence[State] = ()


HOLD: Final = Order(Phrase("扣住", "hold"), controls.hold, (State.PENDING,))
RELEASE: Final = Order(Phrase("放行", "release"), controls.release, (State.HELD,))
REQUEUE: Final = Order(
    Phrase("重新排队", "requeue"),
    controls.requeue,
    (State.FAILED, State.EXPIRED, State.DROPPED, State.HELD),
    doubtful=controls.MAY_HAVE_ARRIVED,
)
SEND_AGAIN: Final = Order(
    Phrase("重新排队", "requeue"), controls.send_again, controls.MAY_HAVE_ARRIVED, {"again": True}
)
DROP: Final = Order(Phrase("丢弃", "drop"), controls.drop, (*controls.OPEN, State.FAILED))


def settled(*, arrived: bool) -> Order:
    """A person knows what became of unknown ones."""
    said = {"as": "sent" if arrived else "failed"}
    return Order(Phrase("判定", "settle"), partial(controls.settle, arrived=arrived), (State.UNKNOWN,), said)


class Chosen(msgspec.Struct, frozen=True):
    """Which deliveries are meant: these, or all that the filter finds.

    ``up_to``: of those, none with a higher id, for nobody counted it.
    """

    ids: tuple[int, ...] = ()
    narrowed: Filter = msgspec.field(default_factory=Filter)
    up_to: int | None = None

    def told(self) -> dict[str, Any]:
        """As it is written down."""
        if self.ids:
            return {"ids": [str(id_) for id_ in self.ids]}
        return {key: value for key, value in asdict(self.narrowed).items() if value not in ("", None)}

    def within(self, connection: Connection) -> range:
        """Where their ids lie."""
        found = searching.of_deliveries(connection, self.narrowed)
        return found if self.up_to is None else range(found.start, min(found.stop, self.up_to + 1))

    def among(self, states: Sequence[State]) -> tuple[State, ...]:
        """Those of the states that the filter lets through."""
        return tuple(state for state in states if self.narrowed.state in ("", state))


class Count(msgspec.Struct, frozen=True):
    """What an order would meet. ``other`` and ``missing`` are told of ids alone: in states that it does not touch, and
    none of the store's. ``doubtful`` is told of ids, and where the filter names such a state.
    """

    ready: int
    doubtful: int
    other: int = 0
    missing: tuple[int, ...] = ()


def count(connection: Connection, order: Order, chosen: Chosen) -> Count:
    if chosen.ids:
        return _count_ids(connection, order, chosen.ids)
    ready, doubtful = chosen.among(order.states), chosen.among(order.doubtful) if chosen.narrowed.state else ()
    found = reports.states_of(connection, chosen.narrowed, (*ready, *doubtful), chosen.within(connection))
    return Count(sum(found.get(state, 0) for state in ready), sum(found.get(state, 0) for state in doubtful))


def _count_ids(connection: Connection, order: Order, ids: Sequence[int]) -> Count:
    found = reports.states_by_id(connection, ids)
    ready = sum(state in order.states for state in found.values())
    doubtful = sum(state in order.doubtful for state in found.values())
    missing = tuple(id_ for id_ in ids if id_ not in found)
    return Count(ready, doubtful, len(found) - ready - doubtful, missing)


class Done(msgspec.Struct, frozen=True):
    """To how many deliveries, and under which id it is written down; None: there was nothing to write down."""

    deliveries: int
    action: int | None


async def carry_out(store: Store, order: Order, chosen: Chosen, *, who: str, now: Millis, bite: int = BITE) -> Done:
    """Do it in bites, and write down who did what.

    A release by rule lifts the hold on the rule, too.
    """
    more = dict(order.more)
    rule = chosen.narrowed.rule
    if order is RELEASE and rule and await store.write(partial(controls.release_rule, rule=rule)):
        more["rule_released"] = rule
    done = 0
    async for ids in _bites(store, order, chosen, bite):
        done += await store.write(partial(order.act, ids=ids, now=now))
    if not done and not more:
        return Done(0, None)
    what = {**chosen.told(), **more}
    recorded = partial(controls.record, who=who, verb=order.verb.en, what=what, affected=done, now=now)
    return Done(done, await store.write(recorded))


async def _bites(store: Store, order: Order, chosen: Chosen, bite: int) -> AsyncIterator[tuple[int, ...]]:
    """State by state, so that an index has them in their order."""
    if chosen.ids:
        for start in range(0, len(chosen.ids), bite):
            yield chosen.ids[start : start + bite]
        return
    whole = await store.read(chosen.within)
    for state in chosen.among(order.states):
        left = whole
        while ids := await store.read(
            partial(reports.ids_in, narrowed=chosen.narrowed, state=state, limit=bite, ids=left)
        ):
            yield ids
            left = range(whole.start, ids[-1])
