"""Listings of a long history: complete, newest first, and never dear, whatever is looked for."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.storage.conftest import draft, message_row
from yzj_daemon.clock import HOUR, MINUTE
from yzj_daemon.storage import inbox, outbox, reports, schema, searching
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Filter, Place
from yzj_daemon.storage.searching import Found

MANY = 80_000
BEGAN = 1_700_000_000_000
EVERY = 500
"""Milliseconds between two messages."""

MOST = 2_000
"""Rows of one question here, so that what is bounded stands far apart from what is not."""

STEPS = 45 * MOST
"""SQLite's instructions of one question: a row with its message and its decision takes up to forty."""


def received_at(number: int) -> int:
    return BEGAN + number * EVERY


def fill(connection: Connection, first: int, last: int) -> None:
    rows = [
        message_row(
            account=f"A{n % 9}",
            key=str(n),
            event=f"e{n}",
            chat=f"R:{n % 97}",
            sender=f"S{n % 5003}",
            type="picture" if n % 10 == 0 else "text",
            received_at=received_at(n),
            text=f"第 {n} 单什么时候发货",
        )
        for n in range(first, last)
    ]
    inbox.add(connection, rows)
    inbox.decide(connection, [decision(n) for n in range(first, last)])
    owed = [owing(n) for n in range(first, last) if n % 10 == 0]
    outbox.add(connection, owed, max_targets=20)


def decision(number: int) -> inbox.DecisionRow:
    matched = number % 10 == 0
    return {
        "message_id": number,
        "nonce": 0,
        "reason": "matched" if matched else "no_match",
        "rules": outbox.encode([f"r{number % 7}"]) if matched else "",
        "trail": "",
        "rule_set_id": None,
        "decided_at": received_at(number),
    }


def owing(number: int) -> outbox.Draft:
    at = received_at(number)
    return draft(
        number,
        "R:ops",
        event=f"e{number}",
        account=f"A{number % 9}",
        rule=f"r{number % 7}",
        state="held" if number % 5_000 == 0 else "sent",
        created_at=at,
        updated_at=at,
    )


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('history')}/store.db")
    store.write_now(schema.upgrade)
    for first in range(1, MANY, 20_000):
        store.write_now(lambda c, first=first: fill(c, first, min(first + 20_000, MANY + 1)))
    yield store
    store.close()


def asked(store: Store, work: Callable[[Connection], Any]) -> tuple[Any, int]:
    """What it answers, and how many instructions that took SQLite."""

    def counting(connection: Connection) -> tuple[Any, int]:
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 100

        driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        driver.set_progress_handler(step, 100)
        try:
            return work(connection), steps
        finally:
            driver.set_progress_handler(None, 0)

    return store.read_now(counting)


def whole(look: Callable[[Any], Found[Any, Any]]) -> tuple[list[Any], int]:
    """All that is found, question after question, and how many questions it took."""
    rows: list[Any] = []
    below, questions = None, 0
    while True:
        found = look(below)
        rows += found.rows
        questions += 1
        if found.next is None:
            return rows, questions
        below = found.next


@pytest.mark.parametrize(("written", "ids"), [("40000", [40_000]), ("nobody", []), ("e40001", [])])
def test_an_id_of_the_platform_is_found_in_a_few_steps(history: Store, written: str, ids: list[int]) -> None:
    found, steps = asked(history, partial(reports.lines_as, vendor_id=written))
    assert [line.id for line in found] == ids
    assert steps < 2_000, "whatever the history"


