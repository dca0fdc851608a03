"""Whether callbacks reach us: a harmless notification, sealed as the platform seals, sent to our own public address.

Where the daemon runs, what arrived is in its store; where it does not, the door is held open here for as long as the
question takes. So what is proven is the whole way: name, router, proxy, path, key.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.doctor.probe import Probe, ok, unknown, wrong
from yzj_daemon.errors import Phrase, SettingsProblem
from yzj_daemon.storage import evidence
from yzj_daemon.web import server
from yzj_daemon.yzj.cipher import Cipher

if TYPE_CHECKING:
    from yzj_daemon.settings import Settings
    from yzj_daemon.storage.engine import Store

TYPE: Final = "yzj-daemon.doctor"
"""The notification's type: nothing the platform sends. It is kept among the notices and forwarded by nobody."""

BODY: Final = b'[{"type":"yzj-daemon.doctor","rel_wxid":"","data":[]}]'

NAME: Final = "callback.url"
IN_TIME: Final[Millis] = SECOND
"""The platform waits no longer for an answer (vendor page 11490692518660567)."""

PATIENCE: Final = 10.0
"""Seconds that we wait, to tell late from never."""

LOOKS: Final = 20
LOOK_EVERY: Final = 0.1

_REACH = Phrase(
    "这个地址要从公网能到这台机器的 callback.port: 检查域名、端口转发、防火墙、反向代理; "
    '有的路由器不能从内网访问自己的公网地址, 可以用手机流量打开这个地址试试 (应当显示 {"errcode":0})',
    "this address must lead from outside to callback.port of this machine: check name, port forwarding, firewall and "
    "proxy. Some routers do not lead from inside to their own public address: try it with a phone's mobile data (it "
    'should show {"errcode":0})',
)


class Answered(NamedTuple):
    """``took`` in ms."""

    status: int
    took: Millis


async def probe(settings: "Settings", public_url: str, store: "Store | None", *, running: bool) -> Probe:
    """``store``: where the daemon writes, if there is one; ``running``: a daemon answers at the door."""
    if not settings.callback.enabled:
        return ok(NAME, "没有用回调 (callback.enabled = false), 靠拉取", "callbacks are off (callback.enabled = false)")
    if settings.callback.secret is None:
        return unknown(NAME, Phrase("没有 callback.secret", "callback.secret is not set"), _REACH)
    if not public_url:
        return unknown(
            NAME,
            Phrase("没有测试", "not tried"),
            Phrase(
                "告诉我公网地址: yzj-daemon doctor --public-url http://你的域名:8080",
                "name the public address: yzj-daemon doctor --public-url http://your.host:8080",
            ),
        )
    url = whole(public_url, settings.callback.secret.get_secret_value())
    if running and store is not None:
        before = store.read_now(partial(evidence.last_notice, type_=TYPE))
        answered = await _knock(url, sealed(settings))
        return await judged(answered, lambda: store.read_now(partial(evidence.last_notice, type_=TYPE)) > before)
    try:
        async with _held_open(settings) as heard:
            answered = await _knock(url, sealed(settings))
            return await judged(answered, lambda: bool(heard))
    except SettingsProblem as taken:
        return unknown(NAME, taken.what, taken.todo or _REACH)


def whole(public_url: str, secret: str) -> str:
    """A public address with the callback's path, where it does not have it."""
    parts = urlsplit(public_url if "://" in public_url else f"http://{public_url}")
    path = parts.path.rstrip("/")
    return parts._replace(path=path if path.endswith(f"/callback/{secret}") else f"{path}/callback/{secret}").geturl()


def sealed(settings: "Settings") -> bytes:
    """The notification as the platform would send it."""
    key = settings.callback.aes_key
    if key is None:
        return BODY
    cipher = Cipher.from_key(key.get_secret_value(), settings.callback.key_format)
    text = base64.b64encode(cipher.encrypt(BODY))
    match settings.callback.body_format:
        case "raw":
            return base64.b64decode(text)
        case "plain":
            return BODY
        case form if form.startswith("json:"):
            return b'{"%b":"%b"}' % (form.removeprefix("json:").encode(), text)
        case _:
            return text


async def _knock(url: str, body: bytes) -> Answered | str:
    loop = asyncio.get_running_loop()
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            began = loop.time()
            answer = await client.post(url, content=body, headers={"Content-Type": "application/json; charset=utf-8"})
            return Answered(answer.status_code, round((loop.time() - began) * SECOND))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


async def judged(answered: Answered | str, arrived: Callable[[], bool]) -> Probe:
    if isinstance(answered, str):
        return wrong(NAME, Phrase(f"没有到达: {answered}", f"it did not get here: {answered}"), _REACH)
    status, took = answered
    if status == 403:
        return ok(
            NAME,
            "到达了; 守护进程按 callback.allow_from 拒绝了我们自己的地址, 这是对的",
            "reached; our own address is turned away by callback.allow_from, as it should be",
        )
    if status == 404:
        return wrong(
            NAME,
            Phrase("那里有回答, 但不认识这个路径 (404)", "something answers there that does not know the path (404)"),
            Phrase(
                "检查地址的最后一段是不是 callback.secret, 反向代理有没有改路径",
                "is its last part callback.secret? does a proxy change the path?",
            ),
        )
    if status != 200:
        return wrong(NAME, Phrase(f"回答是 HTTP {status}", f"the answer is HTTP {status}"), _REACH)
    if not await _soon(arrived):
        return wrong(
            NAME,
            Phrase("那里有回答, 但不是这个守护进程, 或者读不懂", "something answers there, and nothing arrived here"),
            Phrase(
                "这个地址通向别的程序? 运行中的守护进程用的是同一份设置 (数据库、aes_key) 吗?",
                "does the address lead to another program? has the running daemon these settings (store, aes_key)?",
            ),
        )
    if took >= IN_TIME:
        return wrong(
            NAME,
            Phrase(f"到达了, 但 {took} 毫秒才回答", f"reached, and answered after {took} ms"),
            Phrase("平台只等 1 秒: 看网络和反向代理", "the platform waits 1 s: look at the network and the proxy"),
        )
    return ok(NAME, f"从这台机器出去再回来, {took} 毫秒", f"out and back to this machine in {took} ms")


async def _soon(arrived: Callable[[], bool]) -> bool:
    for _ in range(LOOKS):
        if arrived():
            return True
        await asyncio.sleep(LOOK_EVERY)
    return False


@asynccontextmanager
async def _held_open(settings: "Settings") -> AsyncIterator[list[bytes]]:
    """The door where the daemon's would be; what is heard is that the right path was asked.

    Raises:
        SettingsProblem: somebody else has the address.
    """
    assert settings.callback.secret is not None
    path = f"/callback/{settings.callback.secret.get_secret_value()}".encode()
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            good = head.split(b" ", 2)[1:2] == [path]
            if good:
                heard.append(path)
            body = b'{"errcode":0}' if good else b"{}"
            status = b"200 OK" if good else b"404 Not Found"
            writer.write(
                b"HTTP/1.1 %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (status, len(body), body)
            )
            await writer.drain()
            await reader.read()  # its body, to the end: closing on it would look like a fault
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            writer.close()

    listener = server.listen(settings.callback.host, settings.callback.port, "callback")
    async with await asyncio.start_server(hear, sock=listener):
        yield heard
