"""Runs a sandbox: inside a test (``running``), or as a process of its own (``serve``).

uvicorn's protocol does the HTTP, without uvicorn's server around it: no signal handlers are put in, nothing sleeps,
and each request carries its transport, so that faults of the connection can be real.
"""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.sandbox import control
from yzj_daemon.sandbox.clock import Clock
from yzj_daemon.sandbox.platform import Options, Platform
from yzj_daemon.sandbox.vendor import Vendor

BACKLOG = 4096
KEEPALIVE_S = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """``base_url`` is what the daemon calls; ``control_url`` what :class:`SandboxControl` calls."""

    base_url: str
    control_url: str
    platform: Platform


class _Protocol(HttpToolsProtocol):
    def __init__(self, config: uvicorn.Config, state: ServerState) -> None:
        super().__init__(config, state, {})
        self.access_log = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"sandbox": {"transport": self.transport}}


@asynccontextmanager
async def running(
    options: Options | None = None, *, host: str = "127.0.0.1", port: int = 0, clock: Clock | None = None
) -> AsyncIterator[Sandbox]:
    """A sandbox on this event loop; port 0 takes a free one. On leaving, connections that hang are cut.

    Raises UsageProblem on options that cannot be, or when the address cannot be had.
    """
    platform = Platform(options or Options(), clock)
    listener = _listener(host, port)
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(_protocols(platform, state), sock=listener, backlog=BACKLOG)
    root = _root(host, listener)
    try:
        yield Sandbox(base_url=root + platform.options.prefix, control_url=root, platform=platform)
    finally:
        server.close()
        await platform.close()
        await _cut(state)


def _protocols(platform: Platform, state: ServerState) -> Callable[[], asyncio.Protocol]:
    app: Any = Vendor(platform, control.application(platform))
    config = uvicorn.Config(
        app,
        interface="asgi3",
        lifespan="off",
        ws="none",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEPALIVE_S,
    )
    config.load()
    return lambda: _Protocol(config, state)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle off only where the protocol is named; with it, every answer would come 40 ms late
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageProblem(
            Phrase(f"沙箱无法监听 {host}:{port}: {error}", f"the sandbox cannot listen on {host}:{port}: {error}"),
            Phrase("换一个端口,或停掉占用它的程序", "choose another port, or stop what uses it"),
        ) from error
    listener.setblocking(False)
    return listener


def _root(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


async def _cut(state: ServerState) -> None:
    for connection in list(state.connections):
        connection.transport.abort()
    await asyncio.gather(*state.tasks, return_exceptions=True)


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    options: Options | None = None,
    on_ready: Callable[[Sandbox], None] | None = None,
) -> None:
    """Runs a sandbox until SIGINT or SIGTERM. ``on_ready`` is called once it listens."""
    uvloop.run(_until_told(host, port, options, on_ready))


async def _until_told(
    host: str, port: int, options: Options | None, on_ready: Callable[[Sandbox], None] | None
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(options, host=host, port=port) as sandbox:
        if on_ready is not None:
            on_ready(sandbox)
        await stop.wait()
