"""The public door: ``POST /callback/<secret>``, a raw ASGI application.

The vendor waits one second, never repeats, and shuts callbacks off after 1,000 late answers a day (vendor page
11490692518660567). So the answer leaves after the commit, and at ``ack_within`` regardless. What cannot be read is
quarantined and answered 200 all the same: an error would not make the vendor send it again.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import Any

import structlog

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.errors import StoreProblem
from yzj_daemon.flow.intake import Intake
from yzj_daemon.message import Batch
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.web.deadlines import Deadlines
from yzj_daemon.web.door import (
    FORBIDDEN,
    NOT_FOUND,
    OK,
    PREFIX,
    TOO_LARGE,
    UNAVAILABLE,
    Answer,
    by_head,
    inflated,
)
from yzj_daemon.web.sources import Sources

log = structlog.get_logger("yzj_daemon.ingress")

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[dict[str, Any]], Any]

LARGE_BODY = 256 * 1024
"""Bytes from which reading a body happens beside the loop, so that it delays nobody else's answer."""


class Ingress:
    """``read`` turns a body into a batch: decrypts and splits it; it never raises on what a body may hold.

    ``missed`` is called when a message may not have been stored in time: somebody should pull.
    ``ack_within`` is in ms, ``max_body`` in bytes.
    """

    def __init__(
        self,
        secret: str,
        read: Callable[[bytes], Batch],
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
        self._max_body = max_body
        self._clock = clock
        self._metrics = metrics
        self._missed = missed
        self._deadlines = Deadlines(asyncio.get_running_loop())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        began = self._clock.monotonic()
        answer = self._turned_away(scope)
        if answer is None:
            body = await self._body(scope, receive)
            if body is None:
                return
            body = inflated(body, self._max_body) if _is_gzip(scope) else body
            answer = TOO_LARGE if len(body) > self._max_body else await self._take(body, began)
            self._metrics.acknowledged(self._clock.monotonic() - began)
        await _reply(send, answer)

    def _turned_away(self, scope: Scope) -> Answer | None:
        """Everything that is settled without the body. A wrong secret learns nothing else."""
        if not hmac.compare_digest(scope.get("raw_path") or scope["path"].encode(), self._path):
            return NOT_FOUND
        scope.get("state", {})["guest"] = True  # the door keeps those that know the secret
        match self._verdict(scope):
            case "denied":
                log.warning("callback.denied", peer=_peer(scope), todo="callback.allow_from")
                return FORBIDDEN
            case "undecided":
                self._missed()
                return UNAVAILABLE
            case "allowed":
                pass
        length = _declared_length(scope)
        answer = by_head(scope["method"], length, self._max_body)
        if answer is TOO_LARGE:
            log.warning("callback.too_large", bytes=length, max_body=self._max_body)
        return answer

    def _verdict(self, scope: Scope) -> str:
        if self._sources.anyone:
            return "allowed"
        forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return self._sources.verdict(_peer(scope), forwarded)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body, or the part that shows it to be too large. None: the other side went away."""
        parts: list[bytes] = []
        size = 0
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                log.warning("callback.broken_off", peer=_peer(scope), bytes=size)
                self._missed()
                return None
            part = event.get("body", b"")
            size += len(part)
            parts.append(part)
            if not event.get("more_body") or size > self._max_body:
                return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _take(self, body: bytes, began: float) -> Answer:
        received_at = self._clock.now()
        batch = self._read(body) if len(body) < LARGE_BODY else await asyncio.to_thread(self._read, body)
        if batch.unreadable:
            self._missed()
        stored = self._intake.offer(batch, "callback", received_at)
        if stored is None:
            log.error("callback.turned_away", why="intake is full", messages=len(batch.originals))
            self._missed()
            return UNAVAILABLE
        left = self._ack_within - (self._clock.monotonic() - began)
        recorded = await self._deadlines.wait(stored, max(0.0, left))
        if recorded is None:
            self._metrics.late_ack()
            log.warning("callback.late", messages=len(batch.originals), ack_within=self._ack_within)
            self._missed()
            return OK
        if isinstance(recorded, StoreProblem):
            self._missed()
            return UNAVAILABLE
        return OK


async def _reply(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


def _peer(scope: Scope) -> str | None:
    client = scope.get("client")
    return client[0] if client else None


def _is_gzip(scope: Scope) -> bool:
    return any(name == b"content-encoding" and value.lower() == b"gzip" for name, value in scope["headers"])


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
