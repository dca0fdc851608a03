"""A mistake, or a doubt, in a rule file: what it is, where it stands, what to do."""

from typing import Any, Final, Literal

import msgspec

from yzj_daemon.errors import Lang, Phrase

SHOWN_VALUE: Final = 200

ERRORS: Final = frozenset(
    {
        # the files
        "duplicate",
        "empty-file",
        "no-rules",
        "not-utf-8",
        "number-too-big",
        "too-big",
        "too-deep",
        "toml-syntax",
        "two-values",
        "unreadable",
        # the tables
        "bad-choice",
        "bad-version",
        "empty-list",
        "empty-text",
        "missing-key",
        "out-of-range",
        "too-long",
        "too-many",
        "unknown-key",
        "wrong-type",
        # one value
        "bad-dates",
        "bad-days",
        "bad-duration",
        "bad-hours",
        "bad-id",
        "bad-limit",
        "bad-path",
        "bad-regex",
        "bad-timezone",
        "empty-keyword",
        "empty-when",
        "empty-window",
        "everything-alone",
        "keyword-folds-away",
        "never-opens",
        "needs-extra",
        "not-inside",
        "one-message",
        "one-test",
        # who and where
        "list-cycle",
        "list-here",
        "name-is-an-id",
        "name-of-a-name",
        "unknown-name",
        "unknown-window",
        "via-not-allowed",
        # examples
        "example-failed",
        "example-needs-at",
        "example-unreadable",
    }
)
WARNINGS: Final = frozenset(
    {
        "account-not-served",
        "blank-keyword",
        "cycle",
        "duplicate-target",
        "fan-out-too-slow",
        "never-hit",
        "look-alike",
        "no-examples",
        "regex-in-contains",
        "self-target",
        "unknown-type",
        "unreachable",
        "unused",
        # what the platform says of it: check --online
        "offline-account",
        "renamed-chat",
        "unknown-account",
        "unknown-chat",
    }
)
"""What a loaded file may be found to have. All are described in docs/rules.md."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """``line`` and ``column`` are 1-based, in characters; 0 where there is no such place. ``value`` is as written."""

    level: Literal["error", "warning"]
    id: str
    file: str
    line: int
    column: int
    message: Phrase
    value: str = ""
    suggestion: Phrase | str | None = None

    def row(self, lang: Lang) -> dict[str, Any]:
        return {
            "level": self.level,
            "id": self.id,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message.to(lang),
            "value": self.value,
            "suggestion": self._suggested(lang),
        }

    def to(self, lang: Lang) -> str:
        """One line for a terminal."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        suggested = self._suggested(lang)
        hint = f" → {suggested}" if suggested else ""
        return f"{place}: {self.level} [{self.id}] {self.message.to(lang)}{hint}"

    def _suggested(self, lang: Lang) -> str:
        return self.suggestion.to(lang) if isinstance(self.suggestion, Phrase) else self.suggestion or ""


def shown(value: Any) -> str:
    """A value as a person wrote it, near enough, and bounded."""
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= SHOWN_VALUE else text[:SHOWN_VALUE] + "…"
