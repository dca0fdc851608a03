import asyncio
import json
import logging

import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.yzj.platform import BASE, CALL, SECRET, HandClock, Line, Platform, error, ok, token_of
from yzj_daemon.account import HostedAccount
from yzj_daemon.delivery import Deferred, Refused, Sent, Unanswered
from yzj_daemon.errors import SettingsProblem
from yzj_daemon.message import Page
from yzj_daemon.ops.clock import SystemClock
from yzj_daemon.yzj.client import ApiOptions, PullOptions, Vendor

ROW = '{"msg_type":"text","content":{"n":1.0},"svrid":"7","wxid":"1688","chat_wxid":"R:1","msg_time":5}'


# --- forwardMsg ------------------------------------------------------------------------------------------------------


async def test_a_forward_is_sent_as_the_vendor_documents():
    platform = Platform()
    assert await platform.vendor().forward(CALL) == Sent()
    (_, asked), (_, sent) = platform.asked
    assert (asked.method, str(asked.url)) == ("POST", f"{BASE}/oauth/token")
    assert json.loads(asked.content) == {"app_id": "app", "app_secret": SECRET, "grand_type": "client_credentials"}
    assert (sent.method, str(sent.url)) == ("POST", f"{BASE}/wechat/forwardMsg")
    assert sent.headers["content-type"] == "application/json; charset=UTF-8"
    assert sent.content == (
        b'{"app_id":"app","access_token":"t1","wxid":"1688","chat_wxids":["R:1"],'
        b'"messages":[{"msg_type":"text","content":{"n":1.0},"msg_time":5}]}'
    )


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (error(406, "bad chat"), Refused("bad_parameter", "406: bad chat")),
        (error(405, "m"), Refused("wrong_method", "405: m")),
        (error(407, "m", "errmsg"), Deferred("rate_limited", lane_wide=True, detail="407: m")),
        (error("1001", "账号不在线"), Deferred("offline", lane_wide=True, detail="1001: 账号不在线")),
        (error(1001, "不是好友"), Refused("permanent", "1001: 不是好友")),
        (error(1001, "?"), Deferred("transient", detail="1001: ?")),
        (httpx.Response(502), Unanswered("http_5xx", "HTTP 502")),
        (httpx.Response(429, headers={"Retry-After": "9"}), Deferred("rate_limited", 9_000, True, "HTTP 429")),
        (httpcore.ReadTimeout("x"), Unanswered("timeout", "no whole answer within 15 s")),
        (httpcore.WriteTimeout("x"), Unanswered("timeout", "no whole answer within 15 s")),
        (httpcore.ReadError("x"), Unanswered("connection_lost", "ReadError: x")),
        (httpcore.WriteError("x"), Unanswered("connection_lost", "WriteError: x")),
        (httpcore.RemoteProtocolError("x"), Unanswered("connection_lost", "RemoteProtocolError: x")),
        (httpcore.ConnectError("x"), Deferred("network", lane_wide=True, detail="ConnectError: x")),
        (httpcore.ConnectTimeout("x"), Deferred("network", lane_wide=True, detail="ConnectTimeout: x")),
        (httpcore.PoolTimeout("x"), Deferred("network", lane_wide=True, detail="PoolTimeout: x")),
        (httpcore.ProxyError("x"), Deferred("network", lane_wide=True, detail="ProxyError: x")),
        (ValueError("odd"), Unanswered("connection_lost", "ValueError: odd")),
    ],
)
async def test_every_answer_to_a_forward_is_an_outcome(answer, outcome):
    assert await Platform(forward=answer).vendor().forward(CALL) == outcome


async def test_redirects_are_not_followed():
    platform = Platform(forward=httpx.Response(302, headers={"Location": "https://else.test/x?access_token=t1"}))
    outcome = await platform.vendor().forward(CALL)
    assert (outcome.reason, outcome.lane_wide) == ("blocked", True)
    assert "https://else.test/x:" in outcome.detail
    assert platform.counts()["forwardMsg"] == 1


