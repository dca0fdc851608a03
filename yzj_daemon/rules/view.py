"""A message under evaluation: what several conditions would compute again is computed once."""

from typing import Any, Final

from msgspec.structs import replace

from yzj_daemon.message import Message
from yzj_daemon.rules.fold import Fold, fold
from yzj_daemon.rules.pattern import Pattern
from yzj_daemon.rules.text import DEFAULT_PATHS, MAX_TEXT, ContentError, Paths, Record, records_of, tree_of

WORDLESS: Final = frozenset({"picture", "voice", "video", "emotionpic", "redpacket"})
"""Types that hold no words by nature: that a word is *not* in them is certain, though they are opaque."""


_UNREAD: Final = object()


class View:
    """One message, with its folded texts, its bytes and its parsed content, each made when first asked for."""

    __slots__ = ("_bytes", "_folded", "_found", "_paths", "_records", "_tree", "message", "unseen")

    def __init__(self, message: Message, tree: Any = None, paths: Paths = DEFAULT_PATHS) -> None:
        """``tree``: the parsed content, where somebody has it. ``paths``: where the words of its records stand."""
        self._paths = paths
        self.message = message
        self.unseen = (message.opaque and message.type not in WORDLESS) or len(message.text) >= MAX_TEXT
        self._folded: dict[Fold, str] = {}
        self._found: dict[str, str | None] = {}
        self._bytes: bytes | None = None
        self._tree: Any = _UNREAD if tree is None else tree
        self._records: tuple[View, ...] | None = None

    def text(self, how: Fold) -> str:
        folded = self._folded.get(how)
        if folded is None:
            folded = self._folded[how] = fold(self.message.text, how)
        return folded

    def find(self, pattern: Pattern) -> str | None:
        """The piece of the unaltered text that matches. Rules that share a regex share the search."""
        if pattern.said not in self._found:
            if self._bytes is None:
                self._bytes = self.message.text.encode()
            self._found[pattern.said] = pattern.found_in(self._bytes)
        return self._found[pattern.said]

    def tree(self) -> Any:
        """The parsed content. Raises :class:`~yzj_daemon.rules.text.ContentError`."""
        if self._tree is _UNREAD:
            try:
                self._tree = tree_of(self.message.content)
            except ContentError as unreadable:
                self._tree = unreadable
        if isinstance(self._tree, ContentError):
            raise self._tree
        return self._tree

    def records(self) -> "tuple[View, ...]":
        """The messages inside a merge, each as a message of the same chat; none when nobody can look inside."""
        if self._records is None:
            try:
                found = records_of(self.tree(), self._paths)
            except ContentError:
                found = ()
            self._records = tuple(View(self._inner(record), record.tree) for record in found)
        return self._records

    def _inner(self, record: Record) -> Message:
        return replace(
            self.message,
            type=record.type,
            sender=record.sender,
            text=record.reading.text,
            opaque=record.reading.opaque,
            content="",
        )
