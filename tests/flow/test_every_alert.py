"""Every kind of trouble, brought about on a real store: what people are told of it, and that it is over."""

import pytest
from sqlalchemy import select

from tests.flow.conftest import NOW, original, running, take
from tests.flow.test_alerts import Watch
from yzj_daemon.account import HostedAccount
from yzj_daemon.clock import DAY, HOUR, MINUTE, SECOND
from yzj_daemon.flow.alerts import Live
from yzj_daemon.flow.troubles import Bounds, nearly_full
from yzj_daemon.lane import Lane, LaneState
from yzj_daemon.message import Unreadable
from yzj_daemon.storage import controls, inbox, lanes
from yzj_daemon.storage import tables as t
from yzj_daemon.trouble import Kind, Over, alert, all_clear

RULES = """
[[rules]]
id = "退款"
forward_to = ["R:ops"]
when = { contains = ["退款"] }
[[rules]]
id = "日报"
owner = "王工"
forward_to = ["R:ops"]
expect_every = "1h"
when = { contains = ["日报"] }
"""


def listed(store, clock, *, online: bool) -> None:
    accounts = tuple(HostedAccount(account=name, name="小王", online=online) for name in ("off", "no", "over"))
    store.write_now(lambda c: inbox.listed(c, accounts, clock.now()))


def lane(store, clock, account: str, state: LaneState = LaneState.READY, reason: str = "") -> None:
    store.write_now(lambda c: lanes.save(c, Lane(account=account, state=state, reason=reason), clock.now()))


async def told(watch, span: int) -> dict[str, str]:
    """What was sent meanwhile, title to body."""
    before = len(watch.sent)
    await watch.lasts(span)
    return {one.title.removeprefix("yzj-daemon: "): one.body for one in watch.sent[before:]}


AT_FIRST = {
    "zh": {
        "账号掉线": "账号 小王 (off) 掉线",
        "平台拒绝我们": "账号 小王 (no): 平台拒绝我们 (113: ip 203.0.113.9 not allowed)",
        "平台的服务到期": "账号 小王 (over): 平台的服务到期 (114: expired)",
        "调用平台不成功": "调用平台不成功 (timeout)",
        "规则有错, 没有生效": "规则有错, 没有生效 (rules.toml:3: 缺少 forward_to)",
        "回调应答太慢": "今天有 100 个回调应答晚了 (满 1000 个平台就停止当天的回调)",
        "有回调读不懂": "24 小时内 1 个回调读不懂, 已原样保存",
        "队列卡住": "账号 waits 的队列 2h01m 没有送出任何东西, 1 条在等",
        "规则被扣住": '规则 疯长 被扣住 (limit = "20/1h")',
        "不知道是否送达": "1 条转发不知道是否送达",
        "消息来得太晚, 没有转发": "24 小时内 1 条消息来得太晚没有转发",
        "规则该匹配而没有匹配": "规则 日报 (王工) 已经 2h00m 没有匹配",
    },
    "en": {
        "account offline": "account 小王 (off) is logged out",
        "the platform refuses us": "account 小王 (no): the platform refuses us (113: ip 203.0.113.9 not allowed)",
        "the order at the platform ran out": "account 小王 (over): the order ran out (114: expired)",
        "calls to the platform fail": "calls to the platform fail (timeout)",
        "rules refused": "the rules have mistakes and are not in force (rules.toml:3: 缺少 forward_to)",
        "callbacks are answered late": "100 callbacks were answered late today "
        "(after 1000 the platform stops calling back)",
        "callbacks cannot be read": "1 callbacks in 24 h could not be read and are kept as they came",
        "a lane is stuck": "nothing left the lane of account waits for 2h01m, and 1 wait",
        "a rule is held": 'rule 疯长 is held (limit = "20/1h")',
        "deliveries of unknown fate": "1 deliveries may or may not have arrived",
        "messages came too late": "1 messages came too late in 24 h and were not forwarded",
        "a rule is silent": "rule 日报 (王工) has not matched for 2h00m",
    },
}
"""Title to first line: what is the matter. What a person did, one delivery held, is not told."""

WORDS = {
    "zh": ("怎么办: ", "(来自 here)", "已恢复: ", " - 已经过去, 持续了 "),
    "en": ("what to do: ", "(from here)", "recovered: ", " - over, it lasted "),
}
LATE = {"zh": "回调应答太慢", "en": "callbacks are answered late"}
STORE = {"zh": "数据库写不进去", "en": "the store cannot be written"}
A_DAY = {
    "zh": {"回调应答太慢", "有回调读不懂", "消息来得太晚, 没有转发"},
    "en": {"callbacks are answered late", "callbacks cannot be read", "messages came too late"},
}
"""What is over only when a day has gone by."""


