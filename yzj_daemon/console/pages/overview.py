"""How things are and what to do: accounts, lanes, the last hour, the rules, and what waits for a person."""

from typing import Final
from urllib.parse import quote

import msgspec

from yzj_daemon.account import AccountState
from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.hour import KINDS, MINUTES
from yzj_daemon.console.page import Page
from yzj_daemon.delivery import State
from yzj_daemon.lane import LaneState
from yzj_daemon.storage import reports, rule_history
from yzj_daemon.storage.reports import LaneLine
from yzj_daemon.trouble import Kind, Trouble
from yzj_daemon.wording.standing import OF_ACCOUNTS_AND_RULES, action, drain_seconds

NAME: Final = "overview"
PATH: Final = "/"

MISTAKES_SHOWN: Final = 5

_TONES: Final = {
    AccountState.ONLINE: "good",
    AccountState.OFFLINE: "bad",
    AccountState.EXPIRED: "bad",
    AccountState.BLOCKED: "bad",
    AccountState.UNKNOWN: "doubt",
}
_LANE_TONES: Final = {
    LaneState.READY: "good",
    LaneState.SUSPENDED: "doubt",
    LaneState.THROTTLED: "doubt",
    LaneState.OFFLINE: "bad",
    LaneState.BLOCKED: "bad",
}
_LISTS: Final = {
    Kind.UNKNOWN: "/deliveries?state=unknown",
    Kind.HELD: "/deliveries?state=held",
    Kind.HELD_RULE: "/deliveries?state=held&rule={subject}",
    Kind.LANE_STUCK: "/deliveries?state=pending&account={subject}",
}
_MILD: Final = frozenset({Kind.HELD, Kind.TOO_OLD, Kind.SILENT_RULE})

_WAITING: Final = (State.PENDING, State.SENDING, State.HELD, State.UNKNOWN)


class Chart(msgspec.Struct, frozen=True):
    """One number's last hour; ``tone`` is how much of it is good news."""

    kind: str
    course: tuple[int, ...]
    tone: str

    @property
    def total(self) -> int:
        return sum(self.course)


class Matter(msgspec.Struct, frozen=True):
    """Something to look at: words, how grave, and where the list of it is."""

    text: str
    tone: str
    href: str = ""


class Standing(msgspec.Struct, frozen=True):
    """An account and its lane in one row. ``drain`` None: somebody has to do something first."""

    line: LaneLine
    todo: str
    drain: float | None

    @property
    def tone(self) -> str:
        return _TONES[self.line.standing]

    @property
    def lane_tone(self) -> str:
        return _LANE_TONES[self.line.state]


def whole(asked: Asked) -> str:
    return asked.render("overview.html", page=NAME, **_told(asked))


def now(asked: Asked) -> str:
    """What changes by itself."""
    return asked.render("overview_now.html", page=NAME, **_told(asked))


def _told(asked: Asked) -> dict[str, object]:
    desk, store = asked.desk, asked.store
    change = rule_history.newest(store)
    desk.look_up()
    return {
        "matters": [_matter(asked, t) for t in desk.troubles() if t.kind not in OF_ACCOUNTS_AND_RULES],
        "charts": tuple(_charts(asked)),
        "since": _since(asked),
        "standings": _standings(asked),
        "waiting": reports.counted(store, _WAITING),
        "all_well": not desk.troubles(),
        "ruleset": desk.ruleset,
        "in_force_at": change.at if change is not None and change.hash == desk.ruleset.hash else None,
        "mistakes": desk.rulebook.mistakes[:MISTAKES_SHOWN],
        "mistakes_left": max(0, len(desk.rulebook.mistakes) - MISTAKES_SHOWN),
        "refused": desk.rulebook.refused,
        "rules_path": desk.settings.rules.path,
        "uptime": (asked.now - desk.began_at) / SECOND,
        "version": desk.version,
        "dry_run": desk.dry_run,
    }


def _matter(asked: Asked, trouble: Trouble) -> Matter:
    """With a link where a list shows it; else with what to do."""
    href = _LISTS.get(trouble.kind, "").format(subject=quote(trouble.subject))
    told = trouble.what if href else trouble.told
    return Matter(told.to(asked.lang), "doubt" if trouble.kind in _MILD else "bad", href)


def _charts(asked: Asked) -> list[Chart]:
    tones = dict(zip(KINDS, ("plain", "plain", "good", "bad"), strict=True))
    return [Chart(kind, asked.desk.hour.course(kind, asked.now), tones[kind]) for kind in KINDS]


def _since(asked: Asked) -> Millis | None:
    """Since when the charts know anything, where that is less than an hour ago."""
    began = asked.desk.hour.began_at
    return began if asked.now - began < MINUTES * 60 * SECOND else None


def _standings(asked: Asked) -> tuple[Standing, ...]:
    """Who needs a person first, then who owes most."""
    forward = asked.desk.settings.forward
    lines = reports.lane_lines(asked.store, asked.now)
    found = [Standing(line, action(line).to(asked.lang), drain_seconds(line, forward, asked.now)) for line in lines]
    gravity = {"bad": 0, "doubt": 1, "good": 2}
    return tuple(sorted(found, key=lambda one: (gravity[one.tone], -one.line.depth, one.line.account)))


ROUTES: Final = (Page(PATH, whole), Page("/overview/now", now))
