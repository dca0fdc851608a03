"""Messages, deliveries, lanes, status and the books."""

import pytest

from tests.flow.conftest import original, text_content
from yzj_daemon.delivery import State

WORDS = ["我要退款", "谢谢", "退款\x1b[31m\u202e", "退款 again"]


@pytest.fixture
def filled(shell):
    shell.receive(
        original(WORDS[0], id="m1", sender="7", chat="R:one"),
        original(WORDS[1], id="m2", sender="8", chat="R:one"),
        original(id="m3", sender="8", chat="R:two", account="B", content=text_content("退款\\u001b[31m\\u202e")),
        original(id="m4", type="merge", content='{"file_id":"1"}', chat="R:two"),
    )
    return shell


def test_messages_are_listed_newest_first_with_their_promised_keys(filled):
    rows = filled.rows("messages", "list")
    assert [row["svrid"] for row in rows] == ["m4", "m3", "m2", "m1"]
    assert set(rows[0]) >= {"id", "account", "chat", "sender", "type", "svrid", "source", "received_at", "text"}
    assert rows[-1]["received_at"] == "2027-01-15T16:00:00.000+08:00", "in the zone of the rules"


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        (["--account", "B"], ["m3"]),
        (["--chat", "R:one"], ["m2", "m1"]),
        (["--sender", "8"], ["m3", "m2"]),
        (["--type", "merge"], ["m4"]),
        (["--rule", "退款"], ["m3", "m1"]),
        (["--state", "pending"], ["m4", "m3", "m1"]),
        (["--text", "我要"], ["m1"]),
        (["--limit", "1"], ["m4"]),
        (["--limit", "0"], ["m4", "m3", "m2", "m1"]),
        (["--since", "2027-01-15T16:00"], ["m4", "m3", "m2", "m1"]),
        (["--until", "2027-01-15T16:00"], []),
        (["--since", "2027-01-15T16:00:01"], []),
        (["--chat", "R:two", "--type", "text", "--account", "B"], ["m3"]),
    ],
    ids=" ".join,
)
def test_every_flag_narrows_the_listing(filled, flags, found):
    assert [row["svrid"] for row in filled.rows("messages", "list", *flags)] == found


def test_a_listing_of_everything_goes_over_many_pages(shell):
    shell.receive(*(original("谢谢", id=f"m{n}") for n in range(1_203)))
    rows = shell.rows("messages", "list", "--limit", "0")
    assert len({row["id"] for row in rows}) == 1_203
    assert len(shell.rows("messages", "list", "--limit", "700")) == 700
    assert len(shell.rows("messages", "list")) == 50


def test_deliveries_have_their_promised_keys_and_flags(filled):
    rows = filled.rows("deliveries", "list")
    assert [(row["account"], row["chat"]) for row in rows] == [
        ("A", "R:merge"),
        ("B", "R:boss"),
        ("B", "R:ops"),
        ("A", "R:boss"),
        ("A", "R:ops"),
    ]
    keys = {"id", "message_id", "account", "chat", "state", "rules", "attempts", "reason", "created_at", "updated_at"}
    assert set(rows[0]) >= keys
    assert rows[1]["rules"] == ["退款"]
    assert [row["account"] for row in filled.rows("deliveries", "list", "--chat", "R:ops")] == ["B", "A"]
    assert filled.rows("deliveries", "list", "--state", "sent") == []
    assert len(filled.rows("deliveries", "list", "--text", "我要")) == 2


def test_one_message_is_shown_with_all_that_is_known_of_it(filled):
    told = filled.one("messages", "show", "m1")
    assert (told["text"], told["decision"]["reason"], told["decision"]["rules"]) == ("我要退款", "matched", ["退款"])
    assert [owed["chat"] for owed in told["deliveries"]] == ["R:ops", "R:boss"]
    assert filled.one("messages", "show", told["id"]) == told
    code, out, _ = filled("messages", "show", "m1")
    assert code == 0
    assert "我要退款" in out


def test_one_delivery_is_shown_with_its_calls(filled):
    told = filled.one("deliveries", "show", "1")
    assert (told["chat"], told["state"], told["calls"]) == ("R:ops", "pending", [])


def test_what_a_message_holds_cannot_steer_a_terminal(filled):
    _, out, _ = filled("messages", "list")
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\\x1b[31m\\u202e" in out


def test_lanes_and_status_tell_what_waits(filled):
    rows = filled.rows("lanes")
    assert [(row["account"], row["state"], row["depth"]) for row in rows] == [("A", "ready", 3), ("B", "ready", 2)]
    assert set(rows[0]) == {"account", "state", "depth", "oldest_seconds", "drain_seconds"}
    told = filled.one("status")
    assert (told["state"], told["rules"]["ok"], told["rules"]["error"]) == ("stopped", True, None)
    assert set(told["accounts"][0]) == {"account", "state", "lane", "action", "depth", "oldest_seconds"}
    assert told["deliveries"]["pending"] == 5
    assert set(told["deliveries"]) == {state.value for state in State}


def test_status_tells_of_rules_on_disk_that_are_broken(filled):
    filled.rules("[[rules]]\n")
    told = filled.one("status")["rules"]
    assert told["ok"] is False
    assert told["error"].startswith("rules.toml:1:1")
    code, out, _ = filled("--lang", "zh", "status")
    assert (code, "缺少" in out) == (0, True)


def test_the_books_balance_and_say_so_when_they_do_not(filled):
    books = filled.one("audit")
    assert (books["ok"], books["received"], books["decided"], books["matched"]) == (True, 4, 4, 3)
    assert books["suppressed"] == {"no_match": 1}
    filled.sql("DELETE FROM decisions WHERE message_id = 2")
    books = filled.one("audit", code=1)
    assert books["ok"] is False
    assert "2" in books["problems"][0]


@pytest.mark.parametrize("command", [["messages", "show", "99"], ["deliveries", "show", "99"], ["explain", "99"]])
def test_what_is_not_there_is_told_in_both_languages(filled, command):
    for lang, word in (("zh", "没有"), ("en", "holds no")):
        code, _, err = filled("--lang", lang, *command)
        assert code == 2
        assert word in err


def test_times_can_be_told_as_ages(filled):
    code, _, err = filled("messages", "list", "--since", "yesterday")
    assert code == 2
    assert "'yesterday'" in err