async def test_a_cancelled_call_is_cancelled():
    async def hang(_):
        await asyncio.Event().wait()

    vendor = Vendor(ApiOptions(base_url=BASE, app_id="app", access_token="t"), HandClock(), engine=Line(hang))
    task = asyncio.create_task(vendor.forward(CALL))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@given(
    st.integers(100, 599).filter(lambda status: status >= 200), st.binary(max_size=60), st.sampled_from(["", "gzip"])
)
async def test_whatever_comes_back_is_an_outcome_and_never_an_acceptance(status, body, encoding):
    answer = httpx.Response(status, stream=_Bytes(body), headers={"content-encoding": encoding} if encoding else {})
    outcome = await Platform(forward=answer).vendor(access_token="t").forward(CALL)
    assert isinstance(outcome, (Deferred, Refused, Unanswered))
    assert len(outcome.detail) <= 300


class _Bytes(httpx.AsyncByteStream):
    """A body that may not be what its headers promise."""

    def __init__(self, body):
        self.body = body

    async def __aiter__(self):
        yield self.body


@given(st.binary(max_size=60), st.integers(200, 599))
async def test_whatever_the_token_endpoint_answers_the_forward_was_not_sent(body, status):
    platform = Platform()
    platform.token_answer = httpx.Response(status, content=body)
    outcome = await platform.vendor().forward(CALL)
    assert isinstance(outcome, Deferred)
    assert outcome.lane_wide
    assert platform.counts() == {"token": 1}


# --- the token -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [110, 111, 112, "110"])
async def test_a_refused_token_is_renewed_once_and_the_call_made_once_more(code):
    platform = Platform(forward=lambda request: error(code, "x") if token_of(request) == "t1" else ok())
    assert await platform.vendor().forward(CALL) == Sent()
    assert platform.counts() == {"token": 2, "forwardMsg": 2}


async def test_the_call_made_once_more_keeps_the_pace():
    clock = SystemClock()
    asked: list[float] = []

    def answer(request):
        asked.append(clock.monotonic())
        return error(110) if token_of(request) == "t1" else ok()

    assert await Platform(forward=answer).vendor(clock, pace=80).forward(CALL) == Sent()
    assert asked[1] - asked[0] >= 0.08


async def test_a_token_refused_twice_stops_the_lane():
    platform = Platform(forward=error(111, "expired"))
    assert await platform.vendor().forward(CALL) == Deferred("token", lane_wide=True, detail="111: expired")
    assert platform.counts() == {"token": 2, "forwardMsg": 2}


async def test_many_lanes_with_an_expired_token_renew_it_once():
    platform = Platform(forward=lambda request: error(111) if token_of(request) == "t1" else ok())
    vendor = platform.vendor()
    assert set(await asyncio.gather(*(vendor.forward(CALL) for _ in range(50)))) == {Sent()}
    assert platform.counts()["token"] == 2


async def test_a_read_renews_the_token_too():
    platform = Platform(serverIpList=lambda request: error(110) if token_of(request) == "t1" else ok(["1.2.3.4"]))
    assert await platform.vendor().server_ips() == ("1.2.3.4",)


async def test_a_fixed_token_is_used_as_it_is():
    platform = Platform()
    assert await platform.vendor(app_secret=None, access_token="mine").forward(CALL) == Sent()
    assert platform.counts() == {"forwardMsg": 1}
    assert token_of(platform.asked[0][1]) == "mine"


async def test_without_secret_and_token_there_is_no_client():
    with pytest.raises(SettingsProblem, match=r"api\.app_secret"):
        Platform().vendor(app_secret=None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error(101, "bad app"), "blocked"),
        (error(102, "bad secret"), "blocked"),
        (error(103, "grant"), "blocked"),
        (error(113, "ip"), "blocked"),
        (error(114, "over"), "blocked"),
        (error(407, "slow"), "rate_limited"),
        (httpx.Response(404), "blocked"),
        (httpcore.ConnectError("x"), "network"),
        (httpcore.ReadTimeout("x"), "network"),
        (ok(), "token"),
        (ok({"access_token": ""}), "token"),
    ],
)
async def test_no_token_is_a_fault_that_stops_every_lane(answer, reason):
    platform = Platform()
    platform.token_answer = lambda _: _raise_or(answer)
    outcome = await platform.vendor().forward(CALL)
    assert (type(outcome), outcome.reason, outcome.lane_wide) == (Deferred, reason, True)
    assert "forwardMsg" not in platform.counts()


