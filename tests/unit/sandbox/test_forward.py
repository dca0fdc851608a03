import json

import pytest

from tests.unit.sandbox.stage import BOSS, CLOUD, CUSTOMERS, ON_CALL, OPERATIONS, TRUE, WANG
from yzj_daemon.sandbox.forwarding import read
from yzj_daemon.sandbox.incoming import AccountChange, Inject, RoomChange, WorldChange
from yzj_daemon.sandbox.samples import SAMPLES, nested_merge

HELLO = '{"items":[{"type":"text","text":"hello"}]}'


async def _received(control, content=HELLO, **kwargs):
    await control.inject(Inject(chat=CUSTOMERS, sender=WANG, content_raw=content, **kwargs))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
async def test_a_forward_is_recorded_and_arrives_byte_for_byte(api, control, sample):
    await control.inject(sample.sent(CUSTOMERS, WANG))
    body = api.forward_body(sample.content, kind=sample.type)
    answer = await api.http.post("/wechat/forwardMsg", content=body)
    assert answer.json() == {"errcode": 0}
    [call] = await control.calls()
    assert call["body"].encode() == body
    assert call["contents"] == [sample.content]
    assert (call["account"], call["chats"], call["types"], call["times"], call["result"]) == (
        CLOUD,
        [OPERATIONS],
        [sample.type],
        [1641280299000],
        "0",
    )
    [arrival] = await control.arrivals(OPERATIONS)
    assert (arrival["sender"], arrival["type"], arrival["content"]) == (CLOUD, sample.type, sample.content)


async def test_a_content_of_any_depth_is_taken(api, control):
    content = nested_merge(3000)
    await control.inject(Inject(chat=CUSTOMERS, sender=WANG, type="merge", content_raw=content))
    assert (await api.forward(content, kind="merge"))["errcode"] == 0
    assert (await control.arrivals(OPERATIONS))[0]["content"] == content


@pytest.mark.parametrize(
    "content",
    ['{"items":[{"type":"text","text":"never sent"}]}', HELLO.replace(":", ": "), '{"items":[]}'],
)
async def test_what_was_not_received_byte_for_byte_is_refused(api, control, content):
    await _received(control)
    assert (await api.forward(content))["errcode"] == 406
    await control.behave(received_by="unchecked")
    assert (await api.forward(content))["errcode"] == 0


async def test_another_account_may_forward_only_where_the_behaviour_says_so(api, control):
    await _received(control, account=TRUE)
    assert (await api.forward(HELLO))["errcode"] == 406
    await control.behave(received_by="anyone")
    assert (await api.forward(HELLO))["errcode"] == 0


async def test_an_account_cannot_forward_what_it_sent_itself(api, control):
    await control.inject(Inject(chat=CUSTOMERS, sender=CLOUD, account=CLOUD, content_raw=HELLO))
    assert (await api.forward(HELLO))["errcode"] == 406


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b'{"app_id":"sandbox"',
        b'{"app_id":"sandbox","access_token":"TOKEN"}',
        b'{"app_id":"sandbox","access_token":"TOKEN","wxid":1,"chat_wxids":["R:1"],"messages":[]}',
        b'{"app_id":"sandbox","access_token":"TOKEN","wxid":"W","chat_wxids":"R:1","messages":[]}',
        b'{"app_id":"sandbox","access_token":"TOKEN","wxid":"W","chat_wxids":[],"messages":[{"msg_type":"text","content":{}}]}',
        b'{"app_id":"sandbox","access_token":"TOKEN","wxid":"W","chat_wxids":["R:1"],"messages":[{"msg_type":"text","content":"{}"}]}',
        b'{"app_id":"sandbox","access_token":"TOKEN","wxid":"W","chat_wxids":["R:1"],"messages":[{"msg_type":"text"}]}',
        b'{"app_id":"sandbox","access_token":"TOKEN","wxid":"W","chat_wxids":["R:1"],"messages":[[]]}',
        b'{"app_id":"sandbox","access_token":"TOKEN","wxid":"W","chat_wxids":["R:1"],"messages":{}}',
        b'{"app_id":"sandbox","access_token":"TOKEN","wxid":"W","chat_wxids":["R:1"],"messages":[{"msg_type":"text","content":{},"msg_time":"1"}]}',
        b"\xff\xfe",
    ],
)
async def test_a_request_not_as_documented_is_refused_and_recorded(api, control, damage):
    body = damage.replace(b"TOKEN", api.token.encode())
    answer = (await api.http.post("/wechat/forwardMsg", content=body)).json()
    assert answer["errcode"] == (406 if b"TOKEN" in damage else 101)
    [call] = await control.calls()
    assert call["result"] == str(answer["errcode"])
    assert call["body"].encode("latin-1" if damage.startswith(b"\xff") else "utf-8") == body
    assert await control.arrivals() == []


