"""A connection to the vendor: one request at a time, and its answer, read whole.

The bytes are httptools', as at the public door; addresses that do not answer are aiohappyeyeballs', TLS is the loop's.
A client for everything and everybody takes ten times the steps, a thousand times a second.
"""

import asyncio
import select
import ssl
from socket import IPPROTO_TCP, SOCK_STREAM
from typing import Any, Final, NamedTuple, Protocol

import httptools
import msgspec
from aiohappyeyeballs import start_connection

LARGEST_HEAD: Final = 100 << 10
"""Bytes of an answer's status line and headers."""

FINAL: Final = 200
"""Statuses below are followed by another one."""

NEXT_ADDRESS: Final = 0.25
"""Seconds after which a name's next address is tried beside one that does not answer (RFC 8305)."""


class Request(msgspec.Struct, frozen=True):
    """What is asked. ``target``: path and query, as they go over the wire."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def written(self) -> bytes:
        lines = b"".join([b"%b: %b\r\n" % header for header in self.headers])
        return b"%b %b HTTP/1.1\r\n%b\r\n%b" % (self.method, self.target, lines, self.body)


class Answer(NamedTuple):
    """``headers``: names in lower case. ``body``: as it came, packed as the headers say."""

    status: int
    headers: dict[bytes, str]
    body: bytes


class Line(Protocol):
    """What carries requests, one at a time. ``written``: whether anything of the last one may have left."""

    written: bool

    async def ask(self, request: Request) -> Answer:
        """Raises NotReachedError: nothing left; TooLargeError, TimeoutError, and whatever a broken network raises."""

    def usable(self) -> bool:
        """Whether another request may go over it."""

    async def aclose(self) -> None: ...


class NotReachedError(Exception):
    """There is no connection: nothing of a request left."""


class TooLargeError(Exception):
    """The answer is larger than anybody's."""


class LostError(Exception):
    """The other side hung up, or says what is no HTTP."""


class Origin(NamedTuple):
    """Where connections lead. ``tls``: None for plain HTTP. ``within``: seconds, for TCP and again for TLS."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    within: float


async def connect(origin: Origin, largest: int) -> "Connection":
    """A new connection, for answers of at most ``largest`` bytes.

    Raises:
        NotReachedError: there is none.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(origin.within):
            found = await loop.getaddrinfo(origin.host, origin.port, type=SOCK_STREAM, proto=IPPROTO_TCP)
            reached = await start_connection(found, happy_eyeballs_delay=NEXT_ADDRESS, loop=loop)
        async with asyncio.timeout(origin.within):
            named = origin.host if origin.tls else None
            _, connection = await loop.create_connection(
                lambda: Connection(largest), sock=reached, ssl=origin.tls, server_hostname=named
            )
    except TimeoutError as error:
        raise NotReachedError(f"ConnectTimeout: no connection within {origin.within:g} s") from error
    except (OSError, UnicodeError) as error:
        raise NotReachedError(f"ConnectError: {error}" if str(error) else type(error).__name__) from error
    return connection


class Connection(asyncio.Protocol):
    """A :class:`Line` of its own. What comes without having been asked for ends it."""

    def __init__(self, largest: int) -> None:
        self.written = False
        self._largest = largest
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._incoming = select.poll()
        self._kept = True
        self._asked: asyncio.Future[Answer] | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._begin()

    def _begin(self) -> None:
        """Nothing of an answer is known."""
        self._headers: dict[bytes, str] = {}
        self._body = bytearray()
        self._head_size = 0
        self._in_head = True

    # One exchange -----------------------------------------------------------------------------------------------

    async def ask(self, request: Request) -> Answer:
        if self._transport.is_closing():
            raise LostError("the other side hung up")
        self._begin()
        self._parser = httptools.HttpResponseParser(self)
        self._asked = self._loop.create_future()
        self.written = True
        self._transport.write(request.written())
        try:
            return await self._asked
        except BaseException:
            self._kept = False
            raise
        finally:
            self._asked = self._parser = None
            if not self._kept:
                self._transport.abort()

    def usable(self) -> bool:
        """Also asks the system: a request on a connection just closed would be one that nobody can know of."""
        return self._kept and not self._transport.is_closing() and not self._incoming.poll(0)

    async def aclose(self) -> None:
        self._transport.close()

    # The transport ----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._incoming.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._parser is None or self._asked is None or self._asked.done():
            self._unasked()
            return
        if self._in_head:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            cause = error.__context__
            self._fail(cause if isinstance(cause, TooLargeError) else LostError(f"{type(error).__name__}: {error}"))
        if self._in_head and self._head_size > LARGEST_HEAD:
            self._fail(LostError(f"headers of more than {LARGEST_HEAD} bytes"))

    def eof_received(self) -> None:
        """The end of an answer that told no length; the connection closes."""
        self._kept = False
        framed = b"content-length" in self._headers or b"transfer-encoding" in self._headers
        if self._parser and self._asked and not self._asked.done() and not self._in_head and not framed:
            self._answer(self._asked, self._parser.get_status_code())

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(LostError(f"the other side hung up{f': {error}' if error else ''}"))

    # The parser -------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._begin()
        if self._asked is None or self._asked.done():
            self._unasked()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._in_head = False

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > self._largest:
            raise TooLargeError(f"more than {self._largest} bytes")

    def on_message_complete(self) -> None:
        parser = self._parser
        if parser is None or self._asked is None or self._asked.done() or parser.get_status_code() < FINAL:
            return
        self._kept = parser.should_keep_alive()
        self._answer(self._asked, parser.get_status_code())

    def _answer(self, asked: asyncio.Future[Answer], status: int) -> None:
        asked.set_result(Answer(status, self._headers, bytes(self._body)))

    def _fail(self, error: BaseException) -> None:
        self._kept = False
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(error)

    def _unasked(self) -> None:
        """What is said before it is asked must not be taken for the next answer."""
        self._kept = False
        if self._asked is None:
            self._transport.abort()
