"""What operators may do: counted, asked for, written down, and nothing twice unless they say so."""

import pytest

from tests.flow.conftest import NOW, original
from yzj_daemon.cli import verbs
from yzj_daemon.storage import controls


@pytest.fixture
def filled(shell):
    shell.receive(original("退款 1", id="m1"), original("退款 2", id="m2"), original("退款 3", id="m3", account="B"))
    return shell


def states(shell, **narrowed: str) -> list[str]:
    flags = [word for key, value in narrowed.items() for word in (f"--{key}", value)]
    return [row["state"] for row in reversed(shell.rows("deliveries", "list", *flags))]


def done(shell, *args: str) -> int:
    return shell.one("deliveries", *args, "--yes")["deliveries"]


def test_deliveries_are_held_and_released_by_id_and_by_filter(filled):
    assert done(filled, "hold", "1", "2") == 2
    assert done(filled, "hold", "--account", "B") == 2
    assert states(filled) == ["held", "held", "pending", "pending", "held", "held"]
    assert done(filled, "release", "--state", "held", "--account", "A") == 2
    assert states(filled) == ["pending"] * 4 + ["held"] * 2
    assert done(filled, "release", "--all") == 2
    assert done(filled, "release", "--all") == 0


def test_what_is_meant_must_be_said(filled):
    code, _, err = filled("deliveries", "hold", "--yes")
    assert (code, "--all" in err) == (2, True)
    code, _, err = filled("deliveries", "hold", "--all")
    assert (code, "--yes" in err) == (2, True), "nobody is there to be asked"
    assert set(states(filled)) == {"pending"}


def test_a_rule_that_is_held_is_freed_with_what_it_asked_for_once_that_is_confirmed(filled):
    filled.work(lambda c: controls.hold_rule(c, "退款", 'limit = "2/1h"', NOW))
    code, _, err = filled("deliveries", "release", "--rule", "退款")
    assert (code, "--yes" in err) == (2, True), "nobody is there to be asked"
    assert filled.work(controls.held_rules) == {"退款": 'limit = "2/1h"'}
    assert done(filled, "drop", "--rule", "退款", "--account", "B") == 2
    code, out, _ = filled("deliveries", "release", "--rule", "退款", "--yes")
    assert (code, out) == (0, "release: 4 deliveries\nrule 退款 is held no more\n")
    assert filled.work(controls.held_rules) == {}
    assert filled.one("deliveries", "release", "--rule", "退款", "--yes") == {"verb": "release", "deliveries": 0}


def test_dropped_is_dropped_and_can_be_queued_anew(filled):
    assert done(filled, "drop", "--rule", "退款", "--account", "A") == 4
    assert states(filled, account="A") == ["dropped"] * 4
    assert done(filled, "requeue", "1") == 1
    assert states(filled, account="A") == ["pending", "dropped", "dropped", "dropped"]


@pytest.mark.parametrize("state", ["sent", "confirmed", "unknown"])
def test_what_may_have_arrived_is_sent_again_only_when_that_is_said(filled, state):
    filled.sql(f"UPDATE deliveries SET state = '{state}' WHERE id = 1")
    code, _, err = filled("deliveries", "requeue", "1", "--yes")
    assert (code, "--again" in err) == (2, True)
    assert len(states(filled)) == 6
    assert done(filled, "requeue", "1", "--again") == 1
    rows = filled.rows("deliveries", "list")
    assert (rows[0]["chat"], rows[0]["state"], rows[0]["message_id"]) == ("R:ops", "pending", "1")
    assert rows[-1]["state"] == ("dropped" if state == "unknown" else state), "what arrived stays on record"
    assert done(filled, "requeue", "1", "--again") == (0 if state == "unknown" else 1), "each time anew"
    filled.one("audit")


def test_a_filter_queues_the_certain_ones_and_leaves_the_others(filled):
    filled.sql("UPDATE deliveries SET state = 'sent' WHERE id = 1")
    filled.sql("UPDATE deliveries SET state = 'failed' WHERE id = 2")
    assert done(filled, "requeue", "--account", "A") == 1
    assert states(filled, account="A") == ["sent", "pending", "pending", "pending"]


def test_unknown_is_settled_by_a_person(filled):
    filled.sql("UPDATE deliveries SET state = 'unknown' WHERE id IN (1, 2)")
    assert filled.one("deliveries", "settle", "1", "--as", "sent")["deliveries"] == 1
    assert filled.one("deliveries", "settle", "2", "3", "--as", "failed")["deliveries"] == 1
    assert states(filled)[:3] == ["sent", "failed", "pending"]
    assert filled("deliveries", "settle", "1", "--as", "maybe")[0] == 2


