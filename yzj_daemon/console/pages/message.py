"""One message: what it said, what was decided and why, what came of it, step by step, and the original."""

from typing import Any, Final

import msgspec

from yzj_daemon.console import deciding, explaining, timeline
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.page import Page
from yzj_daemon.console.pages.ordering import VERBS
from yzj_daemon.console.refused import Refused, refused
from yzj_daemon.console.tones import TONES
from yzj_daemon.delivery import State
from yzj_daemon.storage import reports
from yzj_daemon.storage.reports import DeliveryLine, Judgement, Received
from yzj_daemon.wording import reasons

NAME: Final = "messages"
PATH: Final = "/messages/{id:int}"

EVERY: Final = 1_000_000
"""Rules, where all are asked for."""

_LARGEST: Final = 2**63 - 1


class Owed(msgspec.Struct, frozen=True):
    """A delivery, its state in words, how grave that is, and what can be done about it."""

    line: DeliveryLine
    state: str
    tone: str
    verbs: tuple[str, ...]


def whole(asked: Asked) -> str:
    received = found(asked)
    return asked.render("message.html", page=NAME, **_told(asked, received), original=received.original.element())


def now(asked: Asked) -> str:
    """What changes by itself."""
    return asked.render("message_now.html", page=NAME, **_told(asked, found(asked)))


def tree(asked: Asked) -> str:
    """Every rule, by those of then or, where ``by`` says so, by those of now."""
    received = found(asked)
    by_now, everything = asked.query.get("by") == "now", asked.query.get("all") == "1"
    refusal, decided = "", None
    try:
        told = explaining.of_message(asked.desk, asked.store, received, now=by_now)
        decided = deciding.shown(asked, told, most=EVERY if everything else deciding.MOST)
    except Refused as problem:
        refusal = problem.what.to(asked.lang)
    return asked.render(
        "message_rules.html", page=NAME, received=received, by_now=by_now, decided=decided, refusal=refusal
    )


def found(asked: Asked) -> Received:
    """Raises Refused: there is none."""
    number = int(asked.request.path_params["id"])
    received = reports.received(asked.store, number) if number <= _LARGEST else None
    if received is None:
        raise refused(404, "messages.gone", id=number)
    return received


def _told(asked: Asked, received: Received) -> dict[str, Any]:
    judged = reports.judgement(asked.store, received.id)
    owed = reports.deliveries_of(asked.store, received.id)
    return {
        "received": received,
        "message": received.message,
        "judged": judged,
        "near": _near(judged),
        "errors": judged.trail.get("errors", []) if judged else [],
        "suppressed": judged.trail.get("suppressed", []) if judged else [],
        "copies": [copy for copy in reports.copies(asked.store, received.event) if copy.id != received.id],
        "owed": [owed_line(asked, line) for line in owed],
        "moments": timeline.of(asked, received, judged, owed),
    }


def owed_line(asked: Asked, line: DeliveryLine) -> Owed:
    told, state = reasons.state(line.state, line.reason).to(asked.lang), State(line.state)
    return Owed(line, told, TONES[state], tuple(name for name, verb in VERBS.items() if state in verb.states))


def _near(judged: Judgement | None) -> list[dict[str, Any]]:
    return judged.trail.get("near", []) if judged else []


ROUTES: Final = (Page(PATH, whole), Page(f"{PATH}/now", now), Page(f"{PATH}/rules", tree))
