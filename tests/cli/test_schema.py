"""The JSON Schema of rule files: shipped as a file, and held to what TOML editors check by."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from yzj_daemon.cli.schema import rule_files

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "yzj_daemon" / "rules" / "rules.schema.json"
EXAMPLE = (ROOT / "rules.example.toml").read_text("utf-8")
TAPLO = shutil.which("taplo", path=str(Path(sys.executable).parent))
GOOD = '[[rules]]\nid = "a"\nforward_to = ["R:1"]\nwhen = { everything = true }\n'

editor = pytest.mark.skipif(TAPLO is None, reason="taplo has no wheel for this machine")


def lint(toml: str) -> subprocess.CompletedProcess[str]:
    assert TAPLO is not None
    command = [TAPLO, "lint", "--no-auto-config", "--colors", "never", "--schema", SHIPPED.as_uri(), "-"]
    return subprocess.run(command, input=toml, capture_output=True, text=True, encoding="utf-8", check=False)


def recipes() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "cookbook.md").read_text("utf-8"), re.DOTALL)


def test_the_shipped_schema_is_what_the_command_prints(shell):
    assert shell("schema")[1] == SHIPPED.read_text("utf-8"), "make schema writes it anew"


def test_the_reference_is_what_the_command_prints(shell):
    assert shell("schema", "--markdown")[1] == (ROOT / "docs" / "reference.md").read_text("utf-8"), "make schema"


def test_the_reference_has_every_table_and_key():
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    schema = rule_files()
    tables = [schema, *schema["definitions"].values()]
    keys = {key for table in tables for key in table.get("properties", {})}
    assert not [key for key in keys if f"| `{key}` |" not in reference]


def test_every_key_is_described():
    schema = rule_files()
    tables = [schema, *schema["definitions"].values()]
    keys = [(name, key) for table in tables for name, key in table.get("properties", {}).items()]
    assert len(keys) > 50
    assert not [name for name, key in keys if not key.get("description")]


def test_it_stays_with_what_editors_understand():
    written = set(re.findall(r'"(\$?\w+)":', json.dumps(rule_files())))
    unknown = {"$defs", "prefixItems", "unevaluatedProperties", "dependentRequired", "if", "then", "const", "oneOf"}
    assert not written & unknown


@editor
def test_an_editor_has_nothing_to_say_of_the_example_file():
    done = lint(EXAMPLE)
    assert done.returncode == 0, done.stderr


@editor
@pytest.mark.parametrize("number", range(len(recipes())))
def test_an_editor_has_nothing_to_say_of_a_recipe(number):
    done = lint(recipes()[number])
    assert done.returncode == 0, done.stderr


@editor
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('contians = ["退款"]', "contians"),
        ('mode = "shaddow"', "shaddow"),
        ('delay = "soon"', "soon"),
        ("forward = []", "forward"),
        ('limit = "30"', "30"),
        ("[[rules.examples]]\nmessage = { txt = '' }\nexpect = 'match'", "txt"),
        ("[[rules.examples]]\nmessage = {}", "expect"),
        ("[windows.w]\nhour = ['09:00-10:00']", "hour"),
    ],
)
def test_an_editor_tells_what_is_wrong(wrong, told):
    assert lint(GOOD).returncode == 0
    done = lint(GOOD + wrong)
    assert done.returncode != 0
    assert told in done.stderr


@editor
def test_an_editor_tells_a_wrong_key_inside_a_condition():
    done = lint(GOOD.replace("{ everything = true }", '{ any = [{ not = { contain = ["x"] } }] }'))
    assert done.returncode != 0
    assert "contain" in done.stderr
