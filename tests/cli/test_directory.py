"""Names for ids: accounts, chats, and a name beside every id that a person reads."""

import pytest

from tests.flow.conftest import NOW, original
from yzj_daemon.account import HostedAccount
from yzj_daemon.chat import Chat
from yzj_daemon.storage import directory, inbox
from yzj_daemon.storage.engine import Store

ROOMS = (Chat("R:one", "客户一群"), Chat("R:boss", "老板群"), Chat("R:ops", "运营一群"))
HOUR = 3_600_000


@pytest.fixture
def filled(shell):
    shell.receive(
        original("我要退款", id="m1", sender="7", chat="R:one"),
        original(id="m2", account="B", chat="R:two", sender="8"),
    )
    store = Store(shell.environ["YZJ_STORE__URL"])

    def learn(connection):
        inbox.listed(connection, [HostedAccount(account="A", name="小云", online=True)], NOW)
        directory.learn(connection, "A", [*ROOMS[:2], Chat("R:ops", "运营群"), Chat("7", "王客户Ａ")], NOW)
        directory.learn(connection, "B", ROOMS[2:], NOW + HOUR)

    store.write_now(learn)
    store.close()
    return shell


def test_chats_are_listed_rooms_first_with_who_sees_them(filled):
    rows = filled.rows("chats", "list")
    assert [(row["chat"], row["type"], row["name"]) for row in rows] == [
        ("R:ops", "room", "运营一群"),
        ("R:one", "room", "客户一群"),
        ("R:boss", "room", "老板群"),
        ("7", "contact", "王客户Ａ"),
    ]
    assert rows[0] == {
        "chat": "R:ops",
        "type": "room",
        "name": "运营一群",
        "rules_name": "运营群",
        "earlier_name": "运营群",
        "renamed_at": "2027-01-15T17:00:00.000+08:00",
        "accounts": ["A", "B"],
        "first_seen_at": "2027-01-15T16:00:00.000+08:00",
        "synced_at": "2027-01-15T17:00:00.000+08:00",
    }
    _, out, _ = filled("--lang", "zh", "chats", "list")
    assert "原来叫" in out
    assert "2027-01-15 17:00:00" in out


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        (["list", "--type", "contact"], ["7"]),
        (["list", "--account", "B"], ["R:ops"]),
        (["list", "--chat", "R:one"], ["R:one"]),
        (["list", "--text", "群"], ["R:ops", "R:one", "R:boss"]),
        (["list", "--limit", "2"], ["R:ops", "R:one"]),
        (["list", "--limit", "0"], ["R:ops", "R:one", "R:boss", "7"]),
        (["search", "客户"], ["R:one", "7"]),
        (["search", "客户", "王"], ["7"]),
        (["search", "客户", "--type", "room"], ["R:one"]),
        (["search", "ＢＯＳＳ"], ["R:boss"]),
        (["search", "客户a"], ["7"]),
        (["search", "运营群"], ["R:ops"]),
        (["search", "7"], ["7"]),
        (["search", "没有"], []),
    ],
    ids=" ".join,
)
def test_chats_are_found_by_name_id_and_what_they_were_called(filled, flags, found):
    assert [row["chat"] for row in filled.rows("chats", *flags)] == found


def test_a_directory_of_everything_goes_over_many_pages(filled):
    store = Store(filled.environ["YZJ_STORE__URL"])
    chats = [Chat(f"R:{n}", f"群{n}") for n in range(1_203)]
    for start in range(0, 1_203, 500):
        store.write_now(lambda c, start=start: directory.learn(c, "A", chats[start : start + 500], NOW))
    store.close()
    assert len({row["chat"] for row in filled.rows("chats", "list", "--limit", "0")}) == 1_207
    assert [row["chat"] for row in filled.rows("chats", "search", "群7", "--limit", "0")][-1] == "R:7"


def test_accounts_are_listed_with_what_they_see(filled):
    rows = filled.rows("accounts")
    assert rows[0] == {
        "account": "A",
        "name": "小云",
        "state": "online",
        "action": "",
        "rooms": 3,
        "contacts": 1,
        "synced_at": "2027-01-15T16:00:00.000+08:00",
    }
    assert [(row["account"], row["name"], row["rooms"]) for row in rows[1:]] == [("B", "", 1)]
    _, out, _ = filled("accounts")
    assert "小云" in out


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        (["--account", "B"], ["B"]),
        (["--text", "云"], ["A"]),
        (["--state", "online"], ["A", "B"]),
        (["--state", "offline"], []),
        (["--limit", "1"], ["A"]),
    ],
    ids=" ".join,
)
def test_accounts_are_narrowed(filled, flags, found):
    assert [row["account"] for row in filled.rows("accounts", *flags)] == found


