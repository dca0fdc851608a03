"""The console as two applications: the pages, with their door, their news and their files; and the API."""

from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from yzj_daemon.console import entrance
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.guard import Guard, hosts
from yzj_daemon.console.live import Live
from yzj_daemon.console.look import assets
from yzj_daemon.console.page import Act, Page, routed
from yzj_daemon.console.pages import ROUTES
from yzj_daemon.console.refused import refused

FOR_EVER: Final = "public, max-age=31536000, immutable"


def api(desk: Desk) -> ASGIApp:
    """Nothing without a token; and what it takes to answer is not even loaded."""
    if desk.settings.ops.token is None:
        return JSONResponse(_NO_TOKEN, 403, media_type="application/problem+json")
    from yzj_daemon.console.api.app import application

    return application(desk)


_NO_TOKEN: Final = {
    "type": "about:blank",
    "title": "Forbidden",
    "status": 403,
    "detail": "没有设置 ops.token, API 不开放 / the API needs ops.token, which is not set",
}


def pages(desk: Desk, *more: Page | Act) -> ASGIApp:
    """All that people see."""
    known = hosts(desk.settings.ops.host, desk.settings.ops.allowed_hosts)
    answered = [
        Route("/static/{name}", _static, methods=["GET"]),
        *entrance.routes(desk),
        Live(desk).route(),
        *(route.route(desk) for route in (*ROUTES, *more)),
        routed(desk, "/{rest:path}", _nothing, "GET", "POST"),
    ]
    return Guard(Starlette(routes=answered), known, only_here=lambda: not desk.passwords.any)


async def _static(request: Request) -> Response:
    """Shipped files: they are no secret, and the door needs them, too."""
    found = assets().get(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    kept = FOR_EVER if request.query_params.get("v") == found.tag else "no-cache"
    return Response(found.body, media_type=found.media_type, headers={"Cache-Control": kept})


async def _nothing(_asked: Asked) -> Response:
    raise refused(404, "entrance.nothing")
