r"""JSON as text: values are sliced out of it byte for byte, never parsed and written again.

msgspec's ``Raw`` does this in one quick pass, but refuses lone surrogate escapes (a truncated emoji: ``\ud800``) and
deep nesting. Behind it stands an exact scanner: RFC 8259 to the letter, any depth, no recursion, linear time. Both
read the same: the last of several equal keys wins.
"""

import json
import re
from collections.abc import Iterator

import msgspec

Span = tuple[int, int]
"""Where a value stands: its first byte, and the one after its last."""


class NotJson(ValueError):  # noqa: N818 - reads as the answer it is
    """The text is not JSON, or not of the asked kind. Says where, in bytes."""


_REFUSED = (msgspec.MsgspecError, RecursionError, ValueError)
_array = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])

_WS = rb"[ \t\n\r]*+"
_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_NUMBER = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?![0-9.eE+-])"
_KEY = rb"(?P<key>" + _STRING + rb")" + _WS + rb":"

_SPACE = re.compile(_WS)
_VALUE = re.compile(
    rb"(?P<whole>" + _STRING + rb"|" + _NUMBER + rb"|true|false|null|\{" + _WS + rb"\}|\[" + _WS + rb"\])"
    rb"|(?P<object>\{" + _WS + _KEY + rb")|(?P<array>\[)"
)
_FIRST = {
    "object": re.compile(_WS + rb"\{" + _WS + rb"(?:(?P<end>\})|" + _KEY + rb")"),
    "array": re.compile(_WS + rb"\[" + _WS + rb"(?P<end>\])?+"),
}
_NEXT = {
    "object": re.compile(_WS + rb"(?:(?P<end>\})|," + _WS + _KEY + rb")"),
    "array": re.compile(_WS + rb"(?:(?P<end>\])|,)"),
}

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def items(text: bytes) -> list[bytes]:
    """The values of an array, as they stand.

    Raises:
        NotJson: the text is no JSON array.
    """
    try:
        return [bytes(item) for item in _array.decode(text)]
    except _REFUSED:
        return [text[start:end] for start, end in item_spans(text)]


def members(text: bytes) -> dict[str, bytes]:
    """The values of an object by key, as they stand.

    Raises:
        NotJson: the text is no JSON object.
    """
    try:
        return {key: bytes(value) for key, value in _object.decode(text).items()}
    except _REFUSED:
        return {key: text[start:end] for key, (start, end) in member_spans(text).items()}


def item_spans(text: bytes) -> list[Span]:
    """Where the values of an array stand.

    Raises:
        NotJson: the text is no JSON array.
    """
    return [span for _, span in _walk(text, "array")]


def member_spans(text: bytes) -> dict[str, Span]:
    """Where the values of an object stand, by key; of equal keys the last.

    Raises:
        NotJson: the text is no JSON object.
    """
    return {_unescaped(found["key"]): span for found, span in _walk(text, "object")}


def is_json(text: bytes) -> bool:
    """Whether the text is one JSON value and nothing else."""
    try:
        _, end = _scan(text, 0)
        _only_space(text, end)
    except NotJson:
        return False
    return True


def string(value: bytes) -> str | None:
    """The characters a JSON string stands for; None when the value is no string.

    What UTF-8 or a database cannot hold (lone surrogates, NUL) stays the escape it was written as.
    """
    if value[:1] != b'"':
        return None
    if b"\\" not in value:
        return value[1:-1].decode()
    return storable(_unescaped(value))


def scalar(value: bytes | None) -> str | None:
    """A string's characters or a number's digits as written, for ids are either; None for anything else."""
    if not value or value[0] not in b'"-0123456789':
        return None
    if value == b"-0":
        return "0"
    return string(value) if value[:1] == b'"' else value.decode()


def storable(text: str) -> str:
    """``text`` with lone surrogates and NUL written as JSON escapes."""
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _walk(text: bytes, kind: str) -> Iterator[tuple[re.Match[bytes], Span]]:
    """Every value of the array or object that is the whole text, with what announced it (its key)."""
    found = _FIRST[kind].match(text)
    if found is None:
        raise NotJson(f"no JSON {kind} at byte 0")
    while found["end"] is None:
        span = _scan(text, found.end())
        yield found, span
        found = _continued(kind, text, span[1])
    _only_space(text, found.end())


def _scan(text: bytes, at: int) -> Span:
    """The value that begins at ``at``, white space before it skipped, checked to its last byte."""
    start = at = _skipped(text, at)
    opened: list[str] = []
    while True:
        found = _VALUE.match(text, at)
        if found is None:
            raise NotJson(f"no JSON value at byte {at}")
        at = found.end()
        if found["whole"] is None:
            opened.append(found.lastgroup or "")
        else:
            at = _closed(text, at, opened)
            if not opened:
                return start, at
        at = _skipped(text, at)


def _closed(text: bytes, at: int, opened: list[str]) -> int:
    """Close every container that ends here; answers where the next value is due, or where the outermost ended."""
    while opened:
        found = _continued(opened[-1], text, at)
        at = found.end()
        if found["end"] is None:
            return at
        opened.pop()
    return at


def _continued(kind: str, text: bytes, at: int) -> re.Match[bytes]:
    found = _NEXT[kind].match(text, at)
    if found is None:
        raise NotJson(f"JSON {kind} neither goes on nor ends at byte {at}")
    return found


def _skipped(text: bytes, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None  # it matches nothing, too
    return found.end()


def _only_space(text: bytes, at: int) -> None:
    if _skipped(text, at) != len(text):
        raise NotJson(f"more text after the JSON value, at byte {at}")


def _unescaped(value: bytes) -> str:
    text: str = json.loads(value)
    return text
