"""Housekeeping beside intake: history goes, content that is not kept goes, and nobody waits for it."""

import asyncio

import pytest
from sqlalchemy import select

from tests.flow.conftest import NOW, decisions, original, owed, running, take
from yzj_daemon.clock import DAY
from yzj_daemon.delivery import State
from yzj_daemon.flow.janitor import BITE, Janitor
from yzj_daemon.message import Notice, Unreadable
from yzj_daemon.storage import reports
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.copying import room

RULE = """
[[rules]]
id = "r"
forward_to = ["R:ops"]
when = { contains = ["退款"] }
"""


def contents(store) -> dict[str, bool]:
    """Key of each message -> whether any word of it is there."""
    m = t.messages.c
    rows = store.read_now(lambda c: c.execute(select(m.key, m.text, m.content, m.envelope)).all())
    return {row.key: bool(row.text or row.content or row.envelope) for row in rows}


def end_all(store, state: str = "sent") -> None:
    store.write_now(lambda c: c.execute(t.deliveries.update().values(state=state)) and None)


async def test_history_goes_and_what_arrives_meanwhile_stays(make_intake, store, clock, metrics):
    janitor = Janitor(store, 30 * DAY, clock=clock, metrics=metrics, sleep=clock.sleep)
    many = BITE + 101
    async with running(make_intake()) as intake:
        await take(intake, *(original("谢谢", id=f"old{n}") for n in range(many)))
        clock.seconds += 31 * DAY / 1000
        forgetting = asyncio.create_task(janitor.forget())
        for n in range(20):
            await take(intake, original("谢谢", id=f"new{n}"), at=clock.now())
        await forgetting
    assert [key for key, _ in decisions(store)] == [f"new{n}" for n in range(20)]
    assert store.read_now(reports.books).balanced


@pytest.mark.of_a_file
async def test_the_file_does_not_grow_for_ever(make_intake, store, clock, metrics):
    janitor = Janitor(store, DAY, clock=clock, metrics=metrics, sleep=clock.sleep)
    sizes = []
    async with running(make_intake()) as intake:
        for day in range(6):
            for n in range(4):
                body = '{"items":[{"type":"text","text":"谢谢"}],"pad":"' + "x" * 3_000 + '"}'
                rows = (original(id=f"{day}-{n}-{i}", content=body, sent_at=clock.now()) for i in range(100))
                await take(intake, *rows, at=clock.now())
            clock.seconds += 2 * DAY / 1000
            await janitor.forget()
            sizes.append(store.read_now(room).bytes)
    assert decisions(store) == []
    assert max(sizes[1:]) <= sizes[0] * 1.05


async def test_a_message_that_nothing_is_owed_of_is_stored_without_a_word(make_intake, store):
    async with running(make_intake(RULE, content_off=True)) as intake:
        await take(
            intake,
            original("谢谢", id="no"),
            original("退款", id="yes"),
            notices=(Notice(account="A", type="contacts", body='{"name":"王"}'),),
            unreadable=(Unreadable(reason="json", detail="no JSON", body="王".encode()),),
        )
    assert contents(store) == {"no": False, "yes": True}
    assert decisions(store) == [("no", "no_match"), ("yes", "matched")]
    bodies = store.read_now(lambda c: [*c.execute(select(t.notices.c.body)).scalars(), *c.execute(
        select(t.quarantine.c.body)).scalars()])  # fmt: skip
    assert bodies == ["", b""]
    assert store.read_now(reports.books).balanced


async def test_an_original_stays_until_its_deliveries_have_ended(make_intake, store, clock, metrics):
    janitor = Janitor(store, DAY, clock=clock, metrics=metrics, content_off=True, sleep=clock.sleep)
    copy = {"chat": "R:customers", "wx_svrid": "one event"}
    async with running(make_intake(RULE, content_off=True)) as intake:
        await take(intake, original("退款", id="a", **copy), original("退款", id="b", account="B", **copy))
    assert contents(store) == {"a": True, "b": True}, "the copy of the other account may have to take over"
    for state in ("pending", "unknown", "held"):
        end_all(store, state)
        await janitor.blank()
        assert contents(store) == {"a": True, "b": True}
    end_all(store)
    await janitor.blank()
    assert contents(store) == {"a": False, "b": False}
    assert owed(store) == [("A", "R:ops", "sent")]


