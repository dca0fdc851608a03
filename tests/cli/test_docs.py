"""What the documents say is so: commands and their options exist, settings, metrics and files have these names, and
nothing that there is goes without a word."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from yzj_daemon.cli import line, manual
from yzj_daemon.cli.commands import program
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.settings.meanings import MEANINGS
from yzj_daemon.settings.meanings import SECTIONS as TITLES
from yzj_daemon.settings.mistakes import variable_of
from yzj_daemon.settings.model import FIELDS, SECTIONS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
CODE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PROMPT = re.compile(r"^(\$|#|sudo(\s+-u\s+\S+)?|[A-Z_]+=\S+)\s+")
SHELL = frozenset({"console", "sh", "bash", "shell", "text", ""})
END = re.compile(r"\s(\||>|<|&&|;|#|\\$|…|\.\.\.|→|=>)")


def commands(command, path=()):
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


TREE = dict(commands(typer.main.get_command(program())))
ALIKE = {variable_of(name): name for name in FIELDS}


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def lines_of(page: Path) -> Iterator[str]:
    """Every line that calls the program: in blocks, and in the running text."""
    text = text_of(page)
    for kind, block in CODE.findall(text):
        if kind in SHELL:
            yield from block.replace("\\\n", " ").splitlines()
    yield from INLINE.findall(CODE.sub("", text))


def calls(page: Path, program: str) -> Iterator[list[str]]:
    for written in lines_of(page):
        called = written.strip()
        while found := PROMPT.match(called):
            called = called[found.end() :]
        called = re.sub(r"^\S*/" + program, program, called)
        if called.split(" ", 1)[0] == program:
            called = END.split(called + " ", maxsplit=1)[0]
            yield shlex.split(called.replace("'", "\\'") if called.count("'") % 2 else called)[1:]


def wrong(words: list[str]) -> str:
    """What of a command line is not so; "" when all of it is."""
    words = list(line.Line.of(words).others)
    if not words or words[0].startswith("-"):
        return "" if set(words) <= {"--help"} else f"no command in {words}"
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    path: tuple[str, ...] = ()
    for word in words:
        if (*path, word) in TREE:
            path = (*path, word)
        elif path and not getattr(TREE[path], "commands", None):
            break
        elif "|" in word:  # several at once: accounts list|show
            return next((told for one in word.split("|") if (told := wrong([*path, one]))), "")
        else:
            return f"no command {' '.join((*path, word))}"
    known = {name for param in TREE[path].params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
    return " ".join(f"no option {option} of {' '.join(path)}" for option in options if option not in known)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_shown_exists_with_its_options(page):
    assert [told for words in calls(page, "yzj-daemon") if (told := wrong(words))] == []


def test_the_walk_finds_commands_and_mistakes():
    found = [words for page in PAGES for words in calls(page, "yzj-daemon")]
    assert len(found) > 50
    assert wrong(["mesages", "list"]) == "no command mesages"
    assert wrong(["messages", "lst"]) == "no command messages lst"
    assert wrong(["messages", "list", "--acount", "x"]) == "no option --acount of messages list"
    assert wrong(["--config", "x", "chats", "list|serch"]) == "no command chats serch"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_of_make_that_is_shown_exists(page):
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    asked = {word for words in calls(page, "make") for word in words if re.fullmatch(r"[a-z]+", word)}
    assert asked <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_is_named_exists(page):
    sections = {name.partition(".")[0] for name in SECTIONS}
    named = {name for name in INLINE.findall(text_of(page)) if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name)}
    settings = {name for name in named if name.partition(".")[0] in sections and name not in EVENTS}
    settings -= {name for name in settings if name.endswith((".toml", ".md", ".db", ".service", ".socket"))}
    variables = set(re.findall(r"\bYZJ_[A-Z_]*__[A-Z_]+\b", text_of(page)))
    assert settings <= FIELDS.keys() | SECTIONS
    assert variables <= ALIKE.keys()


EVENTS = frozenset(
    name
    for pattern, folder in ((r'log\.\w+\(\s*"([a-z_]+\.[a-z_]+)"', ""), (r'"([a-z_]+\.[a-z_]+)"', "doctor"))
    for source in (ROOT / "yzj_daemon" / folder).rglob("*.py")
    for name in re.findall(pattern, source.read_text("utf-8"))
)
"""Names of log lines and of the doctor's questions look like settings: ``rules.reloaded``, ``pull.rows``."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_is_linked_exists(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", CODE.sub("", text_of(page)))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", manual.PAGES)
def test_a_page_that_is_made_of_the_program_is_what_the_program_makes(name):
    assert text_of(ROOT / "docs" / f"{name}.md") == manual.PAGES[name](), "make docs writes it anew"


def test_every_setting_has_its_meaning_and_its_place():
    assert MEANINGS.keys() == FIELDS.keys(), "yzj_daemon/settings/meanings.py"
    assert TITLES.keys() == {name.partition(".")[0] for name in FIELDS}
    page = text_of(ROOT / "docs" / "settings.md")
    assert [name for name in FIELDS if f"| `{name}`" not in page] == []


def test_every_command_is_in_its_page():
    page = text_of(ROOT / "docs" / "commands.md")
    leaves = [path for path, command in TREE.items() if path and not getattr(command, "commands", None)]
    assert len(leaves) > 20
    assert [path for path in leaves if not TREE[path].hidden and f"`yzj-daemon {' '.join(path)}" not in page] == []


def test_every_metric_is_explained_and_no_other():
    page = text_of(ROOT / "docs" / "metrics.md")
    there = set(re.findall(r"^# TYPE (yzj_\S+)", Metrics("1").render().decode(), re.MULTILINE))
    told = set(re.findall(r"^\| `(yzj_\w+)", page, re.MULTILINE))
    assert there == told
