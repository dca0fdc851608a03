"""Over real sockets: what a broken network and a broken server make of a call."""

import asyncio
import base64
import gzip
import random
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.unit.yzj.platform import HandClock
from yzj_daemon.delivery import Deferred, Unanswered
from yzj_daemon.yzj.answers import HttpAnswer
from yzj_daemon.yzj.client import ApiOptions, Vendor
from yzj_daemon.yzj.wire import KEPT, LARGEST_ANSWER, Wire

SHORT = 250
"""ms: the time limit of calls that are left to run into it."""


LOOPS = [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})]


class Served:
    """A server of bare bytes: ``reply`` is called for each request and answers whether the connection stays open.

    ``greeting`` is written to whoever connects.
    """

    def __init__(self, reply, greeting=b""):
        self.reply = reply
        self.greeting = greeting
        self.requests = []
        self.arrived = asyncio.Event()
        self.tasks = []
        self.url = ""

    def accept(self, reader, writer):
        self.tasks.append(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader, writer):
        try:
            writer.write(self.greeting)
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().splitlines() if line.startswith(b"content-length:")), 0)
        self.requests.append(head + await reader.readexactly(length))
        self.arrived.set()
        return await self.reply(len(self.requests), writer)


@asynccontextmanager
async def serving(reply, greeting=b"", tls=None):
    served = Served(reply, greeting)
    server = await asyncio.start_server(served.accept, "127.0.0.1", 0, backlog=1024, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    served.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield served
    finally:
        server.close()
        for task in served.tasks:
            task.cancel()
        await asyncio.gather(*served.tasks, return_exceptions=True)


@asynccontextmanager
async def connected(url, within=5_000):
    wire = Wire(url, within, HandClock())
    try:
        yield wire
    finally:
        await wire.aclose()


def whole(body=b'{"errcode":0}', head=b""):
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


def answering(raw, *, keep=False):
    async def reply(_, writer):
        writer.write(raw)
        await writer.drain()
        return keep

    return reply


async def _hang(_, _writer):
    await asyncio.Event().wait()
    return False


async def test_an_answer_is_read_whole():
    raw = whole(head=b"Retry-After: 3\r\nLocation: http://x/y?z=1\r\n")
    async with serving(answering(raw)) as served, connected(served.url + "/oapi/") as wire:
        assert await wire.post("/a", b"{}") == HttpAnswer(200, b'{"errcode":0}', 3_000, "http://x/y")
        assert served.requests[0].startswith(b"POST /oapi/a HTTP/1.1\r\n")
        assert served.requests[0].endswith(b"\r\n\r\n{}")


async def test_a_query_is_escaped():
    async with serving(answering(whole())) as served, connected(served.url) as wire:
        await wire.get("/a", {"chat": "R:1", "t": "a b&c"})
        assert served.requests[0].startswith(b"GET /a?chat=R%3A1&t=a+b%26c HTTP/1.1\r\n")


async def test_a_compressed_answer_is_read():
    packed = gzip.compress(b'{"errcode":0}')
    async with (
        serving(answering(whole(packed, b"Content-Encoding: gzip\r\n"))) as served,
        connected(served.url) as wire,
    ):
        assert (await wire.get("/a", {})).body == b'{"errcode":0}'


async def test_a_connection_is_kept_for_the_next_call():
    async with serving(answering(whole(), keep=True)) as served, connected(served.url) as wire:
        for _ in range(3):
            await wire.get("/a", {})
        assert (len(served.requests), len(served.tasks)) == (3, 1)


async def test_idle_connections_are_let_go_but_for_the_one_in_use():
    both = asyncio.Event()

    async def together(number, writer):
        if number == 2:
            both.set()
        await both.wait()
        return await answering(whole(), keep=True)(number, writer)

    clock = HandClock()
    async with serving(together) as served:
        wire = Wire(served.url, 5_000, clock)
        await asyncio.gather(wire.get("/a", {}), wire.get("/a", {}))
        first, second = served.tasks
        for _ in range(2):
            clock.seconds += KEPT * 0.6
            assert (await wire.get("/a", {})).status == 200
        done, left = await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
        assert (len(done), len(left)) == (1, 1)
        await wire.aclose()
        await asyncio.wait_for(asyncio.gather(first, second), 5)
        assert (len(served.requests), len(served.tasks)) == (4, 2)


async def test_a_connection_that_was_idle_for_long_is_not_asked_again():
    """The other side may hang up at that very moment, and nobody would know what became of the request."""
    clock = HandClock()
    async with serving(answering(whole(), keep=True)) as served:
        wire = Wire(served.url, 5_000, clock)
        for _ in range(2):
            assert (await wire.get("/a", {})).status == 200
            clock.seconds += KEPT + 0.1
        await wire.aclose()
        assert (len(served.requests), len(served.tasks)) == (2, 2)


async def test_nobody_listening_means_not_sent():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        async with connected(f"http://127.0.0.1:{port}") as wire:
            fault = await wire.post("/a", b"{}")
    assert (type(fault), fault.reason, fault.lane_wide) == (Deferred, "network", True)


async def test_no_such_name_means_not_sent():
    async with connected("http://vendor.invalid") as wire:
        assert (await wire.post("/a", b"{}")).reason == "network"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1", "http://", "http://[", "http://a\x00b"])
async def test_a_url_that_leads_nowhere_means_not_sent(url):
    async with connected(url) as wire:
        assert (await wire.post("/a", b"{}")).reason == "network"


async def test_a_handshake_that_fails_means_not_sent():
    async with serving(_hang, b"no TLS here\r\n") as served, connected(served.url.replace("http:", "https:")) as wire:
        fault = await wire.post("/a", b"{}")
    assert (type(fault), fault.reason) == (Deferred, "network")
    assert "WRONG_VERSION_NUMBER" in fault.detail


async def test_a_handshake_that_hangs_means_not_sent():
    async with serving(_hang) as served, connected(served.url.replace("http:", "https:"), SHORT) as wire:
        assert (await wire.post("/a", b"{}")).reason == "network"


async def test_a_server_that_never_answers_leaves_the_call_unanswered():
    async with serving(_hang) as served, connected(served.url, SHORT) as wire:
        assert await wire.post("/a", b"{}") == Unanswered("timeout", "no whole answer within 0.25 s")


async def test_an_answer_that_trickles_without_end_leaves_the_call_unanswered():
    async def trickle(_, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)  # the trickle itself, not a wait of the test
        return False

    async with serving(trickle) as served, connected(served.url, SHORT) as wire:
        assert (await wire.post("/a", b"{}")).reason == "timeout"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\x00\xff\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000,
        b"SSH-2.0-OpenSSH_9.0\r\n",
    ],
)
async def test_an_answer_that_breaks_off_or_is_garbage_leaves_the_call_unanswered(raw):
    async with serving(answering(raw)) as served, connected(served.url) as wire:
        fault = await wire.post("/a", b"{}")
    assert (type(fault), fault.reason) == (Unanswered, "connection_lost")


