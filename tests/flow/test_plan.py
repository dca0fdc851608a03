"""From a decision to what is owed: pure, so each test says what was decided and reads what comes of it."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.messages import message
from yzj_daemon.clock import HOUR, MINUTE
from yzj_daemon.flow.plan import Plan, PlanPolicy, Reason, Wanted, event_of, plan
from yzj_daemon.message import KNOWN_TYPES, MEDIA_TYPES, Original
from yzj_daemon.rules.condition import All, Everything, OneOf
from yzj_daemon.rules.ruleset import Decision, Match, Rule

NOW = 1_800_000_000_000
POLICY = PlanPolicy(max_age=HOUR, media_delay=3_000)


def match(id: str = "r", *targets: str, not_before: int = 0, dropped: bool = False, **given: Any) -> Match:
    """A match of a rule that asks for everything, unless ``types`` names what it asks for."""
    types = given.pop("types", None)
    when = All((Everything() if types is None else OneOf("type", frozenset(types)),))
    rule = Rule(id=id, when=when, targets=targets or ("R:ops",), **given)
    return Match(rule, not_before=not_before, dropped=dropped)


def planned(*matches: Match, policy: PlanPolicy = POLICY, **given: Any) -> Plan:
    received = message(**{"sent_at": NOW, **given})
    return plan(received, Decision(matches, "matched"), NOW, policy)


def only(plan: Plan) -> Wanted:
    [wanted] = plan.wanted
    return wanted


def kept_back(plan: Plan) -> list[tuple[str, str]]:
    """Rules that send nothing, and why."""
    return [(rule, reason) for rule, reason, *_ in plan.suppressed]


def test_a_match_owes_one_delivery_to_each_target():
    made = planned(match("r", "R:1", "2"))
    assert (made.reason, made.rules, kept_back(made)) == ("matched", ("r",), [])
    assert made.wanted == tuple(
        Wanted(
            chat=chat,
            rules=("r",),
            priority=0,
            solo=False,
            strict=False,
            on_unknown="hold",
            due_at=NOW,
            expires_at=NOW + HOUR,
            waits_for="",
        )
        for chat in ("R:1", "2")
    )


@pytest.mark.parametrize("reason", ["no_match", "self_sent", "rule_error"])
def test_without_a_match_nothing_is_owed_and_the_decisions_reason_stays(reason):
    assert plan(message(), Decision((), reason), NOW, POLICY) == Plan(reason=reason)


# Merging -------------------------------------------------------------------------------------------------------------


def test_a_chat_that_several_rules_ask_for_gets_one_delivery_that_names_them_all():
    made = planned(match("a", "R:1", "R:2"), match("b", "R:2", "R:3"), match("c", "R:2"))
    assert [(wanted.chat, wanted.rules) for wanted in made.wanted] == [
        ("R:1", ("a",)),
        ("R:2", ("a", "b", "c")),
        ("R:3", ("b",)),
    ]


def test_only_rules_that_may_send_are_named_in_a_delivery():
    made = planned(match("a"), match("b", mode="shadow"), match("c", dropped=True))
    assert only(made).rules == ("a",)
    assert made.rules == ("a", "b", "c")
    assert kept_back(made) == [("b", "shadow"), ("c", "window")]


@pytest.mark.parametrize(
    ("said", "of_the_setting", "wanted"),
    [
        ((None, None), "hold", "hold"),
        ((None, None), "resend", "resend"),
        (("resend", "resend"), "hold", "resend"),
        (("resend", "hold"), "resend", "hold"),
        (("resend", None), "hold", "hold"),
        ((None, "hold"), "resend", "hold"),
    ],
)
def test_of_rules_that_disagree_on_an_unknown_end_the_careful_one_prevails(said, of_the_setting, wanted):
    matches = [match(f"r{n}", on_unknown=each) for n, each in enumerate(said)]
    policy = PlanPolicy(on_unknown=of_the_setting)
    assert only(planned(*matches, policy=policy)).on_unknown == wanted


def test_a_shared_delivery_has_the_highest_priority_and_the_latest_expiry():
    wanted = only(planned(match("a", priority=5, max_age=MINUTE), match("b", priority=-1, max_age=2 * HOUR)))
    assert (wanted.priority, wanted.expires_at) == (5, NOW + 2 * HOUR)


@pytest.mark.parametrize(("others", "solo"), [("together", False), ("one-by-one", True)])
def test_a_delivery_travels_alone_if_any_rule_wants_it_to(others, solo):
    assert only(planned(match("a"), match("b", fanout=others))).solo is solo


# Targets -------------------------------------------------------------------------------------------------------------


def test_the_source_chat_is_never_a_target():
    made = planned(match("r", "R:1", "R:2"), chat="R:1")
    assert [wanted.chat for wanted in made.wanted] == ["R:2"]


def test_a_rule_whose_only_target_is_the_source_chat_is_a_loop():
    made = planned(match("r", "R:1"), chat="R:1")
    assert (made.reason, made.wanted, kept_back(made)) == ("loop", (), [("r", "loop")])


chats = st.sampled_from(["R:1", "R:2", "3"])
some_matches = st.lists(
    st.builds(
        lambda number, targets, **given: match(f"r{number}", *targets, **given),
        number=st.integers(0, 99),
        targets=st.lists(chats, min_size=1, max_size=3, unique=True),
        mode=st.sampled_from(["live", "shadow"]),
        dropped=st.booleans(),
        delay=st.sampled_from([0, 1_000]),
        not_before=st.sampled_from([0, NOW + 500, NOW + HOUR]),
        max_age=st.sampled_from([None, 1, HOUR]),
        types=st.sampled_from([None, ["unheard-of"]]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda made: made.rule.id,
)


@given(
    some_matches,
    chats,
    st.sampled_from(["text", "picture", "system", "unheard-of"]),
    st.sampled_from([None, NOW, NOW - MINUTE, NOW + MINUTE, NOW - 2 * HOUR]),
)
def test_whatever_matched_a_chat_is_owed_at_most_once_and_every_rule_sends_or_says_why_not(matches, chat, type_, sent):
    made = planned(*matches, chat=chat, type=type_, sent_at=sent)
    owed = [wanted.chat for wanted in made.wanted]
    assert len(owed) == len(set(owed))
    assert chat not in owed
    assert made.rules == tuple(each.rule.id for each in matches)
    sending = {rule for wanted in made.wanted for rule in wanted.rules}
    suppressed = {rule for rule, _ in kept_back(made)}
    assert sending.isdisjoint(suppressed)
    assert sending | suppressed == set(made.rules)
    assert (made.reason == "matched") is bool(made.wanted)
    assert {made.reason, *(reason for _, reason in kept_back(made))} <= set(get_args(Reason))
    for wanted in made.wanted:
        assert wanted.due_at >= NOW
        assert (wanted.due_at > NOW) is bool(wanted.waits_for)


# Types ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("types", [None, ["redpacket"]])
def test_denied_types_are_never_sent_even_where_a_rule_names_them(types):
    made = planned(match("r", types=types), type="redpacket")
    assert (made.reason, made.wanted) == ("type_denied", ())


def test_which_types_are_denied_is_a_setting():
    allowing = PlanPolicy(deny_types=frozenset({"text"}))
    assert planned(match(), type="redpacket", policy=allowing).reason == "matched"
    assert planned(match(), type="text", policy=allowing).reason == "type_denied"


def test_a_type_that_nobody_knows_is_sent_only_by_the_rules_that_name_it():
    made = planned(match("all", "R:1"), match("names-it", "R:2", types=["brandnew"]), type="brandnew")
    assert (only(made).chat, only(made).rules) == ("R:2", ("names-it",))
    assert kept_back(made) == [("all", "type_denied")]


@pytest.mark.parametrize("type_", sorted(KNOWN_TYPES - POLICY.deny_types))
def test_known_types_need_no_naming(type_):
    assert planned(match(), type=type_).reason == "matched"


# Age -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_at", "reason", "expires_at"),
    [
        (NOW - HOUR, "matched", NOW),
        (NOW - HOUR - 1, "too_old", None),
        (NOW, "matched", NOW + HOUR),
        (0, "too_old", None),
        (None, "matched", NOW + HOUR),
        (NOW + 1, "matched", NOW + HOUR),
        (NOW + 1_000 * HOUR, "matched", NOW + HOUR),
    ],
)
def test_age_counts_from_sending_or_from_receipt_where_that_is_missing_or_in_the_future(sent_at, reason, expires_at):
    made = planned(match(), sent_at=sent_at)
    assert made.reason == reason
    assert [wanted.expires_at for wanted in made.wanted] == ([] if expires_at is None else [expires_at])


def test_a_rules_own_age_stands_before_the_setting():
    made = planned(
        match("short", "R:1", max_age=MINUTE), match("long", "R:2", max_age=3 * HOUR), sent_at=NOW - 2 * HOUR
    )
    assert kept_back(made) == [("short", "too_old")]
    assert (only(made).rules, only(made).expires_at) == (("long",), NOW + HOUR)


# When it may leave ---------------------------------------------------------------------------------------------------


def when(*matches: Match, **given: Any) -> tuple[int, str]:
    wanted = only(planned(*matches, **given))
    return wanted.due_at - NOW, wanted.waits_for


@pytest.mark.parametrize("type_", sorted(MEDIA_TYPES))
def test_media_waits_for_its_upload_counted_from_receipt(type_):
    assert when(match(), type=type_, sent_at=NOW - MINUTE) == (3_000, "media_delay")
    assert when(match(), type=type_, policy=PlanPolicy(media_delay=0)) == (0, "")


@pytest.mark.parametrize(
    ("given", "type_", "wanted"),
    [
        ({}, "text", (0, "")),
        ({"delay": 1_000}, "text", (1_000, "delay")),
        ({"delay": 1_000}, "picture", (3_000, "media_delay")),
        ({"delay": 5_000}, "picture", (5_000, "delay")),
        ({"not_before": NOW + 9_000}, "text", (9_000, "window")),
        ({"not_before": NOW + 9_000, "delay": 5_000}, "picture", (9_000, "window")),
        ({"not_before": NOW + 2_000, "delay": 5_000}, "text", (5_000, "delay")),
        ({"not_before": NOW}, "text", (0, "")),
    ],
)
def test_a_delivery_waits_for_the_last_of_its_reasons(given, type_, wanted):
    assert when(match(**given), type=type_) == wanted


def test_a_delivery_leaves_as_soon_as_one_of_its_rules_lets_it():
    assert when(match("a", delay=9_000), match("b", not_before=NOW + 4_000), match("c", delay=5_000)) == (
        4_000,
        "window",
    )
    assert when(match("a", delay=9_000), match("b")) == (0, "")


# What sends nothing --------------------------------------------------------------------------------------------------


def test_a_shadow_decides_and_sends_nothing():
    made = planned(match(mode="shadow"))
    assert (made.reason, made.rules, made.wanted) == ("shadow", ("r",), ())
    assert kept_back(made) == [("r", "shadow")]


def test_in_a_dry_run_every_rule_is_a_shadow():
    dry = PlanPolicy(dry_run=True)
    made = planned(match("a"), match("b", dropped=True), policy=dry)
    assert (made.reason, made.wanted) == ("shadow", ())
    assert kept_back(made) == [("a", "shadow"), ("b", "window")]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"type": "system"}, "type_denied"),
        ({"dropped": True}, "window"),
        ({"sent_at": 0}, "too_old"),
        ({"chat": "R:ops"}, "loop"),
    ],
)
def test_a_shadow_says_what_would_have_kept_it_from_sending(given, reason):
    of_match = {"dropped": True} if "dropped" in given else {}
    made = planned(match(mode="shadow", **of_match), **{key: said for key, said in given.items() if key != "dropped"})
    assert kept_back(made) == [("r", reason)]


# Events --------------------------------------------------------------------------------------------------------------

KEYS = ("wx_svrid", "wx_msgid")


def copy(**given: Any) -> Original:
    plain = {"account": "A", "id": "1", "chat": "R:1", "chat_type": "room", "sender": "7", "type": "text"}
    return Original(**{**plain, "sent_at": NOW, "content": "{}", **given})


def event(**given: Any) -> str:
    return event_of(copy(**given), KEYS)


def test_copies_of_a_room_message_are_one_event():
    assert event(account="A", id="1", wx_svrid="w") == event(account="B", id="2", wx_svrid="w", wx_msgid="m")


@pytest.mark.parametrize(
    "other",
    [
        {"wx_svrid": "v"},
        {"wx_svrid": "w", "chat": "R:2"},
        {"wx_svrid": "w", "chat": "2", "chat_type": "private"},
        {"wx_msgid": "w"},
        {},
    ],
)
def test_another_message_is_another_event(other):
    assert event(wx_svrid="w") != event(account="B", id="2", **other)


def test_a_private_message_is_its_accounts_own_event():
    private = {"chat": "7", "chat_type": "private", "wx_svrid": "w"}
    assert event(account="A", **private) != event(account="B", **private)
    assert event(account="A", id="1", **private) == event(account="A", id="2", **private)


def test_the_first_key_that_a_message_has_decides():
    assert event(wx_msgid="m") == event(account="B", wx_msgid="m")
    assert event_of(copy(wx_svrid="w", wx_msgid="m"), ("wx_msgid",)) == event(wx_msgid="m")


@pytest.mark.parametrize("keys", [KEYS, ()])
def test_without_a_key_each_copy_is_an_event_of_its_own(keys):
    assert event_of(copy(), keys) != event_of(copy(account="B"), keys)
    assert event_of(copy(), keys) != event_of(copy(id="2"), keys)
    assert event_of(copy(), keys) == event_of(copy(), keys)