def test_of_a_message_whose_keys_come_twice_the_last_count():
    message = b'{"msg_type":"x","msg_type":"y","content":{},"content":{"a":1}}'
    body = b'{"wxid":"1","wxid":"2","chat_wxids":["a"],"messages":[' + message + b"]}"
    asked = read(body)
    assert (asked.account, asked.pieces[0].type) == ("2", "y")
    assert body[asked.pieces[0].start : asked.pieces[0].end] == b'{"a":1}'


@pytest.mark.parametrize(("code", "expected"), [(406, 406), (1001, 1001), (0, 0)])
async def test_an_unknown_target_has_the_code_chosen(api, control, code, expected):
    await _received(control)
    await control.behave(unknown_target=code)
    assert (await api.forward(HELLO, chats=["R:404"]))["errcode"] == expected
    assert await control.arrivals("R:404") == []


async def test_a_room_that_the_account_is_not_in_is_no_target(api, control):
    await _received(control)
    assert (await api.forward(HELLO, account=TRUE, chats=[OPERATIONS]))["errcode"] == 406
    await control.change_world(WorldChange(rooms=[RoomChange(room=OPERATIONS, members=[TRUE])]))
    assert (await api.forward(HELLO, account=TRUE, chats=[OPERATIONS]))["errcode"] == 0
    await control.change_world(WorldChange(rooms=[RoomChange(room=OPERATIONS, leave=[TRUE])]))
    assert (await api.forward(HELLO, account=TRUE, chats=[OPERATIONS]))["errcode"] == 406


@pytest.mark.parametrize(("partial", "arrived"), [(True, 1), (False, 0)])
async def test_a_bad_target_takes_the_good_ones_with_it_or_not(api, control, partial, arrived):
    await _received(control)
    await control.behave(partial=partial)
    assert (await api.forward(HELLO, chats=[OPERATIONS, "R:404"]))["errcode"] == 406
    assert len(await control.arrivals(OPERATIONS)) == arrived


async def test_an_account_offline_is_1001_with_a_text(api, control):
    await _received(control)
    await control.online(CLOUD, online=False)
    assert await api.forward(HELLO) == {"errcode": 1001, "message": "账号不在线,请重新登录"}
    await control.online(CLOUD)
    assert (await api.forward(HELLO))["errcode"] == 0


async def test_an_account_that_is_not_hosted_is_refused(api):
    assert (await api.forward(HELLO, account="1688850000009999"))["errcode"] == 406


async def test_targets_and_messages_may_be_limited(api, control):
    await _received(control)
    await control.behave(max_targets=1, max_messages=1)
    assert (await api.forward(HELLO, chats=[OPERATIONS, ON_CALL]))["errcode"] == 406
    one = f'{{"msg_type":"text","content":{HELLO}}}'
    assert (await api.forward(messages=[one, one]))["errcode"] == 406
    assert (await api.forward(messages=[one]))["errcode"] == 0


async def test_every_message_reaches_every_target_in_order(api, control):
    await _received(control)
    await _received(control, '{"n":2}')
    await control.behave(message_spacing=0)
    pieces = [f'{{"msg_type":"text","content":{content}}}' for content in (HELLO, '{"n":2}')]
    assert (await api.forward(messages=pieces, chats=[OPERATIONS, BOSS]))["errcode"] == 0
    for chat in (OPERATIONS, BOSS):
        assert [arrival["content"] for arrival in await control.arrivals(chat)] == [HELLO, '{"n":2}']
    [call] = await control.calls()
    assert call["contents"] == [HELLO, '{"n":2}']


async def test_several_messages_leave_a_spacing_apart(api, control):
    await _received(control)
    await control.behave(message_spacing=80)
    one = f'{{"msg_type":"text","content":{HELLO}}}'
    await api.forward(messages=[one, one])
    assert len(await control.arrivals(OPERATIONS)) == 1
    await control.settled()
    first, second = await control.arrivals(OPERATIONS)
    assert second["at"] - first["at"] >= 75


