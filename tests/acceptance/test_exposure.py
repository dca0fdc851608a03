"""What anybody who can reach the ports may try, against the real process."""

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import CLOUD, ROOM, SECRET, WANG, Daemon, start, text
from yzj_daemon.sandbox.incoming import Inject

NOTHING = '[[rules]]\nid = "none"\nforward_to = ["R:1"]\nwhen = { contains = ["不会出现"] }\n'
GIVEN_UP = 12.0
"""Seconds within which a slow head is given up: five, and a sweep, on a busy machine."""

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

SLOW = (
    b"",
    b"POST /callback/",
    b"POST / HTTP/1.1\r\nhost: h\r\nx-a: ",
    b"POST /callback/wrong HTTP/1.1\r\nhost: h\r\ncontent-length: 100000\r\n\r\n",
    f"POST /callback/{SECRET} HTTP/1.1\r\nhost: h\r\ncontent-length: 100000\r\n\r\n".encode(),
    f"POST /callback/{SECRET} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n".encode(),
)


def address(daemon: Daemon, door: str = "callback") -> tuple[str, int]:
    host, _, port = str(daemon.ready[door]).rpartition(":")
    return host, int(port)


def memory(daemon: Daemon) -> int:
    """Bytes of this process that are in memory."""
    assert daemon.process is not None
    pages = int(Path(f"/proc/{daemon.process.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@contextlib.asynccontextmanager
async def connections(daemon: Daemon, count: int, *sources: str) -> AsyncIterator[list[Stream]]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    opened: list[Stream] = []
    try:
        while len(opened) < count:
            source = sources[len(opened) % len(sources)]
            opened += [await asyncio.open_connection(*address(daemon), local_addr=(source, 0))]
        yield opened
    finally:
        for _, writer in opened:
            writer.transport.abort()


async def drip(streams: list[Stream]) -> None:
    """A byte each, now and then: what a slow sender sends to seem alive."""
    while True:
        for _, writer in streams:
            if not writer.transport.is_closing():
                writer.write(b"0")
        await asyncio.sleep(0.5)


@pytest.mark.measures
async def test_twelve_hundred_slow_connections_keep_no_honest_callback_waiting(make_daemon, platform):
    """More than there is room for, of all kinds, from four addresses, one of them the platform's own."""
    daemon = await start(make_daemon(NOTHING, accounts=f'["{CLOUD}"]'), platform)
    sources = ("127.0.0.1", "127.0.1.2", "127.0.1.3", "127.0.1.4")
    async with connections(daemon, 1200, *sources) as slow:
        for n, (_, writer) in enumerate(slow):
            writer.write(SLOW[n % len(SLOW)])
        dripping = asyncio.create_task(drip(slow))
        messages = [Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(f"{n}")) for n in range(100)]
        await platform.inject(*messages, wait=True)
        stats = (await platform.stats())["pushes"]
        assert stats["outcomes"] == {"answered": 100}
        assert stats["ms"]["p100"] < 1000
        heads = [stream for n, stream in enumerate(slow) if n % len(SLOW) in (1, 2)]
        async with asyncio.timeout(GIVEN_UP):
            for reader, _ in heads:
                with contextlib.suppress(OSError):
                    assert (await reader.read())[:12] in (b"", b"HTTP/1.1 408")
        dripping.cancel()
    books = await asyncio.to_thread(daemon.balanced)
    assert books["received"] == 100
    refused = daemon.log("door.refused")
    assert sum(line.get("crowded", 0) for line in refused) >= 200
    assert len(refused) <= 3, "nobody fills the log"
    assert daemon.stop() == 0


async def flood(stream: Stream, head: bytes, part: bytes) -> bytes:
    """Send the head and then parts without end, 64 MiB at most; answers what came back."""
    reader, writer = stream
    with contextlib.suppress(OSError):
        writer.write(head)
        for _ in range((64 << 20) // len(part)):
            writer.write(part)
            await writer.drain()
            if reader.at_eof() or writer.transport.is_closing():
                break
    try:
        return await reader.read(100)
    except OSError:
        return b""


async def test_floods_are_cut_off_and_cost_no_memory(make_daemon, platform):
    daemon = await start(make_daemon(NOTHING, callback__max_body="1MiB"), platform)
    known = f"POST /callback/{SECRET} HTTP/1.1\r\nhost: h\r\n".encode()
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    floods = [
        (b"GET / HTTP/1.1\r\n", b"x-header: value\r\n" * 4096, 431),
        (b"GET /", b"y" * 65536, 431),
        (b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n", chunk, 404),
        (known + b"transfer-encoding: chunked\r\n\r\n", chunk, 413),
        (known + b"content-length: 9999999999\r\n\r\n", b"x" * 65536, 413),
        (known + b"content-length: 0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n" * 4096, 200),
    ]
    before = memory(daemon)
    async with connections(daemon, 4 * len(floods), "127.0.0.1") as streams:
        work = [flood(stream, *floods[n % len(floods)][:2]) for n, stream in enumerate(streams)]
        async with asyncio.timeout(40):
            answers = await asyncio.gather(*work)
        grown = memory(daemon) - before
    for n, answer in enumerate(answers):
        assert answer[:12] in (f"HTTP/1.1 {floods[n % len(floods)][2]}".encode(), b""), floods[n % len(floods)][0]
    assert sum(answer != b"" for answer in answers) >= len(answers) // 2
    assert grown < 100 << 20, f"{grown >> 20} MiB"
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(daemon.callback)).status_code == 200
    await platform.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("一切照旧")), wait=True)
    assert (await platform.stats())["pushes"]["outcomes"] == {"answered": 1}


async def test_both_doors_say_what_a_browser_may_do_with_answers_and_not_what_answers(make_daemon, platform):
    daemon = await start(make_daemon(NOTHING, ops__token="ops-token-0123456789"), platform)
    async with httpx.AsyncClient(trust_env=False) as http:
        for url in (daemon.callback, f"{daemon.callback}x", f"{daemon.ops}/metrics", f"{daemon.ops}/nothing"):
            headers = (await http.get(url)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers.get_list("cache-control") == ["no-store"]
            assert "server" not in headers
        passed_on = {"x-forwarded-for": "203.0.113.9"}
        assert (await http.get(f"{daemon.ops}/metrics", headers=passed_on)).status_code == 401
        bearer = {"authorization": "Bearer ops-token-0123456789"}
        told = (await http.get(f"{daemon.ops}/metrics", headers=passed_on | bearer)).text
        assert 'yzj_requests_refused_total{door="ops",reason="denied"} 1.0' in told
        assert (await http.get(f"{daemon.ops}/healthz", headers=passed_on)).status_code == 200
