"""``order = "strict"``: what an older message owes a chat leaves first, whatever holds it up."""

from collections.abc import Callable

from sqlalchemy import update

from tests.storage.test_outbox import begin, drain, finish
from yzj_daemon.delivery import Call, Deferred, Sent, State, Unanswered
from yzj_daemon.storage import lanes, outbox, settlement
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store

Owe = Callable[..., int]


def messages(store: Store, now: int) -> list[int]:
    """The messages of every call until nothing may leave any more, all sent."""
    sent = []
    while isinstance(call := begin(store, now), Call):
        sent.append(call.message_id)
        finish(store, call, Sent(), now)
    return sent


def test_a_deferred_delivery_holds_later_ones_to_its_chat_and_no_others(store: Store, owe: Owe):
    first = owe("a", strict=True)
    call = begin(store)
    assert isinstance(call, Call)
    later, elsewhere, relaxed = owe("a", strict=True), owe("b", strict=True), owe("a")
    finish(store, call, Deferred("transient"), 0)
    assert messages(store, 10) == [elsewhere, relaxed]
    waits = begin(store, 20)
    assert waits == lanes.Wait(2_000)
    assert messages(store, 2_000) == [first, later]


def test_priority_does_not_overtake(store: Store, owe: Owe):
    first, second = owe("a", strict=True), owe("a", strict=True, priority=9)
    assert messages(store, 0) == [first, second]


def test_what_waits_for_media_is_waited_for(store: Store, owe: Owe):
    picture = owe("a", strict=True, parked=True, due_at=3_000)
    words = owe("a", strict=True)
    assert messages(store, 0) == []
    assert messages(store, 3_000) == [picture, words]


def test_a_chat_that_waits_leaves_the_call_to_the_others_of_the_message(store: Store, owe: Owe):
    first = owe("a", strict=True)
    call = begin(store)
    assert isinstance(call, Call)
    owe("a", "b", "c", strict=True)
    finish(store, call, Deferred("transient"), 0)
    assert drain(store, 10) == [("b", "c")]
    assert messages(store, 2_000)[0] == first


def test_nobody_waits_for_what_is_unknown_unless_it_will_be_sent_again(store: Store, owe: Owe):
    for on_unknown, waited_for in (("hold", False), ("resend", True)):
        first = owe(on_unknown, strict=True, on_unknown=on_unknown)
        call = begin(store)
        assert isinstance(call, Call)
        finish(store, call, Unanswered("timeout"), 0)
        second = owe(on_unknown, strict=True, on_unknown=on_unknown)
        assert messages(store, 10) == ([] if waited_for else [second])
    store.write_now(lambda c: c.execute(t.accounts.insert().values(account="A", seen_at=50_000)))
    assert store.write_now(lambda c: settlement.resend(c, 60_001, 60_000, 10)) == ["A"]
    assert messages(store, 60_001) == [first, second], "the second try of the first goes before the second"


def test_a_window_that_is_shut_keeps_nobody_waiting(store: Store, owe: Owe):
    tomorrow = owe("a", strict=True, parked=True, due_at=90_000, reason="window")
    now = owe("a", strict=True)
    assert messages(store, 0) == [now]
    assert messages(store, 90_000) == [tomorrow]


def test_what_was_dropped_or_held_lets_the_others_go(store: Store, owe: Owe):
    for state in (State.DROPPED, State.HELD):
        first = owe("a", strict=True)
        call = begin(store)
        assert isinstance(call, Call)
        finish(store, call, Deferred("transient"), 0)
        second, third = owe("a", strict=True), owe("a", strict=True)
        assert messages(store, 10) == []
        gone = update(t.deliveries).where(t.deliveries.c.message_id == first).values(state=state, parked=False)
        store.write_now(lambda c, gone=gone: c.execute(gone))
        assert messages(store, 2_000) == [second, third]


def test_what_expired_lets_the_others_go(store: Store, owe: Owe):
    owe("a", strict=True, parked=True, due_at=9_000, expires_at=1_000)
    second = owe("a", strict=True)
    assert messages(store, 500) == []
    store.write_now(lambda c: outbox.expire(c, 5_500, 10))
    assert messages(store, 9_000) == [second]
