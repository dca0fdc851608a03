"""What pydantic finds wrong in a table, in words for someone who has never programmed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from pydantic import ValidationError

from yzj_daemon.errors import Phrase
from yzj_daemon.rules import model
from yzj_daemon.rules.finding import Finding, shown
from yzj_daemon.rules.model import Table
from yzj_daemon.rules.names import closest
from yzj_daemon.rules.source import Path, Source

_INSIDE: Final[Mapping[tuple[type[Table], str], type[Table]]] = {
    (model.RuleTable, "when"): model.WhenTable,
    (model.RuleTable, "examples"): model.ExampleTable,
    (model.ExampleTable, "message"): model.ExampleMessage,
    (model.WhenTable, "all"): model.WhenTable,
    (model.WhenTable, "any"): model.WhenTable,
    (model.WhenTable, "not"): model.WhenTable,
    (model.WhenTable, "field"): model.FieldTable,
    (model.FileTable, "defaults"): model.DefaultsTable,
    (model.FileTable, "windows"): model.WindowTable,
}
"""Which table stands under which key of which table."""

_HOMES: Final[tuple[tuple[type[Table], str], ...]] = (
    (model.RuleTable, "[[rules]]"),
    (model.WhenTable, "[rules.when]"),
    (model.ItemsTable, "items = { … }"),
    (model.ExampleTable, "[[rules.examples]]"),
    (model.WindowTable, "[windows.…]"),
    (model.FileTable, ""),
)
"""Where a misplaced key belongs: the header it stands under; "": the top of the file."""

_choice = re.compile(r"'([^']*)'")

_WANTED: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("带引号的文字", "text in quotes"),
    "int_type": ("整数,不加引号", "a whole number without quotes"),
    "int_from_float": ("整数,不加引号", "a whole number without quotes"),
    "float_type": ("数字,不加引号", "a number without quotes"),
    "bool_type": ("true 或 false,不加引号", "true or false, without quotes"),
    "list_type": ("方括号里的列表", "a list in square brackets"),
    "dict_type": ("一个表", "a table"),
    "model_type": ("一个表", "a table"),
    "model_attributes_type": ("一个表", "a table"),
    "is_instance_of": ("日期加时间,不加引号", "a date and a time, without quotes"),
    "date_from_datetime_inexact": ("日期,不带时间", "a date without a time"),
}
"""Per type of pydantic's errors: what should stand there."""


def keys_of(table: type[Table]) -> tuple[str, ...]:
    """The keys as they are written in a file."""
    return tuple(field.alias or name for name, field in table.model_fields.items())


def findings(source: Source, base: Path, error: ValidationError, root: type[Table]) -> Iterator[Finding]:
    """One finding for each mistake. ``base`` is where the table stands that ``root`` describes."""
    for told in error.errors(include_url=False):
        where = tuple(part for part in told["loc"] if part != "[key]")
        yield _finding(source, (*base, *where), told, _holder(root, where))


def _holder(root: type[Table], where: Path) -> type[Table]:
    """The table that holds the key at the end of ``where``."""
    table = root
    for part in where[:-1]:
        if isinstance(part, str):
            table = _INSIDE.get((table, part), table)
    return table


def _finding(source: Source, path: Path, told: Mapping[str, Any], holder: type[Table]) -> Finding:
    kind, value, ctx = told["type"], told["input"], told.get("ctx", {})
    if "zh" in ctx:
        return source.finding("error", kind, path, _said(path, ctx["zh"], ctx["en"]), brief(value), ctx["hint"] or None)
    if kind == "extra_forbidden":
        return _unknown_key(source, path, holder)
    if kind == "missing":
        return _missing(source, path)
    if kind == "literal_error":
        return _bad_choice(source, path, value, ctx["expected"])
    if kind in _WANTED:
        return _wrong_type(source, path, kind, value)
    return _bounds(source, path, told)


def _unknown_key(source: Source, path: Path, holder: type[Table]) -> Finding:
    key = shown(path[-1])
    message = Phrase(f"不认识的键“{key}”", f'unknown key "{key}"')
    known = keys_of(holder)
    home = next((header for table, header in _HOMES if table is not holder and key in keys_of(table)), None)
    meant = closest(key, known)
    suggestion: Phrase
    if home is not None:
        place = Phrase(f"“{home}”下面", f'under "{home}"') if home else Phrase("文件开头", "at the top of the file")
        suggestion = Phrase(
            f"它应该写在{place.zh};一行写在哪个方括号标题下面,就属于哪个表",
            f"it belongs {place.en}; a line belongs to the header in brackets above it",
        )
    elif meant:
        suggestion = did_you_mean(meant)
    else:
        suggestion = Phrase(f"这里可以写:{'、'.join(known)}", f"here may stand: {', '.join(known)}")
    return source.finding("error", "unknown-key", path, message, key, suggestion)


def _missing(source: Source, path: Path) -> Finding:
    key = path[-1]
    return source.finding(
        "error", "missing-key", path[:-1], Phrase(f"缺少“{key}”", f'"{key}" is missing'), key, _MISSING.get(str(key))
    )


