"""A second way into the store, for those who look: threads and connections of their own, and no query without an end.

The daemon's own readers serve intake and couriers. Who only looks must neither take them away nor hold an old
snapshot for long, which would keep the write-ahead log from being emptied.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Connection

from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.storage.engine import Store

__all__ = ["Connection", "Reader", "TookTooLong", "version"]

T = TypeVar("T")

THREADS: Final = 2


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

    def __init__(self, store: Store, *, within: float = 2.0, threads: int = THREADS) -> None:
        self._database = store.database
        self._within = within
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="console")
        self._engine = self._database.observers(threads + 1)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on one snapshot of the store; all that it does, also after the queries, is in that thread."""
        return await self.run(lambda: self.read_now(work))

    async def run(self, work: Callable[[], T]) -> T:
        """Run what needs no store in the same threads: it must not take more of the machine than looking does."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """In the thread that asks: for what looks for long and has one of its own."""
        try:
            with self._engine.begin() as connection, self._database.limited(connection, self._within):
                return work(connection)
        except Exception as error:
            problem = TookTooLong(self._within) if self._database.broken_off(error) else self._database.problem(error)
            if problem is error:
                raise
            raise problem from error

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._engine.dispose()


def version(connection: Connection) -> tuple[int, ...]:
    """What changes whenever something that people look at was written: the newest row of each history, and the lanes.

    Cheap at any size: each part is the end of an index or a small table.
    """
    parts = (
        "SELECT max(id) FROM messages",
        "SELECT max(id) FROM deliveries",
        "SELECT max(id) FROM calls",
        "SELECT count(ended_at) FROM (SELECT ended_at FROM calls ORDER BY id DESC LIMIT 50) AS newest",
        "SELECT max(id) FROM actions",
        "SELECT max(id) FROM rule_changes",
        "SELECT max(updated_at) FROM lanes",
        "SELECT max(id) FROM quarantine",
    )
    row = connection.exec_driver_sql("SELECT " + ", ".join(f"({part})" for part in parts)).one()
    return tuple(value or 0 for value in row)