@pytest.mark.parametrize(
    ("flags", "hint"), [(["accounts", "--state", "on"], "online"), (["chats", "list", "--type", "x"], "room")]
)
def test_a_word_that_is_none_is_told(filled, flags, hint):
    code, out, err = filled(*flags)
    assert (code, out, hint in err) == (2, "", True)


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["messages", "list"], ["A (小云)", "R:one (客户一群)", "7 (王客户Ａ)", "R:two", "8"]),
        (["messages", "show", "m1"], ["A (小云)", "R:one (客户一群)", "7 (王客户Ａ)", "R:boss (老板群)"]),
        (["deliveries", "list"], ["A (小云)", "R:boss (老板群)"]),
        (["deliveries", "show", "2"], ["A (小云)", "R:boss (老板群)"]),
        (["lanes"], ["小云"]),
        (["status"], ["A (小云)"]),
    ],
    ids=" ".join,
)
def test_a_name_stands_beside_every_id(filled, command, shown):
    _, out, _ = filled(*command)
    assert not [words for words in shown if words not in out], out


def test_a_mute_is_listed_by_name_too(filled):
    assert filled("mute", "add", "--chat", "R:boss", "--until", "2h", "--comment", "x")[0] == 0
    assert "R:boss (老板群)" in filled("mute", "list")[1]


def test_the_names_of_the_rules_win(filled):
    assert "R:ops (运营群)" in filled("deliveries", "list")[1]
    filled.rules('names = { "甲" = "R:ops", "乙" = "R:ops" }\n[[rules]]\nid = "broken"\n')
    assert "R:ops (甲)" in filled("deliveries", "list")[1]
    filled.rules('[[rules]]\n[ names ] # x\n"丙" = "R:ops"\n[lists]\nnames = ["a"]\n[[rules')
    assert "R:ops (丙)" in filled("deliveries", "list")[1]


@pytest.mark.parametrize(
    "toml", ["", "names = 5\n", "[names]\n'x' = 5\n", "[names]\n", "[names]\nx = R:ops\n", "\ufffe"]
)
def test_rules_without_names_leave_those_of_the_directory(filled, toml):
    filled.rules(toml)
    assert "R:ops (运营一群)" in filled("deliveries", "list")[1]


def test_names_of_a_directory_of_rule_files_are_found(filled):
    (filled.directory / "d").mkdir()
    (filled.directory / "d" / "b.toml").write_text('[names]\n"二" = "R:ops"\n', encoding="utf-8")
    (filled.directory / "d" / "a.toml").write_text('[names]\n"一" = "R:ops"\n"boss" = "R:boss"\n', encoding="utf-8")
    _, out, _ = filled("deliveries", "list", "--set", f"rules.path={filled.directory}/d")
    assert "R:ops (一)" in out
    assert "R:boss (boss)" in out


def test_programs_get_ids(filled):
    assert {row["chat"] for row in filled.rows("deliveries", "list")} == {"R:ops", "R:boss"}
    assert filled.one("messages", "show", "m1")["sender"] == "7"


AWAY = {"YZJ_API__BASE_URL": "http://127.0.0.1:9/oapi", "YZJ_API__APP_ID": "1", "YZJ_API__APP_SECRET": "s"}


@pytest.mark.parametrize("command", [["chats", "sync"], ["check", "--online"]], ids=" ".join)
def test_a_platform_that_is_away_is_4_and_one_that_is_not_told_is_3(filled, command):
    code, out, err = filled(*command, environ=AWAY)
    assert (code, out, "api.base_url" in err) == (4, "", True)
    code, out, err = filled(*command)
    assert (code, out, "YZJ_API__APP_ID" in err) == (3, "", True)


def test_rules_with_mistakes_are_told_without_the_platform(filled):
    filled.rules("[[rules]]\n")
    assert filled("check", "--online", environ=AWAY)[0] == 1
