"""A server in a process of its own, on one core, while the load comes from the others."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import corpus, machine

SECRET = "bench-callback-secret"
STARTS_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A daemon that is ready. ``ready_after``: seconds from the start of its process."""

    port: int
    pid: int
    ready_after: float

    def memory(self) -> float:
        """MiB that it holds now."""
        status = Path(f"/proc/{self.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))


@contextlib.contextmanager
def bare() -> Iterator[int]:
    """The reference; answers its port."""
    port = _free_port()
    with _process([sys.executable, "-m", "bench.bare", str(port)], {}, Path(os.devnull)):
        _until_open(port)
        yield port


@contextlib.contextmanager
def daemon(directory: Path, rules: int) -> Iterator[Running]:
    """The real daemon, with so many rules, on the store of this directory."""
    (directory / "rules.toml").write_text(corpus.rules(rules), encoding="utf-8")
    log = directory / "daemon.log"
    began = time.monotonic()
    with _process([sys.executable, "-m", "yzj_daemon", "run"], environment(directory), log) as pid:
        port = _ready(log)
        yield Running(port, pid, time.monotonic() - began)


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
def _process(command: list[str], environ: dict[str, str], log: Path) -> Iterator[int]:
    with log.open("wb") as written:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environ},
            stdout=written,
            stderr=written,
            preexec_fn=machine.server_core,  # noqa: PLW1509 - no thread runs here
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _ready(log: Path) -> int:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        for line in log.read_bytes().splitlines():
            if b'"daemon.ready"' in line:
                return int(json.loads(line)["callback"].rpartition(":")[2])
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
