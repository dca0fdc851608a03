"""The public door, over real sockets, on a real store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import func, select

from tests.flow.conftest import decisions, original, running
from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.flow import intake as intake_module
from yzj_daemon.message import Batch, Unreadable
from yzj_daemon.storage import tables as t
from yzj_daemon.web import server
from yzj_daemon.web.direct import Direct
from yzj_daemon.web.guard import Door, Limits
from yzj_daemon.web.ingress import LARGE_BODY, Ingress
from yzj_daemon.web.sources import Sources, networks

OK = {"errcode": 0}


def read(body: bytes) -> Batch:
    """The test's own wire: ids one a line; "junk" cannot be read."""
    if body == b"junk":
        return Batch(unreadable=(Unreadable(reason="decrypt", detail="test", body=body),))
    return Batch(tuple(original(f"我要退款 {line}", id=line) for line in body.decode().split()))


class Behind:
    """An ingress behind the public door. Who asks for a client gets one on connections of its own."""

    def __init__(self, make_intake: Callable[..., object], clock, metrics) -> None:
        self.intake = make_intake()
        self.clock = clock
        self.metrics = metrics
        self.missed = 0
        self.read = read
        self.options: dict[str, object] = {"ack_within": 20_000, "max_body": 100}
        self.sources = Sources()

    @asynccontextmanager
    async def client(self, peer: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
        app = Ingress(
            "s3cret",
            lambda bodies: [self.read(body) for body in bodies],
            self.intake,
            self.sources,
            clock=self.clock,
            metrics=self.metrics,
            missed=self.note,
            **self.options,
        )
        listener = server.listen("127.0.0.1", 0, "callback")
        door = Door("callback", Limits(), self.metrics.refused, self.clock.monotonic)
        served = server.Server(app, listener, door, Direct)
        task = asyncio.create_task(served.run_until_stopped())
        transport = httpx.AsyncHTTPTransport(local_address=peer)
        url = f"http://{server.address(listener)}"
        async with httpx.AsyncClient(transport=transport, base_url=url, trust_env=False) as client:
            try:
                yield client
            finally:
                served.stop()
        await task

    def note(self) -> None:
        self.missed += 1


@pytest.fixture
async def door(make_intake, clock, metrics) -> AsyncIterator[Behind]:
    door = Behind(make_intake, clock, metrics)
    async with running(door.intake):
        yield door


async def test_the_answer_comes_after_the_commit(door, store):
    async with door.client() as client:
        answer = await client.post("/callback/s3cret", content=b"1 2")
    assert (answer.status_code, answer.json()) == (200, OK)
    assert [key for key, _ in decisions(store)] == ["1", "2"]


@pytest.mark.parametrize("path", ["/callback/wrong", "/callback/", "/callback/s3cret/", "/", "/callback/s3cre", "/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_without_the_secret_there_is_nothing_here(door, store, path, method):
    async with door.client() as client:
        assert (await client.request(method, path, content=b"1")).status_code == 404
    assert decisions(store) == []


async def test_get_and_head_with_the_secret_are_well(door):
    async with door.client() as client:
        assert (await client.get("/callback/s3cret")).json() == OK
        assert (await client.head("/callback/s3cret")).status_code == 200
        assert (await client.put("/callback/s3cret")).status_code == 405


async def test_a_source_that_is_not_allowed_is_403_and_stores_nothing(door, store):
    door.sources = Sources(networks=networks(["127.0.9.0/24"]))
    async with door.client("127.0.0.2") as client:
        assert (await client.post("/callback/s3cret", content=b"1")).status_code == 403
    async with door.client("127.0.9.9") as client:
        assert (await client.post("/callback/s3cret", content=b"1")).status_code == 200
    assert len(decisions(store)) == 1


async def test_while_the_vendors_list_is_unknown_nobody_is_turned_away_for_good(door):
    door.sources = Sources(vendor=True)
    async with door.client("127.0.0.2") as client:
        assert (await client.post("/callback/s3cret", content=b"1")).status_code == 503
        assert door.missed == 1
        door.sources.publish(["127.0.0.2"])
        assert (await client.post("/callback/s3cret", content=b"1")).status_code == 200


async def test_too_large_is_413_declared_or_not(door, store):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"1234567890"

    async with door.client() as client:
        assert (await client.post("/callback/s3cret", content=b"x" * 101)).status_code == 413
        assert (await client.post("/callback/s3cret", content=chunks())).status_code == 413
        assert (await client.post("/callback/s3cret", content=b"1" + b" " * 99)).status_code == 200
    assert len(decisions(store)) == 1


async def test_junk_is_quarantined_and_answered_200(door, store):
    async with door.client() as client:
        answer = await client.post("/callback/s3cret", content=b"junk")
    assert (answer.status_code, answer.json()) == (200, OK)
    assert store.read_now(lambda c: c.execute(select(t.quarantine.c.body)).scalar_one()) == b"junk"
    assert door.missed == 1


async def test_the_answer_leaves_at_ack_within_and_the_commit_goes_on(door, store):
    door.options["ack_within"] = 20
    blocked, gate = asyncio.Event(), asyncio.Event()
    record = door.intake._store.write

    async def slow_write(work):
        blocked.set()
        await gate.wait()
        return await record(work)

    door.intake._store = type("Slow", (), {"write": staticmethod(slow_write)})()
    async with door.client() as client:
        answer = await client.post("/callback/s3cret", content=b"1")
        assert (answer.status_code, decisions(store)) == (200, [])
        assert door.missed == 1
        gate.set()
    while not decisions(store):
        await asyncio.sleep(0)
    assert b"yzj_callback_late_acks_total 1.0" in door.metrics.render()


async def test_503_when_the_store_refuses(door, store):
    problem = StoreProblem(Phrase("磁盘已满", "disk full"))

    async def refuse(work):
        raise problem

    door.intake._store = type("Full", (), {"write": staticmethod(refuse)})()
    async with door.client() as client:
        assert (await client.post("/callback/s3cret", content=b"1")).status_code == 503
    assert door.missed == 1


async def test_503_when_intake_is_full(door, monkeypatch):
    monkeypatch.setattr(intake_module, "QUEUED_MESSAGES", 0)
    async with door.client() as client:
        assert (await client.post("/callback/s3cret", content=b"1")).status_code == 503


async def test_two_thousand_are_all_stored(door, store):
    async def send(client: httpx.AsyncClient, numbers: range) -> set[int]:
        return {(await client.post("/callback/s3cret", content=str(n).encode())).status_code for n in numbers}

    async with door.client() as client:
        told = await asyncio.gather(*(send(client, range(first, 2_000, 20)) for first in range(20)))
    assert set().union(*told) == {200}
    count = select(func.count()).select_from(t.messages)
    assert store.read_now(lambda c: c.execute(count).scalar_one()) == 2_000


async def test_a_large_body_is_taken_like_any_other(door, store):
    door.options["max_body"] = 1 << 20
    async with door.client() as client:
        assert (await client.post("/callback/s3cret", content=b"1" + b" " * LARGE_BODY)).status_code == 200
    assert [key for key, _ in decisions(store)] == ["1"]


@pytest.mark.parametrize("size", [1, LARGE_BODY])
async def test_a_fault_of_ours_is_500_and_the_next_one_is_taken(door, store, size):
    def faulty(body: bytes) -> Batch:
        return read(body) if body == b"1" else 1 // 0

    door.read = faulty
    door.options["max_body"] = 1 << 20
    async with door.client() as client:
        assert (await client.post("/callback/s3cret", content=b"x" * size)).status_code == 500
        assert (await client.post("/callback/s3cret", content=b"1")).status_code == 200
    assert len(decisions(store)) == 1


async def test_a_fault_with_one_takes_none_that_came_with_it(door, store):
    seen: list[bytes] = []

    def faulty(body: bytes) -> Batch:
        seen.append(body)
        return 1 // 0 if body == b"x" else read(body)

    door.read = faulty
    async with door.client() as client:
        at = (client.base_url.host, client.base_url.port)
        opened = [await asyncio.open_connection(*at) for _ in range(3)]
        for (_, writer), body in zip(opened, (b"1", b"x", b"2"), strict=True):
            writer.write(b"POST /callback/s3cret HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\n" + body)
        statuses = [(await reader.readuntil(b"\r\n\r\n"))[9:12] for reader, _ in opened]
        for _, writer in opened:
            writer.close()
    assert statuses == [b"200", b"500", b"200"]
    assert seen == [b"1", b"x", b"1", b"x", b"2"], "together first, then each by itself"
    assert sorted(key for key, _ in decisions(store)) == ["1", "2"]


async def test_who_goes_away_within_a_body_is_asked_for_what_it_was(door, store):
    async with door.client() as client:
        _, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(b"POST /callback/s3cret HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n12")
        await writer.drain()
        assert (await client.get("/callback/s3cret")).status_code == 200
        assert not door.missed
        writer.close()
        while not door.missed:
            await asyncio.sleep(0.001)
    assert decisions(store) == []


async def test_who_asks_first_whether_to_send_is_told_to_go_on(door, store):
    async with door.client() as client:
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(b"POST /callback/s3cret HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        writer.write(b"1")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.close()
    assert len(decisions(store)) == 1


async def test_the_url_may_be_a_whole_one_and_have_a_query(door):
    async with door.client() as client:
        for url in (b"http://h/callback/s3cret", b"/callback/s3cret?x=1"):
            reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
            writer.write(b"POST " + url + b" HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\n1")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            writer.close()
