"""Bodies of the vendor, taken apart and put together without re-typing what people wrote.

Callbacks hold an array of notifications (vendor page 11490693160849765), chat logs hold rows (11490706027814705);
both hold the same chat messages (11490690012909560), and both end in the same :class:`Original`. ``content`` and the
element around it are sliced out of the received text. One bad element never takes the good ones with it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Final, Literal

import msgspec

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import Call, Deferred
from yzj_daemon.message import Batch, ChatType, Notice, Original, Page, Unreadable
from yzj_daemon.yzj import jsontext
from yzj_daemon.yzj.jsontext import NotJson

CHAT_MESSAGES: Final = frozenset({"chatMsg"})
"""The callback types that hold chat messages."""
ROWS_UNDER = ("list", "rows", "records", "items", "data")
"""Where rows stand when ``data`` is an object: the vendor's page ends before its response."""

_LATEST: Millis = 2**53
"""No instant is later: a ``msg_time`` beyond is nonsense, and no store could hold it."""
_CHAT_TYPES: Final[Mapping[str, ChatType]] = {"1": "private", "2": "room", "private": "private", "room": "room"}
_BOM = b"\xef\xbb\xbf"
_CONTENT = b'"content"'
_COLON_OR_SPACE = frozenset({b":", b" ", b"\t", b"\r", b"\n"})
_NUL = b"\\u0000"
_REFUSED = (msgspec.MsgspecError, RecursionError, ValueError)


class _Malformed(ValueError):  # noqa: N818 - says what the element is
    """An element lacks what a chat message needs, or is none."""


class _Fields(msgspec.Struct, gc=False):
    """What is read of a chat message; everything else stays in its text. Named as on the wire."""

    content: msgspec.Raw = msgspec.Raw()
    msg_type: str | int | None = None
    msg_time: int | None = None
    svrid: str | int | None = None
    wx_svrid: str | int | None = None
    wx_msgid: str | int | None = None
    from_wxid: str | int | None = None
    to_wxid: str | int | None = None
    wxid: str | int | None = None
    chat_wxid: str | int | None = None
    chat_type: str | int | None = None


class _Notification(msgspec.Struct, gc=False):
    """A notification in its usual shape."""

    type: str = ""
    rel_wxid: str | int | None = None
    data: list[msgspec.Raw] = []


_fields = msgspec.json.Decoder(_Fields)
_notifications = msgspec.json.Decoder(list[_Notification])


class _Harvest(msgspec.Struct):
    """What has been found in a body so far."""

    originals: list[Original] = msgspec.field(default_factory=list)
    notices: list[Notice] = msgspec.field(default_factory=list)
    unreadable: list[Unreadable] = msgspec.field(default_factory=list)

    def batch(self) -> Batch:
        return Batch(tuple(self.originals), tuple(self.notices), tuple(self.unreadable))

    def malformed(self, why: ValueError, text: bytes) -> None:
        self.unreadable.append(Unreadable(reason="shape", detail=str(why), body=text))


def split(plain: bytes, message_types: AbstractSet[str] = CHAT_MESSAGES) -> Batch:
    """A decrypted callback body as what it holds: messages, other notifications, and parts that cannot be read."""
    try:
        plain.decode()
    except UnicodeDecodeError as error:
        return _refused("utf8", f"no UTF-8 at byte {error.start}", plain)
    harvest = _Harvest()
    if not _gather_at_once(plain, message_types, harvest):
        try:
            elements = _one_or_many(plain.removeprefix(_BOM))
        except NotJson as error:
            return _refused("json", str(error), plain)
        for element in elements:
            _gather_notification(element, message_types, harvest)
    return harvest.batch()


def split_rows(body: bytes, account: str, rows_path: str = "auto") -> Page | Deferred:
    """The rows of a chatLogs response.

    Args:
        body: the response, its ``errcode`` already seen to be 0.
        account: whose log was asked for; a row without ``wxid`` is this account's.
        rows_path: dotted path of the rows; ``auto``: ``data``, or a usual name under it.
    """
    rows = rows_of(body, rows_path)
    if isinstance(rows, Deferred):
        return rows
    harvest = _Harvest()
    for row in rows:
        _gather_messages((row,), "", account, harvest)
    return Page(harvest.batch(), len(rows))


