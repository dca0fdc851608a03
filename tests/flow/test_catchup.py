"""Pulling: by cursor, deduplicated, the first time as a baseline only, whatever way the vendor sorts and pages."""

from collections.abc import Callable
from itertools import islice

import pytest

from tests.flow.conftest import NOW, decisions, original, running, take
from yzj_daemon.delivery import Deferred, Fault, Refused, Unanswered
from yzj_daemon.flow.budget import Budget
from yzj_daemon.flow.catchup import Catchup, Mode, PullPolicy
from yzj_daemon.message import Batch, Original, Page
from yzj_daemon.storage import inbox


class Logs:
    """A vendor's log of one account, oldest first, served by cursor and page the way ``options`` say."""

    def __init__(self, *, size: int = 3, order: str = "ascending", pages: bool = True, inclusive: bool = True) -> None:
        self.rows: list[Original] = []
        self.size = size
        self.order = order
        self.pages = pages
        self.inclusive = inclusive
        self.faults: list[Fault] = []
        self.calls = 0

    def add(self, *ids: int) -> None:
        self.rows += [original(id=str(n), sent_at=NOW + n) for n in ids]

    async def __call__(
        self, account: str, *, cursor: str, page: int, chat: str = "", newer: bool = True
    ) -> Page | Fault:
        self.calls += 1
        if self.faults:
            return self.faults.pop(0)
        rows = self._after(cursor) if cursor else self.rows[-self.size :]
        if self.order == "descending":
            rows = rows[::-1]
        if self.order == "shuffled":
            rows = rows[::2] + rows[1::2]
        start = (page - 1) * self.size if self.pages else 0
        chosen = rows[start : start + self.size]
        return Page(Batch(tuple(chosen)), len(chosen))

    def _after(self, cursor: str) -> list[Original]:
        at = next(n for n, row in enumerate(self.rows) if row.id == cursor)
        return self.rows[at if self.inclusive else at + 1 :]


@pytest.fixture
def make_catchup(store, clock, metrics) -> Callable[..., Catchup]:
    def make(logs: Logs, intake, accounts: tuple[str, ...] = ("A",), **policy: int) -> Catchup:
        return Catchup(
            store,
            intake,
            logs,
            Budget(policy.pop("budget", 60_000), clock, sleep=clock.sleep),
            lambda: accounts,
            PullPolicy(page_size=logs.size, **policy),
            clock=clock,
            metrics=metrics,
            sleep=clock.sleep,
        )

    return make


async def test_the_first_pull_only_learns_where_the_log_ends(make_intake, make_catchup, store):
    logs = Logs()
    logs.add(1, 2, 3, 4)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        assert await catchup.pull("A") == 0
        assert await catchup.pull("A") == 0
        assert decisions(store) == []
        logs.add(5)
        assert await catchup.pull("A") == 1
    assert decisions(store) == [("5", "matched")]


async def test_an_account_with_an_empty_log_misses_nothing_that_comes_later(make_intake, make_catchup, store):
    logs = Logs()
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(1, 2)
        await catchup.pull("A")
    assert [key for key, _ in decisions(store)] == ["1", "2"]


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize(
    ("order", "pages"), [("ascending", True), ("ascending", False), ("descending", True), ("shuffled", True)]
)
async def test_a_backlog_of_many_pages_is_taken_in_whole(make_intake, make_catchup, store, order, pages, inclusive):
    logs = Logs(order=order, pages=pages, inclusive=inclusive)
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(*range(2, 22))
        for _ in range(3):
            await catchup.pull("A")
    assert sorted(int(key) for key, _ in decisions(store)) == list(range(2, 22))


async def test_what_a_callback_brought_is_not_taken_twice(make_intake, make_catchup, store):
    logs = Logs()
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(2, 3, 4, 5, 6)
        await take(intake, *(original(id=str(n), sent_at=NOW + n) for n in (2, 3, 4, 5)))
        await catchup.pull("A")
    assert [key for key, _ in decisions(store)] == ["2", "3", "4", "5", "6"]


@pytest.mark.parametrize("order", ["ascending", "descending"])
async def test_a_fault_in_mid_walk_loses_nothing(make_intake, make_catchup, store, order):
    logs = Logs(order=order)
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(*range(2, 12))
        first_page = logs.calls + 1

        async def faulty(account, *, cursor, page, chat, newer):
            if logs.calls == first_page:
                logs.calls += 1
                return Deferred("network", lane_wide=True)
            return await logs(account, cursor=cursor, page=page)

        catchup._chat_logs = faulty
        await catchup.pull("A")
        for _ in range(4):
            await catchup.pull("A")
    assert sorted(int(key) for key, _ in decisions(store)) == list(range(2, 12))


