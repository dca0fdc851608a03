"""Connections whose requests are answered without ASGI: the head is judged at once, the body is handed over whole, and
the answer is one write.

A task, a handful of awaits and two writes for each request are most of what a server costs; who asks for nothing but
"taken", five thousand times a second, need not pay for them. All else is uvicorn's, held to the door's limits.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, cast

import httptools
import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from yzj_daemon.web.door import FAULT, NOT_FOUND, Answer
from yzj_daemon.web.guard import Guarded

log = structlog.get_logger("yzj_daemon.door")

Reply = Callable[[Answer], None]


class Request(msgspec.Struct, frozen=True, gc=False):
    """A head. ``headers``: names in lower case. ``peer``: the address it came from, where that is known.

    ``since``: when it was whole, in seconds of the door's clock.
    """

    method: str
    path: bytes
    headers: list[tuple[bytes, bytes]]
    peer: str | None
    since: float


class Application(Protocol):
    """What stands behind such a connection. None of it may wait. ``max_body``: bytes."""

    max_body: int

    def knows(self, request: Request) -> bool:
        """Whether it shows the secret: such a connection is the last to go."""

    def turned_away(self, request: Request) -> Answer | None:
        """The answer that needs no body; None: the body is to be read. Asked of those it knows."""

    def take(self, request: Request, body: bytes, reply: Reply) -> None:
        """A body, or as much of it as shows it to be too large; ``reply`` is called with the answer, once, some day."""

    def broken_off(self, request: Request, size: int) -> None:
        """The other side went away when it had sent so many bytes of a body."""


class _Silent:
    """Where uvicorn wakes an application that awaits more of a request."""

    def set(self) -> None:
        """Nobody does."""


class _Exchange(RequestResponseCycle):
    """A request and its answer, as far as uvicorn's connection and the guard ask; ASGI's share is left out."""

    message_event = _Silent()  # type: ignore[assignment]

    def __init__(self, request: Request, *, keep_alive: bool, waiting_for_100_continue: bool) -> None:
        self.request = request
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = waiting_for_100_continue
        self.body = bytearray()
        self.more_body = True
        self.disconnected = self.response_started = self.response_complete = False


class Direct(Guarded):
    """uvicorn's application is an :class:`Application`."""

    app: Application
    cycle: _Exchange

    def __init__(self, *door: Any, **uvicorn: Any) -> None:
        super().__init__(*door, **uvicorn)
        self._peer: str | None = None
        self._arriving: _Exchange | None = None
        self._unsent: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else None

    # The parser -------------------------------------------------------------------------------------------------

    def _begin_message(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def _begin_request(self, version: str) -> None:
        method = self.parser.get_method().decode("ascii")
        request = Request(method, _path(self.url), self.headers, self._peer, self.door.now())
        waits = self._current() is not None
        self.cycle = _Exchange(
            request,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            waiting_for_100_continue=self.expect_100_continue,
        )
        if waits:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.config.loaded_app))
        else:
            self._start(self.cycle)

    def on_body(self, body: bytes) -> None:
        self._hold(len(body))
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > self.app.max_body and self._arriving is cycle:
            self._hand_over(cycle)

    def on_message_complete(self) -> None:
        if self._offered:
            return  # as the guard says
        cycle = self.cycle
        cycle.more_body = False
        if self._arriving is cycle:
            self._hand_over(cycle)

    # A request --------------------------------------------------------------------------------------------------

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ARG002 - its signature
        """It is the turn of a request that had to wait, in the words of uvicorn."""
        self._start(cast("_Exchange", cycle))

    def _start(self, cycle: _Exchange) -> None:
        self._arriving = cycle
        try:
            known = self.app.knows(cycle.request)
            answer = self.app.turned_away(cycle.request) if known else NOT_FOUND
        except Exception as surprise:  # noqa: BLE001 - told, answered, and the next request goes on
            known, answer = False, _fault(surprise)
        self.guest = self.guest or known
        if answer is not None:
            self._arriving = None
            self._answer_soon(cycle, answer)
        elif not cycle.more_body:
            self._hand_over(cycle)
        elif cycle.waiting_for_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _recognize(self) -> None:
        """Done when its head was judged."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._break_off()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unsent is not None:
            unsent, self._unsent = self._unsent, None
            unsent()

    def _hand_over(self, cycle: _Exchange) -> None:
        self._arriving = None
        body = bytes(cycle.body)
        cycle.body.clear()
        try:
            self.app.take(cycle.request, body, partial(self._answer, cycle))
        except Exception as surprise:  # noqa: BLE001 - as above
            self._answer_soon(cycle, _fault(surprise))

    def _answer_soon(self, cycle: _Exchange, answer: Answer) -> None:
        """Not within the parser, which goes on with what it was about to do."""
        self.loop.call_soon(self._answer, cycle, answer)

    def _answer(self, cycle: _Exchange, answer: Answer) -> None:
        if cycle.disconnected or cycle.response_complete:
            return
        if self.flow.write_paused:
            self._unsent = partial(self._answer, cycle, answer)
            return
        cycle.response_started = cycle.response_complete = True
        whole = cycle.request.method != "HEAD"
        self.transport.write(answer.written(close=not cycle.keep_alive, whole=whole))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _abandon(self) -> None:
        self._break_off()
        super()._abandon()

    def _break_off(self) -> None:
        if self._arriving is not None:
            cycle, self._arriving = self._arriving, None
            self.app.broken_off(cycle.request, len(cycle.body))


def _path(url: bytes) -> bytes:
    """Of a request line, whose URL may also be a whole one."""
    if url.startswith(b"/"):
        return url.partition(b"?")[0]
    return httptools.parse_url(url).path or b""


def _fault(surprise: Exception) -> Answer:
    log.error("door.raised", todo="report this: it is a fault of the program", exc_info=surprise)
    return FAULT
