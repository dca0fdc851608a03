"""SQLite: a file in WAL mode with ``synchronous=FULL``, of one daemon.

What a commit returned from survives a power cut. Readers have connections of their own and see the last commit.
"""

import asyncio
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.secret import url_without

BUSY_TIMEOUT_MS: Final = 5_000

STEPS: Final = 50_000
"""Instructions of SQLite between two looks at the clock: about a millisecond."""

_WRITER_PRAGMAS: Final = (
    "page_size = 8192",  # of a new file: of 4096 bytes, six messages leave the fourteenth part unused
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "temp_store = MEMORY",
    "cache_size = -16384",
    "journal_size_limit = 67108864",
)
_READER_PRAGMAS: Final = (f"busy_timeout = {BUSY_TIMEOUT_MS}", "query_only = ON", "temp_store = MEMORY")
_OBSERVER_PRAGMAS: Final = ("busy_timeout = 1000", "query_only = ON", "temp_store = MEMORY", "cache_size = -8192")


class Sqlite:
    """The file behind ``sqlite:///…``. ``wipe``: what is deleted or blanked is overwritten with zeros.

    Raises:
        StoreProblem: the URL names no file.
    """

    shared = False

    def __init__(self, url: str, *, wipe: bool = False) -> None:
        self.path = sqlite_path(url)
        self.place = str(self.path)
        self._wipe = wipe
        self._lock: IO[str] | None = None

    def writer(self) -> Engine:
        pragmas = (*_WRITER_PRAGMAS, "secure_delete = ON") if self._wipe else _WRITER_PRAGMAS
        return _engine(self.path, pragmas, begin="BEGIN IMMEDIATE")

    def readers(self, most: int) -> Engine:
        return _engine(self.path, _READER_PRAGMAS, pooled=most)

    def observers(self, most: int) -> Engine:
        """For those who only look: little memory, and little patience with a locked file."""
        return _engine(self.path, _OBSERVER_PRAGMAS, pooled=most)

    def claim(self) -> None:
        """Make this process the one daemon on this file, until it ends; once is enough.

        Raises:
            StoreProblem: another daemon holds it.
        """
        if self._lock is not None:
            return
        try:
            lock = _lock_of(self.path).open("a+")
        except OSError as error:
            raise self._unavailable(error) from error
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
        hand_over(_lock_of(self.path), self.path.parent)

    def release(self) -> None:
        """Let another daemon have the file."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def listen(self, _channel: str, _heard: Callable[[str], None]) -> None:
        """Of a file's one daemon there is nobody to tell it anything."""
        await asyncio.get_running_loop().create_future()

    @contextmanager
    def limited(self, connection: Connection, seconds: float) -> Iterator[None]:
        """Within it, whatever is asked over this connection is broken off after so long."""
        ends = time.monotonic() + seconds
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: time.monotonic() > ends, STEPS)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)

    def broken_off(self, error: Exception) -> bool:
        said = error.orig if isinstance(error, DBAPIError) else error
        return getattr(said, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT

    def lost(self, _connection: Connection) -> bool:
        """A file does not go away."""
        return False

    def collided(self, _error: Exception) -> bool:
        """There is only one who writes."""
        return False

    def problem(self, error: Exception) -> Exception:
        """The environment's faults become a StoreProblem; a broken constraint is a bug and stays what it is."""
        said = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(said, sqlite3.DatabaseError):
            return error
        if isinstance(said, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.DataError):
            return error
        return self._unavailable(said)

    def _unavailable(self, error: Exception) -> StoreProblem:
        if not self.path.parent.is_dir():
            return _nowhere(self.path)
        return StoreProblem(
            Phrase(f"数据库 {self.path} 无法使用: {error}", f"the store {self.path} cannot be used: {error}"),
            _todo(error),
        )


def damaged(error: Exception) -> bool:
    """Whether what was read is no database, or no whole one any more."""
    said = error.orig if isinstance(error, DBAPIError) else error
    return _code(said) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code(said: BaseException | None) -> int:
    """SQLite's primary result code; 0 of an error that has none."""
    code: int = getattr(said, "sqlite_errorcode", 0)
    return code & 0xFF


def _todo(error: Exception) -> Phrase:
    if damaged(error):
        return Phrase(
            "它已损坏, 或不是数据库: 检查 store.url; 停掉守护进程, 恢复一份好的备份 (yzj-daemon db restore FILE)",
            "it is damaged, or no database: check store.url; stop the daemon and put a good backup in its place "
            "(yzj-daemon db restore FILE)",
        )
    if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Phrase(
            "别的程序锁住了它 (看数据库的工具、备份软件?): 关掉那个程序, 之后会自动继续",
            "another program locks it (a database browser, a backup tool?): close that one, it goes on by itself",
        )
    return Phrase(
        "检查磁盘空间、目录权限、是否有别的程序锁住了文件",
        "check disk space, directory permissions, and whether another program locks the file",
    )


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


def sqlite_path(url: str) -> Path:
    """The file behind ``sqlite:///…``.

    Raises:
        StoreProblem: another kind of store is named.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        shown = url_without(url)
        raise StoreProblem(
            Phrase(f"这里需要 SQLite 文件, 而 store.url 是 {shown}", f"an SQLite file is needed; store.url is {shown}"),
            Phrase("写成 sqlite:///路径/文件.db", "write sqlite:///path/file.db"),
        )
    return Path(parsed.database).absolute()


def hand_over(path: Path, like: Path) -> None:
    """What root makes for somebody is theirs, as ``like`` is: a service that is not root could not open it."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _engine(path: Path, pragmas: tuple[str, ...], *, begin: str = "BEGIN", pooled: int = 0) -> Engine:
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
