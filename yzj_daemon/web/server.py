"""An ASGI application on a socket, inside the daemon's own loop: uvicorn without its process around it."""

import contextlib
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import uvicorn

from yzj_daemon.errors import Phrase, SettingsProblem
from yzj_daemon.web.guard import HEADERS, Door, Guarded

BACKLOG: Final = 4096
"""Connections that wait in the kernel while the loop is busy: a burst of callbacks must not be refused."""

DRAIN: Final = 5
"""Seconds that requests in flight get when the daemon ends."""


class Server(uvicorn.Server):
    """``stop`` closes the door and lets requests in flight end; ``serve`` returns after that."""

    def __init__(self, app: Any, listener: socket.socket, door: Door) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                interface="asgi3",
                loop="none",
                http=partial(Guarded, door),  # type: ignore[arg-type]  # what makes a connection, class or not
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # who forwards for whom is decided by callback.trusted_proxies
                server_header=False,
                date_header=False,
                headers=list(HEADERS),
                backlog=BACKLOG,
                timeout_keep_alive=int(door.limits.idle),
                timeout_graceful_shutdown=DRAIN,
            )
        )
        self._listener = listener
        self._door = door

    async def run_until_stopped(self) -> None:
        await self.serve([self._listener])

    def stop(self) -> None:
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second, by uvicorn."""
        if counter % 10 == 0:
            self._door.sweep()
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the daemon's."""
        yield


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket; ``setting`` is the section that names the address, as in ``callback``.

    Raises:
        SettingsProblem: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle off only where the protocol is named; with it, answers would come 40 ms late
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _unavailable(host, port, setting, error) from error
    listener.setblocking(False)
    return listener


def address(listener: socket.socket) -> str:
    """``host:port`` as a URL writes it."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _unavailable(host: str, port: int, setting: str, error: OSError) -> SettingsProblem:
    why = error.strerror or str(error)
    return SettingsProblem(
        Phrase(
            f"{setting}.host / {setting}.port: 不能监听 {host}:{port}: {why}",
            f"{setting}.host / {setting}.port: cannot listen on {host}:{port}: {why}",
        ),
        Phrase(
            f"换一个 {setting}.port, 或停掉占用它的程序 (ss -ltnp 可以看到是谁)",
            f"choose another {setting}.port, or stop what uses it (ss -ltnp shows who)",
        ),
    )
