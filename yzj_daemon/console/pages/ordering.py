"""To hold, release, requeue, drop or settle deliveries: first what that would meet, then, confirmed, the deed."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace
from starlette.responses import RedirectResponse, Response

from yzj_daemon.console.asked import Asked
from yzj_daemon.console.narrowed import OF_DELIVERIES, narrowed, row_id
from yzj_daemon.console.page import Act, Page
from yzj_daemon.console.refused import refused
from yzj_daemon.delivery import State
from yzj_daemon.flow import orders
from yzj_daemon.flow.orders import Chosen, Count, Order
from yzj_daemon.storage import controls, outbox, reports, searching
from yzj_daemon.storage.reports import DeliveryLine, Filter

NAME: Final = "deliveries"
PATH: Final = "/deliveries/order"

MOST_IDS: Final = 1_000
SHOWN_IDS: Final = 20

INSTANTS: Final = frozenset({"since", "until"})


class Verb(msgspec.Struct, frozen=True):
    """``orders``: by the name under which one of them is confirmed, the first is the one that is meant."""

    orders: Mapping[str, Order]

    @property
    def states(self) -> frozenset[State]:
        return frozenset(state for order in self.orders.values() for state in order.states)


VERBS: Final = {
    "hold": Verb({"hold": orders.HOLD}),
    "release": Verb({"release": orders.RELEASE}),
    "requeue": Verb({"requeue": orders.REQUEUE, "again": orders.SEND_AGAIN}),
    "drop": Verb({"drop": orders.DROP}),
    "settle": Verb({"arrived": orders.settled(arrived=True), "lost": orders.settled(arrived=False)}),
}
ORDERS: Final = {name: order for verb in VERBS.values() for name, order in verb.orders.items()}

WAKING: Final = frozenset({"release", "requeue", "again"})
"""After these something may leave at once."""


class Choice(msgspec.Struct, frozen=True):
    """One order of a verb that can be confirmed, and to how many it would be done."""

    name: str
    ready: int


def asking(asked: Asked) -> str:
    """What it would meet: how many, which, and what becomes of them."""
    name, wanted = _verb(asked), narrowed(asked, OF_DELIVERIES)
    chosen = replace(_chosen(wanted.filter, asked.query.getlist("id")), up_to=_newest(asked))
    if asked.query.get("scope") == "ticked" and not chosen.ids:
        raise refused(400, "order.none_ticked")
    first, choices = _counted(asked, VERBS[name], chosen)
    return asked.render(
        "order.html",
        page=NAME,
        verb=name,
        choices=choices,
        first=first,
        chosen=chosen,
        shown=_shown(asked, chosen.ids),
        left=max(0, len(chosen.ids) - SHOWN_IDS),
        given=wanted.given,
        labels={field: asked.t(f"filter.{field}") for field in wanted.given},
        hidden=_hidden(asked, chosen),
        back=wanted.address("/deliveries"),
        no_content=_no_content(asked, name, chosen.ids),
    )


def _verb(asked: Asked) -> str:
    name = asked.query.get("verb", "")
    if name not in VERBS:
        raise refused(400, "order.unknown", given=name[:40])
    return name


def _chosen(narrowed: Filter, written: Sequence[str]) -> Chosen:
    """Raises Refused: an id is none."""
    if len(written) > MOST_IDS:
        raise refused(400, "order.too_many", most=MOST_IDS)
    if wrong := next((each for each in written if row_id(each) is None), None):
        raise refused(400, "order.no_id", given=wrong[:40])
    ids = tuple(dict.fromkeys(map(int, written)))
    return Chosen(ids=ids) if ids else Chosen(narrowed=narrowed)


def _newest(asked: Asked) -> int:
    return searching.of_deliveries(asked.store, Filter()).stop - 1


def _counted(asked: Asked, verb: Verb, chosen: Chosen) -> tuple[Count, list[Choice]]:
    """What the verb's first order would meet; to send again is a choice only where it met what may have arrived."""
    first, *others = verb.orders.items()
    met = orders.count(asked.store, first[1], chosen)
    found = [Choice(first[0], met.ready)]
    for name, order in others:
        if name != "again" or met.doubtful:
            found.append(Choice(name, orders.count(asked.store, order, chosen).ready))
    return met, [choice for choice in found if choice.ready]


def _shown(asked: Asked, ids: Sequence[int]) -> list[DeliveryLine]:
    found = (reports.delivery(asked.store, id_) for id_ in ids[:SHOWN_IDS])
    return [line for line in found if line is not None]


def _no_content(asked: Asked, verb: str, ids: Sequence[int]) -> int:
    """How many of them could not be forwarded any more."""
    return controls.without_content(asked.store, ids) if verb == "requeue" and ids else 0


def _hidden(asked: Asked, chosen: Chosen) -> list[tuple[str, str]]:
    """The fields by which the confirmation says once more what was counted, and nothing else."""
    if chosen.ids:
        return [("id", str(id_)) for id_ in chosen.ids]
    said = [(name, getattr(chosen.narrowed, name)) for name in OF_DELIVERIES]
    told = [(name, value) for name, value in said if value not in ("", None)]
    exactly = [(name, str(asked.iso(value) if name in INSTANTS else value)) for name, value in told]
    return [*exactly, ("up_to", str(chosen.up_to))]


# The deed -----------------------------------------------------------------------------------------------------------


async def do(asked: Asked) -> Response:
    """Carry out what was confirmed, and lead to the list, which tells it."""
    name = str(asked.form.get("order", ""))
    if name not in ORDERS:
        raise refused(400, "order.unknown", given=name[:40])
    if name == "again" and not asked.form.get("sure"):
        raise refused(400, "order.not_sure")
    given = {field: str(asked.form.get(field, "")) for field in OF_DELIVERIES}
    wanted = await asked.desk.reader.read(lambda connection: narrowed(asked.on(connection), OF_DELIVERIES, given))
    chosen = _chosen(wanted.filter, [str(id_) for id_ in asked.form.getlist("id")])
    if not chosen.ids:
        chosen = replace(chosen, up_to=_up_to(asked))
    done = await orders.carry_out(asked.desk.store, ORDERS[name], chosen, who=asked.who, now=asked.now)
    if name in WAKING and done.deliveries:
        asked.desk.wake(await asked.desk.reader.read(outbox.accounts_owing))
    listed = {"told": done.action or "nothing"}
    return RedirectResponse(wanted.address("/deliveries", **listed), 303)


def _up_to(asked: Asked) -> int:
    """Raises Refused: the form does not say what was counted."""
    found = row_id(str(asked.form.get("up_to", "")))
    if found is None:
        raise refused(400, "order.uncounted")
    return found


ROUTES: Final = (Page(PATH, asking, "operator"), Act(PATH, do))
