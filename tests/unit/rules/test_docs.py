"""What the language has is described, and what is told is explained."""

import re
from pathlib import Path

import pytest

from yzj_daemon.message import KNOWN_TYPES
from yzj_daemon.rules import model
from yzj_daemon.rules.finding import ERRORS, WARNINGS
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.mistakes import keys_of

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "rules.md").read_text("utf-8")
CODE = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", DOCS, re.DOTALL))
WORDS = set(re.findall(r"[A-Za-z][A-Za-z0-9_-]*", CODE))

SOURCES = {path.name: path.read_text("utf-8") for path in (ROOT / "yzj_daemon" / "rules").glob("*.py")}
TOLD = re.compile(
    r'(?:(?:mistake|failure)\(|"(?:error|warning)",(?! "warning")|\bid=|\bid_(?:, message)? =)\s*"([a-z0-9-]+)"'
)
"""Where the loader gives a finding its id."""

TABLES = (
    model.FileTable,
    model.RuleTable,
    model.WhenTable,
    model.FieldTable,
    model.ItemsTable,
    model.WindowTable,
    model.ExampleTable,
    model.ExampleMessage,
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_of_the_language_is_described(table):
    assert not set(keys_of(table)) - WORDS


def test_every_finding_is_explained():
    assert not [told for told in ERRORS | WARNINGS if f"`{told}`" not in DOCS]


def test_every_finding_in_the_code_is_a_known_one():
    told = {id_ for text in SOURCES.values() for id_ in TOLD.findall(text)}
    assert len(told) > 30
    assert told <= ERRORS | WARNINGS


def test_no_finding_is_explained_that_nothing_tells():
    code = "".join(text for name, text in SOURCES.items() if name != "finding.py")
    assert not [id_ for id_ in ERRORS | WARNINGS if f'"{id_}"' not in code]
    rows = re.findall(r"^\| (`[^|]*) \|", DOCS.split("## 错误和警告")[1], re.MULTILINE)
    explained = {id_ for row in rows for id_ in re.findall(r"`([a-z0-9-]+)`", row)}
    assert explained == ERRORS | WARNINGS


def test_every_type_is_listed():
    assert not KNOWN_TYPES - WORDS


def test_the_first_example_of_the_page_is_a_good_rule_set():
    first = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert first is not None
    assert {told.id for told in load_texts({"rules.toml": first[1]}).findings} <= {"no-examples"}
