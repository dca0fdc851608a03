"""An ASGI application on a socket, inside the daemon's own loop: uvicorn without its process around it."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import uvicorn

from yzj_daemon.errors import Phrase, SettingsProblem
from yzj_daemon.web.guard import Door, Guarded

BACKLOG: Final = 4096
"""Connections that wait in the kernel while the loop is busy: a burst of callbacks must not be refused."""

DRAIN: Final = 5
"""Seconds that requests in flight get when the daemon ends."""

TICK: Final = 1.0
"""Seconds between looks at connections that take too long."""

TICKS: Final = 10
"""What uvicorn counts within one second; at every tenth it renews the headers of all answers."""

LAST_WORDS: Final = 0.5
"""Seconds that a new connection has to say what it was made for, once no more are taken.

Its request may be on its way; to close it then would lose a callback that was never refused.
"""

LOOK_EVERY: Final = 0.005
"""Seconds between looks at whether the last answer has left: the next process waits for it."""


class Server(uvicorn.Server):
    """``stop`` closes the door and lets requests in flight end; ``serve`` returns after that."""

    def __init__(self, app: Any, listener: socket.socket, door: Door, connection: type[Guarded] = Guarded) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                interface="asgi3",
                loop="none",
                http=partial(connection, door),  # type: ignore[arg-type]  # what makes a connection, class or not
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # who forwards for whom is decided by callback.trusted_proxies
                server_header=False,
                date_header=False,
                headers=list(door.headers),
                backlog=BACKLOG,
                timeout_keep_alive=int(door.limits.idle),
            )
        )
        self._listener = listener
        self._door = door
        self._over = asyncio.Event()

    async def run_until_stopped(self) -> None:
        await self.serve([self._listener])

    def stop(self) -> None:
        self.should_exit = True
        self._over.set()

    async def main_loop(self) -> None:
        """Until :meth:`stop`, and not a tick longer: the next process waits for the end of this one."""
        counter = 0
        while not await self.on_tick(counter):
            counter += TICKS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self._over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer what comes on those there are, and close them."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        await asyncio.sleep(LOOK_EVERY)  # who was let in last is there after one turn
        while any(map(self._may_speak, self.server_state.connections)):  # noqa: ASYNC110 - as below
            await asyncio.sleep(LOOK_EVERY)
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn's sets
                    await asyncio.sleep(LOOK_EVERY)

    def _may_speak(self, connection: Any) -> bool:
        """Whether it is so new that its first request may be on its way."""
        age = self._door.now() - (connection.until - self._door.limits.idle)
        return connection.cycle is None and age < LAST_WORDS

    async def on_tick(self, counter: int) -> bool:
        """Once a second."""
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
