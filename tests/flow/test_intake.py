"""Everything received is stored, decided and planned in one transaction."""

import asyncio
from typing import ClassVar

import pytest
from sqlalchemy import func, select

from tests.flow.conftest import NOW, RULES, decisions, original, owed, rules, running, take, text_content
from yzj_daemon.errors import StoreProblem
from yzj_daemon.flow import intake as intake_module
from yzj_daemon.flow.intake import Recorded
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.message import Batch, Notice, Unreadable
from yzj_daemon.rules import packing
from yzj_daemon.storage import tables as t


async def test_a_matching_message_owes_every_target_once(make_intake, store):
    async with running(make_intake()) as intake:
        recorded = await take(intake, original())
    assert recorded.lanes == {"A"}
    assert decisions(store) == [("1", "matched")]
    assert owed(store) == [("A", "R:ops", "pending"), ("A", "R:boss", "pending")]


async def test_a_message_that_nobody_asked_for_is_stored_with_its_reason(make_intake, store):
    async with running(make_intake()) as intake:
        await take(intake, original("你好"))
    assert decisions(store) == [("1", "no_match")]
    assert owed(store) == []


async def test_the_same_message_again_is_neither_stored_nor_owed_again(make_intake, store):
    async with running(make_intake()) as intake:
        await take(intake, original(), original())
        await take(intake, original())
    assert decisions(store) == [("1", "matched")]
    assert len(owed(store)) == 2


async def test_one_room_message_seen_by_two_accounts_is_forwarded_once(make_intake, store):
    async with running(make_intake()) as intake:
        await take(intake, original(account="A", id="1", wx_svrid="w"))
        await take(intake, original(account="B", id="2", wx_svrid="w"))
    assert decisions(store) == [("1", "matched"), ("2", "duplicate")]
    assert {account for account, _, _ in owed(store)} == {"A"}


async def test_two_accounts_in_one_batch_are_one_event_too(make_intake, store):
    async with running(make_intake()) as intake:
        await take(intake, original(account="A", id="1", wx_svrid="w"), original(account="B", id="2", wx_svrid="w"))
    assert [reason for _, reason in decisions(store)] == ["matched", "duplicate"]


async def test_without_event_keys_each_account_forwards_its_own_copy(make_intake, store):
    async with running(make_intake(event_keys=())) as intake:
        await take(intake, original(account="A", id="1", wx_svrid="w"), original(account="B", id="2", wx_svrid="w"))
    assert {account for account, _, _ in owed(store)} == {"A", "B"}


async def test_callback_and_pull_with_different_svrids_are_one_event(make_intake, store):
    private = {"chat": "7", "chat_type": "private", "wx_svrid": "w"}
    async with running(make_intake()) as intake:
        await take(intake, original(id="1", **private), original(id="9", **private))
    assert [reason for _, reason in decisions(store)] == ["matched", "duplicate"]


async def test_what_a_hosted_account_sent_is_self_sent(make_intake, store):
    intake = make_intake()
    intake.hosted.add("B")
    async with running(intake):
        await take(intake, original(id="own", sender="A"), original(id="other's", sender="B"))
    assert decisions(store) == [("own", "self_sent"), ("other's", "self_sent")]


async def test_a_rule_that_asks_for_self_sent_gets_it(make_intake, store):
    async with running(make_intake(RULES + "self_sent = true\n")) as intake:
        await take(intake, original(sender="A"))
    assert decisions(store) == [("1", "matched")]


async def test_denied_and_unlisted_types(make_intake, store):
    toml = """
[[rules]]
id = "all"
forward_to = ["X"]
when = { everything = true }
[[rules]]
id = "names-it"
forward_to = ["Y"]
when = { type = ["brandnew"] }
"""
    async with running(make_intake(toml)) as intake:
        await take(
            intake,
            original(id="1", type="redpacket"),
            original(id="2", type="unheard-of"),
            original(id="3", type="brandnew"),
        )
    assert decisions(store) == [("1", "type_denied"), ("2", "type_denied"), ("3", "matched")]
    assert [chat for _, chat, _ in owed(store)] == ["Y"]


async def test_the_source_chat_is_never_a_target(make_intake, store):
    async with running(make_intake()) as intake:
        await take(intake, original(id="1", chat="R:ops"))
    assert [chat for _, chat, _ in owed(store)] == ["R:boss"]


async def test_only_the_source_chat_as_target_is_a_loop(make_intake, store):
    toml = '[[rules]]\nid = "r"\nforward_to = ["R:ops"]\nwhen = { contains = ["退款"] }\n'
    async with running(make_intake(toml)) as intake:
        await take(intake, original(chat="R:ops"))
    assert decisions(store) == [("1", "loop")]


@pytest.mark.parametrize(
    ("sent_at", "reason"),
    [
        (NOW - 60_000, "matched"),
        (NOW - 60_001, "too_old"),
        (None, "matched"),
        (NOW + 3_600_000, "matched"),
    ],
)
async def test_age_is_told_by_msg_time_or_by_receipt_where_it_is_missing_or_in_the_future(
    make_intake, store, sent_at, reason
):
    async with running(make_intake(policy=PlanPolicy(max_age=60_000))) as intake:
        await take(intake, original(sent_at=sent_at))
    assert decisions(store) == [("1", reason)]