def rows_of(body: bytes, rows_path: str = "auto") -> list[bytes] | Deferred:
    """The rows of any list response, as they stand. ``data: null`` is an empty list."""
    try:
        body.decode()
        return _rows(jsontext.members(body), rows_path)
    except ValueError as error:
        return Deferred("transient", detail=f"no rows in the answer (rows_path = {rows_path}): {error}")


def request_body(asked: Mapping[str, object], app_id: str, token: str) -> bytes:
    """The body of a request that carries nothing of what people wrote."""
    return msgspec.json.encode({"app_id": app_id, "access_token": token, **asked})


def forward_body(call: Call, app_id: str, token: str) -> bytes:
    """The request of forwardMsg (vendor page 11490697483004869), ``content`` verbatim."""
    envelope = msgspec.json.encode(
        {"app_id": app_id, "access_token": token, "wxid": call.account, "chat_wxids": call.chats}
    )
    time = b"" if call.sent_at is None else b',"msg_time":%d' % call.sent_at
    kind = msgspec.json.encode(call.type)
    message = b'{"msg_type":%b,"content":%b%b}' % (kind, call.content.encode(), time)
    return b'%b,"messages":[%b]}' % (envelope[:-1], message)


def _refused(reason: Literal["utf8", "json"], detail: str, body: bytes) -> Batch:
    return Batch(unreadable=(Unreadable(reason=reason, detail=detail, body=body),))


def _one_or_many(text: bytes) -> list[bytes]:
    """The elements of an array; an object stands for an array of itself."""
    text = text.strip(b" \t\r\n")
    if not text.startswith(b"{"):
        return jsontext.items(text)
    jsontext.members(text)  # raises when it is no JSON
    return [text]


def _rows(found: dict[str, bytes], path: str) -> list[bytes]:
    if path != "auto":
        return _listed(_descended(found, path.split(".")))
    data = found.get("data", b"")
    if not data.startswith(b"{"):
        return _listed(data)
    under = jsontext.members(data)
    for name in ROWS_UNDER:
        if under.get(name, b"").startswith(b"["):
            return jsontext.items(under[name])
    raise NotJson(f"data holds {', '.join(under) or 'nothing'}")


def _descended(found: dict[str, bytes], path: list[str]) -> bytes:
    for name in path[:-1]:
        found = jsontext.members(found.get(name, b""))
    return found.get(path[-1], b"")


def _listed(value: bytes) -> list[bytes]:
    return [] if value == b"null" else jsontext.items(value)


def _gather_at_once(plain: bytes, message_types: AbstractSet[str], harvest: _Harvest) -> bool:
    """The usual body, nothing but chat messages, in one pass. Answers whether it was one."""
    if _NUL in plain:
        return False
    try:
        found = _notifications.decode(plain)
    except _REFUSED:
        return False
    for notification in found:
        if not notification.data or notification.type.strip() not in message_types:
            return False
    for notification in found:
        [account] = _ids(notification.rel_wxid)
        _gather_messages(map(bytes, notification.data), account, "", harvest)
    return True


def _gather_notification(element: bytes, message_types: AbstractSet[str], harvest: _Harvest) -> None:
    try:
        found = jsontext.members(element)
        kind = (jsontext.scalar(found.get("type")) or "").strip()
        messages = _messages(kind, message_types, found, element)
    except ValueError as error:
        harvest.malformed(error, element)
        return
    [account] = _ids(jsontext.scalar(found.get("rel_wxid")))
    if not messages:
        harvest.notices.append(Notice(account=account, type=kind, body=element.decode()))
    _gather_messages(messages, account, "", harvest)


def _messages(kind: str, message_types: AbstractSet[str], found: dict[str, bytes], element: bytes) -> list[bytes]:
    """The chat messages of a notification; a message alone, as files hold it, is its own."""
    if kind in message_types:
        return _one_or_many(found.get("data", b""))
    if not kind and "msg_type" in found:
        return [element]
    if not kind:
        raise _Malformed("a notification without type")
    return []


def _gather_messages(messages: Iterable[bytes], account: str, otherwise: str, harvest: _Harvest) -> None:
    for message in messages:
        try:
            harvest.originals.append(_original(message, account, otherwise))
        except ValueError as error:
            harvest.malformed(error, message)


