"""What an operator may order for deliveries, at whichever door: by id or by filter, counted first, and written down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import State
from yzj_daemon.errors import Phrase
from yzj_daemon.storage import controls, reports
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Filter

BITE: Final = 500
"""Deliveries of one transaction: intake must not wait."""

Act = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Order:
    """``act`` is done to deliveries in ``states``; ``more`` is written down with it.

    ``doubtful``: states in which it would be wrong without the person knowing that the chat may get it twice.
    """

    verb: Phrase
    act: Act
    states: Sequence[State]
    more: Mapping[str, Any] = field(default_factory=dict)
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


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which deliveries are meant: these, or all that the filter finds."""

    ids: tuple[int, ...] = ()
    narrowed: Filter = field(default_factory=Filter)

    def told(self) -> dict[str, Any]:
        """As it is written down."""
        if self.ids:
            return {"ids": [str(id_) for id_ in self.ids]}
        return {key: value for key, value in asdict(self.narrowed).items() if value not in ("", None)}


@dataclass(frozen=True, slots=True)
class Count:
    """What an order would meet: ``missing`` ids are none of the store's, ``other`` are in states it does not touch."""

    ready: int
    doubtful: int
    other: int
    missing: tuple[int, ...] = ()


def count(connection: Connection, order: Order, chosen: Chosen) -> Count:
    missing: tuple[int, ...] = ()
    if chosen.ids:
        found = reports.states_by_id(connection, chosen.ids)
        missing = tuple(id_ for id_ in chosen.ids if id_ not in found)
        states = {state: list(found.values()).count(state) for state in set(found.values())}
    else:
        states = reports.states_of(connection, chosen.narrowed)
    ready = sum(states.get(state, 0) for state in order.states)
    doubtful = sum(states.get(state, 0) for state in order.doubtful)
    return Count(ready, doubtful, sum(states.values()) - ready - doubtful, missing)


async def carry_out(store: Store, order: Order, chosen: Chosen, *, who: str, now: Millis, bite: int = BITE) -> int:
    """Do it in bites, and write down who did what; answers to how many deliveries.

    A release by rule lifts the hold on the rule, too.
    """
    more = dict(order.more)
    rule = chosen.narrowed.rule
    if order is RELEASE and rule and await store.write(partial(controls.release_rule, rule=rule)):
        more["rule_released"] = rule
    done = 0
    ids, below = await _next(store, order, chosen, bite, None)
    while ids:
        done += await store.write(partial(order.act, ids=ids, now=now))
        ids, below = await _next(store, order, chosen, bite, below)
    if done or more:
        what = {**chosen.told(), **more}
        await store.write(partial(controls.record, who=who, verb=order.verb.en, what=what, affected=done, now=now))
    return done


async def _next(
    store: Store, order: Order, chosen: Chosen, bite: int, below: int | None
) -> tuple[tuple[int, ...], int | None]:
    """The next bite, and below which id the one after it goes on."""
    if chosen.ids:
        rest = sorted((id_ for id_ in chosen.ids if below is None or id_ < below), reverse=True)
        ids = tuple(rest[:bite])
    else:
        ids = await store.read(
            partial(reports.ids_in, narrowed=chosen.narrowed, states=order.states, limit=bite, below=below)
        )
    return ids, ids[-1] if ids else None