async def test_a_store_that_kept_content_loses_it_when_that_is_set(make_intake, store, clock, metrics):
    async with running(make_intake(RULE)) as intake:
        await take(intake, *(original("谢谢", id=f"m{n}") for n in range(BITE + 7)), original("退款", id="owed"))
    keeping = Janitor(store, DAY, clock=clock, metrics=metrics, sleep=clock.sleep)
    await keeping.blank()
    assert all(contents(store).values())
    janitor = Janitor(store, DAY, clock=clock, metrics=metrics, content_off=True, sleep=clock.sleep)
    await janitor.blank()
    assert [key for key, there in contents(store).items() if there] == ["owed"]
    end_all(store, "failed")
    await janitor.blank()
    assert not any(contents(store).values())


async def test_what_a_pull_brings_from_before_a_restore_waits_for_a_person(make_intake, store):
    from yzj_daemon.message import Batch

    batch = Batch(
        (
            original("退款 以前", id="before", sent_at=NOW - 5_000),
            original("退款 之后", id="after", sent_at=NOW + 120_000),
            original("谢谢", id="no", sent_at=NOW - 5_000),
            original("退款 没有时间", id="undated", sent_at=None),
        )
    )
    async with running(make_intake(RULE, restored_at=NOW)) as intake:
        await intake.offer(batch, "pull", NOW + 130_000)
        await take(intake, original("退款 回调", id="callback", sent_at=NOW - 4_000), at=NOW + 130_000)
    d, m = t.deliveries.c, t.messages.c
    query = select(m.key, d.state, d.reason).join_from(t.deliveries, t.messages, m.id == d.message_id)
    assert {row.key: (row.state, row.reason) for row in store.read_now(lambda c: c.execute(query).all())} == {
        "before": ("held", "restored"),
        "after": ("pending", ""),
        "undated": ("pending", ""),
        "callback": ("pending", ""),
    }
    assert store.read_now(reports.books).balanced


async def test_an_own_copy_proves_that_what_a_restore_holds_had_left(make_intake, store):
    from yzj_daemon.message import Batch

    content = original("退款").content
    rows = (
        original("退款", id="lost", sent_at=NOW - 9_000),
        original("退款", id="copy", sender="A", chat="R:ops", sent_at=NOW - 8_000, content=content),
    )
    async with running(make_intake(RULE, restored_at=NOW)) as intake:
        await intake.offer(Batch(rows), "pull", NOW + 1_000)
    assert owed(store) == [("A", "R:ops", "confirmed")]


class Dear:
    """A store where looking takes a while."""

    def __init__(self, store, clock, seconds: float) -> None:
        self.store, self.clock, self.seconds, self.looks = store, clock, seconds, 0

    async def read(self, work):
        self.looks += 1
        self.clock.seconds += self.seconds
        return await self.store.read(work)


def shown(metrics, state: str) -> float:
    return metrics.total("yzj_deliveries", state=frozenset({state}))


async def test_what_waits_is_counted_every_time_and_what_ended_the_more_rarely_the_dearer_it_is(
    make_intake, store, clock, metrics
):
    dear = Dear(store, clock, 0.5)
    janitor = Janitor(dear, DAY, clock=clock, metrics=metrics)
    async with running(make_intake(RULE)) as intake:
        await take(intake, original("退款", id="a"), original("退款", id="b"))
    await janitor.count()
    assert (dear.looks, shown(metrics, "pending"), shown(metrics, "sent")) == (3, 2, 0)
    assert all(f'yzj_deliveries{{state="{state}"}}'.encode() in metrics.render() for state in State), "all are told"
    end_all(store)
    await janitor.count()
    assert (dear.looks, shown(metrics, "pending"), shown(metrics, "sent")) == (5, 0, 0)
    clock.seconds += 50
    await janitor.count()
    assert (dear.looks, shown(metrics, "sent")) == (8, 2)
