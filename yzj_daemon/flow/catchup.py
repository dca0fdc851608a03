"""Pulling chat logs: what callbacks missed, or everything where no callback can reach us.

Per log (an account's whole log, or that of one of its chats), by cursor, through the same intake as callbacks, so a
message seen both ways is one. The first pull of a log is a baseline: it only learns where the log ends, and nothing
of the past is ever decided. Every later pull reads a little again, for rows may come late; what is known by its id is
left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import NamedTuple, Protocol

import msgspec
import structlog

from yzj_daemon.clock import MINUTE, SECOND, Clock, Millis
from yzj_daemon.delivery import Fault, Refused, in_words
from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.flow.budget import Budget, Sleep
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
"""Questions on their way at once."""

STALE = 3
"""Pages in a row without anything new, after which a walk goes no further."""

TRIES = 3
"""How often a page is asked for before a walk is broken off. A 407 is waited out and counts as no try."""

RETRY_AFTER = 1.0
"""Seconds before a page is asked for again, doubling."""

PASSING = frozenset({"network", "transient", "timeout", "connection_lost", "http_5xx", "unreadable"})
"""Reasons of faults that may be gone the next moment."""

CHATS_EVERY = 60.0
"""Seconds between looks for new chats, where each chat is a log of its own."""


class Log(NamedTuple):
    """One log to read: of an account, or with ``chat`` of one of its conversations."""

    account: str
    chat: str = ""


class ChatLogs(Protocol):
    """The one thing a catch-up needs of the vendor (vendor page 11490706027814705)."""

    def __call__(self, account: str, *, cursor: str, page: int, chat: str, newer: bool) -> Awaitable[Page | Fault]:
        """The page of messages newer (or older) than ``cursor``; with ``""``, of the newest there are."""
        ...


class Mode(StrEnum):
    ACCOUNT = "account"
    CHAT = "chat"


class PullPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """``interval`` (ms) is the least time between two pulls of one log; None: as often as the budget allows.

    ``max_messages`` is where one catch-up of a log pauses; it goes on at its next turn. ``overlap`` (ms) is read
    again each time. ``fills_gaps``: callbacks are the usual way, so what only a pull brings was missed by them.
    """

    mode: Mode = Mode.ACCOUNT
    interval: Millis | None = 20 * SECOND
    page_size: int = 50
    per_minute: int = 300
    max_messages: int = 2000
    overlap: Millis = 30 * SECOND
    fills_gaps: bool = True

    def every(self, logs: int) -> Millis:
        """How often each of so many logs is pulled within the budget."""
        affordable = logs * MINUTE // max(1, self.per_minute)
        return max(affordable, SOONEST if self.interval is None else self.interval)


class Catchup:
    """``accounts`` answers the accounts to pull for; ``chats`` more chats to read, where each is a log of its own."""

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
        chats: Callable[[], frozenset[str]] = frozenset,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._intake = intake
        self._chat_logs = chat_logs
        self._budget = budget
        self._accounts = accounts
        self._chats = chats
        self._policy = policy
        self._clock = clock
        self._metrics = metrics
        self._sleep = sleep
        self._pulled_at: dict[Log, float] = {}
        self._pulling: dict[Log, asyncio.Task[None]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._known: frozenset[Log] = frozenset()
        self._known_at = float("-inf")
        self._direction_known = False

    async def tick(self) -> None:
        """Begin to pull every log whose turn has come, the longest waiting first. A long catch-up of one delays none.

        Raises:
            Exception: a pull that began in an earlier tick ended in a surprise.
        """
        for log_ in [log_ for log_, pull in self._pulling.items() if pull.done()]:
            self._pulling.pop(log_).result()
        logs = await self._logs()
        rest = self._policy.every(len(logs)) / SECOND
        now = self._clock.monotonic()
        due = [log_ for log_ in logs if now - self._pulled_at.get(log_, float("-inf")) >= rest]
        due.sort(key=lambda log_: self._pulled_at.get(log_, float("-inf")))
        for log_ in due:
            if log_ not in self._pulling:
                self._pulled_at[log_] = now
                pull = self._pull_or_tell(log_)
                self._pulling[log_] = asyncio.create_task(pull, name=f"pull {log_.account} {log_.chat}")

    async def settled(self) -> None:
        """Wait until the pulls that began have ended."""
        await asyncio.gather(*self._pulling.values())

    async def stop(self) -> None:
        """Break off what is being pulled: the next start reads it again."""
        for pull in self._pulling.values():
            pull.cancel()
        await asyncio.gather(*self._pulling.values(), return_exceptions=True)

    def soon(self) -> None:
        """Something may have been missed: the next tick pulls everything."""
        self._pulled_at.clear()

    async def pull(self, account: str, chat: str = "") -> int:
        """Catch up with one log; answers how many messages were taken in.

        Raises:
            StoreProblem: the store cannot be written. The cursor stays, so the next pull reads the same again.
        """
        log_ = Log(account, chat)
        cursor = await self._store.read(partial(inbox.cursor, account=account, chat=chat))
        if cursor is None:
            await self._baseline(log_)
            return 0
        taken = 0
        while True:
            walked = await self._walk(log_, cursor)
            taken += walked.taken
            reached = walked.reached()
            if reached is None:
                if walked.whole:
                    await self._move(log_, cursor)  # it stays where it is, and was pulled just now
                return taken
            cursor = cursor._replace(svrid=reached.svrid, sent_at=reached.sent_at or cursor.sent_at)
            await self._move(log_, cursor)
            if walked.complete or not walked.taken or taken >= self._policy.max_messages:
                return taken

    async def _logs(self) -> tuple[Log, ...]:
        accounts = self._accounts()
        if self._policy.mode is Mode.ACCOUNT:
            return tuple(Log(account) for account in accounts)
        if self._clock.monotonic() - self._known_at >= CHATS_EVERY:
            known = await self._store.read(inbox.conversations)
            self._known = frozenset(Log(account, chat) for account, chat in known)
            self._known_at = self._clock.monotonic()
        named = {Log(account, chat) for account in accounts for chat in self._chats()}
        return tuple(sorted({log_ for log_ in self._known if log_.account in set(accounts)} | named))

    async def _pull_or_tell(self, log_: Log) -> None:
        try:
            taken = await self.pull(*log_)
        except StoreProblem as problem:
            log.error("store.refused", account=log_.account, problem=str(problem))
            return
        if taken:
            log.info("pulled", account=log_.account, chat=log_.chat, messages=taken)

    async def _baseline(self, log_: Log) -> None:
        page = await self._ask(log_, "", 1)
        if not isinstance(page, Page):
            return
        newest = _newest(page.batch.originals)
        at = (newest.sent_at or 0) if newest else 0
        await self._move(log_, Cursor(svrid=newest.svrid if newest else "", sent_at=at, floor_at=at))
        log.info("pull.baseline", **log_._asdict(), messages=page.rows, newest=newest.svrid if newest else "")
        if not self._direction_known:
            await self._check_direction(log_, page.batch.originals)

    async def _check_direction(self, log_: Log, originals: Sequence[Original]) -> None:
        """The vendor's words for the two directions are ambiguous: what is newer must be newer."""
        dated = sorted((o for o in originals if o.svrid and o.sent_at), key=lambda o: o.sent_at or 0)
        if len({o.sent_at for o in dated}) < 2:
            return
        middle = dated[len(dated) // 2 - 1]
        page = await self._ask(log_, middle.svrid, 1)
        if not isinstance(page, Page):
            return
        others = [o for o in page.batch.originals if o.svrid != middle.svrid and o.sent_at is not None]
        newer = sum((o.sent_at or 0) > (middle.sent_at or 0) for o in others)
        if others:
            self._direction_known = True
        if others and newer * 2 < len(others):
            log.error(
                "pull.direction_wrong",
                todo="set pull.direction_newer to the other one of 1 and 2; nothing newer can be pulled until then",
                cursor=middle.svrid,
                newer=newer,
                older=len(others) - newer,
            )

    async def _walk(self, log_: Log, cursor: Cursor) -> "_Walked":
        """Page through what is newer than the cursor, which moves only when the walk is over.

        A platform that does not know the cursor any more is asked for its newest pages instead, back to its time.
        """
        settled = self._clock.now() - self._policy.overlap
        walked = _Walked(settled)
        number, start, stale = 1, cursor.svrid, 0
        while True:
            page = await self._ask(log_, start, number)
            if isinstance(page, _NotAccepted) and start:
                log.warning("pull.cursor_refused", **log_._asdict(), cursor=start, instead="the newest pages")
                number, start, walked = 1, "", _Walked(settled)
                continue
            if not isinstance(page, Page):
                return walked.broken_off()
            fresh = await self._fresh(log_.account, page.batch.originals, cursor)
            if fresh or page.batch.unreadable:
                await self._take(log_, Batch(tuple(fresh), page.batch.notices, page.batch.unreadable))
            news = walked.add(page.batch.originals, len(fresh), cursor)
            walked.complete = page.rows < self._policy.page_size or (not start and _reaches(page, cursor))
            stale = 0 if news else stale + 1
            if walked.complete or (walked.climbing and walked.taken >= self._policy.max_messages):
                return walked
            if stale == STALE:
                return self._stalled(log_, walked)
            number += 1

    def _stalled(self, log_: Log, walked: "_Walked") -> "_Walked":
        """More is said to be there, and page after page shows what was seen before.

        Either rows came in faster than pages were read, and pushed the same ones on from page to page; or the
        platform ignores the page number.
        """
        if not walked.nearest:
            log.error(
                "pull.stuck",
                **log_._asdict(),
                why="pages repeat themselves, and the first one does not begin at the cursor",
                todo="if it stays so: does the platform page by pull.param_names.page? a larger pull.page_size helps",
            )
        return walked

    async def _fresh(self, account: str, originals: tuple[Original, ...], cursor: Cursor) -> list[Original]:
        """What is neither the cursor itself, nor from before the baseline, nor known by its id."""
        rows = [
            o
            for o in originals
            if not (o.svrid and o.svrid == cursor.svrid) and (o.sent_at is None or o.sent_at >= cursor.floor_at)
        ]
        known = await self._store.read(partial(inbox.known, account=account, keys=[o.id for o in rows]))
        return sorted((o for o in rows if o.id not in known), key=lambda o: (o.sent_at or 0, o.svrid))

    async def _take(self, log_: Log, batch: Batch) -> None:
        done = self._intake.offer(batch, "pull", self._clock.now())
        if done is None:
            raise _full()
        result = await done
        if isinstance(result, StoreProblem):
            raise result
        if self._policy.fills_gaps:
            self._metrics.gap(len(batch.originals))
        ours = {(o.account, o.id) for o in batch.originals}
        old = sum(d.reason == "too_old" for d in result.decided if (d.message.account, d.message.id) in ours)
        if old:
            log.warning(
                "pull.too_old", **log_._asdict(), messages=old, todo="replay --since sends what is wanted of it"
            )

    async def _ask(self, log_: Log, cursor: str, number: int) -> "Page | _NotAccepted | None":
        """A page; ``_REFUSED`` when the platform does not accept the question; None when there is no answer now."""
        tries = 0
        while tries < TRIES:
            if tries:
                await self._sleep(RETRY_AFTER * 2 ** (tries - 1))
            answer = await self._ask_once(log_, cursor, number)
            if isinstance(answer, Page):
                return answer
            reason = in_words(answer)[1]
            if reason == "rate_limited":
                await self._budget.pause(MINUTE / SECOND)
            elif reason in PASSING:
                tries += 1
            else:
                return _REFUSED if isinstance(answer, Refused) else None
        return None

    async def _ask_once(self, log_: Log, cursor: str, number: int) -> Page | Fault:
        await self._budget.spend()
        async with self._gate:
            answer = await self._chat_logs(log_.account, cursor=cursor, page=number, chat=log_.chat, newer=True)
        if isinstance(answer, Page):
            self._metrics.pulled("ok")
            return answer
        name, reason, detail = in_words(answer)
        self._metrics.pulled(reason)
        log.warning("pull.failed", **log_._asdict(), page=number, outcome=name, reason=reason, detail=detail)
        return answer

    async def _move(self, log_: Log, cursor: Cursor) -> None:
        now = self._clock.now()
        await self._store.write(partial(inbox.move_cursor, account=log_.account, chat=log_.chat, at=cursor, now=now))


class _NotAccepted:
    """The platform refuses the question: it does not know the cursor, for one."""


_REFUSED = _NotAccepted()


def _reaches(page: Page, cursor: Cursor) -> bool:
    """Whether a page of the newest messages goes back to what was pulled before."""
    return any(o.svrid == cursor.svrid or (o.sent_at or 0) < cursor.sent_at for o in page.batch.originals)


class _Walked:
    """One walk over the pages behind a cursor. ``complete``: nothing more is to be read, now.

    ``settled``: what is older than that (ms) has nothing slip in before it any more.
    """

    def __init__(self, settled: Millis) -> None:
        self.taken = 0
        self.complete = False
        self._settled = settled
        self._ids: set[str] = set()
        self._newest: Original | None = None
        self._newest_settled: Original | None = None
        self._pages = 0
        self._first: list[str] = []
        self._same = True
        self._at_cursor = False
        self._highest: Millis = 0
        self._falls = False
        self._falls_within = False
        self._broken = False

    @property
    def whole(self) -> bool:
        """The log's end was seen, and no page is missing before it."""
        return self.complete and not self._broken

    @property
    def climbing(self) -> bool:
        """Each page was newer than the one before, so that nothing is missing below what was seen.

        One page alone does not tell: it may be the one next to the cursor, or the newest of many.
        """
        return self._pages > 1 and not self._falls

    @property
    def nearest(self) -> bool:
        """Whether the page shown over and over is the one next to the cursor: it holds the cursor's own row, or it
        goes from old to new and stays the same.
        """
        return self._at_cursor or (self._same and not self._falls_within)

    def add(self, originals: tuple[Original, ...], fresh: int, cursor: Cursor) -> bool:
        """Whether the page showed anything that this walk had not seen: a platform may ignore the page number.

        A page that the inbox knows already is no end: behind it may lie what an earlier walk did not reach.
        """
        before = len(self._ids)
        self._ids.update(o.id for o in originals)
        self.taken += fresh
        newer = [o for o in originals if o.svrid and o.svrid != cursor.svrid and (o.sent_at or 0) >= cursor.sent_at]
        self._newest = _newest([*newer, *_some(self._newest)])
        settled = [o for o in newer if (o.sent_at or 0) <= self._settled]
        self._newest_settled = _newest([*settled, *_some(self._newest_settled)])
        self._climb([o.sent_at for o in originals if o.sent_at is not None])
        ids = [o.id for o in originals]
        self._first = self._first or ids
        self._same = self._same and ids == self._first
        self._at_cursor = self._at_cursor or any(o.svrid and o.svrid == cursor.svrid for o in originals)
        return len(self._ids) > before

    def _climb(self, times: list[Millis]) -> None:
        self._pages += 1
        self._falls_within = self._falls_within or times != sorted(times)
        self._falls = self._falls or min(times, default=self._highest) < self._highest
        self._highest = max([self._highest, *times])

    def reached(self) -> Original | None:
        """Where the next walk begins, or None: where this one did.

        After a whole walk, at the newest row that is old enough for nothing to slip in before it any more. After one
        that paused or stalled at the newest one seen, to get on, if nothing can be missing below it.
        """
        if self._broken and not self.climbing:
            return None
        if self.complete:
            return self._newest_settled
        return self._newest if self.climbing or self.nearest else None

    def broken_off(self) -> "_Walked":
        """A page is missing. Where pages go from new to old, the gap lies before the newest: the cursor must stay."""
        self.complete = self._broken = True
        return self


def _some(original: Original | None) -> tuple[Original, ...]:
    return () if original is None else (original,)


def _newest(originals: Sequence[Original]) -> Original | None:
    return max(originals, key=lambda o: (o.sent_at or 0, len(o.svrid), o.svrid), default=None)


def _full() -> StoreProblem:
    return StoreProblem(Phrase("收件队列已满, 稍后再拉取", "intake is full; this will be pulled again later"))
