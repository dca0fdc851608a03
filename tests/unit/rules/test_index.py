"""The index may offer a rule that does not match; it never withholds one that does."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import times
from tests.unit.rules.conditions import leaves, messages, tables
from tests.unit.rules.messages import message
from yzj_daemon.rules.condition import All, AnyOf, Everything, Fields, FieldTest, Not, OneOf, Patterns, Words, table
from yzj_daemon.rules.fold import DEFAULT_FOLD
from yzj_daemon.rules.index import NESTED_WORDS, RELATED, Index
from yzj_daemon.rules.pattern import Pattern
from yzj_daemon.rules.view import View


def contains(*words: str) -> Words:
    return Words.of("contains", words)


def sender(*ids: str) -> OneOf:
    return OneOf("sender", frozenset(ids))


def offered(index: Index, text: str = "", **given) -> list[int]:
    return index.candidates(View(message(text, **given)))


@times(6)
@given(st.lists(tables(leaves), max_size=12), st.lists(messages, min_size=1, max_size=4))
def test_every_condition_that_holds_is_offered(conditions, received):
    index = Index(conditions)
    for one in received:
        view = View(one)
        holding = {number for number, condition in enumerate(conditions) if condition.holds(view)}
        assert holding <= set(index.candidates(view))


@given(st.lists(st.text("ab", min_size=1, max_size=9), min_size=1, max_size=40), st.text("ab", max_size=40))
def test_words_inside_words_are_all_offered(words, text):
    index = Index([contains(word) for word in words])
    assert {number for number, word in enumerate(words) if word in text} <= set(offered(index, text))


def test_rules_are_offered_in_order_and_once():
    index = Index([contains("退款", "投诉"), Everything(), contains("投诉"), contains("退款")])
    assert offered(index, "退款退款投诉投诉") == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "condition",
    [
        contains("退款"),
        Words.of("contains_all", ("退款", "我")),
        Patterns((Pattern.of(r"退款\d+"), Pattern.of("投诉"))),
        sender("9"),
        All((Everything(), contains("退款"))),
        AnyOf((All((contains("退款"),)), All((sender("9"),)))),
        All((OneOf("type", frozenset({"text"})), contains("退款"))),
        All((All((contains("退款"),)), Fields((FieldTest(path="n", exists=True),)))),
    ],
)
def test_a_rule_rests_where_what_it_needs_is_missing(condition):
    assert offered(Index([condition]), "我要发货") == []


@pytest.mark.parametrize(
    "condition",
    [
        Everything(),
        Not(All((contains("退款"),))),
        Fields((FieldTest(path="n", exists=False),)),
        Patterns((Pattern.of("退款"), Pattern.of("."))),
        AnyOf((All((contains("退款"),)), All((Everything(),)))),
    ],
)
def test_a_rule_that_needs_nothing_is_always_offered(condition):
    assert offered(Index([condition]), "我要发货") == [0]


def test_a_rule_is_filed_under_what_few_rules_share():
    """Of a thousand rules for one account, a message meets those that name its words."""
    index = Index([table((OneOf("account", frozenset({"A"})), contains(f"词{number}号"))) for number in range(1000)])
    assert offered(index, "找词7号") == [7]


def test_empty_lists_match_nothing_and_are_offered_never():
    conditions = [contains(), AnyOf(()), OneOf("sender", frozenset())]
    view = View(message("退款"))
    assert not any(condition.holds(view) for condition in conditions)
    assert Index(conditions).candidates(view) == []


def test_words_of_other_folds_are_looked_for_in_their_own_text():
    exact = Words.of("contains", ("VIP",), frozenset())
    index = Index([exact, contains("VIP")])
    assert offered(index, "vip") == [1]
    assert offered(index, "VIP") == [0, 1]


@pytest.mark.timeout(10)
def test_a_hostile_text_over_nested_words_stays_cheap():
    index = Index([contains("a" * length) for length in range(1, 201)])
    assert offered(index, "a" * 100_000) == list(range(200))
    assert offered(index, "a" * NESTED_WORDS) == list(range(200))
    assert offered(index, "a") == [0]


def test_rules_that_name_the_sender_or_the_chat_are_related():
    conditions = [sender("7", "8"), OneOf("chat", frozenset({"R:customers"})), contains("退款"), sender("9")]
    index = Index([All((condition, contains("投诉"))) for condition in conditions])
    assert list(index.related(View(message(sender="7")))) == [0, 1]


def test_related_rules_are_bounded():
    index = Index([All((sender("7"),))] * (RELATED + 5))
    assert len(list(index.related(View(message(sender="7"))))) == RELATED


def test_ten_thousand_rules_offer_only_those_whose_word_stands_there():
    dice = random.Random(1)
    letters = [chr(code) for code in range(0x4E00, 0x5800)]
    words = list({"".join(dice.sample(letters, dice.randint(3, 5))) for _ in range(10_000)})
    index = Index([contains(word) for word in words])
    for number in range(0, len(words), 501):
        text = f"你好{words[number]}谢谢"
        assert offered(index, text) == [other for other, word in enumerate(words) if word in text]


def test_the_words_of_a_regex_are_looked_for_folded():
    index = Index([Patterns((Pattern.of("(?i)refund"),))])
    assert offered(index, "ＲＥＦＵＮＤ") == [0]
    assert offered(index, "re\u200bfund") == [0]
    assert View(message("x")).text(DEFAULT_FOLD) == "x"
