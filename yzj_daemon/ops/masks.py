"""Taking out of what leaves the house who it is about and what was said, so that its shape stays.

One id has one mask wherever it stands, so that what belongs together can still be told. Masks of one run cannot be
compared with those of another, nor found by trying all ids: the key is thrown away.
"""

import hashlib
import json
import re
import secrets
import unicodedata
from typing import Any, Final

from yzj_daemon.message import KNOWN_TYPES

_ID: Final = re.compile(r"(?:R:)?\d{6,}")
_IN_TEXT: Final = re.compile(r"(?:R:)?(?<![\w.])\d{6,}(?!\w)")
_ADDRESS: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_]{1,40}")
_TYPES: Final = KNOWN_TYPES | {"emotion", "at", "image"}


class Masks:
    """``key``: makes the masks; by default a new one that nobody knows."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key or secrets.token_bytes(32)

    def id(self, id_: str) -> str:
        """Of an account, a person, a room (which keeps its ``R:``) or a message; none for none."""
        if not id_:
            return ""
        digest = hashlib.blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=6, key=self._key).hexdigest()
        return f"R:id-{digest}" if id_.startswith("R:") else f"id-{digest}"

    def words(self, text: str) -> str:
        """As long as it was, with its spaces and punctuation, and nothing else of it."""
        return "".join(map(_shape, text))

    def content(self, content: str) -> str:
        """JSON text with its keys, and every value in it masked; "" where it is no JSON."""
        try:
            tree = json.loads(content)
        except (ValueError, RecursionError):
            return ""
        return json.dumps(self._tree(tree), ensure_ascii=False, separators=(",", ":"))

    def prose(self, text: str) -> str:
        """A sentence of ours or the platform's: the ids and addresses in it masked, its words left."""
        without_ids = _IN_TEXT.sub(lambda found: self.id(found[0]), text)
        return _ADDRESS.sub(lambda found: self.id(found[0]), without_ids)

    def _tree(self, value: Any) -> Any:
        match value:
            case str() if _ID.fullmatch(value):
                return self.id(value)
            case str():
                return value if value in _TYPES else self.words(value)
            case bool() | None:
                return value
            case int() | float():
                return 0
            case dict():
                return {self._key_of(key): self._tree(inner) for key, inner in value.items()}
            case _:
                return [self._tree(inner) for inner in value]

    def _key_of(self, key: str) -> str:
        """Keys are the platform's words, unless one is no word."""
        return key if _PLAIN_KEY.fullmatch(key) else self.id(key)


def _shape(char: str) -> str:
    kind = unicodedata.category(char)
    if kind[0] in "PZ":
        return char
    if kind[0] == "N":
        return "0"
    if char.isascii():
        return "x" if char.isalpha() else " "
    return "某" if kind[0] == "L" else "□"
