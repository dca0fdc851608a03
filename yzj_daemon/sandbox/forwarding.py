"""What a forwardMsg request asks for, read without touching its contents (vendor page 11490697483004869)."""

import json
from dataclasses import dataclass
from typing import Any

from yzj_daemon.sandbox.jsontext import Malformed, elements, members, well_formed


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One message to forward. ``start`` and ``end`` tell where its content stands in the body."""

    type: str
    start: int
    end: int
    time: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A request as it came. ``wrong`` says what is not as documented; empty when all is well."""

    app_id: str = ""
    token: str = ""
    account: str = ""
    chats: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    wrong: str = ""


def read(body: bytes) -> Forward:
    """Whatever can be read of a request: a wrong part makes ``wrong``, the others stay."""
    if not well_formed(body):
        return Forward(wrong="body is not JSON")
    try:
        places = {key: (start, end) for key, start, end in members(body)}
    except Malformed:
        return Forward(wrong="body is not an object")
    return _Reader(body, places).forward()


class _Reader:
    def __init__(self, body: bytes, places: dict[str, tuple[int, int]]) -> None:
        self._body = body
        self._places = places
        self._wrong: list[str] = []

    def forward(self) -> Forward:
        made = Forward(
            app_id=self._string("app_id"),
            token=self._string("access_token"),
            account=self._string("wxid", required=True),
            chats=self._chats(),
            pieces=self._pieces(),
        )
        if not self._wrong:
            return made
        return Forward(
            app_id=made.app_id,
            token=made.token,
            account=made.account,
            chats=made.chats,
            pieces=made.pieces,
            wrong=", ".join(self._wrong),
        )

    def _complain(self, name: str) -> None:
        if name not in self._wrong:
            self._wrong.append(name)

    def _string(self, name: str, *, required: bool = False) -> str:
        value = _value(self._body, self._places.get(name))
        if isinstance(value, str) and (value or not required):
            return value
        if value is not None or required:
            self._complain(name)
        return ""

    def _chats(self) -> tuple[str, ...]:
        value = _value(self._body, self._places.get("chat_wxids"))
        if isinstance(value, list) and value and all(isinstance(chat, str) and chat for chat in value):
            return tuple(value)
        self._complain("chat_wxids")
        return ()

    def _pieces(self) -> tuple[Piece, ...]:
        place = self._places.get("messages", (0, 0))
        try:
            spans = list(elements(self._body, place[0])) if place[1] else []
            pieces = [self._piece(start) for start, _end in spans]
        except Malformed:
            pieces = [None]
        if not pieces or None in pieces:
            self._complain("messages")
        return tuple(piece for piece in pieces if piece is not None)

    def _piece(self, at: int) -> Piece | None:
        places = {key: (start, end) for key, start, end in members(self._body, at)}
        kind = _value(self._body, places.get("msg_type"))
        start, end = places.get("content", (0, 0))
        time = _value(self._body, places.get("msg_time"))
        is_time = time is None or (isinstance(time, int) and not isinstance(time, bool))
        if not isinstance(kind, str) or self._body[start : start + 1] != b"{" or not end or not is_time:
            return None
        return Piece(type=kind, start=start, end=end, time=time)


def _value(body: bytes, place: tuple[int, int] | None) -> Any:
    """A small value, parsed; None where there is none or it is too odd to be one of ours."""
    if place is None:
        return None
    try:
        return json.loads(body[place[0] : place[1]])
    except (ValueError, RecursionError):
        return None