_MISSING: Final = {
    "id": Phrase('给规则起个名字,例如 id = "refund"', 'name the rule, such as id = "refund"'),
    "when": Phrase(
        '用 [rules.when] 写条件,例如 contains = ["退款"]', 'write a condition: [rules.when] contains = ["refund"]'
    ),
    "forward_to": Phrase(
        '写转发到哪里,例如 forward_to = ["运营群"];要写在 [rules.when] 上面',
        'say where to, such as forward_to = ["ops"]; it stands above [rules.when]',
    ),
    "expect": Phrase('expect = "match" 或 "no-match"', 'expect = "match" or "no-match"'),
}


def _bad_choice(source: Source, path: Path, value: Any, expected: str) -> Finding:
    allowed = _choice.findall(expected)
    meant = closest(value, allowed) if isinstance(value, str) else ""
    message = _said(path, f"只能是 {'、'.join(allowed)} 之一", f"must be one of {', '.join(allowed)}")
    return source.finding("error", "bad-choice", path, message, brief(value), did_you_mean(meant) if meant else None)


def _wrong_type(source: Source, path: Path, kind: str, value: Any) -> Finding:
    zh, en = _WANTED[kind]
    message = _said(path, f"应该是{zh},现在是{_kind(value).zh}", f"must be {en}, and is {_kind(value).en}")
    return source.finding("error", "wrong-type", path, message, brief(value), _rewritten(path, kind, value))


def _rewritten(path: Path, kind: str, value: Any) -> Phrase | str | None:
    """The value as it should probably be written."""
    if path == ("rules",):
        return Phrase("规则的标题要用两层方括号:[[rules]]", "a rule's header has two pairs of brackets: [[rules]]")
    match kind, value:
        case "list_type", str():
            return f'{path[-1]} = ["{shown(value)}"]'
        case "list_type", bool() | int() | float():
            return f'{path[-1]} = ["{brief(value)}"]'
        case "string_type", int() | float():
            return f'"{brief(value)}"'
        case "bool_type", str() if value.lower() in {"true", "false"}:
            return f"{path[-1]} = {value.lower()}"
        case "int_type" | "float_type", str() if re.fullmatch(r"-?\d{1,20}", value):
            return f"{path[-1]} = {value}"
        case "is_instance_of", _:
            return f"{path[-1]} = 2026-03-02T10:00:00"
        case _:
            return None


def _bounds(source: Source, path: Path, told: Mapping[str, Any]) -> Finding:
    ctx = told.get("ctx", {})
    match told["type"]:
        case "too_short":
            id_, message = "empty-list", _said(path, "是空的列表,至少写一项", "is an empty list; write an entry")
        case "string_too_short":
            id_, message = "empty-text", _said(path, "是空的", "is empty")
        case "too_long":
            id_ = "too-many"
            message = _said(path, f"超过 {ctx['max_length']} 项", f"has more than {ctx['max_length']} entries")
        case "string_too_long":
            id_ = "too-long"
            message = _said(path, f"超过 {ctx['max_length']} 个字", f"has more than {ctx['max_length']} characters")
        case "greater_than_equal":
            id_, message = "out-of-range", _said(path, f"不能小于 {ctx['ge']}", f"must be at least {ctx['ge']}")
        case "less_than_equal":
            id_, message = "out-of-range", _said(path, f"不能大于 {ctx['le']}", f"must be at most {ctx['le']}")
        case _:
            id_, message = "wrong-type", _said(path, f"写法不对:{told['msg']}", f"is not right: {told['msg']}")
    return source.finding("error", id_, path, message, brief(told["input"]))


def did_you_mean(word: str) -> Phrase:
    return Phrase(f"是不是想写“{word}”?", f'did you mean "{word}"?')


def brief(value: Any) -> str:
    """A value as it is written, where that is short enough to be told."""
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    return shown(value)


def _said(path: Path, zh: str, en: str) -> Phrase:
    """The sentence, with the key it speaks of before it."""
    key = key_of(path)
    return Phrase(f"{key}:{zh}", f"{key}: {en}") if key else Phrase(zh, en)


def key_of(path: Iterable[str | int]) -> str:
    """The last key of a path: an entry of a list is spoken of by the list's key."""
    return next((part for part in reversed(tuple(path)) if isinstance(part, str)), "")


def _kind(value: Any) -> Phrase:
    match value:
        case bool():
            return Phrase("true/false", "true or false")
        case str():
            return Phrase("文字", "text")
        case int() | float():
            return Phrase("数字", "a number")
        case list():
            return Phrase("列表", "a list")
        case dict():
            return Phrase("表", "a table")
        case datetime():
            return Phrase("日期加时间", "a date and a time")
        case date():
            return Phrase("日期,不带时间", "a date without a time")
        case time():
            return Phrase("时间,不带日期", "a time without a date")
        case _:
            return Phrase("别的东西", "something else")
