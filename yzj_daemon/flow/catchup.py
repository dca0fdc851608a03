"""Pulling chat logs: what callbacks missed, or everything where no callback can reach us.

Per account, by cursor, through the same intake as callbacks, so a message seen both ways is one. The first pull of
an account is a baseline: it only learns where the log ends, and nothing of the past is ever decided.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog

from yzj_daemon.clock import MINUTE, SECOND, Clock, Millis
from yzj_daemon.delivery import Fault, in_words
from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.flow.budget import Budget
from yzj_daemon.flow.intake import Intake
from yzj_daemon.message import Batch, Original, Page
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.storage import inbox
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.inbox import Cursor

log = structlog.get_logger("yzj_daemon.catchup")

SOONEST: Millis = 2 * SECOND
"""An account that lives on polling alone is pulled this often, when the budget allows."""

AT_ONCE = 8
"""Accounts pulled side by side."""


class ChatLogs(Protocol):
    """The one thing a catch-up needs of the vendor (vendor page 11490706027814705)."""

    def __call__(self, account: str, *, cursor: str, page: int) -> Awaitable[Page | Fault]:
        """The page of messages newer than ``cursor``; with ``""``, of the newest there are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PullPolicy:
    """``interval`` (ms) is the least time between two pulls of one account; None: as often as the budget allows.

    ``max_messages`` is where one catch-up of an account pauses; it goes on at its next turn.
    """

    interval: Millis | None = 20 * SECOND
    page_size: int = 50
    per_minute: int = 300
    max_messages: int = 2000

    def every(self, accounts: int) -> Millis:
        """How often each of so many accounts is pulled within the budget."""
        affordable = accounts * MINUTE // max(1, self.per_minute)
        return max(affordable, SOONEST if self.interval is None else self.interval)


