"""The store: one writer that groups transactions into one commit, and readers that never wait for it.

All writing of a process goes through one thread, which takes whatever is queued into a single transaction, because a
commit costs one fsync whether it carries one row or a thousand. Where it is written to, a file of ours or a server that
several daemons share, is the :class:`Database`'s business.
"""

import asyncio
import os
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar

from sqlalchemy import Connection, Engine

from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.storage.sqlite import Sqlite

T = TypeVar("T")
Work = Callable[[Connection], T]

READERS: Final = 4

AGAIN_AFTER: Final = 0.5
"""Seconds between tries to reach a store that is away."""

COLLISIONS: Final = 5
"""How often a transaction that collided with another daemon's is tried in all."""


class Database(Protocol):
    """What a store is kept in. ``shared``: by several daemons. ``path``: its file, where it is one.

    ``place`` names it to people, without a password.
    """

    @property
    def shared(self) -> bool: ...
    @property
    def place(self) -> str: ...
    @property
    def path(self) -> Path | None: ...

    def writer(self) -> Engine: ...
    def readers(self, most: int) -> Engine: ...
    def observers(self, most: int) -> Engine: ...

    def claim(self) -> None: ...
    def release(self) -> None: ...

    async def listen(self, channel: str, heard: Callable[[str], None]) -> None:
        """Call ``heard`` with whatever is published there; ends with a StoreProblem when nobody can listen any more."""

    def limited(self, connection: Connection, seconds: float) -> AbstractContextManager[None]:
        """Within it, whatever this transaction asks is broken off after so long."""

    def broken_off(self, error: Exception) -> bool:
        """Whether this is what it ended with."""

    def lost(self, connection: Connection) -> bool:
        """Whether the connection is gone, and with it all that it would still have done."""

    def collided(self, error: Exception) -> bool:
        """Whether the same may well succeed when it is tried again at once: another daemon was in its way."""

    def problem(self, error: Exception) -> Exception:
        """The environment's faults become a StoreProblem; a broken constraint is a bug and stays what it is."""


