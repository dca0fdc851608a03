"""What the language has is described, and what is told is explained."""

import re
from pathlib import Path

import pytest

from yzj_daemon.message import KNOWN_TYPES
from yzj_daemon.rules import model
from yzj_daemon.rules.finding import ERRORS, WARNINGS
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.mistakes import keys_of

DOCS = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")
WORDS = set(re.findall(r"[A-Za-z][A-Za-z0-9_-]*", DOCS))

TABLES = (
    model.FileTable,
    model.RuleTable,
    model.WhenTable,
    model.FieldTable,
    model.WindowTable,
    model.ExampleTable,
    model.ExampleMessage,
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_of_the_language_is_described(table):
    assert not set(keys_of(table)) - WORDS


def test_every_finding_is_explained():
    assert not [told for told in ERRORS | WARNINGS if f"`{told}`" not in DOCS]


def test_every_type_is_listed():
    assert not KNOWN_TYPES - WORDS


def test_the_first_example_of_the_page_is_a_good_rule_set():
    first = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert first is not None
    assert load_texts({"rules.toml": first[1]}).findings == ()
