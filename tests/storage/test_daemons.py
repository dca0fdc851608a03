"""Leases of lanes: one owner a lane, shares that are fair, and what an old number may not finish."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from tests.postgres import Server
from tests.properties import times
from tests.storage.conftest import draft, message_row
from yzj_daemon.delivery import Call, RetryPolicy, Sent
from yzj_daemon.lane import Lane, Pace
from yzj_daemon.rules import packing
from yzj_daemon.storage import allowances, daemons, grants, inbox, lanes, outbox, rule_history
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store

CAPS = lanes.Caps()


@pytest.fixture
def shared(database_url: str) -> Iterator[Store]:
    with closing(Store(database_url)) as store:
        yield store


def join(store: Store, rules: str = "r") -> int:
    return store.write_now(lambda c: daemons.join(c, "host:1", "1", rules))


def take(store: Store, number: int) -> daemons.Share:
    return store.write_now(lambda c: daemons.share(c, number, 1_000))


def owe(store: Store, *accounts: str) -> None:
    def work(connection: Connection) -> None:
        for account in accounts:
            [message_id] = inbox.add(connection, [message_row(account=account, key="k")])
            outbox.add(connection, [draft(message_id, "R:1", account=account, event=account)], 20)

    store.write_now(work)


def run_out(store: Store, number: int) -> None:
    """Its lease ended a moment ago."""
    past = update(t.daemons).where(t.daemons.c.id == number).values(leased_until=daemons._now() - 1)
    store.write_now(lambda c: c.execute(past) and None)


def begin(store: Store, account: str, number: int, **given: bool) -> object:
    return store.write_now(lambda c: lanes.begin(c, account, 1_000, Pace(), CAPS, daemon=number, **given))


def states(store: Store) -> list[str]:
    return list(store.read_now(lambda c: c.execute(select(t.deliveries.c.state)).scalars().all()))


def test_a_lane_is_the_first_ones_who_takes_it_until_it_is_given_back(shared: Store):
    owe(shared, "A", "B", "C")
    one = join(shared)
    assert take(shared, one).owned == {"A", "B", "C"}
    two = join(shared)
    assert take(shared, two).owned == set(), "nothing is free"
    assert len(take(shared, one).owned) == 2, "what is beyond its share it gives back"
    assert len(take(shared, two).owned) == 1
    shared.write_now(lambda c: daemons.leave(c, one))
    assert take(shared, two).owned == {"A", "B", "C"}


def test_one_of_them_is_first(shared: Store):
    one, two = join(shared), join(shared)
    assert (take(shared, one).first, take(shared, two).first) == (True, False)
    run_out(shared, one)
    assert take(shared, two).first


def test_a_lease_that_ran_out_is_not_renewed_and_its_lanes_are_free(shared: Store):
    owe(shared, "A")
    one, two = join(shared), join(shared)
    assert take(shared, one).owned == {"A"}
    assert shared.write_now(lambda c: daemons.renew(c, one, "r"))
    run_out(shared, one)
    assert not shared.write_now(lambda c: daemons.renew(c, one, "r"))
    assert isinstance(begin(shared, "A", one), lanes.Lost), "not even before somebody else took it"
    assert take(shared, two).taken == ("A",)
    assert daemons.running_on(shared) == ("host:1",)


def test_what_was_on_its_way_with_a_daemon_that_went_is_unknown_and_it_can_finish_nothing(shared: Store):
    owe(shared, "A", "B")
    one = join(shared)
    take(shared, one)
    call = begin(shared, "A", one)
    assert isinstance(call, Call)
    two = join(shared)
    run_out(shared, one)
    share = take(shared, two)
    assert share.interrupted == 1
    assert sorted(states(shared)) == ["pending", "unknown"]

    def finish(connection: Connection) -> bool:
        done = [d.after(Sent(), 2_000, policy, shared=False, roll=0.0) for d in call.deliveries]
        return lanes.finish(connection, call, Sent(), Lane(account="A"), done, 2_000, daemon=one)

    policy = RetryPolicy(retries=3)
    assert shared.write_now(finish) is False
    assert sorted(states(shared)) == ["pending", "unknown"], "what the one who took over holds of it stands"


def test_a_lane_with_a_call_on_its_way_is_not_given_back(shared: Store):
    owe(shared, "A", "B")
    one = join(shared)
    take(shared, one)
    assert isinstance(begin(shared, "B", one), Call)
    join(shared)
    assert take(shared, one).owned == {"B"}


def test_a_call_whose_begin_was_not_answered_never_left_and_waits_again(shared: Store):
    owe(shared, "A")
    one = join(shared)
    take(shared, one)
    assert isinstance(begin(shared, "A", one), Call)
    again = begin(shared, "A", one, after_failure=True)
    assert isinstance(again, Call)
    assert states(shared) == ["sending"]
    ended = shared.read_now(lambda c: c.execute(select(t.calls.c.reason).order_by(t.calls.c.id)).scalars().all())
    assert ended == ["never_left", ""]


@times(0.25)
@given(st.lists(st.sampled_from(["join", "die", "leave", "look"]), min_size=4, max_size=25), st.integers(0, 7))
def test_whoever_comes_and_goes_each_lane_has_one_owner_and_in_the_end_all_have_fair_shares(
    postgres: Server, events: list[str], number: int
):
    name = "fleet"
    url = postgres.create(name, template="filled")
    try:
        with closing(Store(url)) as store:
            _come_and_go(store, events, [f"A{n}" for n in range(number)])
    finally:
        postgres.drop(name)


def _come_and_go(store: Store, events: list[str], accounts: list[str]) -> None:
    owe(store, *accounts)
    living = [join(store)]
    for event in events:
        if event == "join":
            living.append(join(store))
        elif event == "look":
            for one in living:
                take(store, one)
        elif len(living) > 1:
            gone = living.pop(0)
            if event == "die":
                run_out(store, gone)
            else:
                store.write_now(lambda c, gone=gone: daemons.leave(c, gone))
    for one in [*living, *living, *living]:
        take(store, one)
    owned = {one: take(store, one).owned for one in living}
    held = Counter(account for owns in owned.values() for account in owns)
    assert held == Counter(accounts)
    sizes = [len(owns) for owns in owned.values()]
    assert max(sizes) <= -(-len(accounts) // len(living))


def test_many_who_look_at_once_take_each_lane_once(shared: Store, database_url: str):
    owe(shared, *(f"A{n:02}" for n in range(40)))
    numbers = [join(shared) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        shares = list(threads.map(lambda number: take(shared, number), numbers * 3))
    found = {number: take(shared, number).owned for number in numbers}
    assert sum(map(len, found.values())) == len(frozenset().union(*found.values())) == 40
    assert shares


# What is one for all ------------------------------------------------------------------------------------------------


def test_the_budget_is_one_for_all_and_rests_after_a_pause(shared: Store):
    def take_one(now: int) -> float:
        return shared.write_now(lambda c: allowances.take(c, per_second=2, most=4, now=now))

    assert take_one(1_000) == 0
    assert take_one(1_000) == pytest.approx(0.5)
    assert [take_one(60_000) for _ in range(5)] == [0, 0, 0, 0, pytest.approx(0.5)]
    shared.write_now(lambda c: allowances.pause(c, until=70_000))
    assert take_one(69_000) == pytest.approx(1.5)
    assert take_one(70_500) == 0


def test_one_fetches_the_token_and_the_others_get_what_it_got(shared: Store):
    def look(had: str, now: int) -> object:
        return shared.write_now(lambda c: grants.look(c, had, now))

    assert look("", 1_000) is True
    assert look("", 1_000) is False, "it is being fetched"
    shared.write_now(lambda c: grants.put(c, "sealed-1", 10_000))
    assert look("", 2_000) == grants.Sealed("sealed-1", 10_000)
    assert look("sealed-1", 2_000) is True, "whoever had it and asks again needs a new one"
    assert look("sealed-1", 2_000 + grants.FETCH_WITHIN) is True, "who wanted to fetch it is gone"
    shared.write_now(grants.give_up)
    assert look("sealed-1", 2_000) is True


def test_a_set_is_published_for_all_until_it_is_taken_back(shared: Store):
    assert shared.read_now(rule_history.published) is None
    shared.write_now(lambda c: rule_history.publish(c, "h", packing.pack({"rules.toml": "x"}), "me", 1))
    found = shared.read_now(rule_history.published)
    assert found is not None
    assert (found.at, found.who, found.hash, found.sources) == (1, "me", "h", {"rules.toml": "x"})
    shared.write_now(lambda c: rule_history.withdraw(c, "me", 2))
    assert shared.read_now(rule_history.published) is None


def test_a_character_that_postgresql_cannot_hold_is_kept_as_its_symbol(shared: Store):
    shared.write_now(
        lambda c: inbox.add(c, [message_row(key="k", text='a\0b\\u0000"', content='{"t":"\\u0000"}')]) and None
    )
    row = shared.read_now(lambda c: c.execute(select(t.messages.c.text, t.messages.c.content)).one())
    assert tuple(row) == ('a\u2400b\\u0000"', '{"t":"\\u0000"}'), "the original is what came, byte for byte"
