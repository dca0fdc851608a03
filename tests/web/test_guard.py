"""Connections over real sockets: what a sender may do, and what ends it. The clock is an argument."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from yzj_daemon.web import door, server
from yzj_daemon.web.direct import Direct
from yzj_daemon.web.door import Answer
from yzj_daemon.web.guard import Door, Limits, _network

HEAD = b"POST /callback/known HTTP/1.1\r\nhost: h\r\n"


class Visited:
    """A door with a server behind it whose clock is moved by hand."""

    def __init__(self, **limits) -> None:
        self.time = 1000.0
        self.refusals: Counter[str] = Counter()
        self.seen: list[bytes] = []
        self.gone = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.door = Door("callback", Limits(**limits), self._refused, lambda: self.time)
        self.address = ("", 0)
        self.clients: list[Client] = []

    def _refused(self, door: str, why: str) -> None:
        assert door == "callback"
        self.refusals[why] += 1

    async def app(self, scope, receive, send) -> None:
        """404 without a look at the body, or 200 after all of it."""
        known = scope["path"].startswith("/callback/known")
        if known:
            scope["state"]["guest"] = True
            body, more = b"", True
            while more:
                event = await receive()
                if event["type"] == "http.disconnect":
                    self.gone += 1
                    return
                body, more = body + event["body"], event["more_body"]
            self.seen.append(body)
            await self.gate.wait()
        await send({"type": "http.response.start", "status": 200 if known else 404, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    def later(self, seconds: float) -> None:
        self.time += seconds
        self.door.sweep()

    async def connect(self, source: str = "127.0.0.1") -> "Client":
        self.clients.append(Client(*await asyncio.open_connection(*self.address, local_addr=(source, 0))))
        return self.clients[-1]

    async def until(self, so: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not so():
                await asyncio.sleep(0.005)


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> "Client":
        self.writer.write(data)
        return self

    async def answer(self) -> bytes:
        """Status line, headers and body of one answer."""
        async with asyncio.timeout(5):
            head = await self.reader.readuntil(b"\r\n\r\n")
            if b"content-length: " in head:
                return head + await self.reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r")[0]))
            return head + await self.reader.readuntil(b"0\r\n\r\n")

    async def rest(self) -> bytes:
        """All that comes until the other side is done."""
        async with asyncio.timeout(5):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


class Directly:
    """The same application, for connections that speak no ASGI."""

    max_body = 1 << 20

    def __init__(self, one: Visited) -> None:
        self.one = one

    def knows(self, request) -> bool:
        return request.path.startswith(b"/callback/known")

    def turned_away(self, request) -> Answer | None:
        return None

    def take(self, request, body, reply) -> None:
        self.one.seen.append(body)
        asyncio.get_running_loop().create_task(self.answered(reply))

    async def answered(self, reply) -> None:
        await self.one.gate.wait()
        reply(door.OK)

    def broken_off(self, request, size) -> None:
        self.one.gone += 1


@pytest.fixture(params=["asgi", "direct"])
def visited(request):
    """Both kinds of connections keep the same rules."""
    return partial(_visited, request.param == "direct")


@asynccontextmanager
async def _visited(direct: bool, **limits) -> AsyncIterator[Visited]:
    one = Visited(**limits)
    listener = server.listen("127.0.0.1", 0, "callback")
    one.address = listener.getsockname()
    if direct:
        served = server.Server(Directly(one), listener, one.door, Direct)
    else:
        served = server.Server(one.app, listener, one.door)
    task = asyncio.create_task(served.run_until_stopped())
    try:
        yield one
    finally:
        for client in one.clients:
            client.writer.transport.abort()
        served.stop()
        await task


async def test_requests_on_one_connection_are_answered_one_after_the_other(visited):
    async with visited() as at:
        client = await at.connect()
        for n in range(3):
            body = b"x" * n
            answer = await client.send(HEAD + b"content-length: %d\r\n\r\n" % n + body).answer()
            assert answer.startswith(b"HTTP/1.1 200")
        assert at.seen == [b"", b"x", b"xx"]
        assert not at.refusals


async def test_every_answer_forbids_guessing_its_type_and_keeping_it_and_names_no_program(visited):
    async with visited() as at:
        for request in (HEAD + b"content-length: 0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n"):
            answer = (await (await at.connect()).send(request).answer()).lower()
            assert b"x-content-type-options: nosniff" in answer
            assert b"cache-control: no-store" in answer
            assert b"server:" not in answer
            assert b"uvicorn" not in answer


@pytest.mark.parametrize("sent", [b"P", b"POST /callback/known HT", HEAD, HEAD + b"x-long: " + b"y" * 500])
async def test_a_head_that_does_not_come_to_its_end_is_given_up(visited, sent):
    async with visited(head_within=5) as at:
        client = (await at.connect()).send(sent)
        await at.until(lambda: any(one._in_head for one in at.door._strangers))
        at.later(4.9)
        assert not at.refusals
        client.send(b"z")  # a byte now and then buys no time
        at.later(0.2)
        assert (await client.rest()).startswith(b"HTTP/1.1 408")
        assert at.refusals == {"slow": 1}


async def test_a_body_that_does_not_come_to_its_end_is_given_up_and_the_application_hears_of_it(visited):
    async with visited(request_within=15) as at:
        client = (await at.connect()).send(HEAD + b"content-length: 10\r\n\r\n12345")
        await at.until(lambda: any(one._receiving() for one in (*at.door._strangers, *at.door._guests)))
        at.later(14)
        client.send(b"6")
        at.later(1.1)
        assert (await client.rest()).startswith(b"HTTP/1.1 408")
        await at.until(lambda: at.gone)
        assert at.seen == []


async def test_an_idle_connection_closes_without_a_word(visited):
    async with visited(idle=75) as at:
        client = await at.connect()
        await client.send(HEAD + b"content-length: 0\r\n\r\n").answer()
        client.send(b"\r\n")  # no request either
        at.later(76)
        assert await client.rest() == b""
        assert not at.refusals


async def test_what_we_take_long_to_answer_is_not_held_against_the_sender(visited):
    async with visited() as at:
        at.gate.clear()
        client = (await at.connect()).send(HEAD + b"content-length: 1\r\n\r\n1")
        await at.until(lambda: at.seen)
        at.later(3600)
        at.gate.set()
        assert (await client.answer()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "bomb",
    [
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nx: " + b"y" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"y" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200_000,
        b"GET /" + b"y" * 1_000_000,
    ],
    ids=["lines", "line", "path", "endless lines", "endless path"],
)
async def test_a_head_that_is_too_large_is_refused(visited, bomb):
    async with visited() as at:
        client = (await at.connect()).send(bomb)
        assert (await client.rest()).startswith(b"HTTP/1.1 431")
        assert at.refusals == {"large_head": 1}


@pytest.mark.parametrize(
    "request_",
    [
        b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
        b"content-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"content-length: +1\r\n\r\na",
        b"content-length : 1\r\n\r\na",
        b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        b"transfer-encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n",
        b"transfer-encoding: chunked\r\n\r\n1\nx\n0\n\n",
        b"transfer-encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n",
        b"x: \x00\r\ncontent-length: 1\r\n\r\na",
        b"x: a\rb\r\ncontent-length: 1\r\n\r\na",
        b"content-length: 1\n\na",
    ],
)
async def test_what_two_readers_could_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(visited, request_):
    async with visited() as at:
        smuggled = b"POST /callback/known HTTP/1.1\r\nhost: h\r\ncontent-length: 8\r\n\r\nsmuggled"
        answer = await (await at.connect()).send(HEAD + request_ + smuggled).rest()
        assert answer.startswith(b"HTTP/1.1 400")
        assert answer.count(b"HTTP/1.1") == 1
        assert at.seen == []


@pytest.mark.parametrize("start", [b"GET /", b"POST / HTTP/1.0\r\ntransfer-encoding: chunked", b"CONNECT h:1 HTTP/1.1"])
async def test_other_ways_to_speak_are_refused(visited, start):
    async with visited() as at:
        assert (await (await at.connect()).send(start + b"\r\n\r\n").rest()).startswith(b"HTTP/1.1 400")


OFFER = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAA\r\n"


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"content-length: 2\r\n\r\nhi", b"hi"),
        (b"transfer-encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n", b"hi"),
        (b"content-length: 100000\r\n\r\n" + b"x" * 100_000, b"x" * 100_000),
        (b"content-length: 0\r\n\r\n", b""),
        (b"\r\n", b""),
    ],
    ids=["length", "chunks", "long", "empty", "none"],
)
@pytest.mark.parametrize("pieces", [1, 2])
async def test_who_offers_an_upgrade_loses_no_body_and_no_later_request(visited, framing, body, pieces):
    """Java's own client offers HTTP/2 with its first request, body and all."""
    async with visited() as at:
        client = await at.connect()
        whole = HEAD + OFFER + framing
        half = len(whole) // pieces
        client.send(whole[:half])
        if pieces == 2:
            await asyncio.sleep(0.05)
            client.send(whole[half:])
        answer = await client.rest()
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer
        assert at.seen == [body]
        assert not at.refusals


