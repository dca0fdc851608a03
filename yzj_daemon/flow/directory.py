"""The directory: what rooms and contacts are called, as the vendor's lists tell it, account by account.

It takes a small part of the budget, one call at a time: no pull ever waits for more than one of its calls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

import msgspec
import structlog

from yzj_daemon.chat import CHAT_KINDS, Chat, ChatKind, ChatPage
from yzj_daemon.clock import MINUTE, SECOND, Clock, Millis
from yzj_daemon.delivery import Deferred, Fault, in_words
from yzj_daemon.flow.budget import Budget, Sleep
from yzj_daemon.storage import directory
from yzj_daemon.storage.directory import Renamed
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.directory")

SHARE: Final = 0.25
"""Of the budget, while pulls want it too."""

RETRY: Final = 5 * MINUTE
"""After a fault an account is read again so soon."""

MOST_PAGES: Final = 1_000
"""Of one list of one account; a platform that still has more is one that ignores the page number."""

BITE: Final = 500
"""Chats of one transaction: what was received must not wait for a long one."""

ListChats = Callable[[str, ChatKind, int], Awaitable[ChatPage | Fault]]
"""One page, from 1, of an account's rooms or contacts."""


class Read(msgspec.Struct, frozen=True):
    """An account's chats, per list that could be read, and a fault for each that could not."""

    chats: Mapping[ChatKind, tuple[Chat, ...]]
    faults: Mapping[ChatKind, Fault]

    @property
    def hopeless(self) -> Fault | None:
        """The fault that no other account would be spared either: none of the lists could be read for it."""
        if self.chats or not all(map(_concerns_all, self.faults.values())):
            return None
        return next(iter(self.faults.values()))

    @property
    def passing(self) -> bool:
        """Whether it may soon be better: not where an account is offline, or is refused."""
        return any(isinstance(fault, Deferred) and fault.reason != "offline" for fault in self.faults.values())


class Lists:
    """The rooms and contacts of an account, page by page within the budget. ``rest``: seconds after each call."""

    def __init__(
        self, list_chats: ListChats, budget: Budget, *, rest: float = 0.0, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._list_chats = list_chats
        self._budget = budget
        self._rest = rest
        self._sleep = sleep

    async def read(self, account: str) -> Read:
        """Both lists whole. One that cannot be read keeps the other from nothing."""
        chats: dict[ChatKind, tuple[Chat, ...]] = {}
        faults: dict[ChatKind, Fault] = {}
        for kind in CHAT_KINDS:
            found = await self._list(account, kind)
            if isinstance(found, tuple):
                chats[kind] = found
            else:
                faults[kind] = found
        return Read(chats, faults)

    async def _list(self, account: str, kind: ChatKind) -> tuple[Chat, ...] | Fault:
        """All of one list, each chat once."""
        known: dict[str, Chat] = {}
        for number in range(1, MOST_PAGES + 1):
            page = await self._page(account, kind, number)
            if not isinstance(page, ChatPage):
                return page
            fresh = {chat.id: chat for chat in page.chats if chat.id not in known}
            known |= fresh
            if page.last or not fresh:
                return tuple(known.values())
        return Deferred("transient", detail=f"still more of {kind} after {MOST_PAGES} pages")

    async def _page(self, account: str, kind: ChatKind, number: int) -> ChatPage | Fault:
        await self._budget.spend()
        page = await self._list_chats(account, kind, number)
        if isinstance(page, Deferred) and page.reason == "rate_limited":
            await self._budget.pause(MINUTE / SECOND)
        if self._rest:
            await self._sleep(self._rest)
        return page


class Synced(msgspec.Struct, frozen=True):
    """What one look at an account's lists brought."""

    read: Read
    new: int
    renamed: tuple[Renamed, ...]

    def count(self, kind: ChatKind) -> int:
        return len(self.read.chats.get(kind, ()))


class Directory:
    """Keeps the store's directory like the vendor's. ``every``: ms between two looks at an account's lists."""

    def __init__(
        self, store: Store, lists: Lists, accounts: Callable[[], tuple[str, ...]], *, every: Millis, clock: Clock
    ) -> None:
        self._store = store
        self._lists = lists
        self._accounts = accounts
        self._every = every / SECOND
        self._clock = clock
        self._due: dict[str, float] = {}
        self._due_again = float("-inf")

    async def tick(self) -> None:
        """Read the lists of every account whose turn has come: one that is new, at once."""
        for account in self._accounts():
            now = self._clock.monotonic()
            if now >= max(self._due_again, self._due.get(account, now)):
                await self._take_turn(account)

    async def _take_turn(self, account: str) -> None:
        synced = await self.sync(account)
        _tell(account, synced)
        again = min(self._every, RETRY / SECOND) if synced.read.passing else self._every
        self._due[account] = self._clock.monotonic() + again
        if synced.read.hopeless:
            self._due_again = self._due[account]

    async def sync(self, account: str) -> Synced:
        """Read an account's lists now. A list that cannot be read changes nothing."""
        began = self._clock.now()
        read = await self._lists.read(account)
        new = 0
        renamed: tuple[Renamed, ...] = ()
        for kind, chats in read.chats.items():
            for start in range(0, len(chats), BITE):
                bite = chats[start : start + BITE]
                learned = await self._store.write(partial(directory.learn, account=account, chats=bite, now=began))
                new += learned.new
                renamed += learned.renamed
            await self._store.write(partial(directory.unsee, account=account, kind=kind, before=began))
        return Synced(read, new, renamed)


def _tell(account: str, synced: Synced) -> None:
    for chat, name, earlier in synced.renamed:
        log.info("chat.renamed", chat=chat, name=name, earlier=earlier)
    for kind, fault in synced.read.faults.items():
        outcome, reason, detail = in_words(fault)
        log.warning("directory.unread", account=account, kind=kind, outcome=outcome, reason=reason, detail=detail)
    counts = {f"{kind}s": synced.count(kind) for kind in CHAT_KINDS}
    log.debug("directory.read", account=account, new=synced.new, **counts)


def _concerns_all(fault: Fault) -> bool:
    return isinstance(fault, Deferred) and fault.lane_wide and fault.reason != "offline"