async def test_a_connection_reset_after_the_request_leaves_the_call_unanswered():
    async def reset(_, writer):
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
        return False

    async with serving(reset) as served, connected(served.url) as wire:
        assert (await wire.post("/a", b"{}")).reason == "connection_lost"


async def test_a_kept_connection_that_drops_the_second_request_leaves_it_unanswered():
    async def once(number, writer):
        if number == 1:
            writer.write(whole())
            return True
        return False

    async with serving(once) as served, connected(served.url) as wire:
        assert (await wire.post("/a", b"1")).status == 200
        fault = await wire.post("/a", b"2")
        assert (type(fault), fault.reason) == (Unanswered, "connection_lost")
        assert len(served.requests) == 2, "a request that may have arrived is never sent again"


async def test_content_that_does_not_unpack_leaves_the_call_unanswered():
    raw = whole(b"no gzip", b"Content-Encoding: gzip\r\n")
    async with serving(answering(raw)) as served, connected(served.url) as wire:
        assert (await wire.post("/a", b"{}")).reason == "unreadable"


async def test_an_answer_larger_than_any_is_not_read_to_its_end():
    bomb = gzip.compress(b" " * (LARGEST_ANSWER + 1), 1)
    raw = whole(bomb, b"Content-Encoding: gzip\r\n")
    async with serving(answering(raw)) as served, connected(served.url, 30_000) as wire:
        assert (await wire.post("/a", b"{}")).reason == "unreadable"


