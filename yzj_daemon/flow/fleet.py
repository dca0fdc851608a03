"""Several daemons on one store: which lanes are this one's, and what is done by one for all.

Every second it says that it lives and looks for its share of the lanes. What it wants the others to know at once it
tells through the store; they would find out by themselves a little later.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Final, Protocol

import msgspec
import structlog
from sqlalchemy import Connection

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.errors import StoreProblem
from yzj_daemon.storage import daemons
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.fleet")

TURN: Final = 1.0
"""Seconds between two looks."""


class Listen(Protocol):
    """Hears what is published on the store's channel, from now on. Ends with a StoreProblem when nobody can listen."""

    def __call__(self, heard: Callable[[str], None]) -> Awaitable[None]: ...


class StoreClock(Clock, Protocol):
    """A clock that is set by the store's."""

    def set(self, now: Millis, at: float) -> None:
        """It was ``now`` at ``at`` (monotonic seconds)."""


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """What the rest of the daemon does when lanes come and go. ``carry``: these owe something, or may."""

    carry: Callable[[Iterable[str]], None]
    drop: Callable[[Iterable[str]], None]
    rules: Callable[[], None] = msgspec.field(default=lambda: None)


class Fleet:
    """This daemon among those that share its store. ``rules_hash`` answers which rule set it decides by."""

    def __init__(
        self,
        store: Store,
        name: str,
        version: str,
        rules_hash: Callable[[], str],
        *,
        clock: StoreClock,
    ) -> None:
        self.owned: frozenset[str] = frozenset()
        """The accounts whose lanes are ours."""
        self.first = False
        """Whether this one does what one does for all."""
        self.alive: tuple[daemons.Daemon, ...] = ()
        """All that live, as of the last look; this one among them."""
        self.number: int | None = None
        """Ours, as long as our lease runs: with what is written under an older one nothing can be finished."""
        self.duties = Duties(carry=lambda _: None, drop=lambda _: None)
        self._store = store
        self._name = name
        self._version = version
        self._rules_hash = rules_hash
        self._clock = clock
        self._ends_at = float("-inf")
        self._lease: int | None = None  # as the store's writer has it
        self._soon = asyncio.Event()
        self._telling: set[asyncio.Task[None]] = set()  # until they are done

    def serves(self, account: str) -> bool:
        return account in self.owned

    def leased(self) -> bool:
        """Whether nobody else can have taken our lanes yet: what is sent now is ours to send."""
        return self._clock.monotonic() < self._ends_at

    def wake(self, accounts: Iterable[str]) -> None:
        """These owe something: ours are carried, of the others their daemons are told."""
        accounts = set(accounts)
        self.duties.carry(accounts & self.owned)
        if others := accounts - self.owned:
            self.tell(daemons.LANE + account for account in others)

    def tell(self, news: Iterable[str]) -> None:
        """Let the other daemons know. Should it not reach them, they find out by themselves."""
        task = asyncio.get_running_loop().create_task(self._tell(frozenset(news)))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, news: frozenset[str]) -> None:
        try:
            await self._store.write(lambda connection: daemons.tell(connection, news))
        except StoreProblem as problem:
            log.warning("news.untold", problem=str(problem), still="the others look by themselves")

    async def run(self, listen: Listen, beat: Callable[[], None] = lambda: None) -> None:
        """Live among the others, until it is cancelled."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._listen(listen))
            while True:
                beat()
                await self.turn()
                try:
                    async with asyncio.timeout(TURN):
                        await self._soon.wait()
                except TimeoutError:
                    continue
                self._soon.clear()

    async def turn(self) -> None:
        """Say that we live, and take our share."""
        began = self._clock.monotonic()
        try:
            seen = await self._store.write(self._look)
        except StoreProblem as problem:
            if not self.leased() and self.owned:
                log.error("lanes.lost", lanes=len(self.owned), problem=str(problem))
                self._let_go(self.owned)
            return
        self._ends_at = began + daemons.LEASE / SECOND
        self._clock.set(seen.now, seen.at)
        self._take_up(seen)

    def _look(self, connection: Connection) -> "_Seen":
        at = self._clock.monotonic()
        now = daemons.clock(connection)
        at = (at + self._clock.monotonic()) / 2
        hash_ = self._rules_hash()
        if self._lease is None or not daemons.renew(connection, self._lease, hash_):
            self._lease = daemons.join(connection, self._name, self._version, hash_)
        share = daemons.share(connection, self._lease, now)
        return _Seen(self._lease, now, at, share)

    def _take_up(self, seen: "_Seen") -> None:
        if seen.number != self.number:
            if self.number is not None:
                log.error("lease.lost", was=self.number, now=seen.number, why="it was not renewed in time")
            self._let_go(self.owned)
            self.number = seen.number
        share = seen.share
        gone = self.owned - share.owned
        if gone:
            self._let_go(gone)
            self.tell([daemons.FREE])
        new = share.owned - self.owned
        self.owned, self.first, self.alive = share.owned, share.first, share.alive
        if share.interrupted:
            log.warning(
                "deliveries.unknown", deliveries=share.interrupted, why="their daemon went while they were sent"
            )
        if new:
            log.info("lanes.taken", lanes=len(new), owned=len(self.owned), daemons=len(share.alive))
            self.duties.carry(new)

    def _let_go(self, accounts: Collection[str]) -> None:
        self.owned -= frozenset(accounts)
        self.duties.drop(accounts)

    async def leave(self) -> None:
        """In good order: others take our lanes at once."""
        self.number, self._ends_at = None, float("-inf")
        self._let_go(self.owned)
        try:
            await self._store.write(self._leave)
        except StoreProblem as problem:
            log.warning("lease.left_to_run_out", problem=str(problem))

    def _leave(self, connection: Connection) -> None:
        """Whatever look came before it, also one that nobody waited for any more."""
        if self._lease is not None:
            daemons.leave(connection, self._lease)
            daemons.tell(connection, [daemons.FREE])

    async def _listen(self, listen: Listen) -> None:
        while True:
            try:
                await listen(self._heard)
            except StoreProblem as problem:
                log.warning("news.unheard", problem=str(problem), still="looked for every second")
            await asyncio.sleep(TURN)

    def _heard(self, news: str) -> None:
        if news.startswith(daemons.LANE):
            account = news.removeprefix(daemons.LANE)
            if account in self.owned:
                self.duties.carry([account])
            else:
                self._soon.set()  # it may be new, and nobody's yet
        elif news == daemons.FREE:
            self._soon.set()
        elif news == daemons.RULES:
            self.duties.rules()


class _Seen(msgspec.Struct, frozen=True):
    number: int
    now: Millis
    at: float
    share: daemons.Share
