"""An upgrade on a weekday afternoon: the service restarts while callbacks come, and nobody outside notices."""

import asyncio
import contextlib
import json
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from tests.acceptance.conftest import CLOUD, OPS, ROOM, SECRET, WANG, text, until
from tests.acceptance.supervisor import Supervisor
from yzj_daemon.sandbox import cipher
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.platform import AES_KEY
from yzj_daemon.storage.engine import Store

ONE = f'["{CLOUD}"]'
RATE = 200
RESTARTS = 5
OK = b"HTTP/1.1 200 OK"
IN_TIME = 1.0
"""Seconds that the platform waits."""

RULES = f"""
[[rules]]
id = "refund"
forward_to = ["{OPS}"]
when = {{ contains = ["退款"] }}
"""


def request(number: int, words: str = "你好") -> bytes:
    """A callback of one message, as the platform posts it on a connection of its own."""
    message = {
        "msg_type": "text",
        "svrid": str(number),
        "from_wxid": WANG,
        "to_wxid": ROOM,
        "chat_wxid": ROOM,
        "wxid": CLOUD,
        "chat_type": 2,
        "content": {"items": [{"type": "text", "text": f"{words} {number}"}]},
    }
    packet = [{"type": "chatMsg", "rel_wxid": CLOUD, "data": [message]}]
    plain = json.dumps(packet, ensure_ascii=False).encode()
    body = cipher.body(plain, cipher.key_bytes(AES_KEY), "base64")
    head = (
        f"POST /callback/{SECRET} HTTP/1.1\r\nHost: daemon\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


async def said(address: tuple[str, int], asked: bytes) -> bytes:
    """The first line of the answer; what the connection says instead, where there is none."""
    try:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(asked)
        answer = await reader.read()
        writer.close()
    except OSError as error:
        return type(error).__name__.encode()
    return answer.partition(b"\r\n")[0]


@dataclass
class Traffic:
    """Callbacks at a steady rate, each on a connection of its own. ``seconds``: how long each answer took."""

    address: tuple[str, int]
    posted: int = 0
    answers: Counter[bytes] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    async def run(self, over: asyncio.Event, rate: int = RATE) -> None:
        """Until ``over``. What is behind its time is posted at once: the rate holds."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as posts:
            while not over.is_set():
                while self.posted < (time.monotonic() - began) * rate:
                    self.posted += 1
                    posts.create_task(self._post(self.posted))
                await asyncio.sleep(1 / rate)

    async def _post(self, number: int) -> None:
        asked = request(number)
        began = time.monotonic()
        answer = await said(self.address, asked)
        self.seconds.append(time.monotonic() - began)
        self.answers[answer] += 1


@pytest.fixture
def supervised(make_daemon) -> Iterator[Callable[..., Supervisor]]:
    with contextlib.ExitStack() as services:

        def make(rules: str = RULES, **settings: object) -> Supervisor:
            service = Supervisor(make_daemon(rules, accounts=ONE, **settings))
            services.callback(service.close)
            return service

        yield make


@pytest.mark.measures
async def test_five_restarts_under_load_refuse_nobody_delay_nobody_and_lose_nothing(supervised):
    service = supervised()
    await asyncio.to_thread(service.start)
    traffic, over = Traffic(service.address), asyncio.Event()
    running = asyncio.create_task(traffic.run(over))
    await service.restarted(RESTARTS, apart=0.5)
    over.set()
    await running
    slowest = sorted(traffic.seconds)[-3:]
    print(
        f"{traffic.posted} callbacks, restarts took {[round(gap, 2) for gap in service.gaps]} s, "
        f"slowest answers {[round(s, 3) for s in slowest]} s"
    )
    assert traffic.answers == {OK: traffic.posted}
    assert service.daemon.received() == {str(n) for n in range(1, traffic.posted + 1)}
    assert service.daemon.balanced()["received"] == traffic.posted
    assert slowest[-1] < IN_TIME


async def test_callbacks_are_answered_while_a_stop_waits_for_the_call_in_flight(supervised, platform):
    service = supervised(forward__pace="0.05", pull__mode="off")
    await asyncio.to_thread(service.start)
    await platform.behave(callback_url=service.daemon.callback, own_copies="none")
    await platform.fail(Fault(delay=1500))
    await platform.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("退款")), wait=True)
    await until(lambda: service.daemon.deliveries("sending"))
    stopping = asyncio.create_task(asyncio.to_thread(service.daemon.stop))
    await until(lambda: service.daemon.log("daemon.stopping"))
    began = time.monotonic()
    assert await said(service.address, request(2)) == OK
    assert time.monotonic() - began < IN_TIME
    assert not stopping.done()
    assert await stopping == 0
    assert "2" in service.daemon.received()
    assert [line.state for line in service.daemon.deliveries()] == ["sent"]


async def test_what_changed_is_checked_before_the_old_process_lets_go(supervised):
    """The unit cannot: systemd gives the commands that end a service no credentials."""
    service = supervised()
    await asyncio.to_thread(service.start)
    told = service.daemon.directory / "ExecStartPre.log"
    before = told.read_text()
    service.daemon.rules(f"{RULES}\n# changed\n")
    await asyncio.to_thread(service.restart)
    assert told.read_text() == before, "the start found it checked, and said nothing"
    assert "the rules are good" in (service.daemon.directory / "daemon-1.log").read_text()
    assert service.daemon.log("daemon.ready")


async def test_what_was_answered_by_a_start_that_came_to_nothing_is_stored_by_the_next(supervised):
    """Another process holds the store: the porter answers, the daemon behind it ends."""
    service = supervised()
    service.check()
    with closing(Store(f"sqlite:///{service.daemon.directory}/store.db").claim()):
        service.daemon.start(wait=False)
        assert await said(service.address, request(1, "退款")) == OK
        assert service.daemon.process.wait(20) == 4
    assert service.daemon.received() == set()
    await asyncio.to_thread(service.start)
    assert service.daemon.received() == {"1"}
    assert len(service.daemon.deliveries()) == 1
    assert not (service.daemon.directory / "store.db.spool").exists()


async def test_a_reload_is_told_from_its_beginning_to_its_end(supervised, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        service = supervised()
        service.daemon.extra["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        await asyncio.to_thread(service.start)
        heard = [listening.recv(4096).decode().split("\n")]
        service.daemon.process.send_signal(signal.SIGHUP)
        heard += [listening.recv(4096).decode().split("\n") for _ in range(3)]
        assert service.daemon.stop() == 0
        heard.append(listening.recv(4096).decode().split("\n"))
    ready, reloading, again, line, stopping = heard
    assert ready[0] == "READY=1"
    assert ready[1].startswith("STATUS=1 rules in force, callback on 127.0.0.1:")
    assert reloading[0] == "RELOADING=1"
    assert re.fullmatch(r"MONOTONIC_USEC=\d+", reloading[1])
    assert again == ["READY=1"]
    assert line == ["STATUS=1 rules in force; nothing waits"]
    assert stopping[0] == "STOPPING=1"