def test_everything_is_written_down_with_who_and_when(filled, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "小王")
    done(filled, "hold", "--account", "B")
    filled.one("mute", "add", "--chat", "运营群", "--until", "2h", "--comment", "搬家")
    newest, before = filled.rows("actions")
    assert (newest["verb"], newest["who"], newest["what"]["value"]) == ("mute", "小王", "R:ops")
    assert (before["verb"], before["affected"], before["what"]) == ("hold", 2, {"account": "B"})
    assert verbs.who() == "小王"
    assert "小王" in filled("actions")[1]


def test_a_mute_keeps_back_and_names_itself(filled):
    muted = filled.one("mute", "add", "--chat", "运营群", "--until", "2099-01-01", "--comment", "搬家")
    filled.receive(original("退款 4", id="m4"))
    told = filled.one("messages", "show", "m4")
    assert [owed["chat"] for owed in told["deliveries"]] == ["R:boss"]
    filled.one("mute", "add", "--rule", "退款", "--until", "2099-01-01", "--comment", "试验")
    filled.receive(original("退款 5", id="m5"))
    told = filled.one("messages", "show", "m5")["decision"]
    assert told["reason"] == "muted"
    assert told["suppressed"] == [{"rule": "退款", "reason": "muted", "detail": "mute 2: rule 退款 (试验)"}]
    assert filled.one("mute", "remove", muted["mute"], "2") == {"lifted": 2}
    filled.receive(original("退款 6", id="m6"))
    assert filled.one("messages", "show", "m6")["decision"]["reason"] == "matched"
    assert filled.rows("mute", "list") == []
    assert [row["comment"] for row in filled.rows("mute", "list", "--all")] == ["搬家", "试验"]
    filled.one("audit")


def test_a_mute_ends_by_itself(filled):
    filled.sql(
        "INSERT INTO mutes (kind, value, until, comment, who, created_at) "
        f"VALUES ('account', 'A', {NOW + 1000}, 'x', 'y', {NOW})"
    )
    filled.receive(original("退款 4", id="m4"))
    filled.clock.seconds += 1
    filled.receive(original("退款 5", id="m5"))
    assert [filled.one("messages", "show", id_)["decision"]["reason"] for id_ in ("m4", "m5")] == ["muted", "matched"]


@pytest.mark.parametrize(
    "args",
    [
        ["--until", "2h", "--comment", "x"],
        ["--rule", "退款", "--chat", "R:1", "--until", "2h", "--comment", "x"],
        ["--rule", "退费", "--until", "2h", "--comment", "x"],
        ["--rule", "退款", "--until", "2020-01-01", "--comment", "x"],
        ["--rule", "退款", "--comment", "x"],
    ],
)
def test_a_mute_that_means_nothing_is_refused(filled, args):
    assert filled("mute", "add", *args)[0] == 2


# Replay -------------------------------------------------------------------------------------------------------------

MORE = '\n[[rules]]\nid = "more"\nforward_to = ["R:more", "R:ops"]\nwhen = { contains = ["退款"] }\n'


def test_a_replay_counts_and_sends_nothing(filled):
    filled.rules((filled.directory / "rules.toml").read_text("utf-8") + MORE)
    told = filled.one("replay", "--since", "2027-01-01", "--until", "2027-02-01")
    assert (told["messages"], told["matched"], told["deliveries"], told["executed"]) == (3, 3, 3, False)
    assert (told["already_had"], told["by_rule"]) == (6, {"more": 3})
    assert len(states(filled)) == 6


def test_a_replay_sends_what_no_chat_had_with_a_nonce_of_its_own(filled):
    filled.rules((filled.directory / "rules.toml").read_text("utf-8") + MORE)
    args = ("replay", "--since", "2027-01-01", "--until", "2027-02-01", "--rule", "more", "--execute")
    assert filled.one(*args, "--most", "2")["left_out"] == 1
    assert filled.one(*args)["deliveries"] == 1
    assert filled.one(*args)["deliveries"] == 0, "they had it by now"
    rows = filled.rows("deliveries", "list", "--chat", "R:more")
    assert [(row["state"], row["reason"], row["rules"]) for row in rows] == [("pending", "replay", ["more"])] * 3
    assert filled.one(*args, "--again")["deliveries"] == 6
    books = filled.one("audit")
    assert (books["received"], books["matched"]) == (3, 3), "a replay is no second receipt"
    assert [row["verb"] for row in filled.rows("actions")] == ["replay"] * 4


def test_a_replay_never_goes_behind_since(filled):
    told = filled.one("replay", "--since", "2027-01-15T16:00:01", "--until", "2027-02-01", "--execute")
    assert (told["messages"], told["deliveries"]) == (0, 0)
