"""One call at a time per lane, paced, every outcome written down."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from sqlalchemy import select

from tests.flow.conftest import HandClock, original, owed, running, take
from yzj_daemon.delivery import Call, Deferred, Outcome, Refused, RetryPolicy, Sent, Unanswered
from yzj_daemon.flow.courier import Courier, CourierPolicy
from yzj_daemon.lane import Pace
from yzj_daemon.storage import lanes, outbox
from yzj_daemon.storage import tables as t

GAP = 50


class RealClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


class Vendor:
    """Answers from a script, else Sent; remembers when each call began and ended."""

    def __init__(self, *script: Outcome, seconds: float = 0.0) -> None:
        self.script = list(script)
        self.seconds = seconds
        self.calls: list[tuple[Call, float, float]] = []

    async def __call__(self, call: Call) -> Outcome:
        began = time.monotonic()
        await asyncio.sleep(self.seconds)
        self.calls.append((call, began, time.monotonic()))
        return self.script.pop(0) if self.script else Sent()

    def chats(self) -> list[tuple[str, ...]]:
        return [call.chats for call, _, _ in self.calls]

    def gaps(self, account: str = "A") -> list[float]:
        """Seconds from each answer to the next call of the account."""
        mine = [(b, e) for call, b, e in self.calls if call.account == account]
        return [later[0] - earlier[1] for earlier, later in pairwise(mine)]


@pytest.fixture
def make_courier(store, metrics) -> Callable[..., Courier]:
    def make(vendor: Callable[[Call], Awaitable[Outcome]], **given: object) -> Courier:
        policy = CourierPolicy(
            pace=Pace(gap=GAP, network_first=GAP, throttle_first=2 * GAP, probe=2 * GAP),
            caps=lanes.Caps(max_targets=1),
            retry=RetryPolicy(retries=3, shortest=10, longest=20),
        )
        return Courier(store, vendor, given.pop("policy", policy), clock=RealClock(), metrics=metrics, roll=lambda: 0.5)

    return make


async def settle(courier: Courier, until: Callable[[], bool]) -> None:
    """Run the courier until something is so, then stop it the regular way."""
    task = asyncio.create_task(courier.run())
    async with asyncio.timeout(10):
        while not until():
            await asyncio.sleep(0.005)
    courier.stop()
    await task


async def owe(make_intake, *chats: str, account: str = "A", id: str = "1") -> None:
    targets = ", ".join(f'"{chat}"' for chat in chats)
    toml = f'[[rules]]\nid = "r"\nforward_to = [{targets}]\nwhen = {{ everything = true }}\n'
    async with running(make_intake(toml, max_targets=1)) as intake:
        await take(intake, original(id=id, account=account, chat=f"R:src{account}"))


def all_settled(store, state: str = "sent") -> Callable[[], bool]:
    return lambda: all(s == state for _, _, s in owed(store))


async def test_every_gap_is_at_least_the_pace(make_intake, make_courier, store):
    await owe(make_intake, *(f"c{n}" for n in range(12)))
    vendor = Vendor(seconds=0.01)
    await settle(make_courier(vendor), all_settled(store))
    assert len(vendor.calls) == 12
    assert min(vendor.gaps()) >= GAP / 1000
    times = store.read_now(lambda c: c.execute(select(t.calls.c.began_at, t.calls.c.ended_at).order_by("id")).all())
    told = [later.began_at - earlier.ended_at for earlier, later in pairwise(times)]
    assert min(told) >= GAP, "nor do the books, which are written before, tell of a shorter one"


async def test_a_fresh_process_waits_a_full_gap_before_its_first_call(make_intake, make_courier, store):
    await owe(make_intake, "c")
    vendor = Vendor()
    courier = make_courier(vendor)
    began = time.monotonic()
    await settle(courier, all_settled(store))
    assert vendor.calls[0][1] - began >= GAP / 1000 - 0.005


async def test_lanes_do_not_wait_for_each_other(make_intake, make_courier, store):
    await owe(make_intake, "c1", "c2", "c3", account="A", id="1")
    await owe(make_intake, "c1", "c2", "c3", account="B", id="2")
    vendor = Vendor(seconds=0.04)
    await settle(make_courier(vendor), all_settled(store))
    spans = [(call.account, b, e) for call, b, e in vendor.calls]
    overlapping = [1 for x in spans for y in spans if x[0] == "A" and y[0] == "B" and x[1] < y[2] and y[1] < x[2]]
    assert overlapping


async def test_one_call_at_a_time_per_lane_however_often_it_is_woken(make_intake, make_courier, store):
    await owe(make_intake, "c1", "c2", "c3")
    vendor = Vendor(seconds=0.02)
    courier = make_courier(vendor)
    task = asyncio.create_task(courier.run())
    while not all_settled(store)():
        courier.wake(["A", "A", "A"])
        await asyncio.sleep(0.003)
    courier.stop()
    await task
    assert min(vendor.gaps()) >= GAP / 1000


async def test_no_answer_is_unknown_and_is_not_sent_again(make_intake, make_courier, store):
    await owe(make_intake, "c1", "c2")
    vendor = Vendor(Unanswered("timeout"))
    await settle(make_courier(vendor), lambda: len(vendor.calls) >= 2 and owed(store)[1][2] == "sent")
    assert [s for _, _, s in owed(store)] == ["unknown", "sent"]
    assert len(vendor.calls) == 2


async def test_a_certain_failure_is_tried_again_then_fails(make_intake, make_courier, store):
    await owe(make_intake, "c1")
    vendor = Vendor(*[Deferred("transient")] * 3)
    await settle(make_courier(vendor), all_settled(store, "failed"))
    assert len(vendor.calls) == 3


async def test_a_stopped_lane_keeps_its_deliveries_and_burns_no_try(make_intake, make_courier, store):
    await owe(make_intake, "c1")
    vendor = Vendor(*[Deferred("rate_limited", lane_wide=True)] * 2)
    await settle(make_courier(vendor), all_settled(store))
    attempts = store.read_now(lambda c: c.execute(select(t.deliveries.c.attempts)).scalar_one())
    assert (len(vendor.calls), attempts) == (3, 1)
    assert vendor.gaps()[0] >= 2 * GAP / 1000
    assert vendor.gaps()[1] >= 4 * GAP / 1000


async def test_one_bad_chat_fails_alone(make_intake, make_courier, store):
    await owe(make_intake, "good1", "bad", "good2")

    class Picky(Vendor):
        async def __call__(self, call: Call) -> Outcome:
            await super().__call__(call)
            return Refused("bad_parameter", "no such chat") if "bad" in call.chats else Sent()

    vendor = Picky()
    policy = CourierPolicy(pace=Pace(gap=10), caps=lanes.Caps(max_targets=20), retry=RetryPolicy())
    done = {"sent", "failed"}
    await settle(make_courier(vendor, policy=policy), lambda: all(s in done for _, _, s in owed(store)))
    assert {chat: s for _, chat, s in owed(store)} == {"good1": "sent", "bad": "failed", "good2": "sent"}
    assert vendor.chats()[0] == ("good1", "bad", "good2")


async def test_stop_waits_for_the_call_in_flight_and_begins_no_other(make_intake, make_courier, store):
    await owe(make_intake, "c1", "c2")
    vendor = Vendor(seconds=0.1)
    courier = make_courier(vendor)
    task = asyncio.create_task(courier.run())
    while not any(s == "sending" for _, _, s in owed(store)):
        await asyncio.sleep(0.002)
    courier.stop()
    await task
    assert [s for _, _, s in owed(store)] == ["sent", "pending"]


async def test_a_lane_that_dies_takes_the_courier_down(make_intake, make_courier, store):
    await owe(make_intake, "c1")

    async def broken(call: Call) -> Outcome:
        raise RuntimeError("bug")

    with pytest.raises(ExceptionGroup):
        await make_courier(broken).run()
    assert store.write_now(lambda c: outbox.interrupted(c, 1)) == 1
    assert [s for _, _, s in owed(store)] == ["unknown"]


async def test_new_work_wakes_an_idle_lane_at_once(make_intake, make_courier, store):
    vendor = Vendor()
    courier = make_courier(vendor)
    task = asyncio.create_task(courier.run())
    await asyncio.sleep(0.1)
    await owe(make_intake, "c1")
    courier.wake(["A"])
    async with asyncio.timeout(5):
        while not vendor.calls:
            await asyncio.sleep(0.002)
    courier.stop()
    await task


class JumpyClock(RealClock):
    """A wall clock that somebody sets an hour on, then back, at every look."""

    def __init__(self) -> None:
        self.looks = 0

    def now(self) -> int:
        self.looks += 1
        return super().now() + 3_600_000 * (self.looks % 3 - 1)


async def test_a_wall_clock_that_jumps_by_hours_neither_bursts_nor_stalls(make_intake, make_courier, store):
    await owe(make_intake, *(f"c{n}" for n in range(8)))
    vendor = Vendor()
    courier = make_courier(vendor)
    courier._clock = JumpyClock()
    await settle(courier, all_settled(store))
    assert len(vendor.calls) == 8
    assert all(gap >= GAP / 1000 for gap in vendor.gaps())
    assert len(set(vendor.chats())) == 8


async def test_a_wall_clock_set_back_does_not_stop_a_lane(make_intake, make_courier, store):
    await owe(make_intake, "c1")
    far = RealClock().now() + 3_600_000
    store.write_now(lambda c: lanes.save(c, lanes.get(c, "A").begin(far, Pace()), far))
    vendor = Vendor()
    await settle(make_courier(vendor), all_settled(store))
    assert len(vendor.calls) == 1
    assert HandClock().now() > 0
