"""The public door: ``POST /callback/<secret>``.

The vendor waits one second, never repeats, and shuts callbacks off after 1,000 late answers a day (vendor page
11490692518660567). So the answer leaves after the commit, and at ``ack_within`` regardless. What cannot be read is
quarantined and answered 200 all the same: an error would not make the vendor send it again.
"""

import asyncio
import hmac
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec
import structlog

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.errors import StoreProblem
from yzj_daemon.flow.intake import Intake, Recorded
from yzj_daemon.message import Batch, joined
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.web.deadlines import Deadlines
from yzj_daemon.web.direct import Reply, Request
from yzj_daemon.web.door import (
    FAULT,
    FORBIDDEN,
    OK,
    PREFIX,
    TOO_LARGE,
    UNAVAILABLE,
    Answer,
    by_head,
    inflated,
)
from yzj_daemon.web.sources import Sources
from yzj_daemon.yzj.reader import Reader

log = structlog.get_logger("yzj_daemon.ingress")

LARGE_BODY = 256 * 1024
"""Bytes from which reading a body happens beside the loop, so that it delays nobody else's answer."""


READ_TOGETHER: Final = 64
"""Bodies that are read at once."""


class Ingress:
    """``read`` turns bodies into batches: decrypts and splits them.

    ``missed`` is called when a message may not have been stored in time: somebody should pull.
    ``ack_within`` is in ms, ``max_body`` in bytes.
    """

    def __init__(
        self,
        secret: str,
        read: Reader,
        intake: Intake,
        sources: Sources,
        *,
        ack_within: Millis,
        max_body: int,
        clock: Clock,
        metrics: Metrics,
        missed: Callable[[], None],
    ) -> None:
        self._path = PREFIX + secret.encode()
        self._read = read
        self._intake = intake
        self._sources = sources
        self._ack_within = ack_within / SECOND
        self.max_body = max_body
        self._clock = clock
        self._metrics = metrics
        self._missed = missed
        self._loop = asyncio.get_running_loop()
        self._deadlines = Deadlines(self._loop, self._late)
        self._unread: list[tuple[_Callback, bytes]] = []

    def knows(self, request: Request) -> bool:
        """A wrong secret learns nothing else."""
        return hmac.compare_digest(request.path, self._path)

    def turned_away(self, request: Request) -> Answer | None:
        """Everything that is settled without the body."""
        match self._verdict(request):
            case "denied":
                log.warning("callback.denied", peer=request.peer, todo="callback.allow_from")
                return FORBIDDEN
            case "undecided":
                self._missed()
                return UNAVAILABLE
            case "allowed":
                pass
        length = _declared_length(request)
        answer = by_head(request.method, length, self.max_body)
        if answer is TOO_LARGE:
            log.warning("callback.too_large", bytes=length, max_body=self.max_body)
        return answer

    def _verdict(self, request: Request) -> str:
        if self._sources.anyone:
            return "allowed"
        forwarded = [value.decode("latin-1") for name, value in request.headers if name == b"x-forwarded-for"]
        return self._sources.verdict(request.peer, forwarded)

    def take(self, request: Request, body: bytes, reply: Reply) -> None:
        if _is_gzip(request):
            body = inflated(body, self.max_body)
        callback = _Callback(request.since, reply)
        if len(body) > self.max_body:
            self._answer(_Turn(callbacks=[callback]), TOO_LARGE)
        elif len(body) >= LARGE_BODY:
            turn = _Turn(self._clock.now(), [callback])
            reading = self._loop.run_in_executor(None, self._read, [body])
            reading.add_done_callback(partial(self._read_beside, turn))
        else:
            self._unread.append((callback, body))
            if len(self._unread) == 1:
                self._loop.call_soon(self._read_all)

    def broken_off(self, request: Request, size: int) -> None:
        log.warning("callback.broken_off", peer=request.peer, bytes=size)
        self._missed()

    def _read_all(self) -> None:
        """What one turn of the loop brought: a step done over and over costs half of one between other work."""
        unread, self._unread = self._unread, []
        for at in range(0, len(unread), READ_TOGETHER):
            self._read_together(unread[at : at + READ_TOGETHER])

    def _read_together(self, some: "list[tuple[_Callback, bytes]]") -> None:
        turn = _Turn(self._clock.now(), [callback for callback, _ in some])
        try:
            batches = self._read([body for _, body in some])
        except Exception as surprise:  # noqa: BLE001 - told, answered, and the others go on
            if len(some) == 1:
                self._raised(turn, surprise)
            else:
                for one in some:
                    self._read_together([one])
        else:
            self._offer(turn, batches)

    def _read_beside(self, turn: "_Turn", reading: "asyncio.Future[list[Batch]]") -> None:
        if (surprise := reading.exception()) is None:
            self._offer(turn, reading.result())
        else:
            self._raised(turn, surprise)

    def _raised(self, turn: "_Turn", surprise: BaseException) -> None:
        log.error("callback.raised", exc_info=surprise)
        self._missed()
        self._answer(turn, FAULT)

    def _offer(self, turn: "_Turn", batches: list[Batch]) -> None:
        batch = joined(batches)
        if batch.unreadable:
            self._missed()
        turn.messages = len(batch.originals)
        if self._intake.take(batch, "callback", turn.received_at, partial(self._stored, turn)):
            gone = self._clock.monotonic() - min([callback.began for callback in turn.callbacks])
            self._deadlines.watch(turn, max(0.0, self._ack_within - gone))
            return
        log.error("callback.turned_away", why="intake is full", messages=turn.messages)
        self._missed()
        self._answer(turn, UNAVAILABLE)

    def _stored(self, turn: "_Turn", recorded: Recorded | StoreProblem) -> None:
        if not self._deadlines.met(turn):
            return
        if isinstance(recorded, StoreProblem):
            self._missed()
            self._answer(turn, UNAVAILABLE)
        else:
            self._answer(turn, OK)

    def _late(self, turn: "_Turn") -> None:
        for _ in turn.callbacks:
            self._metrics.late_ack()
        late = len(turn.callbacks)
        log.warning("callback.late", callbacks=late, messages=turn.messages, ack_within=self._ack_within)
        self._missed()
        self._answer(turn, OK)

    def _answer(self, turn: "_Turn", answer: Answer) -> None:
        now = self._clock.monotonic()
        for callback in turn.callbacks:
            self._metrics.acknowledged(now - callback.began)
            try:
                callback.reply(answer)
            except Exception:  # the others are given theirs
                log.exception("callback.raised", todo="report this: it is a fault of the program")


class _Callback(msgspec.Struct):
    """One whose answer is owed. ``began``: when its head was whole, by the monotonic clock, in seconds."""

    began: float
    reply: Reply


class _Turn(msgspec.Struct, eq=False):
    """Those that one turn of the loop brought: they are read, stored and answered together."""

    received_at: Millis = 0
    callbacks: list[_Callback] = msgspec.field(default_factory=list)
    messages: int = 0


def _is_gzip(request: Request) -> bool:
    for name, value in request.headers:
        if name == b"content-encoding":
            return value.lower() == b"gzip"
    return False


def _declared_length(request: Request) -> int:
    for name, value in request.headers:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
