"""Traditional and simplified characters are equal where a rule says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.rules.fold import DEFAULT_FOLD, fold

ALL = DEFAULT_FOLD | {"variants"}


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("退貨", "退货"),
        ("投訴", "投诉"),
        ("裡面", "里面"),
        ("裏面", "里面"),
        ("台灣", "台湾"),
        ("臺灣", "台湾"),
        ("髮型", "发型"),
    ],
)
def test_both_ways_of_writing_are_compared_as_one(traditional, simplified):
    assert fold(traditional, ALL) == fold(simplified, ALL)
    assert fold(traditional, DEFAULT_FOLD) != fold(simplified, DEFAULT_FOLD)


words = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.sampled_from("ＡbＣ 1裡裏臺"), max_size=12
)


@given(words, words)
def test_a_fold_looks_at_single_characters_only(first, second):
    """The index rests on it: a word that stands in a text stands in the folded text."""
    assert fold(first + second, ALL) == fold(first, ALL) + fold(second, ALL)
    assert fold(fold(first, ALL), ALL) == fold(first, ALL)
