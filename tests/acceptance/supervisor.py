"""What systemd does for the service, as its units say: holds the socket, runs the commands in order, restarts."""

import asyncio
import configparser
import shlex
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.conftest import Daemon

UNIT = Path(__file__).parents[2] / "systemd" / "yzj-daemon.service"
BACKLOG = 4096
PROGRAM = "/opt/yzj-daemon/bin/yzj-daemon"


def commands(key: str) -> list[list[str]]:
    """The unit's commands of one kind, to be run here: our interpreter, settings from the environment."""
    unit = configparser.RawConfigParser(strict=False, comment_prefixes=("#",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT, encoding="utf-8")
    found = [shlex.split(line.lstrip("-")) for line in unit["Service"].get(key, "").splitlines()]
    assert found, f"no {key} in {UNIT}"
    assert {words[0] for words in found} == {PROGRAM}
    return [_here(words[1:]) for words in found]


def _here(words: list[str]) -> list[str]:
    config = words.index("--config")
    return [sys.executable, "-m", "yzj_daemon", *words[:config], *words[config + 2 :]]


@dataclass
class Supervisor:
    """One service. ``gaps``: seconds from each SIGTERM to ready again."""

    daemon: Daemon
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=BACKLOG))
    gaps: list[float] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        return self.listener.getsockname()

    def __post_init__(self) -> None:
        self.daemon.listener = self.listener
        self.daemon.extra = {"STATE_DIRECTORY": str(self.daemon.directory)}

    def check(self) -> None:
        self._run("ExecStartPre")

    def start(self) -> None:
        self.check()
        self.daemon.start()

    def restart(self) -> None:
        began = time.monotonic()
        assert self.daemon.stop() == 0
        self.start()
        self.gaps.append(time.monotonic() - began)

    async def restarted(self, times: int, apart: float) -> None:
        for _ in range(times):
            await asyncio.sleep(apart)
            await asyncio.to_thread(self.restart)
        await asyncio.sleep(apart)

    def close(self) -> None:
        self.listener.close()

    def _run(self, key: str) -> None:
        """Commands that the unit allows to fail."""
        for command in commands(key):
            with (self.daemon.directory / f"{key}.log").open("ab") as log:
                environment = self.daemon.environment()
                subprocess.run(command, env=environment, cwd=self.daemon.directory, stdout=log, stderr=log, check=False)
