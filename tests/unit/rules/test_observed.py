"""What only time shows of a rule."""

import pytest

from yzj_daemon.clock import DAY, HOUR
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.observed import Lane, Seen, findings

LANE = Lane(max_targets=20, pace=1_000, max_age=12 * HOUR)


def told(targets: int, seen: Seen | None = None, more: str = "", lane: Lane = LANE) -> list[str]:
    to = ", ".join(f'"R:{n}"' for n in range(targets))
    toml = f'[[rules]]\nid = "r"\nforward_to = [{to}]\n{more}when = {{ everything = true }}\n'
    loaded = load_texts({"rules.toml": toml})
    assert loaded.ruleset is not None
    found = list(findings(loaded.ruleset.rules, {} if seen is None else {"r": seen}, lane))
    assert all((one.file, one.line, one.level) == ("rules.toml", 1, "warning") for one in found)
    return [one.id for one in found]


@pytest.mark.parametrize(("days", "expected"), [(29, []), (30, ["never-hit"]), (400, ["never-hit"])])
def test_a_rule_that_never_matches(days, expected):
    assert told(1, Seen(known=500 * DAY, silent=days * DAY, matches=3)) == expected
    assert told(1, Seen(known=500 * DAY, silent=days * DAY, matches=3), 'allow = ["never-hit"]\n') == []


def test_a_match_that_takes_longer_than_it_is_wanted():
    assert told(1_200) == [], "60 calls, a minute"
    assert told(1_200, more='max_age = "59s"\n') == ["fan-out-too-slow"]
    assert told(1_200, more='fanout = "one-by-one"\nmax_age = "15m"\n') == ["fan-out-too-slow"]
    assert told(1_200, more='fanout = "one-by-one"\n') == []


@pytest.mark.parametrize(
    ("matches", "known", "expected"),
    [
        (43_000, DAY, []),
        (44_000, DAY, ["fan-out-too-slow"]),
        (430_000, 10 * DAY, []),
        (440_000, 10 * DAY, ["fan-out-too-slow"]),
        (44_000, DAY - 1, []),
    ],
)
def test_more_matches_than_an_account_can_carry(matches, known, expected):
    assert told(20, Seen(known=known, silent=0, matches=matches)) == expected
