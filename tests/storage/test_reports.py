"""What people ask of the store: narrowed, newest first, page by page, by the indexes; and the books."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text, update

from tests.storage.conftest import draft, message_row
from yzj_daemon.account import HostedAccount
from yzj_daemon.clock import SECOND
from yzj_daemon.delivery import Call, Refused, RetryPolicy, Sent
from yzj_daemon.lane import LaneState, Pace
from yzj_daemon.rules import packing
from yzj_daemon.storage import inbox, lanes, outbox, reports, settlement
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Filter, Place

Owe = Callable[..., int]


def put(store: Store, **given: Any) -> int:
    row = message_row(**given)
    return store.write_now(lambda c: inbox.add(c, [row]).pop())


def decide(store: Store, message_id: int, reason: str = "no_match", rules: tuple[str, ...] = (), **given: Any) -> None:
    row: Any = {
        "message_id": message_id,
        "nonce": 0,
        "reason": reason,
        "rules": outbox.encode(rules),
        "trail": "",
        "rule_set_id": None,
        "decided_at": 1,
        **given,
    }
    store.write_now(lambda c: inbox.decide(c, [row]))


def found(store: Store, limit: int = 50, below: Place | None = None, **narrowed: Any) -> list[int]:
    lines = store.read_now(lambda c: reports.messages(c, Filter(**narrowed), limit, below))
    return [line.id for line in lines]


def owed(store: Store, limit: int = 50, below: int | None = None, **narrowed: Any) -> list[str]:
    lines = store.read_now(lambda c: reports.deliveries(c, Filter(**narrowed), limit, below))
    return [line.chat for line in lines]


def carry(store: Store, outcome: Any = None, now: int = 5_000, account: str = "A") -> Call:
    def work(connection: Connection) -> Call:
        call = lanes.begin(connection, account, now, Pace(), lanes.Caps())
        assert isinstance(call, Call)
        end = outcome or Sent()
        after = [
            d.after(end, now + 10, RetryPolicy(), shared=len(call.deliveries) > 1, roll=0.0) for d in call.deliveries
        ]
        lane = lanes.get(connection, account).after(end, now + 10, Pace())
        lanes.finish(connection, call, end, lane, after, now + 10)
        return call

    return store.write_now(work)


def test_messages_come_newest_first_and_page_by_page(store: Store):
    ids = [put(store, key=str(n), received_at=1_000 + n // 2) for n in range(5)]
    assert found(store) == ids[::-1]
    first = store.read_now(lambda c: reports.messages(c, Filter(), 2))
    place = Place(first[-1].received_at, first[-1].id)
    assert found(store, below=place) == ids[2::-1]


def test_one_chat_is_paged_alike(store: Store):
    ids = [put(store, key=str(n), chat="R:9" if n % 2 else "R:1", received_at=n) for n in range(6)]
    assert found(store, chat="R:9") == [ids[5], ids[3], ids[1]]
    assert found(store, chat="R:9", below=Place(5, ids[5])) == [ids[3], ids[1]]


@pytest.mark.parametrize(
    ("narrowed", "keys"),
    [
        ({"account": "B"}, ["2"]),
        ({"sender": "boss"}, ["1"]),
        ({"type": "merge"}, ["3"]),
        ({"text": "退款"}, ["1"]),
        ({"text": "HELLO"}, ["2"]),
        ({"text": "100%"}, []),
        ({"since": 2_000}, ["3", "2"]),
        ({"until": 2_000}, ["1"]),
        ({"since": 2_000, "until": 3_000}, ["2"]),
        ({"rule": "r1"}, ["1"]),
        ({"rule": "R1"}, []),
        ({"state": "pending"}, ["3"]),
        ({"account": "A", "type": "text"}, ["1"]),
    ],
)
def test_messages_are_narrowed(store: Store, narrowed: dict[str, Any], keys: list[str]):
    ids = {
        put(store, key="1", sender="boss", text="我要退款 100", received_at=1_000): "1",
        put(store, key="2", account="B", text="hello", received_at=2_000): "2",
        put(store, key="3", type="merge", received_at=3_000): "3",
    }
    one, _, three = ids
    decide(store, one, "matched", ("r1", "r10"))
    decide(store, three, "matched", ("r10",))
    store.write_now(lambda c: outbox.add(c, [draft(three, "X")], 20))
    assert [ids[i] for i in found(store, **narrowed)] == keys


@pytest.mark.parametrize(
    ("narrowed", "chats"),
    [
        ({}, ["c", "b", "a"]),
        ({"account": "B"}, ["c"]),
        ({"chat": "a"}, ["a"]),
        ({"rule": "x"}, ["b"]),
        ({"state": "sent"}, ["c"]),
        ({"state": "pending"}, ["b", "a"]),
        ({"since": 2_000}, ["c", "b"]),
        ({"until": 2_000}, ["a"]),
        ({"sender": "7", "text": "deal", "type": "text"}, ["c"]),
    ],
)
def test_deliveries_are_narrowed(store: Store, narrowed: dict[str, Any], chats: list[str]):
    first = put(store, key="1")
    second = put(store, key="2", account="B", text="a deal")
    store.write_now(
        lambda c: outbox.add(
            c,
            [
                draft(first, "a"),
                draft(first, "b", rule="x", created_at=2_000),
                draft(second, "c", account="B", created_at=3_000),
            ],
            20,
        )
    )
    carry(store, account="B")
    assert owed(store, **narrowed) == chats


def test_deliveries_are_paged_by_id(store: Store, owe: Owe):
    owe("a", "b", "c", "d")
    last = store.read_now(lambda c: reports.deliveries(c, Filter(), 2))[-1].id
    assert owed(store, below=last) == ["b", "a"]


def plans(store: Store, ask: Callable[[Connection], object]) -> str:
    """How SQLite carries out what is asked, as it tells."""

    def work(connection: Connection) -> str:
        asked: list[tuple[str, Any]] = []

        def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
            asked.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        ask(connection)
        event.remove(connection, "before_cursor_execute", note)
        rows = [row for s, p in asked for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", p)]
        return "\n".join(row[3] for row in rows)

    return store.read_now(work)


@pytest.mark.parametrize(
    "narrowed",
    [
        {},
        {"account": "A"},
        {"chat": "R:1"},
        {"chat": "R:1", "account": "A", "since": 1},
        {"sender": "7", "type": "text"},
        {"since": 1, "until": 9},
        {"account": "A", "since": 1},
        {"rule": "r"},
        {"state": "sent"},
    ],
)
def test_no_listing_of_messages_sorts_or_walks_all_of_them(file_store: Store, narrowed: dict[str, Any]):
    plan = plans(file_store, lambda c: reports.messages(c, Filter(**narrowed), 50, Place(9, 9)))
    assert "TEMP B-TREE" not in plan
    assert "ix_messages_chat_id" in plan if "chat" in narrowed else "ix_messages_received_at" in plan


@pytest.mark.parametrize("narrowed", [{}, {"state": "sent"}, {"account": "A"}, {"chat": "R:1"}, {"type": "text"}])
def test_no_listing_of_deliveries_sorts(file_store: Store, narrowed: dict[str, Any]):
    plan = plans(file_store, lambda c: reports.deliveries(c, Filter(**narrowed), 50, 9))
    assert "TEMP B-TREE" not in plan
    assert "SEARCH deliveries" in plan


def test_no_look_for_stuck_lanes_sorts_or_walks_a_backlog(file_store: Store):
    waits = draft(put(file_store), "R:1")
    file_store.write_now(lambda c: outbox.add(c, [waits], 5) and None)
    plan = plans(file_store, lambda c: reports.stuck(c, 10**13, 1, lanes.Caps()))
    assert "TEMP B-TREE" not in plan
    assert t.WAITING in plan
    assert "ix_deliveries_due" in plan
    assert "SCAN deliveries" not in plan


def test_no_listing_of_lanes_sorts_a_backlog(file_store: Store):
    plan = plans(file_store, lambda c: reports.lane_lines(c, 1))
    assert f"SCAN d USING INDEX {t.WAITING}" in plan
    assert "TEMP B-TREE FOR GROUP BY" not in plan


def test_no_walk_through_offline_lanes_sorts_or_looks_at_more_than_its_share(file_store: Store):
    waits = draft(put(file_store), "R:1")
    offline = [HostedAccount(account="A", online=False)]
    file_store.write_now(lambda c: outbox.add(c, [waits], 5) and None)
    file_store.write_now(lambda c: inbox.listed(c, offline, 1))
    plan = plans(file_store, lambda c: settlement.walk(c, {}, 10))
    assert "TEMP B-TREE FOR ORDER BY" not in plan
    assert f"SEARCH d USING INDEX {t.WAITING} (account=? AND created_at>?)" in plan
    assert "SCAN deliveries" not in plan
    assert "SCAN messages" not in plan


def test_a_message_is_given_back_whole(store: Store):
    content = r'{"n": 12345678901234567890, "s": "\ud800"}'
    row = put(
        store, key="77", svrid="77", chat_type="private", content=content, envelope='{"content": }', content_at=12
    )
    received = store.read_now(lambda c: reports.received(c, row))
    assert received is not None
    assert received.original.element() == '{"content": ' + content + "}"
    assert (received.message.id, received.message.content) == ("77", content)
    assert store.read_now(lambda c: reports.received(c, row + 1)) is None


def test_the_vendors_id_finds_the_copies_of_all_accounts(store: Store):
    ids = [put(store, key="77", account=account) for account in ("A", "B")]
    store.write_now(lambda c: inbox.saw(c, ["A"], 1))
    assert [r.id for r in store.read_now(lambda c: reports.received_as(c, "77"))] == ids
    assert store.read_now(lambda c: reports.received_as(c, "78")) == ()


def test_the_id_that_all_copies_share_finds_them_and_no_longer_one(store: Store):
    shared = [put(store, key=f"7{account}", account=account, event="99.abcdEFGz") for account in ("A", "B")]
    put(store, key="x", event="99.5.abcdEFGz")
    put(store, key="y", event="999.zzzzzzzz")
    assert [r.id for r in store.read_now(lambda c: reports.received_as(c, "99"))] == shared
    assert [line.id for line in store.read_now(lambda c: reports.lines_as(c, "7B"))] == shared[1:]


def test_a_decision_is_given_back_with_the_rule_set_of_then(store: Store):
    row = put(store, key="1")
    digest = store.write_now(lambda c: inbox.rule_set(c, "abc", packing.pack({"rules.toml": "x"}), 5))
    trail = outbox.encode({"near": [{"id": "r2"}]})
    decide(store, row, "matched", ("r1",), trail=trail, rule_set_id=digest)
    told = store.read_now(lambda c: reports.judgement(c, row))
    assert told is not None
    assert (told.reason, told.rules, told.rules_hash) == ("matched", ("r1",), "abc")
    assert (told.trail, told.sources) == ({"near": [{"id": "r2"}]}, {"rules.toml": "x"})
    assert store.read_now(lambda c: reports.judgement(c, row + 1)) is None


def test_a_decision_without_a_rule_set_has_no_sources(store: Store):
    row = put(store, key="1")
    decide(store, row)
    told = store.read_now(lambda c: reports.judgement(c, row))
    assert told is not None
    assert (told.rules_hash, told.sources, told.trail) == ("", {}, {})


def test_a_delivery_tells_every_call_that_carried_it(store: Store, owe: Owe):
    message = owe("a", "b")
    first = carry(store, Refused("bad_parameter", "no such chat"))
    second = carry(store, now=7_000)
    line = store.read_now(lambda c: reports.deliveries_of(c, message))[0]
    assert store.read_now(lambda c: reports.delivery(c, line.id)) == line
    assert store.read_now(lambda c: reports.calls_of(c, line.id)) == (
        (first.id, 5_000, 5_010, "refused", "bad_parameter", "no such chat"),
        (second.id, 7_000, 7_010, "sent", "", ""),
    )


def test_every_account_has_its_lane(store: Store, owe: Owe):
    store.write_now(lambda c: inbox.listed(c, [HostedAccount(account="N", name="小云", online=False)], 1))
    owe("a", "b", account="A", max_targets=1)
    owe("c", account="B")
    carry(store, account="B")
    found = store.read_now(lambda c: reports.lane_lines(c, 11 * SECOND))
    assert [(line.account, line.name, line.depth, line.calls) for line in found] == [
        ("A", "", 2, 2),
        ("B", "", 0, 0),
        ("N", "小云", 0, 0),
    ]
    assert found[0].oldest_seconds == 10.0
    assert (found[1].state, found[1].next_at, found[2].standing) == (LaneState.READY, 6_010, "offline")


def test_the_rules_in_force_are_those_of_the_newest_decision(store: Store):
    assert (store.read_now(reports.rules_in_force), store.read_now(reports.sources_in_force)) == ("", {})
    old, _new = (
        store.write_now(lambda c, h=h, at=at: inbox.rule_set(c, h, packing.pack({"f": h}), at))
        for h, at in (("old", 1), ("new", 2))
    )
    assert store.read_now(reports.rules_in_force) == "new"
    decide(store, put(store, key="1"), rule_set_id=old)
    assert (store.read_now(reports.rules_in_force), store.read_now(reports.sources_in_force)) == ("old", {"f": "old"})


def test_a_stretch_of_time_is_read_page_by_page_by_id(store: Store):
    assert store.read_now(lambda c: reports.stretch(c, 0, 99)) == (0, 0, 0)
    for number, at in enumerate((10, 30, 20, 40, 50)):
        put(store, key=str(number), received_at=at)
    whole = store.read_now(lambda c: reports.stretch(c, 20, 50))
    assert whole == (2, 4, 3)

    def page(above: int) -> list[int]:
        found = store.read_now(lambda c: reports.received_between(c, since=20, until=50, above=above, limit=2))
        return [received.id for received in found]

    assert (page(whole.first - 1), page(3), page(4)) == ([2, 3], [4], [])


def test_a_stretch_of_time_is_not_sorted(file_store: Store):
    assert "TEMP B-TREE" not in plans(file_store, lambda c: reports.received_between(c, 20, 50, 1, 2))


def test_the_books_balance_when_every_message_is_decided(store: Store, owe: Owe):
    decide(store, put(store, key="x"))
    decide(store, owe("a", "b"), "matched", ("r",))
    carry(store)
    books = store.read_now(reports.books)
    assert books.balanced
    assert (books.received, books.decided, books.matched, books.suppressed) == (2, 2, 1, {"no_match": 1})
    assert (books.deliveries["sent"], books.deliveries["pending"]) == (2, 0)


def test_the_books_name_what_is_missing(store: Store, owe: Owe):
    lost = put(store, key="undecided")
    bare = put(store, key="bare")
    decide(store, bare, "matched", ("r",))
    owing = owe("a")
    decide(store, owing, "matched", ("r",))
    store.write_now(lambda c: c.execute(update(t.deliveries).values(state="strange")))
    books = store.read_now(reports.books)
    assert not books.balanced
    assert (books.undecided, books.matched_without_delivery) == ((lost,), (bare,))
    assert books.strange_states == {"strange": 1}


def test_a_listing_of_a_long_history_stays_quick(file_store: Store):
    """20,000 messages: a page by any index touches a page's worth of rows, measured in SQLite's own steps."""
    rows = [message_row(key=str(n), chat=f"R:{n % 10}", received_at=n) for n in range(20_000)]
    file_store.write_now(lambda c: c.execute(insert(t.messages), rows))
    steps = 0

    def work(connection: Connection) -> None:
        nonlocal steps

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        dbapi = connection.connection.dbapi_connection
        assert dbapi is not None
        dbapi.set_progress_handler(count, 1_000)
        reports.messages(connection, Filter(), 50, Place(10_000, 10_000))
        reports.messages(connection, Filter(chat="R:3"), 50, Place(10_000, 10_000))
        reports.messages(connection, Filter(since=15_000, until=15_050), 50)
        dbapi.set_progress_handler(None, 0)

    file_store.read_now(work)
    assert steps < 30
    assert file_store.read_now(lambda c: c.execute(text("SELECT count(*) FROM messages")).scalar_one()) == 20_000
