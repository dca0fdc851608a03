"""A second way into the store, for those who look: threads and connections of their own, and no query without an end.

The daemon's own readers serve intake and couriers. Who only looks must neither take them away nor hold an old
snapshot for long, which would keep the write-ahead log from being emptied.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.storage.engine import engine_of

__all__ = ["Connection", "Reader", "TookTooLong", "version"]

T = TypeVar("T")

THREADS: Final = 2
STEPS: Final = 50_000
"""Instructions of SQLite between two looks at the clock: about a millisecond."""

_PRAGMAS: Final = ("busy_timeout = 1000", "query_only = ON", "temp_store = MEMORY", "cache_size = -8192")


class TookTooLong(StoreProblem):
    """A question to the store was broken off."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            Phrase(f"查询超过 {seconds:g} 秒, 已中断", f"the query took more than {seconds:g} s and was broken off"),
            Phrase("缩小范围: 时间、账号或会话", "narrow it down: by time, account or chat"),
        )


class Reader:
    """Read-only, in ``threads`` threads; whatever asks longer than ``within`` seconds is broken off.

    Raises:
        TookTooLong: it was.
        StoreProblem: the store cannot be read.
    """

    def __init__(self, path: Path, *, within: float = 2.0, threads: int = THREADS) -> None:
        self._path = path
        self._within = within
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="console")
        self._engine = engine_of(path, _PRAGMAS, pooled=threads + 1)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on one snapshot of the store; all that it does, also after the queries, is in that thread."""
        return await self.run(lambda: self.read_now(work))

    async def run(self, work: Callable[[], T]) -> T:
        """Run what needs no store in the same threads: it must not take more of the machine than looking does."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """In the thread that asks: for what looks for long and has one of its own."""
        ends = time.monotonic() + self._within
        try:
            with self._engine.begin() as connection:
                driver: Any = connection.connection.driver_connection
                driver.set_progress_handler(lambda: time.monotonic() > ends, STEPS)
                try:
                    return work(connection)
                finally:
                    driver.set_progress_handler(None, 0)
        except DBAPIError as error:
            raise self._as_problem(error) from error

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._engine.dispose()

    def _as_problem(self, error: DBAPIError) -> Exception:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            return TookTooLong(self._within)
        if not isinstance(error.orig, sqlite3.OperationalError):
            return error
        return StoreProblem(
            Phrase(f"数据库 {self._path} 读不了: {error.orig}", f"the store {self._path} cannot be read: {error.orig}")
        )


def version(connection: Connection) -> tuple[int, ...]:
    """What changes whenever something that people look at was written: the newest row of each history, and the lanes.

    Cheap at any size: each part is the end of an index or a small table.
    """
    parts = (
        "SELECT max(id) FROM messages",
        "SELECT max(id) FROM deliveries",
        "SELECT max(id) FROM calls",
        "SELECT count(ended_at) FROM (SELECT ended_at FROM calls ORDER BY id DESC LIMIT 50)",
        "SELECT max(id) FROM actions",
        "SELECT max(id) FROM rule_changes",
        "SELECT max(updated_at) FROM lanes",
        "SELECT max(id) FROM quarantine",
    )
    row = connection.exec_driver_sql("SELECT " + ", ".join(f"({part})" for part in parts)).one()
    return tuple(value or 0 for value in row)
