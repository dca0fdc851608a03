"""The platform's side of packet encryption (vendor page 11490692518660567), written apart from the daemon's.

AES-256-CBC, the IV is the first 16 bytes of the key, PKCS#7 in blocks of 32 bytes. No random prefix, no length.
"""

import base64
import binascii
import json

from Cryptodome.Cipher import AES

from yzj_daemon.errors import Phrase, UsageProblem

BLOCK = 32


def key_bytes(text: str) -> bytes:
    """An EncodingAESKey as issued: 32 characters, or 43 of base64 that stand for 32 bytes (U2)."""
    raw = text.encode()
    if len(raw) == BLOCK:
        return raw
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != BLOCK:
        raise _bad_key(len(raw))
    return decoded


def _bad_key(length: int) -> UsageProblem:
    return UsageProblem(
        Phrase(
            f"沙箱的 EncodingAESKey 长度是 {length},既不是 32 个字符,也不是 43 个字符的 base64",
            f"the sandbox's EncodingAESKey has {length} characters: neither 32, nor 43 of base64",
        ),
        Phrase("换一个 32 个字符的密钥", "use a key of 32 characters"),
    )


def seal(plain: bytes, key: bytes) -> bytes:
    pad = BLOCK - len(plain) % BLOCK
    return AES.new(key, AES.MODE_CBC, key[:16]).encrypt(plain + bytes([pad]) * pad)


def body(plain: bytes, key: bytes, form: str) -> bytes:
    """A callback's body in the wire form chosen (U1)."""
    if form == "plain":
        return plain
    sealed = seal(plain, key)
    if form == "raw":
        return sealed
    if form == "urlsafe":
        return base64.urlsafe_b64encode(sealed)
    return _as_text(base64.b64encode(sealed), form)


def _as_text(encoded: bytes, form: str) -> bytes:
    if form == "json_string":
        return b'"' + encoded + b'"'
    if form.startswith("json:"):
        return json.dumps({form.removeprefix("json:"): encoded.decode()}).encode()
    return encoded
