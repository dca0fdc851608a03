"""The real daemon in a process of its own, against the sandbox vendor over real HTTP."""

import asyncio
import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.platform import AES_KEY, APP_ID, APP_SECRET, Options
from yzj_daemon.sandbox.server import Sandbox, running
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import DeliveryLine, Filter, LaneLine, books, deliveries, lane_lines

SECRET = "acceptance-callback-secret"

CLOUD = "1688850000000001"
REAL = "1688850000000002"
ROOM = "R:10900000000000001"
OPS = "R:10900000000000002"
DUTY = "R:10900000000000003"
BOSS = "7881300000000001"
WANG = "7881300000000002"
LI = "7881300000000003"

EVERYTHING = f"""
[[rules]]
id = "all"
forward_to = ["{OPS}"]
when = {{ everything = true }}
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.acceptance)


@dataclass
class Daemon:
    """One daemon: its settings, its store, and at times its process. ``program`` is what is run."""

    directory: Path
    base_url: str
    process: subprocess.Popen[bytes] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    ready: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    listener: socket.socket | None = None
    starts: int = 0

    def rules(self, toml: str) -> None:
        (self.directory / "rules.toml").write_text(toml, encoding="utf-8")

    @property
    def url(self) -> str:
        """Of its store."""
        return str(self.settings.get("store.url", f"sqlite:///{self.directory}/store.db"))

    @property
    def log_file(self) -> Path:
        return self.directory / f"daemon-{self.starts}.log"

    def log(self, event: str = "") -> list[dict[str, Any]]:
        """What it logged, of one kind of event or all."""
        lines = [json.loads(line) for line in self.log_file.read_bytes().splitlines() if line.startswith(b"{")]
        return [line for line in lines if event in ("", line.get("event"))]

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("YZJ_", "LC_", "LANG"))}
        given = {
            "api.base_url": self.base_url,
            "api.app_id": APP_ID,
            "api.app_secret": APP_SECRET,
            "callback.host": "127.0.0.1",
            "callback.port": 0,
            "callback.secret": SECRET,
            "callback.aes_key": AES_KEY,
            "ops.port": 0,
            "store.url": self.url,
            "rules.path": self.directory / "rules.toml",
            "log.format": "json",
            **self.settings,
        }
        variables = {"YZJ_" + name.upper().replace(".", "__"): str(value) for name, value in given.items()}
        return {**kept, **variables, **self.extra, "PYTHONWARNINGS": "error"}

    def start(self, *arguments: str, wait: bool = True) -> "Daemon":
        """Start it, and wait until it says that it is ready."""
        self.starts += 1
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                self._command("run", *arguments),
                stdout=log,
                stderr=log,
                env=self.environment(),
                cwd=self.directory,
                pass_fds=() if self.listener is None else (self.listener.fileno(),),
            )
        if wait:
            self.wait_ready()
        return self

    def _command(self, *arguments: str) -> list[str]:
        """With a listener: as systemd starts it, the socket as descriptor 3 and the process id told."""
        plain = [sys.executable, "-m", "yzj_daemon", *arguments]
        if self.listener is None:
            return plain
        passed = f'exec 3<&{self.listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
        return ["bash", "-c", passed, "systemd", *plain]

    def wait_ready(self, longest: float = 20.0) -> None:
        deadline = time.monotonic() + longest
        while time.monotonic() < deadline:
            if found := self.log("daemon.ready"):
                self.ready = found[0]
                return
            assert self.process is not None
            assert self.process.poll() is None, self.log_file.read_text()
            time.sleep(0.02)
        raise AssertionError(f"not ready within {longest} s:\n{self.log_file.read_text()}")

    @property
    def callback(self) -> str:
        return f"http://{self.ready['callback']}/callback/{SECRET}"

    @property
    def ops(self) -> str:
        return f"http://{self.ready['ops']}"

    def kill(self) -> None:
        """As a power cut would: nothing is finished."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """The regular way; answers the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def cli(self, *arguments: str, check: int | None = 0, input: bytes | None = None) -> str:
        """Run a command with this daemon's settings; answers what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "yzj_daemon", *arguments],
            env=self.environment(),
            cwd=self.directory,
            capture_output=True,
            timeout=60,
            input=input,
            check=False,
        )
        if check is not None:
            assert done.returncode == check, (done.returncode, done.stdout.decode(), done.stderr.decode())
        return done.stdout.decode()

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """A listing's JSON lines."""
        return [json.loads(line) for line in self.cli(*arguments, "--json").splitlines()]

    def deliveries(self, *states: str) -> list[DeliveryLine]:
        """Straight from the store, oldest first; only those in these states, if any are named."""
        with closing(Store(self.url)) as store:
            found = store.read_now(lambda c: deliveries(c, Filter(), 10_000))
        return [line for line in reversed(found) if not states or line.state in states]

    def lanes(self) -> dict[str, LaneLine]:
        with closing(Store(self.url)) as store:
            return {line.account: line for line in store.read_now(lambda c: lane_lines(c, 0))}

    def received(self) -> set[str]:
        """The platform's ids of all that is stored."""
        with closing(Store(self.url)) as store:
            return set(store.read_now(lambda c: c.execute(select(t.messages.c.svrid)).scalars().all()))

    def owed(self) -> list[tuple[str, str, str]]:
        """Target chat, content and state of every delivery."""
        query = select(t.deliveries.c.chat, t.messages.c.content, t.deliveries.c.state).join_from(
            t.deliveries, t.messages, t.messages.c.id == t.deliveries.c.message_id
        )
        with closing(Store(self.url)) as store:
            return [tuple(row) for row in store.read_now(lambda c: c.execute(query).all())]

    def numbers(self) -> dict[tuple[str, str], int]:
        """Account and content of what was received -> its number, which grows in the order of receipt."""
        m = t.messages.c
        with closing(Store(self.url)) as store:
            rows = store.read_now(lambda c: c.execute(select(m.account, m.content, m.id).where(~m.self_sent)).all())
        return {(account, content): number for account, content, number in rows}

    def drained(self) -> list[DeliveryLine]:
        """All deliveries, once there are any and none of them waits or is on its way; else nothing."""
        found = self.deliveries()
        return [] if {"pending", "sending"} & {line.state for line in found} else found

    def balanced(self) -> dict[str, Any]:
        """The books, which must balance: what ``audit`` tells."""
        with closing(Store(self.url)) as store:
            told = store.read_now(books)
        assert told.balanced, told
        return told._asdict()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_running() as sandbox:
        yield sandbox


