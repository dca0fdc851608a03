"""What an operator orders for deliveries: counted, done in bites, written down once."""

import json
from functools import partial

import pytest

from tests.flow.conftest import NOW, original, owed, running, take
from yzj_daemon.flow import orders
from yzj_daemon.flow.orders import Chosen, Count, carry_out, count
from yzj_daemon.storage import controls
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Filter


@pytest.fixture
async def three(make_intake, store: Store) -> Store:
    """Three messages, each owed to two chats: deliveries 1 to 6, all waiting."""
    async with running(make_intake()) as intake:
        for number in range(3):
            await take(intake, original("我要退款", id=str(number)))
    return store


def actions(store: Store) -> list[tuple[str, str, dict, int]]:
    found = store.read_now(partial(controls.actions, limit=10))
    return [(action.who, action.verb, json.loads(action.what), action.affected) for action in found]


async def test_an_order_by_id_says_what_it_meets_and_does_it(three: Store) -> None:
    chosen = Chosen(ids=(1, 3, 99))
    assert three.read_now(partial(count, order=orders.HOLD, chosen=chosen)) == Count(2, 0, 0, (99,))
    assert (await carry_out(three, orders.HOLD, chosen, who="console:w", now=NOW)).deliveries == 2
    assert [state for _, _, state in owed(three)] == ["held", "pending", "held", "pending", "pending", "pending"]
    assert actions(three) == [("console:w", "hold", {"ids": ["1", "3", "99"]}, 2)]
    assert three.read_now(partial(count, order=orders.HOLD, chosen=chosen)) == Count(0, 0, 2, (99,))


async def test_an_order_by_filter_reaches_all_that_it_finds_bite_by_bite(three: Store) -> None:
    chosen = Chosen(narrowed=Filter(chat="R:boss"))
    assert three.read_now(partial(count, order=orders.DROP, chosen=chosen)).ready == 3
    assert (await carry_out(three, orders.DROP, chosen, who="w", now=NOW, bite=2)).deliveries == 3
    assert {chat for _, chat, state in owed(three) if state == "dropped"} == {"R:boss"}
    assert actions(three) == [("w", "drop", {"chat": "R:boss"}, 3)]


async def test_what_may_have_arrived_is_doubtful_and_sent_again_only_as_another_delivery(three: Store) -> None:
    three.write_now(lambda c: c.exec_driver_sql("UPDATE deliveries SET state = 'sent' WHERE id = 1"))
    chosen = Chosen(ids=(1,))
    assert three.read_now(partial(count, order=orders.REQUEUE, chosen=chosen)) == Count(0, 1, 0)
    for state, doubtful in (("sent", 1), ("", 0), ("failed", 0)):
        narrowed = Chosen(narrowed=Filter(state=state))
        assert three.read_now(partial(count, order=orders.REQUEUE, chosen=narrowed)) == Count(0, doubtful)
    assert (await carry_out(three, orders.REQUEUE, chosen, who="w", now=NOW)).deliveries == 0
    assert actions(three) == []
    assert (await carry_out(three, orders.SEND_AGAIN, chosen, who="w", now=NOW)).deliveries == 1
    assert len(owed(three)) == 7


async def test_a_release_by_rule_lifts_the_rules_hold(three: Store) -> None:
    three.write_now(lambda c: c.exec_driver_sql("INSERT INTO held_rules VALUES ('refund', 'limit', 1)"))
    await carry_out(three, orders.RELEASE, Chosen(narrowed=Filter(rule="refund")), who="w", now=NOW)
    assert three.read_now(controls.held_rules) == {}
    assert actions(three)[0][2] == {"rule": "refund", "rule_released": "refund"}


async def test_nothing_found_is_nothing_done(three: Store) -> None:
    assert (
        await carry_out(three, orders.RELEASE, Chosen(narrowed=Filter(account="other")), who="w", now=NOW)
    ).deliveries == 0
    assert actions(three) == []


async def test_what_came_after_the_counting_is_not_meant(three: Store) -> None:
    chosen = Chosen(narrowed=Filter(account="A"), up_to=4)
    assert three.read_now(partial(count, order=orders.HOLD, chosen=chosen)) == Count(4, 0)
    done = await carry_out(three, orders.HOLD, chosen, who="w", now=NOW, bite=3)
    assert [state for _, _, state in owed(three)] == ["held"] * 4 + ["pending"] * 2
    [action] = three.read_now(partial(controls.actions, limit=1))
    assert (done.deliveries, done.action, action.what) == (4, action.id, '{"account":"A"}')


async def test_a_filter_reaches_all_states_that_an_order_is_for(three: Store) -> None:
    for id_, state in enumerate(("pending", "held", "failed", "sent", "unknown", "pending"), 1):
        change = f"UPDATE deliveries SET state = '{state}' WHERE id = {id_}"
        three.write_now(lambda c, change=change: c.exec_driver_sql(change))
    assert (await carry_out(three, orders.DROP, Chosen(), who="w", now=NOW, bite=1)).deliveries == 4
    assert [state for _, _, state in owed(three)] == ["dropped"] * 3 + ["sent", "unknown", "dropped"]


async def test_a_filters_time_is_that_of_creation(three: Store) -> None:
    for since, ready in ((NOW, 6), (NOW + 1, 0)):
        chosen = Chosen(narrowed=Filter(since=since))
        assert three.read_now(partial(count, order=orders.HOLD, chosen=chosen)).ready == ready
