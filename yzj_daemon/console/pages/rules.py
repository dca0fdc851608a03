"""The rules in force: who to whom, how often, and what keeps one of them back; each on a page of its own."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final
from urllib.parse import quote, urlencode

import msgspec
from starlette.responses import RedirectResponse, Response

from yzj_daemon.console import reading
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.deciding import Branch, values
from yzj_daemon.console.page import Act, Page
from yzj_daemon.console.refused import refused
from yzj_daemon.console.tally import Tally
from yzj_daemon.rules.ruleset import Rule
from yzj_daemon.storage import controls, memory, tallies
from yzj_daemon.storage.controls import Mute
from yzj_daemon.storage.memory import LastMatch
from yzj_daemon.storage.reader import Connection
from yzj_daemon.wording import when
from yzj_daemon.wording.verdicts import IDS

NAME: Final = "rules"
PATH: Final = "/rules"

AT_ONCE: Final = 100
"""Rules of one page of the list."""

NEAR_SHOWN: Final = 10
OFF_SHOWN: Final = 20
LONGEST_COMMENT: Final = 200

STANDINGS: Final = ("live", "shadow", "muted", "held")
TONES: Final = {"live": "good", "shadow": "plain", "muted": "doubt", "held": "bad"}


class Line(msgspec.Struct, frozen=True):
    """One rule in the list. ``last`` None: it never matched. ``why``: what a mute or a hold says."""

    rule: Rule
    where: tuple[reading.Part, ...]
    what: tuple[reading.Part, ...]
    tally: Tally
    last: LastMatch | None
    standing: str
    why: str = ""

    @property
    def tone(self) -> str:
        return TONES[self.standing]


class Around(msgspec.Struct, frozen=True):
    """What the store knows of the rules."""

    last: Mapping[str, LastMatch]
    held: Mapping[str, str]
    muted: Mapping[str, Mute]

    @classmethod
    def of(cls, asked: Asked, rules: tuple[str, ...] | None = None) -> "Around":
        mutes = controls.mutes(asked.store, asked.now)
        return cls(
            last=memory.last_matches(asked.store, rules),
            held=controls.held_rules(asked.store),
            muted={mute.value: mute for mute in mutes if mute.kind == "rule"},
        )

    def standing(self, rule: Rule) -> tuple[str, str]:
        """How the rule stands, and why."""
        if rule.id in self.held:
            return "held", self.held[rule.id]
        if rule.id in self.muted:
            return "muted", self.muted[rule.id].comment
        return rule.mode, ""


def list_(asked: Asked) -> str:
    desk, query = asked.desk, asked.query
    words, standing = query.get("q", "").strip(), query.get("standing", "")
    around = Around.of(asked)
    whole = desk.tallies.look(asked.store, asked.now)
    found = [rule for rule in _below(asked, query.get("below", "")) if meant(asked, rule, words, standing, around)]
    shown = [_line(asked, rule, around) for rule in found[:AT_ONCE]]
    more = {"q": words, "standing": standing, "below": shown[-1].rule.id} if len(found) > AT_ONCE else {}
    return asked.render(
        "rules_rows.html" if "below" in query and asked.by_htmx else "rules.html",
        page=NAME,
        tab="list",
        lines=shown,
        total=len(desk.ruleset.rules),
        more=f"{PATH}?{urlencode(more)}" if more else "",
        counted=whole,
        words=words,
        standing=standing,
        off=_switched_off(asked),
        off_shown=OFF_SHOWN,
        standings=[(name, asked.t(f"rules.standing.{name}")) for name in STANDINGS],
        **mistakes(asked),
    )


def _switched_off(asked: Asked) -> tuple[str, ...]:
    """Rules of the files that are not enabled."""
    desk = asked.desk
    found = desk.switched_off.get(desk.ruleset.hash)
    if found is None:
        found = reading.switched_off(desk.rules().texts().values(), desk.ruleset.rules)
        desk.switched_off.put(desk.ruleset.hash, found)
    return found


def mistakes(asked: Asked, most: int = 5) -> dict[str, object]:
    """What keeps the rules on disk from being in force, for ``mistakes.html``."""
    found = asked.desk.rulebook.mistakes
    return {
        "refused": asked.desk.rulebook.refused,
        "mistakes": found[:most],
        "mistakes_left": max(0, len(found) - most),
    }


def _below(asked: Asked, rule: str) -> Iterator[Rule]:
    """The rules after this one, in the order in which they are asked; "": all of them."""
    rules = asked.desk.ruleset.rules
    place = next((number + 1 for number, each in enumerate(rules) if each.id == rule), 0)
    return islice(rules, place, None)


def meant(asked: Asked, rule: Rule, words: str, standing: str, around: Around) -> bool:
    if standing and around.standing(rule)[0] != standing:
        return False
    wanted, names = words.casefold(), asked.desk.ruleset.names
    return any(wanted in said.casefold() or wanted in names.get(said, "").casefold() for said in reading.mentions(rule))


def _line(asked: Asked, rule: Rule, around: Around) -> Line:
    standing, why = around.standing(rule)
    return Line(
        rule=rule,
        where=reading.where(rule),
        what=reading.what(rule),
        tally=asked.desk.tallies.of(rule.id),
        last=around.last.get(rule.id),
        standing=standing,
        why=why,
    )


# One rule -----------------------------------------------------------------------------------------------------------


def one(asked: Asked) -> str:
    rule = _rule(asked)
    around = Around.of(asked, (rule.id,))
    whole = asked.desk.tallies.look(asked.store, asked.now)
    return asked.render(
        "rule.html",
        page=NAME,
        tab="",
        line=_line(asked, rule, around),
        parts_of=reading.parts(rule),
        options=tuple(_options(asked, rule)),
        mute=around.muted.get(rule.id),
        near=[(miss, _failed(miss)) for miss in tallies.near_misses(asked.store, rule.id, NEAR_SHOWN)],
        counted=whole,
        source=_source(asked, rule),
    )


def _rule(asked: Asked) -> Rule:
    """The one that the address names. Raises Refused: no such rule is in force."""
    id_ = asked.request.path_params["rule"]
    found = next((rule for rule in asked.desk.ruleset.rules if rule.id == id_), None)
    if found is None:
        raise refused(404, "rules.none", rule=id_)
    return found


def _failed(miss: tallies.NearMiss) -> Branch:
    """The condition that kept the rule from matching."""
    failed = miss.failed
    wanted, actual = values(failed["expected"]), values(failed["actual"])
    return Branch(failed["key"], held=False, ids=failed["key"] in IDS, wanted=wanted, actual=actual)


def _options(asked: Asked, rule: Rule) -> Iterator[tuple[str, str]]:
    """What the rule says otherwise than most: the key of the rule file, and its value."""
    span = {"max_age": rule.max_age, "delay": rule.delay, "cooldown": rule.cooldown, "expect_every": rule.expect_every}
    usual = {"outside": "defer", "fanout": "together", "order": "relaxed", "cooldown_by": "rule"}
    if rule.during:
        yield "during", ", ".join(each.name for each in rule.during)
        yield "outside", rule.outside
    if rule.limit:
        yield "limit", f"{rule.limit.most}/{asked.span(rule.limit.span / 1000)}"
    yield from ((key, asked.span(value / 1000)) for key, value in span.items() if value)
    yield from ((key, value) for key in usual if (value := getattr(rule, key)) != usual[key] and key != "outside")
    if rule.on_unknown:
        yield "on_unknown", rule.on_unknown
    if rule.priority:
        yield "priority", str(rule.priority)
    if rule.stop:
        yield "stop", "true"


def _source(asked: Asked, rule: Rule) -> str:
    """What its file says of it, as the file was when it came into force."""
    return excerpt(asked.desk.rules().texts().get(rule.place.file, ""), rule.place.line)


def excerpt(text: str, line: int, most: int = 80) -> str:
    """From the header of a rule to the next header that is not its own, and to what is said above that."""
    lines = text.splitlines()[max(line - 1, 0) : line - 1 + most]
    ends = (
        number
        for number, each in enumerate(lines)
        if number and each.lstrip().startswith("[") and not each.lstrip(" \t[").startswith("rules.")
    )
    kept = lines[: next(ends, len(lines))]
    last = max((number for number, each in enumerate(kept) if each and not each.startswith("#")), default=0)
    said = next((number for number in range(last + 1, len(kept)) if not kept[number].strip()), len(kept))
    return "\n".join(kept[:said]).rstrip()


async def mute(asked: Asked) -> Response:
    rule = _rule(asked)
    until = when.ahead(str(asked.form.get("until", "")), asked.t("rules.mute.until"), asked.now, asked.zone)
    comment = str(asked.form.get("comment", "")).strip()[:LONGEST_COMMENT]
    if not comment:
        raise refused(400, "rules.mute.why")
    told = {"kind": "rule", "value": rule.id, "comment": comment}

    def add(connection: Connection) -> None:
        number = controls.mute(connection, **told, until=until, who=asked.who, now=asked.now)
        what = {"mute": number, **told, "until": asked.iso(until)}
        controls.record(connection, asked.who, "mute", what, 0, asked.now)

    await asked.desk.store.write(add)
    return back(rule.id)


async def unmute(asked: Asked) -> Response:
    rule = _rule(asked)

    def lift(connection: Connection) -> None:
        mutes = controls.mutes(connection, asked.now)
        ids = [mute.id for mute in mutes if (mute.kind, mute.value) == ("rule", rule.id)]
        lifted = controls.unmute(connection, ids, asked.now)
        controls.record(connection, asked.who, "unmute", {"mutes": [str(id_) for id_ in ids]}, lifted, asked.now)

    await asked.desk.store.write(lift)
    return back(rule.id)


def back(rule: str) -> Response:
    return RedirectResponse(f"{PATH}/{quote(rule, safe='')}", 303)


ROUTES: Final = (
    Page(PATH, list_),
    Page("/rules/{rule}", one),
    Act("/rules/{rule}/mute", mute),
    Act("/rules/{rule}/unmute", unmute),
)
