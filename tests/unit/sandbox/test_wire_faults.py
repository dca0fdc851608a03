"""Faults as a client of the vendor meets them, over real connections."""

import asyncio

import httpx
import pytest

from tests.unit.sandbox.stage import BOSS, CLOUD, CUSTOMERS, OPERATIONS, WANG, Api, plain_http
from yzj_daemon.sandbox.faults import Fault, Script
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.server import running

HELLO = '{"items":[{"type":"text","text":"hello"}]}'


@pytest.fixture
async def ready(api, control):
    """The API with a message to forward."""
    await control.inject(Inject(chat=CUSTOMERS, sender=WANG, content_raw=HELLO))
    return api


async def _post(api):
    return await api.http.post("/wechat/forwardMsg", content=api.forward_body(HELLO))


async def _raw_answer(sandbox, api):
    """All bytes of the answer, up to the end of the connection."""
    host, port = sandbox.control_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = api.forward_body(HELLO)
    writer.write(b"POST /wechat/forwardMsg HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    try:
        return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize("code", [101, 102, 103, 110, 111, 112, 113, 114, 405, 406, 407, 1001, 9999])
async def test_any_errcode_can_be_scripted_and_nothing_took_effect(ready, control, code):
    await control.fail(Fault(errcode=code, message="因为"))
    assert (await _post(ready)).json() == {"errcode": code, "message": "因为"}
    assert await control.arrivals(OPERATIONS) == []
    assert (await _post(ready)).json() == {"errcode": 0}


async def test_an_errcode_can_be_scripted_after_the_effect(ready, control):
    await control.fail(Fault(errcode=1001, message="超时", effect="after"))
    assert (await _post(ready)).json()["errcode"] == 1001
    assert len(await control.arrivals(OPERATIONS)) == 1


async def test_a_good_answer_can_be_scripted_without_effect(ready, control):
    await control.fail(Fault(errcode=0))
    assert (await _post(ready)).json() == {"errcode": 0}
    assert await control.arrivals(OPERATIONS) == []


async def test_another_layer_may_answer_in_html(ready, control):
    await control.fail(Fault(status=502, body="<html>Bad Gateway</html>"))
    answer = await _post(ready)
    assert (answer.status_code, answer.text) == (502, "<html>Bad Gateway</html>")


async def test_garbage_is_a_200_that_is_not_json(ready, control):
    await control.fail(Fault(garbage=True))
    answer = await _post(ready)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r".+"):
        answer.json()


async def test_garbage_may_not_even_be_http(ready, control, sandbox):
    await control.fail(Fault(garbage="http"), times=2)
    assert not (await _raw_answer(sandbox, ready)).startswith(b"HTTP")
    with pytest.raises(httpx.RemoteProtocolError):
        await _post(ready)


@pytest.mark.parametrize(("drop", "arrived"), [("before", 0), ("after", 1)])
async def test_a_dropped_connection_ends_without_a_byte(ready, control, sandbox, drop, arrived):
    await control.fail(Fault(drop=drop))
    assert await _raw_answer(sandbox, ready) == b""
    assert len(await control.arrivals(OPERATIONS)) == arrived


@pytest.mark.parametrize(("drop", "arrived"), [("before", 0), ("after", 1)])
async def test_a_connection_can_be_reset(ready, control, sandbox, drop, arrived):
    await control.fail(Fault(drop=drop, reset=True))
    with pytest.raises(ConnectionResetError):
        await _raw_answer(sandbox, ready)
    assert len(await control.arrivals(OPERATIONS)) == arrived


async def test_a_truncated_answer_promises_more_than_comes(ready, control, sandbox):
    await control.fail(Fault(truncate=True), times=2)
    head, body = (await _raw_answer(sandbox, ready)).split(b"\r\n\r\n")
    assert b"content-length: 13" in head
    assert body == b'{"errc'
    with pytest.raises(httpx.RemoteProtocolError):
        await _post(ready)
    assert len(await control.arrivals(OPERATIONS)) == 2


