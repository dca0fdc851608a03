"""The callback's cipher: AES-256-CBC, the key's first 16 bytes as IV, PKCS#7 over 32 bytes.

Vendor page 11490692518660567. The page shows neither how the ciphertext is written into the body nor what a key of
another length than 32 means, so every likely form is tried, and one that opens is known by its padding and by the
JSON inside.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec
from Cryptodome.Cipher import AES

from yzj_daemon.errors import Phrase, SettingsProblem
from yzj_daemon.message import Unreadable
from yzj_daemon.yzj import jsontext

if TYPE_CHECKING:
    from Cryptodome.Cipher._mode_cbc import CbcMode

KeyFormat = Literal["auto", "raw", "base64"]

KEY_BYTES = 32
AES_BLOCK = 16
PAD_BLOCK = 32
FIELDS = ("encrypt", "data", "msg", "content")
"""Where a JSON object may hold the ciphertext, likeliest first."""

_base64 = msgspec.json.Decoder(bytes)
"""Strict, and more than twice as fast as binascii."""
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_WHITE = b" \t\r\n"
_JSON_BEGINS = re.compile(rb'\s*+(?:\[\s*+[{\]]|\{\s*+["}])')
_BODY_FORMAT = re.compile(r"auto|base64|raw|plain|json:.+")


@dataclass(frozen=True, slots=True)
class Cipher:
    """One key, for any thread."""

    _key: bytes = field(repr=False)
    _of_thread: threading.local = field(default_factory=threading.local, init=False, repr=False, compare=False)

    @classmethod
    def from_key(cls, text: str, key_format: KeyFormat = "auto") -> "Cipher":
        """The cipher for an EncodingAESKey as the vendor's back office shows it.

        Raises:
            SettingsProblem: no 32 bytes can be made of the key.
        """
        return cls(_key_bytes(text.strip(), key_format))

    @property
    def _iv(self) -> bytes:
        return self._key[:AES_BLOCK]

    def decrypt(self, body: bytes, body_format: str = "auto", *, allow_plaintext: bool = False) -> bytes | Unreadable:
        """The JSON text inside a callback body.

        Args:
            body: as received.
            body_format: ``auto``, ``base64``, ``raw``, ``plain`` or ``json:<field>``.
            allow_plaintext: take a body that is not encrypted at all.

        Raises:
            SettingsProblem: there is no such body format.
        """
        [plain] = self.decrypt_all([body], body_format, allow_plaintext=allow_plaintext)
        return plain

    def decrypt_all(
        self, bodies: Sequence[bytes], body_format: str = "auto", *, allow_plaintext: bool = False
    ) -> list[bytes | Unreadable]:
        """The same of many bodies. Nearly every one is one line of base64: those are opened in one pass of the cipher,
        which costs more to call than a body does.
        """
        lines = [_decoded(body) or b"" for body in bodies] if body_format == "auto" else [b""] * len(bodies)
        return [
            plain if plain is not None and looks_like_json(plain) else self._tried(body, body_format, allow_plaintext)
            for body, plain in zip(bodies, self._opened(lines), strict=True)
        ]

    def _tried(self, body: bytes, body_format: str, allow_plaintext: bool) -> bytes | Unreadable:
        """Every form that the body may have."""
        check_body_format(body_format)
        locked = False
        for sealed in _sealed(body, body_format):
            [plain] = self._opened([sealed])
            if plain is not None and looks_like_json(plain):
                return plain
            locked = locked or (_is_ciphertext(sealed) and sealed is not body)
        if body_format in {"auto", "plain"} and not locked:
            return plaintext(body, allow=allow_plaintext)
        return _undecryptable(body)

    def encrypt(self, plain: bytes) -> bytes:
        """``plain`` as the vendor would seal it: the bare ciphertext."""
        pad = PAD_BLOCK - len(plain) % PAD_BLOCK
        return self._begun().encrypt(plain + bytes([pad]) * pad)

    def _opened(self, sealed: Iterable[bytes]) -> list[bytes | None]:
        """None for what this key did not seal."""
        whole = [one if _is_ciphertext(one) else b"" for one in sealed]
        padded = self._decryptor().decrypt(b"".join([self._iv + one for one in whole]))
        opened, at = [], 0
        for one in whole:
            at, end = at + AES_BLOCK, at + AES_BLOCK + len(one)
            opened.append(_unpadded(padded[at:end]))
            at = end
        return opened

    def _decryptor(self) -> "CbcMode":
        """One that opens body after body: making one costs more than a body does.

        All that CBC knows of what came before is the last block; so a body begins with the IV as that block.
        """
        try:
            context: CbcMode = self._of_thread.decryptor
        except AttributeError:
            context = self._of_thread.decryptor = self._begun()
        return context

    def _begun(self) -> "CbcMode":
        return AES.new(self._key, AES.MODE_CBC, self._iv)


def plaintext(body: bytes, *, allow: bool) -> bytes | Unreadable:
    """A body that was not encrypted, where that is allowed: also the way to read without any key."""
    if not looks_like_json(body):
        return _undecryptable(body)
    if not allow:
        return Unreadable(
            reason="plaintext", detail="the body is not encrypted, and callback.allow_plaintext is off", body=body
        )
    return body


def looks_like_json(text: bytes) -> bool:
    """Whether this may be the JSON of a callback. A wrong key whose padding fits by chance does not get past it."""
    return _JSON_BEGINS.match(text) is not None and text.rstrip(_WHITE)[-1:] in {b"]", b"}"}


def check_body_format(body_format: str) -> None:
    """Raise what an operator must read when there is no such body format.

    Raises:
        SettingsProblem: always then.
    """
    if body_format == "auto" or _BODY_FORMAT.fullmatch(body_format):
        return
    raise SettingsProblem(
        Phrase(
            f"callback.body_format = {body_format!r}: 没有这种格式", f"callback.body_format = {body_format!r}: unknown"
        ),
        Phrase("可用: auto, base64, raw, plain, json:<字段>", "use auto, base64, raw, plain or json:<field>"),
    )


def _sealed(body: bytes, body_format: str) -> Iterator[bytes]:
    """What may be the ciphertext, the likeliest first."""
    if body_format in {"auto", "base64"}:
        yield from _from_text(body.strip(_WHITE), any_json=body_format == "auto")
    elif body_format.startswith("json:"):
        yield from _from_object(body, (body_format.removeprefix("json:"),))
    if body_format in {"auto", "raw"}:
        yield body


def _from_text(text: bytes, *, any_json: bool) -> Iterator[bytes]:
    if any_json and text.startswith(b"{"):
        yield from _from_object(text, FIELDS)
    elif any_json and text.startswith(b'"') and jsontext.is_json(text):
        yield from _from_base64((jsontext.string(text) or "").encode())
    elif not text.startswith(b"["):
        yield from _from_base64(text)


def _from_object(text: bytes, fields: tuple[str, ...]) -> Iterator[bytes]:
    try:
        found = jsontext.members(text)
    except ValueError:  # no JSON object, or no UTF-8
        return
    for name in fields:
        value = jsontext.string(found.get(name, b""))
        if value is not None:
            yield from _from_base64(value.encode())


def _from_base64(text: bytes) -> Iterator[bytes]:
    """The bytes of base64 text: standard or URL-safe, padded or not, in one line or many."""
    found = _decoded(text)  # nearly every body comes in one line, padded
    if found is None:
        dense = text.translate(_URL_SAFE, _WHITE).rstrip(b"=")
        found = _decoded(dense + b"=" * (-len(dense) % 4))
    if found is not None:
        yield found


def _decoded(text: bytes) -> bytes | None:
    try:
        return _base64.decode(b'"%b"' % text)
    except msgspec.MsgspecError:
        return None


def _is_ciphertext(sealed: bytes) -> bool:
    return bool(sealed) and len(sealed) % AES_BLOCK == 0


def _unpadded(padded: bytes) -> bytes | None:
    pad = padded[-1] if padded else 0
    if not 1 <= pad <= PAD_BLOCK or not padded.endswith(bytes((pad,)) * pad):
        return None
    return padded[:-pad]


def _undecryptable(body: bytes) -> Unreadable:
    return Unreadable(
        reason="decrypt", detail="no form of the body decrypts to JSON: is callback.aes_key right?", body=body
    )


def _key_bytes(text: str, key_format: KeyFormat) -> bytes:
    raw = text.encode()
    if key_format != "base64" and len(raw) == KEY_BYTES:
        return raw
    decoded = b"" if key_format == "raw" else next(_from_base64(raw), b"")
    if len(decoded) == KEY_BYTES:
        return decoded
    raise SettingsProblem(
        Phrase(
            f"callback.aes_key: 长度为 {len(text)} 个字符 (key_format = {key_format}), 得不到 32 字节的密钥",
            f"callback.aes_key: its {len(text)} characters (key_format = {key_format}) make no key of 32 bytes",
        ),
        Phrase(
            "从后台的 API 配置页完整复制 EncodingAESKey: 32 个字符, 或 43 个字符的 base64",
            "copy the EncodingAESKey whole from the back office: 32 characters, or 43 of base64",
        ),
    )
