"""Own copies settle what nobody could know, recalls stop what has not left, loops end, another account takes over."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.flow.conftest import NOW, decisions, original, owed, running, take, text_content
from yzj_daemon.account import HostedAccount
from yzj_daemon.delivery import Call, Outcome, RetryPolicy, Sent, Unanswered
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.flow.settler import Settler
from yzj_daemon.lane import Pace
from yzj_daemon.message import Batch
from yzj_daemon.storage import controls, inbox, lanes, settlement
from yzj_daemon.storage import tables as t

MINUTE = 60_000
RETRY = RetryPolicy()

RESEND = '[[rules]]\nid = "r"\nforward_to = ["R:ops"]\non_unknown = "resend"\nwhen = { everything = true }\n'


def copy_of(words: str = "我要退款", **given: Any):
    """The account's own copy of what it forwarded, as callback or pull shows it."""
    given.setdefault("content", '{ "items": [ {"text":"' + words + '", "type":"text"} ] }')  # other bytes, same values
    return original(**{"id": "copy1", "sender": "A", "chat": "R:ops", **given})


def call(store, outcome: Outcome | None, now: int = NOW) -> Call:
    """One call begins and, unless the process dies, ends."""
    begun = store.write_now(lambda c: lanes.begin(c, "A", now, Pace(), lanes.Caps()))
    assert isinstance(begun, Call)
    if outcome is not None:
        after = [d.after(outcome, now, RETRY, shared=len(begun.deliveries) > 1, roll=0.5) for d in begun.deliveries]
        lane = lanes.get
        store.write_now(lambda c: lanes.finish(c, begun, outcome, lane(c, "A").after(outcome, now, Pace()), after, now))
    return begun


def states(store) -> dict[str, str]:
    return {chat: state for _, chat, state in owed(store)}


@pytest.mark.parametrize(
    ("outcome", "before"),
    [(Sent(), "sent"), (Unanswered("timeout"), "unknown"), (None, "sending")],
    ids=["sent", "unknown", "sending"],
)
async def test_an_own_copy_confirms_what_was_tried(make_intake, store, outcome, before):
    async with running(make_intake()) as intake:
        await take(intake, original())
        begun = call(store, outcome)
        assert states(store) == {"R:ops": before, "R:boss": before}
        await take(intake, copy_of(sent_at=NOW + 500))
        assert states(store) == {"R:ops": "confirmed", "R:boss": before}
        if outcome is None:
            after = [d.after(Unanswered("timeout"), NOW, RETRY, shared=True, roll=0.5) for d in begun.deliveries]
            lane = store.read_now(lambda c: lanes.get(c, "A"))
            store.write_now(lambda c: lanes.finish(c, begun, Unanswered("timeout"), lane, after, NOW))
            assert states(store) == {"R:ops": "confirmed", "R:boss": "unknown"}, "the copy came before the answer"


@pytest.mark.parametrize(
    "given",
    [
        {"chat": "R:other"},
        {"content": text_content("别的")},
        {"type": "link"},
        {"sent_at": NOW + MINUTE + 1_000},
        {"sent_at": NOW - MINUTE - 1_000},
        {"sender": "7"},
    ],
    ids=str,
)
async def test_a_copy_of_something_else_confirms_nothing(make_intake, store, given):
    async with running(make_intake()) as intake:
        await take(intake, original())
        call(store, Unanswered("timeout"))
        await take(intake, copy_of(**given))
    assert states(store) == {"R:ops": "unknown", "R:boss": "unknown"}


async def test_what_never_left_is_not_confirmed(make_intake, store):
    async with running(make_intake()) as intake:
        await take(intake, original())
        await take(intake, copy_of())
    assert set(states(store).values()) == {"pending"}


async def test_each_copy_confirms_one_delivery(make_intake, store):
    async with running(make_intake()) as intake:
        await take(intake, original(id="1"), original(id="2"))
        call(store, Unanswered("timeout"))
        call(store, Unanswered("timeout"))
        await take(intake, copy_of(id="c1"))
        assert [state for _, chat, state in owed(store) if chat == "R:ops"] == ["confirmed", "unknown"]
        await take(intake, copy_of(id="c1"))
        assert [state for _, chat, state in owed(store) if chat == "R:ops"] == ["confirmed", "unknown"]
        await take(intake, copy_of(id="c2"))
        assert [state for _, chat, state in owed(store) if chat == "R:ops"] == ["confirmed", "confirmed"]


# After a restore: copies that were pulled before their originals -----------------------------------------------------