@pytest.mark.parametrize(("hang", "arrived"), [(True, 0), ("before", 0), ("after", 1)])
async def test_a_hanging_call_never_answers_and_is_closed_when_the_client_leaves(ready, control, hang, arrived):
    await control.fail(Fault(hang=hang))
    with pytest.raises(httpx.ReadTimeout):
        await ready.http.post("/wechat/forwardMsg", content=ready.forward_body(HELLO), timeout=0.1)
    [call] = await control.calls(answered=1)
    assert call["result"] == "hang"
    assert call["answered_ms"] - call["arrived_ms"] >= 90
    assert len(await control.arrivals(OPERATIONS)) == arrived


async def test_a_delayed_call_goes_well_late(ready, control):
    await control.fail(Fault(delay=80))
    assert (await _post(ready)).json() == {"errcode": 0}
    [call] = await control.calls()
    assert call["answered_ms"] - call["arrived_ms"] >= 80
    assert call["result"] == "0"


async def test_a_client_that_gives_up_on_a_delayed_call_has_sent_all_the_same(ready, control):
    await control.fail(Fault(delay=200))
    with pytest.raises(httpx.ReadTimeout):
        await ready.http.post("/wechat/forwardMsg", content=ready.forward_body(HELLO), timeout=0.05)
    [call] = await control.calls(answered=1)
    assert call["result"] == "client left"
    assert call["answered_ms"] - call["arrived_ms"] < 200
    assert await control.arrivals(OPERATIONS) == []
    await asyncio.wait_for(_arrival(control), 5)


async def _arrival(control):
    while not await control.arrivals(OPERATIONS):
        pass


async def test_a_delay_may_stand_before_another_fault(ready, control):
    await control.fail(Fault(delay=60, errcode=407))
    assert (await _post(ready)).json()["errcode"] == 407
    [call] = await control.calls()
    assert call["answered_ms"] - call["arrived_ms"] >= 60


async def test_calls_that_overlap_are_told(ready, control):
    await control.fail(Fault(delay=100))
    await asyncio.gather(_post(ready), _post(ready))
    assert [call["overlapped"] for call in await control.calls(answered=2)] == [False, True]
    assert (await control.stats())["calls"]["overlaps"] == 1


async def test_faults_match_account_and_chat(ready, control):
    await control.inject(Inject(chat=BOSS, sender=BOSS, account=CLOUD, content_raw=HELLO))
    await control.fail(Fault(errcode=407), account="1688850000000002", times=None)
    await control.fail(Fault(errcode=1001), chat=BOSS, times=None)
    assert (await _post(ready)).json()["errcode"] == 0
    assert (await ready.forward(HELLO, chats=[OPERATIONS, BOSS]))["errcode"] == 1001
    assert len(await control.pending_faults()) == 2
    await control.clear_faults()
    assert (await ready.forward(HELLO, chats=[BOSS]))["errcode"] == 0


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [("chatLogs", "/wechat/chatLogs"), ("list", "/wechat/list"), ("serverIpList", "/index/serverIpList")],
)
async def test_other_endpoints_fail_as_scripted(api, control, endpoint, path):
    await control.fail(Fault(status=500, body="oops"), endpoint=endpoint)
    answer = await api.http.get(path, params={"app_id": "sandbox", "access_token": api.token})
    assert (answer.status_code, answer.text) == (500, "oops")
    assert (await api.get(path))["errcode"] == 0


async def test_the_token_endpoint_fails_as_scripted(api, control):
    await control.fail(Fault(drop="before"), endpoint="token")
    with pytest.raises(httpx.RemoteProtocolError):
        await api.log_in()
    assert await api.log_in()


async def test_every_answer_may_take_its_time(api, control):
    await control.behave(answer_after=60)
    started = asyncio.get_running_loop().time()
    assert (await api.get("/wechat/list"))["errcode"] == 0
    assert asyncio.get_running_loop().time() - started >= 0.06


async def test_leaving_the_sandbox_cuts_calls_that_hang():
    async with plain_http() as http:
        async with running() as sandbox:
            http.base_url = sandbox.base_url
            api = Api(http)
            await api.log_in()
            hanging = asyncio.create_task(_hang(sandbox, api))
            await asyncio.wait_for(_open_call(sandbox), 5)
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await hanging


async def _hang(sandbox, api):
    sandbox.platform.faults.add(Script(fault=Fault(hang=True)))
    return await _post(api)


async def _open_call(sandbox):
    while not sandbox.platform.calls.total:
        await asyncio.sleep(0)