async def test_pipelined_requests_are_answered_in_order_and_too_many_are_not_queued(visited):
    async with visited(pipelined=4) as at:
        one = HEAD + b"content-length: 1\r\n\r\n"
        client = (await at.connect()).send(b"".join(one + b"%d" % n for n in range(4)))
        for _ in range(4):
            assert (await client.answer()).startswith(b"HTTP/1.1 200")
        assert at.seen == [b"0", b"1", b"2", b"3"]
        at.gate.clear()
        client.send(b"".join(one + b"%d" % n for n in range(8)))
        await at.until(lambda: at.refusals["pipelined"])
        at.gate.set()
        assert (await client.rest()).count(b"HTTP/1.1 200") == 5
        assert len(at.seen) == 9


async def test_who_reads_no_answers_gets_the_next_when_there_is_room(visited):
    async with visited() as at:
        one = HEAD + b"content-length: 0\r\n\r\n"
        client = await at.connect()
        await client.send(one).answer()
        [served] = at.door._guests
        served.pause_writing()
        client.send(one)
        await at.until(lambda: len(at.seen) == 2)
        served.resume_writing()
        assert (await client.answer()).startswith(b"HTTP/1.1 200")


async def test_a_request_that_came_whole_is_answered_whatever_nonsense_follows(visited):
    async with visited() as at:
        at.gate.clear()
        client = (await at.connect()).send(HEAD + b"content-length: 2\r\n\r\nhi")
        await at.until(lambda: at.seen)
        client.send(b"\xff\xff nonsense")
        await at.until(lambda: at.refusals)
        at.gate.set()
        answer = await client.rest()
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer


