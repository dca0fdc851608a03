"""What holds, what does not, and what nobody can tell."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.conditions import leaves, messages, silent_leaves, tables
from tests.unit.rules.messages import message
from yzj_daemon.message import Message
from yzj_daemon.rules.condition import (
    HIDDEN,
    SHOWN_ENTRIES,
    SHOWN_TEXT,
    All,
    AnyOf,
    Everything,
    Fields,
    FieldTest,
    Not,
    OneOf,
    Patterns,
    SelfSent,
    Words,
    failures,
    first_failure,
    guarded,
    named_types,
    table,
)
from yzj_daemon.rules.pattern import Pattern
from yzj_daemon.rules.text import MAX_TEXT
from yzj_daemon.rules.view import View

BIG = 2**53 + 1
"""The first whole number that a float cannot hold."""

HIDDEN_MERGE = message(type="merge", opaque=True)


def contains(*words: str) -> Words:
    return Words.of("contains", words)


def contains_all(*words: str) -> Words:
    return Words.of("contains_all", words)


def regex(*said: str) -> Patterns:
    return Patterns(tuple(map(Pattern.of, said)))


def field(path: str, **test) -> Fields:
    return Fields((FieldTest(path=path, **test),))


def holds(condition, said: str | Message) -> bool | None:
    return condition.holds(View(message(said) if isinstance(said, str) else said))


def holds_on(condition, content: object) -> bool | None:
    return holds(condition, message(content=json.dumps(content)))


# Keys ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        (OneOf("type", frozenset({"link", "file"})), {"type": "file"}, {"type": "text"}),
        (OneOf("account", frozenset({"B"})), {"account": "B"}, {"account": "A"}),
        (OneOf("chat", frozenset({"R:1"})), {"chat": "R:1"}, {"chat": "R:11"}),
        (OneOf("chat_type", frozenset({"private"})), {"chat_type": "private"}, {"chat_type": "room"}),
        (OneOf("sender", frozenset({"8"})), {"sender": "8"}, {"sender": "88"}),
        (SelfSent(value=True), {"self_sent": True}, {"self_sent": False}),
        (SelfSent(value=False), {"self_sent": False}, {"self_sent": True}),
        (contains("退款", "投诉"), {"text": "我要投诉"}, {"text": "退 款"}),
        (contains("ＶＩＰ"), {"text": "v\u200bip"}, {"text": "v i p"}),
        (contains_all("退款", "投诉"), {"text": "投诉!退款!"}, {"text": "退款"}),
        (regex("^退", r"\d{3}"), {"text": "单号123"}, {"text": "要退12"}),
        (field("n", equals=(1,)), {"content": '{"n":1}'}, {"content": '{"m":1}'}),
        (All((contains("a"), contains("b"))), {"text": "ba"}, {"text": "a"}),
        (AnyOf((contains("a"), contains("b"))), {"text": "b"}, {"text": "c"}),
        (Not(contains("a")), {"text": "b"}, {"text": "a"}),
    ],
)
def test_every_key_holds_for_what_it_names_and_for_nothing_else(condition, yes, no):
    assert holds(condition, message(**yes)) is True
    assert holds(condition, message(**no)) is False


@pytest.mark.parametrize(
    ("condition", "unanswered"),
    [
        (OneOf("sender", frozenset({"8"})), {"sender": ""}),
        (OneOf("type", frozenset({"text"})), {"type": ""}),
        (contains("退款"), {"type": "merge", "opaque": True}),
        (contains_all("退款"), {"type": "merge", "opaque": True}),
        (regex("退款"), {"type": "merge", "opaque": True}),
        (regex("^$"), {"type": "merge", "opaque": True}),
        (regex("退款"), {"type": "merge", "opaque": True, "text": "群聊的聊天记录"}),
        (contains("退款"), {"text": "多" * MAX_TEXT}),
        (field("n", equals=(1,)), {"content": "no JSON"}),
        (field("n", exists=False), {"content": "no JSON"}),
    ],
)
def test_what_a_message_cannot_answer_matches_neither_the_condition_nor_its_opposite(condition, unanswered):
    asked = message(**unanswered)
    assert holds(condition, asked) is None
    assert holds(Not(condition), asked) is None
    assert holds(Not(All((condition,))), asked) is None
    assert first_failure(condition, View(asked)).note == HIDDEN


def test_what_is_seen_of_a_half_hidden_message_is_certain():
    titled = message("群聊的聊天记录", type="merge", opaque=True)
    assert holds(contains("聊天记录"), titled) is True
    assert holds(contains_all("聊天记录", "退款"), titled) is None
    assert holds(Not(contains("聊天记录")), titled) is False


@pytest.mark.parametrize("type_", ["picture", "voice", "video", "emotionpic"])
def test_a_message_that_has_no_words_by_nature_certainly_does_not_say_them(type_):
    picture = message(type=type_, opaque=True)
    assert holds(contains("退款"), picture) is False
    assert holds(Not(contains("退款")), picture) is True


UNSURE = contains("退款")
"""Of ``HIDDEN_MERGE``, nobody can tell."""

YES, NO = Everything(), Not(Everything())


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (All((YES, UNSURE)), None),
        (All((UNSURE, YES)), None),
        (All((UNSURE, NO)), False),
        (AnyOf((UNSURE, YES)), True),
        (AnyOf((UNSURE, NO)), None),
        (AnyOf((NO, UNSURE)), None),
        (Not(Not(UNSURE)), None),
        (Not(All((UNSURE, NO))), True),
        (Not(AnyOf((UNSURE, NO))), None),
        (All(()), True),
        (AnyOf(()), False),
    ],
)
def test_cannot_tell_spreads_until_something_decides(condition, wanted):
    assert holds(condition, HIDDEN_MERGE) is wanted


@given(tables(leaves), messages)
def test_the_opposite_of_the_opposite_is_the_condition(condition, received):
    view = View(received)
    held = condition.holds(view)
    assert Not(condition).holds(view) is (None if held is None else not held)
    assert Not(Not(condition)).holds(view) is held


@given(st.lists(tables(leaves), min_size=1, max_size=3).map(tuple), messages)
def test_not_any_is_all_not(conditions, received):
    view = View(received)
    assert Not(AnyOf(conditions)).holds(view) is All(tuple(map(Not, conditions))).holds(view)


# Text ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "wanted"), [("VIP", True), ("vip", False), ("ＶＩＰ", False), ("V\u200bIP", False)])
def test_a_regex_sees_the_text_unaltered(text, wanted):
    assert holds(regex("VIP"), text) is wanted
    assert holds(contains("VIP"), text) is True


def test_words_without_folds_are_compared_exactly():
    exact = Words.of("contains", ("VIP",), frozenset())
    assert (holds(exact, "VIP"), holds(exact, "vip"), holds(exact, "ＶＩＰ")) == (True, False, False)


@pytest.mark.parametrize("condition", [contains(), contains_all(), Patterns(()), Fields(())])
def test_an_empty_list_matches_nothing(condition):
    assert holds(condition, "退款") is False


# Fields --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "wanted", "same"),
    [
        (1, 1, True),
        (1, "1", True),
        ("1", 1, True),
        (1.0, 1, True),
        (1, 1.0, True),
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (False, 0, False),
        ("true", True, False),
        (True, "True", False),
        ("01", 1, False),
        (" 1", 1, False),
        (BIG, BIG, True),
        (BIG, BIG - 1, False),
        (BIG, str(BIG), True),
        (str(BIG), BIG, True),
        (str(BIG), BIG - 1, False),
        (BIG, float(BIG), False),
        (None, "", False),
        (None, 0, False),
        ([1], 1, False),
        ({"n": 1}, 1, False),
        (float("nan"), float("nan"), False),
        ("退款", "退款", True),
        ("VIP", "vip", False),
    ],
)
def test_equals_takes_ids_both_ways_and_nothing_for_what_it_is_not(value, wanted, same):
    assert holds_on(field("n", equals=(wanted,)), {"n": value}) is same


@pytest.mark.parametrize(
    ("value", "within"),
    [
        (2, True),
        (5, True),
        (1.999, False),
        (5.001, False),
        ("3", True),
        ("3.5", True),
        ("6", False),
        (True, False),
        (None, False),
        ("三", False),
        ("", False),
        (float("nan"), False),
        ("nan", False),
        ([3], False),
    ],
)
def test_min_and_max_take_numbers_and_strings_of_digits(value, within):
    assert holds_on(field("n", least=2, most=5), {"n": value}) is within


@pytest.mark.parametrize("word", ["inf", "Infinity", "nan", "1_000", "1e", "0x10", "九", "10元"])
def test_a_word_is_no_number_however_large_it_sounds(word):
    assert holds_on(field("n", least=1), {"n": word}) is False


@pytest.mark.parametrize("numeral", ["10", " 10 ", "+10", "10.", "10.5", "1e1", "１０", "9" * 5000])
def test_a_numeral_is_a_number_however_it_is_written(numeral):
    assert holds_on(field("n", least=10), {"n": numeral}) is True


def test_true_is_no_number():
    assert holds_on(field("n", least=0), {"n": True}) is False
    assert holds_on(field("n", most=9), {"n": False}) is False


@pytest.mark.parametrize("write", [int, str])
def test_bounds_beyond_what_floats_hold_are_exact(write):
    assert holds_on(field("n", least=BIG), {"n": write(BIG)}) is True
    assert holds_on(field("n", least=BIG), {"n": write(BIG - 1)}) is False
    assert holds_on(field("n", most=BIG - 1), {"n": write(BIG)}) is False


@pytest.mark.parametrize("test", [{"least": float("nan")}, {"most": float("nan")}, {"least": 1}, {"most": 1}])
def test_nothing_is_within_a_bound_that_is_no_number_and_what_is_no_number_is_within_none(test):
    assert holds_on(field("n", **test), {"n": float("nan")}) is False
    assert holds_on(field("n", **{key: float("nan") for key in test}), {"n": 1}) is False


@pytest.mark.parametrize(
    "test",
    [
        {"equals": (1,)},
        {"equals": ("",)},
        {"least": 0},
        {"most": 0},
        {"words": ("x",)},
        {"patterns": (Pattern.of("^$"),)},
        {"exists": True},
    ],
)
@pytest.mark.parametrize("content", [{}, [], "words", {"a": 1}, {"a": {}}, {"a": []}, {"a": [{"c": 1}]}])
def test_a_path_that_leads_nowhere_passes_no_test(test, content):
    assert holds_on(field("a[].b", **test), content) is False
    assert holds_on(field("a[].b", exists=False), content) is True


def test_a_value_of_null_is_there():
    assert holds_on(field("a", exists=True), {"a": None}) is True
    assert holds_on(field("a", exists=False), {"a": None}) is False


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.b", {"a": {"b": "x"}}),
        ("a[].b", {"a": [{}, {"b": "y"}, {"b": "x"}]}),
        ("[].b", [{"b": "x"}]),
        ("a[]", {"a": ["y", "x"]}),
        ("a[][]", {"a": [[], ["x"]]}),
    ],
)
def test_dots_nest_and_brackets_are_any_element(path, content):
    assert holds_on(field(path, equals=("x",)), content) is True
    assert holds_on(field(path, equals=("z",)), content) is False


def test_words_of_a_field_fold_and_its_regex_does_not():
    assert holds_on(field("t", words=("vip",)), {"t": "ＶＩＰ客户"}) is True
    assert holds_on(field("t", patterns=(Pattern.of("vip"),)), {"t": "VIP"}) is False
    assert holds_on(field("t", words=("1",)), {"t": 1}) is False


def test_half_an_emoji_in_content_raises_nothing():
    condition = field("t", patterns=(Pattern.of("x"),))
    assert holds(condition, message(content='{"t":"\\ud83d x"}')) is True
    shown = Fields((FieldTest(path="t", equals=("y",)),)).actual(View(message(content='{"t":"\\ud83d"}')))
    assert json.dumps(shown, ensure_ascii=False).encode() == b'{"t": ["?"]}'


def test_one_test_of_several_is_enough():
    either = Fields((FieldTest(path="a", equals=(1,)), FieldTest(path="b", equals=(1,))))
    assert holds_on(either, {"b": 1}) is True
    assert holds_on(either, {"b": 2}) is False


# What a hosted account sent ------------------------------------------------------------------------------------------


@given(tables(silent_leaves), messages)
def test_without_a_word_on_self_sent_nothing_matches_what_a_hosted_account_sent(condition, received):
    held = guarded(condition).holds(View(received))
    if received.self_sent:
        assert held is not True
    else:
        assert held is condition.holds(View(received))


@given(tables(leaves), messages)
def test_the_guard_takes_away_only_what_a_hosted_account_sent(condition, received):
    held, unguarded = guarded(condition).holds(View(received)), condition.holds(View(received))
    assert held is unguarded or (received.self_sent and held is not True)


OWN = SelfSent(value=True)


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        (All((contains("a"),)), False),
        (All((OWN, contains("a"))), True),
        (All((All((OWN,)), contains("a"))), True),
        (All((Not(All((SelfSent(value=False),))),)), True),
        (All((Not(All((SelfSent(value=False), contains("b")))),)), False),
        (All((AnyOf((All((OWN, contains("a"))), All((contains("c"),)))),)), True),
        (All((AnyOf((All((OWN, contains("b"))), All((contains("a"),)))),)), False),
        (All((All((AnyOf((All((OWN, contains("b"))), All((contains("a"),)))),)),)), False),
        (All((All((AnyOf((All((OWN, contains("a"))), All((contains("c"),)))),)),)), True),
        (All((AnyOf((All((AnyOf((OWN, contains("b"))), contains("a"))), contains("a"))),)), True),
        (All((AnyOf((All((OWN,)), contains("b"))), AnyOf((contains("a"), contains("c"))))), True),
    ],
)
def test_only_the_branch_that_speaks_of_self_sent_matches_it(condition, matches):
    assert (holds(guarded(condition), message("a", self_sent=True)) is True) is matches


# Explanations --------------------------------------------------------------------------------------------------------


@given(tables(leaves), messages)
def test_a_condition_either_holds_or_has_failures_that_are_json(condition, received):
    view = View(received)
    failure = first_failure(condition, view)
    assert (failure is None) is (condition.holds(view) is True)
    assert list(failures(condition, view))[:1] == ([] if failure is None else [failure])
    if failure is None:
        assert all(isinstance(said, str) for found in condition.found(view) for said in found)
    else:
        json.dumps(failure.row()).encode()


def test_each_key_that_failed_is_one_failure_however_it_nests():
    condition = table((All((contains("a"), OneOf("type", frozenset({"file"})))), OneOf("sender", frozenset({"9"}))))
    failed = [failure.key for failure in failures(condition, View(message("b")))]
    assert sorted(failed) == ["contains", "sender", "type"]


def test_the_cheap_keys_of_a_table_are_looked_at_first():
    condition = table((field("n", exists=True), regex("x"), contains("x"), OneOf("sender", frozenset({"9"}))))
    assert [part.key for part in condition.parts] == ["sender", "contains", "regex", "field"]
    assert first_failure(condition, View(message())).key == "sender"


def test_a_failure_says_what_was_asked_for_and_what_was_there():
    failure = first_failure(All((contains("退款"), OneOf("sender", frozenset({"9"})))), View(message("退款")))
    assert failure.row() == {"key": "sender", "expected": ["9"], "actual": "7"}
    failure = first_failure(field("n", least=3), View(message(content='{"n":2}')))
    assert failure.row() == {"key": "field", "expected": [{"path": "n", "min": 3}], "actual": {"n": [2]}}


def test_an_explanation_is_bounded():
    many = OneOf("sender", frozenset(map(str, range(1000))))
    assert len(first_failure(many, View(message(sender="x"))).expected) == SHOWN_ENTRIES
    failure = first_failure(contains("x"), View(message("多" * 1000)))
    assert len(failure.actual) == SHOWN_TEXT


def test_types_are_named_where_they_are_asked_for_and_not_where_they_are_excluded():
    named = named_types(
        All(
            (
                OneOf("type", frozenset({"a"})),
                AnyOf((All((OneOf("type", frozenset({"b"})),)), All((contains("x"),)))),
                Not(All((OneOf("type", frozenset({"c"})),))),
                OneOf("chat", frozenset({"d"})),
            )
        )
    )
    assert named == {"a", "b"}
