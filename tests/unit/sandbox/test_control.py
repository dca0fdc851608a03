import asyncio

import pytest

from tests.unit.sandbox.stage import BOSS, CLOUD, CUSTOMERS, OPERATIONS, TRUE, WANG, plain_http
from yzj_daemon.errors import UsageProblem
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.faults import Fault, Script
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.samples import SAMPLES

DOCUMENTED = (
    "text announcement picture link voice video file program card channel system revoke location redpacket emotionpic "
    "imgtext merge"
)


@pytest.fixture
async def plain(sandbox):
    async with plain_http(sandbox.control_url + "/_sandbox") as http:
        yield http


def test_there_is_a_sample_of_every_documented_type_and_several_merges():
    assert {sample.type for sample in SAMPLES} == set(DOCUMENTED.split())
    assert sum(sample.type == "merge" for sample in SAMPLES) >= 4
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)


@pytest.mark.parametrize(
    "body",
    [
        b'{"chat":"R:1","sender":"1","account":"1688850000000001","content":{"a": 1.0,"b":9007199254740993}}',
        b'[{"chat":"R:1","sender":"1","account":"1688850000000001","content":{"a": 1.0,"b":9007199254740993}}]',
        (
            b'{"messages":[{"chat":"R:1","sender":"1","account":"1688850000000001",'
            b'"content_raw":"{\\"a\\": 1.0,\\"b\\":9007199254740993}"}]}'
        ),
    ],
)
async def test_messages_are_taken_alone_in_a_list_or_with_options(plain, control, body):
    answer = await plain.post("/messages", content=body)
    assert [row["account"] for row in answer.json()["ids"][0]] == [CLOUD]
    assert [arrival["content"] for arrival in await control.arrivals()] == ['{"a": 1.0,"b":9007199254740993}']


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/messages", b"", "truncated"),
        ("/messages", b'{"chat":"R:1","sender":"1"}', "content"),
        ("/messages", b'{"chat":"R:1","sender":"1","content_raw":"[]"}', "content"),
        ("/messages", b'{"chat":"R:1","sender":"1","content_raw":"{1}"}', "content"),
        ("/messages", b'{"chat":"R:1","sender":"1","content":{},"members_raw":"x"}', "members_raw"),
        ("/messages", b'{"chat":"R:1","sender":"1","content":{},"colour":"red"}', "colour"),
        ("/messages", b'{"chat":"R:1","sender":"1","content":{}}', "R:1"),
        ("/messages", b'{"chat":"1","sender":"1","content":{}}', "'1'"),
        ("/messages", b'{"chat":"R:1","sender":"1","account":"404","content":{}}', "404"),
        ("/faults", b'{"fault":{"errcode":1},"endpoint":"nothing"}', "nothing"),
        ("/faults", b'[{"fault":{"errcode":1}},{"fault":{}}]', "fault"),
        ("/faults", b'{"fault":{"errcode":"x"}}', "errcode"),
        ("/accounts", b'{"rooms":[{"room":"1"}]}', "room"),
        ("/notifications", b'{"type":"contacts"}', "account"),
    ],
)
async def test_a_mistake_is_told_in_both_languages_and_nothing_was_done(plain, control, path, body, said):
    answer = await plain.post(path, content=body)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"zh", "en"}
    assert all(said in text for text in answer.json()["error"].values())
    assert await control.arrivals() == []
    assert await control.pending_faults() == []


async def test_the_client_raises_what_the_sandbox_refuses(control):
    with pytest.raises(UsageProblem, match="own_copy"):
        await control.behave(own_copy="none")
    assert (await control.behaviour())["own_copies"] == "both"


@pytest.mark.parametrize("path", ["/calls?since=x", "/pushes?limit=-1", "/calls?answered=1.5"])
async def test_a_number_that_is_none_is_refused(plain, path):
    assert (await plain.get(path)).status_code == 400


async def test_senders_and_rooms_that_are_new_come_into_being(control):
    await control.inject(Inject(chat="R:5", sender="7881300000000077", account=CLOUD, content_raw="{}"))
    world = await control.world()
    assert {"room": "R:5", "name": "R:5", "members": [CLOUD, "7881300000000077"]} in world["rooms"]
    assert {"person": "7881300000000077", "name": "7881300000000077"} in world["persons"]


async def test_records_are_read_in_parts(control):
    await control.inject(*[Inject(chat=CUSTOMERS, sender=WANG, content_raw=f'{{"n":{n}}}') for n in range(5)])
    await control.inject(Inject(chat=BOSS, sender=BOSS, account=CLOUD, content_raw="{}"))
    assert [row["content"] for row in await control.arrivals(CUSTOMERS, since=1, limit=2)] == ['{"n":1}', '{"n":2}']
    assert len(await control.arrivals()) == 6


async def test_calls_are_read_in_parts_and_can_be_waited_for(api, control):
    await control.behave(received_by="unchecked")
    waiting = asyncio.create_task(control.calls(answered=3, since=1, limit=1))
    for _ in range(3):
        await api.forward("{}")
    assert [call["index"] for call in await waiting] == [1]


async def test_what_is_left_of_faults_is_told(api, control):
    await control.faults(
        Script(fault=Fault(errcode=407), times=3),
        Script(fault=Fault(hang=True), endpoint="token", times=None),
    )
    await api.forward()
    assert [(s.endpoint, s.times) for s in await control.pending_faults()] == [("forwardMsg", 2), ("token", None)]


async def test_a_reset_takes_everything_back(api, control, receiver):
    await control.behave(callback_url=receiver.url, token_nesting="data")
    await control.inject(Inject(chat="R:5", sender=WANG, account=TRUE, content_raw="{}"), wait=True)
    await control.fail(Fault(errcode=1), endpoint="list")
    await api.forward()
    await control.reset()
    assert await control.arrivals() == await control.calls() == await control.pushes() == []
    assert (await control.behaviour())["callback_url"] == ""
    assert "R:5" not in str(await control.world())
    assert (await api.get("/wechat/list"))["errcode"] == 110
    await api.log_in()
    assert (await api.get("/wechat/list"))["errcode"] == 0


async def test_requests_are_counted_per_endpoint(api, control):
    await api.get("/wechat/list")
    await api.get("/wechat/list")
    await api.forward()
    stats = await control.stats()
    assert stats["requests"] == {"token": 1, "list": 2, "forwardMsg": 1}
    assert stats["tokens_issued"] == 1


async def test_a_reset_forgets_copies_under_way(api, control):
    await control.behave(received_by="unchecked", own_copy_delay=60_000)
    await api.forward("{}", chats=[OPERATIONS])
    await control.reset()
    await asyncio.wait_for(control.settled(), 5)


async def test_a_client_needs_the_root_of_a_sandbox(sandbox):
    async with SandboxControl(sandbox.control_url + "/") as control:
        assert (await control.world())["accounts"]