def database_of(url: str, *, wipe: bool = False) -> Database:
    """Where ``store.url`` points to. ``wipe``: what is deleted or blanked is overwritten, where that can be had.

    Raises:
        StoreProblem: it is no URL of a store, or the driver for it is missing.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest:
        return Sqlite(url, wipe=wipe)
    if scheme in ("postgresql", "postgres") and rest:
        from yzj_daemon.storage.postgres import Postgres  # its driver is loaded by those who need it

        return Postgres(url, wipe=wipe)
    raise _not_a_store(scheme)


class _Job:
    """One piece of work on its way to the writer, and where its result is awaited."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(self, work: Work[Any], loop: asyncio.AbstractEventLoop, future: "asyncio.Future[Any]") -> None:
        self.work = work
        self.loop = loop
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Store:
    """An open store. ``write`` and ``read`` take a function of a connection, and answer what it returns.

    The function given to ``write`` may run twice: when another one of its group fails, the group is rolled back and
    each runs alone. So it must act on nothing but the connection.

    Raises:
        StoreProblem: the store cannot be reached, is full or damaged. Any other exception is the function's own.
    """

    def __init__(self, url: str, *, wipe: bool = False) -> None:
        """``wipe``: what is deleted or blanked is overwritten with zeros."""
        self.url = url
        self.database = database_of(url, wipe=wipe)
        self._writer_engine = self.database.writer()
        self._reader_engine = self.database.readers(READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._away: StoreProblem | None = None
        self._closing = threading.Event()

    @property
    def place(self) -> str:
        """Where the store is, for people; without a password."""
        return self.database.place

    @property
    def path(self) -> Path:
        """The file that the store is.

        Raises:
            StoreProblem: it is none.
        """
        if self.database.path is None:
            raise _no_file(self.place)
        return self.database.path

    @property
    def beside(self) -> Path:
        """The common beginning of the names of small files that belong to this daemon and its store."""
        return _beside(self.database)

    def claim(self) -> Self:
        """Make this process the one daemon on this store, until it ends; a shared store is for several.

        Raises:
            StoreProblem: another daemon holds it.
        """
        self.database.claim()
        return self

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in the writer's next transaction; answers after the commit.

        While the store is known to be away, it is refused at once: nothing piles up before a door that is shut.
        """
        if self._away is not None:
            raise self._away
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_on, name="store-writer", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, future))
        return await future

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on a read-only connection, beside the writer."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, work)

    def read_now(self, work: Work[T]) -> T:
        """The same in this thread (commands)."""
        with self._translated(), self._reader_engine.begin() as connection:
            return work(connection)

    def write_now(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction of its own in this thread (commands, start-up)."""
        with self._translated(), self._writer_engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """Finish what is queued, then let go of the store."""
        self._closing.set()
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None
        self._readers.shutdown()
        self._reader_engine.dispose()
        self._writer_engine.dispose()
        self.database.release()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            problem = self.database.problem(error)
            if problem is error:
                raise
            raise problem from error

    # In the writer's thread -----------------------------------------------------------------------------------------

    def _write_on(self) -> None:
        connection: Connection | None = None
        while True:
            jobs, last = self._next_group()
            if jobs:
                connection = self._carry_out(jobs, connection or self._connected(jobs))
            if last:
                if connection is not None:
                    connection.close()
                return

    def _carry_out(self, jobs: list[_Job], connection: Connection | None) -> Connection | None:
        """Answers the connection, as long as it is one."""
        if connection is None:
            return None
        _run_group(connection, jobs, self.database)
        if not self.database.lost(connection):
            _settle(jobs)
            return connection
        self._away = next((job.error for job in jobs if isinstance(job.error, StoreProblem)), None)
        _settle(jobs)
        connection.invalidate()
        connection.close()
        return self._connected([])

    def _connected(self, jobs: list[_Job]) -> Connection | None:
        """A connection, however long it takes; None when the store is closed first.

        Should the first try fail, ``jobs`` are refused, and whatever comes until one succeeds.
        """
        while True:
            try:
                connection = self._writer_engine.connect()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told to those who wait
                problem = self.database.problem(error)
                if isinstance(problem, StoreProblem):
                    self._away = problem
                self._refuse([*jobs, *self._waiting()], problem)
                jobs = []
                if self._closing.wait(AGAIN_AFTER):
                    return None
            else:
                self._away = None
                return connection

    def _refuse(self, jobs: list[_Job], problem: Exception) -> None:
        for job in jobs:
            job.error = job.error or problem
        _settle(jobs)

    def _waiting(self) -> list[_Job]:
        """Those that were queued before it was known that the store is away; the word to end stays where it is."""
        jobs: list[_Job] = []
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is None:
                self._jobs.put(None)
                return jobs
            jobs.append(job)
        return jobs

    def _next_group(self) -> tuple[list[_Job], bool]:
        first = self._jobs.get()
        if first is None:
            return [], True
        jobs = [first]
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, False
            if job is None:
                return jobs, True
            jobs.append(job)


def _run_group(connection: Connection, jobs: list[_Job], database: Database, tries: int = COLLISIONS) -> None:
    """All jobs in one commit; should one fail, each in its own. Where none can begin, they do not wait one by one."""
    began = False
    try:
        with connection.begin():
            began = True
            for job in jobs:
                job.result = job.work(connection)
    except Exception as error:  # noqa: BLE001 - it is handed to whoever awaits the job
        if not began or database.lost(connection):
            for job in jobs:
                job.error = database.problem(error)
        elif len(jobs) > 1:
            for job in jobs:
                _run_group(connection, [job], database)
        elif tries > 1 and database.collided(error):
            _run_group(connection, jobs, database, tries - 1)
        else:
            jobs[0].error = database.problem(error)


def _settle(jobs: list[_Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, settled in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_all, settled)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _settle_all(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()


def beside_of(url: str) -> Path:
    """The same, for who does not open the store."""
    return _beside(database_of(url))


_INSTALLED: Final = Path("/var/lib/yzj-daemon")
"""Where an installed service keeps its state, for commands that are given beside it."""


def _beside(database: Database) -> Path:
    """Of a store that is no file: in the state directory that systemd gives, else in the user's own (XDG)."""
    if database.path is not None:
        return database.path
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given).absolute() / "shared"
    if os.access(_INSTALLED, os.R_OK | os.X_OK):
        return _INSTALLED / "shared"
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home).absolute() / "yzj-daemon" / "shared"


def _not_a_store(scheme: str) -> StoreProblem:
    return StoreProblem(
        Phrase(f"store.url 无法识别: {scheme}://…", f"store.url cannot be read: {scheme}://…"),
        Phrase(
            "写成 sqlite:///路径/文件.db 或 postgresql://用户@主机/库",
            "write sqlite:///path/file.db, or postgresql://user@host/database",
        ),
    )


def _no_file(place: str) -> StoreProblem:
    return StoreProblem(
        Phrase(f"{place} 不是 SQLite 文件, 这个命令做不了", f"{place} is no SQLite file: this command is for files"),
        Phrase(
            "PostgreSQL 用它自己的工具: 备份 pg_dump 或 PITR; 恢复后先运行 yzj-daemon db distrust 再启动; 空间由 "
            "autovacuum 回收. 见 docs/scaling.zh-CN.md",
            "PostgreSQL has its own tools: pg_dump or PITR for a copy; after a restore run yzj-daemon db distrust "
            "before any start; autovacuum gives back room. See docs/scaling.md",
        ),
    )
