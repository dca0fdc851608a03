"""What is made equal before words are compared."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.rules.fold import DEFAULT_FOLD, Fold, fold

EVERY_FOLD = [frozenset(names) for count in range(4) for names in combinations(("width", "case", "invisible"), count)]
EVERY_CHARACTER = "".join(map(chr, range(0x110000)))

texts = st.text(st.characters() | st.sampled_from("ßİıſKΣςﬁ１Ａａ\u3000ﾊﾞﾟ\u200b\u200d\ufeff\ufe0f\u00ad"))
folds = st.sampled_from(EVERY_FOLD)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＶＩＰ１２３", "vip123"),
        ("退\u200b款", "退款"),
        ("\ufeff退款\u2060", "退款"),
        ("退\u3000款", "退 款"),
        ("ｶﾞ", "カ\u3099"),
        ("STRASSE", "straße"),
        ("İ", "i\u0307"),
        ("ΟΔΟΣ", "οδος"),
        ("ﬁ", "FI"),
        ("\u212a", "k"),
        ("re\u00adfund", "REFUND"),
        ("❤\ufe0f", "❤"),
        ("！？", "!?"),
        ("\uffe5", "¥"),
    ],
)
def test_spellings_that_look_the_same_fold_to_the_same(one, other):
    assert fold(one, DEFAULT_FOLD) == fold(other, DEFAULT_FOLD)


@pytest.mark.parametrize(("one", "other"), [("退款", "退歀"), ("退 款", "退款"), ("é", "e"), ("①", "1"), ("ı", "i")])
def test_what_differs_to_the_eye_stays_different(one, other):
    assert fold(one, DEFAULT_FOLD) != fold(other, DEFAULT_FOLD)


@pytest.mark.parametrize("text", ["\u200b", "\u200b\ufeff\u2060", "\u3164", "\uffa0", "\U000e0041"])
def test_what_cannot_be_seen_folds_to_nothing(text):
    assert fold(text, DEFAULT_FOLD) == ""


@pytest.mark.parametrize("how", EVERY_FOLD)
def test_without_a_fold_its_difference_stays(how: Fold):
    for name, text in (("width", "１"), ("case", "A"), ("invisible", "\u200b")):
        assert (fold(text, how) == text) is (name not in how)


@pytest.mark.parametrize("how", EVERY_FOLD)
def test_every_character_folds_once_and_for_all(how: Fold):
    folded = fold(EVERY_CHARACTER, how)
    assert fold(folded, how) == folded


def test_every_character_folds_alone_as_it_folds_among_others():
    assert "".join(fold(char, DEFAULT_FOLD) for char in EVERY_CHARACTER) == fold(EVERY_CHARACTER, DEFAULT_FOLD)


@given(texts, texts, folds)
def test_a_text_folds_piece_by_piece(one, other, how):
    assert fold(one + other, how) == fold(one, how) + fold(other, how)


@given(texts, texts, texts, folds)
def test_a_keyword_that_stands_in_a_text_still_does_when_both_are_folded(before, word, after, how):
    assert fold(word, how) in fold(before + word + after, how)
