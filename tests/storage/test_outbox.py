"""Deliveries are unique, queue fairly, expire, and are unknown after a crash."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from tests.storage.conftest import draft, message_row
from yzj_daemon.delivery import Call, Deferred, Outcome, RetryPolicy, Sent
from yzj_daemon.lane import Pace
from yzj_daemon.storage import inbox, lanes, outbox
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store

Owe = Callable[..., int]


def states(store: Store) -> dict[str, tuple[str, str]]:
    d = t.deliveries.c
    return store.read_now(
        lambda c: {chat: (state, reason) for chat, state, reason in c.execute(select(d.chat, d.state, d.reason))}
    )


def begin(store: Store, now: int = 0, account: str = "A", **caps: int) -> Call | lanes.Wait:
    return store.write_now(lambda c: lanes.begin(c, account, now, Pace(), lanes.Caps(**caps)))


def finish(store: Store, call: Call, outcome: Outcome, now: int) -> None:
    def work(connection: Connection) -> None:
        lane = lanes.get(connection, call.account).after(outcome, now, Pace())
        shared = len(call.deliveries) > 1
        after = [d.after(outcome, now, RetryPolicy(), shared=shared, roll=0.0) for d in call.deliveries]
        lanes.finish(connection, call, outcome, lane, after, now)

    store.write_now(work)


def drain(store: Store, now: int = 0) -> list[tuple[str, ...]]:
    """The chats of every call until nothing may leave any more, all sent."""
    sent = []
    while isinstance(call := begin(store, now), Call):
        sent.append(call.chats)
        finish(store, call, Sent(), now)
    return sent


def test_a_chat_is_owed_an_event_once_whoever_asks(store: Store):
    def work(connection: Connection) -> list[frozenset[outbox.Owed]]:
        new = inbox.add(connection, [message_row(key="1"), message_row(account="B", key="2")])
        first, second = sorted(new)
        return [
            outbox.add(connection, [draft(first, "X", event="e"), draft(first, "Y", event="e")], 20),
            outbox.add(connection, [draft(second, "X", event="e"), draft(second, "Z", event="e")], 20),
            outbox.add(connection, [draft(second, "X", event="e", nonce=1)], 20),
        ]

    chats = [{owed.chat for owed in added} for added in store.write_now(work)]
    assert chats == [{"X", "Y"}, {"Z"}, {"X"}]


def test_targets_of_one_message_share_calls_up_to_the_limit(store: Store, owe: Owe):
    owe("a", "b", "c", "d", "e", max_targets=2)
    sent = []
    while isinstance(call := begin(store, max_targets=2), Call):
        sent.append(call.chats)
    assert sent == [("a", "b"), ("c", "d"), ("e",)]


def test_messages_never_share_a_call(store: Store, owe: Owe):
    owe("a")
    owe("a", "b")
    assert drain(store) == [("a",), ("a", "b")]


def test_one_by_one_travels_alone(store: Store, owe: Owe):
    owe("a", "b", solo=True)
    assert drain(store) == [("a",), ("b",)]


def test_a_big_fan_out_alternates_with_another_rule(store: Store, owe: Owe):
    owe(*(f"big{n}" for n in range(6)), rule="big", max_targets=2)
    owe("small1", rule="small", max_targets=2)
    owe("small2", rule="small", max_targets=2)
    order = []
    while isinstance(call := begin(store, max_targets=2), Call):
        order.append(call.chats[0])
    assert order == ["big0", "small1", "big2", "small2", "big4"]


def test_a_rule_that_comes_late_does_not_wait_behind_the_whole_backlog(store: Store, owe: Owe):
    for n in range(10):
        owe(f"old{n}", rule="old")
    for _ in range(3):
        begin(store)
    owe("new", rule="new")
    order = [call.chats[0] for _ in range(3) if isinstance(call := begin(store), Call)]
    assert "new" in order[:2]


def test_higher_priority_leaves_first(store: Store, owe: Owe):
    owe("low")
    owe("high", priority=5)
    assert drain(store) == [("high",), ("low",)]


def test_what_is_parked_waits_until_it_is_due(store: Store, owe: Owe):
    owe("later", due_at=3_000, parked=True, reason="media_delay")
    assert begin(store, 2_999) == lanes.Wait(3_000)
    assert isinstance(call := begin(store, 3_000), Call)
    assert call.chats == ("later",)


def test_a_retried_fan_out_does_not_starve_new_messages(store: Store, owe: Owe):
    owe(*(f"r{n}" for n in range(6)), rule="retry", max_targets=2)
    while isinstance(call := begin(store, 0, max_targets=2), Call):
        finish(store, call, Deferred("transient"), 0)
    for n in range(3):
        owe(f"new{n}", rule="new", max_targets=2)
    order = []
    while isinstance(call := begin(store, 10_000, max_targets=2), Call):
        order.append(call.chats[0])
    assert order == ["new0", "r0", "new1", "r2", "new2", "r4"]


def test_what_expired_is_never_sent(store: Store, owe: Owe):
    owe("old", expires_at=1_000)
    owe("fresh", expires_at=9_000)
    assert drain(store, 1_000) == [("fresh",)]
    assert states(store)["old"] == ("expired", "")


def test_expire_takes_a_bite_at_a_time_and_counts(store: Store, owe: Owe):
    owe("a", "b", "c", expires_at=1_000)
    bites = [store.write_now(lambda c: outbox.expire(c, 1_000, 2)) for _ in range(3)]
    assert bites == [2, 1, 0]


def test_after_a_crash_what_was_on_its_way_is_unknown_and_stays_so(store: Store, owe: Owe):
    owe("a", "b")
    owe("c")
    assert isinstance(begin(store), Call)
    assert store.write_now(lambda c: outbox.interrupted(c, 5)) == 2
    assert states(store) == {
        "a": ("unknown", "interrupted"),
        "b": ("unknown", "interrupted"),
        "c": ("pending", ""),
    }
    assert drain(store, 10_000_000) == [("c",)]


def test_an_answer_that_comes_after_the_delivery_was_settled_changes_nothing(store: Store, owe: Owe):
    owe("a")
    call = begin(store)
    assert isinstance(call, Call)
    store.write_now(lambda c: outbox.interrupted(c, 5))
    finish(store, call, Sent(), 6)
    assert states(store)["a"] == ("unknown", "interrupted")


def test_the_original_travels_exactly_as_stored(store: Store, owe: Owe):
    owe("a")
    call = begin(store)
    assert isinstance(call, Call)
    assert (call.content, call.type, call.sent_at) == ('{"n":"m1"}', "text", 1_000)


def test_caps_count_deliveries_over_rolling_windows_across_restarts(store: Store, owe: Owe):
    owe("a", "b", "c", "d", "e")
    first = begin(store, 0, per_minute=2)
    assert isinstance(first, Call)
    assert first.chats == ("a", "b")
    finish(store, first, Sent(), 100)
    assert begin(store, 59_999, per_minute=2) == lanes.Wait(60_000, "per_minute")
    again = begin(store, 60_000, per_minute=2)
    assert isinstance(again, Call)
    assert again.chats == ("c", "d")


def test_the_tightest_cap_decides_how_long_to_wait(store: Store, owe: Owe):
    owe("a", "b", "c")
    first = begin(store, 0, per_minute=1, per_hour=1)
    assert isinstance(first, Call)
    finish(store, first, Sent(), 0)
    assert begin(store, 1, per_minute=1, per_hour=1) == lanes.Wait(3_600_000, "per_hour")


def test_a_chat_gap_parks_that_chat_and_lets_others_pass(store: Store, owe: Owe):
    owe("a")
    first = begin(store, 0, chat_gap=5_000)
    assert isinstance(first, Call)
    finish(store, first, Sent(), 0)
    owe("a", "b")
    second = begin(store, 1_000, chat_gap=5_000)
    assert isinstance(second, Call)
    assert second.chats == ("b",)
    finish(store, second, Sent(), 1_000)
    assert begin(store, 1_500, chat_gap=5_000) == lanes.Wait(5_000)
    third = begin(store, 5_000, chat_gap=5_000)
    assert isinstance(third, Call)
    assert third.chats == ("a",)


def test_lanes_do_not_see_each_other(store: Store, owe: Owe):
    owe("a", account="A")
    owe("b", account="B")
    call = begin(store, account="B")
    assert isinstance(call, Call)
    assert (call.account, call.chats) == ("B", ("b",))
    assert set(store.read_now(outbox.accounts_owing)) == {"A"}
