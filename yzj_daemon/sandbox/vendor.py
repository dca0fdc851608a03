"""The vendor's HTTP face: a raw ASGI application that answers, and fails as scripted.

Faults of the connection are real ones. The server's protocol (:mod:`yzj_daemon.sandbox.server`) hands each request's
transport over in ``scope["extensions"]["sandbox"]["transport"]``: *drop* closes it (FIN) or aborts it with SO_LINGER
0 (RST), *hang* leaves it open and never writes, *truncate* promises more bytes than it sends and closes,
*garbage http* writes bytes that are no HTTP at all.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from yzj_daemon.sandbox import forwarding
from yzj_daemon.sandbox.calls import Call, CallBook
from yzj_daemon.sandbox.endpoints import PATHS, Endpoints
from yzj_daemon.sandbox.exchange import Refusal, Reply, Request
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.forwarding import Forward
from yzj_daemon.sandbox.platform import Platform

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTROL = "/_sandbox"
NOISE = b"\x00\xff<html>\xfe not json \x80"
_NO_LINGER = struct.pack("ii", 1, 0)


class Vendor:
    """``control`` answers what lies under ``/_sandbox``."""

    def __init__(self, platform: Platform, control: ASGIApp) -> None:
        self._platform = platform
        self._control = control
        self._endpoints = Endpoints(platform)
        prefix = platform.options.prefix
        self._paths = {prefix + path: endpoint for path, (endpoint, _method) in PATHS.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(CONTROL + "/"):
            await self._control(scope, receive, send)
            return
        arrived = self._platform.clock.monotonic()
        body = await _read(receive)
        if body is None:
            return
        endpoint = self._paths.get(scope["path"])
        line = _Line(scope, receive, send, self._date())
        if endpoint is None:
            await line.reply(Reply(b"<html><body>404 Not Found</body></html>", 404))
            return
        await self._serve(_request(endpoint, scope, body), line, arrived)

    def _date(self) -> str:
        """As HTTP tells the time."""
        platform = self._platform
        return formatdate(platform.clock.wall() / 1000 + platform.behaviour.date_ahead_s, usegmt=True)

    async def _serve(self, request: Request, line: "_Line", arrived: float) -> None:
        counts = self._platform.requests
        counts[request.endpoint] = counts.get(request.endpoint, 0) + 1
        if request.endpoint == "forwardMsg":
            await self._forward(request, line, arrived)
            return
        fault = self._platform.faults.strike(request.endpoint, _account(request))
        await self._act(fault, lambda: self._endpoints.answer(request), line, _unrecorded)

    async def _forward(self, request: Request, line: "_Line", arrived: float) -> None:
        asked = forwarding.read(request.body)
        book = self._platform.calls
        call = self._opened(asked, request.body, arrived, book)
        fault = self._platform.faults.strike("forwardMsg", asked.account, asked.chats)

        def close(result: str) -> None:
            book.closed(call, result, self._platform.clock.monotonic(), self._platform.clock.wall())

        try:
            await self._act(fault, lambda: self._endpoints.forward(request, asked), line, close)
        finally:
            close("gone")

    def _opened(self, asked: Forward, body: bytes, arrived: float, book: CallBook) -> Call:
        gap, overlapped = book.gap(asked.account, arrived)
        call = Call(
            index=book.total,
            account=asked.account,
            chats=asked.chats,
            types=tuple(piece.type for piece in asked.pieces),
            times=tuple(piece.time for piece in asked.pieces),
            body=body,
            contents=tuple((piece.start, piece.end) for piece in asked.pieces),
            arrived=arrived,
            arrived_at=self._platform.clock.wall(),
            gap=gap,
            overlapped=overlapped,
        )
        book.opened(call)
        return call

    async def _act(
        self, fault: Fault | None, handle: Callable[[], Reply], line: "_Line", close: Callable[[str], None]
    ) -> None:
        """``close`` is told the result just before the answer leaves, or when it is sure that none will."""
        delay = self._platform.behaviour.answer_after + (fault.delay if fault else 0)
        if delay:
            await line.wait(delay, lambda: close("client left"))
        if fault is None or not fault.kinds:
            reply = handle()
            close(reply.result)
            await line.reply(reply)
            return
        good = handle() if fault.took_effect else None
        await self._fail(fault, good or Reply(b'{"errcode":0}'), line, close)

    async def _fail(self, fault: Fault, good: Reply, line: "_Line", close: Callable[[str], None]) -> None:
        [kind] = fault.kinds
        if kind == "hang":
            await line.left()
            close(kind)
            return
        close(str(fault.errcode) if fault.errcode is not None else kind)
        if fault.errcode is not None:
            await line.reply(self._endpoints.refused(Refusal(fault.errcode, fault.message)))
        elif fault.status is not None:
            await line.reply(Reply(fault.body.encode(), fault.status))
        elif fault.garbage is not None:
            await (line.noise() if fault.garbage == "http" else line.reply(Reply(NOISE)))
        elif fault.truncate:
            await line.truncated(good)
        else:
            await line.close(reset=fault.reset)


class _Line:
    """The way back to the caller."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, date: str) -> None:
        self._date = date.encode()
        self._transport: asyncio.Transport = scope["extensions"]["sandbox"]["transport"]
        self._receive = receive
        self._send = send

    async def reply(self, reply: Reply) -> None:
        await self._start(reply.status, len(reply.body))
        await self._send({"type": "http.response.body", "body": reply.body})

    async def _start(self, status: int, length: int) -> None:
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % length),
            (b"date", self._date),
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def left(self) -> None:
        """Returns once the caller (or the sandbox, at its end) has closed the connection."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def wait(self, ms: int, on_left: Callable[[], None]) -> None:
        """Waits that long in any case; ``on_left`` is called at once should the caller leave meanwhile."""
        leaving = asyncio.ensure_future(self.left())
        leaving.add_done_callback(lambda task: None if task.cancelled() else on_left())
        try:
            await asyncio.sleep(ms / 1000)
        finally:
            leaving.cancel()

    async def truncated(self, reply: Reply) -> None:
        await self._start(reply.status, len(reply.body))
        half = reply.body[: len(reply.body) // 2]
        await self._send({"type": "http.response.body", "body": half, "more_body": True})
        await self.close(reset=False)

    async def noise(self) -> None:
        self._transport.write(NOISE)
        await self.close(reset=False)

    async def close(self, *, reset: bool) -> None:
        """Ends the connection and waits until the server has seen it, so that it does not answer by itself."""
        if reset:
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()
        else:
            self._transport.close()
        await self.left()


def _unrecorded(_result: str) -> None:
    """Only forwardMsg keeps a record of each call."""


async def _read(receive: Receive) -> bytes | None:
    """The request's body, or None when the caller left before its end."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _request(endpoint: str, scope: Scope, body: bytes) -> Request:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    client = scope["client"]
    return Request(endpoint=endpoint, method=scope["method"], query=query, body=body, peer=client[0] if client else "")


def _account(request: Request) -> str:
    return request.query.get("wxid") or request.query.get("rel_wxid") or ""
