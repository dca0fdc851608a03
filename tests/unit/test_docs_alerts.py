"""docs/alerts.md tells of every alert and of every setting of alerts."""

import re
from pathlib import Path

from yzj_daemon.settings.model import FIELDS
from yzj_daemon.trouble import Kind

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")


def test_every_kind_of_trouble_is_explained_and_no_other() -> None:
    table = TEXT.partition("| id |")[2]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(Kind)


def test_every_setting_of_alerts_is_explained_and_no_other() -> None:
    named = set(re.findall(r"^\| `(alerts\.\w+)` \|", TEXT, re.MULTILINE))
    assert named == {name for name in FIELDS if name.startswith("alerts.")}