class Catchup:
    def __init__(
        self,
        store: Store,
        intake: Intake,
        chat_logs: ChatLogs,
        budget: Budget,
        accounts: Callable[[], tuple[str, ...]],
        policy: PullPolicy,
        *,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._intake = intake
        self._chat_logs = chat_logs
        self._budget = budget
        self._accounts = accounts
        self._policy = policy
        self._clock = clock
        self._metrics = metrics
        self._pulled_at: dict[str, float] = {}
        self._paid: set[str] = set()

    async def tick(self) -> None:
        """Pull every account whose turn has come, the longest waiting first, as far as the budget goes."""
        accounts = self._accounts()
        rest = self._policy.every(len(accounts)) / SECOND
        now = self._clock.monotonic()
        due = [a for a in accounts if now - self._pulled_at.get(a, float("-inf")) >= rest]
        due.sort(key=lambda account: self._pulled_at.get(account, float("-inf")))
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for account in due:
                if not self._budget.take():  # paid in turn, before they run side by side
                    self._metrics.pulled("no_budget")
                    break
                self._paid.add(account)
                self._pulled_at[account] = now
                tasks.create_task(self._pull_gated(account, gate), name=f"pull {account}")

    def soon(self, account: str | None = None) -> None:
        """Something may have been missed: the next tick pulls this account, or all of them."""
        if account is None:
            self._pulled_at.clear()
        else:
            self._pulled_at.pop(account, None)

    async def pull(self, account: str) -> int:
        """Catch up with one account; answers how many messages were taken in.

        Raises:
            StoreProblem: the store cannot be written. The cursor stays, so the next pull reads the same again.
        """
        cursor = await self._store.read(partial(inbox.cursor, account=account))
        if cursor is None:
            await self._baseline(account)
            return 0
        taken = 0
        while True:
            walked = await self._walk(account, cursor)
            taken += walked.taken
            if walked.newest is None:
                return taken
            cursor = cursor._replace(svrid=walked.newest.svrid, sent_at=walked.newest.sent_at or cursor.sent_at)
            await self._move(account, cursor)
            if walked.complete or not walked.taken or taken >= self._policy.max_messages:
                return taken

    async def _pull_gated(self, account: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            try:
                taken = await self.pull(account)
            except StoreProblem as problem:
                log.error("store.refused", account=account, problem=str(problem))
                return
            if taken:
                log.info("pulled", account=account, messages=taken)

    async def _baseline(self, account: str) -> None:
        page = await self._ask(account, "", 1)
        if page is None:
            return
        newest = _newest(page.batch.originals)
        at = (newest.sent_at or 0) if newest else 0
        await self._move(account, Cursor(svrid=newest.svrid if newest else "", sent_at=at, floor_at=at))
        log.info("pull.baseline", account=account, messages=page.rows, newest=newest.svrid if newest else "")

    async def _walk(self, account: str, cursor: Cursor) -> "_Walked":
        """Page through what is newer than the cursor, which moves only when the walk is over."""
        walked = _Walked()
        number = 1
        while True:
            page = await self._ask(account, cursor.svrid, number)
            if page is None:
                return walked.broken_off()
            fresh = await self._fresh(account, page.batch.originals, cursor)
            if fresh or page.batch.unreadable:
                await self._take(Batch(tuple(fresh), page.batch.notices, page.batch.unreadable))
            news = walked.add(page.batch.originals, len(fresh), cursor)
            walked.complete = page.rows < self._policy.page_size
            if walked.complete or not news or (walked.ascending and walked.taken >= self._policy.max_messages):
                return walked
            number += 1

    async def _fresh(self, account: str, originals: tuple[Original, ...], cursor: Cursor) -> list[Original]:
        """What is neither the cursor itself, nor from before the baseline, nor known by its id."""
        rows = [
            o
            for o in originals
            if not (o.svrid and o.svrid == cursor.svrid) and (o.sent_at is None or o.sent_at >= cursor.floor_at)
        ]
        known = await self._store.read(partial(inbox.known, account=account, keys=[o.id for o in rows]))
        return sorted((o for o in rows if o.id not in known), key=lambda o: (o.sent_at or 0, o.svrid))

    async def _take(self, batch: Batch) -> None:
        done = self._intake.offer(batch, "pull", self._clock.now())
        if done is None:
            raise _full()
        result = await done
        if isinstance(result, StoreProblem):
            raise result

    async def _ask(self, account: str, cursor: str, number: int) -> Page | None:
        if account in self._paid:
            self._paid.discard(account)
        elif not self._budget.take():
            self._metrics.pulled("no_budget")
            return None
        answer = await self._chat_logs(account, cursor=cursor, page=number)
        if isinstance(answer, Page):
            self._metrics.pulled("ok")
            return answer
        name, reason, detail = in_words(answer)
        self._metrics.pulled(reason)
        if reason == "rate_limited":
            self._budget.pause(MINUTE / SECOND)
        log.warning("pull.failed", account=account, outcome=name, reason=reason, detail=detail)
        return None

    async def _move(self, account: str, cursor: Cursor) -> None:
        now = self._clock.now()
        await self._store.write(partial(inbox.move_cursor, account=account, chat="", at=cursor, now=now))


class _Walked:
    """One walk over the pages behind a cursor. ``complete``: the log's end was seen."""

    def __init__(self) -> None:
        self.newest: Original | None = None
        self.taken = 0
        self._ids: set[str] = set()
        self.ascending = True
        self.complete = False

    def add(self, originals: tuple[Original, ...], fresh: int, cursor: Cursor) -> bool:
        """Whether the page showed anything that this walk had not seen: a platform may ignore the page number.

        A page that the inbox knows already is no end: behind it may lie what an earlier walk did not reach.
        """
        before = len(self._ids)
        self._ids.update(o.id for o in originals)
        self.taken += fresh
        newer = [o for o in originals if o.svrid and o.svrid != cursor.svrid and (o.sent_at or 0) >= cursor.sent_at]
        self.newest = _newest((*newer, self.newest) if self.newest else newer)
        times = [o.sent_at for o in originals if o.sent_at is not None]
        self.ascending = self.ascending and times == sorted(times)
        return len(self._ids) > before

    def broken_off(self) -> "_Walked":
        """A page is missing. Rows from new to old: the gap lies before the newest, so the cursor must not move."""
        self.complete = True
        if not self.ascending:
            self.newest = None
        return self


def _newest(originals: Sequence[Original]) -> Original | None:
    return max(originals, key=lambda o: (o.sent_at or 0, len(o.svrid), o.svrid), default=None)


def _full() -> StoreProblem:
    return StoreProblem(Phrase("收件队列已满, 稍后再拉取", "intake is full; this will be pulled again later"))
