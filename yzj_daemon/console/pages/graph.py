"""The rules as a graph: what flows from where by which rule to whom."""

from typing import Final

from yzj_daemon.console import graph, reading
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.graph import Flow
from yzj_daemon.console.page import Page
from yzj_daemon.console.pages.rules import NAME, STANDINGS, TONES, Around, meant
from yzj_daemon.rules.ruleset import Rule

PATH: Final = "/graph"

_KINDS: Final = {"room": "*room", "private": "*private"}
_ANYWHERE: Final = "*anywhere"
"""Keys of sources that are no ids; no id begins like this."""


def show(asked: Asked) -> str:
    """Those that match most come first, because those are drawn when they are too many."""
    desk, words, standing = asked.desk, asked.query.get("q", "").strip(), asked.query.get("standing", "")
    around = Around.of(asked)
    desk.tallies.look(asked.store, asked.now)
    rules = [rule for rule in desk.ruleset.rules if meant(asked, rule, words, standing, around)]
    flows = [_flow(asked, rule, around) for rule in rules]
    flows.sort(key=lambda flow: -flow.times)
    return asked.render(
        "graph.html",
        page=NAME,
        tab="graph",
        drawing=graph.drawn(flows, lambda key: _called(asked, key)),
        node=(graph.NODE, graph.HIGH),
        narrow=[_told(asked, flow) for flow in flows[: graph.RULES]],
        words=words,
        standing=standing,
        standings=[(name, asked.t(f"rules.standing.{name}")) for name in STANDINGS],
        found=len(flows),
    )


def _flow(asked: Asked, rule: Rule, around: Around) -> Flow:
    tone = TONES[around.standing(rule)[0]]
    return Flow(rule.id, tuple(_sources(rule)), rule.targets, tone, asked.desk.tallies.of(rule.id).week)


def _sources(rule: Rule) -> list[str]:
    """The chats and people that the rule names; where it names none, the kind of chat, or anywhere."""
    where = reading.where(rule)
    ids = [value for part in where if part.ids for value in part.values]
    kinds = [_KINDS[value] for part in where if part.key == "chat_type" for value in part.values]
    return ids or kinds or [_ANYWHERE]


def _told(asked: Asked, flow: Flow) -> tuple[Flow, str, str]:
    """A rule with its sources and its targets in words, for screens that have no room for three columns."""
    sources, targets = ([_called(asked, key) for key in keys] for keys in (flow.sources, flow.targets))
    return flow, _first(sources), _first(targets)


def _first(names: list[str]) -> str:
    return ", ".join([*names[: graph.OF_ONE], graph.REST] if len(names) > graph.OF_ONE else names)


def _called(asked: Asked, key: str) -> str:
    if key == _ANYWHERE:
        return asked.t("rules.anywhere")
    if key.startswith("*"):
        return asked.t(f"rules.chat_type.{key[1:]}")
    return asked.name_of(key) or key


ROUTES: Final = (Page(PATH, show),)
