"""Couriers: one loop a lane, one call at a time, never closer than the pace to the previous answer.

The pace is kept on the monotonic clock, which nobody can set. What a restart must know is in the store; a fresh
process cannot know when the last one's answer came, so no lane sends before one full gap after its start.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.delivery import Call, Deferred, Delivery, Outcome, RetryPolicy, Sent, in_words
from yzj_daemon.errors import StoreProblem
from yzj_daemon.flow.fleet import Fleet
from yzj_daemon.lane import Lane, Pace
from yzj_daemon.ops import logs
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.ops.traces import Traces
from yzj_daemon.settings.model import Forward as Forwarding
from yzj_daemon.storage import daemons, lanes, outbox
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.courier")

T = TypeVar("T")

LOOK_EVERY = 10.0
"""Seconds between looks through the store for lanes that owe something."""

LOOK_EVERY_SHARED = 2.0
"""The same where other daemons write what this one carries."""

LONGEST_NAP = 30.0
"""Seconds a lane sleeps at most before it looks again: a wall clock that jumps costs no more than that."""

STORE_PAUSE = 1.0
"""Seconds between tries while the store cannot be written."""


HEADSTART = 0.005
"""Seconds before the end of a gap at which the next call is written down, so that it leaves when the gap ends, and not
when a commit after that does."""


class Forward(Protocol):
    """The one thing a courier needs of the vendor. Every fault is an outcome; nothing is raised."""

    def __call__(self, call: Call) -> Awaitable[Outcome]: ...


class CourierPolicy(msgspec.Struct, frozen=True):
    pace: Pace
    caps: lanes.Caps
    retry: RetryPolicy


def caps_of(forward: Forwarding) -> lanes.Caps:
    return lanes.Caps(
        per_minute=forward.per_minute,
        per_hour=forward.per_hour,
        per_day=forward.per_day,
        chat_gap=forward.chat_gap,
        max_targets=forward.max_targets,
    )


class _Lane:
    """One lane in this process: when it may call next (monotonic seconds), and how to rouse it."""

    def __init__(self, since: float) -> None:
        self.since = since
        self.state: Lane | None = None  # None: not yet asked of the store
        self.ready_at = 0.0
        self.answered_at: float | None = None
        self.running = False
        self.turned_at = 0.0  # when it last began a step or a wait
        self.roused = False
        self._nap: asyncio.Future[None] | None = None
        self._pacing = False
        self.dropped = False  # another daemon's by now

    async def sleep(self, seconds: float, *, pacing: bool = False) -> None:
        """Sleep; new work rouses it, unless it sleeps for the pace, which is nobody's to shorten."""
        loop = asyncio.get_running_loop()
        self._nap, self._pacing = loop.create_future(), pacing
        timer = loop.call_later(min(seconds, LONGEST_NAP), self.halt)
        try:
            await self._nap
        finally:
            timer.cancel()
            self._nap = None

    def rouse(self) -> None:
        self.roused = True
        if not self._pacing:
            self.halt()

    def halt(self) -> None:
        """End any sleep."""
        if self._nap is not None and not self._nap.done():
            self._nap.set_result(None)


