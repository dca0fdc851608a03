"""The porter: takes callbacks in while the daemon behind the door is still getting up.

systemd holds the listening socket over a restart, so nobody is refused; but the vendor waits one second only, and
most of a start is the loading of code. The porter needs next to none of it. In a thread of its own it checks path and
source, puts the body into the spool, and door. The daemon takes the spool in before it opens the door itself.
"""

import asyncio
import hmac
import os
import socket
import threading
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import httptools

from yzj_daemon.ops.activation import listen_fds
from yzj_daemon.ops.yielding import giving_way
from yzj_daemon.web import door
from yzj_daemon.web.door import PREFIX, Answer, inflated
from yzj_daemon.web.sources import Sources, networks
from yzj_daemon.web.spool import Kept, Spool, path_of

if TYPE_CHECKING:
    from yzj_daemon.settings import Settings

BACKLOG: Final = 4096
"""Connections that may wait in the kernel."""

LARGEST_HEAD: Final = 64 * 1024
"""Bytes of all headers together."""

MOST_VISITORS: Final = 1000
"""Connections at once; one more, and the one that has been there longest goes."""

MOST_HELD: Final = 128 << 20
"""Bytes of bodies that are not yet whole, of all visitors together."""

PATIENCE: Final = 5.0
"""Seconds that one request may take to arrive."""

LINGER: Final = 0.5
"""Seconds that requests on their way get when the porter goes."""

LAST_ONES: Final = 0.02
"""Seconds until those who were let in last are known to be there."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the settings say about the door. The secret is not in it: a path is known again by its salted digest."""

    spool: str
    salt: str
    digest: str
    allow_from: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    max_body: int

    @classmethod
    def of(cls, settings: "Settings") -> Self | None:
        """None: there is nothing a porter could do. Who may call must be known, and the vendor's list is not yet."""
        callback, path = settings.callback, path_of(settings.store.url)
        if path is None or not callback.enabled or callback.secret is None or "vendor" in callback.allow_from:
            return None
        salt = os.urandom(16)
        digest = _digest(salt, PREFIX + callback.secret.get_secret_value().encode())
        return cls(
            str(path), salt.hex(), digest, callback.allow_from, callback.trusted_proxies, max_body=callback.max_body
        )

    @classmethod
    def read(cls, row: Any) -> Self | None:
        """What :meth:`row` answered, from a file that nobody else writes."""
        return None if row is None else cls(**row)

    def row(self) -> dict[str, object]:
        return asdict(self)

    def is_path(self, path: bytes) -> bool:
        return hmac.compare_digest(_digest(bytes.fromhex(self.salt), path), self.digest)

    def sources(self) -> Sources:
        return Sources(networks=networks(self.allow_from), trusted_proxies=networks(self.trusted_proxies))


def _digest(salt: bytes, path: bytes) -> str:
    return blake2b(path, key=salt).hexdigest()


