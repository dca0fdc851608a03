"""Several daemons on one PostgreSQL, beside one daemon on SQLite; load, server and daemons share all cores.

The server is the tests' own, with ``fsync`` and ``synchronous_commit`` on. On a small machine everybody waits for a
core: what is shown is that daemons do not stand in each other's way, not what they could do on machines of their own.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, closing
from functools import partial
from pathlib import Path
from statistics import median

from msgspec.structs import replace
from sqlalchemy import Connection

from bench import audit, corpus, machine, platform, process
from bench.callbacks import PATH, answered
from bench.figure import Curve, Figure
from bench.history import Shape, provided
from bench.lane import FIRST_GAP, PACE
from bench.load import Load, Pressure, alone, drive, percentile
from tests.postgres import Server, running
from yzj_daemon.clock import DAY, Millis
from yzj_daemon.storage import daemons, moving, searching
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Filter

COUNT = 15_000
FEW = 6_000
CONNECTIONS = 32
LONGEST = 20.0
TAKEOVERS = 3
MESSAGES = int(os.environ.get("BENCH_MESSAGES") or 1_000_000)
HISTORY = tuple(sorted({0, 100_000, 1_000_000, MESSAGES}))
ACCOUNTS = 40
LANES = 100
SETTLES = 5.0
WATCHED = 15.0
"""Seconds."""

SPAN = 30 * DAY
PAGE = 50
ASKED = 5

SERVER = {"shared_buffers": "512MB", "max_wal_size": "4GB", "max_connections": "100"}


def measured() -> Iterator[Figure | Curve]:
    with machine.all_cores():
        yield from _rates()
        yield from _lanes()
        yield from _takeovers()
        yield from _history()


# Callbacks a second -------------------------------------------------------------------------------------------------


def _rates() -> Iterator[Figure]:
    bodies = corpus.bodies(COUNT)
    with ExitStack() as stack:
        lone = _rate([stack.enter_context(_daemon(stack, ""))], bodies)
    yield Figure("SQLite, one daemon: durable callbacks", "/s", lone)
    one = 0.0
    for number in (1, 2, 4):
        with running(**SERVER) as server, ExitStack() as stack:
            url = server.create("bench")
            fleet = [stack.enter_context(_daemon(stack, url)) for _ in range(number)]
            rate = _rate(fleet, bodies)
            stored = audit.received(dict(fleet[0].environ))
        if stored != COUNT:
            raise SystemExit(f"{COUNT} acknowledged, {stored} stored")
        one = one or rate
        yield Figure(f"PostgreSQL, {number} daemon{'s' * (number > 1)}: durable callbacks", "/s", rate)
        if number == 1:
            yield Figure("  of SQLite's", "", rate / lone, 0.6)
        else:
            yield Figure("  of one daemon's", "", rate / one, 1.0)


def _daemon(stack: ExitStack, url: str) -> AbstractContextManager[process.Running]:
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    return process.daemon(directory, 10, {"YZJ_STORE__URL": url} if url else {}, anywhere=True)


def _rate(fleet: list[process.Running], bodies: list[bytes]) -> float:
    """All of them driven at once; callbacks a second of all together."""
    pressure = Pressure(connections=CONNECTIONS, longest=LONGEST)

    def driven(index: int) -> Load:
        return answered(drive(fleet[index].port, PATH, bodies[index :: len(fleet)], pressure))

    began = time.monotonic()
    with ThreadPoolExecutor(len(fleet)) as threads:
        loads = list(threads.map(driven, range(len(fleet))))
    return sum(len(load.latencies) for load in loads) / (time.monotonic() - began)


# Lanes at full pace -------------------------------------------------------------------------------------------------


def _lanes() -> Iterator[Figure]:
    """Accounts that all owe much, shared among so many daemons."""
    with running(**SERVER) as server:
        full = server.create("full")
        with tempfile.TemporaryDirectory() as name:
            path = provided(Shape(LANES * 100, LANES * 100, LANES), Path(name))
            with closing(Store(f"sqlite:///{path}")) as source, closing(Store(full)) as target:
                moving.move(source, target, "bench", time.time_ns() // 1_000_000)
        for number in (1, 2, 4):
            gaps, rate, _ = alone(_forwarded(server.create(f"lanes{number}", template="full"), number))
            told = f"PostgreSQL, {number} daemon{'s' * (number > 1)}, {LANES} accounts"
            yield Figure(f"{told}: of the calls that their pace allows", "", rate / (LANES / PACE), 0.95)
            yield Figure("  the shortest gap", "s", min(gaps), PACE)
            yield Figure("  the gap that 99 % do not exceed", "s", percentile(gaps, 0.99), 1.05, "less")


async def _forwarded(url: str, daemons_: int) -> platform.Watched:
    async with platform.called(LANES) as vendor, AsyncExitStack() as stack:
        for _ in range(daemons_):
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = {**vendor.settings, "YZJ_STORE__URL": url}
            await stack.enter_async_context(process.beside_a_platform(directory, 10, settings, anywhere=True))
        await asyncio.sleep(FIRST_GAP + SETTLES)
        return await vendor.watched(WATCHED)


# Takeover -----------------------------------------------------------------------------------------------------------


def _takeovers() -> Iterator[Figure]:
    """From the end of a daemon until all of its lanes are another's."""
    with running(**SERVER) as server, ExitStack() as stack:
        url = server.create("bench")
        with closing(Store(url)) as store:
            stack.enter_context(_daemon(stack, url))
            store.write_now(_accounts)
            killed = [_taken_over(store, url, kill=True) for _ in range(TAKEOVERS)]
            stopped = [_taken_over(store, url, kill=False) for _ in range(TAKEOVERS)]
    yield Figure("lanes of a killed daemon are taken over within", "s", max(killed), 10, "less")
    yield Figure("lanes of a stopped daemon, from its end", "s", max(stopped), 2, "less")


