"""What a test or an operator lets happen on the platform, as the control endpoint takes it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.sandbox.jsontext import well_formed

Id = Annotated[str, Meta(min_length=1)]


class Inject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A message that somebody sends.

    Without ``account`` every hosted account in the chat receives it (for a private chat ``account`` is needed).
    ``content_raw`` is the content's exact JSON text; ``content`` is a JSON value, also taken as it stands.
    ``members_raw`` are further members of the element as exact JSON text (``"a":1.0,"a":2``). ``msg_time`` is in
    ms, by default now. Ids are made up where they are not given; giving those of an earlier message repeats it.
    Rooms, senders and members that the world does not know yet come into being.
    """

    chat: Id
    sender: Id
    type: Id = "text"
    account: str = ""
    content_raw: str = ""
    content: msgspec.Raw = msgspec.Raw()
    members_raw: str = ""
    msg_time: int | None = None
    svrid: str = ""
    wx_svrid: str = ""
    wx_msgid: str = ""

    def content_text(self) -> bytes:
        """The content, byte for byte. Raises UsageProblem on what is not a JSON object."""
        text = self.content_raw.encode("utf-8", "replace") or bytes(self.content)
        if not text.lstrip().startswith(b"{") or not well_formed(text):
            raise _wrong("content", text)
        return text.strip()

    def members_text(self) -> bytes:
        text = self.members_raw.encode("utf-8", "replace").strip()
        if text and not well_formed(b"{" + text + b"}"):
            raise _wrong("members_raw", text)
        return text


class Injection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``push``: by callback too, not only into the chat logs. ``batch``: all in one body. ``wait``: until pushed."""

    messages: list[Inject]
    push: bool = True
    batch: bool = False
    wait: bool = False


class Notification(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A notification that is no chat message (``contacts``, ``taskDone``, unknown ones). ``data`` is sent as is."""

    type: Id
    account: Id
    data: msgspec.Raw
    wait: bool = False


class AccountChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    account: Id
    name: str = ""
    online: bool = True


class RoomChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    room: Annotated[str, Meta(pattern=r"\AR:.")]
    name: str = ""
    members: list[Id] = []
    leave: list[Id] = []


class PersonChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    person: Id
    name: str = ""


class WorldChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Adds to the world or changes what is there; an account goes on- or offline this way."""

    accounts: list[AccountChange] = []
    rooms: list[RoomChange] = []
    persons: list[PersonChange] = []


def _wrong(name: str, text: bytes) -> UsageProblem:
    shown = text[:120].decode("utf-8", "replace")
    return UsageProblem(
        Phrase(f"消息的 {name} 不是 JSON 对象: {shown!r}", f"a message's {name} is not a JSON object: {shown!r}"),
        Phrase("给出一个完整的 JSON 对象文本", "give the full text of a JSON object"),
    )


def unknown_account(account: str) -> UsageProblem:
    return UsageProblem(
        Phrase(f"沙箱里没有托管账号 {account!r}", f"the sandbox hosts no account {account!r}"),
        Phrase("先用 POST /_sandbox/accounts 添加", "add it first with POST /_sandbox/accounts"),
    )


def nobody_receives(chat: str) -> UsageProblem:
    return UsageProblem(
        Phrase(f"会话 {chat!r} 里没有托管账号", f"no hosted account is in the chat {chat!r}"),
        Phrase("给出 account,或把账号加入该群", "name an account, or make one a member of the room"),
    )
