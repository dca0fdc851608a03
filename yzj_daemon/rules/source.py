"""One rule file: its text, what TOML makes of it, and where each key stands."""

import re
import tomllib
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, Literal

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from yzj_daemon.errors import Phrase
from yzj_daemon.rules.finding import Finding, shown

Path = tuple[str | int, ...]
"""Keys and list places from the top of a file: ``("rules", 0, "when", "contains", 1)``."""

_TOML: Final = Language(tree_sitter_toml.language())
_comments = re.compile(rb"(?:\n[ \t]*#[^\n]*)+(?=\n[ \t\r]*(?:\n|$)|\n?$)")
_at = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


class Source:
    """``name`` is how the file is spoken of. ``tree`` is empty, and ``broken`` set, when it is no TOML."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.broken: Finding | None = None
        self.tree: dict[str, Any] = {}
        try:
            self.tree = tomllib.loads(text)
        except ValueError as error:  # TOMLDecodeError, and what int() says of a number with thousands of digits
            self.broken = self._syntax(str(error))
        except RecursionError:
            self.broken = self._unplaced(Phrase("嵌套太深,无法读取", "nested too deep to be read"))

    def finding(
        self,
        level: Literal["error", "warning"],
        id: str,  # noqa: A002 - the field's name
        path: Path,
        message: Phrase,
        value: Any = "",
        suggestion: Phrase | str | None = None,
    ) -> Finding:
        """A finding at the key or list entry that ``path`` leads to, or at the nearest table around it."""
        line, column = self.place(path)
        return Finding(
            level=level,
            id=id,
            file=self.name,
            line=line,
            column=column,
            message=message,
            value=shown(value),
            suggestion=suggestion,
        )

    def place(self, path: Path) -> tuple[int, int]:
        """1-based line and column, in characters."""
        for length in range(len(path), 0, -1):
            node = self._node(path[:length])
            if node is not None:
                return node.start_point.row + 1, self._column(node)
        return 1, 1

    def section(self, path: Path) -> tuple[Path, int, int] | None:
        """The last header at or below ``path``: its own path, and the bytes from its brackets to its last line's end.

        Comments right below the last key belong to it, unless the next header follows on them. None where no header
        leads there: the table is written inline.
        """
        below = [(here, node) for here, node in self._tables.items() if here[: len(path)] == path]
        if not below:
            return None
        here, node = max(below, key=lambda entry: entry[1].start_byte)
        last = [child for child in node.named_children if child.type != "comment"][-1]
        line = self._bytes.find(b"\n", last.end_byte)
        end = len(self._bytes) if line < 0 else line
        comments = _comments.match(self._bytes, end)
        return here, node.start_byte, comments.end() if comments else end

    def span(self, path: Path) -> tuple[int, int] | None:
        """The bytes of the key or list entry that ``path`` leads to; None where there is none."""
        node = self._node(path)
        return None if node is None else (node.start_byte, node.end_byte)

    def value_span(self, path: Path) -> tuple[int, int] | None:
        """The bytes of the value that stands behind the key that ``path`` leads to; None where there is none."""
        node = self._node(path)
        pair = None if node is None else node.parent
        if pair is None or pair.type != "pair":
            return None
        value = pair.named_children[1]
        return value.start_byte, value.end_byte

    def _column(self, node: Node) -> int:
        line = self._bytes[node.start_byte - node.start_point.column : node.start_byte]
        return len(line.decode(errors="replace")) + 1

    def _node(self, path: Path) -> Node | None:
        if path in self._tables:
            return self._tables[path]
        for length in range(len(path) - 1, -1, -1):
            if path[:length] in self._tables or not length:
                inner = self._inner(path[:length])
                if path in inner:
                    return inner[path]
        return self._implied.get(path)

    @cached_property
    def _bytes(self) -> bytes:
        return self.text.encode()

    @cached_property
    def _root(self) -> Node:
        return Parser(_TOML).parse(self._bytes).root_node

    @cached_property
    def _tables(self) -> dict[Path, Node]:
        """Every ``[table]`` and ``[[table]]`` by its full path."""
        tables: dict[Path, Node] = {}
        counts: dict[Path, int] = {}
        for node in self._root.children:
            if node.type in {"table", "table_array_element"}:
                path = _full(_keys(node.named_children[0]), counts, grows=node.type == "table_array_element")
                tables[path] = node
        return tables

    @cached_property
    def _implied(self) -> dict[Path, Node]:
        """What has no header of its own but stands in those of its children: by the first of them."""
        implied: dict[Path, Node] = {}
        for path, node in self._tables.items():
            for length in range(1, len(path)):
                implied.setdefault(path[:length], node)
        return implied

    def _inner(self, table: Path) -> dict[Path, Node]:
        """All keys and list entries that are written in one table, made when first asked for."""
        if table not in self._inners:
            node = self._tables[table] if table else self._root
            self._inners[table] = dict(_pairs(node, table))
        return self._inners[table]

    @cached_property
    def _inners(self) -> dict[Path, dict[Path, Node]]:
        return {}

    def _syntax(self, said: str) -> Finding:
        found = _at.search(said)
        line, column = (int(found[1]), int(found[2])) if found and found[1] else self._end()
        what = _at.sub("", said)
        return Finding(
            level="error",
            id="toml-syntax",
            file=self.name,
            line=line,
            column=column,
            message=Phrase(f"不是合法的 TOML:{what}", f"not valid TOML: {what}"),
            value=shown(self._line(line)),
            suggestion=_SYNTAX_HINT,
        )

    def _unplaced(self, message: Phrase) -> Finding:
        return Finding(level="error", id="too-deep", file=self.name, line=1, column=1, message=message)

    def _end(self) -> tuple[int, int]:
        lines = self.text.split("\n")
        return len(lines), len(lines[-1]) + 1

    def _line(self, number: int) -> str:
        lines = self.text.split("\n")
        return lines[number - 1].strip() if number <= len(lines) else ""


_SYNTAX_HINT: Final = Phrase(
    "检查这一行的引号、方括号和等号;中文引号“”不能代替英文引号",
    "look at the quotes, brackets and the equals sign of this line; curly quotes are not quotes",
)


def _pairs(node: Node, base: Path) -> Iterator[tuple[Path, Node]]:
    """Keys under ``node`` with their nodes: for a pair the key's, for a list entry the value's."""
    waiting = [(node, base)]
    while waiting:
        holder, path = waiting.pop()
        for pair in holder.named_children:
            if pair.type != "pair":
                continue
            key, value = pair.named_children[0], pair.named_children[1]
            keys = _keys(key)
            inner = (*path, *keys)
            for length in range(1, len(keys) + 1):
                yield (*path, *keys[:length]), key
            waiting.extend(_containers(value, inner))
            yield from _entries(value, inner)


def _containers(value: Node, path: Path) -> Iterator[tuple[Node, Path]]:
    """Inline tables in a value, also as list entries."""
    waiting = [(value, path)]
    while waiting:
        node, here = waiting.pop()
        if node.type == "inline_table":
            yield node, here
        elif node.type == "array":
            waiting.extend((entry, (*here, place)) for place, entry in enumerate(_values(node)))


def _entries(value: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    waiting = [(value, path)]
    while waiting:
        node, here = waiting.pop()
        if node.type == "array":
            for place, entry in enumerate(_values(node)):
                yield (*here, place), entry
                waiting.append((entry, (*here, place)))


def _values(array: Node) -> Iterator[Node]:
    return (entry for entry in array.named_children if entry.type != "comment")


def _keys(node: Node) -> tuple[str, ...]:
    keys: list[str] = []
    waiting = [node]  # dotted keys nest by their length
    while waiting:
        here = waiting.pop()
        if here.type == "dotted_key":
            waiting.extend(reversed(here.named_children))
        else:
            keys.append(_key(here))
    return tuple(keys)


def _key(node: Node) -> str:
    text = (node.text or b"").decode()
    if node.type != "quoted_key":
        return text
    return next(iter(tomllib.loads(f"{text} = 0"))) if "\\" in text else text[1:-1]


def _full(keys: tuple[str, ...], counts: dict[Path, int], *, grows: bool) -> Path:
    """A header's keys with the places of the lists that they run through."""
    path: Path = ()
    for key in keys[:-1]:
        path = (*path, key)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, keys[-1])
    if not grows:
        return path
    counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path])
