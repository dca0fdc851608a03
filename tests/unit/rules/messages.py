"""A message as rules see it, of which a test says only what it is about."""

from typing import Any

from yzj_daemon.message import Message

PLAIN: dict[str, Any] = {
    "account": "A",
    "id": "1",
    "chat": "R:customers",
    "chat_type": "room",
    "sender": "7",
    "type": "text",
    "sent_at": 0,
    "text": "",
    "content": "{}",
}


def message(text: str = "", **given: Any) -> Message:
    return Message(**{**PLAIN, "text": text, **given})
