"""A chat: a room or a contact, as the platform's directory lists it for a hosted account."""

from typing import Final, Literal, get_args

import msgspec

ChatKind = Literal["room", "contact"]
CHAT_KINDS: Final[tuple[ChatKind, ...]] = get_args(ChatKind)


class Chat(msgspec.Struct, frozen=True):
    """``name`` is "" where the platform tells none."""

    id: str
    name: str = ""

    @property
    def kind(self) -> ChatKind:
        """The id tells it, in whichever list it stood."""
        return "room" if self.id.startswith("R:") else "contact"


class ChatPage(msgspec.Struct, frozen=True):
    """One page of a list of chats. ``last``: no other page comes after it."""

    chats: tuple[Chat, ...]
    last: bool