def pulled(*rows):
    return Batch(rows)


async def restored(make_intake, store, clock, *batches):
    """What is held after these pulls, one after the other, and a look at what can be proven."""
    async with running(make_intake(restored_at=NOW - MINUTE)) as intake:
        for batch in batches:
            await intake.offer(batch, "pull", NOW)
    await Settler(store, MINUTE, [].extend, clock=clock, restored_at=NOW - MINUTE).settle()
    return [state for _, chat, state in owed(store) if chat == "R:ops"]


LOST = {"sent_at": NOW - 3 * MINUTE}


async def test_a_copy_pulled_before_its_original_proves_that_it_had_left(make_intake, store, clock):
    copy = copy_of(sent_at=NOW - 2 * MINUTE)
    assert await restored(make_intake, store, clock, pulled(copy), pulled(original(**LOST))) == ["confirmed"]
    assert states(store) == {"R:ops": "confirmed", "R:boss": "held"}


async def test_each_copy_pulled_before_proves_one_delivery(make_intake, store, clock):
    copies = pulled(copy_of(sent_at=NOW - 2 * MINUTE))
    originals = pulled(original(id="1", **LOST), original(id="2", **LOST))
    assert await restored(make_intake, store, clock, copies, originals) == ["confirmed", "held"]


async def test_a_copy_that_proved_one_delivery_proves_no_other(make_intake, store, clock):
    first = pulled(original(id="1", **LOST), copy_of(sent_at=NOW - 2 * MINUTE))
    assert await restored(make_intake, store, clock, first, pulled(original(id="2", **LOST))) == ["confirmed", "held"]


@pytest.mark.parametrize(
    "given",
    [
        {"chat": "R:other"},
        {"content": text_content("别的")},
        {"sent_at": NOW - 4 * MINUTE},
        {"sender": "7"},
    ],
    ids=["another chat", "other words", "older than the original", "a customer"],
)
async def test_what_is_no_copy_of_it_proves_nothing(make_intake, store, clock, given):
    other = copy_of(**{"sent_at": NOW - 2 * MINUTE, **given})
    assert await restored(make_intake, store, clock, pulled(other), pulled(original(**LOST))) == ["held"]


async def test_what_the_backup_held_proves_nothing_of_what_it_does_not_know(make_intake, store, clock):
    async with running(make_intake()) as intake:
        await take(intake, copy_of(sent_at=NOW - 2 * MINUTE), at=NOW - 2 * MINUTE)
    assert await restored(make_intake, store, clock, pulled(original(**LOST))) == ["held"]


# Unknown: what time decides ---------------------------------------------------------------------------------------


def settler(store, clock, woken: list[str] | None = None) -> Settler:
    return Settler(store, MINUTE, (woken if woken is not None else []).extend, clock=clock)


async def test_unknown_stays_unknown_unless_somebody_asked_for_more(make_intake, store, clock):
    async with running(make_intake()) as intake:
        await take(intake, original())
    call(store, Unanswered("timeout"))
    clock.seconds += 3600
    store.write_now(lambda c: inbox.saw(c, ["A"], clock.now()))
    await settler(store, clock).settle()
    assert set(states(store).values()) == {"unknown"}


async def test_resend_is_a_delivery_of_its_own_after_the_window(make_intake, store, clock):
    woken: list[str] = []
    async with running(make_intake(RESEND)) as intake:
        await take(intake, original())
    call(store, Unanswered("timeout"))
    store.write_now(lambda c: inbox.saw(c, ["A"], clock.now() + 1))
    clock.seconds += 59
    await settler(store, clock, woken).settle()
    assert [state for _, _, state in owed(store)] == ["unknown"]
    clock.seconds += 2
    await settler(store, clock, woken).settle()
    assert [state for _, _, state in owed(store)] == ["dropped", "pending"]
    assert woken == ["A"]
    d = t.deliveries.c
    rows = store.read_now(lambda c: c.execute(select(d.nonce, d.reason).order_by(d.id)).all())
    assert [tuple(row) for row in rows] == [(0, "resent"), (1, "again")]
    await settler(store, clock, woken).settle()
    assert len(owed(store)) == 2, "once"


