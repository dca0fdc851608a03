"""What systemd and a service tell each other: sd_notify(3)."""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from yzj_daemon.errors import Phrase

log = structlog.get_logger("yzj_daemon.systemd")

PATIENCE: Final = 1.0
"""Seconds for the supervisor to take what it is told: one that hangs must not hang us."""

_MICROS: Final = 1_000_000


class Notifier:
    """Tells the supervisor how we are. Without ``NOTIFY_SOCKET`` nobody listens, and nothing is sent."""

    def __init__(self, environ: Mapping[str, str], pid: int | None = None) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.watchdog_every = _watchdog_every(environ, os.getpid() if pid is None else pid)

    @property
    def heard(self) -> bool:
        """Whether there is somebody to tell."""
        return bool(self._address)

    def ready(self, status: str = "") -> bool:
        return self._send("READY=1", *_status(status))

    def reloading(self, status: str = "") -> bool:
        """Files are read again; ``ready`` ends it. systemd tells by the time which signal this answers."""
        return self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1_000}", *_status(status))

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
                sender.settimeout(PATIENCE)
                sender.connect(self._address)
                sender.sendall("\n".join(assignments).encode())
        except OSError as error:
            log.warning("systemd.unreachable", socket=self._address, error=str(error))
            return False
        return True


async def feed(notifier: Notifier, alive: Callable[[], tuple[bool, object]]) -> None:
    """Signs of life as often as the supervisor asks for, as long as ``alive`` says so."""
    every = notifier.watchdog_every
    while every is not None:
        if alive()[0]:
            notifier.watchdog()
        await asyncio.sleep(every)


def status_line(
    *, rules: int, refused: bool, waiting: int, oldest: float, unknown: int, dry_run: bool = False
) -> Phrase:
    """How things are, for ``systemctl status``: what is wrong comes first. ``oldest``: seconds that one has waited."""
    parts = [Phrase(f"{rules} 条规则生效", f"{rules} rules in force")]
    if refused:
        parts.insert(
            0, Phrase("规则文件有错, 之前的规则仍生效", "the rule files have mistakes, the set before decides")
        )
    if unknown:
        parts.insert(0, Phrase(f"{unknown} 条转发结果不明", f"{unknown} deliveries unknown"))
    if dry_run:
        parts.append(Phrase("试运行, 不转发", "dry run, nothing is forwarded"))
    elif waiting:
        parts.append(
            Phrase(f"{waiting} 条等待转发, 最久 {oldest:.0f} 秒", f"{waiting} waiting, the oldest {oldest:.0f} s")
        )
    else:
        parts.append(Phrase("没有等待转发的", "nothing waits"))
    return Phrase("; ".join(part.zh for part in parts), "; ".join(part.en for part in parts))


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
