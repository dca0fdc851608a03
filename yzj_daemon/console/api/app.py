"""The API as one application, and every mistake as ``application/problem+json``."""

from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yzj_daemon.console.api import deliveries, messages, ruling, standing
from yzj_daemon.console.api.request import lang_of, shows_token
from yzj_daemon.console.api.shapes import Mistake
from yzj_daemon.console.api.shapes import Problem as ProblemShape
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.guard import HEADERS
from yzj_daemon.console.refused import Refused, refused, status_of
from yzj_daemon.errors import Phrase, Problem
from yzj_daemon.web.exposure import with_headers

log = structlog.get_logger("yzj_daemon.console")

PREFIX: Final = "/api/v1"
MEDIA_TYPE: Final = "application/problem+json"

_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 404, 409, 422, 503)
}


def application(desk: Desk) -> ASGIApp:
    """All operations, behind the token. Who shows it may ask under any host's name: no web page knows it."""
    app = FastAPI(
        title="yzj-daemon",
        version=desk.version,
        description=__doc__.strip() if __doc__ else "",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=_PROBLEMS,
        redirect_slashes=False,
    )
    app.state.desk = desk
    whole = APIRouter(prefix=PREFIX)
    for part in (standing, messages, deliveries, ruling):
        whole.include_router(part.routes)
    app.include_router(whole)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _surprise)
    _with_problem(app)
    return _without_body_of_strangers(app)


def _without_body_of_strangers(app: FastAPI) -> ASGIApp:
    """Who does not show the token is told so by the application itself, which reads no byte of theirs for it."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("authorization", "") if scope["type"] == "http" else ""
        known = shows_token(app.state.desk, given.partition(" ")[2])
        await app(scope, receive if known else _nothing_more, with_headers(send, HEADERS))

    return answer


async def _nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _with_problem(app: FastAPI) -> None:
    """The document, with the shape of problems: no operation answers one as its result, so none brings it."""
    document = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schema = ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schema.pop("$defs", {})
    schemas["Problem"] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    headers = problem.headers if isinstance(problem, Refused) else {}
    return _told(request, status_of(problem), problem.what, problem.todo, headers=headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    mistakes = [
        Mistake(where=".".join(map(str, mistake["loc"])), message=str(mistake["msg"])) for mistake in error.errors()
    ]
    what = Phrase(f"请求里有 {len(mistakes)} 处不对", f"{len(mistakes)} things in the request are wrong")
    return _told(request, 422, what, mistakes=mistakes)


async def _http(request: Request, error: Exception) -> Response:
    """What the routes do not have."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    return _told(
        request, error.status_code, Phrase(f"不能这样请求 ({phrase})", phrase), headers=dict(error.headers or {})
    )


async def _surprise(request: Request, error: Exception) -> Response:
    log.error("console.failed", path=request.url.path, exc_info=error)
    return _told(request, 500, refused(500, "entrance.unwell").what)


def _told(
    request: Request,
    status: int,
    what: Phrase,
    todo: Phrase | None = None,
    *,
    mistakes: list[Mistake] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    lang = lang_of(request)
    shape = ProblemShape(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=what.to(lang),
        todo=todo.to(lang) if todo else "",
        mistakes=mistakes or [],
    )
    return JSONResponse(shape.model_dump(), status, headers, media_type=MEDIA_TYPE)