def _raise_or(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "t", "expires_in": 7200},
        {"errcode": 0, "access_token": "t", "expires_in": "7200"},
        {"errcode": "0", "data": {"access_token": "t", "expires_in": 7200}},
    ],
)
async def test_a_token_is_taken_wherever_the_answer_holds_it(body):
    platform = Platform()
    platform.token_answer = httpx.Response(200, json=body)
    assert await platform.vendor().forward(CALL) == Sent()


async def test_the_grant_field_and_the_place_of_the_token_are_settings():
    platform = Platform()
    platform.token_answer = httpx.Response(200, json={"errcode": 0, "result": {"token": "t"}})
    vendor = platform.vendor(grant_field="grant_type", token_path="result.token")
    assert await vendor.forward(CALL) == Sent()
    assert json.loads(platform.asked[0][1].content)["grant_type"] == "client_credentials"


async def test_a_token_can_be_had_ready_before_the_first_call():
    platform = Platform()
    vendor = platform.vendor()
    assert await vendor.token() is None
    platform.token_answer = error(113, "ip")
    vendor = platform.vendor()
    assert await vendor.token() == Deferred("blocked", lane_wide=True, detail="113: ip")


# --- blocked ---------------------------------------------------------------------------------------------------------


async def test_while_blocked_one_call_probes_in_each_interval():
    clock = HandClock()
    platform = Platform(forward=error(113, "ip"), list=error(113, "ip"))
    vendor = platform.vendor(clock)
    blocked = Deferred("blocked", lane_wide=True, detail="113: ip")
    assert await vendor.forward(CALL) == blocked
    assert {await vendor.forward(CALL) for _ in range(20)} == {blocked}
    assert await vendor.accounts() == blocked
    assert platform.counts() == {"token": 1, "forwardMsg": 1}
    clock.seconds += 30.1
    assert set(await asyncio.gather(*(vendor.forward(CALL) for _ in range(20)))) == {blocked}
    assert platform.counts()["forwardMsg"] == 2


async def test_a_probe_that_succeeds_opens_every_lane():
    clock = HandClock()
    platform = Platform(forward=error(113))
    vendor = platform.vendor(clock)
    await vendor.forward(CALL)
    platform.answers["forward"] = ok()
    clock.seconds += 30.1
    assert await vendor.forward(CALL) == Sent()
    assert set(await asyncio.gather(*(vendor.forward(CALL) for _ in range(20)))) == {Sent()}


async def test_a_probe_that_finds_no_network_leaves_the_lanes_blocked():
    clock = HandClock()
    platform = Platform(forward=error(114))
    vendor = platform.vendor(clock)
    await vendor.forward(CALL)
    platform.answers["forward"] = httpcore.ConnectError("x")
    clock.seconds += 30.1
    assert (await vendor.forward(CALL)).reason == "network"
    assert (await vendor.forward(CALL)).reason == "blocked"


async def test_blocked_credentials_are_probed_through_the_token():
    clock = HandClock()
    platform = Platform()
    platform.token_answer = error(102, "secret")
    vendor = platform.vendor(clock)
    for _ in range(5):
        assert (await vendor.forward(CALL)).reason == "blocked"
        clock.seconds += 6
    assert platform.counts() == {"token": 1}
    platform.token_answer = None
    clock.seconds += 6
    assert await vendor.forward(CALL) == Sent()


async def test_an_endpoint_that_is_not_there_blocks_no_other():
    platform = Platform(chatLogs=httpx.Response(404), serverIpList=httpx.Response(403))
    vendor = platform.vendor()
    assert (await vendor.chat_logs("1688")).reason == "blocked"
    assert (await vendor.server_ips()).reason == "blocked"
    assert await vendor.forward(CALL) == Sent()
    assert (await vendor.chat_logs("1688")).reason == "blocked"
    assert platform.counts()["chatLogs"] == 1


