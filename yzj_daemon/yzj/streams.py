"""TCP and TLS for httpcore, over anyio, without a timer for each step: who calls bounds the whole exchange.

httpcore's own streams set a timer at every read and every write, which costs as much as reading and writing. Names,
addresses that do not answer and TLS are anyio's business here as there.
"""

import select
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import httpcore
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSAttribute, TLSStream


class Streams(httpcore.AsyncNetworkBackend):
    """For one connection. ``written``: whether anything of an exchange was written since it was last set to False."""

    def __init__(self) -> None:
        self.written = False

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - asyncio sets what is needed
    ) -> httpcore.AsyncNetworkStream:
        async with _connecting(timeout):
            return _Stream(await anyio.connect_tcp(host, port, local_host=local_address), self)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: ByteStream, streams: Streams) -> None:
        self._stream = stream
        self._streams = streams

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - as above
        try:
            return await self._stream.receive(max_bytes)
        except anyio.EndOfStream:
            return b""
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise httpcore.ReadError(_words(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - as above
        if not buffer:
            return
        self._streams.written = True
        try:
            await self._stream.send(buffer)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise httpcore.WriteError(_words(error)) from error

    async def aclose(self) -> None:
        with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):  # then it is closed already
            await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as above
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with _connecting(timeout):
                sealed = await TLSStream.wrap(
                    self._stream, ssl_context=ssl_context, hostname=server_hostname, standard_compatible=False
                )
        except BaseException:
            await anyio.aclose_forcefully(self._stream)
            raise
        return _Stream(sealed, self._streams)

    def get_extra_info(self, info: str) -> Any:
        told: Mapping[Any, Callable[[], Any]] = self._stream.extra_attributes
        match info:
            case "is_readable":
                return _readable(told[SocketAttribute.raw_socket]())
            case "ssl_object" if TLSAttribute.ssl_object in told:
                return told[TLSAttribute.ssl_object]()
            case _:
                return None


@asynccontextmanager
async def _connecting(timeout: float | None) -> AsyncIterator[None]:  # noqa: ASYNC109 - as above
    try:
        with anyio.fail_after(timeout):
            yield
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"no connection within {timeout:g} s" if timeout else "") from error
    except (OSError, anyio.BrokenResourceError, anyio.EndOfStream) as error:
        raise httpcore.ConnectError(_words(error)) from error


def _readable(plain: socket.socket) -> bool:
    """Whether the other side said something, or hung up, while nobody asked it."""
    if plain.fileno() < 0:
        return True  # closed on our side by now
    looking = select.poll()
    looking.register(plain, select.POLLIN)
    return bool(looking.poll(0))


def _words(error: BaseException) -> str:
    """Anyio's own errors say nothing; what caused them does."""
    return str(error) or str(error.__cause__ or "")
