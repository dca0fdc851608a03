"""The budget of calls that are no sends."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.flow.budget import BURST_SECONDS, Budget


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


@given(st.integers(1, 600), st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_never_more_than_the_rate_and_one_burst(per_minute, pauses):
    clock = HandClock()
    budget = Budget(per_minute, clock)
    spent = 0
    for pause in pauses:
        clock.seconds += pause
        while budget.take():
            spent += 1
    most = clock.seconds * per_minute / 60 + max(1.0, per_minute / 60 * BURST_SECONDS)
    assert spent <= most + 1e-6


async def test_after_a_pause_nothing_grows_until_it_is_over():
    clock = HandClock()
    budget = Budget(60, clock)
    assert budget.take()
    await budget.pause(60)
    clock.seconds = 59.9
    assert not budget.take()
    clock.seconds = 61.1
    assert budget.take()
    assert not budget.take()


def test_a_start_spends_no_burst():
    clock = HandClock()
    budget = Budget(300, clock)
    assert [budget.take() for _ in range(6)] == [True] * 5 + [False]


async def test_who_waits_is_served_in_the_order_of_asking():
    clock, served = HandClock(), []

    async def sleep(seconds: float) -> None:
        clock.seconds += seconds
        await asyncio.sleep(0)

    budget = Budget(60, clock, sleep=sleep)

    async def spend(name: int) -> None:
        await budget.spend()
        served.append((name, round(clock.seconds, 2)))

    await asyncio.gather(*(spend(name) for name in range(4)))
    assert served == [(0, 0), (1, 1), (2, 2), (3, 3)]
