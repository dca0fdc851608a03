"""The time zone of a rule set, for showing times: read without loading the rules, which may be many or broken."""

import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yzj_daemon.wording.when import ZONE

_FIRST_TABLE = re.compile(r"^\s*\[", re.MULTILINE)


def of_rules(path: Path) -> ZoneInfo:
    """The first ``timezone`` of the files, else Asia/Shanghai, which is also the language's own default."""
    for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
        if found := _told(file):
            return found
    return ZoneInfo(ZONE)


def _told(file: Path) -> ZoneInfo | None:
    """Top-level keys stand above the first table, so the rest need not be read."""
    try:
        whole = file.read_text("utf-8")
        first = _FIRST_TABLE.search(whole)
        name = tomllib.loads(whole[: first.start()] if first else whole).get("timezone")
        return ZoneInfo(name) if isinstance(name, str) else None
    except (OSError, ValueError, ZoneInfoNotFoundError):  # check tells what is wrong with the rules; not every listing
        return None