async def test_the_budget_is_kept_and_each_account_has_its_turn(make_intake, make_catchup, clock):
    logs = Logs(size=10)
    asked: list[tuple[str, float]] = []
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake, accounts=("A", "B", "C"), budget=20, interval=1_000)

        async def chat_logs(account, *, cursor, page, chat, newer):
            asked.append((account, clock.seconds))
            return Page(Batch(), 0)

        catchup._chat_logs = chat_logs
        for _ in range(4):
            await catchup.tick()
            await catchup.settled()
            clock.seconds += 9
    rounds = [sorted(account for account, _ in asked[n : n + 3]) for n in range(0, 12, 3)]
    assert rounds == [["A", "B", "C"]] * 4
    assert asked[-1][1] - asked[0][1] >= 3 * 9, "20 a minute, but for a burst of two"


async def test_a_long_catch_up_of_one_account_keeps_no_other_waiting(make_intake, make_catchup, store, clock):
    """Its pages and the others' take turns: one behind the other, as they ask."""
    logs, asked = Logs(size=3), []
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake, accounts=("A", "B"), budget=60)

        async def chat_logs(account, *, cursor, page, chat, newer):
            asked.append(account)
            return await logs(account, cursor=cursor, page=page) if account == "A" else Page(Batch(), 0)

        catchup._chat_logs = chat_logs
        await catchup.tick()
        await catchup.settled()
        logs.add(*range(2, 60))
        asked.clear()
        clock.seconds += 60
        await catchup.tick()
        await catchup.settled()
    assert asked.index("B") <= 2
    assert asked.count("A") >= 20
    assert len(decisions(store)) == 58


@pytest.mark.parametrize("order", ["ascending", "descending"])
async def test_a_backlog_larger_than_the_budget_is_caught_up_all_the_same(
    make_intake, make_catchup, store, clock, order
):
    logs = Logs(order=order)
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake, budget=6)
        await catchup.pull("A")
        logs.add(*range(2, 62))
        began = clock.seconds
        assert await catchup.pull("A") == 60
    assert clock.seconds - began >= 190, "20 pages at 6 a minute"
    assert len(decisions(store)) == 60


@pytest.mark.parametrize("reason", ["network", "transient", "timeout"])
async def test_a_page_that_fails_is_asked_for_again(make_intake, make_catchup, store, reason):
    logs = Logs(order="descending")
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(*range(2, 12))
        fault = Unanswered("timeout") if reason == "timeout" else Deferred(reason)
        logs.faults = [fault, fault]
        assert await catchup.pull("A") == 10
        logs.add(12)
        logs.faults = [fault, fault, fault]
        assert await catchup.pull("A") == 0
        assert await catchup.pull("A") == 1


async def test_a_page_of_the_newest_alone_moves_no_cursor(make_intake, make_catchup, store):
    """Rows from old to new, pages from new to old: what one page shows does not tell that nothing lies before it."""
    logs = Logs(size=3)
    logs.add(1)

    async def newest_first(account, *, cursor, page, chat, newer):
        if page > 1 and logs.faults:
            return logs.faults[0]
        rows = [row for row in logs.rows if not cursor or int(row.id) >= int(cursor)]
        end = len(rows) - 3 * (page - 1)
        chosen = rows[max(0, end - 3) : max(0, end)]
        return Page(Batch(tuple(chosen)), len(chosen))

    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        catchup._chat_logs = newest_first
        await catchup.pull("A")
        logs.add(*range(2, 12))
        logs.faults = [Deferred("network")]
        assert await catchup.pull("A") == 3
        logs.faults = []
        assert await catchup.pull("A") == 7
    assert sorted(int(key) for key, _ in decisions(store)) == list(range(2, 12))


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("burst", [1, 3, 7])
async def test_rows_that_come_while_pages_are_read_push_nothing_out_of_sight(
    make_intake, make_catchup, store, inclusive, burst
):
    """Pages from new to old: each new row moves all others one place on, so a page may show what the last one did."""
    logs = Logs(size=3, order="descending", inclusive=inclusive)
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(*range(2, 12))
        coming = iter(range(12, 12 + 6 * burst))

        async def busy(account, *, cursor, page, chat, newer):
            answer = await logs(account, cursor=cursor, page=page)
            logs.add(*islice(coming, burst))
            return answer

        catchup._chat_logs = busy
        for _ in range(6):
            await catchup.pull("A")
    assert sorted(int(key) for key, _ in decisions(store)) == list(range(2, 12 + 6 * burst))


async def test_a_platform_that_ignores_pages_and_shows_the_newest_is_told_and_moves_no_cursor(
    make_intake, make_catchup, store, capsys
):
    logs = Logs(size=3, order="descending", pages=False, inclusive=False)
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        before = store.read_now(lambda c: inbox.cursor(c, "A"))
        logs.add(*range(2, 12))
        await catchup.pull("A")
    assert store.read_now(lambda c: inbox.cursor(c, "A")) == before
    assert "pull.stuck" in capsys.readouterr().out


async def test_407_stops_all_pulling_for_a_minute(make_intake, make_catchup, clock):
    logs = Logs()
    logs.faults = [Deferred("rate_limited", lane_wide=True)]
    async with running(make_intake()) as intake:
        began = clock.seconds
        await make_catchup(logs, intake).pull("A")
    assert logs.calls == 2
    assert clock.seconds - began >= 60


