"""Names for ids, from the platform's lists to what a person reads."""

import asyncio
import json
from contextlib import closing

import pytest

from tests.acceptance.conftest import CLOUD, OPS, REAL, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject, PersonChange, RoomChange, WorldChange
from yzj_daemon.storage.directory import ChatFilter, ChatLine, listed
from yzj_daemon.storage.engine import Store

RULES = f"""
[names]
"运营群" = "{OPS}"
"小真" = "{REAL}"
[[rules]]
id = "all"
forward_to = ["运营群"]
allow = ["no-examples"]
[rules.when]
everything = true
[[rules]]
id = "other"
forward_to = ["运营群", "R:10900000000000009"]
allow = ["no-examples"]
[rules.when]
account = ["小真"]
"""


def known(daemon) -> dict[str, ChatLine]:
    """The chats in its store."""
    with closing(Store(f"sqlite:///{daemon.directory}/store.db")) as store:
        lines = store.read_now(lambda c: listed(c, ChatFilter(), 1_000))
    return {line.id: line for line in lines}


def renamed(name: str) -> WorldChange:
    return WorldChange(rooms=[RoomChange(room=OPS, name=name)])


async def test_names_appear_after_the_start_and_follow_the_platform(make_daemon, platform):
    daemon = await start(make_daemon(accounts=f'["{CLOUD}"]', directory__every="1s"), platform)
    chats = await until(lambda: len(found := known(daemon)) == 6 and found)
    assert {chat.name for chat in chats.values()} == {"客户一群", "运营群", "值班群", "老板", "王客户", "李客户"}
    assert {chat.accounts for chat in chats.values()} == {(CLOUD,)}, "only the accounts that are served"
    await platform.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("你好")), wait=True)
    shown = await asyncio.to_thread(daemon.cli, "messages", "list")
    assert all(words in shown for words in (f"{CLOUD} (小云)", f"{ROOM} (客户一群)", f"{WANG} (王客户)"))
    await platform.change_world(renamed("运营一群"))
    [told] = await until(lambda: daemon.log("chat.renamed"))
    assert (told["chat"], told["name"], told["earlier"]) == (OPS, "运营一群", "运营群")
    [row] = await asyncio.to_thread(daemon.rows, "chats", "search", "一群", "运营")
    assert (row["chat"], row["earlier_name"]) == (OPS, "运营群")
    daemon.balanced()


@pytest.mark.parametrize("behaviour", [{"list_path": "data.list", "pager": True}, {"errcode_as": "string"}], ids=str)
async def test_every_page_is_read_whatever_its_shape(make_daemon, platform, behaviour):
    await platform.behave(**behaviour)
    persons = [PersonChange(person=str(7881300000001000 + n), name=f"客户{n}") for n in range(250)]
    await platform.change_world(WorldChange(persons=persons))
    daemon = await start(make_daemon(accounts=f'["{CLOUD}"]'), platform)
    found = await until(lambda: len(chats := known(daemon)) == 256 and chats)
    assert {chat.name for chat in found.values()} >= {"客户0", "客户249"}


async def test_the_lists_can_be_read_now_and_never_by_themselves(make_daemon, platform):
    daemon = await start(make_daemon(directory__every="0"), platform)
    first, second = await asyncio.to_thread(daemon.rows, "chats", "sync")
    assert (first["account"], first["rooms"], first["contacts"], first["new"], first["faults"]) == (CLOUD, 3, 3, 6, {})
    assert (second["account"], second["rooms"], second["new"], second["renamed"]) == (REAL, 1, 0, [])
    await platform.change_world(renamed("运营一群"))
    [again] = await asyncio.to_thread(daemon.rows, "chats", "sync", "--account", CLOUD)
    assert again["renamed"] == [{"id": OPS, "name": "运营一群", "earlier": "运营群"}]
    assert (await platform.stats())["requests"]["rooms"] == 3
    rows = await asyncio.to_thread(daemon.rows, "accounts")
    assert [(row["account"], row["name"], row["rooms"], row["contacts"]) for row in rows] == [
        (CLOUD, "小云", 3, 3),
        (REAL, "小真", 1, 3),
    ]


async def test_an_account_that_is_not_answered_for_stops_no_other(make_daemon, platform):
    daemon = await start(make_daemon(directory__every="0"), platform)
    await platform.fail(Fault(errcode=1001, message="账号不在线"), endpoint="rooms")
    out = await asyncio.to_thread(daemon.cli, "chats", "sync", "--json", check=1)
    first, second = map(json.loads, out.splitlines())
    assert first["faults"] == {"room": {"reason": "offline", "detail": "1001: 账号不在线"}}
    assert (first["rooms"], first["contacts"], second["rooms"], second["faults"]) == (0, 3, 1, {})


async def test_the_platform_is_asked_about_the_ids_of_the_rules(make_daemon, platform):
    daemon = make_daemon(RULES)
    rows = {row["id"]: row for row in await asyncio.to_thread(daemon.rows, "check", "--online")}
    assert set(rows) == {"unknown-chat"}
    found = rows["unknown-chat"]
    assert (found["level"], found["file"], found["line"], found["column"]) == ("warning", "rules.toml", 13, 22)
    assert found["value"] == "R:10900000000000009"
    assert "R:1090000000000000" in found["suggestion"]
    await platform.change_world(renamed("运营一群"))
    await platform.online(REAL, online=False)
    out = await asyncio.to_thread(daemon.cli, "check", "--online", "--strict", check=1)
    assert "rules.toml:3:1: warning [renamed-chat]" in out
    assert "rules.toml:4:1: warning [offline-account]" in out


async def test_a_platform_that_refuses_us_is_4(make_daemon, platform):
    await platform.fail(Fault(errcode=113, message="ip"), endpoint="rooms", times=None)
    await asyncio.to_thread(make_daemon(RULES).cli, "check", "--online", check=4)


async def test_lists_that_cannot_be_read_stop_no_start_and_no_message(make_daemon, platform):
    for endpoint in ("rooms", "contacts"):
        await platform.fail(Fault(status=502), endpoint=endpoint, times=None)
    daemon = await start(make_daemon(accounts=f'["{CLOUD}"]', forward__pace="0.05"), platform)
    await until(lambda: daemon.log("directory.unread"))
    await platform.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("你好")), wait=True)
    await platform.calls(answered=1)
    assert known(daemon) == {}
    daemon.balanced()
