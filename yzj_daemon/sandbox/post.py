"""A lean HTTP/1.1 client for pushes: thousands a second, and times that hold no queueing of its own.

Only what a callback needs: POST, the status, how long it took. Connections are kept for a short while when asked.
"""

import asyncio
import ssl
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

import httptools

IDLE_S = 2.0
"""A connection idle for longer is not used again: the other side may be closing it at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """``status`` is None without an answer. ``ms`` runs from before connecting to the end of the answer."""

    outcome: Literal["answered", "late", "failed"]
    status: int | None
    ms: float


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    tls: bool
    target: str
    authority: str


def address(url: str) -> Address:
    """Raises ValueError on what is not an http or https URL with a host."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(url)
    tls = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.hostname, parts.port or (443 if tls else 80), tls, target, parts.netloc.rpartition("@")[2])


class _Line(asyncio.Protocol):
    """One connection, one exchange at a time."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.reusable = False
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[int] | None = None
        self._headed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its type

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes) -> int:
        """The status of the answer. Raises ConnectionError when the connection ends first."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.reusable = self._headed = False
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(str(error)))
            self.close()

    def on_headers_complete(self) -> None:
        self._headed = True

    def on_message_complete(self) -> None:
        self.reusable = self._parser.should_keep_alive()
        self._succeed()

    def _succeed(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(self._parser.get_status_code())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._headed and exc is None:
            self._succeed()  # an answer without a length ends with its connection
        self._fail(ConnectionError(str(exc or "closed")))

    def _fail(self, error: ConnectionError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Poster:
    """Sends bodies. Use as an async context: leaving it closes what is open."""

    def __init__(self) -> None:
        self._idle: defaultdict[tuple[str, int, bool], list[_Line]] = defaultdict(list)

    async def post(self, to: Address, body: bytes, *, timeout_ms: int, keepalive: bool, encoding: str = "") -> Posted:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                request = _request(to, body, keepalive=keepalive, encoding=encoding)
                status = await (self._on_kept_line(to, request) if keepalive else _on_own_line(to, request))
        except TimeoutError:
            return Posted(outcome="late", status=None, ms=_since(started))
        except OSError:
            return Posted(outcome="failed", status=None, ms=_since(started))
        return Posted(outcome="answered", status=status, ms=_since(started))

    async def _on_kept_line(self, to: Address, request: bytes) -> int:
        line = self._rested(to) or await _connect(to)
        try:
            status = await line.exchange(request)
        except BaseException:
            line.close()
            raise
        self._rest(to, line)
        return status

    def _rested(self, to: Address) -> _Line | None:
        lines = self._idle[to.host, to.port, to.tls]
        while lines:
            line = lines.pop()
            if line.is_open and time.perf_counter() - line.idle_since < IDLE_S:
                return line
            line.close()
        return None

    def _rest(self, to: Address, line: _Line) -> None:
        if not line.reusable:
            line.close()
            return
        line.idle_since = time.perf_counter()
        self._idle[to.host, to.port, to.tls].append(line)

    def close(self) -> None:
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()


async def _on_own_line(to: Address, request: bytes) -> int:
    line = await _connect(to)
    try:
        return await line.exchange(request)
    finally:
        line.close()


async def _connect(to: Address) -> _Line:
    loop = asyncio.get_running_loop()
    context = ssl.create_default_context() if to.tls else None
    _transport, line = await loop.create_connection(_Line, to.host, to.port, ssl=context)
    return line


def _request(to: Address, body: bytes, *, keepalive: bool, encoding: str) -> bytes:
    lines = [
        f"POST {to.target} HTTP/1.1",
        f"host: {to.authority}",
        "content-type: application/json; charset=utf-8",
        f"content-length: {len(body)}",
        f"connection: {'keep-alive' if keepalive else 'close'}",
    ]
    if encoding:
        lines.append(f"content-encoding: {encoding}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