async def test_media_waits_for_its_upload(make_intake, store):
    toml = '[[rules]]\nid = "r"\nforward_to = ["X"]\nwhen = { type = ["picture"] }\n'
    async with running(make_intake(toml)) as intake:
        await take(intake, original(type="picture"))
    d = t.deliveries.c
    row = store.read_now(lambda c: c.execute(select(d.due_at, d.parked, d.reason)).one())
    assert tuple(row) == (NOW + 3_000, True, "media_delay")


async def test_two_rules_one_chat_one_delivery_that_names_both(make_intake, store):
    toml = RULES + '[[rules]]\nid = "second"\nforward_to = ["R:ops"]\npriority = 3\nwhen = { sender = ["7"] }\n'
    async with running(make_intake(toml)) as intake:
        await take(intake, original())
    d = t.deliveries.c
    rows = store.read_now(lambda c: c.execute(select(d.chat, d.rules, d.priority).order_by(d.chat)).all())
    assert [tuple(r) for r in rows] == [("R:boss", '["refund"]', 0), ("R:ops", '["second","refund"]', 3)]


async def test_dry_run_decides_and_owes_nothing(make_intake, store):
    async with running(make_intake(policy=PlanPolicy(dry_run=True))) as intake:
        await take(intake, original())
    assert decisions(store) == [("1", "shadow")]
    assert owed(store) == []


async def test_a_surprise_while_deciding_forwards_nothing_and_keeps_the_message(make_intake, store):
    intake = make_intake()

    class Broken:
        hash = "broken"
        limits: ClassVar = {}

        def decide(self, message, now):
            raise RuntimeError("surprise")

    intake.rules = intake_module.RulesInForce(Broken(), packing.pack({}))  # type: ignore[arg-type]
    async with running(intake):
        await take(intake, original())
    assert decisions(store) == [("1", "rule_error")]
    assert owed(store) == []


async def test_notices_and_quarantine_are_kept_byte_for_byte(make_intake, store):
    async with running(make_intake()) as intake:
        await take(
            intake,
            notices=(Notice(account="A", type="contacts", body='{"a":1.0}'),),
            unreadable=(Unreadable(reason="decrypt", detail="x", body=b"\x00\xff"),),
        )
    assert store.read_now(lambda c: c.execute(select(t.notices.c.body)).scalar_one()) == '{"a":1.0}'
    assert store.read_now(lambda c: c.execute(select(t.quarantine.c.body)).scalar_one()) == b"\x00\xff"


async def test_messages_of_accounts_not_served_are_kept_as_notices(make_intake, store):
    async with running(make_intake(served=frozenset({"A"}))) as intake:
        await take(intake, original(id="1"), original(account="Z", id="2"))
    assert decisions(store) == [("1", "matched")]
    assert store.read_now(lambda c: c.execute(select(t.notices.c.account)).scalar_one()) == "Z"


async def test_requests_that_arrive_together_share_commits(make_intake, store):
    intake = make_intake()
    waiting = [intake.offer(Batch((original(id=str(n)),)), "callback", NOW) for n in range(200)]
    async with running(intake):
        results = await asyncio.gather(*waiting)
    assert len({id(r) for r in results}) == 1
    assert len(decisions(store)) == 200


async def test_a_full_intake_turns_away_and_recovers(make_intake, monkeypatch):
    monkeypatch.setattr(intake_module, "QUEUED_MESSAGES", 2)
    intake = make_intake()
    first = intake.offer(Batch((original(id="1"), original(id="2"))), "callback", NOW)
    assert first is not None
    assert intake.offer(Batch((original(id="3"),)), "callback", NOW) is None
    async with running(intake):
        await first
        assert isinstance(await take(intake, original(id="3")), Recorded)


@pytest.mark.of_a_file
async def test_a_store_that_refuses_is_a_value_and_nothing_is_half_stored(make_intake, store):
    intake = make_intake()
    await store.write(lambda c: c.exec_driver_sql("DROP TABLE decisions") and None)
    async with running(intake):
        assert isinstance(await take(intake, original()), StoreProblem)
    assert store.read_now(lambda c: c.execute(select(func.count()).select_from(t.messages)).scalar_one()) == 0


async def test_a_swapped_rule_set_decides_what_comes_afterwards_only(make_intake, store):
    intake = make_intake()
    async with running(intake):
        await take(intake, original(id="1"))
        intake.rules = rules(RULES.replace("退款", "发票"))
        await take(intake, original("开发票", id="2"), original(id="3"))
    assert decisions(store) == [("1", "matched"), ("2", "matched"), ("3", "no_match")]
    sets = store.read_now(lambda c: c.execute(select(t.decisions.c.rule_set_id)).scalars().all())
    assert len(set(sets)) == 2


async def test_what_is_queued_at_stop_is_stored_before_the_loop_ends(make_intake, store):
    intake = make_intake()
    done = intake.offer(Batch((original(),)), "callback", NOW)
    intake.stop()
    await intake.run()
    assert done is not None
    assert done.done()
    assert decisions(store) == [("1", "matched")]


async def test_content_is_stored_exactly(make_intake, store):
    content = text_content(r"退款 \ud800 \u0041")[:-1] + ',"id":12345678901234567890,"x":1.0,"x":2}'
    async with running(make_intake()) as intake:
        await take(intake, original(content=content))
    assert store.read_now(lambda c: c.execute(select(t.messages.c.content)).scalar_one()) == content
