"""The door: logging in by password or by link, logging out, and the choices that a browser remembers."""

from math import ceil
from typing import Final, Literal
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from yzj_daemon.console import language
from yzj_daemon.console.access.visitor import Role
from yzj_daemon.console.asked import SESSION_COOKIE, THEME_COOKIE, Asked
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.page import Act, local, own_origin, routed, sent
from yzj_daemon.console.refused import refused

log = structlog.get_logger("yzj_daemon.console")

LONGEST_NAME: Final = 40

YEAR: Final = 365 * 24 * 3600


def routes(desk: Desk) -> list[Route]:
    return [
        routed(desk, "/login", door, "GET"),
        routed(desk, "/login", log_in, "POST"),
        routed(desk, "/enter", enter, "GET"),
        routed(desk, "/preferences", prefer, "POST"),
        Act("/logout", log_out, role="viewer").route(desk),
    ]


async def door(asked: Asked) -> Response:
    return HTMLResponse(_door(asked))


def _door(asked: Asked, mistake: str = "", name: str = "") -> str:
    return asked.render(
        "login.html",
        page="",
        mistake=mistake,
        name=name,
        next=local(asked.query.get("next", "/")),
        by_password=asked.desk.passwords.any,
    )


async def log_in(asked: Asked) -> Response:
    own_origin(asked.request)
    form = await sent(asked)
    desk, name, address = asked.desk, str(form.get("name", "")).strip(), _address(asked)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return HTMLResponse(_door(asked, asked.t("entrance.no_name")), 400)
    if wait := ceil(desk.patience.wait(address)):
        told = _door(asked, asked.t("entrance.wait", seconds=wait), name)
        return HTMLResponse(told, 429, headers={"Retry-After": str(wait)})
    desk.patience.wrong(address)  # until it is proven right: tries at the same time are counted, too
    password = str(form.get("password", ""))
    role = await desk.reader.run(lambda: desk.passwords.role(password))
    if role is None:
        log.warning("console.login_refused", client=address, name=name)
        return HTMLResponse(_door(asked, asked.t("entrance.wrong"), name), 403)
    desk.patience.right(address)
    return _inside(asked, name, role, local(str(form.get("next", "/"))))


async def enter(asked: Asked) -> Response:
    """By the link that ``yzj-daemon console`` printed."""
    name = asked.desk.links.redeem(asked.query.get("ticket", ""))
    if not name:
        raise refused(403, "entrance.used")
    return _inside(asked, name[:LONGEST_NAME], "operator", "/")


def _inside(asked: Asked, name: str, role: Role, target: str) -> Response:
    before = asked.request.cookies.get(SESSION_COOKIE, "")
    token, _ = asked.desk.sessions.begin(name, role, instead_of=before)
    log.info("console.login", name=name, role=role, client=_address(asked))
    response = RedirectResponse(target, 303)
    _remember(asked, response, SESSION_COOKIE, token, longest=None)
    return response


async def log_out(asked: Asked) -> Response:
    asked.desk.sessions.end(asked.request.cookies.get(SESSION_COOKIE, ""))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
    return response


async def prefer(asked: Asked) -> Response:
    """The language or the colours that this browser wants from now on."""
    own_origin(asked.request)
    form = await sent(asked)
    response = RedirectResponse(_back(asked.request), 303)
    if form.get("lang") in {"zh", "en"}:
        _remember(asked, response, language.COOKIE, str(form["lang"]))
    if form.get("theme") in {"auto", "light", "dark"}:
        _remember(asked, response, THEME_COOKIE, str(form["theme"]))
    return response


def _back(request: Request) -> str:
    """The page that asked."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc != request.headers.get("host") or came_from.path in {"/enter", "/preferences"}:
        return "/"
    return local(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def _remember(asked: Asked, response: Response, name: str, value: str, longest: int | None = YEAR) -> None:
    """``longest`` None: until the browser is closed, or the daemon ends it."""
    strict: Literal["strict"] = "strict"
    response.set_cookie(
        name, value, max_age=longest, path="/", httponly=True, samesite=strict, secure=_by_https(asked.request)
    )


def _by_https(request: Request) -> bool:
    """Ours, or that of a proxy before us: whoever lies here only keeps their own cookie from coming back."""
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto", "").lower() == "https"


def _address(asked: Asked) -> str:
    client = asked.request.client
    return client.host if client else ""