@contextlib.contextmanager
def sandbox_running() -> Iterator[Sandbox]:
    """In a thread of its own: while a test runs a command, the platform goes on."""
    started: queue.SimpleQueue[tuple[Sandbox, asyncio.AbstractEventLoop, asyncio.Event]] = queue.SimpleQueue()

    async def serve() -> None:
        async with running(Options()) as sandbox:
            over = asyncio.Event()
            started.put((sandbox, asyncio.get_running_loop(), over))
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="sandbox")
    thread.start()
    sandbox, loop, over = started.get(timeout=10)
    yield sandbox
    loop.call_soon_threadsafe(over.set)
    thread.join(10)


@pytest.fixture
async def platform(sandbox: Sandbox) -> AsyncIterator[SandboxControl]:
    async with SandboxControl(sandbox.control_url) as control:
        yield control


@pytest.fixture
def make_daemon(tmp_path: Path, sandbox: Sandbox, empty_store: Path) -> Iterator[Callable[..., Daemon]]:
    """``fresh``: on a machine that never saw a daemon; else on an empty store, which takes half a second less."""
    made: list[Daemon] = []

    def make(rules: str = EVERYTHING, *, base_url: str = "", fresh: bool = False, **settings: Any) -> Daemon:
        directory = tmp_path / f"daemon{len(made)}"
        directory.mkdir()
        if not fresh:
            shutil.copy(empty_store, directory / "store.db")
        dotted = {name.replace("__", "."): value for name, value in settings.items()}
        daemon = Daemon(directory, base_url or sandbox.base_url, settings=dotted)
        daemon.rules(rules)
        made.append(daemon)
        return daemon

    yield make
    for daemon in made:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.process.kill()
            daemon.process.wait(10)


async def start(daemon: Daemon, platform: SandboxControl, *arguments: str, **behaviour: Any) -> Daemon:
    """Start the daemon and point the platform's callbacks at it, if it takes any."""
    await asyncio.to_thread(daemon.start, *arguments)
    url = "" if daemon.ready["callback"] == "off" else daemon.callback
    await platform.behave(callback_url=url, **behaviour)
    return daemon


async def until(so: Callable[[], Any], longest: float = 20.0) -> Any:
    """Wait for something that another process brings about; answers what it is."""
    deadline = time.monotonic() + longest
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            found = so()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"did not come within {longest} s")


def text(words: str) -> str:
    """Content of a text message, as exact JSON text."""
    return json.dumps({"items": [{"type": "text", "text": words}]}, ensure_ascii=False)
