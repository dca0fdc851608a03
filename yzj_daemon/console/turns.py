"""Whose turn it is, where one thing at a time is done for all."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

from yzj_daemon.ops.yielding import giving_way

T = TypeVar("T")


class Turns:
    """One at a time, and of one person's the newest alone: what was typed since makes the others useless."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._numbers = count()
        self._newest: dict[str, int] = {}

    async def take(self, who: str, work: Callable[[], Awaitable[T]]) -> T | None:
        """None: a newer one came while this one waited."""
        mine = self._newest[who] = next(self._numbers)
        async with self._one:
            if self._newest.get(who) != mine:
                return None
            try:
                with giving_way():
                    return await work()
            finally:
                if self._newest.get(who) == mine:
                    del self._newest[who]
