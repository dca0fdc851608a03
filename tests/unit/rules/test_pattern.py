"""Regexes, and the literals that they cannot match without."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties import times
from yzj_daemon.rules.fold import DEFAULT_FOLD, fold
from yzj_daemon.rules.pattern import MAX_LITERALS, BadPattern, Pattern, literals

CHARACTERS = "退款aAkKsSiİıſ\u212aßé１Ａ_ -.+*?|()[]{}^$\\\u200b"

Piece = tuple[str, str]
"""Some of a pattern, and some text that it is likely to match."""


def _escaped(char: str) -> str:
    return f"\\{char}" if char in r".+*?|()[]{}^$\-_" else char


def _cased(char: str) -> str:
    """Another character that ``(?i)`` takes for the same."""
    return {"k": "\u212a", "s": "ſ"}.get(char, char.swapcase() if len(char.swapcase()) == 1 else char)


atoms: st.SearchStrategy[Piece] = st.one_of(
    st.sampled_from(CHARACTERS).map(lambda char: (_escaped(char), char)),
    st.sampled_from(CHARACTERS).map(lambda char: (_escaped(char), char)),
    st.sampled_from(
        [
            (".", "x"),
            (r"\d", "7"),
            (r"\w+", "aA"),
            (r"\s*", ""),
            (r"\S", "款"),
            (r"\n", "\n"),
            (r"\x{6b3e}", "款"),
            (r"\p{Han}", "退"),
            (r"\Qa.b\E", "a.b"),
            (r"\b", ""),
            ("^", ""),
            ("$", ""),
            ("", ""),
            ("[退款]", "款"),
            ("[^a]", "b"),
            ("[]a]", "]"),
            ("[^]a]", "b"),
            (r"[\]a]", "]"),
            ("[[:alpha:]]", "b"),
            ("[a-c-]", "-"),
            ("(?i)", ""),
            ("(?s-i)", ""),
            ("{", "{"),
        ]
    ),
)


def _composed(inner: st.SearchStrategy[Piece]) -> st.SearchStrategy[Piece]:
    opening = st.sampled_from(["(", "(?:", "(?i:", "(?s:", "(?i-s:", "(?P<n>", "(?<m>"])
    times = st.sampled_from(
        [
            ("*", 0),
            ("*", 2),
            ("+", 1),
            ("+?", 3),
            ("?", 0),
            ("??", 1),
            ("{2}", 2),
            ("{0}", 0),
            ("{0,2}", 1),
            ("{1,}", 1),
        ]
    )
    return st.one_of(
        st.lists(inner, max_size=4).map(lambda some: ("".join(p for p, _ in some), "".join(t for _, t in some))),
        st.tuples(opening, inner).map(lambda it: (f"{it[0]}{it[1][0]})", it[1][1])),
        inner.map(lambda piece: (f"(?i:{piece[0]})", "".join(map(_cased, piece[1])))),
        st.tuples(inner, inner, st.booleans()).map(lambda it: (f"(?:{it[0][0]}|{it[1][0]})", it[it[2]][1])),
        st.tuples(inner, inner, st.booleans()).map(lambda it: (f"{it[0][0]}|{it[1][0]}", it[it[2]][1])),
        st.tuples(inner, times).map(lambda it: (f"(?:{it[0][0]}){it[1][0]}", it[0][1] * it[1][1])),
        st.tuples(atoms, times).map(lambda it: (f"{it[0][0]}{it[1][0]}", it[0][1] * it[1][1])),
    )


pieces = st.recursive(atoms, _composed, max_leaves=12)


@times(15)
@given(pieces, st.text(CHARACTERS, max_size=3), st.text(CHARACTERS, max_size=3))
def test_where_a_pattern_is_found_one_of_its_literals_stands(piece, before, after):
    said, likely = piece
    try:
        pattern = Pattern.of(said)
    except BadPattern:
        assume(False)
    text = before + likely + after
    assume(pattern.found_in(text.encode()) is not None)
    needed = literals(said)
    assert needed is None or any(literal in fold(text, DEFAULT_FOLD) for literal in needed)


@pytest.mark.parametrize(
    ("said", "needed"),
    [
        ("退款", {"退款"}),
        ("退款|投诉", {"退款", "投诉"}),
        ("(我|你)要退款", {"要退款"}),
        (r"订单\d+退款中", {"退款中"}),
        ("退款?成功", {"成功"}),
        ("退(款|货)+", {"退"}),
        ("(?:退款|投诉)+", {"退款", "投诉"}),
        ("(?i)refund", {"refund"}),
        ("REFUND", {"refund"}),
        ("ＶＩＰ退款", {"退款"}),
        ("退\u200b款", {"退款"}),
        (r"a\.b", {"a.b"}),
        ("(?P<what>退款)", {"退款"}),
        ("ab{2}", {"ab"}),
    ],
)
def test_the_literals_of_a_regex_that_people_write(said, needed):
    assert literals(said) == needed


@pytest.mark.parametrize(
    "said",
    ["", ".", ".*", "退?", "(退款)?", "退款|", "退款|.", r"\d{11}", "[退款]", "^$", "(退|)", "é", "\u200b", r"\b"],
)
def test_a_regex_that_can_do_without_any_word_has_no_literals(said):
    assert literals(said) is None


def test_an_alternation_of_too_many_words_has_no_literals():
    words = [chr(0x4E00 + number) for number in range(MAX_LITERALS + 1)]
    assert literals("|".join(words)) is None
    assert literals("|".join(words[1:])) == set(words[1:])


def test_groups_nested_as_deep_as_a_pattern_allows_are_a_pattern_without_literals():
    said = "(" * 499 + "退" + ")" * 499
    assert Pattern.of(said).found_in("退款".encode()) == "退"
    assert literals(said) is None


@pytest.mark.parametrize("said", ["(", "a**", "a{1001}", r"\中", "(?=a)", "(?<!a)b", r"(a)\1", "["])
def test_what_re2_does_not_know_is_refused(said):
    with pytest.raises(BadPattern):
        Pattern.of(said)


def test_a_pattern_that_would_take_too_much_memory_is_refused():
    with pytest.raises(BadPattern):
        Pattern.of(r"(?:\pL{100}){10}")


@pytest.mark.timeout(5)
def test_a_pattern_that_explodes_elsewhere_is_found_in_linear_time():
    assert Pattern.of("(a+)+$").found_in(b"a" * 100_000 + b"b") is None


def test_the_piece_that_matches_is_told():
    assert Pattern.of("退.款").found_in("我要退 款".encode()) == "退 款"
    assert Pattern.of("退.款").found_in("退款".encode()) is None


def test_a_pattern_of_bytes_tells_what_it_can_of_half_a_character():
    assert Pattern.of(r"\C").found_in("退".encode()) == "\ufffd"


@pytest.mark.parametrize("said", [r"\d", r"\D", r"\S{2}", "[A-Z]", "[^A-Z]", r"\bVIP\b"])
def test_case_and_width_count_in_a_regex(said):
    text = "vip ＶＩＰ VIP １1"
    found = re.search(said, text, re.ASCII)
    assert found is not None
    assert Pattern.of(said).found_in(text.encode()) == found[0]


def test_patterns_are_compared_by_their_text():
    assert Pattern.of("退款") == Pattern.of("退款")
    assert Pattern.of("退款") != Pattern.of("退货")
    assert len({Pattern.of("退款"), Pattern.of("退款")}) == 1
