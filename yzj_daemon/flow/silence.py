"""Rules that should have matched by now: ``expect_every``."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import structlog

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.rules import window
from yzj_daemon.rules.ruleset import Rule, Ruleset
from yzj_daemon.storage import memory
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.memory import LastMatch

log = structlog.get_logger("yzj_daemon.silence")


class Silent(NamedTuple):
    """A rule, and for how long (ms) it has not matched."""

    rule: Rule
    silence: Millis


def silent(ruleset: Ruleset, last: dict[str, LastMatch], now: Millis) -> Iterator[Silent]:
    """Rules that have not matched for longer than they say. One whose windows are shut is not expected to."""
    for rule in ruleset.expecting:
        known = last.get(rule.id)
        if known is None or (rule.during and not window.open_at(rule.during, now)):
            continue
        silence = now - (known.matched_at or known.known_at)
        if rule.expect_every is not None and silence > rule.expect_every:
            yield Silent(rule, silence)


class Watch:
    """Tells of each silence once, and of its end. Rules that are new in force are known from then on."""

    def __init__(self, store: Store, ruleset: Callable[[], Ruleset], *, clock: Clock) -> None:
        self._store = store
        self._ruleset = ruleset
        self._clock = clock
        self._told: set[str] = set()
        self._known = ""

    async def look(self) -> None:
        ruleset, now = self._ruleset(), self._clock.now()
        if ruleset.hash != self._known:
            await self._store.write(partial(memory.know, rules=[rule.id for rule in ruleset.rules], now=now))
            self._known = ruleset.hash
        ids = [rule.id for rule in ruleset.expecting]
        last = await self._store.read(partial(memory.last_matches, rules=ids)) if ids else {}
        found = {one.rule.id: one for one in silent(ruleset, last, now)}
        for id_ in sorted(found.keys() - self._told):
            rule, silence = found[id_]
            log.error(
                "rule.silent",
                rule=id_,
                seconds=silence // SECOND,
                expected_every=(rule.expect_every or 0) // SECOND,
                owner=rule.owner,
                todo="does what it waits for still come? yzj-daemon messages list shows what does",
            )
        for id_ in sorted(self._told - found.keys()):
            log.info("rule.matches_again", rule=id_)
        self._told = set(found)
