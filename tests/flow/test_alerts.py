"""What is told, when, and how often: the book by hand, then all of it on a real store."""

from functools import partial

import pytest

from tests.flow.conftest import original, rules, running, take
from yzj_daemon.account import HostedAccount
from yzj_daemon.clock import DAY, HOUR, MINUTE, SECOND
from yzj_daemon.errors import Lang
from yzj_daemon.flow.alerts import Alerts, Book, Live, Manners, News
from yzj_daemon.flow.troubles import Bounds, nearly_full, stored
from yzj_daemon.lane import Lane, LaneState
from yzj_daemon.storage import controls, inbox, lanes, reports, troubles
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.trouble import Alert, Kind, Trouble

OFFLINE = Trouble(kind=Kind.ACCOUNT_OFFLINE, subject="A")
HELD = Trouble(kind=Kind.HELD_RULE, subject="r", why="too many")
MANNERS = Manners(patience=MINUTE, window=30 * MINUTE, repeat=12 * HOUR)


class Diary:
    """A book, a clock, and what was told: ``+`` begins, ``-`` ends."""

    def __init__(self, book: Book | None = None) -> None:
        self.book = book or Book(MANNERS)
        self.now = 1_800_000_000_000
        self.told: list[str] = []

    def look(self, *found: Trouble, unsure: tuple[Kind, ...] = (), well: bool = True) -> list[News]:
        news = self.book.turn(found, unsure, self.now)
        for one in news:
            self.told += [f"+{trouble.subject}" for trouble in one.begun] + [f"-{over.who}" for over in one.over]
            (self.book.sent if well else self.book.failed)(one)
        return news

    def lasts(self, span: int, *found: Trouble, every: int = 5 * SECOND) -> None:
        for _ in range(span // every):
            self.now += every
            self.look(*found)


@pytest.fixture
def diary() -> Diary:
    return Diary()


def test_what_may_pass_is_told_once_it_lasts_and_when_it_is_over(diary):
    diary.look(OFFLINE)
    diary.lasts(55 * SECOND, OFFLINE)
    assert diary.told == []
    diary.lasts(10 * MINUTE, OFFLINE)
    assert diary.told == ["+A"]
    diary.lasts(MINUTE)
    assert diary.told == ["+A"], "it may come back at once"
    diary.lasts(MINUTE)
    assert diary.told == ["+A", "-A"]


def test_what_does_not_pass_by_itself_is_told_at_once(diary):
    diary.look(HELD)
    assert diary.told == ["+r"]


def test_what_passed_quickly_is_not_told_at_all(diary):
    for _ in range(100):
        diary.lasts(30 * SECOND, OFFLINE)
        diary.lasts(30 * SECOND)
    assert diary.told == []
    diary.lasts(2 * HOUR)
    assert diary.book.standings == {}


def test_what_comes_and_goes_is_told_once_a_window(diary):
    for _ in range(20):
        diary.lasts(2 * MINUTE, OFFLINE)
        diary.lasts(2 * MINUTE)
    told_at = diary.told.count("+A")
    assert told_at == 3, "80 minutes are three windows"
    assert diary.told.count("-A") <= told_at


def test_what_returned_within_the_window_and_stays_is_told_when_the_window_is_over(diary):
    diary.lasts(2 * MINUTE, OFFLINE)
    diary.lasts(2 * MINUTE)
    diary.lasts(20 * MINUTE, OFFLINE)
    assert diary.told == ["+A", "-A"]
    diary.lasts(10 * MINUTE, OFFLINE)
    assert diary.told == ["+A", "-A", "+A"]


def test_what_stays_is_told_again_every_so_often_and_with_0_never(diary):
    diary.lasts(25 * HOUR, OFFLINE, every=MINUTE)
    assert diary.told == ["+A"] * 3
    silent = Diary(Book(Manners(repeat=0)))
    silent.lasts(25 * HOUR, OFFLINE, every=MINUTE)
    assert silent.told == ["+A"]


def test_what_becomes_worse_is_told_again_at_once_and_what_becomes_better_is_not(diary):
    def late(level: int) -> Trouble:
        return Trouble(kind=Kind.LATE_ACKS, level=level)

    for level in (1, 1, 2, 3, 3, 2, 3):
        diary.now += 5 * SECOND
        diary.look(late(level))
    assert len(diary.told) == 3


def test_many_of_one_kind_make_one_alert(diary):
    down = [Trouble(kind=Kind.ACCOUNT_BLOCKED, subject=f"a{n}") for n in range(1_000)]
    diary.look(*down)
    diary.now += MINUTE
    [news] = diary.look(*down)
    assert len(news.begun) == 1_000
    diary.lasts(2 * MINUTE)
    assert len(diary.told) == 2_000


def test_those_that_come_one_after_the_other_are_gathered_for_a_while(diary):
    down: list[Trouble] = []
    alerts = 0
    for n in range(120):
        down.append(Trouble(kind=Kind.HELD_RULE, subject=f"r{n}"))
        diary.now += 5 * SECOND
        alerts += len(diary.look(*down))
    diary.now += MINUTE
    alerts += len(diary.look(*down))
    assert alerts <= 11, "ten minutes"
    assert len(diary.told) == 120


def test_what_nobody_can_know_just_now_neither_ends_nor_begins(diary):
    diary.lasts(2 * MINUTE, OFFLINE)
    for _ in range(100):
        diary.now += 5 * SECOND
        diary.look(unsure=(Kind.ACCOUNT_OFFLINE,))
    assert diary.told == ["+A"]


def test_an_alert_that_nobody_took_is_told_anew(diary):
    diary.look(HELD, well=False)
    diary.now += 5 * SECOND
    assert diary.look(HELD) == [], "not every few seconds"
    diary.lasts(2 * MINUTE, HELD)
    assert diary.told == ["+r", "+r"]


def test_an_alert_on_its_way_is_not_sent_twice(diary):
    [news] = diary.book.turn([HELD], (), diary.now)
    for _ in range(100):
        diary.now += 5 * SECOND
        assert diary.book.turn([HELD], (), diary.now) == []
    diary.now += 5 * SECOND
    assert diary.book.turn([], (), diary.now) == []
    diary.book.sent(news)
    diary.lasts(3 * MINUTE)
    assert diary.told == ["-r"], "what was over before its alert arrived is told, too"


# On a real store ----------------------------------------------------------------------------------------------------


class Watch:
    """The whole of it; ``sent`` are the alerts that left, ``well`` whether they arrive."""

    def __init__(self, store: Store, clock, metrics, toml: str = "", lang: Lang = "en", **bounds) -> None:
        self.sent: list[Alert] = []
        self.live = Live(platform="")
        self.well = True
        self.clock = clock
        self.rules = rules(toml) if toml else rules()
        self.alerts = Alerts(
            store,
            lambda: self.rules.ruleset,
            lambda: self.live,
            self.post,
            bounds=Bounds(**{"disk_free": 0, **bounds}),
            manners=MANNERS,
            where="here",
            lang=lang,
            clock=clock,
            metrics=metrics,
        )

    def post(self, alert: Alert, done) -> None:
        self.sent.append(alert)
        done(self.well)

    async def lasts(self, span: int) -> list[str]:
        """Look for so long; the titles of what was sent meanwhile."""
        before = len(self.sent)
        for _ in range(span // (5 * SECOND)):
            self.clock.seconds += 5
            await self.alerts.look()
        return [alert.title.removeprefix("yzj-daemon: ") for alert in self.sent[before:]]


@pytest.fixture
def make_watch(store, clock, metrics):
    return partial(Watch, store, clock, metrics)


def blocked(store, clock, account: str = "A", state: LaneState = LaneState.BLOCKED, reason: str = "113: ip") -> None:
    store.write_now(lambda c: inbox.saw(c, {account}, clock.now()))
    store.write_now(lambda c: lanes.save(c, Lane(account=account, state=state, reason=reason), clock.now() + DAY))


async def test_a_restart_repeats_nothing_and_tells_what_is_over(make_watch, store, clock):
    blocked(store, clock)
    first = make_watch()
    assert await first.lasts(2 * MINUTE) == ["the platform refuses us"]
    second = make_watch()
    assert await second.lasts(32 * MINUTE) == []
    store.write_now(lambda c: lanes.save(c, Lane(account="A"), clock.now()))
    third = make_watch()
    assert await third.lasts(3 * MINUTE) == ["recovered: the platform refuses us"]
    assert await make_watch().lasts(32 * MINUTE) == []
    assert store.read_now(troubles.remembered) == ()


async def test_what_was_not_sent_before_a_restart_is_sent_after_it(make_watch, store, clock):
    blocked(store, clock)
    first = make_watch()
    first.well = False
    await first.lasts(2 * MINUTE)
    assert await make_watch().lasts(MINUTE) == ["the platform refuses us"]


async def test_what_only_the_process_knows_is_told_and_before_it_knows_nothing_ends(make_watch, store):
    watch = make_watch()
    watch.live = Live(rules="rules.toml:3: no", platform="102: app_secret error")
    assert sorted(await watch.lasts(2 * MINUTE)) == ["calls to the platform fail", "rules refused"]
    again = make_watch()
    again.live = Live(rules="rules.toml:3: no", platform=None)
    assert await again.lasts(32 * MINUTE) == []
    again.live = Live(platform="")
    assert sorted(await again.lasts(3 * MINUTE)) == [
        "recovered: calls to the platform fail",
        "recovered: rules refused",
    ]


async def test_late_answers_are_counted_by_the_platforms_day_and_over_restarts(make_watch, store, metrics, clock):
    watch = make_watch()
    for late in (60, 60):
        for _ in range(late):
            metrics.late_ack()
        titles = await watch.lasts(MINUTE)
    assert titles == ["callbacks are answered late"]
    metrics.late_acks = 0  # a fresh process counts from the beginning
    watch = make_watch()
    for _ in range(400):
        metrics.late_ack()
    assert await watch.lasts(MINUTE) == ["callbacks are answered late"]
    assert "520 callbacks" in watch.sent[-1].body
    clock.seconds += 24 * 3_600
    assert await watch.lasts(3 * MINUTE) == ["recovered: callbacks are answered late"]


@pytest.mark.of_a_file
async def test_a_store_that_takes_nothing_is_told_and_ends_nothing_else(make_watch, store, clock):
    blocked(store, clock)
    watch = make_watch()
    assert await watch.lasts(2 * MINUTE) == ["the platform refuses us"]
    wrote_at = watch.alerts.wrote_at
    store.write_now(lambda c: c.exec_driver_sql("ALTER TABLE probes RENAME TO away"))
    store.write_now(lambda c: c.exec_driver_sql("ALTER TABLE quarantine RENAME TO away_too"))
    assert await watch.lasts(32 * MINUTE) == ["the store cannot be written"]
    assert watch.alerts.wrote_at == wrote_at
    store.write_now(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO probes"))
    store.write_now(lambda c: c.exec_driver_sql("ALTER TABLE away_too RENAME TO quarantine"))
    assert await watch.lasts(3 * MINUTE) == ["recovered: the store cannot be written"]
    assert watch.alerts.wrote_at > wrote_at


def test_of_a_small_disk_a_tenth_is_enough_and_very_little_is_worse():
    gib, bounds = 1 << 30, Bounds()
    assert nearly_full(gib, 4_000 * gib, bounds) == ()
    assert [trouble.level for trouble in nearly_full(gib - 1, 4_000 * gib, bounds)] == [1]
    assert nearly_full(gib // 10, gib, bounds) == ()
    assert [trouble.level for trouble in nearly_full(gib // 200, gib, bounds)] == [2]
    assert nearly_full(0, gib, Bounds(disk_free=0)) == ()


# What the store tells -----------------------------------------------------------------------------------------------


def kinds(store: Store, clock, toml: str = "", **bounds) -> dict[str, tuple[str, int]]:
    ruleset = rules(toml).ruleset if toml else None
    found = store.read_now(partial(stored, ruleset=ruleset, bounds=Bounds(**bounds), now=clock.now()))
    return {trouble.kind.value: (trouble.subject, trouble.count) for trouble in found}


async def test_a_lane_that_carries_nothing_though_something_is_due_is_stuck(make_intake, store, clock):
    async with running(make_intake()) as intake:
        await take(intake, original())
    clock.seconds += 14 * 60
    assert "lane_stuck" not in kinds(store, clock)
    clock.seconds += 2 * 60
    assert kinds(store, clock)["lane_stuck"] == ("A", 2)
    blocked(store, clock)
    assert kinds(store, clock) == {"account_blocked": ("A", 1)}, "the cause is told, not what follows from it"


async def test_a_lane_that_moves_or_is_capped_is_not_stuck(make_intake, store, clock):
    async with running(make_intake()) as intake:
        await take(intake, original())
    clock.seconds += 16 * 60
    now = clock.now()
    call = {"account": "A", "message_id": 1, "began_at": now - MINUTE, "ended_at": now, "outcome": "sent"}
    store.write_now(lambda c: c.execute(t.calls.insert().values(call)))
    assert "lane_stuck" not in kinds(store, clock)
    clock.seconds += 16 * 60
    assert "lane_stuck" in kinds(store, clock)
    row = {"call_id": 1, "delivery_id": 1, "account": "A", "chat": "R:ops", "began_at": now}
    store.write_now(lambda c: c.execute(t.attempts.insert().values(row)))
    assert "lane_stuck" not in kinds(store, clock, caps=lanes.Caps(per_day=1))


async def test_only_what_is_due_makes_a_lane_stuck(make_intake, store, clock):
    """One waits for its time, the other is tried again and again: neither hides a third, nor is taken for one."""
    async with running(make_intake()) as intake:
        await take(intake, original())
    now, later, d = clock.now(), clock.now() + 30 * MINUTE, t.deliveries
    for number, values in ((1, {"parked": True, "due_at": later}), (2, {"due_at": later})):
        store.write_now(lambda c, n=number, v=values: c.execute(d.update().where(d.c.id == n).values(v)) and None)
    clock.seconds += 20 * 60
    assert "lane_stuck" not in kinds(store, clock), "nothing has been due for long"
    clock.seconds += 40 * 60
    assert kinds(store, clock)["lane_stuck"] == ("A", 2)
    (lane,) = store.read_now(lambda c: reports.stuck(c, clock.now(), 15 * MINUTE, lanes.Caps()))
    assert lane.due_at == later
    store.write_now(lambda c: c.execute(d.update().where(d.c.id == 2).values(due_at=now)) and None)
    (lane,) = store.read_now(lambda c: reports.stuck(c, clock.now(), 15 * MINUTE, lanes.Caps()))
    assert lane.due_at == now


async def test_an_unknown_delivery_is_trouble_when_its_copy_did_not_come(make_intake, store, clock):
    async with running(make_intake()) as intake:
        await take(intake, original())
    store.write_now(lambda c: c.exec_driver_sql(f"UPDATE deliveries SET state = 'unknown', updated_at = {clock.now()}"))
    assert "unknown" not in kinds(store, clock)
    clock.seconds += 61
    assert kinds(store, clock)["unknown"] == ("", 2)


async def test_a_held_rule_and_what_came_too_late_are_trouble(make_intake, store, clock):
    async with running(make_intake()) as intake:
        await take(intake, original(sent_at=clock.now() - 13 * HOUR))
    store.write_now(lambda c: controls.hold_rule(c, "refund", "more than 5 matches", clock.now()))
    assert kinds(store, clock) == {"held_rule": ("refund", 1), "too_old": ("", 1)}
    clock.seconds += 25 * 3_600
    assert "too_old" not in kinds(store, clock)


def test_what_was_heard_of_an_account_after_its_last_call_is_the_newer_word(store, clock):
    listed = partial(inbox.listed, now=clock.now())
    store.write_now(lambda c: listed(c, accounts=(HostedAccount(account="A", online=False),)))
    assert kinds(store, clock) == {"account_offline": ("A", 1)}
    lane = Lane(account="A", state=LaneState.BLOCKED, reason="114: over")
    store.write_now(lambda c: lanes.save(c, lane, clock.now()))
    assert kinds(store, clock) == {"account_expired": ("A", 1)}
    clock.seconds += 60
    on = (HostedAccount(account="A", online=True),)
    store.write_now(lambda c: inbox.listed(c, accounts=on, now=clock.now()))
    assert kinds(store, clock) == {}


def test_an_account_that_the_platform_lists_no_more_is_nobodys_trouble(store, clock):
    store.write_now(lambda c: inbox.listed(c, accounts=(HostedAccount(account="A", online=False),), now=clock.now()))
    clock.seconds += 3_600
    store.write_now(lambda c: inbox.listed(c, accounts=(HostedAccount(account="B", online=True),), now=clock.now()))
    assert kinds(store, clock) == {}
    assert kinds(store, clock, served=frozenset({"B"})) == {}
