"""What is said and understood at the public door, whoever stands at it: the porter first, the ingress after.

The vendor reads the status alone; the rest of an answer is for people with curl.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

import httptools

PREFIX: Final = b"/callback/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = field(init=False)

    def __post_init__(self) -> None:
        told = ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(self.body)))
        object.__setattr__(self, "headers", told)


OK = Answer(status=200, body=b'{"errcode":0}')
UNREADABLE = Answer(status=400, body=b'{"errcode":400,"message":"not HTTP"}')
NOT_FOUND = Answer(status=404, body=b'{"errcode":404,"message":"not found"}')
FORBIDDEN = Answer(status=403, body=b'{"errcode":403,"message":"source address not allowed"}')
NOT_ALLOWED = Answer(status=405, body=b'{"errcode":405,"message":"POST only"}')
TOO_LARGE = Answer(status=413, body=b'{"errcode":413,"message":"body too large"}')
UNAVAILABLE = Answer(status=503, body=b'{"errcode":503,"message":"cannot take messages in now"}')


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
