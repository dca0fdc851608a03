"""The store: one writer that groups transactions into one commit, and readers that never wait for it.

SQLite in WAL mode with ``synchronous=FULL``: what a commit returned from survives a power cut. All writing goes
through one thread, which takes whatever is queued into a single transaction, because a commit costs one fsync
whether it carries one row or a thousand. Readers have connections of their own and see the last commit.
"""

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from yzj_daemon.errors import Phrase, StoreProblem

T = TypeVar("T")
Work = Callable[[Connection], T]

READERS = 4
BUSY_TIMEOUT_MS = 5_000

_WRITER_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "temp_store = MEMORY",
    "cache_size = -16384",
    "journal_size_limit = 67108864",
)
_READER_PRAGMAS = (f"busy_timeout = {BUSY_TIMEOUT_MS}", "query_only = ON", "temp_store = MEMORY")


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
        self.path = sqlite_path(url)
        pragmas = (*_WRITER_PRAGMAS, "secure_delete = ON") if wipe else _WRITER_PRAGMAS
        self._writer_engine = engine_of(self.path, pragmas, begin="BEGIN IMMEDIATE")
        self._reader_engine = engine_of(self.path, _READER_PRAGMAS, pooled=READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock: IO[str] | None = None

    def claim(self) -> Self:
        """Make this process the one daemon on this store, until it ends.

        Raises:
            StoreProblem: another daemon holds it.
        """
        lock = self._open_lock()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            lock.seek(0)
            holder = lock.read().strip() or "?"
            lock.close()
            raise _in_use(self.path, holder) from held
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        return self

    def _open_lock(self) -> IO[str]:
        try:
            return _lock_of(self.path).open("a+")
        except OSError as error:
            raise _unavailable(self.path, error) from error

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in the writer's next transaction; answers after the commit."""
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
        with _translated(self.path), self._reader_engine.begin() as connection:
            return work(connection)

    def write_now(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction of its own in this thread (commands, start-up)."""
        with _translated(self.path), self._writer_engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """Finish what is queued, then let go of the file."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None
        self._readers.shutdown()
        self._reader_engine.dispose()
        self._writer_engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _write_on(self) -> None:
        connection: Connection | None = None
        while True:
            jobs, last = self._next_group()
            if jobs:
                try:
                    connection = connection or self._writer_engine.connect()
                    _run_group(connection, jobs, self.path)
                except SQLAlchemyError as lost:
                    for job in jobs:
                        job.error = job.error or _unavailable(self.path, lost)
                _settle(jobs)
            if last:
                if connection is not None:
                    connection.close()
                return

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


def _run_group(connection: Connection, jobs: list[_Job], path: Path) -> None:
    """All jobs in one commit; should one fail, each in its own."""
    try:
        with connection.begin():
            for job in jobs:
                job.result = job.work(connection)
    except Exception as error:  # noqa: BLE001 - it is handed to whoever awaits the job
        if len(jobs) == 1:
            jobs[0].error = _as_problem(error, path)
            return
        for job in jobs:
            _run_group(connection, [job], path)


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


def holder(path: Path) -> str | None:
    """The process that runs as the daemon of this store, or None when there is none."""
    try:
        lock = _lock_of(path).open("r")
    except FileNotFoundError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return lock.read().strip() or "?"
    return None


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def sqlite_path(url: str) -> Path:
    """The file behind ``sqlite:///…``.

    Raises:
        StoreProblem: another kind of store is named.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError as broken:
        raise StoreProblem(
            Phrase(f"store.url 无法识别: {url}", f"store.url cannot be read: {url}"),
            Phrase("写成 sqlite:///路径/文件.db", "write sqlite:///path/file.db"),
        ) from broken
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        shown = parsed.render_as_string(hide_password=True)
        raise StoreProblem(
            Phrase(f"store.url 不能用: {shown}", f"store.url cannot be used: {shown}"),
            Phrase(
                "这个版本只支持 SQLite 文件: sqlite:///路径/文件.db",
                "this version stores in an SQLite file: sqlite:///path/file.db",
            ),
        )
    return Path(parsed.database).absolute()


def engine_of(path: Path, pragmas: tuple[str, ...], *, begin: str = "BEGIN", pooled: int = 0) -> Engine:
    """Connections to a file with these pragmas, of which ``pooled`` stay open; transactions begin with ``begin``."""
    pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": pooled} if pooled else {"poolclass": NullPool}
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def on_connect(dbapi: sqlite3.Connection, _record: object) -> None:
        dbapi.isolation_level = None  # the driver must not begin or commit by itself
        for pragma in pragmas:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.connection.cursor().execute(begin)  # the driver's own: this is once a transaction

    return engine


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise _as_problem(error, path) from error


def _as_problem(error: Exception, path: Path) -> Exception:
    """The environment's faults become a StoreProblem; a broken constraint is a bug and stays what it is."""
    said = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(said, sqlite3.DatabaseError):
        return error
    if isinstance(said, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.DataError):
        return error
    return _unavailable(path, said)


def _unavailable(path: Path, error: Exception) -> StoreProblem:
    if not path.parent.is_dir():
        return _nowhere(path)
    return StoreProblem(
        Phrase(f"数据库 {path} 无法使用: {error}", f"the store {path} cannot be used: {error}"),
        Phrase(
            "检查磁盘空间、目录权限、是否有别的程序锁住了文件",
            "check disk space, directory permissions, and whether another program locks the file",
        ),
    )


def _nowhere(path: Path) -> StoreProblem:
    return StoreProblem(
        Phrase(f"没有放数据库的目录: {path.parent}", f"there is no directory for the store: {path.parent}"),
        Phrase(
            "检查 store.url, 或创建它; 作为 systemd 服务时由服务自己创建: systemctl start yzj-daemon",
            "check store.url, or make it; a service of systemd makes it itself: systemctl start yzj-daemon",
        ),
    )


def _in_use(path: Path, holder: str) -> StoreProblem:
    return StoreProblem(
        Phrase(
            f"另一个 yzj-daemon (进程 {holder}) 正在使用数据库 {path}",
            f"another yzj-daemon (process {holder}) is using the store {path}",
        ),
        Phrase("先停掉它, 或给这一个设置另外的 store.url", "stop it first, or give this one another store.url"),
    )
