import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.yzj import jsontexts
from yzj_daemon.yzj import jsontext
from yzj_daemon.yzj.jsontext import NotJson

WRONG = [
    "", " ", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "[1}", "[01]", "[1.]", "[.5]", "[+1]", "[-]", "[1e]", "[NaN]",
    "[tru]", "[truer]", '["]', '["\t"]', '["\\x"]', '["\\u12g4"]', "[]x", "[][]", "{", "{}}", '{"a"}', '{"a":}',
    '{"a":1,}', "{a:1}", "{1:1}", '{"a":1 "b":2}', '{"a":1]', "1", '"a"',
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_json_container_is_refused(text):
    for read in (jsontext.items, jsontext.members, jsontext.item_spans, jsontext.member_spans):
        with pytest.raises(NotJson):
            read(text.encode())


@given(jsontexts.values())
def test_is_json_agrees_with_the_standard_parser(text):
    json.loads(text)
    assert jsontext.is_json(text.encode())
    assert not jsontext.is_json(text.encode() + b",")


@given(jsontexts.values(), st.integers(0, 200), st.sampled_from(list(b'"{}[],:\\1 \x00u')))
def test_one_broken_byte_is_judged_as_by_the_standard_parser(text, place, byte):
    broken = bytearray(text.encode())
    broken[place % len(broken)] = byte
    try:
        json.loads(broken.decode(), parse_constant=_no_constants)
    except ValueError:
        assert not jsontext.is_json(bytes(broken)) or _not_utf8(bytes(broken))
    else:
        assert jsontext.is_json(bytes(broken))


def _no_constants(name):
    raise ValueError(name)


def _not_utf8(text):
    try:
        text.decode()
    except UnicodeDecodeError:
        return True
    return False


@given(st.lists(jsontexts.values(), max_size=5), jsontexts.SPACE)
def test_items_are_the_texts_that_were_put_in(texts, space):
    array = f"{space}[{space}{f'{space},{space}'.join(texts)}{space}]{space}".encode()
    expected = [text.encode() for text in texts]
    assert jsontext.items(array) == expected
    assert [array[start:end] for start, end in jsontext.item_spans(array)] == expected


@given(jsontexts.objects(jsontexts.values()))
def test_members_hold_the_last_value_of_every_key(text):
    pairs = json.loads(text, object_pairs_hook=lambda pairs: pairs, parse_constant=_no_constants)
    found = jsontext.members(text.encode())
    assert list(found) == list(dict(pairs))
    for key, value in dict(pairs).items():
        assert json.loads(found[key], object_pairs_hook=lambda pairs: pairs) == value


@given(jsontexts.objects(jsontexts.values()))
def test_quick_and_exact_reading_are_the_same_whenever_both_accept(text):
    raw = text.encode()
    exact = {key: raw[start:end] for key, (start, end) in jsontext.member_spans(raw).items()}
    assert jsontext.members(raw) == exact


def test_lone_surrogates_are_what_the_exact_way_is_for():
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(b'["\\ud800"]')
    assert jsontext.items(b'["\\ud800"]') == [b'"\\ud800"']


def test_a_hundred_thousand_levels_are_read():
    deep = b"[" * 100_000 + b"]" * 100_000
    assert jsontext.members(b'{"a":%b}' % deep) == {"a": deep}
    with pytest.raises(NotJson):
        jsontext.members(b'{"a":%b}' % deep[:-1])


@pytest.mark.parametrize("piece", [b'"\\ud800",', b"[[", b'{"a":', b"1 , ", b" ", b'"', b'"\\"'])
def test_reading_takes_linear_time_whatever_the_text(piece):
    def seconds(times):
        began = time.process_time()
        with pytest.raises(NotJson):
            jsontext.item_spans(b"[" + piece * times)
        return time.process_time() - began

    assert seconds(80_000) < 40 * seconds(8_000) + 0.2


@pytest.mark.parametrize(
    ("value", "characters"),
    [
        (b'"a\\u0041\\/"', "aA/"),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"x\\ud83d"', "x\\ud83d"),
        (b'"\\u0000"', "\\u0000"),
        (b"1", None),
        (b"null", None),
        (b"", None),
    ],
)
def test_strings_hold_only_what_can_be_stored(value, characters):
    assert jsontext.string(value) == characters
