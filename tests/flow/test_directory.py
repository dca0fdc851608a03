"""Names for ids: what is read, what is noticed, what a fault does, what it costs."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
from structlog.testing import capture_logs

from tests.flow.conftest import HandClock
from yzj_daemon.chat import Chat, ChatPage
from yzj_daemon.clock import HOUR, SECOND
from yzj_daemon.delivery import Deferred, Refused
from yzj_daemon.flow.budget import Budget
from yzj_daemon.flow.directory import MOST_PAGES, RETRY, SHARE, Directory, Lists
from yzj_daemon.storage import directory
from yzj_daemon.storage.engine import Store

OFFLINE = Deferred("offline", lane_wide=True, detail="1001: 账号不在线")
NETWORK = Deferred("network", lane_wide=True, detail="ConnectError: x")
BARRED = Deferred("blocked", lane_wide=True, detail="HTTP 404")
SLOW = Deferred("rate_limited", lane_wide=True, detail="407: slow")


class Vendor:
    """Lists in pages of two. ``faults``: (account, kind) -> what that list is answered with."""

    def __init__(self):
        self.lists = {
            ("A", "room"): [Chat("R:1", "运营群")],
            ("A", "contact"): [Chat("7", "王客户"), Chat("8", "李客户"), Chat("9", "张客户")],
            ("B", "room"): [Chat("R:1", "运营群"), Chat("R:2", "值班群")],
        }
        self.faults = {}
        self.asked = []
        self.has_pages = True

    async def __call__(self, account, kind, page):
        self.asked.append((account, kind, page))
        if fault := self.faults.get((account, kind)):
            return fault
        chats = tuple(self.lists.get((account, kind), ()))
        if not self.has_pages:
            return ChatPage(chats, last=False)
        return ChatPage(chats[2 * page - 2 : 2 * page], last=2 * page >= len(chats))


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


Make = Callable[..., Directory]


@pytest.fixture
def make(store: Store, clock: HandClock, vendor: Vendor) -> Make:
    def make(*accounts: str, rest: float = 0.0) -> Directory:
        budget = Budget(60_000, clock, sleep=clock.sleep)
        lists = Lists(vendor, budget, rest=rest, sleep=clock.sleep)
        return Directory(store, lists, lambda: accounts or ("A", "B"), every=HOUR, clock=clock)

    return make


def names(store: Store) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    found = store.read_now(partial(directory.listed, narrowed=directory.ChatFilter(), limit=50))
    return {line.id: (line.name, line.earlier_name, line.accounts) for line in found}


async def test_every_page_of_every_served_account_is_read_once_in_its_time(make: Make, vendor, store, clock):
    served = make()
    await served.tick()
    pages = [
        ("A", "room", 1),
        ("A", "contact", 1),
        ("A", "contact", 2),
        ("B", "room", 1),
        ("B", "contact", 1),
    ]
    assert vendor.asked == pages
    assert names(store)["R:1"] == ("运营群", "", ("A", "B"))
    assert names(store)["9"] == ("张客户", "", ("A",))
    clock.seconds += HOUR / SECOND - 1
    await served.tick()
    assert vendor.asked == pages
    clock.seconds += 1
    await served.tick()
    assert vendor.asked == pages * 2


async def test_an_account_that_appears_is_read_at_once(make: Make, vendor, store, clock):
    accounts = ["A"]
    served = Directory(store, Lists(vendor, Budget(60_000, clock)), lambda: tuple(accounts), every=HOUR, clock=clock)
    await served.tick()
    accounts.append("B")
    await served.tick()
    assert {account for account, _, _ in vendor.asked[3:]} == {"B"}


async def test_a_rename_is_noticed_told_once_and_kept(make: Make, vendor, store, clock):
    served = make()
    await served.tick()
    vendor.lists["A", "room"] = vendor.lists["B", "room"] = [Chat("R:1", "运营一群")]
    clock.seconds += HOUR / SECOND
    with capture_logs() as logs:
        await served.tick()
    [told] = [line for line in logs if line["event"] == "chat.renamed"]
    assert told["log_level"] == "info"
    assert (told["chat"], told["name"], told["earlier"]) == ("R:1", "运营一群", "运营群")
    assert names(store)["R:1"] == ("运营一群", "运营群", ("A", "B"))
    assert names(store)["R:2"] == ("值班群", "", ()), "it is seen no longer, and stays known"


@pytest.mark.parametrize("fault", [NETWORK, OFFLINE, Refused("bad_parameter", "406: x")])
async def test_a_fault_changes_nothing_but_a_log_line(make: Make, vendor, store, clock, fault):
    served = make()
    await served.tick()
    before = names(store)
    vendor.lists.clear()
    vendor.faults = dict.fromkeys([(a, kind) for a in "AB" for kind in ("room", "contact")], fault)
    clock.seconds += HOUR / SECOND
    with capture_logs() as logs:
        await served.tick()
    assert names(store) == before
    assert {line["event"] for line in logs} <= {"directory.unread", "directory.read"}
    assert logs[0]["reason"] == fault.reason


async def test_after_a_fault_it_is_tried_again_soon(make: Make, vendor, store, clock):
    vendor.faults["A", "contact"] = NETWORK
    served = make("A")
    synced = await served.sync("A")
    assert (synced.count("room"), synced.count("contact"), synced.new) == (1, 0, 1), "what could be read is kept"
    assert (synced.read.faults, synced.read.hopeless) == ({"contact": NETWORK}, None)
    await served.tick()
    vendor.faults.clear()
    clock.seconds += RETRY / SECOND
    await served.tick()
    assert "7" in names(store)


@pytest.mark.parametrize("fault", [OFFLINE, Refused("bad_parameter", "406: x")])
async def test_what_will_not_be_better_soon_is_not_asked_again_soon(make: Make, vendor, clock, fault):
    vendor.faults = {("A", "room"): fault, ("A", "contact"): fault}
    served = make()
    await served.tick()
    assert ("B", "room", 1) in vendor.asked
    asked = len(vendor.asked)
    clock.seconds += HOUR / SECOND - 1
    await served.tick()
    assert len(vendor.asked) == asked


async def test_a_list_that_nobody_is_given_keeps_no_account_from_the_other(make: Make, vendor, store):
    vendor.faults = {("A", "contact"): BARRED, ("B", "contact"): BARRED}
    await make().tick()
    assert names(store).keys() == {"R:1", "R:2"}


async def test_what_would_fail_for_every_account_is_asked_once(make: Make, vendor, clock):
    vendor.faults = {("A", "room"): NETWORK, ("A", "contact"): NETWORK}
    served = make()
    await served.tick()
    await served.tick()
    assert vendor.asked == [("A", "room", 1), ("A", "contact", 1)]
    vendor.faults.clear()
    clock.seconds += RETRY / SECOND
    await served.tick()
    assert ("B", "room", 1) in vendor.asked


async def test_a_platform_that_ignores_the_page_ends_all_the_same(make: Make, vendor, store):
    vendor.has_pages = False
    assert (await make().sync("A")).count("contact") == 3
    assert vendor.asked == [("A", "room", 1), ("A", "room", 2), ("A", "contact", 1), ("A", "contact", 2)]


async def test_a_list_without_end_is_a_fault(clock):
    async def endless(account, kind, page):
        return ChatPage((Chat(str(page)),), last=False)

    read = await Lists(endless, Budget(60_000, clock, sleep=clock.sleep), sleep=clock.sleep).read("A")
    assert read.chats == {}
    assert str(MOST_PAGES) in read.faults["room"].detail


async def test_many_chats_are_learnt_in_bites(make: Make, vendor, store):
    vendor.has_pages = False
    vendor.lists["A", "contact"] = [Chat(str(n), f"客户{n}") for n in range(1_203)]
    assert (await make().sync("A")).new == 1_204
    assert store.read_now(directory.counted)["A"][:2] == (1, 1_203)


async def test_every_call_is_of_the_budget_and_most_of_it_is_left(store, vendor, clock):
    budget = Budget(60, clock, sleep=clock.sleep)
    lists = Lists(vendor, budget, rest=budget.rest(SHARE), sleep=clock.sleep)
    began = clock.seconds
    await lists.read("A")
    assert len(vendor.asked) == 3
    assert clock.seconds - began == pytest.approx(3 / SHARE), "one in so many seconds, of one a second"


async def test_a_pull_waits_for_one_call_of_it_at_most(vendor, clock):
    budget = Budget(60, clock, sleep=clock.sleep)
    reading = asyncio.create_task(Lists(vendor, budget, sleep=clock.sleep).read("A"))
    while not vendor.asked:
        await asyncio.sleep(0)
    await budget.spend()
    assert len(vendor.asked) <= 2
    await reading


async def test_too_much_for_the_platform_rests_the_whole_budget(vendor, clock):
    vendor.faults["A", "room"] = SLOW
    budget = Budget(600, clock, sleep=clock.sleep)
    began = clock.seconds
    assert (await Lists(vendor, budget).read("A")).faults == {"room": SLOW}
    assert clock.seconds - began >= 60, "until the next call"
