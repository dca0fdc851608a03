"""Taking secrets and message text out of what is logged."""

import re
from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from ahocorasick_rs import AhoCorasick
from structlog.typing import EventDict, WrappedLogger

from yzj_daemon.secret import MASK, longest_first, without

PASSING: Final = 4
"""Tokens that are remembered; each lives for hours, and only the last two can be on their way."""

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
        self._lasting = frozenset(secrets)
        self._passing: deque[str] = deque(maxlen=PASSING)
        self._known: tuple[str, ...] = ()
        self._gather()

    def learn(self, token: str) -> None:
        """Mask this too from now on, as one of the last few: tokens are secrets that come and go."""
        if token and token not in self._passing:
            self._passing.append(token)
            self._gather()

    def _gather(self) -> None:
        self._known = longest_first({*self._lasting, *self._passing})
        self._suspicious = AhoCorasick([*_SECRET_WORDS, *(secret.lower() for secret in self._known if secret)])

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {key: self._value(key, value, 0) for key, value in event.items()}

    def suspects(self, line: str) -> bool:
        """Whether a whole line, as it would be written, could hold a secret, or something under a secret's name."""
        return bool(self._suspicious.find_matches_as_indexes(line.lower()))

    def text(self, text: str) -> str:
        """A text without its secrets."""
        text = without(text, self._known)
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


def _in_words(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a log line must not fail for what it tells of
        return f"<{type(value).__name__}: {type(error).__name__}>"
