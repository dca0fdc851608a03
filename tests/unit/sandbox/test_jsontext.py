import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yzj_daemon.sandbox.jsontext import (
    Malformed,
    _deeply_well_formed,
    elements,
    members,
    quoted,
    value_end,
    well_formed,
)

spaces = st.text(" \t\r\n", max_size=2)
strings = st.one_of(
    st.text(max_size=6).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from([r'"\ud83d"', r'"\"\\"', r'"\u0000{["', '"}],"', '""']),
)
numbers = st.sampled_from(["0", "-0", "1.0", "9007199254740993", "1E400", "-1.50e-07", "1" * 5000])
atoms = st.one_of(strings, numbers, st.sampled_from(["true", "false", "null"]))


def _array(parts):
    return st.lists(st.tuples(spaces, parts, spaces).map("".join), max_size=4).map(lambda all_: f"[{','.join(all_)}]")


def _object(parts):
    pair = st.tuples(spaces, strings, spaces, st.just(":"), spaces, parts, spaces).map("".join)
    return st.lists(pair, max_size=4).map(lambda pairs: "{" + ",".join(pairs) + "}")


texts = st.recursive(atoms, lambda parts: _array(parts) | _object(parts), max_leaves=12)


@given(texts)
def test_every_generated_json_text_is_well_formed_on_both_paths(text):
    assert well_formed(text.encode())
    assert _deeply_well_formed(text.encode())


@given(texts, st.data())
@example("[1,]", None)
def test_both_paths_judge_damaged_texts_alike(text, data):
    damaged = text if data is None else _damaged(text, data)
    assert well_formed(damaged.encode()) == _deeply_well_formed(damaged.encode())


def _damaged(text, data):
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 2))
    return (
        text[:at]
        + data.draw(st.sampled_from(["", ",", "]", "}", "{", '"', ":", "1", "\\", "\x01"]))
        + text[at + length :]
    )


@pytest.mark.parametrize(
    "text", [b"", b" ", b"{", b"[1,]", b"{1:2}", b'{"a"}', b'"\x01"', b"01", b"NaN", b"[]]", b"\xff"]
)
def test_what_is_not_json_is_refused(text):
    assert not well_formed(text)
    assert not _deeply_well_formed(text)


@given(texts)
def test_a_value_ends_where_its_text_ends(text):
    assert value_end(text.encode() + b",tail", 0) == len(text.encode())


@given(st.lists(st.tuples(strings, texts), max_size=5), spaces)
def test_members_are_found_as_they_stand_duplicates_included(pairs, space):
    text = (
        "{" + space + (space + "," + space).join(f"{key}:{space}{value}" for key, value in pairs) + space + "}"
    ).encode()
    found = [(key, text[start:end].decode()) for key, start, end in members(text)]
    assert found == [(json.loads(key), value) for key, value in pairs]


@given(st.lists(texts, max_size=5), spaces)
def test_elements_are_found_as_they_stand(values, space):
    text = ("[" + space + (space + "," + space).join(values) + space + "]").encode()
    assert [text[start:end].decode() for start, end in elements(text)] == values


def test_depth_has_no_limit():
    deep = b'{"a":[' * 50_000 + b"1.0" + b"]}" * 50_000
    assert well_formed(deep)
    assert not well_formed(deep[:-1])
    assert value_end(deep, 0) == len(deep)


def test_another_shape_than_asked_for_is_malformed():
    with pytest.raises(Malformed):
        list(members(b"[1]"))
    with pytest.raises(Malformed):
        list(elements(b'{"a":1}'))


def test_half_a_surrogate_pair_is_quoted_as_an_escape():
    assert quoted("\ud83d") == rb'"\ud83d"'
    assert quoted("退款") == '"退款"'.encode()
