"""Connections whose requests are answered without ASGI: the head is judged at once, the body is handed over whole, and
the answer is one write.

A task, a handful of awaits and two writes for each request are most of what a server costs; who asks for nothing but
"taken", five thousand times a second, need not pay for them. All else is uvicorn's, held to the door's limits.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import httptools
import structlog
from uvicorn._types import HTTPScope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from yzj_daemon.web.door import FAULT, Answer
from yzj_daemon.web.guard import Guarded

log = structlog.get_logger("yzj_daemon.door")

Reply = Callable[[Answer], None]


class Application(Protocol):
    """What stands behind such a connection. None of it may wait. ``max_body``: bytes."""

    max_body: int

    def turned_away(self, scope: HTTPScope) -> Answer | None:
        """The answer that needs no body; None: the body is to be read."""

    def take(self, scope: HTTPScope, body: bytes, began: float, reply: Reply) -> None:
        """A body, or as much of it as shows it to be too large; ``reply`` is called with the answer, once, some time.

        ``began``: when the head was whole, in seconds of the door's clock.
        """

    def broken_off(self, scope: HTTPScope, size: int) -> None:
        """The other side went away when it had sent so many bytes of a body."""


class _Silent:
    """Where uvicorn wakes an application that awaits more of a request."""

    def set(self) -> None:
        """Nobody does."""


class _Exchange(RequestResponseCycle):
    """A request and its answer, as far as uvicorn's connection and the guard ask; ASGI's share is left out."""

    message_event = _Silent()  # type: ignore[assignment]

    def __init__(self, scope: HTTPScope, *, keep_alive: bool, waiting_for_100_continue: bool) -> None:
        self.scope = scope
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = waiting_for_100_continue
        self.body = bytearray()
        self.more_body = True
        self.disconnected = self.response_started = self.response_complete = False


class Direct(Guarded):
    """uvicorn's application is an :class:`Application`."""

    app: Application

    def __init__(self, *door: Any, **uvicorn: Any) -> None:
        super().__init__(*door, **uvicorn)
        self._arriving: RequestResponseCycle | None = None
        self._arriving_since = 0.0
        self._unsent: Callable[[], None] | None = None

    def _begin_request(self) -> None:
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["raw_path"] = _path(self.url)
        waits = self._current() is not None
        self.cycle = _Exchange(
            self.scope,
            keep_alive=self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0",
            waiting_for_100_continue=self.expect_100_continue,
        )
        if waits:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.config.loaded_app))
        else:
            self._start(self.cycle)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ARG002 - its signature
        """It is the turn of a request that had to wait, in the words of uvicorn."""
        self._start(cycle)

    def _start(self, cycle: RequestResponseCycle) -> None:
        self._arriving, self._arriving_since = cycle, self.door.now()
        try:
            answer = self.app.turned_away(cycle.scope)
        except Exception as surprise:  # noqa: BLE001 - told, answered, and the next request goes on
            answer = _fault(surprise)
        if answer is not None:
            self._arriving = None
            self._answer_soon(cycle, answer)
        elif not cycle.more_body:
            self._hand_over(cycle)
        elif cycle.waiting_for_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self._arriving is self.cycle:
            self.flow.resume_reading()  # which uvicorn leaves to an application that asks for more
            if len(self.cycle.body) > self.app.max_body:
                self._hand_over(self.cycle)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._arriving is self.cycle and not self.cycle.more_body:
            self._hand_over(self.cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._break_off()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unsent is not None:
            unsent, self._unsent = self._unsent, None
            unsent()

    def _hand_over(self, cycle: RequestResponseCycle) -> None:
        self._arriving = None
        body = bytes(cycle.body)
        cycle.body.clear()
        try:
            self.app.take(cycle.scope, body, self._arriving_since, partial(self._answer, cycle))
        except Exception as surprise:  # noqa: BLE001 - as above
            self._answer_soon(cycle, _fault(surprise))

    def _answer_soon(self, cycle: RequestResponseCycle, answer: Answer) -> None:
        """Not within the parser, which goes on with what it was about to do."""
        self.loop.call_soon(self._answer, cycle, answer)

    def _answer(self, cycle: RequestResponseCycle, answer: Answer) -> None:
        if cycle.disconnected or cycle.response_complete:
            return
        if self.flow.write_paused:
            self._unsent = partial(self._answer, cycle, answer)
            return
        cycle.response_started = cycle.response_complete = True
        whole = cycle.scope["method"] != "HEAD"
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
            self.app.broken_off(cycle.scope, len(cycle.body))


def _path(url: bytes) -> bytes:
    """Of a request line, whose URL may also be a whole one."""
    if url.startswith(b"/"):
        return url.partition(b"?")[0]
    return httptools.parse_url(url).path or b""


def _fault(surprise: Exception) -> Answer:
    log.error("door.raised", todo="report this: it is a fault of the program", exc_info=surprise)
    return FAULT
