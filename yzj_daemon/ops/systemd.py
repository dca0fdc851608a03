"""What systemd and a service tell each other: sd_notify(3) and sd_listen_fds(3)."""

import os
import socket
from collections.abc import Mapping
from typing import Final

import structlog

log = structlog.get_logger("yzj_daemon.systemd")

FIRST_FD: Final = 3
"""SD_LISTEN_FDS_START."""

_MICROS: Final = 1_000_000


class Notifier:
    """Tells the supervisor how we are. Without ``NOTIFY_SOCKET`` nobody listens, and nothing is sent."""

    def __init__(self, environ: Mapping[str, str], pid: int | None = None) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.watchdog_every = _watchdog_every(environ, os.getpid() if pid is None else pid)

    def ready(self, status: str = "") -> bool:
        return self._send("READY=1", *_status(status))

    def stopping(self, status: str = "") -> bool:
        return self._send("STOPPING=1", *_status(status))

    def status(self, text: str) -> bool:
        """One line for ``systemctl status``."""
        return self._send(*_status(text))

    def watchdog(self) -> bool:
        """Still alive; due every ``watchdog_every`` seconds, where that is not None."""
        return self._send("WATCHDOG=1")

    def _send(self, *assignments: str) -> bool:
        """Whether it was sent. A supervisor that does not take it is logged, and no reason to stop serving."""
        if not self._address:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.connect(self._address)
                sender.sendall("\n".join(assignments).encode())
        except OSError as error:
            log.warning("systemd.unreachable", socket=self._address, error=str(error))
            return False
        return True


def listen_fds(environ: Mapping[str, str], pid: int | None = None, first: int = FIRST_FD) -> tuple[socket.socket, ...]:
    """The listening sockets passed to this process, in their order; none where they were meant for another one.

    Raises:
        OSError: what was passed is no socket.
        ValueError: ``LISTEN_FDS`` or ``LISTEN_PID`` is not a number.
    """
    if int(environ.get("LISTEN_PID") or 0) != (os.getpid() if pid is None else pid):
        return ()
    return tuple(_own(fd) for fd in range(first, first + int(environ.get("LISTEN_FDS") or 0)))


def _own(fd: int) -> socket.socket:
    passed = socket.socket(fileno=fd)
    passed.set_inheritable(False)
    return passed


def _address(path: str) -> str:
    """``@name`` is a socket in the abstract namespace."""
    return "\0" + path[1:] if path.startswith("@") else path


def _status(text: str) -> tuple[str, ...]:
    """A newline would begin another assignment."""
    return (f"STATUS={' '.join(text.split())}",) if text else ()


def _watchdog_every(environ: Mapping[str, str], pid: int) -> float | None:
    """Seconds between signs of life, half of what the supervisor allows; None: it does not ask for any."""
    micros = environ.get("WATCHDOG_USEC", "")
    if not micros or int(environ.get("WATCHDOG_PID") or pid) != pid:
        return None
    return int(micros) / _MICROS / 2