class Courier:
    """Carries what the outbox owes. ``roll`` answers a number in [0, 1) for each jitter.

    ``fleet``: this daemon among those that share the store; then only its own lanes are driven, and nothing leaves once
    another may have taken them.
    """

    def __init__(
        self,
        store: Store,
        forward: Forward,
        policy: CourierPolicy,
        *,
        clock: Clock,
        metrics: Metrics,
        roll: Callable[[], float],
        traces: Traces | None = None,
        fleet: Fleet | None = None,
    ) -> None:
        self._store = store
        self._forward = forward
        self._policy = policy
        self._clock = clock
        self._metrics = metrics
        self._roll = roll
        self._traces = traces
        self._fleet = fleet
        self._lanes: dict[str, _Lane] = {}
        self._started_at = clock.monotonic()
        self._tasks: asyncio.TaskGroup | None = None
        self._stopping = asyncio.Event()

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Drive every lane that owes something, until :meth:`stop`; returns when no call is in flight.

        Raises:
            ExceptionGroup: a lane's loop died of a surprise. The process must not live on.
        """
        async with asyncio.TaskGroup() as self._tasks:
            while not self._stopping.is_set():
                beat()
                self.wake(await self._owing())
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY if self._fleet is None else LOOK_EVERY_SHARED):
                        await self._stopping.wait()
            for lane in self._lanes.values():
                lane.halt()

    def wake(self, accounts: Iterable[str]) -> None:
        """These accounts owe something. A hint: the store is looked through all the same, every few seconds."""
        if self._tasks is None or self._stopping.is_set():
            return
        for account in accounts:
            if self._fleet is not None and not self._fleet.serves(account):
                continue
            lane = self._lanes.setdefault(account, _Lane(self._clock.monotonic()))
            lane.rouse()
            if not lane.running and not lane.dropped:
                lane.running, lane.turned_at = True, self._clock.monotonic()
                self._tasks.create_task(self._drive(account, lane), name=f"lane {account}")

    def drop(self, accounts: Iterable[str]) -> None:
        """These lanes are ours no more; a call on its way is waited for."""
        for account in accounts:
            lane = self._lanes.get(account)
            if lane is None:
                continue
            if not lane.running:
                del self._lanes[account]
            lane.dropped = True
            lane.halt()

    def stop(self) -> None:
        """Begin no further call. Those in flight are waited for: a shutdown is not an attempt."""
        self._stopping.set()

    def stuck(self, longest: float) -> tuple[str, ...]:
        """Accounts whose lane has been at one thing for ``longest`` seconds; a wait is never that long."""
        now = self._clock.monotonic()
        return tuple(a for a, lane in self._lanes.items() if lane.running and now - lane.turned_at > longest)

    async def _owing(self) -> tuple[str, ...]:
        try:
            if self._fleet is None:
                return await self._store.read(outbox.accounts_owing)
            return await self._store.read(partial(daemons.owing, daemon=self._fleet.number or 0))
        except StoreProblem as problem:
            log.error("store.unreadable", problem=str(problem))
            return ()

    async def _drive(self, account: str, lane: _Lane) -> None:
        try:
            if lane.state is None:
                await self._recall(account, lane)
            while await self._step(account, lane):
                pass
        finally:
            lane.running = False
        if lane.dropped:
            del self._lanes[account]
            self.wake([account])  # it may be ours again

    async def _recall(self, account: str, lane: _Lane) -> None:
        """Where the store says this lane stood, and a full gap at the least from our start, or since it became ours."""
        stored = await self._store_surely(lane, partial(lanes.get, account=account))
        pace = self._policy.pace
        remembered = min(max(0, stored.next_at - self._clock.now()), pace.longest_wait(stored))
        lane.state = stored
        since = self._started_at if self._fleet is None else lane.since
        lane.ready_at = max(
            since + pace.gap / SECOND,
            self._clock.monotonic() + remembered / SECOND,
        )

    async def _step(self, account: str, lane: _Lane) -> bool:
        """One call, or one wait; false when the lane has nothing to do."""
        while not self._over(lane) and (left := self._left(lane) - HEADSTART) > 0:
            await self._rest(lane, left)
        if self._over(lane):
            return False
        lane.roused = False
        number = None if self._fleet is None else self._fleet.number
        if self._fleet is not None and number is None:
            return False
        begun = await self._begin(account, lane, number)
        if isinstance(begun, lanes.Lost):
            return False
        if isinstance(begun, Call):
            await self._carry(begun, lane, number)
        elif begun.until is None:
            return lane.roused
        elif not lane.roused:
            lane.turned_at = self._clock.monotonic()
            await lane.sleep(max(0.001, (begun.until - self._clock.now()) / SECOND))
        return True

    def _left(self, lane: _Lane) -> float:
        """Seconds until the lane may call."""
        return lane.ready_at - self._clock.monotonic()

    async def _rest(self, lane: _Lane, seconds: float) -> None:
        lane.turned_at = self._clock.monotonic()
        await lane.sleep(seconds, pacing=True)

    def _over(self, lane: _Lane) -> bool:
        return self._stopping.is_set() or lane.dropped

    async def _begin(self, account: str, lane: _Lane, number: int | None) -> Call | lanes.Wait | lanes.Lost:
        """Tried until the store says what became of it: a commit whose answer got lost may have begun a call."""
        begin = partial(lanes.begin, account=account, pace=self._policy.pace, caps=self._policy.caps, daemon=number)
        failed = False
        while True:
            lane.turned_at = self._clock.monotonic()
            leaves_at = self._clock.now() + math.ceil(max(0.0, self._left(lane)) * SECOND)
            try:
                return await self._store.write(partial(begin, now=leaves_at, after_failure=failed))
            except StoreProblem as problem:
                log.error("store.refused", problem=str(problem))
                failed = True
                await asyncio.sleep(STORE_PAUSE)

    async def _send(self, call: Call) -> Outcome:
        """Nothing leaves once another daemon may have the lane: whatever held this one up since the call began."""
        if self._fleet is not None and not self._fleet.leased():
            return Deferred("transient", lane_wide=True, detail="the lease of this daemon ran out before the call left")
        return await self._forward(call)

    async def _carry(self, call: Call, lane: _Lane, number: int | None) -> None:
        while (left := self._left(lane)) > 0:  # whoever wants it to end: the call is written down, so it is made
            await self._rest(lane, left)
        began = self._clock.monotonic()
        if lane.answered_at is not None:
            self._metrics.pace_gap(began - lane.answered_at)
        lane.turned_at = began
        outcome = await self._send(call)
        lane.answered_at = self._clock.monotonic()
        now = self._clock.now()
        state = (lane.state or Lane(account=call.account)).after(outcome, now, self._policy.pace, self._roll())
        lane.state, lane.ready_at = state, lane.answered_at + (state.next_at - now) / SECOND
        self._report(call, outcome, lane.answered_at - began, state)
        if self._traces is not None:
            self._traces.called(call, outcome, now - round((lane.answered_at - began) * SECOND), now)
        after = self._after(call, outcome, now)
        finish = partial(lanes.finish, call=call, outcome=outcome, lane=state, deliveries=after, now=now, daemon=number)
        if not await self._store_surely(lane, finish):
            log.error("call.overtaken", call=str(call.id), account=call.account, why="another daemon has this lane now")

    def _after(self, call: Call, outcome: Outcome, now: Millis) -> list[Delivery]:
        shared = len(call.deliveries) > 1
        return [d.after(outcome, now, self._policy.retry, shared=shared, roll=self._roll()) for d in call.deliveries]

    async def _store_surely(self, lane: _Lane, work: Callable[[Connection], T]) -> T:
        """Write, and keep trying while the store is away: an outcome that is known must not be forgotten."""
        while True:
            lane.turned_at = self._clock.monotonic()
            try:
                return await self._store.write(work)
            except StoreProblem as problem:
                log.error("store.refused", problem=str(problem))
                await asyncio.sleep(STORE_PAUSE)

    def _report(self, call: Call, outcome: Outcome, seconds: float, lane: Lane) -> None:
        name, reason, detail = in_words(outcome)
        self._metrics.called(name, reason, seconds)
        told = {
            "call": str(call.id),
            "account": call.account,
            "message": str(call.message_id),
            "chats": call.chats,
            "type": call.type,
            "outcome": name,
            "reason": reason,
            "detail": detail,
            "seconds": round(seconds, 3),
            "lane": lane.state.value,
        }
        if isinstance(outcome, Sent):
            logs.many("yzj_daemon.courier", "call.ended", [told])
        else:
            log.warning("call.ended", **told)
