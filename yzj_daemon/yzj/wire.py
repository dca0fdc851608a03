"""One HTTP exchange with the vendor: an answer read whole, or why there is none. Nothing else escapes.

The one thing that matters of a failed call is whether its request may have left: only then nobody can know whether
it was carried out.
"""

import asyncio
import ipaddress
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from urllib.request import getproxies, proxy_bypass

import httpx

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.delivery import Deferred, Fault, Unanswered
from yzj_daemon.yzj.answers import HttpAnswer, retry_after

KEPT: Final = 4.0
"""Seconds for which an idle connection is kept. Idle ones go before the 5 s after which many servers hang up: a request
on a connection just closed would be one that nobody can know of."""

ONE: Final = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEPT)

CONNECT_SHARE = 0.45
"""Of the time limit, for TCP and again for TLS: the transport's own limit must strike before the call's, since it
closes a socket in mid-handshake and cancellation does not."""

LARGEST_ANSWER = 64 << 20
"""Bytes; a page of chat logs is far smaller."""

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_SENDING = "send_request_headers.started"

_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "yzj-daemon"}
_JSON: Final = _HEADERS | {"Content-Type": "application/json; charset=UTF-8"}


@dataclass(frozen=True, slots=True)
class _Idle:
    """A transport with its one connection, idle since then (monotonic seconds)."""

    transport: httpx.AsyncBaseTransport
    since: float


class _Connections:
    """Transports of one connection each, those used last at hand first.

    httpcore asks the kernel about every connection of a pool whenever a request comes or goes: a thousand lanes in one
    pool would cost a thousand times what one costs. In pools of one it asks about one.
    """

    def __init__(self, connect: Callable[[], httpx.AsyncBaseTransport], monotonic: Callable[[], float]) -> None:
        self._connect = connect
        self._monotonic = monotonic
        self._idle: deque[_Idle] = deque()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncBaseTransport]:
        transport = self._idle.pop().transport if self._idle else self._connect()
        try:
            yield transport
        finally:
            self._idle.append(_Idle(transport, self._monotonic()))
            await self._let_go()

    async def _let_go(self) -> None:
        """Of those that were not needed for as long as their connection is kept."""
        while self._idle[0].since < self._monotonic() - KEPT:
            await self._idle.popleft().transport.aclose()

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().transport.aclose()


class Wire:
    """Connections to one base URL. ``timeout`` (ms) bounds a whole call, connecting and reading included.

    Requests are handed to httpx's transport itself: what its client adds (cookies, redirects, authentication) is
    nothing that the vendor asks for, and costs twice what the transport does.
    """

    def __init__(
        self, base_url: str, timeout: Millis, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._base = base_url.rstrip("/")
        self._timeout = timeout / SECOND
        self._limits = httpx.Timeout(self._timeout, connect=self._timeout * CONNECT_SHARE).as_dict()
        self._clock = clock
        self._traced = transport is None or isinstance(transport, httpx.AsyncHTTPTransport)
        connect = partial(httpx.AsyncHTTPTransport, verify=_certificates(base_url), limits=ONE, proxy=_proxy(base_url))
        self._connections = _Connections((lambda: transport) if transport else connect, clock.monotonic)

    async def post(self, path: str, body: bytes) -> HttpAnswer | Fault:
        """POST a JSON body."""
        return await self._exchange("POST", path, {}, body)

    async def get(self, path: str, query: Mapping[str, str]) -> HttpAnswer | Fault:
        return await self._exchange("GET", path, query, None)

    async def aclose(self) -> None:
        await self._connections.aclose()

    async def _exchange(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer | Fault:
        progress = _Progress(traced=self._traced)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._sent(method, path, query, body, progress)
        except _NEVER_SENT as error:
            return Deferred("network", lane_wide=True, detail=_words(error))
        except (TimeoutError, httpx.TimeoutException):
            return progress.fault(Unanswered("timeout", f"no whole answer within {self._timeout:g} s"))
        except httpx.DecodingError as error:
            return Unanswered("unreadable", _words(error))
        except Exception as error:  # noqa: BLE001 - a stranger's bytes: whatever they break ends here, told by name
            return progress.fault(Unanswered("connection_lost", _words(error)))

    async def _sent(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None, progress: "_Progress"
    ) -> HttpAnswer | Fault:
        request = httpx.Request(
            method,
            self._base + path + ("?" + urlencode(query) if query else ""),
            headers=_HEADERS if body is None else _JSON,
            content=body,
            extensions={"timeout": self._limits, "trace": progress.trace},
        )
        async with self._connections.one() as connection:
            response = await connection.handle_async_request(request)
            try:
                content = await _content(response)
            finally:
                await response.aclose()
        if content is None:
            return Unanswered("unreadable", f"HTTP {response.status_code}, more than {LARGEST_ANSWER} bytes")
        wish = retry_after(response.headers.get("Retry-After"), self._clock.now())
        location = response.headers.get("Location", "").partition("?")[0]
        return HttpAnswer(response.status_code, content, wish, location)


class Dated(NamedTuple):
    """An answer to nothing in particular. ``ahead`` (ms): by how much its clock is ahead of ours; None: not told.
    ``took`` (ms).
    """

    ahead: Millis | None
    took: Millis


async def dated(base_url: str, within: Millis) -> Dated | Deferred:
    """Whether anybody answers at the base URL, without credentials, and what time it is there."""
    try:
        async with httpx.AsyncClient(timeout=within / SECOND, trust_env=not _loopback(base_url)) as client:
            began = time.time()
            answer = await client.head(base_url + "/")
            ended = time.time()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Deferred("network", lane_wide=True, detail=_words(error))
    told = answer.headers.get("Date", "") if "Age" not in answer.headers else ""  # a cache tells the time of then
    return Dated(_ahead(told, (began + ended) / 2), round((ended - began) * SECOND))


def _ahead(told: str, now: float) -> Millis | None:
    """A Date header is cut to the second: on average it is half a second behind."""
    try:
        return round((parsedate_to_datetime(told).timestamp() + 0.5 - now) * SECOND)
    except ValueError:
        return None


class _Progress:
    """How far a request came, as the transport tells. With one that tells nothing it may have left."""

    def __init__(self, *, traced: bool) -> None:
        self._may_have_left = not traced

    async def trace(self, event: str, _: Mapping[str, Any]) -> None:
        self._may_have_left = self._may_have_left or event.endswith(_SENDING)

    def fault(self, unanswered: Unanswered) -> Fault:
        if self._may_have_left:
            return unanswered
        return Deferred("network", lane_wide=True, detail=unanswered.detail)


async def _content(response: httpx.Response) -> bytes | None:
    """The whole body; None when it is larger than any answer."""
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > LARGEST_ANSWER:
            return None
    return bytes(content)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _loopback(url: str) -> bool:
    """Whether the other side is this machine: no proxy of the environment leads there."""
    try:
        host = httpx.URL(url).host
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except (httpx.InvalidURL, ValueError):
        return False


def _proxy(url: str) -> str | None:
    """The proxy of the environment that leads there."""
    scheme, _, rest = url.partition("://")
    if _loopback(url) or proxy_bypass(rest.partition("/")[0]):
        return None
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")


def _certificates(url: str) -> ssl.SSLContext:
    """One for all connections: to read the CAs of the world takes 0.1 s, which this machine itself asks of nobody."""
    plain = _loopback(url) and url.startswith("http:")
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else httpx.create_ssl_context()
