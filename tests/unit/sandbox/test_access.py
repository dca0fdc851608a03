import pytest

from tests.unit.sandbox.stage import CLOUD, CUSTOMERS, Api, plain_http
from yzj_daemon.sandbox.access import Quota, Tokens
from yzj_daemon.sandbox.platform import Options
from yzj_daemon.sandbox.server import running


async def _token(api, **changes):
    return (await api.http.post("/oauth/token", json=api.credentials(**changes))).json()


async def test_a_token_comes_with_its_lifetime_at_the_root(api):
    answer = await _token(api)
    assert answer["errcode"] == 0
    assert answer["expires_in"] == 7200
    assert answer["access_token"]


async def test_a_token_may_come_nested(api, control):
    await control.behave(token_nesting="data", token_lifetime_s=60)
    answer = await _token(api)
    assert "access_token" not in answer
    assert answer["data"]["expires_in"] == 60


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"app_id": "other"}, 101), ({"app_secret": "other"}, 102), ({"grand_type": "password"}, 103)],
)
async def test_wrong_credentials_have_their_codes(api, changes, code):
    assert (await _token(api, **changes))["errcode"] == code


@pytest.mark.parametrize(
    ("wanted", "sent", "code"),
    [
        ("grand_type", "grant_type", 103),
        ("grant_type", "grant_type", 0),
        ("grant_type", "grand_type", 103),
        ("either", "grant_type", 0),
        ("either", "grand_type", 0),
    ],
)
async def test_the_grant_field_is_spelled_as_the_behaviour_says(api, control, wanted, sent, code):
    await control.behave(grant_field=wanted)
    body = {"app_id": "sandbox", "app_secret": "sandbox-secret", sent: "client_credentials"}
    assert (await api.http.post("/oauth/token", json=body)).json()["errcode"] == code


async def test_tokens_are_wrong_expired_or_empty(api, control):
    good = api.token
    assert (await api.get("/wechat/list"))["errcode"] == 0
    api.token = "made-up"
    assert (await api.get("/wechat/list"))["errcode"] == 110
    api.token = ""
    assert (await api.get("/wechat/list"))["errcode"] == 112
    api.token = good
    assert await control.expire_tokens() == 1
    assert (await api.get("/wechat/list"))["errcode"] == 111


@pytest.mark.parametrize(("voids", "code"), [(True, 110), (False, 0)])
async def test_a_new_token_voids_the_old_one_or_not(api, control, voids, code):
    await control.behave(token_voids_old=voids)
    old = api.token
    await api.log_in()
    api.token = old
    assert (await api.get("/wechat/list"))["errcode"] == code


async def test_a_token_out_of_its_lifetime_is_expired():
    tokens = Tokens()
    token = tokens.issue(100.0, 60, voids_old=True)
    assert [tokens.fault(token, now) for now in (159.9, 160.0)] == [0, 111]


async def test_errcodes_and_texts_come_as_the_behaviour_says(api, control):
    api.token = "x"
    assert await api.get("/wechat/list") == {"errcode": 110, "message": "access_token error"}
    await control.behave(errcode_as="string", text_field="errmsg")
    assert await api.get("/wechat/list") == {"errcode": "110", "errmsg": "access_token error"}
    await control.behave(text_field="both", error_status=401)
    answer = await api.http.get("/wechat/list", params={"app_id": "sandbox", "access_token": "x"})
    assert answer.status_code == 401
    assert answer.json()["message"] == answer.json()["errmsg"]


async def test_parameters_in_the_wrong_place_do_not_count(api):
    credentials = {"app_id": "sandbox", "access_token": api.token}
    in_query = await api.http.post("/wechat/rooms", params=credentials, json={})
    assert in_query.json()["errcode"] == 101
    in_body = await api.http.request("GET", "/wechat/list", json=credentials)
    assert in_body.json()["errcode"] == 101


async def test_another_method_is_405_and_another_path_404(api):
    assert (await api.post("/wechat/list"))["errcode"] == 405
    assert (await api.get("/wechat/forwardMsg"))["errcode"] == 405
    assert (await api.http.get("/wechat/nothing")).status_code == 404


async def test_callers_outside_the_whitelist_are_113_and_a_star_lets_all_in(api, control):
    await control.behave(allow_ips=["10.0.0.0/8"])
    assert (await _token(api))["errcode"] == 113
    assert (await api.forward())["errcode"] == 113
    await control.behave(allow_ips=["10.0.0.0/8", "127.0.0.1"])
    assert (await _token(api))["errcode"] == 0
    await control.behave(allow_ips=["*"])
    assert (await _token(api))["errcode"] == 0


async def test_a_lapsed_contract_is_114_everywhere(api, control):
    await control.behave(contract_expired=True)
    assert [(await _token(api))["errcode"], (await api.get("/wechat/list"))["errcode"]] == [114, 114]
    assert (await api.forward())["errcode"] == 114


def test_a_quota_is_per_key_and_per_minute():
    quota = Quota()
    assert [quota.admits("a", 2, now) for now in (0.0, 1.0, 59.9)] == [True, True, False]
    assert quota.admits("b", 2, 59.9)
    assert quota.admits("a", 2, 60.0)
    assert all(quota.admits("a", 0, 60.0) for _ in range(1000))


class _Clock:
    def __init__(self):
        self.seconds = 0.0

    def wall(self):
        return 1_700_000_000_000

    def monotonic(self):
        return self.seconds


async def test_quotas_and_tokens_follow_the_clock_given():
    clock = _Clock()
    async with running(clock=clock) as sandbox, plain_http(sandbox.base_url) as http:
        api = Api(http)
        await api.log_in()
        codes = [(await api.get("/wechat/list"))["errcode"] for _ in range(501)]
        assert codes == [0] * 500 + [407]
        clock.seconds = 60.0
        assert (await api.get("/wechat/list"))["errcode"] == 0
        clock.seconds = 7200.0
        assert (await api.get("/wechat/list"))["errcode"] == 111


async def test_reads_share_one_quota():
    clock = _Clock()
    async with running(clock=clock) as sandbox, plain_http(sandbox.base_url) as http:
        sandbox.platform.change({"reads_per_minute": 2})
        api = Api(http)
        await api.log_in()
        assert (await api.get("/wechat/list"))["errcode"] == 0
        assert (await api.get("/wechat/chatLogs", wxid=CLOUD))["errcode"] == 0
        assert (await api.post("/wechat/rooms"))["errcode"] == 407
        sandbox.platform.change({"reads_per_minute": 0})
        assert (await api.post("/wechat/rooms"))["errcode"] == 0


async def test_sends_have_a_quota_per_account():
    clock = _Clock()
    async with running(clock=clock) as sandbox, plain_http(sandbox.base_url) as http:
        sandbox.platform.change({"sends_per_minute": 3, "received_by": "unchecked"})
        api = Api(http)
        await api.log_in()
        assert [(await api.forward())["errcode"] for _ in range(4)] == [0, 0, 0, 407]
        assert (await api.forward(account="1688850000000002", chats=[CUSTOMERS]))["errcode"] == 0


async def test_vendor_paths_lie_behind_the_prefix():
    async with running(Options(prefix="/oapi")) as sandbox, plain_http() as http:
        assert sandbox.base_url == sandbox.control_url + "/oapi"
        found = await http.post(sandbox.base_url + "/oauth/token", json=Api.credentials())
        assert found.json()["errcode"] == 0
        assert (await http.post(sandbox.control_url + "/oauth/token", json={})).status_code == 404