@pytest.mark.parametrize(
    ("accounts", "interval", "per_minute", "expected"),
    [(1, None, 300, 2_000), (100, None, 300, 20_000), (1, 20_000, 300, 20_000), (1_000, 20_000, 300, 200_000)],
)
def test_how_often_an_account_is_pulled(accounts, interval, per_minute, expected):
    assert PullPolicy(interval=interval, per_minute=per_minute).every(accounts) == expected


async def test_the_cursor_survives_a_restart(make_intake, make_catchup, store):
    logs = Logs()
    logs.add(1, 2)
    async with running(make_intake()) as intake:
        await make_catchup(logs, intake).pull("A")
    assert store.read_now(lambda c: inbox.cursor(c, "A")) == inbox.Cursor("2", NOW + 2, NOW + 2)


async def test_a_row_that_comes_late_behind_newer_ones_is_still_taken(make_intake, make_catchup, store, clock):
    logs = Logs(size=10)
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(2, 4)
        await catchup.pull("A")
        logs.rows.insert(2, original(id="3", sent_at=NOW + 3))
        await catchup.pull("A")
        assert sorted(key for key, _ in decisions(store)) == ["2", "3", "4"]
        clock.seconds += 60
        await catchup.pull("A")
    assert store.read_now(lambda c: inbox.cursor(c, "A")).svrid == "4", "old enough for nothing to slip in before it"


@pytest.mark.parametrize("order", ["ascending", "descending"])
async def test_a_cursor_that_the_platform_forgot_costs_nothing(make_intake, make_catchup, store, order):
    logs = Logs(order=order)
    logs.add(1, 2)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(3, 4, 5)

        async def forgetful(account, *, cursor, page, chat, newer):
            if cursor:
                return Refused("bad_parameter", "svrid not found")
            newest = logs.rows[::-1][(page - 1) * 3 : page * 3]
            return Page(Batch(tuple(newest)), len(newest))

        catchup._chat_logs = forgetful
        assert await catchup.pull("A") == 3
        logs.add(6, 7, 8, 9)
        assert await catchup.pull("A") == 4
    assert sorted(int(key) for key, _ in decisions(store)) == list(range(3, 10))


async def test_what_is_too_old_to_be_wanted_is_decided_and_told(make_intake, make_catchup, store, clock, capsys):
    logs = Logs(size=10)
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(2)
        clock.seconds += 2 * 3600 + 1
        logs.rows.append(original(id="3", sent_at=clock.now()))
        await catchup.pull("A")
    assert decisions(store) == [("2", "too_old"), ("3", "matched")]
    assert "pull.too_old" in capsys.readouterr().out


async def test_what_only_a_pull_brought_is_counted(make_intake, make_catchup, metrics):
    logs = Logs(size=10)
    logs.add(1)
    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        await catchup.pull("A")
        logs.add(2, 3)
        await catchup.pull("A")
        await catchup.pull("A")
    assert b"yzj_gap_messages_total 2.0" in metrics.render()


@pytest.mark.parametrize("wrong", [False, True])
async def test_a_direction_that_leads_into_the_past_is_told_at_the_start(make_intake, make_catchup, wrong, capsys):
    logs = Logs(size=6)
    logs.add(1, 2, 3, 4, 5, 6)

    async def directed(account, *, cursor, page, chat, newer):
        if wrong and cursor:
            at = next(n for n, row in enumerate(logs.rows) if row.id == cursor)
            older = logs.rows[: at + 1]
            return Page(Batch(tuple(older)), len(older))
        return await logs(account, cursor=cursor, page=page)

    async with running(make_intake()) as intake:
        catchup = make_catchup(logs, intake)
        catchup._chat_logs = directed
        await catchup.pull("A")
    assert ("pull.direction_wrong" in capsys.readouterr().out) is wrong


async def test_each_chat_can_be_a_log_of_its_own(make_intake, make_catchup, store, clock):
    asked: list[tuple[str, str]] = []
    rows = {"R:one": ["a1"], "R:two": ["b1"], "R:named": []}

    async def chat_logs(account, *, cursor, page, chat, newer):
        asked.append((account, chat))
        found = [original(id=id_, chat=chat, sent_at=NOW + n) for n, id_ in enumerate(rows[chat])]
        return Page(Batch(tuple(found)), len(found))

    async with running(make_intake()) as intake:
        await take(intake, original(id="x1", chat="R:one"), original(id="x2", chat="R:two"))
        catchup = make_catchup(Logs(size=10), intake, mode=Mode.CHAT, interval=1)
        catchup._chat_logs = chat_logs
        catchup._chats = lambda: frozenset({"R:named"})
        await catchup.tick()
        await catchup.settled()
        assert sorted(asked) == [("A", "R:named"), ("A", "R:one"), ("A", "R:two")], "a baseline each"
        rows["R:two"].append("b2")
        rows["R:named"].append("c1")
        clock.seconds += 5
        await catchup.tick()
        await catchup.settled()
    assert sorted(key for key, _ in decisions(store)) == ["b2", "c1", "x1", "x2"]
