"""Rules that should have matched by now: ``expect_every``."""

from collections.abc import Iterator
from typing import NamedTuple

from yzj_daemon.clock import Millis
from yzj_daemon.rules import window
from yzj_daemon.rules.ruleset import Rule, Ruleset
from yzj_daemon.storage.memory import LastMatch


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
