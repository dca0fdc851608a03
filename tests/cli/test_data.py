"""The store as a file, messages for programs elsewhere, and a store without content."""

import json
import re

import pytest

from tests.flow.conftest import original, text_content
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.retention import blank

URL = "YZJ_STORE__URL"


@pytest.fixture
def filled(shell):
    shell.receive(
        original("王小姐要退款 13800138000", id="m1", sender="7881300000000002", chat="R:10900000000000001"),
        original("谢谢", id="m2", sender="7881300000000002", chat="7881300000000002", chat_type="private"),
        original(id="m3", type="merge", content='{"title":"王小姐的聊天记录","n":18446744073709551617}', chat="R:two"),
    )
    return shell


def test_a_check_also_does_the_books_and_tells_the_room(filled):
    told = filled.one("db", "check")
    assert (told["ok"], told["problems"]) == (True, [])
    assert told["bytes"] > told["free_bytes"] >= 0
    filled.sql("DELETE FROM decisions WHERE message_id = 1")
    assert "without a decision: 1" in filled.one("db", "check", code=1)["problems"][0]


def test_a_backup_is_put_back_by_the_command_and_told(filled):
    assert filled.one("db", "backup", "copy.db")["bytes"] > 0
    filled.receive(original("退款", id="later"))
    code, _, err = filled("db", "restore", "copy.db")
    assert (code, "--yes" in err) == (2, True), "nobody is there to be asked"
    told = filled.one("db", "restore", "copy.db", "--yes")
    assert (told["held"], told["unknown"]) == (3, 0)
    assert {row["svrid"] for row in filled.rows("messages", "list")} == {"m1", "m2", "m3"}
    assert {(row["state"], row["reason"]) for row in filled.rows("deliveries", "list")} == {("held", "restored")}
    kept = filled(*["messages", "list", "--json"], environ={URL: f"sqlite:///{told['aside']}"})[1]
    assert "later" in kept
    [action] = [row for row in filled.rows("actions") if row["verb"] == "restore"]
    assert action["what"]["file"] == "copy.db"
    assert filled("db", "restore", "none.db", "--yes")[0] == 2


def test_a_restore_onto_a_new_place_makes_it(filled, tmp_path):
    filled("db", "backup", "copy.db")
    elsewhere = {URL: f"sqlite:///{tmp_path}/elsewhere.db"}
    code, out, _ = filled("db", "restore", "copy.db", "--yes", environ=elsewhere)
    assert (code, "restored" in out) == (0, True)
    assert filled("audit", environ=elsewhere)[0] == 0


def test_room_is_given_back(filled):
    filled.receive(*(original("谢谢" * 500, id=f"n{n}") for n in range(300)))
    filled.sql("DELETE FROM messages WHERE key LIKE 'n%'")
    told = filled.one("db", "compact")
    assert told["after"] < told["before"] // 2


def test_export_tells_all_of_every_message(filled):
    rows = [json.loads(line) for line in filled("messages", "export")[1].splitlines()]
    assert [row["svrid"] for row in rows] == ["m3", "m2", "m1"]
    first = rows[-1]
    assert (first["text"], first["content"]) == (
        "王小姐要退款 13800138000",
        text_content("王小姐要退款 13800138000"),
    )
    assert first["decision"]["rules"] == ["退款"]
    assert [(d["chat"], d["state"]) for d in first["deliveries"]] == [("R:ops", "pending"), ("R:boss", "pending")]
    assert rows[1]["decision"]["reason"] == "no_match"
    narrowed = filled("messages", "export", "--text", "退款")[1].splitlines()
    assert [json.loads(line)["svrid"] for line in narrowed] == ["m1"]
    assert len(filled("messages", "export", "--limit", "2")[1].splitlines()) == 2


def test_a_redacted_export_holds_no_word_name_or_id_and_tells_who_is_the_same(filled):
    out = filled("messages", "export", "--redact")[1]
    assert not re.search("王小姐|退款了|谢谢|13800138000|7881300000000002|10900000000000001|18446744073709551617", out)
    third, second, first = (json.loads(line) for line in out.splitlines())
    assert first["sender"] == second["sender"] == second["chat"] != ""
    assert first["chat"].startswith("R:id-")
    assert first["chat"] != third["chat"]
    assert first["text"] == "某某某某某某 00000000000"
    assert json.loads(first["content"])["items"][0]["type"] == "text", "the shape of the original stays"
    assert json.loads(third["content"]) == {"title": "某某某某某某某某", "n": 0}
    assert first["decision"]["rules"] == ["退款"], "rules are the operator's own words"
    again = json.loads(filled("messages", "export", "--redact")[1].splitlines()[-1])
    assert again["sender"] != first["sender"], "masks of two runs cannot be compared"


def test_an_export_of_many_goes_page_by_page(shell):
    shell.receive(*(original("谢谢", id=f"m{n}") for n in range(1_203)))
    rows = [json.loads(line) for line in shell("messages", "export")[1].splitlines()]
    assert len({row["svrid"] for row in rows}) == 1_203


def test_messages_are_searched_by_their_words(filled):
    assert [row["svrid"] for row in filled.rows("messages", "search", "退款")] == ["m1"]
    assert [row["svrid"] for row in filled.rows("messages", "search", "王小姐", "--type", "merge")] == ["m3"]
    assert filled("messages", "search")[0] == 2


@pytest.fixture
def contentless(filled):
    """As ``store.content = "none"`` leaves it once all deliveries have ended."""
    filled.settings["YZJ_STORE__CONTENT"] = "none"
    filled.work(lambda c: c.execute(t.deliveries.update().values(state="failed")) and None)
    filled.work(lambda c: blank(c, [(1, "f" * 24), (2, "f" * 24), (3, "f" * 24)]))
    return filled


def test_without_content_commands_say_so_and_tell_what_is_there(contentless):
    assert "content not kept" in contentless("messages", "list")[1]
    assert "content not kept" in contentless("messages", "show", "1")[1]
    code, out, _ = contentless("explain", "1")
    assert (code, "content not kept" in out, "退款" in out) == (0, True, True)
    told = contentless.one("explain", "1")
    assert (told["matched"], told["targets"], told["rules"]) == (["退款"], ["R:ops", "R:boss"], [])
    assert contentless("explain", "1", environ={"YZJ_LANG": "zh"})[1].count("没有保存") >= 1
    code, out, err = contentless("messages", "search", "退款")
    assert (code, "texts were not kept" in err) == (0, True)
    assert json.loads(contentless("messages", "export")[1].splitlines()[0])["kept"] is False
    assert contentless("audit")[0] == 0


def test_without_content_nothing_is_decided_again_or_sent_again(contentless):
    code, out, err = contentless("replay", "--since", "3650d", "--until", "2028-01-01", "--json")
    assert code == 0
    assert json.loads(out)["without_content"] == 3
    assert "3 messages were not decided again" in err
    code, out, err = contentless("preview", "rules.toml", "--since", "3650d", "--until", "2028-01-01", "--json")
    assert (code, json.loads(out)["messages"], "3 messages" in err) == (0, 0, True)
    code, _, err = contentless("deliveries", "requeue", "1", "--yes")
    assert (code, "not kept" in err) == (2, True)
    assert {row["state"] for row in contentless.rows("deliveries", "list")} == {"failed"}
    assert contentless("example", "1", "--rule", "退款")[0] == 1
