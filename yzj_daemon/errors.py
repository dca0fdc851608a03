"""What can go wrong in a way a person must hear of, in Chinese and English.

Expected failures of the vendor are values (:mod:`yzj_daemon.delivery`), not exceptions. What stands here ends a
command or a start-up: the exit codes are those of the interface (0 well, 1 "no", 2 usage, 3 settings,
4 store or vendor out of reach).
"""

from typing import Literal

import msgspec

Lang = Literal["zh", "en"]


class Phrase(msgspec.Struct, frozen=True):
    """One sentence in both languages."""

    zh: str
    en: str

    def to(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class Problem(Exception):  # noqa: N818 - the word an operator would use
    """Something a person has to mend: what happened, and what to do about it."""

    exit_code = 1

    def __init__(self, what: Phrase, todo: Phrase | None = None) -> None:
        self.what = what
        self.todo = todo
        super().__init__(str(self))

    def to(self, lang: Lang) -> str:
        """The problem and what to do, in one language, one line each."""
        lines = [self.what.to(lang)]
        if self.todo is not None:
            lines.append(("怎么办: " if lang == "zh" else "what to do: ") + self.todo.to(lang))
        return "\n".join(lines)

    def __str__(self) -> str:
        return str(self.what) if self.todo is None else f"{self.what} → {self.todo}"


class UsageProblem(Problem):
    exit_code = 2


class SettingsProblem(Problem):
    """One or more settings are wrong or missing. The daemon does not start."""

    exit_code = 3


class RulesProblem(Problem):
    """The rule set cannot be used. Nothing of it is."""

    exit_code = 1


class StoreProblem(Problem):
    """The store cannot be opened, is in use by another daemon, is full, or is of another version."""

    exit_code = 4


class VendorProblem(Problem):
    """The platform cannot be reached or refuses us, in a command that needs it."""

    exit_code = 4
