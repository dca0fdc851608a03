"""The words a person reads in a message.

The shape of most contents is undocumented (vendor page 11490690012909560), so known paths are tried first, and where
they find nothing every key that usually holds words is read, at any depth, in order.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from yzj_daemon.message import Message, Original

MAX_TEXT: Final = 100_000
"""Characters of a text that rules see; the rest is cut off, and then no rule may rely on what is *not* in it."""

MAX_DEPTH: Final = 500
"""Containers inside one another. The parsers recurse, and give up somewhere beyond."""

MAX_UNWRAP: Final = 16
"""JSON inside a JSON string inside … is unwrapped this often."""

Paths = Mapping[str, tuple[str, ...]]

DEFAULT_PATHS: Final[Paths] = {
    "text": ("items[].text",),
    "link": ("title", "desc"),
    "program": ("title", "desc"),
    "card": ("nickname",),
}
"""Where the words stand, per ``msg_type``: dots nest, ``[]`` is every element. Other types are read generically."""

_SPOKEN_TYPES: Final = frozenset({"text", "announcement", "system", "revoke"})
"""Types whose content may be a bare string: the words themselves."""

_READABLE: Final = frozenset(
    {
        "address",
        "announcement",
        "author",
        "caption",
        "content",
        "desc",
        "description",
        "digest",
        "displayname",
        "filename",
        "fromname",
        "label",
        "memo",
        "message",
        "msg",
        "name",
        "nickname",
        "notice",
        "poi",
        "poiname",
        "remark",
        "sendername",
        "subject",
        "subtitle",
        "summary",
        "text",
        "tip",
        "tips",
        "title",
        "username",
        "wish",
        "wishing",
        "words",
    }
)
"""Keys that hold words, in lower case, without ``_`` and ``-``."""

_UNWRAPPED: Final = frozenset({"content", "items", "list", "msg", "message", "msgs", "messages", "orgcontent"})
"""Keys whose string may be JSON once more."""

_OF_A_MESSAGE: Final = frozenset(
    {
        "content",
        "from_wxid",
        "items",
        "list",
        "msg",
        "msg_time",
        "msg_type",
        "name",
        "nickname",
        "sender",
        "sender_name",
        "time",
        "title",
    }
)
"""An element with one of these is a message of its own, not a piece of one sentence."""

_surrogate = re.compile("[\ud800-\udfff]")
_structure = re.compile(r'"(?:[^"\\]|\\.)*+"|([\[{])|([\]}])', re.DOTALL)
_noise = re.compile("[_-]")
_json_begins = re.compile(r"""[\s"\\]*(?:\{[\s\\]*(?:["}]|$)|\[\s*(?:[\[\]{"\d-]|true\b|false\b|null\b|$))""")
"""How an object or a list begins, quoted or not, and words do not: ``[微笑]`` is how an emoticon reads."""


class Reading(msgspec.Struct, frozen=True):
    """``opaque``: nothing inside can be seen, which is not the same as an empty text.

    Of a merge whose records are hidden, ``text`` may still hold the title and the summary.
    """

    text: str
    opaque: bool


Reader = Callable[[str, str], Reading]
"""From a ``msg_type`` and its content to the words in it."""


class ContentError(ValueError):
    """The content is no JSON, or nests deeper than anyone writes by hand."""


def read(type: str, content: str, paths: Paths = DEFAULT_PATHS) -> Reading:  # noqa: A002 - the vendor's word
    """The text of a message of ``type`` whose ``content`` is JSON text as received. Never raises for hostile content.

    Items of one text are joined without separators, other parts stand on lines of their own.
    """
    try:
        tree = tree_of(content)
    except ContentError:
        return _bare(type, content)
    return read_tree(type, tree, paths)


def read_tree(type: str, tree: Any, paths: Paths = DEFAULT_PATHS) -> Reading:  # noqa: A002
    """The same, of content that is parsed already."""
    if isinstance(tree, str):
        return _bare(type, tree)
    known = _known(tree, paths.get(type, ()))
    if known is not None:
        return Reading(_clean(known), opaque=False)
    parts = list(_walk(tree))
    return Reading(_clean(parts), opaque=not parts or (type == "merge" and not _holds_records(tree)))


def message_of(original: Original, *, self_sent: bool, reader: Reader = read) -> Message:
    """A received original as rules see it. ``self_sent``: some hosted account sent it."""
    reading = reader(original.type, original.content)
    return Message(
        account=original.account,
        id=original.id,
        chat=original.chat,
        chat_type=original.chat_type,
        sender=original.sender,
        type=original.type,
        sent_at=original.sent_at,
        text=reading.text,
        content=original.content,
        self_sent=self_sent,
        opaque=reading.opaque,
    )


def tree_of(content: str) -> Any:
    """The parsed content; a string that holds JSON is unwrapped. Raises :class:`ContentError`."""
    tree = _parse(content)
    for _ in range(MAX_UNWRAP):
        inner = _unwrapped(tree)
        if inner is tree:
            break
        tree = inner
    return tree


def _unwrapped(value: Any) -> Any:
    """What a string holds, if it is JSON once more; words stay what they are, in quotation marks too."""
    if not isinstance(value, str) or not (_json_begins.match(value) or value.lstrip()[:1] == '"'):
        return value
    try:
        return _parse(value)
    except ContentError:
        if _json_begins.match(value):
            raise
        return value


def _parse(content: str) -> Any:
    if content.count("{") + content.count("[") > MAX_DEPTH and _depth(content) > MAX_DEPTH:
        raise ContentError("nested too deep")
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):  # lone surrogates among others: the exact, slower parser knows more
        pass
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ContentError(str(error)) from None


def _depth(content: str) -> int:
    depth = deepest = 0
    for found in _structure.finditer(content):
        if found[1]:
            depth += 1
            deepest = max(deepest, depth)
        elif found[2]:
            depth -= 1
    return deepest


def _bare(kind: str, words: str) -> Reading:
    spoken = kind in _SPOKEN_TYPES and not _json_begins.match(words) and words.strip() != ""
    return Reading(_clean([words]), opaque=False) if spoken else Reading("", opaque=True)


# Records of a merge --------------------------------------------------------------------------------------------------

_RECORD_LISTS: Final = ("items", "list", "msgs", "messages", "records", "record_list", "item_list")
_RECORD_TYPES: Final = ("msg_type", "type")
_RECORD_SENDERS: Final = ("from_wxid", "sender_wxid", "sender", "wxid")


class Record(msgspec.Struct, frozen=True):
    """One message inside a merged chat record, as far as it can be seen. ``tree``: the whole of it, parsed."""

    type: str
    sender: str
    reading: Reading
    tree: Any


def records_of(tree: Any, paths: Paths = DEFAULT_PATHS) -> tuple[Record, ...]:
    """The messages directly inside a merge; none when nobody can look inside (its shape is undocumented, U7)."""
    for key in _RECORD_LISTS if isinstance(tree, dict) else ():
        listed = tree.get(key)
        inner = (_unwrap(_plain(key), listed) or listed) if isinstance(listed, str) else listed
        if isinstance(inner, list) and inner and all(isinstance(e, dict) and _OF_A_MESSAGE & e.keys() for e in inner):
            return tuple(_record(element, paths) for element in inner)
    return ()


def _record(element: dict[str, Any], paths: Paths) -> Record:
    kind, content = _named(element, _RECORD_TYPES), element.get("content", element)
    if isinstance(content, str):
        content = _unwrap("content", content) or content
    return Record(kind, _named(element, _RECORD_SENDERS), read_tree(kind, content, paths), element)


def _named(element: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((element[key] for key in keys if isinstance(element.get(key), str) and element[key]), "")


# Known paths ---------------------------------------------------------------------------------------------------------


_SENTENCE: Final = ("items", "[]", "text")
"""Elements at this path are pieces of one text; at any other, lines."""


@lru_cache(maxsize=1024)
def steps_of(path: str) -> tuple[str, ...]:
    """``"a.b[].c"`` as ``("a", "b", "[]", "c")``."""
    return tuple(path.replace("[]", ".[]").strip(".").split("."))


def _known(tree: Any, paths: tuple[str, ...]) -> list[str] | None:
    """The lines that the paths lead to, or None when none leads anywhere."""
    lines: list[str] | None = None
    for path in paths:
        steps = steps_of(path)
        words = _words(tree, steps, 0)
        if words is not None:
            lines = lines or []
            lines += ["".join(words)] if steps[-3:] == _SENTENCE else words
    return lines


def _words(node: Any, steps: tuple[str, ...], start: int) -> list[str] | None:
    """The strings at the end of the path; an empty list where it leads to a list that could hold some and is empty."""
    for index in range(start, len(steps)):
        step = steps[index]
        if step == "[]":
            return _each(node, steps, index + 1) if isinstance(node, list) else None
        if not isinstance(node, dict) or step not in node:
            return None
        node = node[step]
    return [node] if isinstance(node, str) else None


def _each(elements: list[Any], steps: tuple[str, ...], start: int) -> list[str] | None:
    words: list[str] | None = None if elements else []
    for element in elements:
        found = _words(element, steps, start)
        if found is not None and words is not None:
            words.extend(found)
        elif found is not None:
            words = found
    return words


def follow(tree: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    """Every value that the path leads to, in order."""
    if not steps:
        yield tree
    elif steps[0] == "[]":
        if isinstance(tree, list):
            for element in tree:
                yield from follow(element, steps[1:])
    elif isinstance(tree, dict) and steps[0] in tree:
        yield from follow(tree[steps[0]], steps[1:])


# Unknown shapes ------------------------------------------------------------------------------------------------------


def _walk(tree: Any) -> Iterator[str]:
    """Words under readable keys, at any depth, in the order they stand. Iterative: depth costs no stack."""
    waiting: list[tuple[str, Any, int]] = [("", tree, 0)]
    while waiting:
        key, value, unwrapped = waiting.pop()
        if isinstance(value, dict):
            waiting.extend((_plain(name), inner, unwrapped) for name, inner in reversed(value.items()))
        elif isinstance(value, list):
            pieces = _pieces(key, value)
            if pieces:
                yield "".join(pieces)
            waiting.extend((key, _rest(inner) if pieces else inner, unwrapped) for inner in reversed(value))
        elif isinstance(value, str):
            inner = _unwrap(key, value) if unwrapped < MAX_UNWRAP else None
            if inner is not None:
                waiting.append((key, inner, unwrapped + 1))
            elif key in _READABLE:
                yield value


@lru_cache(maxsize=4096)
def _plain(key: str) -> str:
    return _noise.sub("", key).lower()


def _holds_records(tree: Any) -> bool:
    """Whether words stand deeper than a merge's own title and summary, which tell little of what is inside."""
    if not isinstance(tree, dict):
        return True
    deeper = {key: inner for key, inner in tree.items() if not isinstance(inner, str) or _unwrap(_plain(key), inner)}
    return any(True for _ in _walk(deeper))


def _pieces(key: str, elements: list[Any]) -> list[str]:
    """The pieces of one text, if that is what the list is, as in ``items`` of ``{type, text}``; else nothing."""
    if key != "items" or not all(isinstance(e, dict) and not _OF_A_MESSAGE & e.keys() for e in elements):
        return []
    return [e["text"] for e in elements if isinstance(e.get("text"), str)]


def _rest(element: dict[str, Any]) -> dict[str, Any]:
    """What a piece of a text holds besides its words."""
    return {key: value for key, value in element.items() if key != "text" or not isinstance(value, str)}


def _unwrap(key: str, value: str) -> Any:
    if key not in _UNWRAPPED or value.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return _parse(value)
    except ContentError:
        return None


def _clean(parts: Iterable[str]) -> str:
    """One text that any store and any engine takes: no NUL, no lone surrogate, bounded."""
    # cut last: a text that was cut is told by its length
    text = "\n".join(part for part in parts if part).replace("\0", "")[:MAX_TEXT]
    try:
        text.encode()  # tells of a surrogate ten times sooner than a search for one
    except UnicodeEncodeError:
        return _surrogate.sub("\ufffd", text)
    return text