# --- /wechat/list ----------------------------------------------------------------------------------------------------


def pages(*all_rows, pager=None, under=None):
    def answer(request):
        rows = all_rows[min(int(request.url.params["page"]), len(all_rows)) - 1]
        body = {"errcode": 0, "data": {under: rows} if under else rows}
        return httpx.Response(200, json=body | ({"pager": pager} if pager else {}))

    return answer


def rows(first, last):
    return [{"id": n, "wxid": str(n)} for n in range(first, last)]


async def test_accounts_are_read_with_name_and_state():
    listed = [
        {"id": 1, "wxid": "1688", "online": 1, "name": "小王"},
        {"id": 2, "wxid": 1689, "online": "0", "nickname": "x"},
        {"id": 3, "wxid": "1690", "online": -1, "name": None},
        {"id": 4, "wxid": "1691", "online": True},
        {"id": 5},
        {"id": 6, "wxid": None},
    ]
    platform = Platform(list=ok(listed))
    assert await platform.vendor().accounts() == (
        HostedAccount(account="1688", name="小王", online=True),
        HostedAccount(account="1689", name="x", online=False),
        HostedAccount(account="1690"),
        HostedAccount(account="1691", online=True),
    )
    request = platform.asked[-1][1]
    assert request.method == "GET"
    assert dict(request.url.params) == {"app_id": "app", "access_token": "t1", "page": "1", "page_size": "100"}


@pytest.mark.parametrize(
    ("answer", "accounts", "asked"),
    [
        (pages(rows(0, 3)), 3, 1),
        (pages([]), 0, 1),
        (pages(rows(0, 100), rows(100, 130)), 130, 2),
        (pages(rows(0, 100), []), 100, 2),
        (pages(rows(0, 100)), 100, 2),
        (pages(rows(0, 10), rows(10, 20), pager={"numPages": 2}), 20, 2),
        (pages(rows(0, 10), rows(10, 20), pager={"numPages": "2", "numRecords": 20}), 20, 2),
        (pages(rows(0, 100), rows(100, 101), under="list"), 101, 2),
    ],
)
async def test_every_page_of_accounts_is_read_and_no_more(answer, accounts, asked):
    platform = Platform(list=answer)
    assert len(await platform.vendor().accounts()) == accounts
    assert platform.counts()["list"] == asked


async def test_a_list_without_end_is_a_fault():
    def endless(request):
        first = int(request.url.params["page"]) * 100
        return ok(rows(first, first + 100))

    platform = Platform(list=endless)
    assert isinstance(await platform.vendor().accounts(), Deferred)
    assert platform.counts()["list"] == 100


@pytest.mark.parametrize("data", ["x", {}, [1, 2], [{"id": 1}], 7])
async def test_a_list_of_another_shape_is_a_fault(data):
    assert isinstance(await Platform(list=ok(data)).vendor().accounts(), Deferred)


async def test_a_page_that_fails_fails_the_list():
    platform = Platform(list=lambda request: ok(rows(0, 100)) if request.url.params["page"] == "1" else error(407, "m"))
    assert (await platform.vendor().accounts()).reason == "rate_limited"


# --- /index/serverIpList ---------------------------------------------------------------------------------------------


async def test_server_addresses_are_read():
    assert await Platform(serverIpList=ok(["1.2.3.4", "5.6.7.8"])).vendor().server_ips() == ("1.2.3.4", "5.6.7.8")


@pytest.mark.parametrize("data", ["1.2.3.4", [1], [""], {"a": 1}])
async def test_server_addresses_of_another_shape_are_a_fault(data):
    assert isinstance(await Platform(serverIpList=ok(data)).vendor().server_ips(), Deferred)


# --- /wechat/chatLogs ------------------------------------------------------------------------------------------------


def log_page(text=ROW):
    return httpx.Response(200, content=f'{{"errcode":0,"data":[{text}]}}'.encode())


