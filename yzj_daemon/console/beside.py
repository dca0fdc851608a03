"""The ops bind: health and metrics, which have a door of their own, and beside them the console.

What the console takes (templates, pages, the API's own library) is loaded when somebody comes to look, in a thread:
most daemons are looked at by probes alone.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from yzj_daemon.console.desk import Desk
from yzj_daemon.ops.yielding import giving_way

if TYPE_CHECKING:
    from yzj_daemon.console.page import Act, Page

NUMBERS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What the other application on the ops bind answers."""


def beside(desk: Desk, numbers: ASGIApp, *more: "Page | Act") -> ASGIApp:
    """Each request goes to whom it is for."""
    pages, api = _Later(partial(_pages, desk, *more)), _Later(partial(_api, desk))

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        inside = numbers if scope["type"] != "http" or path in NUMBERS else api if path.startswith("/api/") else pages
        await inside(scope, receive, send)

    return answer


class _Later:
    """An application that is made when it is first asked; callbacks do not wait for that."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._made: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._made is None:
            self._made = asyncio.ensure_future(asyncio.to_thread(self._gently))
        application = await asyncio.shield(self._made)  # whoever asked first may go away meanwhile
        await application(scope, receive, send)

    def _gently(self) -> ASGIApp:
        with giving_way():
            return self._make()


def _pages(desk: Desk, *more: "Page | Act") -> ASGIApp:
    from yzj_daemon.console.app import pages

    return pages(desk, *more)


def _api(desk: Desk) -> ASGIApp:
    from yzj_daemon.console.app import api

    return api(desk)
