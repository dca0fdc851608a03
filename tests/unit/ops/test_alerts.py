"""Alerts through the real Apprise, in its own process, to a real web server."""

import asyncio
import socket
import time

import pytest

from tests.receiver import Receiver, receiving
from yzj_daemon.ops.alerts import Sender, deliver
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.ops.postman import masked
from yzj_daemon.trouble import Alert

ALERT = Alert("yzj-daemon: 账号掉线", "账号 小王 掉线\n怎么办: 重新登录")


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def sent():
    """What became of each alert, as its sender hears."""
    return []


async def settled(sender: Sender) -> None:
    while sender._tasks:
        await asyncio.sleep(0.05)


async def test_an_alert_arrives_as_it_was_written(receiver: Receiver):
    assert await deliver(ALERT, {0: receiver.alerts}) == {0: ""}
    [message] = receiver.messages()
    assert (message["title"], message["message"], message["type"]) == (ALERT.title, ALERT.body, "failure")


async def test_what_one_url_does_is_nothing_to_the_others(receiver: Receiver):
    """One works, one is unknown, one refuses the connection, one takes it and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
        closed.close()
        urls = {
            0: "nosuchservice://secret-key-000",
            1: f"json://127.0.0.1:{port}/secret-key-111",
            2: f"json://127.0.0.1:{silent.getsockname()[1]}/secret-key-222?cto=60&rto=60",
            3: receiver.alerts,
        }
        began = time.monotonic()
        fates = await deliver(ALERT, urls, longest=6.0)
    assert time.monotonic() - began < 12
    assert fates[3] == ""
    assert "not a URL that Apprise knows" in fates[0]
    assert fates[1]
    assert fates[2] == "no answer within 6 s"
    assert "secret-key" not in str(fates)


async def test_urls_are_looked_at_without_sending_anything(receiver: Receiver):
    fates = await deliver(None, {0: receiver.alerts, 1: "wecombot://", 2: "nonsense://x"})
    assert (fates[0], bool(fates[1]), bool(fates[2])) == ("", True, True)
    assert receiver.requests == []


async def test_a_refused_alert_is_tried_again_where_it_was_refused_and_nowhere_else(receiver: Receiver, sent):
    metrics = Metrics("test")
    with receiving() as other:
        other.status = 500
        sender = Sender([receiver.alerts, other.alerts], metrics, waits=(0.0, 0.0))
        sender.post(ALERT, sent.append)
        await settled(sender)
        assert sent == [True], "told once, at the first that took it"
        assert (len(receiver.requests), len(other.requests)) == (1, 2)
    numbers = metrics.render().decode()
    assert 'yzj_alerts_total{outcome="sent"} 1.0' in numbers
    assert 'yzj_alerts_total{outcome="failed"} 2.0' in numbers


async def test_a_sender_that_is_stopped_leaves_its_alert_untold(receiver: Receiver, sent):
    receiver.delay = 3.0
    sender = Sender([receiver.alerts], Metrics("test"))
    sender.post(ALERT, sent.append)
    while not receiver.requests:
        await asyncio.sleep(0.05)
    await sender.stop()
    assert sent == [False]


async def test_alerts_on_their_way_are_bounded(sent):
    sender = Sender(["json://127.0.0.1:1/x"], Metrics("test"), waits=(60.0,))
    for _ in range(60):
        sender.post(ALERT, sent.append)
    assert sent == [False] * 10
    await asyncio.sleep(0)
    await sender.stop()
    assert sent == [False] * 60


def test_no_part_of_a_url_that_may_be_secret_is_told():
    url = "wecombot://botkey-12345"
    assert masked(f"failed at {url} with botkey-12345", url) == "failed at ********** with **********"
    url = "mailtos://user-name:pass%20word@example.com/path-secret?token=query-secret&to=x"
    told = masked("user-name pass word pass%20word path-secret query-secret example.com", url)
    assert told == "********** ********** ********** ********** ********** example.com"
