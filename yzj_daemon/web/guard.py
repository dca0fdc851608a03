"""What uvicorn leaves open to whoever can reach a port: how long a request may take to arrive, how much of it there
may be, and how many connections anybody may hold.

No connection is refused for being one too many: the one that has waited longest for its sender goes instead, first
among those that never showed a secret. An honest request is whole within milliseconds, so it is never the oldest.
"""

import asyncio
import ipaddress
import resource
import time
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Literal

import httptools
import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from yzj_daemon.web.door import HEADERS, Answer, declined, told

log = structlog.get_logger("yzj_daemon.door")

Why = Literal["malformed", "large_head", "slow", "crowded", "memory", "pipelined", "denied"]
"""Why a connection was ended, or (``denied``) a request was turned away."""

TOLD_EVERY: Final = 10.0
"""Seconds between two lines about what was refused, so that nobody can fill the disk with them."""

SPARE_DESCRIPTORS: Final = 256
"""Open files that are not connections: the store, rule files, calls to the platform."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Spans in seconds, sizes in bytes.

    A head (the request line and the headers) must be whole ``head_within`` after its first byte, the request
    ``request_within`` after it: the platform itself gives up after one second. ``idle`` is between two requests.
    ``per_address``: of one IPv4 address, or one IPv6 network of 64 bits.
    """

    connections: int = 1000
    per_address: int = 500
    head_within: float = 5.0
    request_within: float = 15.0
    idle: float = 75.0
    linger: float = 2.0
    head_bytes: int = 16 * 1024
    head_lines: int = 100
    pipelined: int = 16
    held_bytes: int = 128 << 20


class Door:
    """All connections of one listening socket: who waits for the sender's next byte, since when, until when.

    ``name`` is told in logs and numbers; ``refused`` counts every connection that was ended early, by its reason.
    ``headers`` stand in every answer: not for applications that say them themselves, and some differently.
    """

    def __init__(
        self,
        name: str,
        limits: Limits,
        refused: Callable[[str, str], None],
        monotonic: Callable[[], float] = time.monotonic,
        headers: tuple[tuple[str, str], ...] = HEADERS,
    ) -> None:
        self.limits = limits
        self.headers = headers
        self.held = 0
        self.now = monotonic
        self._name = name
        self._count = refused
        self._open: Counter[str] = Counter()
        self._total = 0
        self._strangers: dict[Guarded, None] = {}
        self._guests: dict[Guarded, None] = {}
        self._untold: Counter[str] = Counter()
        self._told_at = float("-inf")

    def admit(self, one: "Guarded") -> None:
        """Let a connection in; where that is one too many, another one goes."""
        self._open[one.address] += 1
        self._total += 1
        self.waits(one, self.now() + self.limits.idle)
        if self._total > self.limits.connections:
            self._make_room(None)
        elif self._open[one.address] > self.limits.per_address:
            self._make_room(one.address)

    def waits(self, one: "Guarded", until: float) -> None:
        """It is the sender's turn, and that ends then."""
        if one.line is not None:
            del one.line[one]
        one.until = until
        one.line = self._guests if one.guest else self._strangers
        one.line[one] = None

    def works(self, one: "Guarded") -> None:
        """It is our turn: nothing to hold against the sender."""
        if one.line is not None:
            del one.line[one]
            one.line = None

    def leaves(self, one: "Guarded") -> None:
        self.works(one)
        self._total -= 1
        self._open[one.address] -= 1
        if not self._open[one.address]:
            del self._open[one.address]

    def sweep(self) -> None:
        """End what had its time; call it about once a second."""
        now = self.now()
        for one in [one for line in (self._strangers, self._guests) for one in line if one.until <= now]:
            one.out_of_time()
        self._tell(now)

    def refused(self, why: str) -> None:
        self._count(self._name, why)
        self._untold[why] += 1

    def _make_room(self, address: str | None) -> None:
        waiting = (one for line in (self._strangers, self._guests) for one in line)
        found = next((one for one in waiting if address in (None, one.address)), None)
        if found is not None:
            found.make_room()

    def _tell(self, now: float) -> None:
        if self._untold and now - self._told_at >= TOLD_EVERY:
            log.warning("door.refused", door=self._name, connections=self._total, **self._untold)
            self._untold.clear()
            self._told_at = now