async def go_wrong(store, clock, metrics, watch, intake) -> None:
    """Everything at once, but for the store."""
    waits, lost, kept = (original("退款", account=name, id=name) for name in ("waits", "lost", "kept"))
    await take(intake, waits, lost, kept, original("退款", account="old", id="old", sent_at=NOW - 13 * HOUR))
    await take(intake, unreadable=(Unreadable(reason="decrypt", detail="no padding", body=b"?"),))
    store.write_now(lambda c: c.exec_driver_sql("UPDATE deliveries SET state = 'unknown' WHERE account = 'lost'"))
    store.write_now(lambda c: controls.hold(c, of(c, "kept"), clock.now()))
    store.write_now(lambda c: controls.hold_rule(c, "疯长", 'limit = "20/1h"', clock.now()))
    listed(store, clock, online=False)
    lane(store, clock, "no", LaneState.BLOCKED, "113: ip 203.0.113.9 not allowed")
    lane(store, clock, "over", LaneState.BLOCKED, "114: expired")
    watch.live = Live(rules="rules.toml:3: 缺少 forward_to", platform="timeout")
    late(metrics, 100)


def of(connection, account: str) -> list[int]:
    """The deliveries of an account."""
    return [*connection.execute(select(t.deliveries.c.id).where(t.deliveries.c.account == account)).scalars()]


def late(metrics, answers: int) -> None:
    for _ in range(answers):
        metrics.late_ack()


async def mend(store, clock, watch, intake) -> None:
    """All that can be mended; the rest must grow old."""
    watch.live = Live(platform="")
    listed(store, clock, online=True)
    lane(store, clock, "no")
    lane(store, clock, "over")
    store.write_now(lambda c: controls.release_rule(c, "疯长"))
    store.write_now(lambda c: controls.settle(c, of(c, "lost"), arrived=True, now=clock.now()))
    store.write_now(lambda c: controls.drop(c, of(c, "waits"), clock.now()))
    await report(store, clock, intake)


async def report(store, clock, intake) -> None:
    """What the silent rule waits for comes, and leaves."""
    now = clock.now()
    await take(intake, original("日报", account="daily", id=str(now), sent_at=now), at=now)
    store.write_now(lambda c: c.exec_driver_sql("UPDATE deliveries SET state = 'sent' WHERE account = 'daily'"))


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_kind_is_told_in_words_and_so_is_its_end(lang, store, clock, metrics, make_intake):
    todo, where, recovered, over = WORDS[lang]
    watch = Watch(store, clock, metrics, RULES, lang=lang)
    assert await told(watch, 5 * SECOND) == {}
    async with running(make_intake(RULES)) as intake:
        await go_wrong(store, clock, metrics, watch, intake)
        clock.seconds += 2 * 3_600
        said = await told(watch, 2 * MINUTE)
        lines = {title: body.split("\n") for title, body in said.items()}
        assert {title: first for title, (first, *_) in lines.items()} == AT_FIRST[lang]
        assert all(then.startswith(todo) and last == where for _, then, last in lines.values())
        for more in (400, 400):
            late(metrics, more)
            assert list(await told(watch, MINUTE)) == [LATE[lang]]
        assert "900" in watch.sent[-1].body
        await mend(store, clock, watch, intake)
        ends = await told(watch, 2 * MINUTE)
        clock.seconds += DAY / SECOND
        await report(store, clock, intake)
        older = await told(watch, 2 * MINUTE)
    assert older.keys() == {recovered + title for title in A_DAY[lang]}
    assert ends.keys() == {recovered + title for title in AT_FIRST[lang].keys() - A_DAY[lang]}
    assert all(over in body and body.endswith(where) for body in (*ends.values(), *older.values()))


@pytest.mark.of_a_file
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_store_that_takes_nothing_is_told_in_words_and_so_is_its_end(lang, store, clock, metrics):
    watch = Watch(store, clock, metrics, lang=lang)
    await watch.lasts(5 * SECOND)
    store.write_now(lambda c: c.exec_driver_sql("ALTER TABLE probes RENAME TO away"))
    [(title, body)] = (await told(watch, 2 * MINUTE)).items()
    assert title == STORE[lang]
    assert str(store.path) in body
    assert "no such table: probes" in body
    store.write_now(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO probes"))
    assert list(await told(watch, 2 * MINUTE)) == [WORDS[lang][2] + STORE[lang]]


def test_a_disk_that_is_nearly_full_is_told_in_words_and_so_is_its_end():
    found = nearly_full(300 << 20, 100 << 30, Bounds())
    assert alert(found, "here", "zh").body == (
        "数据库所在的磁盘只剩 300 MiB\n怎么办: 腾出空间, 或缩短 store.retention\n(来自 here)"
    )
    assert alert(found, "here", "en").body == (
        "only 300 MiB are free on the store's disk\nwhat to do: make room, or shorten store.retention\n(from here)"
    )
    gone = [Over(kind=Kind.DISK, who="", seconds=3_600)]
    assert all_clear(gone, "here", "zh").title == "yzj-daemon: 已恢复: 磁盘快满了"
    assert all_clear(gone, "here", "en").body == "the disk is nearly full - over, it lasted 1h00m\n(from here)"
