"""``schema``: the JSON Schema of rule files, which editors complete and check by."""

import json
from typing import Annotated, Any

import typer

from yzj_daemon.cli import output
from yzj_daemon.cli.words import both


def schema(
    markdown: Annotated[
        bool, typer.Option("--markdown", help=both("改为输出参考手册", "the reference for people instead"))
    ] = False,
) -> None:
    from yzj_daemon.cli import reference

    if markdown:
        output.line(reference.markdown(rule_files()).removesuffix("\n"))
    else:
        output.line(json.dumps(rule_files(), ensure_ascii=False, indent=2))


def rule_files() -> dict[str, Any]:
    """Draft 7, which TOML editors understand, with a description on every key."""
    from pydantic import create_model

    from yzj_daemon.rules import model

    rules = model.FileTable.model_fields["rules"]
    whole = create_model("RuleFile", __base__=model.FileTable, rules=(list[model.RuleTable], rules))
    made = whole.model_json_schema(ref_template="#/definitions/{model}", schema_generator=_generator())
    tables = made.pop("$defs")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **_plain(made),
        "title": "yzj-daemon rules",
        "definitions": {name: _plain(table) for name, table in tables.items()},
    }


def _generator() -> Any:
    from pydantic.json_schema import GenerateJsonSchema

    from yzj_daemon.rules.model import _listed

    class Spelled(GenerateJsonSchema):
        """Where one entry may stand without its brackets, both ways are described."""

        def function_before_schema(self, schema: Any) -> dict[str, Any]:
            told: dict[str, Any] = super().function_before_schema(schema)
            return {"anyOf": [told["items"], told]} if schema["function"]["function"] is _listed else told

    return Spelled


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    """Without what only Python sees: titles, null for a key that is left out, and a reference with neighbours.

    A date is any text: TOML has its own, whose offset may be left out, and ``date-time`` asks for one. A default that
    is computed with is not one that could be written: 0 is no duration.
    """
    told = {key: _inside(key, value) for key, value in node.items() if key not in {"title", "format"}}
    if told.get("default", ...) is None or (told.get("type") == "string" and not isinstance(told.get("default"), str)):
        told.pop("default", None)
    if "const" in told:  # the oldest editors know enum alone
        told["enum"] = [told.pop("const")]
    given = [choice for choice in told.pop("anyOf", ()) if choice != {"type": "null"}]
    told |= given[0] if len(given) == 1 else {"anyOf": given} if given else {}
    if "$ref" in told and len(told) > 1:
        told["allOf"] = [{"$ref": told.pop("$ref")}]
    return told


def _inside(key: str, value: Any) -> Any:
    match key:
        case "properties":
            return {name: _plain(inner) for name, inner in value.items()}
        case "anyOf":
            return [_plain(inner) for inner in value]
        case "items" | "additionalProperties" if isinstance(value, dict):
            return _plain(value)
        case _:
            return value
