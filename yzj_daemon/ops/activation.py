"""Sockets that systemd holds for us: sd_listen_fds(3). Nothing is loaded for it, so that it can be asked at once."""

import os
import socket
from collections.abc import Mapping
from typing import Final

FIRST_FD: Final = 3
"""SD_LISTEN_FDS_START."""


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
