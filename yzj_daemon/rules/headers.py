"""Where the headers of a TOML text stand, ``[table]`` and ``[[table]]``, told from its strings, comments and arrays."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

_tokens: Final = re.compile(
    rb"""
    \#[^\n]*                                                            # a comment
    | \"{3} [^"\\]* (?: (?: \\. | "{1,2}(?!") ) [^"\\]* )* \"{3,5}      # many lines, and up to two quotes of its own
    | '{3} .*? '{3,5}
    | \" [^"\\\n]* (?: \\. [^"\\\n]* )* \"
    | '[^'\n]*'
    | \[{1,2} [^][{}"'\#\n]* (?: "[^"\\\n]*" [^][{}"'\#\n]* )* \]{1,2}  # a header, or a plain list: the rest is rare
    | [\[\]{}]
    """,
    re.VERBOSE | re.DOTALL,
)


class Header(NamedTuple):
    """``keys`` as they are written. ``grows``: it adds an entry to a list. ``start``: the byte of its first bracket.

    ``line`` counts from 1.
    """

    keys: tuple[str, ...]
    grows: bool
    start: int
    line: int


def found(text: bytes) -> Iterator[Header]:
    """Every header of a text that is valid TOML, in order."""
    depth, line, counted, begin = 0, 1, 0, -1
    known: dict[bytes, tuple[str, ...]] = {}  # most are written again and again
    for token in _tokens.finditer(text):
        said = token[0]
        if said[0] in _OPENING:
            if not depth and _leads(text, token.start()):
                begin = token.start()
            depth += 2 if said.startswith(b"[[") else 1
        if said[-1] in _CLOSING and said[0] in _BRACKETS:
            depth -= 2 if said.endswith(b"]]") else 1
            if begin >= 0 and not depth:
                line += text.count(b"\n", counted, begin)
                written = text[begin : token.end()]
                keys = known.get(written) or known.setdefault(written, _keys(written.decode()))
                yield Header(keys, written.startswith(b"[["), begin, line)
                counted, begin = begin, -1


_OPENING: Final = b"[{"
_CLOSING: Final = b"]}"
_BRACKETS: Final = _OPENING + _CLOSING


def _leads(text: bytes, at: int) -> bool:
    """Whether nothing stands before it on its line."""
    return not text[text.rfind(b"\n", 0, at) + 1 : at].strip()


def _keys(header: str) -> tuple[str, ...]:
    said = header[2:-2] if header.startswith("[[") else header[1:-1]
    if '"' not in said and "'" not in said:
        return tuple(key.strip() for key in said.split("."))
    keys: list[str] = []
    tree: Any = tomllib.loads(f"{said} = 0")
    while isinstance(tree, dict):
        ((key, tree),) = tree.items()
        keys.append(key)
    return tuple(keys)