def _original(text: bytes, account: str, otherwise: str) -> Original:
    """One chat message. Its account is the notification's, else its own ``wxid``, else ``otherwise``."""
    found = _read(text)
    own, chat, sender, receiver = _ids(found.wxid, found.chat_wxid, found.from_wxid, found.to_wxid)
    kind, svrid, wx_svrid, wx_msgid = _ids(found.msg_type, found.svrid, found.wx_svrid, found.wx_msgid)
    account = account or own or otherwise
    chat = chat or _peer(account, sender, receiver)
    kind = kind.strip()
    if not (account and chat and kind):
        raise _lacking("rel_wxid or wxid" if not account else "msg_type" if chat else _WHERE)
    sent_at = found.msg_time if found.msg_time and 0 < found.msg_time < _LATEST else None
    content, envelope, content_at = _cut(text, bytes(found.content))
    return Original(
        account=account,
        id=svrid or wx_svrid or wx_msgid or _fingerprint(account, chat, sender, str(sent_at), kind, content),
        chat=chat,
        chat_type=_CHAT_TYPES.get(str(found.chat_type)) or ("room" if chat.startswith("R:") else "private"),
        sender=sender,
        type=kind,
        sent_at=sent_at,
        content=content,
        envelope=envelope,
        content_at=content_at,
        svrid=svrid,
        wx_svrid=wx_svrid,
        wx_msgid=wx_msgid,
    )


_WHERE: Final = "chat_wxid, from_wxid or to_wxid"


def _lacking(names: str) -> _Malformed:
    return _Malformed(f"a chat message without {names}")


def _read(text: bytes) -> _Fields:
    if _NUL not in text:
        try:
            return _fields.decode(text)
        except _REFUSED:
            pass
    return _read_exactly(text)


def _read_exactly(text: bytes) -> _Fields:
    """The same, for what msgspec refuses: lone surrogates, deep nesting, fields of another type than seen."""
    found = jsontext.members(text)
    names = {name: jsontext.scalar(found.get(name)) for name in _NAMES}
    return _Fields(content=msgspec.Raw(found.get("content", b"")), msg_time=_instant(found.get("msg_time")), **names)


_NAMES = tuple(name for name in _Fields.__struct_fields__ if name not in {"content", "msg_time"})


def _instant(value: bytes | None) -> Millis | None:
    """A time written as a number or as a string of one."""
    try:
        return int(Decimal(jsontext.scalar(value) or ""))
    except (ArithmeticError, ValueError):
        return None


def _ids(*values: str | int | None) -> list[str]:
    """Ids as text. 0 and "0" are how the platform's language writes "none"."""
    return [str(value) if value and value != "0" else "" for value in values]


def _peer(account: str, sender: str, receiver: str) -> str:
    """The conversation, where the message does not name it: the room, else whoever is not the account."""
    for end in (receiver, sender):
        if end.startswith("R:"):
            return end
    return receiver if sender in {account, ""} else sender


def _cut(text: bytes, content: bytes) -> tuple[str, str, int]:
    """``content``, the element without it, and the place it was cut out of."""
    if content in {b"", b"null"}:
        raise _lacking("content")
    if content[:1] == b'"':
        inside = jsontext.string(content) or ""
        if inside.lstrip(" \t\r\n")[:1] in {"{", "["} and jsontext.is_json(inside.encode()):
            return inside, text.decode(), -1
    start = _content_start(text, content)
    before = text[:start].decode()
    return content.decode(), before + text[start + len(content) :].decode(), len(before)


def _content_start(text: bytes, content: bytes) -> int:
    """Where the content stands: told by its key when that key cannot be another's, else by the exact scanner."""
    key = text.find(_CONTENT)
    start = key + len(_CONTENT)
    while text[start : start + 1] in _COLON_OR_SPACE:
        start += 1
    end = start + len(content)
    before, after = text[1:key], text[end:]
    unclear = b"{" in before or b"\\" in before or b"\\u" in after or _CONTENT in after
    if key < 0 or unclear or not text.startswith(content, start):
        return jsontext.member_spans(text)["content"][0]
    return start


def _fingerprint(*parts: str) -> str:
    """An id for a message that has none. No part but the last can hold a NUL."""
    return "sha256:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()
