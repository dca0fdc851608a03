import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sandbox.stage import unseal
from yzj_daemon.errors import UsageProblem
from yzj_daemon.sandbox.cipher import body, key_bytes, seal

KEY = b"0123456789abcdef0123456789ABCDEF"


@given(st.binary(max_size=200))
def test_an_independent_reader_of_the_vendors_page_opens_what_is_sealed(plain):
    assert unseal(seal(plain, KEY), KEY) == plain


@pytest.mark.parametrize("length", range(65))
def test_padding_is_of_32_byte_blocks_and_never_missing(length):
    sealed = seal(b"x" * length, KEY)
    assert len(sealed) == (length // 32 + 1) * 32


@given(st.binary(min_size=1, max_size=100))
def test_every_body_form_carries_the_same_packet(plain):
    sealed = seal(plain, KEY)
    assert base64.b64decode(body(plain, KEY, "base64"), validate=True) == sealed
    assert base64.urlsafe_b64decode(body(plain, KEY, "urlsafe")) == sealed
    assert base64.b64decode(json.loads(body(plain, KEY, "json_string"))) == sealed
    assert base64.b64decode(json.loads(body(plain, KEY, "json:encrypt"))["encrypt"]) == sealed
    assert body(plain, KEY, "raw") == sealed
    assert body(plain, KEY, "plain") == plain


def test_a_key_is_32_characters_or_43_of_base64():
    assert key_bytes(KEY.decode()) == KEY
    assert key_bytes(base64.b64encode(KEY).decode().rstrip("=")) == KEY


@pytest.mark.parametrize("text", ["", "short", "x" * 33, "!" * 43, "密" * 32])
def test_another_key_is_a_problem_in_both_languages(text):
    with pytest.raises(UsageProblem) as caught:
        key_bytes(text)
    assert "EncodingAESKey" in caught.value.to("zh")
    assert "32" in caught.value.to("en")
