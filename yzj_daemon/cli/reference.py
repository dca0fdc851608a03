"""The reference of the rule language, made from the same tables that the loader reads by: docs/reference.md."""

import json
from collections.abc import Iterator
from typing import Any, Final

_HEADS: Final = (
    ("", "文件 / the file"),
    ("WindowTable", "[windows.…]"),
    ("DefaultsTable", "[defaults]"),
    ("RuleTable", "[[rules]]"),
    ("WhenTable", "[rules.when]"),
    ("FieldTable", "field = [{ … }]"),
    ("ItemsTable", "items = { … }"),
    ("ExampleTable", "[[rules.examples]]"),
    ("ExampleMessage", "message = { … }"),
)
"""Tables of the schema, and how their headers are written; "": the top of a file."""

_KINDS: Final = {
    "string": "文字 text",
    "integer": "整数 whole number",
    "number": "数字 number",
    "boolean": "true / false",
    "object": "表 table",
}


def markdown(schema: dict[str, Any]) -> str:
    """``schema`` as :func:`yzj_daemon.cli.schema.rule_files` makes it."""
    lines = [
        "# 规则语言参考 / Reference of the rule language",
        "",
        "由程序生成(`make schema`),和加载规则时用的是同一份表。",
        "怎么用见 [rules.md](rules.md) 和 [cookbook.md](cookbook.md)。",
        "Made from the program (`make schema`), from the very tables that rules are loaded by.",
    ]
    for name, head in _HEADS:
        table = schema["definitions"][name] if name else schema
        lines += ["", f"## {head if not name else f'`{head}`'}", "", *_table(table)]
    return "\n".join(lines) + "\n"


def _table(table: dict[str, Any]) -> Iterator[str]:
    yield "| 键 / key | 写法 / written as | 默认 / default | 意思 | meaning |"
    yield "|---|---|---|---|---|"
    required = table.get("required", ())
    for key, said in table["properties"].items():
        zh, _, en = said.get("description", "").partition(" / ")
        default = "必填 required" if key in required else _default(said)
        yield " | ".join((f"| `{key}`", _kind(said), default, _cell(zh), f"{_cell(en)} |"))


def _default(said: dict[str, Any]) -> str:
    default = said.get("default")
    return (
        "" if default in (None, "", []) or isinstance(default, dict) else f"`{json.dumps(default, ensure_ascii=False)}`"
    )


def _kind(said: dict[str, Any]) -> str:
    if "enum" in said:
        return _cell(" | ".join(f"`{json.dumps(word, ensure_ascii=False)}`" for word in said["enum"]))
    if choices := said.get("anyOf", said.get("allOf")):
        return " / ".join(dict.fromkeys(_kind(choice) for choice in choices))
    if "$ref" in said:
        return "表 table"
    if said.get("type") == "array":
        inner = _kind(said["items"]) if said.get("items") else "任意 any"
        return f"列表 list: {inner}"
    return _KINDS.get(said.get("type", ""), "任意 any")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
