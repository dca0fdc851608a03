"""From a function that shows something, or does something, to a route: sessions, roles, forged requests, mistakes.

A page is shown in one of the reader's threads, queries and template alike, so that the loop which answers callbacks
has nothing to do with it. What an operator does goes through the store's writer, like everything that is written.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from secrets import compare_digest
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from yzj_daemon.console.access.visitor import Role, Visitor
from yzj_daemon.console.asked import SESSION_COOKIE, Asked
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.refused import Refused, refused, status_of
from yzj_daemon.errors import Problem

log = structlog.get_logger("yzj_daemon.console")

MOST_SENT: Final = 2 << 20
"""Bytes of a form, where it is not told otherwise."""

AT_ONCE: Final = 64 << 10
"""Bytes of a form that is taken apart in the loop."""

MOST_FIELDS: Final = 2_000

BY_ITSELF: Final = "x-by-itself"
"""Header of requests that no person made: a page that keeps itself up to date."""

CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf"


class Page(msgspec.Struct, frozen=True):
    """``show`` answers HTML. It runs in a thread of the reader, with ``asked.store`` to read from."""

    path: str
    show: Callable[[Asked], str]
    role: Role = "viewer"

    def route(self, desk: Desk) -> Route:
        return routed(desk, self.path, self._answer, "GET")

    async def _answer(self, asked: Asked) -> Response:
        visitor = visitor_of(asked)
        if visitor is None:
            return to_the_door(asked)
        _needs(visitor, self.role)
        inside = replace(asked, visitor=visitor)
        return HTMLResponse(await asked.desk.reader.read(lambda connection: self.show(inside.on(connection))))


class Act(msgspec.Struct, frozen=True):
    """``do`` changes something, for somebody who may: ``asked.form`` is what was sent, ``asked.who`` who did.

    It runs in the loop: what it writes, it writes through ``asked.desk.store``; what it reads, through the reader.
    ``most``: bytes of the form.
    """

    path: str
    do: Callable[[Asked], Awaitable[Response]]
    role: Role = "operator"
    most: int = MOST_SENT

    def route(self, desk: Desk) -> Route:
        return routed(desk, self.path, self._answer, "POST")

    async def _answer(self, asked: Asked) -> Response:
        visitor = visitor_of(asked)
        if visitor is None:
            return to_the_door(asked)
        form = await sent(asked, self.most)
        own_origin(asked.request)
        given = asked.request.headers.get(CSRF_HEADER) or str(form.get(CSRF_FIELD, ""))
        if not compare_digest(given.encode(), visitor.csrf.encode()):
            raise refused(403, "entrance.stale")
        _needs(visitor, self.role)
        return await self.do(replace(asked, visitor=visitor, form=form))


Answer = Callable[[Asked], Awaitable[Response]]
"""What answers a request. Who asks is not known yet."""


def routed(desk: Desk, path: str, answer: Answer, *methods: str) -> Route:
    """A path that is answered, whatever goes wrong."""

    async def answering(request: Request) -> Response:
        return await _guarded(Asked(desk, request, None, desk.clock.now()), answer)

    return Route(path, answering, methods=[*methods])


async def _guarded(asked: Asked, answer: Answer) -> Response:
    """The answer, or in its place a page that says what is wrong."""
    try:
        response = await answer(asked)
    except Problem as problem:
        response = told(asked, problem)
    except Exception:
        log.exception("console.failed", path=asked.request.url.path)
        response = told(asked, refused(500, "entrance.unwell"))
    return response


def told(asked: Asked, problem: Problem) -> Response:
    """In place of what was asked for: as a line where a part of a page was, as a page where a whole one was."""
    status = status_of(problem)
    headers = problem.headers if isinstance(problem, Refused) else {}
    todo = problem.todo.to(asked.lang) if problem.todo else ""
    whole = replace(asked, visitor=asked.visitor or visitor_of(asked))
    template = "refused_part.html" if asked.by_htmx else "refused.html"
    body = whole.render(template, page="", what=problem.what.to(asked.lang), todo=todo)
    return HTMLResponse(body, status, headers=headers)


def visitor_of(asked: Asked) -> Visitor | None:
    """Whose browser this is, if somebody is logged in there."""
    token = asked.request.cookies.get(SESSION_COOKIE, "")
    return asked.desk.sessions.visitor(token, by_itself=BY_ITSELF in asked.request.headers)


def to_the_door(asked: Asked) -> Response:
    """Log in first; after that, where they wanted to go, if that was a page."""
    whole = asked.request.method == "GET" and not asked.by_htmx
    target = "/login" + (f"?next={quote(asked.here)}" if whole else "")
    if asked.by_htmx:
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def local(target: str) -> str:
    """A path of ours, else the overview: nobody is sent elsewhere by a link into the console."""
    parts = urlsplit(target)
    ours = not (parts.scheme or parts.netloc) and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours and "\n" not in target and "\r" not in target else "/"


def own_origin(request: Request) -> None:
    """Raises Refused: a page of somebody else's made the browser ask."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in {None, "same-origin", "none"}:
        raise refused(403, "entrance.stale")
    if site is None and origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise refused(403, "entrance.stale")


async def sent(asked: Asked, most: int = MOST_SENT) -> FormData:
    """What a form holds; a long one is taken apart in a thread of the reader. Raises Refused: it is too big."""
    body = bytearray()
    async for piece in asked.request.stream():
        body += piece
        if len(body) > most:
            raise refused(413, "entrance.too_big")
    if len(body) <= AT_ONCE:
        return _fields(body)
    return await asked.desk.reader.run(partial(_fields, body))


def _fields(body: bytearray) -> FormData:
    try:
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as many:
        raise refused(413, "entrance.too_big") from many
    return FormData([*fields])


def _needs(visitor: Visitor, role: Role) -> None:
    if not visitor.may(role):
        raise refused(403, "entrance.role")
