"""What is said and understood at the public door, whoever stands at it: the porter first, the ingress after.

The vendor reads the status alone; the rest of an answer is for people with curl.
"""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Protocol

import httptools

PREFIX: Final = b"/callback/"


HEADERS: Final = (("x-content-type-options", "nosniff"), ("cache-control", "no-store"))
"""Of every answer, whichever application gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One that is always the same, and so written once."""

    status: int
    body: bytes
    _head: bytes = field(init=False, repr=False)
    _kept: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        told = (*HEADERS, ("content-type", "application/json"), ("content-length", str(len(self.body))))
        lines = (f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", *map(": ".join, told), "")
        head = "\r\n".join(lines).encode()
        object.__setattr__(self, "_head", head)
        object.__setattr__(self, "_kept", head + b"\r\n" + self.body)

    def written(self, *, close: bool, whole: bool = True) -> bytes:
        """As it goes over the wire. ``close``: no other request is taken. ``whole``: with its body, as all but HEAD."""
        if whole and not close:
            return self._kept
        return self._head + (b"connection: close\r\n\r\n" if close else b"\r\n") + (self.body if whole else b"")


def told(status: int, message: str) -> Answer:
    """One that says in words what is wrong."""
    return Answer(
        status=status, body=json.dumps({"errcode": status, "message": message}, separators=(",", ":")).encode()
    )


OK = Answer(status=200, body=b'{"errcode":0}')
UNREADABLE = told(400, "not HTTP")
NOT_FOUND = told(404, "not found")
FORBIDDEN = told(403, "source address not allowed")
NOT_ALLOWED = told(405, "POST only")
TOO_LARGE = told(413, "body too large")
FAULT = told(500, "a fault of this program: its log has it")
UNAVAILABLE = told(503, "cannot take messages in now")


def by_head(method: str, length: int, most: int) -> Answer | None:
    """The answer to somebody who may call, where the head alone settles it; None: the body is to be read.

    ``length``: as the head tells it, 0 where it does not. ``most``: bytes a body may have.
    """
    if method in {"GET", "HEAD"}:
        return OK
    if method != "POST":
        return NOT_ALLOWED
    return TOO_LARGE if length > most else None


class Listener(Protocol):
    """Who hears of a body."""

    def on_body(self, body: bytes) -> None: ...

    def on_message_complete(self) -> None: ...


class _Body:
    """Of what a parser reads, the body alone."""

    def __init__(self, told: Listener) -> None:
        self.on_body = told.on_body
        self.on_message_complete = told.on_message_complete


def declined(told: Listener, headers: Iterable[tuple[bytes, bytes]]) -> httptools.HttpRequestParser:
    """What reads on after a head that offered another protocol, as if it did not; the request must be the last one.

    Java's own client offers HTTP/2 in every first request, and the parser reads no body behind an offer.
    """
    parser = httptools.HttpRequestParser(_Body(told))
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    framing = [line for line in headers if line[0] in {b"content-length", b"transfer-encoding"}]
    head = b"".join(b"%s: %s\r\n" % line for line in framing)
    parser.feed_data(b"POST / HTTP/1.1\r\n" + head + b"connection: close\r\n\r\n")
    return parser


def inflated(body: bytes, most: int) -> bytes:
    """The body unpacked, or as much of it as shows it to be too large; as it is when it is no gzip."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, most + 1)
    except zlib.error:
        return body