class Guarded(HttpToolsProtocol):
    """uvicorn's connection, held to a :class:`Door`'s limits.

    An application that knows the sender writes ``guest`` into ``scope["state"]``: such a connection is the last to go.
    """

    def __init__(self, door: Door, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self.door = door
        self.address = ""
        self.until = 0.0
        self.line: dict[Guarded, None] | None = None
        self.guest = False
        self._began = 0.0
        self._in_head = False
        self._head_size = 0
        self._held = 0
        self._leaving = False
        self._offered = False
        self._objection: Why = "malformed"

    # The connection ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self.address = _network(self.client[0] if self.client else "")
        self.door.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.door.leaves(self)
        self._let_go()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._leaving:
            return
        if self._in_head:
            self._head_size += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        except httptools.HttpParserError:
            self._turn_away(self._objection)
        else:
            if self._in_head and self._head_size > self.door.limits.head_bytes:
                self._turn_away("large_head")
            else:
                self._tell_whose_turn()

    def _tell_whose_turn(self) -> None:
        """Once for each piece that came, whatever it held. A deadline that stands keeps the place in the line."""
        current = self._current()
        if current is not None and not current.more_body:
            self.door.works(self)
            return
        if current is not None:
            until = self._began + self.door.limits.request_within
        elif self._in_head:
            until = self._began + self.door.limits.head_within
        else:
            return
        if self.line is None or self.until != until:
            self.door.waits(self, until)

    # The parser -------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._begin_message()
        self._in_head = True
        self._head_size = 0
        self._began = self.door.now()

    def _begin_message(self) -> None:
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        self._check_head(version)
        self._in_head = False
        self._begin_request(version)
        self._offered = self.parser.should_upgrade()

    def _begin_request(self, version: str) -> None:  # noqa: ARG002 - for those who begin it in another way
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._hold(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._offered:
            return  # the parser takes the body for another protocol
        super().on_message_complete()

    def _decline(self, rest: bytes) -> None:
        """Read a request that offers another protocol as if it did not; its answer ends the connection."""
        self._offered = False
        self.cycle.keep_alive = False
        self.parser = declined(self, self.headers)
        self.data_received(rest)

    def on_response_complete(self) -> None:
        self._let_go()
        answered = self.cycle.response_complete  # else this was an earlier one of the same connection
        if answered:
            self.cycle.body.clear()  # of an answer that needed none; it would stay until the next request
        self._recognize()
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._next_request()
        if answered and self.cycle.more_body:
            self._linger()
        elif answered:
            limits = self.door.limits
            self.door.waits(self, self._began + limits.head_within if self._in_head else self.door.now() + limits.idle)

    def _recognize(self) -> None:
        self.guest = self.guest or "guest" in self.scope["state"]

    def _next_request(self) -> None:
        """As uvicorn does, but for its timer: the door ends those that say nothing more."""
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    # Limits -----------------------------------------------------------------------------------------------------

    def out_of_time(self) -> None:
        """The sender was too slow; between two requests that is nobody's fault."""
        if self._leaving:
            self.transport.abort()
        elif self._in_head or self._receiving():
            self._turn_away("slow")
        else:
            self.transport.close()

    def make_room(self) -> None:
        """Another connection needs the place."""
        self.door.refused("crowded")
        self.door.works(self)
        self._abandon()
        self.transport.abort()

    def _current(self) -> RequestResponseCycle | None:
        """The newest request without its whole answer; uvicorn's type leaves out that there may be none."""
        newest: RequestResponseCycle | None = self.cycle
        return None if newest is None or newest.response_complete else newest

    def _receiving(self) -> bool:
        return (current := self._current()) is not None and current.more_body

    def _answering(self) -> bool:
        return (current := self._current()) is not None and not current.more_body

    def _check_head(self, version: str) -> None:
        """What the parser lets pass and no honest sender writes.

        A coding beside ``chunked`` is how requests are smuggled past a proxy that reads it in another way.
        """
        limits, size = self.door.limits, len(self.url)
        for name, value in self.headers:
            size += len(name) + len(value)
            if name == b"transfer-encoding" and (value.lower() != b"chunked" or version != "1.1"):
                self._object("malformed")
        if size > limits.head_bytes or len(self.headers) > limits.head_lines:
            self._object("large_head")
        if version not in {"1.0", "1.1"}:
            self._object("malformed")
        if len(self.pipeline) >= limits.pipelined:
            self._object("pipelined")

    def _object(self, why: Why) -> None:
        """Out of the parser: it ends in a HttpParserError."""
        self._objection = why
        raise _Objection(why)

    def _turn_away(self, why: Why) -> None:
        """Say why, if nothing else is being said, and be rid of it. What came whole before gets its answer."""
        self.door.refused(why)
        current = self._current()
        if current is not None and self._answering():
            self._leaving = True
            current.keep_alive = False
            return
        silent = current is None or not current.response_started
        queued = bool(self.pipeline)
        self._abandon()
        if queued:
            self.transport.abort()
        elif not self.transport.is_closing():
            self._linger(_ANSWERS[why].written(close=True) if silent else b"")

    def _abandon(self) -> None:
        """The application hears that the other side went away."""
        if current := self._current():
            current.disconnected = True
            current.message_event.set()
        self.pipeline.clear()
        self._let_go()

    def _linger(self, last: bytes = b"") -> None:
        """Take no more in, but let what was said arrive: closing on unread bytes would call it back."""
        self._leaving = True
        self.transport.write(last)
        self.door.waits(self, self.door.now() + self.door.limits.linger)
        self.flow.resume_reading()
        self.transport.write_eof()

    def _hold(self, size: int) -> None:
        self._held += size
        self.door.held += size
        if self.door.held > self.door.limits.held_bytes:
            self._object("memory")

    def _let_go(self) -> None:
        self.door.held -= self._held
        self._held = 0


class _Objection(Exception):  # noqa: N818 - the sender's error, not ours
    """Ends the parser's work."""


_ANSWERS: Final[dict[Why, Answer]] = {
    "malformed": told(400, "not a request"),
    "large_head": told(431, "headers too large"),
    "slow": told(408, "too slow"),
    "memory": told(503, "too much at once"),
    "pipelined": told(400, "too many requests at once"),
}


def descriptors(connections: int) -> int:
    """How many connections there is room for, once this process may open as many files as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8 * connections + SPARE_DESCRIPTORS  # a burst is accepted before any of it can be turned away
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft - SPARE_DESCRIPTORS))


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    """What one sender has at least: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address) or parsed.ipv4_mapped:
        return str(getattr(parsed, "ipv4_mapped", None) or parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
