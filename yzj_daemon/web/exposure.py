"""What the private bind tells to whom.

This machine may see everything. From elsewhere ``/healthz`` and ``/readyz`` say yes or no, as probes need, and all
else asks for ``ops.token``; without one nothing else is told. A request that was passed on by a proxy, or that names
another host (a web page that had its name point here), is not taken for one from this machine.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yzj_daemon.settings.reach import is_loopback

PROBES: Final = frozenset({"/healthz", "/readyz"})

PASSED_ON: Final = frozenset({b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"forwarded", b"via"})

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
"""Of every answer that does not say otherwise."""

_NO_TOKEN: Final = (
    "其他机器只能访问 /healthz 和 /readyz(不带参数); 要访问其余部分请设置 ops.token",
    "other machines may ask /healthz and /readyz (without parameters); for all else set ops.token",
)
_TOKEN: Final = (
    "请求头要带 Authorization: Bearer <ops.token>",
    "send the header Authorization: Bearer <ops.token>",
)


class Private:
    """The private applications behind their door. ``denied`` hears of every request that was turned away."""

    def __init__(self, app: ASGIApp, token: str | None, denied: Callable[[], None]) -> None:
        self._app = app
        self._expected = b"Bearer " + token.encode() if token else None
        self._denied = denied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if self._may(scope):
            await self._app(scope, receive, with_headers(send, HEADERS))
        else:
            self._denied()
            await self._turn_away(with_headers(send, HEADERS))

    def _may(self, scope: Scope) -> bool:
        headers = _named(scope["headers"])
        if scope["path"] in PROBES and not scope["query_string"]:
            return True
        return self._shows_token(headers) or from_this_machine(scope)

    def _shows_token(self, headers: Mapping[bytes, bytes]) -> bool:
        return self._expected is not None and hmac.compare_digest(headers.get(b"authorization", b""), self._expected)

    async def _turn_away(self, send: Send) -> None:
        status, (zh, en) = (403, _NO_TOKEN) if self._expected is None else (401, _TOKEN)
        body = json.dumps({"errcode": status, "message": f"{zh} / {en}"}, ensure_ascii=False).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if status == 401:
            headers.append((b"www-authenticate", b'Bearer realm="yzj-daemon"'))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def with_headers(send: Send, headers: Sequence[tuple[bytes, bytes]]) -> Send:
    """Puts these, with names in lower case, beside those an application sends itself."""

    async def sending(event: Message) -> None:
        if event["type"] == "http.response.start":
            given = list(event.get("headers", ()))
            names = {name.lower() for name, _ in given}
            event = {**event, "headers": given + [header for header in headers if header[0] not in names]}
        await send(event)

    return sending


def _named(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """By name; what stands twice is joined, so that it is neither of the two."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found[name] = found[name] + b", " + value if name in found else value
    return found


def from_this_machine(scope: Scope) -> bool:
    """Whether this machine asks, under its own name, and nobody passed the request on."""
    peer, headers = scope.get("client"), _named(scope["headers"])
    if peer is None or not is_loopback(peer[0]) or not PASSED_ON.isdisjoint(headers):
        return False
    return is_loopback(_host(headers.get(b"host", b"").decode("latin-1")))


def _host(written: str) -> str:
    """Without the port and an IPv6 address's brackets."""
    return written[1:].partition("]")[0] if written.startswith("[") else written.partition(":")[0]
