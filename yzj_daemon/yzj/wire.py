"""One HTTP exchange with the vendor: an answer read whole, or why there is none. Nothing else escapes.

The one thing that matters of a failed call is whether its request may have left: only then nobody can know whether
it was carried out.
"""

import asyncio
import ipaddress
import os
import ssl
import time
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import msgspec

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.delivery import Deferred, Fault, Unanswered
from yzj_daemon.yzj.answers import HttpAnswer, retry_after
from yzj_daemon.yzj.connection import Answer, Line, NotReachedError, Origin, Request, TooLargeError, connect

if TYPE_CHECKING:
    from yzj_daemon.yzj.proxied import Engine

KEPT: Final = 4.0
"""Seconds for which an idle connection is kept. Idle ones go before the 5 s after which many servers hang up: a request
on a connection just closed would be one that nobody can know of."""

CONNECT_SHARE = 0.45
"""Of the time limit, for TCP and again for TLS: the transport's own limit must strike before the call's, since it
closes a socket in mid-handshake and cancellation does not."""

LARGEST_ANSWER = 64 << 20
"""Bytes; a page of chat logs is far smaller."""

_HEADERS: Final = ((b"Accept", b"application/json"), (b"Accept-Encoding", b"gzip"), (b"User-Agent", b"yzj-daemon"))
_JSON: Final = (*_HEADERS, (b"Content-Type", b"application/json; charset=UTF-8"))


class _Open(msgspec.Struct):
    """A line that is idle since then (monotonic seconds)."""

    line: Line
    since: float


class _Lines:
    """Lines to one origin, those used last at hand first."""

    def __init__(self, connect: Callable[[], Awaitable[Line]], monotonic: Callable[[], float]) -> None:
        self._connect = connect
        self._monotonic = monotonic
        self._idle: deque[_Open] = deque()

    async def take(self) -> Line:
        while self._idle:
            idle = self._idle.pop()
            if idle.since >= self._monotonic() - KEPT and idle.line.usable():
                idle.line.written = False
                return idle.line
            await idle.line.aclose()
        return await self._connect()

    async def give_back(self, used: Line) -> None:
        """And let those go that were not needed for as long as a connection is kept."""
        now = self._monotonic()
        self._idle.append(_Open(used, now))
        while self._idle[0].since < now - KEPT:
            await self._idle.popleft().line.aclose()

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().line.aclose()


