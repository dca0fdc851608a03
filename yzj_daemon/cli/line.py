"""The command line before Typer reads it: the options of every command may stand anywhere on it.

They are read here because the language is needed before anything can be said, and because Typer weighs every value
with pydantic, which takes longer to load than most commands to run.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from yzj_daemon.errors import Phrase, UsageProblem

CONFIG = "--config"
LANG = "--lang"
SET = "--set"
EVERYWHERE = (CONFIG, LANG, SET)
"""Each takes one value."""


class Line(msgspec.Struct, frozen=True):
    """``told``: the values of each of these options, in order, None where none followed; ``others``: the rest."""

    told: dict[str, list[str | None]]
    others: list[str]

    @classmethod
    def of(cls, args: Sequence[str]) -> "Line":
        line = cls({option: [] for option in EVERYWHERE}, [])
        words = iter(args)
        for word in words:
            option, equals, value = word.partition("=")
            if word == "--":
                line.others.extend([word, *words])
            elif option in EVERYWHERE:
                line.told[option].append(value if equals else next(words, None))
            else:
                line.others.append(word)
        return line

    @property
    def command(self) -> str:
        """The first word; "" where there is none, or an option."""
        first = self.others[0] if self.others else ""
        return "" if first.startswith("-") else first

    @property
    def lang(self) -> str:
        """What ``--lang`` says, whether it is a language or not; "" where it is not given."""
        return (self.told[LANG] or [""])[-1] or ""

    @property
    def config(self) -> Path | None:
        values = self._values(CONFIG, Phrase("文件", "a file"))
        return Path(values[-1]) if values else None

    @property
    def overrides(self) -> dict[str, str]:
        """Settings by dotted name. Raises UsageProblem."""
        return dict(map(_override, self._values(SET, Phrase("名字=值", "NAME=VALUE"))))

    def check_lang(self) -> None:
        """Raises UsageProblem: ``--lang`` names no language that is spoken here."""
        for value in self._values(LANG, Phrase(" zh 或 en", "zh or en")):
            if value not in {"zh", "en"}:
                raise UsageProblem(Phrase(f"--lang 只能是 zh 或 en: {value!r}", f"--lang is zh or en: {value!r}"))

    def _values(self, option: str, wanted: Phrase) -> list[str]:
        given = [value for value in self.told[option] if value]
        if len(given) < len(self.told[option]):
            raise UsageProblem(Phrase(f"{option} 后面要有{wanted.zh}", f"{option} needs {wanted.en}"))
        return given


def _override(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not equals or not name.strip():
        raise UsageProblem(
            Phrase("--set 要写成 名字=值", "--set takes NAME=VALUE"),  # what was written may be a secret
            Phrase("例如 --set forward.pace=2s", "for example --set forward.pace=2s"),
        )
    return name.strip(), value
