"""Before anything is answered: is this host ours, may this machine ask; and what browsers must keep to."""

from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from yzj_daemon.console.words import WORDS
from yzj_daemon.web.exposure import from_this_machine, with_headers

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """Around an application. ``hosts``: names it is known by; ``only_here``: whether others must stay out.

    A page elsewhere whose name suddenly means this machine (DNS rebinding) still asks under its own name.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], only_here: Callable[[], bool]) -> None:
        self._app = app
        self._hosts = hosts
        self._only_here = only_here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        why = self._refusal(scope)
        app = self._app if not why else PlainTextResponse(why, 403)
        await app(scope, receive, with_headers(send, HEADERS))

    def _refusal(self, scope: Scope) -> str:
        host = _name(Headers(scope=scope).get("host", ""))
        if host not in self._hosts:
            return _both("entrance.host", host=host[:100] or "-")
        if self._only_here() and not from_this_machine(scope):
            return _both("entrance.elsewhere")
        return ""


def hosts(listening: str, allowed: tuple[str, ...]) -> frozenset[str]:
    """Names of this machine's own loopback, the address it listens on, and those that the setting adds."""
    own = f"[{listening}]" if ":" in listening else listening.lower()
    return LOOPBACK_NAMES | ({own} - {"0.0.0.0", "[::]"}) | set(allowed)  # noqa: S104 - names nobody # nosec B104


def _name(host: str) -> str:
    """Without the port."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def _both(name: str, **told: object) -> str:
    """No language is known here yet."""
    word = WORDS[name]
    return f"{word.zh.format(**told)}\n{word.en.format(**told)}\n"
