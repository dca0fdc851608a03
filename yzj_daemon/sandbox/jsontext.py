"""JSON as text: where values stand in it, without reading or writing them again.

The platform's content goes through here byte for byte. Structure is ASCII and UTF-8 never repeats ASCII inside a
character, so that everything works on bytes. Linear time, no recursion: a merge may be nested 100,000 deep.
"""

import json
import re
from collections.abc import Iterator
from typing import NoReturn

_SPACE = re.compile(rb"[ \t\n\r]*+")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb'[^ \t\n\r,\]}:"\[{]++')
_MARK = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_TOKEN = re.compile(
    rb"[ \t\n\r]*+(?:"
    rb'(?P<string>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    rb"|(?P<scalar>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)"
    rb"|(?P<mark>[\[\]{},:]))"
)


class Malformed(ValueError):  # noqa: N818 - says what the text is
    """Not JSON, or not of the shape asked for."""


def _no_constant(text: str) -> NoReturn:
    raise Malformed(text)


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_constant)


def well_formed(text: bytes) -> bool:
    """Whether ``text`` is one JSON value in UTF-8. Numbers of any size, lone surrogate escapes and any depth pass."""
    try:
        _DECODER.decode(text.decode())
    except RecursionError:
        return _deeply_well_formed(text)
    except ValueError:
        return False
    return True


def _deeply_well_formed(text: bytes) -> bool:
    open_brackets = bytearray()
    expected, at, end = "value", 0, len(text.rstrip(b" \t\n\r"))
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            return False
        following = _step(expected, token, open_brackets)
        if following is None:
            return False
        expected, at = following, token.end()
    return expected == "next" and not open_brackets


def _step(expected: str, token: re.Match[bytes], open_brackets: bytearray) -> str | None:
    """What may follow ``token``, or None when it may not stand where it stands."""
    mark = token["mark"]
    if mark is None:
        return _after_atom(expected, is_string=token["string"] is not None)
    if mark in b"[{":
        if expected not in ("value", "value or end"):
            return None
        open_brackets += mark
        return "value or end" if mark == b"[" else "key or end"
    if mark in b"]}":
        return _after_closing(expected, mark, open_brackets)
    if mark == b":":
        return "value" if expected == "colon" else None
    if expected != "next" or not open_brackets:
        return None
    return "value" if open_brackets[-1:] == b"[" else "key"


def _after_atom(expected: str, *, is_string: bool) -> str | None:
    if expected in ("value", "value or end"):
        return "next"
    return "colon" if is_string and expected in ("key", "key or end") else None


def _after_closing(expected: str, mark: bytes, open_brackets: bytearray) -> str | None:
    opening, empty = (b"[", "value or end") if mark == b"]" else (b"{", "key or end")
    if open_brackets[-1:] != opening or expected not in ("next", empty):
        return None
    open_brackets.pop()
    return "next"


def value_end(text: bytes, at: int) -> int:
    """Where the value that starts at ``at`` ends."""
    first = text[at : at + 1]
    if first and first in b"{[":
        return _bracket_end(text, at)
    found = (_STRING if first == b'"' else _SCALAR).match(text, at)
    if found is None:
        raise Malformed(f"no value at byte {at}")
    return found.end()


def _bracket_end(text: bytes, at: int) -> int:
    depth = 0
    for mark in _MARK.finditer(text, at):
        first = text[mark.start()]
        if first == ord('"'):
            continue
        depth += 1 if first in b"{[" else -1
        if depth == 0:
            return mark.end()
    raise Malformed(f"the bracket at byte {at} is not closed")


def members(text: bytes, at: int = 0) -> Iterator[tuple[str, int, int]]:
    """Key, start and end of every value of the object that starts at ``at``, duplicates included.

    ``text`` must be well formed. Raises Malformed when something else than an object stands there.
    """
    at = _opened(text, at, b"{")
    while text[at : at + 1] != b"}":
        key_end = value_end(text, at)
        start = _past(text, _skip(text, key_end), b":")
        end = value_end(text, start)
        yield json.loads(text[at:key_end]), start, end
        at = _to_next(text, end)


def elements(text: bytes, at: int = 0) -> Iterator[tuple[int, int]]:
    """Start and end of every element of the array that starts at ``at``; otherwise as ``members``."""
    at = _opened(text, at, b"[")
    while text[at : at + 1] != b"]":
        end = value_end(text, at)
        yield at, end
        at = _to_next(text, end)


def _skip(text: bytes, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _past(text: bytes, at: int, mark: bytes) -> int:
    if text[at : at + 1] != mark:
        raise Malformed(f"{mark.decode()} expected at byte {at}")
    return _skip(text, at + 1)


def _opened(text: bytes, at: int, bracket: bytes) -> int:
    return _past(text, _skip(text, at), bracket)


def _to_next(text: bytes, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at : at + 1] == b"," else at


def quoted(value: object) -> bytes:
    """A value as JSON in UTF-8; escaped where it holds lone surrogates, which UTF-8 cannot carry."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