async def test_random_bytes_over_a_socket_always_end_as_an_outcome():
    rng = random.Random(7)
    heads = [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n", whole(b'{"errcode":0')]

    async def noise(_, writer):
        writer.write(rng.choice(heads) + rng.randbytes(rng.randrange(80)))
        await writer.drain()
        return False

    async with serving(noise) as served:
        options = ApiOptions(base_url=served.url, app_id="a", access_token="t", timeout=5_000)
        vendor = Vendor(options, HandClock())
        for _ in range(60):
            assert isinstance(await vendor.server_ips(), Deferred)
        await vendor.aclose()
        assert len(served.requests) == 60


async def test_a_cancelled_call_gives_its_connection_back():
    async def first_hangs(number, writer):
        return await _hang(number, writer) if number == 1 else await answering(whole())(number, writer)

    async with serving(first_hangs) as served, connected(served.url) as wire:
        task = asyncio.create_task(wire.post("/a", b"{}"))
        await served.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await wire.post("/a", b"{}")).status == 200


async def test_no_proxy_of_the_environment_leads_to_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with serving(answering(whole())) as served, connected(served.url) as wire:
        assert (await wire.get("/a", {})).status == 200


async def test_a_proxy_of_the_environment_leads_everywhere_else(monkeypatch):
    async with serving(answering(whole())) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with connected("http://vendor.invalid/oapi") as wire:
            assert (await wire.get("/a", {})).status == 200
        assert proxy.requests[0].startswith(b"GET http://vendor.invalid/oapi/a ")


async def test_what_the_environment_excepts_goes_past_its_proxy(monkeypatch):
    async with serving(answering(whole())) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "vendor.invalid")
        async with connected("http://vendor.invalid/oapi") as wire:
            assert (await wire.get("/a", {})).reason == "network"
        assert not proxy.requests


async def test_three_hundred_calls_at_once_are_all_answered():
    async with serving(answering(b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"errcode":0}', keep=True)) as served:
        async with connected(served.url, 30_000) as wire:
            answers = await asyncio.gather(*(wire.post("/a", b"{}") for _ in range(300)))
        assert {answer.body for answer in answers} == {b'{"errcode":0}'}


async def test_what_is_said_before_it_is_asked_is_no_answer():
    """A second answer to one request must not be taken for that of the next."""
    writers = []

    async def keep(number, writer):
        writers.append(writer)
        return await answering(whole(b"%d" % number), keep=True)(number, writer)

    async with serving(keep) as served, connected(served.url) as wire:
        assert (await wire.post("/a", b"1")).body == b"1"
        writers[0].write(whole(b"1 again"))
        await writers[0].drain()
        assert (await wire.post("/a", b"2")).body == b"2"
        assert len(served.tasks) == 2


async def test_two_answers_to_one_request_are_one_and_the_end_of_the_connection():
    async def twice(number, writer):
        return await answering(whole(b"%d" % number) + whole(b"%d again" % number, b"X: 1\r\n"), keep=True)(
            number, writer
        )

    async with serving(twice) as served, connected(served.url) as wire:
        assert (await wire.post("/a", b"1")).body == b"1"
        assert (await wire.post("/a", b"2")).body == b"2"
        assert len(served.tasks) == 2


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + whole(b"final"), 200, b"final"),
        (b"HTTP/1.1 200 OK\r\n\r\nas long as it comes", 200, b"as long as it comes"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", 200, b"old"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=1\r\ncde\r\n0\r\nX: 1\r\n\r\n",
            200,
            b"abcde",
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok and more", 200, b"ok"),
        (b"HTTP/1.1 429 \r\nCONTENT-LENGTH: 0\r\n\r\n", 429, b""),
    ],
)
async def test_whatever_way_an_answer_tells_its_end_it_is_read_whole(raw, status, body):
    """RFC 9112, section 6.3; in one piece, and byte by byte."""

    async def trickling(_, writer):
        for byte in raw:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(0)
        return False

    for reply in (answering(raw), trickling):
        async with serving(reply) as served, connected(served.url) as wire:
            answer = await wire.post("/a", b"{}")
        assert (answer.status, answer.body) == (status, body)


