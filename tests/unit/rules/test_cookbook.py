"""Every recipe of docs/cookbook.md is a whole rule file that loads, says what it is for, and keeps to it."""

import re
from pathlib import Path

import pytest

from yzj_daemon.rules import examples
from yzj_daemon.rules.load import load_texts
from yzj_daemon.yzj import payloads

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "cookbook.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE))
TOML = {heading: "".join(re.findall(r"```toml\n(.*?)```", body, re.DOTALL)) for heading, body in RECIPES.items()}

each = pytest.mark.parametrize("heading", RECIPES)


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_there_are_enough_of_them():
    assert len(RECIPES) >= 20


@each
def test_a_recipe_speaks_both_languages(heading):
    zh, _, en = heading.partition(" / ")
    words = re.sub(r"```.*?```", "", RECIPES[heading], flags=re.DOTALL)
    assert re.search("[\u4e00-\u9fff]", zh)
    assert en.isascii()
    assert re.search("[\u4e00-\u9fff]{4}", words)
    assert re.search(r"[a-z]+ [a-z]+ [a-z]+ [a-z]+", words)


@each
def test_a_recipe_loads_and_nothing_is_to_be_said_of_it(heading):
    told = load_texts({"rules.toml": TOML[heading]})
    assert told.ruleset is not None, [finding.to("en") for finding in told.findings]
    assert told.findings == (), [finding.to("en") for finding in told.findings]


@each
def test_a_recipe_keeps_what_its_examples_promise(heading):
    loaded = load_texts({"rules.toml": TOML[heading]})
    assert loaded.ruleset is not None
    assert {example.rule for example in loaded.examples} == {rule.id for rule in loaded.ruleset.rules}
    assert {example.expect for example in loaded.examples} == {"match", "no-match"}
    assert not [result.finding().to("en") for result in examples.run(loaded, payloads.split) if not result.passed]


def test_the_contents_lead_to_every_recipe():
    assert set(re.findall(r"\]\(#(.+?)\)", PAGE)) == {anchor(heading) for heading in RECIPES}


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "docs/rules.md"])
def test_the_page_is_found_from_others(page):
    assert "cookbook.md)" in (ROOT / page).read_text("utf-8")
