"""Who stands at the door while the daemon gets up: what is taken in, what is turned away, what is on disk after."""

import asyncio
import gzip
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from yzj_daemon.settings import load
from yzj_daemon.web import spool
from yzj_daemon.web.porter import Order, Porter
from yzj_daemon.web.spool import Kept, Spool

SECRET = "a-long-enough-secret"


@pytest.fixture
def make_porter(tmp_path: Path) -> Iterator[Callable[..., tuple[Porter, str]]]:
    made: list[Porter] = []

    def make(**callback: object) -> tuple[Porter, str]:
        given = {"secret": SECRET, **callback}
        settings = load(None, {f"callback.{name}": value for name, value in given.items()}, environ(tmp_path))
        order = Order.of(settings)
        assert order is not None
        listener = socket.create_server(("127.0.0.1", 0))
        porter = Porter(listener, order, Spool(Path(order.spool)))
        porter.open()
        made.append(porter)
        return porter, f"http://127.0.0.1:{listener.getsockname()[1]}/callback"

    yield make
    for porter in made:
        porter.close()


def environ(directory: Path) -> dict[str, str]:
    return {"YZJ_STORE__URL": f"sqlite:///{directory}/store.db"}


def bodies(directory: Path) -> list[bytes]:
    return [kept.body for kept, _ in spool.kept(directory / "store.db.spool")]


async def post(url: str, content: object, **given: object) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.post(url, content=content, **given)).status_code


async def test_what_is_answered_well_is_on_disk_as_it_came(make_porter, tmp_path):
    _, url = make_porter()
    answers = await asyncio.gather(*(post(f"{url}/{SECRET}", b"body %d" % n) for n in range(20)))
    assert answers == [200] * 20
    assert sorted(bodies(tmp_path)) == sorted(b"body %d" % n for n in range(20))


async def test_packed_and_piecemeal_bodies_are_whole(make_porter, tmp_path):
    _, url = make_porter()

    async def pieces():
        yield b"piece"
        yield b"meal"

    assert await post(f"{url}/{SECRET}", pieces()) == 200
    assert await post(f"{url}/{SECRET}", gzip.compress(b"packed"), headers={"content-encoding": "gzip"}) == 200
    assert bodies(tmp_path) == [b"piecemeal", b"packed"]


async def test_who_offers_an_upgrade_loses_no_body(make_porter, tmp_path):
    """Java's own client offers HTTP/2 with its first request."""
    _, url = make_porter()
    offer = {"connection": "upgrade, http2-settings", "upgrade": "h2c", "http2-settings": "AAA"}

    async def pieces():
        yield b"piece"
        yield b"meal"

    assert await post(f"{url}/{SECRET}", b"whole", headers=offer) == 200
    assert await post(f"{url}/{SECRET}", pieces(), headers=offer) == 200
    assert bodies(tmp_path) == [b"whole", b"piecemeal"]


async def test_whoever_is_turned_away_leaves_nothing(make_porter, tmp_path):
    _, url = make_porter(max_body="1KiB")
    assert await post(f"{url}/wrong", b"x") == 404
    assert await post(f"{url}/{SECRET}x", b"x") == 404
    assert await post(f"{url}/{SECRET}", b"x" * 2000) == 413
    assert await post(f"{url}/{SECRET}", gzip.compress(b"x" * 2000), headers={"content-encoding": "gzip"}) == 413
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{url}/{SECRET}")).status_code == 200
        assert (await client.put(f"{url}/{SECRET}", content=b"x")).status_code == 405
    assert bodies(tmp_path) == []


async def test_a_source_that_is_not_allowed_is_not_taken_in(make_porter, tmp_path):
    porter, url = make_porter(allow_from=["10.0.0.0/8"])
    assert await post(f"{url}/{SECRET}", b"x") == 403
    porter.close()
    _, behind = make_porter(allow_from=["10.0.0.0/8"], trusted_proxies=["127.0.0.1/32"])
    assert await post(f"{behind}/{SECRET}", b"x", headers={"x-forwarded-for": "10.1.2.3"}) == 200


async def test_what_is_no_http_ends_the_connection(make_porter):
    _, url = make_porter()
    port = int(url.rpartition(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x16\x03\x01 hello\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_who_came_in_before_the_end_is_answered(make_porter, tmp_path):
    """The connection stands, its request comes while the porter leaves."""
    porter, url = make_porter()
    port = int(url.rpartition(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not porter.visitors:  # what waits in the kernel is for the daemon, which is not there in this test
        await asyncio.sleep(0.005)
    leaving = asyncio.create_task(asyncio.to_thread(porter.close))
    await asyncio.sleep(0.1)
    writer.write(f"POST /callback/{SECRET} HTTP/1.1\r\ncontent-length: 4\r\n\r\nlast".encode())
    assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.close()
    await leaving
    assert bodies(tmp_path) == [b"last"]


@pytest.mark.parametrize(
    "settings",
    [
        {"callback.enabled": "false"},
        {},
        {"callback.secret": SECRET, "callback.allow_from": ["vendor"]},
        {"callback.secret": SECRET, "store.url": "postgresql://db/yzj"},
    ],
    ids=["no callback", "no secret", "a list not yet known", "no file"],
)
def test_where_a_porter_could_not_judge_there_is_none(settings, tmp_path):
    variables = environ(tmp_path) if "store.url" not in settings else {}
    assert Order.of(load(None, settings, variables)) is None


def test_an_order_knows_the_path_and_does_not_tell_it(tmp_path):
    order = Order.of(load(None, {"callback.secret": SECRET}, environ(tmp_path)))
    assert order is not None
    again = Order.read(order.row())
    assert again is not None
    assert again.is_path(f"/callback/{SECRET}".encode())
    assert not again.is_path(b"/callback/other")
    assert SECRET not in str(order.row())


# The spool ---------------------------------------------------------------------------------------------------------


def test_a_torn_line_is_passed_over_and_what_follows_is_whole(tmp_path):
    path = tmp_path / "s"
    with Spool(path) as first:
        first.add([Kept(1, b"one"), Kept(2, b"\x00\xff")])
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    with Spool(path) as second:
        second.add([Kept(3, b"three")])
    found = list(spool.kept(path))
    assert [kept for kept, _ in found] == [Kept(1, b"one"), Kept(2, b"\x00\xff"), Kept(3, b"three")]
    assert [kept for kept, _ in spool.kept(path, found[1][1])] == [Kept(3, b"three")]
    assert path.stat().st_mode & 0o777 == 0o600


def test_one_process_writes_it(tmp_path):
    with Spool(tmp_path / "s"), pytest.raises(OSError, match="unavailable"):
        Spool(tmp_path / "s")


def test_of_a_spool_that_is_not_there_nothing_is_kept(tmp_path):
    assert list(spool.kept(tmp_path / "none")) == []