class Porter:
    """``open`` is called once, ``close`` at least once: after that nothing is answered any more."""

    def __init__(self, listener: socket.socket, order: Order, spool: Spool) -> None:
        self.order = order
        self.sources = order.sources()
        self.visitors: dict[_Visitor, None] = {}
        self.held = 0
        self._listener = listener
        self._spool = spool
        self._waiting: list[tuple[_Visitor, Kept]] = []
        self._loop = asyncio.new_event_loop()
        self._leaving = asyncio.Event()
        self._courtesy = ExitStack()
        self._thread = threading.Thread(target=self._work, name="porter", daemon=True)

    def open(self) -> None:
        self._courtesy.enter_context(giving_way())  # of the thread that loads code
        self._thread.start()

    def close(self) -> None:
        """Let nobody in any more, answer those who are in, and go. All that was answered is in the spool."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._leaving.set)
        self._thread.join()
        self._courtesy.close()
        self._spool.close()

    def let_in(self, visitor: "_Visitor") -> None:
        self.visitors[visitor] = None
        if len(self.visitors) > MOST_VISITORS:
            next(iter(self.visitors)).go()

    def keep(self, visitor: "_Visitor", body: bytes) -> None:
        """Answer after the body is on disk; those that come together share one sync."""
        if not self._waiting:
            self._loop.call_soon(self._store)
        self._waiting.append((visitor, Kept(time.time_ns() // 1_000_000, body)))

    def _store(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            self._spool.add(kept for _, kept in waiting)
            answer = door.OK
        except OSError:
            answer = door.UNAVAILABLE
        for visitor, _ in waiting:
            visitor.answer(answer)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await self._loop.create_server(lambda: _Visitor(self), sock=self._listener, backlog=BACKLOG)
        await self._leaving.wait()
        self._loop.remove_reader(self._listener)  # closing would drop those who are in and not yet announced
        await asyncio.sleep(LAST_ONES)
        server.close()
        deadline = self._loop.time() + LINGER
        while self.visitors and self._loop.time() < deadline:  # noqa: ASYNC110 - at most a hundred looks
            await asyncio.sleep(0.005)
        for visitor in tuple(self.visitors):
            visitor.go()
        await asyncio.sleep(0)  # closed transports end in the next turn


class _Visitor(asyncio.Protocol):
    """One connection, one request: the answer closes it."""

    def __init__(self, porter: Porter) -> None:
        self._porter = porter
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._head = 0
        self._parts: list[bytes] = []
        self._size = 0
        self._answered = False
        self._offered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self.go)
        self._porter.let_in(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - gone is gone
        self._timer.cancel()
        self._porter.visitors.pop(self, None)
        self._porter.held -= self._size

    def data_received(self, data: bytes) -> None:
        if self._answered:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._offered = False
            self._parser = door.declined(self, self._headers)
            self.data_received(data[offer.args[0] :])
        except httptools.HttpParserError:
            self.answer(door.UNREADABLE)

    def go(self) -> None:
        self._transport.abort()

    def answer(self, answer: Answer) -> None:
        if self._answered:
            return
        self._answered = True
        self._transport.write(answer.written(close=True))
        self._transport.close()

    # What the parser calls ------------------------------------------------------------------------------------------

    def on_url(self, url: bytes) -> None:
        self._weigh(len(url))
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._weigh(len(name) + len(value))
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._offered = self._parser.should_upgrade()
        if (answer := self._turned_away()) is not None:
            self.answer(answer)
        elif self._header(b"expect").lower() == b"100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        self._porter.held += len(body)
        if self._size > self._porter.order.max_body:
            self.answer(door.TOO_LARGE)
        elif self._porter.held > MOST_HELD:
            self.answer(door.UNAVAILABLE)
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        if self._answered or self._offered:  # with an offer, the parser takes the body for another protocol
            return
        body = b"".join(self._parts)
        if self._header(b"content-encoding").lower() == b"gzip":
            body = inflated(body, self._porter.order.max_body)
        if len(body) > self._porter.order.max_body:
            self.answer(door.TOO_LARGE)
        else:
            self._porter.keep(self, body)

    def _weigh(self, size: int) -> None:
        self._head += size
        if self._head > LARGEST_HEAD:
            self.answer(door.UNREADABLE)

    def _turned_away(self) -> Answer | None:
        """As :meth:`Ingress.knows` and :meth:`Ingress.turned_away` do: a wrong secret learns nothing else."""
        path = self._url.partition(b"?")[0]
        if not self._porter.order.is_path(path):
            return door.NOT_FOUND
        if self._porter.sources.verdict(self._peer(), self._all(b"x-forwarded-for")) != "allowed":
            return door.FORBIDDEN
        length = self._header(b"content-length")
        method = self._parser.get_method().decode("ascii")
        return door.by_head(method, int(length) if length.isdigit() else 0, self._porter.order.max_body)

    def _peer(self) -> str | None:
        peer = self._transport.get_extra_info("peername")
        return peer[0] if isinstance(peer, tuple) else None

    def _header(self, name: bytes) -> bytes:
        return next((value for key, value in self._headers if key == name), b"")

    def _all(self, name: bytes) -> list[str]:
        return [value.decode("latin-1") for key, value in self._headers if key == name]


def posted(order: Order | None) -> Porter | None:
    """A porter at the socket that systemd passed, at work; None without an order, or without a socket."""
    if order is None or not (passed := listen_fds(os.environ)):
        return None
    listener = passed[0].dup()
    for one in passed:
        one.detach()  # they stay open: the daemon asks for them again
    try:
        spool = Spool(Path(order.spool))
    except OSError:
        listener.close()
        return None  # whatever is wrong with that directory, the store will say it better
    porter = Porter(listener, order, spool)
    porter.open()
    return porter
