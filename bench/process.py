"""A server in a process of its own, on one core, while the load comes from the others."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import corpus, machine

SECRET = "bench-callback-secret"
STARTS_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is ready. ``ready_after``: seconds from the start of its process. ``ops``: its private port."""

    port: int
    pid: int
    ready_after: float
    directory: Path = Path()
    ops: int = 0
    environ: Mapping[str, str] = field(default_factory=dict)

    def memory(self) -> float:
        """MiB that it holds now; not a number where there is no /proc."""
        status = Path(f"/proc/{self.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))

    def cpu(self) -> float:
        """Seconds of CPU that it took so far, to the hundredth; not a number where there is no /proc."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return float("nan")
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """As a power cut would."""
        os.kill(self.pid, signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def command(self, *words: str) -> list[str]:
        """The command line of one of the daemon's own commands, for :attr:`environ`."""
        return [sys.executable, "-m", "yzj_daemon", *words]


@contextlib.contextmanager
def bare() -> Iterator[Running]:
    """The reference."""
    port = _free_port()
    began = time.monotonic()
    with _process([sys.executable, "-m", "bench.bare", str(port)], {}, Path(os.devnull)) as process:
        _until_open(port)
        yield Running(port, process.pid, time.monotonic() - began)


@contextlib.contextmanager
def daemon(
    directory: Path, rules: int, settings: Mapping[str, str] | None = None, *, anywhere: bool = False
) -> Iterator[Running]:
    """The real daemon, with so many rules, on the store of this directory.

    ``settings`` win over the usual ones; one that is empty is not set. ``anywhere``: not on one core.
    """
    (directory / "rules.toml").write_text(corpus.rules(rules), encoding="utf-8")
    log = directory / "daemon.log"
    wanted = {**environment(directory), **(settings or {})}
    environ = {name: value for name, value in wanted.items() if value}
    began = time.monotonic()
    with _process([sys.executable, "-m", "yzj_daemon", "run"], environ, log, anywhere=anywhere) as process:
        told = _ready(log, process)
        port, ops = (int(told[door].rpartition(":")[2]) for door in ("callback", "ops"))
        yield Running(port, process.pid, time.monotonic() - began, directory, ops, environ)


@contextlib.asynccontextmanager
async def beside_a_platform(
    directory: Path, rules: int, settings: Mapping[str, str] | None = None, *, anywhere: bool = False
) -> AsyncIterator[Running]:
    """The same, started and ended in a thread: the platform that it calls may be on this event loop."""
    running = daemon(directory, rules, settings, anywhere=anywhere)
    yielded = await asyncio.to_thread(running.__enter__)
    try:
        yield yielded
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


def environment(directory: Path) -> dict[str, str]:
    """Settings: nobody is called, nothing is pulled."""
    return {
        "YZJ_API__BASE_URL": "http://127.0.0.1:9",
        "YZJ_API__APP_ID": "bench",
        "YZJ_API__ACCESS_TOKEN": "bench",
        "YZJ_CALLBACK__HOST": "127.0.0.1",
        "YZJ_CALLBACK__PORT": "0",
        "YZJ_CALLBACK__SECRET": SECRET,
        "YZJ_CALLBACK__AES_KEY": corpus.KEY,
        "YZJ_OPS__PORT": "0",
        "YZJ_PULL__MODE": "off",
        "YZJ_STORE__URL": f"sqlite:///{directory}/store.db",
        "YZJ_RULES__PATH": f"{directory}/rules.toml",
        "YZJ_LOG__FORMAT": "json",
    }


@contextlib.contextmanager
def _process(
    command: list[str], environ: dict[str, str], log: Path, *, anywhere: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as written:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environ},
            stdout=written,
            stderr=written,
            preexec_fn=None if anywhere else machine.server_core,  # noqa: PLW1509 - no thread runs here
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _ready(log: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What its line says that it writes when it is ready."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_bytes().splitlines():
            if b'"daemon.ready"' in line:
                told: dict[str, Any] = json.loads(line)
                return told
        time.sleep(0.005)
    raise SystemExit(f"the daemon did not start:\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _until_open(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")
