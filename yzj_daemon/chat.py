"""A chat: a room or a contact, as the platform's directory lists it for a hosted account."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

ChatKind = Literal["room", "contact"]
CHAT_KINDS: Final[tuple[ChatKind, ...]] = get_args(ChatKind)


@dataclass(frozen=True, slots=True)
class Chat:
    """``name`` is "" where the platform tells none."""

    id: str
    name: str = ""

    @property
    def kind(self) -> ChatKind:
        """The id tells it, in whichever list it stood."""
        return "room" if self.id.startswith("R:") else "contact"


@dataclass(frozen=True, slots=True)
class ChatPage:
    """One page of a list of chats. ``last``: no other page comes after it."""

    chats: tuple[Chat, ...]
    last: bool
