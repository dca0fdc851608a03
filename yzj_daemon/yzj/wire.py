"""One HTTP exchange with the vendor: an answer read whole, or why there is none. Nothing else escapes.

The one thing that matters of a failed call is whether its request may have left: only then nobody can know whether
it was carried out.
"""

import asyncio
import ipaddress
import logging
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.delivery import Deferred, Fault, Unanswered
from yzj_daemon.yzj.answers import HttpAnswer, retry_after

IN_A_POOL = 8
"""Requests at once over one pool of connections: whenever one comes or goes, httpcore looks through all of its pool, so
a thousand in one would take it a thousand looks each."""

POOLS = 128
"""At most: a thousand lanes may call at once."""

CONNECTIONS = httpx.Limits(max_connections=IN_A_POOL, max_keepalive_connections=IN_A_POOL, keepalive_expiry=4.0)
"""Of one pool. Idle connections go before the 5 s after which many servers hang up: a request on a connection just
closed would be one that nobody can know of."""

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


@dataclass(slots=True)
class _Pool:
    """``requests``: on their way over it."""

    client: httpx.AsyncClient
    requests: int = 0


class Wire:
    """Connections to one base URL. ``timeout`` (ms) bounds a whole call, connecting and reading included."""

    def __init__(
        self, base_url: str, timeout: Millis, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        _silence_urls()
        self._base = base_url.rstrip("/")
        self._timeout = timeout / SECOND
        self._clock = clock
        self._traced = transport is None or isinstance(transport, httpx.AsyncHTTPTransport)
        self._client = partial(
            httpx.AsyncClient,
            verify=_certificates(base_url),
            limits=CONNECTIONS,
            timeout=httpx.Timeout(self._timeout, connect=self._timeout * CONNECT_SHARE),
            transport=transport,
            trust_env=not _loopback(base_url),
            headers={"Accept": "application/json", "User-Agent": "yzj-daemon"},
        )
        self._pools = [_Pool(self._client())]

    async def post(self, path: str, body: bytes) -> HttpAnswer | Fault:
        """POST a JSON body."""
        return await self._exchange("POST", path, {}, body)

    async def get(self, path: str, query: Mapping[str, str]) -> HttpAnswer | Fault:
        return await self._exchange("GET", path, query, None)

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.client.aclose()

    @contextmanager
    def _some_client(self) -> Iterator[httpx.AsyncClient]:
        """Of the first pool with room, so that connections are used again; of the emptiest, should all be full."""
        pool = next((pool for pool in self._pools if pool.requests < IN_A_POOL), None)
        if pool is None and len(self._pools) < POOLS:
            self._pools.append(pool := _Pool(self._client()))
        pool = pool or min(self._pools, key=lambda pool: pool.requests)
        pool.requests += 1
        try:
            yield pool.client
        finally:
            pool.requests -= 1

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
        url = self._base + path + ("?" + urlencode(query) if query else "")
        headers = {"Content-Type": "application/json; charset=UTF-8"} if body is not None else {}
        extensions = {"trace": progress.trace}
        with self._some_client() as client:
            async with client.stream(method, url, content=body, headers=headers, extensions=extensions) as response:
                content = await _content(response)
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
    _silence_urls()
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


def _certificates(url: str) -> ssl.SSLContext:
    """One context for all pools; to read the world's CAs takes 0.1 s, which this machine itself asks of nobody."""
    plain = _loopback(url) and url.startswith("http:")
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else httpx.create_ssl_context()


def _silence_urls() -> None:
    """The HTTP library logs every URL at info, and the vendor wants the token in the URL of every GET."""
    logging.getLogger("httpx").addFilter(_no_requests)


def _no_requests(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("HTTP Request")
