"""Cooldowns and silences: what rules remember from message to message."""

from functools import partial

import pytest

from tests.flow.conftest import NOW, decisions, original, owed, rules, running, take
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.flow.troubles import Bounds, stored
from yzj_daemon.storage import memory
from yzj_daemon.trouble import Kind

RULE = """
[[rules]]
id = "r"
forward_to = ["R:ops"]
cooldown = "10m"
%s
when = { contains = ["退款"] }
"""

BY_SENDER = RULE % 'cooldown_by = "sender"'


def reasons(store) -> list[str]:
    return [reason for _, reason in decisions(store)]


async def say(intake, clock, n: int, **given) -> None:
    await take(intake, original("退款", id=str(n), svrid=str(n), sent_at=clock.now(), **given), at=clock.now())


async def test_a_rule_rests_after_a_match_and_wakes_again(make_intake, store, clock):
    async with running(make_intake(RULE % "")) as intake:
        for n, seconds in enumerate((0, 60, 539, 1, 60)):
            clock.seconds += seconds
            await say(intake, clock, n)
    assert reasons(store) == ["matched", "cooldown", "cooldown", "matched", "cooldown"]


async def test_the_rest_is_not_prolonged_by_what_it_kept_back(make_intake, store, clock):
    async with running(make_intake(RULE % "")) as intake:
        for n in range(13):
            await say(intake, clock, n)
            clock.seconds += 100
    assert [n for n, reason in enumerate(reasons(store)) if reason == "matched"] == [0, 6, 12]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("rule", ["matched", "cooldown", "cooldown", "cooldown"]),
        ("sender", ["matched", "matched", "cooldown", "cooldown"]),
        ("chat", ["matched", "cooldown", "matched", "cooldown"]),
    ],
)
async def test_it_rests_for_all_or_for_one_sender_or_chat(make_intake, store, clock, by, expected):
    places = [("7", "R:1"), ("8", "R:1"), ("7", "R:2"), ("8", "R:2")]
    async with running(make_intake(RULE % f'cooldown_by = "{by}"')) as intake:
        for n, (sender, chat) in enumerate(places):
            await say(intake, clock, n, sender=sender, chat=chat)
    assert reasons(store) == expected


async def test_within_one_batch_too(make_intake, store):
    async with running(make_intake(BY_SENDER)) as intake:
        await take(intake, *(original("退款", id=str(n)) for n in range(3)))
    assert reasons(store) == ["matched", "cooldown", "cooldown"]


async def test_the_rest_survives_a_restart(make_intake, store, clock):
    for n in range(2):
        async with running(make_intake(RULE % "")) as intake:
            await say(intake, clock, n)
        clock.seconds += 60
    assert reasons(store) == ["matched", "cooldown"]


async def test_a_second_accounts_copy_is_double_and_not_kept_back_by_the_rest(make_intake, store):
    same = {"wx_svrid": "77"}
    async with running(make_intake(RULE % "")) as intake:
        await take(intake, original("退款", id="1", **same), original("退款", id="2", account="B", **same))
        await take(intake, original("退款", id="3", account="C", **same))
    assert reasons(store) == ["matched", "duplicate", "duplicate"]
    assert len(owed(store)) == 1


async def test_what_does_not_forward_begins_no_rest(make_intake, store, clock):
    """A message too old, or of a type that is denied, is no match anybody saw."""
    async with running(make_intake(RULE % "", policy=PlanPolicy(max_age=1_000))) as intake:
        await take(intake, original("退款", id="1", sent_at=NOW - 5_000))
        await say(intake, clock, 2)
    assert reasons(store) == ["too_old", "matched"]


async def test_a_shadow_rests_as_it_would(make_intake, store, clock):
    async with running(make_intake(RULE % 'mode = "shadow"')) as intake:
        await say(intake, clock, 1)
        await say(intake, clock, 2)
    assert reasons(store) == ["shadow", "cooldown"]


async def test_a_clock_that_was_set_back_does_not_silence_a_rule_for_longer(make_intake, store, clock):
    async with running(make_intake(RULE % "")) as intake:
        clock.seconds += 7_200
        await say(intake, clock, 1)
        clock.seconds -= 7_200
        await say(intake, clock, 2)
    assert reasons(store) == ["matched", "matched"]


EXPECTING = """
[windows.office]
hours = ["09:00-18:00"]
[[rules]]
id = "r"
forward_to = ["R:ops"]
expect_every = "1h"
%s
when = { contains = ["日报"] }
"""


def silences(store, in_force, clock) -> list[str]:
    found = store.read_now(partial(stored, ruleset=in_force, bounds=Bounds(), now=clock.now()))
    return [trouble.subject for trouble in found if trouble.kind is Kind.SILENT_RULE]


def in_force(store, clock, toml: str):
    """A rule set that is in force from now on."""
    ruleset = rules(toml).ruleset
    store.write_now(partial(memory.know, rules=[rule.id for rule in ruleset.rules], now=clock.now()))
    return ruleset


async def test_a_rule_that_should_have_matched_by_now_is_silent_until_it_does(make_intake, store, clock):
    ruleset = in_force(store, clock, EXPECTING % "")
    async with running(make_intake(EXPECTING % "")) as intake:
        clock.seconds += 3_600
        assert silences(store, ruleset, clock) == [], "not yet longer than it says"
        clock.seconds += 1
        assert silences(store, ruleset, clock) == ["r"]
        await take(intake, original("日报", id="1", sent_at=clock.now()), at=clock.now())
        assert silences(store, ruleset, clock) == []
        clock.seconds += 3_700
        assert silences(store, ruleset, clock) == ["r"]


async def test_nothing_is_expected_while_the_window_is_shut(store, clock):
    ruleset = in_force(store, clock, EXPECTING % 'during = "office"')
    clock.seconds += 10 * 3_600  # NOW is 16:00 in Shanghai
    assert silences(store, ruleset, clock) == []
    clock.seconds += 8 * 3_600
    assert silences(store, ruleset, clock) == ["r"]