class Wire:
    """Connections to one base URL. ``timeout`` (ms) bounds a whole call, connecting and reading included.

    What a client for everybody adds (cookies, redirects, authentication) is nothing that the vendor asks for, and costs
    ten times what an exchange does. ``engine`` takes the place of the network.
    """

    def __init__(self, base_url: str, timeout: Millis, clock: Clock, engine: "Engine | None" = None) -> None:
        self._timeout = timeout / SECOND
        self._clock = clock
        self._base, nowhere = _parsed(base_url.rstrip("/"))
        within = self._timeout * CONNECT_SHARE
        connecting = _failing(nowhere) if nowhere else _connecting(base_url, self._base, within, engine)
        self._lines = _Lines(connecting, clock.monotonic)

    async def post(self, path: str, body: bytes) -> HttpAnswer | Fault:
        """POST a JSON body."""
        return await self._exchange(b"POST", path, (*_JSON, (b"Content-Length", b"%d" % len(body))), body)

    async def get(self, path: str, query: Mapping[str, str]) -> HttpAnswer | Fault:
        return await self._exchange(b"GET", f"{path}?{urlencode(query)}" if query else path, _HEADERS, b"")

    async def aclose(self) -> None:
        await self._lines.aclose()

    async def _exchange(
        self, method: bytes, path: str, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> HttpAnswer | Fault:
        target = self._base.path + path.encode("ascii")
        request = Request(method, target, ((b"Host", self._base.named), *headers), body)
        line: Line | None = None
        try:
            async with asyncio.timeout(self._timeout):
                line = await self._lines.take()
                return self._read(await line.ask(request))
        except NotReachedError as error:
            return Deferred("network", lane_wide=True, detail=str(error))
        except TimeoutError:
            return _fault(line, Unanswered("timeout", f"no whole answer within {self._timeout:g} s"))
        except (zlib.error, TooLargeError) as error:
            return Unanswered("unreadable", _words(error))
        except Exception as error:  # noqa: BLE001 - a stranger's bytes: whatever they break ends here, told by name
            return _fault(line, Unanswered("connection_lost", _words(error)))
        finally:
            if line is not None:
                await self._lines.give_back(line)

    def _read(self, answer: Answer) -> HttpAnswer:
        content = _unpacked(answer.body, answer.headers.get(b"content-encoding", "").strip().lower())
        wish = retry_after(answer.headers.get(b"retry-after"), self._clock.now())
        return HttpAnswer(answer.status, content, wish, answer.headers.get(b"location", "").partition("?")[0])


def _fault(line: Line | None, unanswered: Unanswered) -> Fault:
    """Nothing of the request was written: then it did not leave."""
    if line is not None and line.written:
        return unanswered
    return Deferred("network", lane_wide=True, detail=unanswered.detail)


class _Base(NamedTuple):
    """A base URL in the bytes that go over the wire. ``named``: as the Host header has it."""

    scheme: bytes
    host: bytes
    port: int | None
    path: bytes
    named: bytes


_NOWHERE: Final = _Base(b"", b"", None, b"", b"")


def _parsed(url: str) -> tuple[_Base, str]:
    """The URL in its parts; or why it leads nowhere."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna"), parts.port
    except ValueError as error:
        return _NOWHERE, f"{url}: {error}"
    if parts.scheme not in {"http", "https"} or not host or not host.isascii() or b"\0" in host:
        return _NOWHERE, f"{url}: no http:// or https:// with a host"
    named = b"[%b]" % host if b":" in host else host
    named = named if port is None else b"%b:%d" % (named, port)
    return _Base(parts.scheme.encode(), host, port, quote(parts.path, safe="/%:@!$&'()*+,;=~").encode(), named), ""


def _connecting(url: str, base: _Base, within: float, engine: "Engine | None") -> Callable[[], Awaitable[Line]]:
    """What makes a line there: through the environment's proxy, if one leads there."""
    if engine is not None:
        return _proxied(base, within, lambda: engine)
    certificates = _certificates(url)
    if proxy := _proxy(url):
        return _through(urlsplit(proxy), base, within, certificates)
    tls = certificates if base.scheme == b"https" else None
    origin = Origin(base.host.decode(), base.port or (443 if tls else 80), tls, within)
    return partial(connect, origin, LARGEST_ANSWER)


def _failing(why: str) -> Callable[[], Awaitable[Line]]:
    async def fail() -> Line:
        raise NotReachedError(why)

    return fail


def _through(
    proxy: SplitResult, base: _Base, within: float, certificates: ssl.SSLContext
) -> Callable[[], Awaitable[Line]]:
    from yzj_daemon.yzj.proxied import pool

    return _proxied(base, within, partial(pool, _without_user(proxy), _user(proxy), certificates, KEPT))


def _proxied(base: _Base, within: float, engine: "Callable[[], Engine]") -> Callable[[], Awaitable[Line]]:
    from yzj_daemon.yzj.proxied import Destination, Proxied

    leads = Destination(base.scheme, base.host, base.port, within=within, largest=LARGEST_ANSWER)

    async def line() -> Line:
        return Proxied(engine(), leads)

    return line


def _without_user(proxy: SplitResult) -> str:
    return proxy._replace(netloc=proxy.netloc.rpartition("@")[2]).geturl()


def _user(proxy: SplitResult) -> tuple[bytes, bytes] | None:
    if proxy.username is None:
        return None
    return unquote(proxy.username).encode(), unquote(proxy.password or "").encode()


class Dated(NamedTuple):
    """An answer to nothing in particular. ``ahead`` (ms): by how much its clock is ahead of ours; None: not told.
    ``took`` (ms).
    """

    ahead: Millis | None
    took: Millis


async def dated(base_url: str, within: Millis) -> Dated | Deferred:
    """Whether anybody answers at the base URL, without credentials, and what time it is there."""
    import httpx  # a client that follows and decodes: for a person's question, not for every start

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


def _unpacked(body: bytes, coding: str) -> bytes:
    """Raises zlib.error, TooLargeError."""
    if coding in {"", "identity"}:
        return body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise zlib.error(f"Content-Encoding: {coding}, which was not asked for")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)  # knows by itself which of the two it is
    content = unpacking.decompress(body, LARGEST_ANSWER + 1)
    if len(content) > LARGEST_ANSWER:
        raise TooLargeError(f"more than {LARGEST_ANSWER} bytes")
    return content


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _loopback(url: str) -> bool:
    """Whether the other side is this machine: no proxy of the environment leads there."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _proxy(url: str) -> str | None:
    """The proxy of the environment that leads there."""
    scheme, _, rest = url.partition("://")
    if _loopback(url) or proxy_bypass(rest.partition("/")[0]):
        return None
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")


def _certificates(url: str) -> ssl.SSLContext:
    """One for all connections: to read the CAs of the world takes 0.1 s, which this machine itself asks of nobody.

    Those of ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` instead, as for all of httpx.
    """
    if _loopback(url) and url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, directory = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    return ssl.create_default_context(
        cafile=file or (None if directory else certifi.where()), capath=None if file else directory
    )
