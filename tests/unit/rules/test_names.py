"""Who is meant; and that a typo never becomes a target."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.rules.names import Names, closest, is_id, is_plain_id

NAMES = Names(
    {"老板": "7881", "ops": "R:1", "alice": "R:2"},
    {"all": ["ops", "inner", "R:9"], "inner": ["老板", "ops"]},
)


@pytest.mark.parametrize("word", ["R:1095", "7881300000000001", "wm_abc-1", "a@b.c"])
def test_what_looks_like_an_id(word):
    assert is_id(word)


@pytest.mark.parametrize("word", ["", "R:", "r:1095", "R：1095", " R:1", "R:1\n", "１２３", "老板", "a b"])
def test_what_does_not_look_like_an_id(word):
    assert not is_id(word)


def test_only_rooms_and_digits_can_be_nothing_but_ids():
    assert is_plain_id("R:1")
    assert is_plain_id("7881")
    assert not is_plain_id("alice")


def test_entries_resolve_through_lists_in_order_each_once():
    assert NAMES.resolve(["all", "老板", "R:5", "R:5"]) == ("R:1", "7881", "R:9", "R:5")


def test_one_name_is_its_id_and_an_id_is_itself():
    assert [NAMES.id_of(entry) for entry in ("老板", "R:5", None)] == ["7881", "R:5", ""]


@pytest.mark.parametrize("entry", ["老板", "all", "R:77", "7881300000000009", "wm_someone_else"])
def test_names_lists_and_ids_are_not_doubted(entry):
    assert NAMES.doubt(entry) is None


@pytest.mark.parametrize(
    ("entry", "meant"),
    [
        ("老版", "老板"),
        ("alicce", "alice"),
        ("Alice", "alice"),
        ("aliec", "alice"),
        ("opps", "ops"),
        ("r:1095", "R:1095"),
        ("R：1095", "R:1095"),
        (" R:1095 ", "R:1095"),
        ("７８８１", "7881"),
        ("完全不同", ""),
    ],
)
def test_what_is_neither_is_doubted_and_guessed(entry, meant):
    assert NAMES.doubt(entry) is not None
    assert NAMES.guess(entry) == meant


@pytest.mark.parametrize(
    ("lists", "cycles"),
    [
        ({"a": ["a"]}, [("a", "a")]),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, [("b", "c", "b")]),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["R:1"]}, []),
        ({"a": ["gone"]}, []),
    ],
)
def test_lists_that_contain_themselves_are_found(lists, cycles):
    assert list(Names({}, lists).cycles()) == cycles


def test_a_long_chain_of_lists_resolves():
    lists = {f"l{n}": [f"l{n + 1}"] for n in range(5_000)} | {"l5000": ["R:1"]}
    names = Names({}, lists)
    assert list(names.cycles()) == []
    assert names.resolve(["l0"]) == ("R:1",)


words = st.sampled_from(["a", "b", "c", "d", "R:1", "R:2"])


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(words, max_size=4)), st.lists(words, max_size=4))
def test_resolving_ends_and_is_what_the_lists_hold_at_any_depth(lists, entries):
    held, reached = set(), list(entries)
    while reached:
        entry = reached.pop()
        if entry not in held:
            held.add(entry)
            reached.extend(lists.get(entry, ()))
    resolved = Names({}, lists).resolve(entries)
    assert len(resolved) == len(set(resolved))
    assert set(resolved) == {entry for entry in held if entry not in lists}


def test_the_closest_word_is_found_whatever_its_case():
    assert closest("ASIA/SHANGHAI", ["Asia/Shanghai", "Asia/Tokyo"]) == "Asia/Shanghai"
    assert closest("zzz", ["Asia/Shanghai"]) == ""