async def test_the_clock_of_a_resend_stands_still_while_nothing_is_heard_of_the_account(make_intake, store, clock):
    async with running(make_intake(RESEND)) as intake:
        await take(intake, original())
    call(store, Unanswered("timeout"))
    clock.seconds += 600
    await settler(store, clock).settle()
    assert [state for _, _, state in owed(store)] == ["unknown"]
    cursor = inbox.Cursor("9", NOW, NOW)
    store.write_now(lambda c: inbox.move_cursor(c, account="A", chat="", at=cursor, now=clock.now()))
    await settler(store, clock).settle()
    assert [state for _, _, state in owed(store)] == ["dropped", "pending"]


async def test_a_copy_that_comes_after_the_resend_still_confirms_the_first_try(make_intake, store, clock):
    async with running(make_intake(RESEND)) as intake:
        await take(intake, original())
        call(store, Unanswered("timeout"))
        store.write_now(lambda c: inbox.saw(c, ["A"], clock.now() + 1))
        clock.seconds += 61
        await settler(store, clock).settle()
        await take(intake, copy_of(sent_at=NOW + 100))
    assert [state for _, _, state in owed(store)] == ["confirmed", "pending"]


# Loops --------------------------------------------------------------------------------------------------------------

BACK = '[[rules]]\nid = "back"\nforward_to = ["R:customers"]\nwhen = { chat = ["R:ops"] }\n'
THERE = '[[rules]]\nid = "there"\nforward_to = ["R:ops"]\nwhen = { chat = ["R:customers"] }\n'


async def test_what_we_sent_is_known_when_it_comes_back_under_another_sender(make_intake, store):
    async with running(make_intake(THERE + BACK)) as intake:
        await take(intake, original(account="A", id="1"))
        call(store, Sent())
        await take(intake, original(account="B", id="2", chat="R:ops", sender="A-as-B-sees-it", sent_at=NOW + 200))
    assert decisions(store) == [("1", "matched"), ("2", "loop")]
    assert len(owed(store)) == 1


async def test_the_same_words_long_after_are_no_loop(make_intake, store):
    async with running(make_intake(THERE + BACK)) as intake:
        await take(intake, original(account="A", id="1"))
        call(store, Sent())
        await take(intake, original(account="B", id="2", chat="R:ops", sender="8", sent_at=NOW + 2 * MINUTE))
    assert decisions(store)[1] == ("2", "matched")


async def test_the_same_content_from_the_same_chat_is_forwarded_so_often_an_hour(make_intake, store, clock):
    async with running(make_intake(policy=PlanPolicy(repeats_per_hour=3))) as intake:
        for n in range(5):
            await take(intake, original(id=str(n)))
        await take(intake, original(id="other chat", chat="R:else"))
        await take(intake, original("退款 again", id="other words"))
        clock.seconds += 3601
        await take(intake, original(id="later", sent_at=clock.now()))
    reasons = dict(decisions(store))
    assert [reasons[str(n)] for n in range(5)] == ["matched"] * 3 + ["loop"] * 2
    assert [reasons[key] for key in ("other chat", "other words", "later")] == ["matched"] * 3


async def test_a_rule_that_crosses_its_limit_is_held_until_a_person_releases_it(make_intake, store, clock):
    toml = '[[rules]]\nid = "r"\nforward_to = ["R:ops"]\nlimit = "3/10m"\nwhen = { everything = true }\n'
    async with running(make_intake(toml)) as intake:
        for n in range(4):
            await take(intake, original(f"退款 {n}", id=str(n)))
        assert [state for _, _, state in owed(store)] == ["held"] * 4
        await take(intake, original("退款 5", id="5"))
        assert [state for _, _, state in owed(store)] == ["held"] * 5
        assert store.read_now(controls.held_rules) == {"r": 'limit = "3/10m"'}
        assert store.write_now(lambda c: controls.release_rule(c, "r"))
        await take(intake, original("退款 6", id="6"))
        assert owed(store)[-1][2] == "pending"


# Recalls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        '{"revoke_svrid":"1"}',
        '{"text":"x","msg":{"ids":[{"wx_svrid":1000000000000000001}]}}',
        '{"deep":"{\\"wx_msgid\\":\\"mm\\"}"}',
        '"{\\"id\\":\\"1\\"}"',
    ],
)
async def test_a_recall_drops_what_has_not_left(make_intake, store, content):
    toml = (
        '[[rules]]\nid = "r"\nforward_to = ["R:ops", "R:boss"]\nfanout = "one-by-one"\nwhen = { everything = true }\n'
    )
    async with running(make_intake(toml)) as intake:
        await take(intake, original(id="1", wx_svrid="1000000000000000001", wx_msgid="mm"), original("别的", id="2"))
        call(store, Sent())
        await take(intake, original(id="3", type="revoke", content=content))
    expected = ["sent", "dropped", "pending", "pending"]
    if "deep" in content:
        expected = ["sent", "pending", "pending", "pending"]  # JSON in a string of a notice is not looked into
    assert [state for _, _, state in owed(store)] == expected
    assert decisions(store)[2] == ("3", "type_denied")


