"""Taking secrets and message text out of what is logged."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from structlog.typing import EventDict, WrappedLogger

MASK: Final = "**********"
DEEPEST: Final = 12
"""Levels of nesting that are logged as such; what lies deeper is logged as one text."""

_SECRET_WORDS: Final = ("secret", "token", "password", "passwd", "aeskey", "aes_key", "authorization", "credential")
_SECRET_KEY: Final = re.compile("|".join(_SECRET_WORDS), re.IGNORECASE)
_SECRET_IN_TEXT: Final = re.compile(
    r"""((?:secret|token|password|aes_?key)["']?\s*[=:]\s*["']?)[^\s"'&,;)}\]]+""", re.IGNORECASE
)

TEXT_KEYS: Final = ("text", "content", "body")
"""Under these a log line carries what people wrote; only lines at debug keep them."""


class Redaction:
    """A processor that masks every known secret, at any depth, and whatever stands under a secret's name.

    It makes plain values of everything, so that any renderer can write them.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known: tuple[str, ...] = ()
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Mask these too from now on: tokens are secrets that come and go."""
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        self._known = tuple(sorted(forms.union(self._known), key=len, reverse=True))  # the longest goes first

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {key: self._value(key, value, 0) for key, value in event.items()}

    def suspects(self, line: str) -> bool:
        """Whether a whole line, as it would be written, could hold a secret, or something under a secret's name."""
        lower = line.lower()
        return any(word in lower for word in _SECRET_WORDS) or any(secret in line for secret in self._known)

    def text(self, text: str) -> str:
        """A text without its secrets."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, MASK)
        return _SECRET_IN_TEXT.sub(rf"\g<1>{MASK}", text) if "=" in text or ":" in text else text

    def _value(self, key: str, value: Any, depth: int) -> Any:
        if value is None or value is True or value is False:
            return value
        return MASK if _names_secret(key) else self._plain(value, depth)

    def _plain(self, value: Any, depth: int) -> Any:
        match value:
            case str():
                return self.text(value)
            case None | bool() | float():
                return value
            case int():
                return value if (digits := repr(value)) == self.text(digits) else MASK
            case dict() if depth < DEEPEST:
                return {self.text(str(k)): self._value(str(k), inner, depth + 1) for k, inner in value.items()}
            case list() | tuple() | set() | frozenset() if depth < DEEPEST:
                return [self._plain(inner, depth + 1) for inner in value]
            case _:
                return self.text(_in_words(value))


@lru_cache(maxsize=4096)
def _names_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


def drop_text(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Leave out what people wrote, above debug."""
    if method != "debug":
        for key in TEXT_KEYS:
            event.pop(key, None)
    return event


def _forms(secret: str) -> Iterable[str]:
    """A secret as it looks in a URL, in JSON and in a traceback."""
    raw = secret.encode("utf-8", "surrogatepass")
    in_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    return {secret, quote(raw, safe=""), *in_json, repr(secret)[1:-1], repr(raw)[2:-1]}


def _in_words(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a log line must not fail for what it tells of
        return f"<{type(value).__name__}: {type(error).__name__}>"