def test_the_ids_of_a_time_are_found_in_a_few_steps(history: Store) -> None:
    work = partial(searching.of_messages, since=received_at(MANY) - HOUR, until=received_at(MANY) + MINUTE)
    ids, steps = asked(history, work)
    assert ids == range(MANY - (HOUR + searching.SLACK) // EVERY, MANY + 1)
    assert steps < 5_000, "whatever the history"


LAST_HOURS = {"since": received_at(MANY) - 3 * HOUR, "until": received_at(MANY) - 2 * HOUR}


@pytest.mark.parametrize(
    "narrowed",
    [
        {},
        {"text": "没有人说过"},
        {"sender": "nobody"},
        {"account": "A3", "type": "file"},
        {"rule": "r9"},
        {"decided": "too_old"},
        {"state": "failed"},
        {"chat": "R:5"},
        {"chat": "R:5", "text": "没有人说过"},
        {"chat": "R:5", **LAST_HOURS},
        {"chat": "nowhere"},
        {"since": LAST_HOURS["since"], "text": "没有人说过"},
        {"until": LAST_HOURS["until"], "text": "没有人说过"},
        LAST_HOURS,
    ],
    ids=str,
)
def test_no_search_of_messages_is_dear(history: Store, narrowed: dict[str, Any]) -> None:
    for below in (None, Place(received_at(MANY), MANY), Place(received_at(MANY // 2), MANY // 2)):
        work = partial(searching.messages, narrowed=Filter(**narrowed), limit=50, below=below, most=MOST)
        _, steps = asked(history, work)
        assert steps < STEPS


@pytest.mark.parametrize(
    "narrowed",
    [
        {},
        {"state": "held"},
        {"state": "sent"},
        {"state": "failed", "account": "A1"},
        {"state": "sent", "rule": "r9"},
        {"account": "nobody"},
        {"chat": "nowhere"},
        {"rule": "r9"},
        {"text": "没有人说过"},
        {"state": "sent", "sender": "nobody", "type": "file"},
        {"text": "没有人说过", **LAST_HOURS},
        LAST_HOURS,
    ],
    ids=str,
)
def test_no_search_of_deliveries_is_dear(history: Store, narrowed: dict[str, Any]) -> None:
    for below in (None, MANY // 20):
        work = partial(searching.deliveries, narrowed=Filter(**narrowed), limit=50, below=below, most=MOST)
        _, steps = asked(history, work)
        assert steps < STEPS


def test_what_belongs_to_a_page_is_found_by_keys(history: Store) -> None:
    page = range(MANY - 50, MANY)
    for work in (reports.decided, reports.deliveries_of_all):
        _, steps = asked(history, lambda c, work=work: work(c, page))
        assert steps < 5_000
    copies, steps = asked(history, lambda c: reports.copies(c, "e77"))
    assert [copy.id for copy in copies] == [77]
    assert steps < 1_000


def test_an_unbounded_search_would_be_dear(history: Store) -> None:
    _, steps = asked(history, lambda c: reports.messages(c, Filter(text="没有人说过"), 50))
    assert steps > 4 * STEPS


def test_a_search_goes_on_where_it_stopped_until_all_is_found(history: Store) -> None:
    def look(below: Place | None) -> Found[Any, Place]:
        return history.read_now(lambda c: searching.messages(c, Filter(sender="S77"), 3, below, 20_000))

    first = look(None)
    assert first.reached == received_at(MANY - 20_000 + 1) if len(first.rows) < 3 else first.reached is None
    rows, questions = whole(look)
    assert [row.id for row in rows] == [n for n in range(MANY, 0, -1) if n % 5003 == 77]
    assert questions > MANY / 20_000


def test_deliveries_go_on_alike(history: Store) -> None:
    def look(below: int | None) -> Found[Any, int]:
        return history.read_now(lambda c: searching.deliveries(c, Filter(rule="r3", account="A4"), 50, below, 700))

    rows, questions = whole(look)
    assert [row.id for row in rows] == sorted((row.id for row in rows), reverse=True)
    assert sorted(row.message_id for row in rows) == [n for n in range(10, MANY + 1, 10) if n % 7 == 3 and n % 9 == 4]
    assert questions >= MANY / 10 / 700


@pytest.mark.parametrize("chat", ["", "R:5"])
def test_a_span_of_time_is_found_whole_and_nothing_else(history: Store, chat: str) -> None:
    since, until = LAST_HOURS["since"], LAST_HOURS["until"]

    def look(below: Place | None) -> Found[Any, Place]:
        narrowed = Filter(chat=chat, since=since, until=until)
        return history.read_now(lambda c: searching.messages(c, narrowed, 500, below))

    rows, _ = whole(look)
    inside = [n for n in range(MANY, 0, -1) if since <= received_at(n) < until]
    assert [row.id for row in rows] == [n for n in inside if not chat or n % 97 == 5]


def test_what_waited_for_the_daemon_is_found_by_its_time_of_receipt(store: Store) -> None:
    """Callbacks that were kept on disk while it started have higher ids than their time of receipt says."""

    def put(connection: Connection) -> None:
        times = [0, 10 * HOUR, 9 * HOUR + 30 * MINUTE, 20 * HOUR]
        inbox.add(connection, [message_row(key=str(n), received_at=BEGAN + at) for n, at in enumerate(times)])

    store.write_now(put)
    narrowed = Filter(chat="R:1", since=BEGAN + 9 * HOUR, until=BEGAN + 9 * HOUR + 45 * MINUTE)
    found = store.read_now(lambda c: searching.messages(c, narrowed, 50))
    assert [row.id for row in found.rows] == [3]


def test_of_an_empty_store_all_is_told_at_once(store: Store) -> None:
    empty: Found[Any, Any] = Found(())
    assert store.read_now(lambda c: searching.messages(c, Filter(chat="R:1", since=1), 50)) == empty
    assert store.read_now(lambda c: searching.deliveries(c, Filter(since=1, until=2), 50)) == empty
    assert store.read_now(lambda c: searching.of_deliveries(c, Filter())) == range(1)
