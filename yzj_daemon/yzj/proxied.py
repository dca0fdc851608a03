"""Requests through a proxy: httpcore's business, which is loaded where one leads to the vendor."""

import ssl
from typing import Final, Protocol

import httpcore

from yzj_daemon.yzj.connection import Answer, NotReachedError, Request, TooLargeError

_NEVER_SENT: Final = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class Engine(Protocol):
    """What carries out requests, as httpcore's pools do."""

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response: ...

    async def aclose(self) -> None: ...


class Destination:
    """Where requests go in the end. ``within``: seconds to get there. ``largest``: bytes of an answer."""

    def __init__(self, scheme: bytes, host: bytes, port: int | None, *, within: float, largest: int) -> None:
        self._parts = (scheme, host, port)
        self._limits = {"connect": within}
        self.largest = largest

    def request(self, asked: Request) -> httpcore.Request:
        scheme, host, port = self._parts
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=asked.target)
        return httpcore.Request(
            asked.method, url, headers=list(asked.headers), content=asked.body, extensions={"timeout": self._limits}
        )


class Proxied:
    """A :class:`~yzj_daemon.yzj.connection.Line` over an engine, which sees to its connections by itself.

    Nobody tells of it how far a request came: unless there was no connection, it may have left.
    """

    def __init__(self, engine: Engine, destination: Destination) -> None:
        self.written = False
        self._engine = engine
        self._destination = destination

    async def ask(self, request: Request) -> Answer:
        self.written = True
        try:
            return await self._answered(await self._engine.handle_async_request(self._destination.request(request)))
        except _NEVER_SENT as error:
            raise NotReachedError(f"{type(error).__name__}: {error}") from error
        except httpcore.TimeoutException as error:
            raise TimeoutError from error

    async def _answered(self, response: httpcore.Response) -> Answer:
        body = bytearray()
        try:
            async for part in response.aiter_stream():
                body += part
                if len(body) > self._destination.largest:
                    raise TooLargeError(f"more than {self._destination.largest} bytes")
        finally:
            await response.aclose()
        headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status, headers, bytes(body))

    def usable(self) -> bool:
        return True

    async def aclose(self) -> None:
        await self._engine.aclose()


def pool(
    proxy: str, user: tuple[bytes, bytes] | None, certificates: ssl.SSLContext, kept: float
) -> httpcore.AsyncConnectionPool:
    """One connection through the proxy, kept for so many seconds."""
    leading = httpcore.Proxy(proxy, auth=user)
    return httpcore.AsyncConnectionPool(certificates, proxy=leading, max_connections=1, keepalive_expiry=kept)
