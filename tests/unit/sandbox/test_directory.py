import pytest

from tests.unit.sandbox.stage import BOSS, CLOUD, CUSTOMERS, ON_CALL, OPERATIONS, TRUE, WANG


async def test_hosted_accounts_are_listed_by_state_and_page(api, control):
    await control.online(TRUE, online=False)
    assert [(a["wxid"], a["nickname"], a["online"]) for a in (await api.get("/wechat/list"))["data"]] == [
        (CLOUD, "小云", 1),
        (TRUE, "小真", 0),
    ]
    assert [a["wxid"] for a in (await api.get("/wechat/list", online=1))["data"]] == [CLOUD]
    assert [a["wxid"] for a in (await api.get("/wechat/list", online=0))["data"]] == [TRUE]
    assert [a["wxid"] for a in (await api.get("/wechat/list", page_size=1, page=2))["data"]] == [TRUE]
    assert (await api.get("/wechat/list", page=3))["data"] == []


async def test_lists_may_lie_deeper_with_a_pager(api, control):
    await control.behave(list_path="data.list", pager=True)
    answer = await api.get("/wechat/list", page_size=1)
    assert [a["wxid"] for a in answer["data"]["list"]] == [CLOUD]
    assert answer["pager"] == {"numPages": 2, "numRecords": 2}


async def test_rooms_are_listed_by_account_and_id(api):
    assert [r["wxid"] for r in (await api.post("/wechat/rooms"))["data"]] == [CUSTOMERS, OPERATIONS, ON_CALL]
    assert [r["wxid"] for r in (await api.post("/wechat/rooms", rel_wxid=TRUE))["data"]] == [CUSTOMERS]
    asked = await api.post("/wechat/rooms", wxids=f"{ON_CALL},R:404,{CUSTOMERS}", page=1, page_size=100)
    assert [(r["wxid"], r["nickname"]) for r in asked["data"]] == [(ON_CALL, "值班群"), (CUSTOMERS, "客户一群")]


async def test_a_room_has_details_and_members(api):
    assert (await api.get("/wechat/roomDetail", wxid=OPERATIONS))["data"]["nickname"] == "运营群"
    assert [m["wxid"] for m in (await api.get("/wechat/roomMembers", room_wxid=OPERATIONS))["data"]] == [CLOUD, BOSS]
    only = await api.get("/wechat/roomMembers", room_wxid=OPERATIONS, wxids=BOSS)
    assert [(m["wxid"], m["nickname"]) for m in only["data"]] == [(BOSS, "老板")]


async def test_contacts_belong_to_an_account(api):
    contacts = (await api.get("/wechat/contacts", rel_wxid=CLOUD))["data"]
    assert {"老板", "王客户", "李客户"} == {c["nickname"] for c in contacts}
    assert (await api.get("/wechat/contactDetail", rel_wxid=CLOUD, wxid=WANG))["data"]["nickname"] == "王客户"
    info = (await api.get("/wechat/contactInfo", wxid=BOSS))["data"]
    assert info == {"rel_wxids": [CLOUD, TRUE], "room_wxids": [CUSTOMERS, OPERATIONS, ON_CALL]}


async def test_the_vendors_addresses_are_told(api, control):
    assert (await api.get("/index/serverIpList"))["data"] == ["127.0.0.1"]
    await control.behave(server_ips=["10.0.0.1", "10.0.0.2"])
    assert (await api.get("/index/serverIpList"))["data"] == ["10.0.0.1", "10.0.0.2"]


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("roomDetail", {}, 406),
        ("roomDetail", {"wxid": "R:404"}, 1001),
        ("roomMembers", {}, 406),
        ("contacts", {}, 406),
        ("contacts", {"rel_wxid": "404"}, 406),
        ("contactDetail", {"rel_wxid": CLOUD}, 406),
        ("contactDetail", {"rel_wxid": CLOUD, "wxid": "404"}, 1001),
        ("contactInfo", {}, 406),
    ],
)
async def test_missing_parameters_and_unknown_ids_are_refused(api, path, query, code):
    assert (await api.get(f"/wechat/{path}", **query))["errcode"] == code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
async def test_a_body_that_is_no_object_is_406(api, body):
    assert (await api.http.post("/wechat/rooms", content=body)).json()["errcode"] == 406
