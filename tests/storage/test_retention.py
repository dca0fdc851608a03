"""What is too old goes with all that hangs on it, and what is still owed stays."""

from sqlalchemy import func, insert, select

from tests.storage.conftest import message_row
from yzj_daemon.delivery import State
from yzj_daemon.message import Notice, Unreadable
from yzj_daemon.storage import inbox, retention
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import Place

START = Place(0, 0)


def count(store: Store, table) -> int:
    return store.read_now(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


def set_state(store: Store, message_id: int, state: State) -> None:
    d = t.deliveries
    store.write_now(lambda c: c.execute(d.update().where(d.c.message_id == message_id).values(state=state)) and None)


def forget(store: Store, before: int = 2_000, limit: int = 100, after: Place = START) -> retention.Bite:
    return store.write_now(lambda c: retention.forget(c, before, after, limit))


def test_a_message_goes_with_its_decision_deliveries_calls_and_attempts(store, owe):
    message_id = owe("R:1", "R:2")
    set_state(store, message_id, State.SENT)
    decided = {"message_id": message_id, "reason": "matched", "decided_at": 1}
    attempted = {"call_id": 1, "account": "A", "chat": "R:1", "began_at": 1}
    rows = (
        insert(t.decisions).values(decided),
        insert(t.calls).values(id=1, account="A", message_id=message_id, began_at=1),
        insert(t.attempts).values({**attempted, "delivery_id": 1}),
    )
    for row in rows:
        store.write_now(lambda c, row=row: c.execute(row) and None)
    assert forget(store, before=1_000).gone == 0, "it was received at that very time"
    assert forget(store, before=1_001).gone == 1
    assert [count(store, x) for x in (t.messages, t.decisions, t.deliveries, t.calls, t.attempts)] == [0] * 5


def test_what_is_still_open_stays_however_old_and_keeps_nothing_else(store, owe):
    ids = [owe("R:1") for _ in State]
    for message_id, state in zip(ids, State, strict=True):
        set_state(store, message_id, state)
    reached, gone = START, 0
    while reached is not None:
        bite = forget(store, limit=2, after=reached)
        reached, gone = bite.reached, gone + bite.gone
    left = store.read_now(lambda c: set(c.execute(select(t.deliveries.c.state)).scalars()))
    assert left == {"pending", "sending", "unknown", "held"}
    assert gone == len(State) - 4


def test_notices_and_quarantine_go_by_the_same_time(store):
    for now in (1_000, 3_000):
        notices = [Notice(account="A", type="contacts", body="{}")]
        unreadable = [Unreadable(reason="json", detail="", body=b"x")]
        store.write_now(lambda c, at=now, n=notices: inbox.note(c, n, "callback", at))
        store.write_now(lambda c, at=now, u=unreadable: inbox.quarantine(c, u, "callback", at))
    assert store.write_now(lambda c: retention.forget_rest(c, 2_000, 100)) == 2
    assert (count(store, t.notices), count(store, t.quarantine)) == (1, 1)
    assert store.write_now(lambda c: retention.forget_rest(c, 2_000, 100)) == 0


def test_content_is_taken_out_once_nothing_of_the_event_is_owed(store, owe):
    message_id = owe("R:1", event="E")
    copy = store.write_now(
        lambda c: inbox.add(c, [message_row(account="B", key="copy", event="E", content='{"n":"x"}', text="x")])
    ).pop()
    store.write_now(lambda c: c.execute(t.messages.update().values(event="E")) and None)
    ids = (message_id, copy)
    assert store.read_now(lambda c: retention.ended(c, ids)) == ()
    assert store.write_now(lambda c: retention.blank_ended(c, ids)) == ()
    set_state(store, message_id, State.CONFIRMED)
    assert store.read_now(lambda c: retention.ended(c, ids)) == ids
    assert store.write_now(lambda c: retention.blank_ended(c, ids)) == ids
    m = t.messages.c
    rows = store.read_now(lambda c: c.execute(select(m.text, m.content, m.envelope, m.key, m.fingerprint)).all())
    assert [tuple(row[:4]) for row in rows] == [("", "", "", "m1"), ("", "", "", "copy")]
    assert len({row.fingerprint for row in rows} - {""}) == 2
    assert store.read_now(lambda c: retention.with_content(c, 0, 10)) == ()
    assert store.write_now(lambda c: retention.blank_ended(c, ids)) == (), "the fingerprint of nothing is not written"


def test_why_a_rule_did_not_match_is_kept_without_what_stood_in_the_message(store):
    [message_id] = store.write_now(lambda c: inbox.add(c, [message_row(content='{"t":"秘密"}', text="秘密")]))
    trail = '{"near":[{"rule":"r","key":"contains","expected":["退款"],"actual":"秘密"}],'
    trail += '"errors":[{"rule":"r","error":"ValueError: 秘密"}]}'
    decision = {"message_id": message_id, "reason": "no_match", "decided_at": 1, "trail": trail}
    store.write_now(lambda c: c.execute(insert(t.decisions).values(decision)) and None)
    store.write_now(lambda c: retention.blank(c, [(message_id, "abc")]))
    [kept] = store.read_now(lambda c: c.execute(select(t.decisions.c.trail)).scalars().all())
    assert "秘密" not in kept
    assert ("退款" in kept, '"ValueError"' in kept) == (True, True)


def test_with_wipe_no_byte_of_it_is_left_in_the_file(tmp_path):
    from yzj_daemon.storage import schema

    store = Store(f"sqlite:///{tmp_path}/wiped.db", wipe=True)
    store.write_now(schema.upgrade)
    words = "只说一次的话" * 2_000
    [message_id] = store.write_now(lambda c: inbox.add(c, [message_row(content=words, text=words)]))
    store.write_now(lambda c: retention.blank(c, [(message_id, "abc")]))
    store.close()  # what stands in the -wal goes into the file
    assert not (tmp_path / "wiped.db-wal").exists()
    assert "只说一次".encode() not in (tmp_path / "wiped.db").read_bytes()
