"""What the doctor found, fit to be shown to strangers: no secret, no word of a message, no id, no address."""

import platform
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, get_origin
from urllib.parse import urlsplit

from pydantic import SecretStr

from yzj_daemon import __version__
from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.doctor.probe import Probe
from yzj_daemon.errors import Lang, Phrase
from yzj_daemon.ops.masks import Masks
from yzj_daemon.secret import url_without
from yzj_daemon.settings import model

if TYPE_CHECKING:
    from yzj_daemon.settings import Settings

_MARKS: Final = {"ok": "✓", "wrong": "✗", "unknown": "?"}
_SHORTEST: Final = 3
"""Characters of a value that is looked for in what is told; shorter ones are words of the language."""


def written(
    probes: Sequence[Probe],
    settings: "Settings | None",
    names: Iterable[str],
    lang: Lang,
    now: Millis,
    counts: Mapping[str, int],
) -> str:
    """The report as text. ``names``: ids, names, addresses that must not stand in it, beside those of the settings."""
    hidden = _Hidden({*names, *_of(settings)})
    machine = f"{platform.system()} {platform.release()} {platform.machine()}"
    return "\n".join(
        (
            f"yzj-daemon doctor  {datetime.fromtimestamp(now / SECOND, UTC).isoformat(timespec='seconds')}",
            f"version {__version__}  python {platform.python_version()}  sqlite {sqlite3.sqlite_version}  {machine}",
            "",
            *_told(probes, hidden, lang),
            "",
            Phrase(
                "和默认不同的设置 (只写出数字和选项):", "settings other than the default (numbers and choices only):"
            ).to(lang),
            *([] if settings is None else _settings(settings)),
            "",
            *(f"{name}: {count}" for name, count in counts.items()),
            "",
        )
    )


def _told(probes: Sequence[Probe], hidden: "_Hidden", lang: Lang) -> Iterator[str]:
    for probe in probes:
        row = probe.row(lang)
        yield f"{_MARKS[probe.verdict]} {probe.name}: {hidden.text(row['saw'])}"
        if row["do"]:
            yield f"    {hidden.text(row['do'])}"


def _settings(settings: "Settings") -> Iterator[str]:
    for name, value in model.flat(settings):
        if settings.source(name).kind == "default":
            continue
        plain = isinstance(value, bool | int) or get_origin(model.FIELDS[name].annotation) is Literal
        yield f"  {name} = {model.written(name, value)}" if plain else f"  {name}: {_size(value)}"


def _size(value: object) -> str:
    match value:
        case tuple() | dict():
            return f"({len(value)})"
        case SecretStr():
            return "(secret)"
        case _:
            return "(set)"


def _of(settings: "Settings | None") -> set[str]:
    """What the settings hold of ids, hosts and places."""
    if settings is None:
        return set()
    base = urlsplit(settings.api.base_url)
    store = urlsplit(settings.store.url)
    found = {settings.api.app_id, base.netloc, base.hostname or "", settings.store.url, str(settings.rules.path)}
    found |= {url_without(settings.store.url, ""), store.hostname or "", store.username or ""}
    return {*found, *settings.accounts, *settings.secrets(), str(settings.rules.path.absolute().parent)}


class _Hidden:
    """Known values by name, the longest first; then whatever looks like an id or an address."""

    def __init__(self, values: Iterable[str]) -> None:
        self._masks = Masks()
        self._values = sorted((v for v in values if len(v) >= _SHORTEST), key=len, reverse=True)

    def text(self, text: str) -> str:
        for value in self._values:
            if value in text:
                text = text.replace(value, self._masks.id(value))
        return self._masks.prose(text)
