"""News by server-sent events: that something changed, never what. The page then asks for the part that it shows."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from yzj_daemon.console.asked import SESSION_COOKIE, Asked
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.page import routed
from yzj_daemon.console.pulse import EVERY
from yzj_daemon.console.refused import refused
from yzj_daemon.errors import StoreProblem

MOST: Final = 100
"""Streams at once."""

AT_LEAST_EVERY: Final = 10.0
"""Seconds after which there is news anyway: ages grow, and what waits for its time comes due."""


class Live:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._streams = 0

    def route(self) -> Route:
        return routed(self._desk, "/live", self._answer, "GET")

    async def _answer(self, asked: Asked) -> Response:
        token = asked.request.cookies.get(SESSION_COOKIE, "")
        if self._desk.sessions.visitor(token, by_itself=True) is None:
            return Response("event: over\ndata:\n\n", media_type="text/event-stream")
        if self._streams >= MOST:
            raise refused(503, "live.too_many")
        return StreamingResponse(self._stream(token), media_type="text/event-stream")

    async def _stream(self, token: str) -> AsyncIterator[str]:
        self._streams += 1
        try:
            yield "retry: 3000\n\n"
            async for event in self._events(token):
                yield f"event: {event}\ndata:\n\n" if event else ":\n\n"
        finally:
            self._streams -= 1

    async def _events(self, token: str) -> AsyncIterator[str]:
        """``news``, or "" to keep the line open, or at the end ``over``: log in again."""
        seen, told_at = await self._seen(()), self._desk.clock.monotonic()
        while not await self._left():
            if self._desk.sessions.visitor(token, by_itself=True) is None:
                yield "over"
                return
            before, seen = seen, await self._seen(seen)
            if seen != before or self._desk.clock.monotonic() - told_at >= AT_LEAST_EVERY:
                told_at = self._desk.clock.monotonic()
                yield "news"
            else:
                yield ""

    async def _seen(self, before: tuple[object, ...]) -> tuple[object, ...]:
        """A store that cannot be read brings no news; the page that asks is told why."""
        try:
            return await self._desk.pulse.seen()
        except StoreProblem:
            return before

    async def _left(self) -> bool:
        """Wait a little; answers whether the daemon ends."""
        try:
            async with asyncio.timeout(EVERY):
                return await self._desk.leaving.wait()
        except TimeoutError:
            return False
