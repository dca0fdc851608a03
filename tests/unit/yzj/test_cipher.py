import base64
import json

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.errors import SettingsProblem
from yzj_daemon.message import Unreadable
from yzj_daemon.yzj.cipher import Cipher

KEY = "0123456789abcdefghijklmnopqrstUV"
CIPHER = Cipher.from_key(KEY)
PLAIN = '[{"type":"chatMsg","rel_wxid":"1688","data":[{"content":{"t":"退款"}}]}]'.encode()

# openssl enc -aes-256-cbc -nopad -base64 -A -K <hex of KEY> -iv <hex of its first half>, over `[{"a":1}]` and 23 × 0x17
OPENSSL = b"0UXntXLUba3XWMd3roYhj7Wvua6Ss3wpZZv2cvrajMg="


def sealed(plain=PLAIN):
    return CIPHER.encrypt(plain)


def text(plain=PLAIN):
    return base64.b64encode(sealed(plain))


def wrapped(field, plain=PLAIN):
    return json.dumps({"id": 7, field: text(plain).decode()}).encode()


BODIES = {
    "base64": text(),
    "base64 without padding": text().rstrip(b"="),
    "base64 in lines": base64.encodebytes(sealed()),
    "base64 in lines of Windows": base64.encodebytes(sealed()).replace(b"\n", b"\r\n"),
    "URL-safe base64": base64.urlsafe_b64encode(sealed()),
    "URL-safe base64 without padding": base64.urlsafe_b64encode(sealed()).rstrip(b"="),
    "a JSON string": json.dumps(text().decode()).encode(),
    "a JSON string with slashes escaped": json.dumps(text().decode()).replace("/", "\\/").encode(),
    "an object's encrypt": wrapped("encrypt"),
    "an object's data": wrapped("data"),
    "an object's msg": wrapped("msg"),
    "an object's content": wrapped("content"),
    "raw bytes": sealed(),
}


@pytest.mark.parametrize("form", BODIES)
def test_every_likely_body_form_is_opened(form):
    assert CIPHER.decrypt(BODIES[form]) == PLAIN


@given(
    st.lists(st.sampled_from([*BODIES.values(), b"junk", b"", PLAIN, text()[:-8], text(b"\x93 no JSON")]), max_size=9)
)
def test_many_are_opened_as_each_would_be(bodies):
    assert CIPHER.decrypt_all(bodies) == [CIPHER.decrypt(body) for body in bodies]


def test_what_openssl_sealed_is_opened():
    assert CIPHER.decrypt(OPENSSL) == b'[{"a":1}]'
    assert base64.b64encode(CIPHER.encrypt(b'[{"a":1}]')) == OPENSSL


@pytest.mark.parametrize(
    ("body_format", "form", "opens"),
    [
        ("base64", "base64", True),
        ("base64", "URL-safe base64", True),
        ("base64", "raw bytes", False),
        ("base64", "an object's data", False),
        ("raw", "raw bytes", True),
        ("raw", "base64", False),
        ("json:data", "an object's data", True),
        ("json:data", "an object's msg", False),
        ("json:data", "base64", False),
        ("plain", "base64", False),
    ],
)
def test_a_named_body_format_opens_that_form_only(body_format, form, opens):
    read = CIPHER.decrypt(BODIES[form], body_format)
    assert read == PLAIN if opens else read.reason == "decrypt"


@given(st.binary(max_size=200))
def test_whatever_is_sealed_is_opened_the_same(inside):
    plain = b'{"x":"' + inside.hex().encode() + b'"}'
    assert len(CIPHER.encrypt(plain)) % 32 == 0
    assert CIPHER.decrypt(CIPHER.encrypt(plain)) == plain


@pytest.mark.parametrize("pad", range(1, 33))
def test_every_padding_from_1_to_32_is_taken_off(pad):
    plain = b'{"a":"' + b"x" * (64 - 8 - pad) + b'"}'
    assert len(CIPHER.encrypt(plain)) == 64
    assert CIPHER.decrypt(CIPHER.encrypt(plain)) == plain


@pytest.mark.parametrize("pad", [b"\x00", b"\x21", b"\x10" * 15 + b"\x11", b"\x02\x01\x02", b"]"])
def test_any_other_padding_is_refused(pad):
    padded = b"[" + b"{}," * 40
    padded = padded[: 64 - len(pad)] + pad
    raw = BlockCipher(AES(KEY.encode()), CBC(KEY.encode()[:16])).encryptor()
    assert CIPHER.decrypt(raw.update(padded) + raw.finalize()).reason == "decrypt"


@given(st.binary(max_size=300))
def test_any_body_ends_as_bytes_or_unreadable(body):
    read = CIPHER.decrypt(body)
    assert isinstance(read, Unreadable)
    assert read.body == body


@pytest.mark.parametrize("form", BODIES)
def test_another_key_opens_nothing(form):
    assert Cipher.from_key("z" * 32).decrypt(BODIES[form]).reason == "decrypt"


def test_a_padding_that_fits_by_chance_is_not_enough():
    assert CIPHER.decrypt(CIPHER.encrypt(b"\x93 not what a callback holds")).reason == "decrypt"


def test_plaintext_is_told_apart_and_taken_only_when_allowed():
    assert CIPHER.decrypt(PLAIN).reason == "plaintext"
    assert CIPHER.decrypt(PLAIN, "plain").reason == "plaintext"
    assert CIPHER.decrypt(PLAIN, allow_plaintext=True) == PLAIN
    assert CIPHER.decrypt(PLAIN, "plain", allow_plaintext=True) == PLAIN
    assert CIPHER.decrypt(PLAIN, "base64", allow_plaintext=True).reason == "decrypt"
    assert CIPHER.decrypt(b"hello", allow_plaintext=True).reason == "decrypt"


@pytest.mark.parametrize(
    ("key", "key_format"),
    [
        (KEY, "auto"),
        (KEY, "raw"),
        (f" {KEY}\n", "auto"),
        (base64.b64encode(KEY.encode()).decode(), "auto"),
        (base64.b64encode(KEY.encode()).decode().rstrip("="), "auto"),
        (base64.b64encode(KEY.encode()).decode().rstrip("="), "base64"),
    ],
)
def test_a_key_is_32_characters_or_their_base64(key, key_format):
    assert Cipher.from_key(key, key_format).decrypt(text()) == PLAIN


@pytest.mark.parametrize(
    ("key", "key_format"), [("", "auto"), ("short", "auto"), (KEY + "x", "auto"), (KEY, "base64"), ("密" * 32, "auto")]
)
def test_a_wrong_key_is_named_without_being_shown(key, key_format):
    with pytest.raises(SettingsProblem, match=r"callback\.aes_key") as raised:
        Cipher.from_key(key, key_format)
    assert not key or key not in str(raised.value)


def test_an_unknown_body_format_is_named():
    with pytest.raises(SettingsProblem, match=r"callback\.body_format = 'hex'"):
        CIPHER.decrypt(b"", "hex")


def test_the_key_shows_nowhere():
    assert KEY not in repr(CIPHER)