async def test_headers_without_end_leave_the_call_unanswered_at_once():
    async def endless(_, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X: " + b"a" * 1000 + b"\r\n")
            await writer.drain()
        return False

    async with serving(endless) as served, connected(served.url, 60_000) as wire:
        async with asyncio.timeout(10):
            fault = await wire.post("/a", b"{}")
    assert (type(fault), fault.reason) == (Unanswered, "connection_lost")


async def test_another_protocol_that_was_not_asked_for_leaves_the_call_unanswered():
    raw = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\nPRI"
    async with serving(answering(raw, keep=True)) as served, connected(served.url) as wire:
        assert (await wire.post("/a", b"{}")).reason == "connection_lost"


async def test_what_goes_over_the_wire_is_one_request_as_it_is():
    body = '{"content":"退款"}'.encode()
    async with serving(answering(whole())) as served, connected(served.url) as wire:
        await wire.post("/a", body)
    head, _, rest = served.requests[0].partition(b"\r\n\r\n")
    assert rest == body
    assert head.split(b"\r\n") == [
        b"POST /a HTTP/1.1",
        b"Host: " + served.url.removeprefix("http://").encode(),
        b"Accept: application/json",
        b"Accept-Encoding: gzip",
        b"User-Agent: yzj-daemon",
        b"Content-Type: application/json; charset=UTF-8",
        b"Content-Length: %d" % len(body),
    ]


async def test_a_coding_that_was_not_asked_for_leaves_the_call_unanswered():
    async with serving(answering(whole(b"?", b"Content-Encoding: br\r\n"))) as served, connected(served.url) as wire:
        fault = await wire.post("/a", b"{}")
    assert (fault.reason, "br" in fault.detail) == ("unreadable", True)


@pytest.fixture
def certificate(tmp_path):
    """A self-signed one, in a file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName(name) for name in ("localhost", "vendor.invalid")]
    day = timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - day)
        .not_valid_after(datetime.now(UTC) + day)
        .add_extension(
            x509.SubjectAlternativeName(names),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    told = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = tmp_path / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + told)
    return file


def sealed(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("anyio_backend", LOOPS)
async def test_over_tls_a_long_answer_comes_whole_and_the_connection_is_kept(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    body = b'"' + b"x" * (3 << 20) + b'"'
    async with serving(answering(whole(body), keep=True), tls=sealed(certificate)) as served:
        async with connected(served.url.replace("127.0.0.1", "localhost")) as wire:
            for _ in range(2):
                assert (await wire.post("/a", b"x" * (1 << 20))).body == body
        assert (len(served.requests), len(served.tasks)) == (2, 1)


async def test_a_certificate_that_nobody_vouches_for_means_not_sent(certificate):
    async with (
        serving(answering(whole()), tls=sealed(certificate)) as served,
        connected(served.url.replace("127.0.0.1", "localhost")) as wire,
    ):
        fault = await wire.post("/a", b"{}")
    assert (type(fault), fault.reason, served.requests) == (Deferred, "network", [])
    assert "CERTIFICATE_VERIFY_FAILED" in fault.detail


async def test_a_tunnel_through_a_proxy_that_asks_who_it_is(certificate, monkeypatch):
    """CONNECT, with a name and a password, and TLS inside."""
    inside = sealed(certificate)

    async def tunnel(number, writer):
        if number == 1:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await writer.start_tls(inside)
            return True
        return await answering(whole())(number, writer)

    async with serving(tunnel) as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("http://", "http://ann:p%40ss@"))
        async with connected("https://vendor.invalid") as wire:
            assert (await wire.post("/a", b"{}")).status == 200
    assert proxy.requests[0].startswith(b"CONNECT vendor.invalid:443 ")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"ann:p@ss") in proxy.requests[0]
    assert proxy.requests[1].startswith(b"POST /a ")