async def _logs(api, account, chat):
    return (await api.get("/wechat/chatLogs", wxid=account, chat_wxid=chat))["data"]


async def test_the_own_copy_stands_in_the_log_of_the_target_chat(api, control):
    await _received(control)
    await api.forward(HELLO)
    await control.settled()
    [copy] = await _logs(api, CLOUD, OPERATIONS)
    assert copy["from_wxid"] == copy["wxid"] == CLOUD
    assert (copy["chat_wxid"], copy["to_wxid"], copy["chat_type"]) == (OPERATIONS, OPERATIONS, 2)
    assert copy["content"] == json.loads(HELLO)
    assert copy["extra"]["target_wxid"] == OPERATIONS
    assert isinstance(copy["extra"]["task_id"], str)


@pytest.mark.parametrize(("copies", "logged"), [("both", 1), ("log", 1), ("callback", 0), ("none", 0)])
async def test_own_copies_go_where_the_behaviour_says(api, control, receiver, copies, logged):
    await control.behave(own_copies=copies, callback_url=receiver.url)
    await control.inject(Inject(chat=BOSS, sender=BOSS, account=CLOUD, content_raw=HELLO), push=False)
    await api.forward(HELLO)
    await control.settled()
    assert len(await _logs(api, CLOUD, OPERATIONS)) == logged
    pushed = [element for element in receiver.elements() if element["from_wxid"] == element["wxid"]]
    assert len(pushed) == (copies in ("both", "callback"))


async def test_an_own_copy_may_be_rewritten_but_says_the_same(api, control):
    await control.behave(own_copy_content="rewritten")
    await _received(control)
    await api.forward(HELLO)
    await control.settled()
    raw = await api.http.get(
        "/wechat/chatLogs",
        params={"app_id": "sandbox", "access_token": api.token, "wxid": CLOUD, "chat_wxid": OPERATIONS},
    )
    assert HELLO not in raw.text
    assert raw.json()["data"][0]["content"] == json.loads(HELLO)


async def test_in_a_shared_room_the_other_account_gets_an_ordinary_message(api, control):
    await control.inject(Inject(chat=BOSS, sender=BOSS, account=CLOUD, content_raw=HELLO))
    await api.forward(HELLO, chats=[CUSTOMERS])
    await control.settled()
    [own] = await _logs(api, CLOUD, CUSTOMERS)
    [other] = await _logs(api, TRUE, CUSTOMERS)
    assert other["from_wxid"] == CLOUD
    assert other["wxid"] == TRUE
    assert "extra" not in other
    assert other["wx_svrid"] == own["wx_svrid"]
    assert other["svrid"] != own["svrid"]
    assert (await api.forward(HELLO, account=TRUE, chats=[BOSS]))["errcode"] == 0


async def test_a_private_message_to_a_hosted_account_arrives_there(api, control):
    await _received(control)
    await api.forward(HELLO, chats=[TRUE])
    await control.settled()
    [seen] = await _logs(api, TRUE, CLOUD)
    assert (seen["chat_wxid"], seen["from_wxid"], seen["to_wxid"], seen["chat_type"]) == (CLOUD, CLOUD, TRUE, 1)


async def test_gaps_run_from_the_previous_answer_per_account(api, control):
    await _received(control)
    await api.forward(HELLO)
    await api.forward(HELLO)
    await api.forward(HELLO, account=TRUE, chats=[BOSS])
    first, second, other = await control.calls(answered=3)
    assert first["gap_ms"] is other["gap_ms"] is None
    assert second["gap_ms"] == pytest.approx(second["arrived_ms"] - first["answered_ms"])
    assert not second["overlapped"]
    stats = (await control.stats())["calls"]
    assert stats == {
        "total": 3,
        "answered": 3,
        "results": {"0": 3},
        "smallest_gap_ms": second["gap_ms"],
        "overlaps": 0,
    }


async def test_accounts_and_rooms_are_added(api, control):
    account = "1688850000000777"
    change = WorldChange(
        accounts=[AccountChange(account=account, name="第三号")],
        rooms=[RoomChange(room="R:777", name="新群", members=[account, WANG])],
    )
    world = await control.change_world(change)
    assert {"account": account, "name": "第三号", "online": True} in world["accounts"]
    await control.inject(Inject(chat="R:777", sender=WANG, content_raw=HELLO))
    assert (await api.forward(HELLO, account=account, chats=["R:777"]))["errcode"] == 0
