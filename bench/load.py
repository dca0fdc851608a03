"""A load generator for loopback: keep-alive connections, one request at a time on each, bounded in count and time.

As fast as the answers come, or at a rate: then a latency counts from when a request was due, not from when a
connection was free to send it.
"""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


@dataclass(slots=True)
class Load:
    """What came of it. ``latencies`` in seconds, in the order of the answers; ``sent``: when each request left, on the
    monotonic clock.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def add(self, more: "Load") -> None:
        """What came of a further load, after this one."""
        self.seconds += more.seconds
        self.latencies += more.latencies
        self.sent += more.sent
        for status, number in more.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + number

    def percentile(self, share: float) -> float:
        """The latency that ``share`` (0..1) of the answers did not exceed, in ms."""
        return percentile(self.latencies, share) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0..1) of them do not exceed; of none, not a number."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


@dataclass(frozen=True, slots=True)
class Pressure:
    """How hard it is driven, for at most ``longest`` seconds. ``rate``: requests a second; None: as answers come."""

    connections: int = 32
    longest: float = 15.0
    rate: float | None = None


class _Timetable:
    """When the next request is due; without a rate, at once."""

    def __init__(self, began: float, rate: float | None) -> None:
        self._due = began
        self._gap = 1 / rate if rate else 0.0

    def next(self) -> float:
        if not self._gap:
            return time.perf_counter()
        self._due += self._gap
        return self._due


class _Connection(asyncio.Protocol):
    """Sends the next body when the answer to the last one is complete, and it is due."""

    def __init__(
        self,
        load: Load,
        path: str,
        bodies: Iterator[bytes],
        timetable: _Timetable,
        deadline: float,
        done: asyncio.Future[None],
    ):
        self.load = load
        self.timetable = timetable
        self.head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: "
        self.bodies = bodies
        self.deadline = deadline
        self.done = done
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.next()

    def next(self) -> None:
        body = next(self.bodies, None)
        if body is None or time.perf_counter() > self.deadline:
            self.transport.close()
            return
        self.due = self.timetable.next()
        wait = self.due - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self.send, body)
        else:
            self.send(body)

    def send(self, body: bytes) -> None:
        self.load.sent.append(time.perf_counter())
        self.transport.write(f"{self.head}{len(body)}\r\n\r\n".encode() + body)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        at = lowered.index(b"content-length:") + 15
        length = int(lowered[at:].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        self.load.latencies.append(time.perf_counter() - self.due)
        status = int(head[9:12])
        self.load.statuses[status] = self.load.statuses.get(status, 0) + 1
        self.next()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def driven(port: int, path: str, bodies: Iterable[bytes], pressure: Pressure) -> Load:
    """Send every body once to 127.0.0.1, from this event loop."""
    loop = asyncio.get_running_loop()
    load = Load()
    feed = iter(bodies)
    ends = [loop.create_future() for _ in range(pressure.connections)]
    began = time.perf_counter()
    timetable, deadline = _Timetable(began, pressure.rate), began + pressure.longest
    for end in ends:
        await loop.create_connection(
            lambda end=end: _Connection(load, path, feed, timetable, deadline, end), "127.0.0.1", port
        )
    await asyncio.gather(*ends)
    load.seconds = time.perf_counter() - began
    return load


def drive(port: int, path: str, bodies: Iterable[bytes], pressure: Pressure) -> Load:
    """The same from an event loop of its own."""
    return alone(driven(port, path, bodies, pressure))


def alone(work: Coroutine[Any, Any, T]) -> T:
    """Run it on an event loop like the daemon's."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