def _accounts(connection: Connection) -> None:
    for number in range(ACCOUNTS):
        connection.exec_driver_sql("INSERT INTO accounts (account) VALUES (%s)", (f"A{number:03}",))


def _taken_over(store: Store, url: str, *, kill: bool) -> float:
    with ExitStack() as stack:
        other = stack.enter_context(_daemon(stack, url))
        _until(store, lambda lanes: sorted(lanes) == [ACCOUNTS // 2] * 2)
        if kill:
            other.kill()
            began = time.monotonic()
            _until(store, lambda lanes: lanes == [ACCOUNTS])
            return time.monotonic() - began
    began = time.monotonic()
    _until(store, lambda lanes: lanes == [ACCOUNTS])
    return time.monotonic() - began


def _until(store: Store, so: Callable[[list[int]], bool]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if so([one.lanes for one in store.read_now(daemons.alive)]):
            return
        time.sleep(0.02)
    raise SystemExit("lanes were not taken over within a minute")


# A long history -----------------------------------------------------------------------------------------------------


def _history() -> Iterator[Figure | Curve]:
    """The cost of a callback, and what people ask, as messages grow."""
    cost: list[tuple[float, float]] = []
    asked: dict[str, list[tuple[float, float]]] = {}
    bodies = corpus.bodies(FEW * len(HISTORY))
    with running(**SERVER) as server:
        url = server.create("bench")
        for before, messages in zip((0, *HISTORY), HISTORY, strict=False):
            with ExitStack() as stack:
                fleet = [stack.enter_context(_daemon(stack, url))]
                _fill(server, before, messages)
                these = bodies[len(cost) * FEW : (len(cost) + 1) * FEW]
                cost.append((messages, 1e6 / _rate(fleet, these)))
            with closing(Store(url)) as store:
                for what, took in _questions(store).items():
                    asked.setdefault(what, []).append((messages, took))
    yield Curve("postgresql-history", "PostgreSQL: time a callback", "µs", "messages stored before", tuple(cost))
    for what, points in asked.items():
        yield Figure(f"PostgreSQL, {HISTORY[-1]:,} messages: {what}", "ms", points[-1][1], 100, "less")
        yield Figure(f"  with {points[-2][0]:,} messages", "ms", points[-2][1])


def _fill(server: Server, first: int, last: int) -> None:
    """Messages and decisions as intake leaves them, a minute apart for each thousand."""
    if last <= first:
        return
    began, step = time.time_ns() // 1_000_000 - SPAN, SPAN // max(HISTORY)
    server.execute(
        f"""
        INSERT INTO messages (account, key, event, chat, sender, type, sent_at, received_at, source, text, content)
        SELECT 'A' || n % 40, 'h' || n, n || '.history', 'R:' || n % 500, '7' || n % 5000, 'text',
          {began} + n * {step}::bigint, {began} + n * {step}::bigint, 'callback', 'words of a message ' || n,
          '{{"items":[{{"type":"text","text":"words of a message ' || n || '"}}]}}'
        FROM generate_series({first + 1}, {last}) AS n;
        """,
        "bench",
    )
    server.execute(
        "INSERT INTO decisions (message_id, reason, decided_at) SELECT id, 'no_match', received_at FROM messages m "
        "WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.message_id = m.id)",
        "bench",
    )
    server.execute("VACUUM ANALYZE", "bench")


def _questions(store: Store) -> dict[str, float]:
    """Milliseconds of each."""
    now: Millis = store.read_now(daemons.clock)
    day = Filter(since=now - 10 * DAY, until=now - 9 * DAY)
    asked = {
        "the newest page": Filter(),
        "a page of one chat": Filter(chat="R:7"),
        "a page of one sender": Filter(sender="77"),
        "words within a day": replace(day, text="message 9"),
        "words of one chat within a day": replace(day, chat="R:7", text="message 9"),
        "words of one chat": Filter(chat="R:7", text="message 99"),
    }
    return {what: median(_pages(store, narrowed)) for what, narrowed in asked.items()}


def _pages(store: Store, narrowed: Filter) -> list[float]:
    return [_took(store, partial(searching.messages, narrowed=narrowed, limit=PAGE)) for _ in range(ASKED)]


def _took(store: Store, work: Callable[[Connection], object]) -> float:
    began = time.perf_counter()
    store.read_now(work)
    return (time.perf_counter() - began) * 1000