async def test_a_recall_of_another_chat_or_one_that_is_not_wanted_drops_nothing(make_intake, store):
    async with running(make_intake()) as intake:
        await take(intake, original(id="1"))
        await take(intake, original(id="2", type="revoke", chat="R:else", content='{"revoke_svrid":"1"}'))
        assert set(states(store).values()) == {"pending"}
    async with running(make_intake(policy=PlanPolicy(cancel_on_revoke=False))) as intake:
        await take(intake, original(id="3", type="revoke", content='{"revoke_svrid":"1"}'))
    assert set(states(store).values()) == {"pending"}


async def test_where_a_recall_names_its_message_can_be_said(make_intake, store):
    policy = PlanPolicy(revoke_paths=("target.id",))
    async with running(make_intake(policy=policy)) as intake:
        await take(intake, original(id="1"))
        await take(intake, original(id="2", type="revoke", content='{"by":"1"}'))
        assert set(states(store).values()) == {"pending"}
        await take(intake, original(id="3", type="revoke", content='{"target":{"id":1}}'))
    assert set(states(store).values()) == {"dropped"}


# Failover -----------------------------------------------------------------------------------------------------------


async def test_another_account_that_received_it_takes_over_for_one_that_is_offline(make_intake, store, clock):
    woken: list[str] = []
    async with running(make_intake()) as intake:
        await take(intake, original(account="A", id="1", wx_svrid="same"))
        await take(intake, original(account="B", id="9", wx_svrid="same"))
    assert [account for account, _, _ in owed(store)] == ["A", "A"]
    await settler(store, clock, woken).settle()
    assert woken == [], "A is not known to be offline"
    store.write_now(lambda c: inbox.listed(c, [HostedAccount(account="A", online=False)], clock.now()))
    await settler(store, clock, woken).settle()
    assert [(account, state) for account, _, state in owed(store)] == [("B", "pending")] * 2
    assert woken == ["B"]
    begun = store.write_now(lambda c: lanes.begin(c, "B", NOW, Pace(), lanes.Caps()))
    assert isinstance(begun, Call)
    assert (begun.account, sorted(begun.chats)) == ("B", ["R:boss", "R:ops"])


async def test_what_was_tried_or_nobody_else_received_stays_where_it_is(make_intake, store, clock):
    async with running(make_intake()) as intake:
        await take(intake, original(account="A", id="1", wx_svrid="same"), original("退款 2", account="A", id="2"))
        await take(intake, original(account="B", id="9", wx_svrid="same"))
        call(store, Unanswered("timeout"))
        store.write_now(lambda c: c.execute(update(t.deliveries).where(t.deliveries.c.id == 1).values(state="pending")))
    store.write_now(lambda c: inbox.listed(c, [HostedAccount(account="A", online=False)], clock.now()))
    assert store.read_now(lambda c: settlement.walk(c, {}, 100)).movable == ()
    assert store.write_now(lambda c: settlement.reroute(c, range(1, 9), clock.now())) == []
    assert {account for account, _, _ in owed(store)} == {"A"}


async def test_what_waits_for_an_offline_account_is_looked_through_bit_by_bit_and_again(make_intake, store, clock):
    async with running(make_intake()) as intake:
        await take(intake, *(original(f"退款 {n}", account="A", id=f"{n:02}", wx_svrid=f"e{n:02}") for n in range(14)))
        await take(intake, original("退款 12", account="B", id="9", wx_svrid="e12"))
        await take(intake, original("退款 x", account="C", id="c", wx_svrid="c"))
    offline = [HostedAccount(account=account, online=False) for account in ("A", "C", "Z")]
    store.write_now(lambda c: inbox.listed(c, offline, clock.now()))
    places, found = {}, []
    for _ in range(3):
        walked = store.read_now(lambda c, p=places: settlement.walk(c, p, 20))
        found.append(walked.movable)
        places = walked.places
    assert [len(movable) for movable in found] == [0, 0, 2], "ten of a lane in each turn"
    assert places == {}, "its end was reached"
    await settler(store, clock).settle()
    assert Counter(account for account, _, _ in owed(store)) == {"A": 26, "B": 2, "C": 2}
