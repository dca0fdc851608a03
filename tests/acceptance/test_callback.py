"""The public door: what is turned away, what is quarantined, and that every answer is in time."""

import asyncio
import base64

import httpx
import pytest

from tests.acceptance.conftest import CLOUD, ROOM, SECRET, WANG, start, text
from yzj_daemon.sandbox.incoming import Inject

NOTHING = """
[[rules]]
id = "never"
forward_to = ["R:1"]
when = { contains = ["绝不会出现的词"] }
"""

WRONG_KEY = "x" * 32


@pytest.fixture
async def http():
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        yield client


async def test_what_is_settled_without_the_body(make_daemon, platform, http):
    daemon = await start(make_daemon(NOTHING, callback__max_body="1KiB"), platform)
    root = daemon.callback.rpartition("/")[0]
    assert (await http.post(f"{root}/wrong", content=b"x")).status_code == 404
    assert (await http.post(f"{root}/{SECRET}x", content=b"x")).status_code == 404
    assert (await http.get(daemon.callback)).status_code == 200
    assert (await http.get(f"{root}/")).status_code == 404
    assert (await http.put(daemon.callback, content=b"x")).status_code == 405
    assert (await http.post(daemon.callback, content=b"x" * 2000)).status_code == 413
    answer = await http.post(daemon.callback, content=b"junk")
    assert (answer.status_code, answer.json()) == (200, {"errcode": 0})
    assert daemon.balanced()["quarantined"] == 1, "only what came in by the right path"


async def test_a_body_that_is_too_large_without_saying_so_is_cut_off(make_daemon, platform, http):
    daemon = await start(make_daemon(NOTHING, callback__max_body="1KiB"), platform)

    async def endless():
        for _ in range(64):
            yield b"x" * 1024

    assert (await http.post(daemon.callback, content=endless())).status_code == 413
    assert daemon.balanced()["received"] == 0


async def test_junk_is_quarantined_byte_for_byte_and_answered_well(make_daemon, platform, http):
    daemon = await start(make_daemon(NOTHING), platform)
    junk = [
        b"",
        b"\x00\xff\xfe",
        b"{}",
        b"[]",
        b"not base64!",
        base64.b64encode(b"0" * 48),
        b"[" * 5000,
        b'{"encrypt":1}',
    ]
    for body in junk:
        assert (await http.post(daemon.callback, content=body)).status_code == 200
    assert daemon.balanced()["quarantined"] == len(junk)


async def test_a_wrong_key_is_quarantine_and_an_unencrypted_body_is_not_taken(make_daemon, platform, http):
    daemon = await start(make_daemon(NOTHING, callback__aes_key=WRONG_KEY), platform)
    await platform.inject(Inject(chat=ROOM, sender=WANG, content_raw=text("密文")), wait=True)
    plain = b'[{"type":"chatMsg","rel_wxid":"1","data":[{"msg_type":"text","content":{},"chat_wxid":"2","svrid":"3"}]}]'
    assert (await http.post(daemon.callback, content=plain)).status_code == 200
    assert [push["status"] for push in await platform.pushes()] == [200, 200]
    books = await asyncio.to_thread(daemon.balanced)
    assert books["quarantined"] == 3
    reasons = {line["reason"] for line in daemon.log("quarantined")}
    assert reasons == {"decrypt", "plaintext"}


async def test_plaintext_is_taken_where_it_is_allowed(make_daemon, platform, http):
    daemon = await start(make_daemon(NOTHING, callback__allow_plaintext="true"), platform)
    plain = b'[{"type":"chatMsg","rel_wxid":"1","data":[{"msg_type":"text","content":{},"chat_wxid":"2","svrid":"3"}]}]'
    assert (await http.post(daemon.callback, content=plain)).status_code == 200
    assert daemon.balanced()["received"] == 1


async def test_only_the_allowed_sources_come_in(make_daemon, platform, http):
    daemon = make_daemon(NOTHING, callback__allow_from='["10.0.0.0/8"]', callback__trusted_proxies='["127.0.0.0/8"]')
    await start(daemon, platform)
    assert (await http.post(daemon.callback, content=b"x")).status_code == 403
    good = {"X-Forwarded-For": "6.6.6.6, 10.1.2.3"}
    bad = {"X-Forwarded-For": "10.1.2.3, 6.6.6.6"}
    assert (await http.post(daemon.callback, content=b"x", headers=bad)).status_code == 403
    assert (await http.post(daemon.callback, content=b"x", headers=good)).status_code == 200


async def test_the_vendors_published_servers_come_in(make_daemon, platform):
    await platform.behave(server_ips=["127.0.0.1"])
    daemon = await start(make_daemon(NOTHING, callback__allow_from='["vendor"]'), platform)
    await asyncio.sleep(0.5)
    await platform.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("来自平台")), wait=True)
    assert {push["status"] for push in await platform.pushes()} == {200}
    assert (await asyncio.to_thread(daemon.balanced))["received"] >= 1


@pytest.mark.measures
async def test_a_burst_of_two_thousand_is_answered_within_a_second_and_stored(make_daemon, platform):
    daemon = await start(make_daemon(NOTHING, accounts=f'["{CLOUD}"]'), platform)
    messages = [Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(f"{n}")) for n in range(2000)]
    await platform.inject(*messages, wait=True)
    stats = (await platform.stats())["pushes"]
    assert stats["outcomes"] == {"answered": 2000}
    assert stats["ms"]["p100"] < 1000
    books = await asyncio.to_thread(daemon.balanced)
    assert books["received"] == books["suppressed"]["no_match"] == 2000