async def test_chat_logs_are_read_byte_for_byte():
    page = await Platform(chatLogs=log_page()).vendor().chat_logs("1688")
    assert isinstance(page, Page)
    assert page.rows == 1
    assert page.batch.originals[0].element() == ROW


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ({}, {"page": "1", "page_size": "50"}),
        ({"cursor": "7"}, {"svrid": "7", "direction": "2", "page": "1", "page_size": "50"}),
        (
            {"cursor": "7", "newer": False, "page": 3},
            {"svrid": "7", "direction": "1", "page": "3", "page_size": "50"},
        ),
        ({"chat": "R:1"}, {"chat_wxid": "R:1", "page": "1", "page_size": "50"}),
    ],
)
async def test_chat_logs_are_asked_for_as_the_vendor_documents(asked, query):
    platform = Platform(chatLogs=log_page())
    await platform.vendor().chat_logs("1688", **asked)
    request = platform.asked[-1][1]
    assert request.method == "GET"
    assert dict(request.url.params) == {"app_id": "app", "access_token": "t1", "wxid": "1688"} | query


async def test_what_the_vendors_page_leaves_open_is_a_setting():
    options = PullOptions(
        page_size=20,
        direction_newer=1,
        rows_path="result.rows",
        extra_params={"sort": "desc"},
        page_param="p",
        page_size_param="n",
    )
    body = f'{{"errcode":0,"result":{{"rows":[{ROW}]}}}}'.encode()
    platform = Platform(chatLogs=httpx.Response(200, content=body))
    page = await platform.vendor(pull=options).chat_logs("1688", cursor="7")
    assert page.rows == 1
    query = dict(platform.asked[-1][1].url.params)
    assert query == {
        "app_id": "app",
        "access_token": "t1",
        "wxid": "1688",
        "svrid": "7",
        "direction": "1",
        "p": "1",
        "n": "20",
        "sort": "desc",
    }


@pytest.mark.parametrize(
    ("answer", "reason", "lane_wide"),
    [
        (httpcore.ReadTimeout("x"), "network", True),
        (httpcore.ReadError("x"), "network", True),
        (httpcore.ConnectError("x"), "network", True),
        (httpx.Response(500), "transient", False),
        (httpx.Response(200, text="<html>"), "transient", False),
        (httpx.Response(200, json={"errcode": 0}), "transient", False),
    ],
)
async def test_a_read_that_stays_unanswered_can_be_asked_again(answer, reason, lane_wide):
    outcome = await Platform(chatLogs=answer).vendor().chat_logs("1688")
    assert (type(outcome), outcome.reason, outcome.lane_wide) == (Deferred, reason, lane_wide)


# --- what is told ----------------------------------------------------------------------------------------------------


async def test_every_request_is_told_with_its_end():
    told = []
    clock = HandClock()

    def slow(_):
        clock.seconds += 0.25
        return error(406, "m")

    vendor = Platform(forward=slow).vendor(clock, on_call=lambda *call: told.append(call))
    await vendor.forward(CALL)
    assert told == [("/oauth/token", 0.0, Sent()), ("/wechat/forwardMsg", 250.0, Refused("bad_parameter", "406: m"))]


async def test_secrets_show_in_no_detail_repr_or_log(caplog):
    caplog.set_level(logging.DEBUG)
    told = []

    def echo(request):
        return error(1001, f"echo {request.url} {request.content.decode(errors='replace')} {SECRET}")

    platform = Platform(forward=echo, chatLogs=echo, list=ok([]))
    vendor = platform.vendor(on_call=lambda *call: told.append(call))
    outcomes = [await vendor.forward(CALL), await vendor.chat_logs("1688"), await vendor.accounts()]
    platform.token_answer = echo
    fresh = platform.vendor(on_call=lambda *call: told.append(call))
    outcomes.append(await fresh.forward(CALL))
    shown = repr((outcomes, told, vendor, ApiOptions(base_url=BASE, app_id="a", app_secret=SECRET))) + caplog.text
    assert "echo" in shown
    assert SECRET not in shown
    assert "access_token=t1" not in shown
    assert '"t1"' not in shown
