"""Where settings come from: command line, environment and ``.env``, secret files, one TOML file.

Every layer is read to its end; what cannot be understood becomes a mistake and the reading goes on.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from dotenv.parser import parse_stream
from pydantic_settings import DotEnvSettingsSource

from yzj_daemon.errors import Phrase
from yzj_daemon.settings.mistakes import Kind, Source, shown, unknown, unreadable, wrong
from yzj_daemon.settings.model import COLLECTIONS, FIELDS, SECTIONS, Settings, expected

PREFIX: Final = "YZJ_"
CONFIG: Final = "YZJ_CONFIG"
SECRETS_DIR: Final = "YZJ_SECRETS_DIR"
CREDENTIALS_DIR: Final = "CREDENTIALS_DIRECTORY"

BESIDE: Final = "credentials"
"""The directory beside the settings file from which systemd hands the service its secrets."""

_TABLE: Final = Phrase("一个表(分节)", "a table")
_JSON_TABLE: Final = Phrase(' JSON 对象,如 {"键": "值"}', 'a JSON object such as {"key": "value"}')


class Entry(msgspec.Struct, frozen=True):
    value: object
    source: Source


class Layer(msgspec.Struct):
    """Values by dotted name, and what was wrong while they were read."""

    entries: dict[str, Entry] = msgspec.field(default_factory=dict)
    mistakes: list[Phrase] = msgspec.field(default_factory=list)

    def put(self, name: str, value: object, source: Source) -> None:
        """Take up a value; a section's value is taken apart."""
        if name in SECTIONS:
            self._put_section(name, value, source)
        elif name in FIELDS:
            self._put_field(name, value, source)
        else:
            self.mistakes.append(unknown(name, source, FIELDS.keys()))

    def put_text(self, name: str, text: str, source: Source) -> None:
        """Take up the text of a variable or a file; lists and tables are JSON in it."""
        if name not in SECTIONS | COLLECTIONS:
            self.put(name, text, source)
            return
        try:
            value = json.loads(text)
        except ValueError:
            wanted = _JSON_TABLE if name in SECTIONS else expected(name)
            self.mistakes.append(wrong(name, shown(text, secret=name in SECTIONS), source, wanted))
        else:
            self.put(name, value, source)

    def _put_section(self, name: str, value: object, source: Source) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                self.put(f"{name}.{key}", inner, source)
        else:
            self.mistakes.append(wrong(name, shown(value, secret=True), source, _TABLE))

    def _put_field(self, name: str, value: object, source: Source) -> None:
        first = self.entries.setdefault(name, Entry(value, source))
        if first.source.where != source.where and first.source.kind == source.kind:
            self.mistakes.append(_twice(name, first.source, source))


def command_line(overrides: Mapping[str, object]) -> Layer:
    """``overrides``: dotted names and values, as the flags gave them."""
    layer = Layer()
    for name, value in overrides.items():
        layer.put(name, value, Source("command line"))
    return layer


def variables(environ: Iterable[tuple[str, str]], kind: Kind, ignored: frozenset[str]) -> Layer:
    """Every variable that begins with ``YZJ_``, in any case. ``ignored``: those that are no settings, in capitals."""
    layer = Layer()
    for variable, text in environ:
        if variable.upper().startswith(PREFIX) and variable.upper() not in ignored:
            layer.put_text(_name_of(variable), text, Source(kind, variable))
    return layer


def dotenv(path: Path) -> tuple[dict[str, str], list[Phrase]]:
    """The variables of a ``.env`` file, in capitals, and its mistakes; of a file that is not there, none."""
    source = Source(".env", str(path))
    if not path.exists():
        return {}, []
    try:
        with path.open(encoding="utf-8") as lines:
            broken = [binding.original.line for binding in parse_stream(lines) if binding.error]
        read = DotEnvSettingsSource(Settings, env_file=path, env_file_encoding="utf-8", case_sensitive=False)
    except (OSError, UnicodeError) as error:
        return {}, [unreadable(source, _reason(error))]
    if broken:
        return {}, [unreadable(source, _not_a_variable(line)) for line in broken]
    return {name.upper(): text for name, text in read.env_vars.items() if text is not None}, []


def secret_files(directory: Path, *, all_ours: bool = False) -> Layer:
    """One file per setting, named like its variable in any case; other files are somebody else's.

    ``all_ours``: nobody else has files there, so the names need no ``YZJ_``.
    """
    layer = Layer()
    try:
        files = sorted(path for path in directory.iterdir() if _is_ours(path.name, all_ours=all_ours))
    except OSError as error:
        layer.mistakes.append(unreadable(Source("secret file", str(directory)), _reason(error)))
        return layer
    for path in files:
        source = Source("secret file", str(path))
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            layer.mistakes.append(unreadable(source, _reason(error)))
        else:
            layer.put_text(_name_of(path.name), text, source)
    return layer


def toml_file(path: Path) -> Layer:
    layer = Layer()
    source = Source("file", str(path))
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        layer.mistakes.append(unreadable(source, _reason(error)))
        return layer
    for key, value in tables.items():
        layer.put(key, value, source)
    return layer


def _is_ours(name: str, *, all_ours: bool) -> bool:
    return name.upper().startswith(PREFIX) or (all_ours and not name.startswith("."))


def _name_of(variable: str) -> str:
    return variable.upper().removeprefix(PREFIX).lower().replace("__", ".")


def _reason(error: Exception) -> Phrase:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Phrase(f"读不了: {words}", f"cannot be read: {words}")


def _not_a_variable(line: int) -> Phrase:
    return Phrase(f"第 {line} 行不是 变量=值 的形式", f"line {line} is not of the form NAME=value")


def _twice(name: str, first: Source, second: Source) -> Phrase:
    return Phrase(
        f"{name}: 设置了两次({first.phrase().zh} 和 {second.phrase().zh}),请去掉一个",
        f"{name}: given twice ({first.phrase().en} and {second.phrase().en}); remove one",
    )
