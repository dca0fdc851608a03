"""Rooms and contacts, in all the shapes that their lists may have."""

import json

import httpcore
import httpx
import pytest

from tests.unit.yzj.platform import BASE, Platform, error, ok
from yzj_daemon.chat import Chat, ChatPage
from yzj_daemon.delivery import Deferred, Refused


def one(**row):
    return {"id": 1, "user_id": "10021", "corp_id": 1970325026041234567, **row}


async def test_rooms_are_asked_for_and_read_as_the_vendor_documents():
    platform = Platform(rooms=ok([one(wxid="R:1", nickname="运营群"), one(wxid="R:2", nickname=" 值班群 ")]))
    found = await platform.vendor().chats("1688", "room", 1)
    assert found == ChatPage((Chat("R:1", "运营群"), Chat("R:2", "值班群")), last=True)
    request = platform.asked[-1][1]
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/wechat/rooms")
    assert json.loads(request.content) == {
        "app_id": "app",
        "access_token": "t1",
        "rel_wxid": "1688",
        "page": 1,
        "page_size": 100,
    }


async def test_contacts_are_asked_for_and_read_as_the_vendor_documents():
    platform = Platform(contacts=ok([one(wxid="7881", nickname="王客户", remark="老王", rel_wxid="1688")]))
    assert await platform.vendor().chats("1688", "contact", 3) == ChatPage((Chat("7881", "王客户"),), last=True)
    request = platform.asked[-1][1]
    assert (request.method, request.url.path) == ("GET", "/oapi/wechat/contacts")
    assert dict(request.url.params) == {
        "app_id": "app",
        "access_token": "t1",
        "rel_wxid": "1688",
        "page": "3",
        "page_size": "100",
    }


@pytest.mark.parametrize(
    ("row", "chat"),
    [
        (one(wxid="R:1", name="n"), Chat("R:1", "n")),
        (one(wxid="R:1", nickname="", name="n"), Chat("R:1", "n")),
        (one(wxid="R:1", nickname=None, room_name="n"), Chat("R:1", "n")),
        (one(wxid="7", real_name="n", remark="r"), Chat("7", "n")),
        (one(wxid="7", nickname={}, remark="r"), Chat("7", "r")),
        (one(wxid="7"), Chat("7")),
        (one(wxid=7881300000000001, nickname=5), Chat("7881300000000001", "5")),
        (one(room_wxid="R:1", nickname="n"), Chat("R:1", "n")),
        (one(wxid="", chat_wxid="R:1", nickname="n"), Chat("R:1", "n")),
        (one(wxid="7", nickname="\ud800"), Chat("7", "\\ud800")),
    ],
    ids=str,
)
async def test_a_chat_is_read_whatever_its_keys_are_called(row, chat):
    for kind, path in (("room", "rooms"), ("contact", "contacts")):
        answer = httpx.Response(200, content=json.dumps({"errcode": 0, "data": [row, {"id": 5}, 7]}).encode())
        assert await Platform(**{path: answer}).vendor().chats("1688", kind, 1) == ChatPage((chat,), last=True)


@pytest.mark.parametrize("under", ["list", "rows", "records", "items"])
async def test_chats_may_lie_deeper(under):
    answer = ok({under: [one(wxid="R:1", nickname="n")], "more": {"x": []}})
    assert await Platform(rooms=answer).vendor().chats("1688", "room", 1) == ChatPage((Chat("R:1", "n"),), last=True)


@pytest.mark.parametrize(
    ("count", "pager", "last"),
    [
        (0, None, True),
        (99, None, True),
        (100, None, False),
        (10, {"numPages": 3}, False),
        (100, {"numPages": "2"}, True),
        (100, {"numPages": None}, False),
        (99, "?", True),
    ],
)
async def test_the_last_page_is_known_as_such(count, pager, last):
    rows = [one(wxid=str(n + 1)) for n in range(count)]
    body = {"errcode": 0, "data": rows, **({"pager": pager} if pager else {})}
    found = await Platform(contacts=httpx.Response(200, json=body)).vendor().chats("1688", "contact", 2)
    assert (len(found.chats), found.last) == (count, last)


@pytest.mark.parametrize("data", ["x", {}, [1, 2], [{"id": 1}], 7])
async def test_chats_of_another_shape_are_a_fault(data):
    assert isinstance(await Platform(rooms=ok(data)).vendor().chats("1688", "room", 1), Deferred)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (error(407, "slow"), Deferred("rate_limited", lane_wide=True, detail="407: slow")),
        (error(406, "rel_wxid"), Refused("bad_parameter", "406: rel_wxid")),
        (error(1001, "账号不在线"), Deferred("offline", lane_wide=True, detail="1001: 账号不在线")),
        (httpcore.ReadTimeout("x"), Deferred("network", lane_wide=True, detail="no whole answer within 15 s")),
        (httpcore.ConnectError("x"), Deferred("network", lane_wide=True, detail="ConnectError: x")),
        (httpx.Response(502), Deferred("transient", detail="HTTP 502")),
    ],
)
async def test_every_fault_is_a_value(answer, fault):
    assert await Platform(rooms=answer).vendor().chats("1688", "room", 1) == fault
    assert await Platform(contacts=answer).vendor().chats("1688", "contact", 1) == fault


async def test_a_refused_token_is_renewed_for_a_post_too():
    platform = Platform(
        rooms=lambda request: ok([]) if json.loads(request.content)["access_token"] == "t2" else error(110)
    )
    assert await platform.vendor().chats("1688", "room", 1) == ChatPage((), last=True)
