"""One rule file as tables: what is right in it, and every mistake that shows in the file alone."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from yzj_daemon.errors import Phrase
from yzj_daemon.rules import mistakes
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.model import FileTable, RuleTable
from yzj_daemon.rules.source import Path, Source

MAX_NESTING: Final = 100
"""Tables and lists inside one another, over a whole file."""

MAX_CONDITIONS: Final = 20
"""``all``, ``any`` and ``not`` inside one another."""

MAX_INTEGER: Final = 2**63
"""TOML's numbers have 64 bits."""

_ENTRIES: Final = ("names", "lists", "windows")
"""Tables whose entries stand on their own: a bad one does not make the others unknown."""


class RuleEntry(msgspec.Struct, frozen=True):
    """One ``[[rules]]``: as written, and as a table if nothing is wrong with it."""

    source: Source
    path: Path
    raw: dict[str, Any]
    table: RuleTable | None


class Tables(msgspec.Struct, frozen=True):
    """``head``: all but the rules, without what is wrong in it. ``spoiled``: names of wrong entries, per table.

    ``legible``: whether every name, list and window that it defines is in one of the two.
    """

    source: Source
    head: FileTable
    spoiled: tuple[tuple[str, str], ...]
    rules: tuple[RuleEntry, ...]
    findings: tuple[Finding, ...]
    legible: bool = True


def read(source: Source) -> Tables:
    """Every mistake of the file at once; rules are read one by one."""
    findings = list(_shape(source))
    if findings:
        return Tables(source, FileTable(), (), (), tuple(findings), legible=False)
    listed = source.tree.get("rules", [])
    rules = [
        _rule(source, ("rules", place), raw, findings)
        for place, raw in enumerate(listed if isinstance(listed, list) else [])
        if isinstance(raw, dict)
    ]
    head, spoiled = _head(source, findings)
    legible = all(isinstance(source.tree.get(table, {}), dict) for table in _ENTRIES)
    return Tables(source, head, spoiled, tuple(rules), tuple(findings), legible)


def _shape(source: Source) -> Iterator[Finding]:
    """What keeps a file from being looked at further."""
    if source.broken is not None:
        yield source.broken
    elif not source.tree:
        yield source.finding("error", "empty-file", (), Phrase("文件是空的", "the file is empty"))
    if not _odd(source.tree):
        return
    waiting: list[tuple[Path, Any]] = [((), source.tree)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict | list):
            if len(path) > MAX_NESTING:
                yield _too_deep(source, path[:MAX_CONDITIONS], MAX_NESTING)
                return
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend(((*path, key), each) for key, each in inner)
        elif type(value) is int and not -MAX_INTEGER <= value < MAX_INTEGER:
            message = Phrase("数字太大;id 要写在引号里", "too big a number; ids are written in quotes")
            said = str(value) if value.bit_length() <= 1_000 else ""  # int refuses to print thousands of digits
            yield source.finding("error", "number-too-big", path, message, said)


def _odd(tree: dict[str, Any]) -> bool:
    """Whether anything in it is nested too deep or too big a number: without its place, which takes longer to tell."""
    level: list[Any] = [tree]
    for _ in range(MAX_NESTING + 1):
        inner: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is dict:
                inner.extend(value.values())
            elif kind is list:
                inner.extend(value)
            elif kind is int and not -MAX_INTEGER <= value < MAX_INTEGER:
                return True
        if not inner:
            return False
        level = inner
    return True


def _too_deep(source: Source, path: Path, limit: int) -> Finding:
    return source.finding(
        "error", "too-deep", path, Phrase(f"嵌套超过 {limit} 层", f"nested more than {limit} levels deep")
    )


def _rule(source: Source, path: Path, raw: dict[str, Any], findings: list[Finding]) -> RuleEntry:
    deep = _deepest(raw.get("when"))
    if deep is not None:
        findings.append(_too_deep(source, (*path, "when", *deep), MAX_CONDITIONS))
        return RuleEntry(source, path, {key: value for key, value in raw.items() if key != "when"}, None)
    return RuleEntry(source, path, raw, _validated(source, path, raw, findings))


def _deepest(when: Any) -> Path | None:
    """Where conditions nest too deep."""
    waiting: list[tuple[Path, Any, int]] = [((), when, 0)]
    while waiting:
        path, table, depth = waiting.pop()
        if not isinstance(table, dict):
            continue
        if depth > MAX_CONDITIONS:
            return path
        waiting.extend((below, inner, depth + 1) for below, inner in nested(path, table))
    return None


def nested(path: Path, table: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The conditions directly inside a condition, as written."""
    for key in ("all", "any"):
        inner = table.get(key)
        if isinstance(inner, list):
            yield from (((*path, key, place), each) for place, each in enumerate(inner))
    if "not" in table:
        yield (*path, "not"), table["not"]
    items = table.get("items")
    if isinstance(items, dict):
        yield from (((*path, "items", key), items[key]) for key in ("any", "all") if key in items)


def conditions(path: Path, when: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A condition and all inside it, as written."""
    if isinstance(when, dict):
        yield path, when
        for place, inner in nested(path, when):
            yield from conditions(place, inner)


def _validated(source: Source, path: Path, raw: dict[str, Any], findings: list[Finding]) -> RuleTable | None:
    try:
        return RuleTable.model_validate(raw)
    except ValidationError as error:
        findings.extend(mistakes.findings(source, path, error, RuleTable))
        return None


def _head(source: Source, findings: list[Finding]) -> tuple[FileTable, tuple[tuple[str, str], ...]]:
    tree = dict(source.tree)
    try:
        return FileTable.model_validate(tree), ()
    except ValidationError as error:
        findings.extend(mistakes.findings(source, (), error, FileTable))
        wrong = [tuple(told["loc"]) for told in error.errors(include_url=False)]
    spoiled = tuple((str(loc[0]), str(loc[1])) for loc in wrong if len(loc) > 1 and loc[0] in _ENTRIES)
    for loc in wrong:
        if len(loc) == 1 or loc[0] not in _ENTRIES:
            tree.pop(str(loc[0]), None)
    for table, name in spoiled:
        tree[table] = {key: value for key, value in tree.get(table, {}).items() if key != name}
    return FileTable.model_validate(tree), spoiled
