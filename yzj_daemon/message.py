"""What was received: the original, and the message as rules see it.

Ids are strings. ``content`` is JSON *text* exactly as received: it is sliced out of the body and never parsed and
written again, because ids exceed 2^53 and unknown keys matter to the vendor (vendor page 11490697483004869).

These are made by the thousand a second: a Struct costs a tenth of a frozen dataclass, and one that holds but text is
nothing to the garbage collector (``gc=False``).
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from yzj_daemon.clock import Millis

ChatType = Literal["private", "room"]
Source = Literal["callback", "pull", "file"]

KNOWN_TYPES = frozenset(
    {
        "text",
        "announcement",
        "picture",
        "link",
        "voice",
        "video",
        "file",
        "program",
        "card",
        "channel",
        "system",
        "revoke",
        "location",
        "redpacket",
        "emotionpic",
        "imgtext",
        "merge",
    }
)
"""Every ``msg_type`` the vendor's pages list (11490690012909560, 11490715648234407)."""

MEDIA_TYPES = frozenset({"picture", "voice", "video", "file"})
"""Types whose resource is uploaded after the message was pushed (vendor page 11490690012909560)."""


class Original(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One received chat message, before any judgement.

    ``id`` is the dedup key within ``account``: the ``svrid``, else ``wx_svrid``, else ``wx_msgid``, else a hash
    (``sha256:…``) over account, chat, sender, time, type and content. ``envelope`` is the received element's text
    with the ``content`` value cut out at ``content_at`` (in characters), so that the whole element can be put
    together again byte for byte; -1 when ``content`` came as a JSON string and is that string's value.
    """

    account: str
    id: str
    chat: str
    chat_type: ChatType
    sender: str
    type: str
    sent_at: Millis | None
    content: str
    envelope: str = ""
    content_at: int = -1
    svrid: str = ""
    wx_svrid: str = ""
    wx_msgid: str = ""

    def element(self) -> str:
        """The element of ``data`` as it was received."""
        if self.content_at < 0:
            return self.envelope
        return self.envelope[: self.content_at] + self.content + self.envelope[self.content_at :]


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What rules look at. ``(account, id)`` is the dedup key.

    ``text`` is what a person would read in it (rules/text.py), without lone surrogates; ``opaque`` is true when
    nothing inside can be seen, which is not the same as an empty text (of a merge whose
    records are hidden, the title stays in ``text``). ``self_sent`` is true when any hosted account sent it.
    """

    account: str
    id: str
    chat: str
    chat_type: ChatType
    sender: str
    type: str
    sent_at: Millis | None
    text: str
    content: str
    self_sent: bool = False
    opaque: bool = False


class Notice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A notification that is not a chat message to serve (contacts, taskDone, unknown types): kept and counted.

    ``body`` is the notification's JSON text as received.
    """

    account: str
    type: str
    body: str


class Unreadable(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A body, or a part of one, that cannot be read: it goes to quarantine whole.

    ``reason`` is a short closed word (``decrypt``, ``json``, ``shape``, ``plaintext``, ``utf8``), ``detail`` one
    sentence for a person.
    """

    reason: Literal["decrypt", "json", "shape", "plaintext", "utf8"]
    detail: str
    body: bytes


class Batch(msgspec.Struct, frozen=True):
    """Everything one body held, in its order."""

    originals: tuple[Original, ...] = ()
    notices: tuple[Notice, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def joined(batches: Sequence[Batch]) -> Batch:
    """All that they hold, in their order."""
    if len(batches) == 1:
        return batches[0]
    return Batch(
        originals=tuple([original for batch in batches for original in batch.originals]),
        notices=tuple([notice for batch in batches for notice in batch.notices]),
        unreadable=tuple([part for batch in batches for part in batch.unreadable]),
    )


class Page(msgspec.Struct, frozen=True):
    """One page of pulled chat logs: what was in it, and how many rows it had as the vendor counts them."""

    batch: Batch
    rows: int
