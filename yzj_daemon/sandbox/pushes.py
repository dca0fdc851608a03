"""Callbacks: encrypted, sent once, one second to answer, never repeated (vendor page 11490692518660567)."""

import asyncio
import gzip
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, Literal

from yzj_daemon.sandbox import wire
from yzj_daemon.sandbox.behaviour import Behaviour
from yzj_daemon.sandbox.cipher import body as sealed_body
from yzj_daemon.sandbox.clock import Clock
from yzj_daemon.sandbox.post import Posted, Poster, address
from yzj_daemon.sandbox.world import Record

PUSHES_KEPT = 200_000
CHINA_MS = 8 * 3_600_000
DAY_MS = 86_400_000

Outcome = Literal["answered", "late", "failed", "lost", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push and its end. ``lost``: never sent (drop probability); ``stopped``: callbacks are shut off today."""

    index: int
    accounts: tuple[str, ...]
    messages: int
    outcome: Outcome
    status: int | None
    ms: float
    at: int

    def row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Packet:
    url: str
    plain: bytes
    accounts: tuple[str, ...]
    messages: int


class Pusher:
    """``behaviour`` is asked anew for every push. ``key`` is the 32 bytes that encrypt."""

    def __init__(self, behaviour: Callable[[], Behaviour], key: bytes, clock: Clock, seed: int = 0) -> None:
        self._behaviour = behaviour
        self._key = key
        self._clock = clock
        self._dice = Random(seed)  # noqa: S311 - scripted chance, not a secret
        self._poster = Poster()
        self._queue: deque[_Packet] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self.done: deque[Push] = deque(maxlen=PUSHES_KEPT)
        self.total = 0
        self.outcomes: dict[str, int] = {}
        self._late_day = -1
        self._late = 0

    def messages(self, records: Sequence[Record], *, batch: bool = False) -> None:
        """Pushes records: each in a body of its own, or all of an address in one."""
        behaviour = self._behaviour()
        if not behaviour.callbacks:
            return
        groups = _by_address(records, behaviour) if batch else [(_url(r.account, behaviour), [r]) for r in records]
        packets = [_packet(url, group, behaviour) for url, group in groups if url]
        self._submit(self._in_order(packets, behaviour), behaviour)

    def notifications(self, made: Sequence[bytes], account: str) -> None:
        """Pushes notifications that are no chat messages, in one body."""
        behaviour = self._behaviour()
        url = _url(account, behaviour)
        if behaviour.callbacks and url:
            self._submit([_Packet(url, wire.packet(made), (account,), 0)], behaviour)

    def _in_order(self, packets: list[_Packet], behaviour: Behaviour) -> list[_Packet]:
        if behaviour.push_order == "shuffled":
            self._dice.shuffle(packets)
        return packets[::-1] if behaviour.push_order == "reversed" else packets

    def _submit(self, packets: list[_Packet], behaviour: Behaviour) -> None:
        for packet in packets:
            if self._dice.random() < behaviour.drop_probability:
                self._end(packet, "lost")
                continue
            self._queue.append(packet)
            if self._dice.random() < behaviour.duplicate_probability:
                self._queue.append(packet)
        self._hire(behaviour)

    def _hire(self, behaviour: Behaviour) -> None:
        while len(self._workers) < min(behaviour.push_concurrency, len(self._queue)):
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._left)

    def _left(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if self._queue:
            self._hire(self._behaviour())
        elif not self._workers:
            self._idle.set()

    async def _work(self) -> None:
        while self._queue and len(self._workers) <= self._behaviour().push_concurrency:
            await self._push(self._queue.popleft())

    async def _push(self, packet: _Packet) -> None:
        behaviour = self._behaviour()
        if self._is_stopped(behaviour):
            self._end(packet, "stopped")
            return
        body = sealed_body(packet.plain, self._key, behaviour.body_form)
        posted = await self._poster.post(
            address(packet.url),
            gzip.compress(body) if behaviour.gzip else body,
            timeout_ms=behaviour.push_timeout,
            keepalive=behaviour.push_keepalive,
            encoding="gzip" if behaviour.gzip else "",
        )
        self._count_late(posted, behaviour)
        self._end(packet, posted.outcome, posted.status, posted.ms)

    def _is_stopped(self, behaviour: Behaviour) -> bool:
        today = (self._clock.wall() + CHINA_MS) // DAY_MS
        if today != self._late_day:
            self._late_day, self._late = today, 0
        return bool(behaviour.late_limit) and self._late > behaviour.late_limit

    def _count_late(self, posted: Posted, behaviour: Behaviour) -> None:
        errors = behaviour.late_counts_errors and posted.status is not None and not 200 <= posted.status < 300
        self._late += posted.outcome == "late" or errors

    def _end(self, packet: _Packet, outcome: Outcome, status: int | None = None, ms: float = 0.0) -> None:
        self.done.append(
            Push(
                index=self.total,
                accounts=packet.accounts,
                messages=packet.messages,
                outcome=outcome,
                status=status,
                ms=ms,
                at=self._clock.wall(),
            )
        )
        self.total += 1
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    @property
    def waiting(self) -> int:
        return len(self._queue) + len(self._workers)

    @property
    def late_today(self) -> int:
        return self._late

    def is_stopped(self) -> bool:
        """Whether callbacks are shut off for the rest of the day."""
        return self._is_stopped(self._behaviour())

    async def idle(self) -> None:
        """Returns once nothing waits to be pushed and every push has its end."""
        while self._queue or self._workers:
            self._idle.clear()
            await self._idle.wait()

    async def close(self) -> None:
        self._queue.clear()
        for worker in list(self._workers):
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._poster.close()


def _url(account: str, behaviour: Behaviour) -> str:
    return behaviour.test_callback_url if account in behaviour.test_accounts else behaviour.callback_url


def _by_address(records: Sequence[Record], behaviour: Behaviour) -> list[tuple[str, list[Record]]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(_url(record.account, behaviour), []).append(record)
    return list(groups.items())


def _packet(url: str, records: Sequence[Record], behaviour: Behaviour) -> _Packet:
    accounts = tuple(dict.fromkeys(record.account for record in records))
    return _Packet(url, wire.packet(wire.notifications(records, behaviour)), accounts, len(records))
