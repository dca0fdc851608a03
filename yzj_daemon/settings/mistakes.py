"""What is wrong with settings, all of it at once, in both languages."""

import difflib
from collections.abc import Collection, Sequence
from typing import Final, Literal

import msgspec

from yzj_daemon.errors import Phrase, SettingsProblem
from yzj_daemon.secret import MASK

LONGEST_SHOWN: Final = 100

Kind = Literal["command line", "environment", ".env", "secret file", "file", "default"]

_KINDS: Final[dict[Kind, str]] = {
    "command line": "命令行",
    "environment": "环境变量",
    ".env": ".env",
    "secret file": "密钥文件",
    "file": "文件",
    "default": "默认值",
}

_MEND: Final = Phrase(
    "改正后再启动;yzj-daemon settings 列出每一项的值和来源",
    "correct these and start again; yzj-daemon settings lists every value and its source",
)


class Source(msgspec.Struct, frozen=True):
    """Where a value came from: the kind, and which variable, file or flag."""

    kind: Kind
    where: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.where}".rstrip()

    def phrase(self) -> Phrase:
        return Phrase(f"{_KINDS[self.kind]} {self.where}".rstrip(), str(self))


class WrongSettings(SettingsProblem):
    """All mistakes of one reading, one sentence each."""

    def __init__(self, mistakes: Sequence[Phrase]) -> None:
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        super().__init__(
            Phrase(
                "\n  ".join([f"设置有 {count} 处错误:", *(mistake.zh for mistake in self.mistakes)]),
                "\n  ".join(
                    [f"{count} mistake{'s' * (count > 1)} in the settings:", *(m.en for m in self.mistakes)],
                ),
            ),
            _MEND,
        )


def shown(value: object, *, secret: bool) -> str:
    """A value for a person's eyes: quoted, bounded, and never a secret."""
    if secret:
        return MASK
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def wrong(name: str, value: str, source: Source, expected: Phrase) -> Phrase:
    """``value`` is what :func:`shown` made of it."""
    where = source.phrase()
    return Phrase(
        f"{name}: 不能用 {value}(来自{_spaced(where.zh)}),应为{expected.zh}",
        f"{name}: cannot use {value} (from {where.en}); expected {expected.en}",
    )


def unknown(name: str, source: Source, known: Collection[str]) -> Phrase:
    """No setting has this name. Its value is not shown: it may be a secret under a misspelt name."""
    where = source.phrase()
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = _hint(near[0], source) if near else Phrase("", "")
    return Phrase(
        f"{name}: 没有这个设置(来自{_spaced(where.zh)}){hint.zh}",
        f"{name}: no such setting (from {where.en}){hint.en}",
    )


def _hint(name: str, source: Source) -> Phrase:
    """The near name, spelt as where the wrong one stood."""
    near = name if source.kind in {"file", "command line"} else variable_of(name)
    return Phrase(f",是不是 {near}?", f"; did you mean {near}?")


def on_the_line(name: str) -> Phrase:
    """A secret on the command line."""
    variable = variable_of(name)
    return Phrase(
        f"{name}: 密钥不能写在命令行上,本机所有人都看得到(ps);请写进设置文件、环境变量 {variable} 或密钥文件,"
        "并更换这个已经露出的密钥",
        f"{name}: a secret cannot stand on the command line, where everybody on this machine reads it (ps); put it "
        f"into the settings file, into {variable} or into a secret file, and replace the one that was shown",
    )


def unreadable(source: Source, why: Phrase) -> Phrase:
    """A file, directory or variable that holds settings cannot be read at all."""
    where = source.phrase()
    return Phrase(f"{where.zh}: {why.zh}", f"{where.en}: {why.en}")


def missing(name: str, why: Phrase) -> Phrase:
    variable = variable_of(name)
    return Phrase(
        f"{name}: 必须设置({why.zh});写进设置文件,或设环境变量 {variable}",
        f"{name}: required ({why.en}); put it into the settings file or into {variable}",
    )


def variable_of(name: str) -> str:
    """The environment variable of a setting: ``api.app_id`` is ``YZJ_API__APP_ID``."""
    return "YZJ_" + name.replace(".", "__").upper()


def _spaced(text: str) -> str:
    """A space between Chinese and what begins in Latin letters."""
    return f" {text}" if text[:1].isascii() else text
