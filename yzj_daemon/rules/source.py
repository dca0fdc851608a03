"""One rule file: its text, what TOML makes of it, and where each key stands."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from yzj_daemon.errors import Phrase
from yzj_daemon.rules import headers
from yzj_daemon.rules.finding import Finding, shown

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Path = tuple[str | int, ...]
"""Keys and list places from the top of a file: ``("rules", 0, "when", "contains", 1)``."""

OPEN: Final = 16
"""Tables whose keys' places are remembered: whoever asks for one asks for its neighbours."""

_comments = re.compile(rb"(?:\n[ \t]*#[^\n]*)+(?=\n[ \t\r]*(?:\n|$)|\n?$)")
_at = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


class Section(NamedTuple):
    """A table from its header's first byte to where the next header begins. ``line``: the header's."""

    start: int
    end: int
    line: int


class Written(NamedTuple):
    """A key or a list entry in bytes. ``value``: those of what stands behind a key; None for an entry, or a header."""

    start: int
    end: int
    line: int
    value: tuple[int, int] | None = None


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
            found = self._written(path[:length])
            if found is not None:
                return found.line, self._column(found.start)
        return 1, 1

    def section(self, path: Path) -> tuple[Path, int, int] | None:
        """The last header at or below ``path``: its own path, and the bytes from its brackets to its last line's end.

        Comments right below the last key belong to it, unless the next header follows on them. None where no header
        leads there: the table is written inline.
        """
        below = [
            (section.start, here) for here, section in self._sections.items() if here[: len(path)] == path and here
        ]
        if not below:
            return None
        start, here = max(below)
        last = [child for child in self._table(here).named_children if child.type != "comment"][-1]
        line = self._bytes.find(b"\n", start + last.end_byte)
        end = len(self._bytes) if line < 0 else line
        comments = _comments.match(self._bytes, end)
        return here, start, comments.end() if comments else end

    def span(self, path: Path) -> tuple[int, int] | None:
        """The bytes of the key or list entry that ``path`` leads to; None where there is none."""
        found = self._written(path)
        return None if found is None else (found.start, found.end)

    def value_span(self, path: Path) -> tuple[int, int] | None:
        """The bytes of the value that stands behind the key that ``path`` leads to; None where there is none."""
        found = self._written(path)
        return None if found is None else found.value

    def _column(self, byte: int) -> int:
        line = self._bytes[self._bytes.rfind(b"\n", 0, byte) + 1 : byte]
        return len(line.decode(errors="replace")) + 1

    def _written(self, path: Path) -> Written | None:
        section = self._sections.get(path)
        if section is not None and path:
            return Written(*section)
        for length in range(len(path) - 1, -1, -1):
            if path[:length] in self._sections and (found := self._inner(path[:length]).get(path)) is not None:
                return found
        return self._implied.get(path)

    @cached_property
    def _bytes(self) -> bytes:
        return self.text.encode()

    @cached_property
    def _sections(self) -> dict[Path, Section]:
        """Every ``[table]`` and ``[[table]]`` by its full path; ``()`` is what stands above them all."""
        counts: dict[Path, int] = {}
        sections: dict[Path, Section] = {}
        here: Path = ()
        start, line = 0, 1
        for header in headers.found(self._bytes):
            sections[here] = Section(start, header.start, line)
            here, start, line = _full(header.keys, counts, grows=header.grows), header.start, header.line
        sections[here] = Section(start, len(self._bytes), line)
        return sections

    @cached_property
    def _implied(self) -> dict[Path, Written]:
        """What has no header of its own but stands in those of its children: by the first of them."""
        implied: dict[Path, Written] = {}
        for path, section in self._sections.items():
            for length in range(1, len(path)):
                implied.setdefault(path[:length], Written(*section))
        return implied

    def _inner(self, table: Path) -> dict[Path, Written]:
        """All keys and list entries that are written in one table."""
        if not table:
            return self._top
        if table not in self._inners:
            if len(self._inners) == OPEN:
                del self._inners[next(iter(self._inners))]
            self._inners[table] = self._read(table)
        return self._inners[table]

    @cached_property
    def _inners(self) -> dict[Path, dict[Path, Written]]:
        return {}

    @cached_property
    def _top(self) -> dict[Path, Written]:
        return self._read(())

    def _read(self, table: Path) -> dict[Path, Written]:
        start, _, line = self._sections[table]
        return {path: _in_file(node, value, start, line) for path, node, value in _pairs(self._table(table), table)}

    def _table(self, table: Path) -> "Node":
        """One table alone: what all of a large file parses to takes many times its memory."""
        start, end, _ = self._sections[table]
        root = _parser().parse(self._bytes[start:end]).root_node
        return root.named_children[0] if table else root

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


@cache
def _parser() -> "Parser":
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_toml.language()))


def _in_file(node: "Node", value: "Node | None", start: int, line: int) -> Written:
    """Where it is in a file whose part from this byte and line on was parsed."""
    behind = None if value is None else (start + value.start_byte, start + value.end_byte)
    return Written(start + node.start_byte, start + node.end_byte, line + node.start_point.row, behind)


def _pairs(node: "Node", base: Path) -> "Iterator[tuple[Path, Node, Node | None]]":
    """Keys under ``node`` with their nodes and their values', list entries with theirs."""
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
                yield (*path, *keys[:length]), key, value
            waiting.extend(_containers(value, inner))
            yield from ((place, entry, None) for place, entry in _entries(value, inner))


def _containers(value: "Node", path: Path) -> "Iterator[tuple[Node, Path]]":
    """Inline tables in a value, also as list entries."""
    waiting = [(value, path)]
    while waiting:
        node, here = waiting.pop()
        if node.type == "inline_table":
            yield node, here
        elif node.type == "array":
            waiting.extend((entry, (*here, place)) for place, entry in enumerate(_values(node)))


def _entries(value: "Node", path: Path) -> "Iterator[tuple[Path, Node]]":
    waiting = [(value, path)]
    while waiting:
        node, here = waiting.pop()
        if node.type == "array":
            for place, entry in enumerate(_values(node)):
                yield (*here, place), entry
                waiting.append((entry, (*here, place)))


def _values(array: "Node") -> "Iterator[Node]":
    return (entry for entry in array.named_children if entry.type != "comment")


def _keys(node: "Node") -> tuple[str, ...]:
    keys: list[str] = []
    waiting = [node]  # dotted keys nest by their length
    while waiting:
        here = waiting.pop()
        if here.type == "dotted_key":
            waiting.extend(reversed(here.named_children))
        else:
            keys.append(_key(here))
    return tuple(keys)


def _key(node: "Node") -> str:
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