async def test_an_answer_before_the_body_is_read_even_by_who_goes_on_sending(visited):
    async with visited(linger=2) as at:
        client = await at.connect()
        client.send(b"POST /wrong HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")
        assert (await client.answer()).startswith(b"HTTP/1.1 404")
        for _ in range(20):
            client.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        assert await client.rest() == b""
        at.later(2.1)
        await at.until(lambda: not at.door._total)


async def test_the_one_that_waited_longest_makes_room(visited):
    async with visited(connections=3) as at:
        slow = [(await at.connect()).send(HEAD) for _ in range(3)]
        await at.until(lambda: sum(one._in_head for one in at.door._strangers) == 3)
        honest = await at.connect()
        assert (await honest.send(HEAD + b"content-length: 0\r\n\r\n").answer()).startswith(b"HTTP/1.1 200")
        assert await slow[0].rest() == b""
        assert at.refusals == {"crowded": 1}
        assert (await slow[1].send(b"content-length: 0\r\n\r\n").answer()).startswith(b"HTTP/1.1 200")


async def test_who_knows_the_secret_is_the_last_to_go(visited):
    async with visited(connections=3) as at:
        guest = await at.connect()
        await guest.send(HEAD + b"content-length: 0\r\n\r\n").answer()
        strangers = [await at.connect() for _ in range(4)]
        assert await strangers[0].rest() == b""
        assert await strangers[1].rest() == b""
        assert (await guest.send(HEAD + b"content-length: 0\r\n\r\n").answer()).startswith(b"HTTP/1.1 200")


async def test_an_address_that_has_too_many_pays_with_its_own(visited):
    async with visited(connections=10, per_address=2) as at:
        other = await at.connect("127.0.0.2")
        many = [await at.connect("127.0.0.3") for _ in range(5)]
        for gone in many[:3]:
            assert await gone.rest() == b""
        await at.until(lambda: at.door._total == 3)
        for kept in (other, *many[3:]):
            assert (await kept.send(HEAD + b"content-length: 0\r\n\r\n").answer()).startswith(b"HTTP/1.1 200")


async def test_bodies_together_are_bounded_and_what_is_answered_counts_no_more(visited):
    async with visited(held_bytes=100_000) as at:
        for _ in range(3):
            client = await at.connect()
            answer = await client.send(HEAD + b"content-length: 60000\r\n\r\n" + b"x" * 60_000).answer()
            assert answer.startswith(b"HTTP/1.1 200")
        waiting = (await at.connect()).send(HEAD + b"content-length: 60001\r\n\r\n" + b"x" * 60_000)
        await at.until(lambda: at.door.held == 60_000)
        refused = (await at.connect()).send(HEAD + b"content-length: 60000\r\n\r\n" + b"x" * 60_000)
        assert (await refused.rest()).startswith(b"HTTP/1.1 503")
        assert (await waiting.send(b"y").answer()).startswith(b"HTTP/1.1 200")
        await at.until(lambda: not at.door.held)


def test_a_sender_has_one_address_of_the_old_kind_or_a_network_of_the_new():
    assert _network("192.0.2.7") == _network("::ffff:192.0.2.7") == "192.0.2.7"
    assert _network("2001:db8:0:1::1") == _network("2001:db8:0:1:ffff::2") != _network("2001:db8:0:2::1")
    assert _network("") == ""


@pytest.mark.parametrize(("limit", "room"), [("ulimit -n 600", 344), ("ulimit -Sn 300", 1000), ("ulimit -n 100", 1)])
def test_there_are_never_more_connections_than_open_files(limit, room):
    program = "from yzj_daemon.web.guard import descriptors; print(descriptors(1000))"
    done = subprocess.run(
        ["bash", "-c", f'{limit}; exec "$0" -c "{program}"', sys.executable],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert int(done.stdout) == room
