"""Nothing the console says is missing, in either language."""

import re
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import nodes

import yzj_daemon.console
from yzj_daemon.console.look import templates
from yzj_daemon.console.nav import NAV
from yzj_daemon.console.pages.ordering import VERBS
from yzj_daemon.console.words import PARTS, WORDS
from yzj_daemon.message import KNOWN_TYPES

HERE = Path(yzj_daemon.console.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
OTHERWISE = frozenset({"no_time", "tree.and"})
"""Said the same way in both languages."""


def prefixes() -> set[str]:
    """Names of which templates add the end: ``t("account." ~ state)``."""
    found = set()
    for name in templates().list_templates():
        for call in _calls(name):
            match call.args[0]:
                case nodes.Concat(nodes=[nodes.Const(value=str(begins)), *_]):
                    found.add(begins)
    return found


def _calls(template: str) -> list[nodes.Call]:
    source = (HERE / "templates" / template).read_text("utf-8")
    parsed = templates().parse(source)
    return [call for call in parsed.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.node.name == "t"]


def said_by_templates() -> set[str]:
    return {
        call.args[0].value
        for name in templates().list_templates()
        for call in _calls(name)
        if isinstance(call.args[0], nodes.Const)
    }


def said_by_code() -> set[str]:
    """Every text in the console's code that looks like the name of a word."""
    quoted = re.compile(r'"([a-z][a-z_]*(?:\.[a-z_]+)+)"')
    files = [file for file in HERE.rglob("*.py") if "words" not in file.parts]
    return {name for file in files for name in quoted.findall(file.read_text("utf-8"))}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_every_word_is_said_in_both_languages(name: str) -> None:
    word = WORDS[name]
    assert word.zh.strip()
    assert word.en.strip()
    assert fields(word.zh) == fields(word.en)
    if name not in OTHERWISE and not name.startswith("lang."):
        assert CHINESE.search(word.zh)
        assert not CHINESE.search(word.en)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_whatever_a_template_says_is_in_the_catalogue() -> None:
    assert said_by_templates() <= WORDS.keys()
    assert all(any(name.startswith(begins) for name in WORDS) for begins in prefixes())


def test_whatever_the_code_says_is_in_the_catalogue() -> None:
    events = {"console.failed", "console.login", "console.login_refused"}
    parts = {part.__name__.rpartition(".")[2] for part in PARTS} | {"entrance", "live", "error"}
    named = {name for name in said_by_code() if name.partition(".")[0] in parts}
    assert {name for name in named - events if not name.endswith(".html")} <= WORDS.keys()


@pytest.mark.parametrize(
    "verb", [*VERBS, "mute", "unmute", "replay", "rules", "rollback", "publish", "withdraw", "doctor"]
)
def test_whatever_the_audit_trail_tells_has_a_word(verb: str) -> None:
    assert f"verb.{verb}" in WORDS


def test_whatever_the_platform_sends_has_a_word() -> None:
    assert {f"type.{type_}" for type_ in KNOWN_TYPES} <= WORDS.keys()


def test_every_page_has_a_name() -> None:
    assert {place.name for place in NAV} <= WORDS.keys()


def test_nothing_is_kept_that_nobody_says() -> None:
    said = said_by_templates() | said_by_code() | {place.name for place in NAV}
    begins = tuple(prefixes())
    shared = (
        "because.",
        "decision.",
        "state.",
        "filter",
        "more",
        "cancel",
        "confirm",
        "day",
        "hour",
        "minute",
        "second",
        "timeline.",
        "type.",
        "verb.",
        "what.",
    )
    assert {name for name in WORDS if name not in said and not name.startswith((*begins, *shared, "no_time"))} == set()
