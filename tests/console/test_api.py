"""The JSON API: who may ask, what it answers, and what is ordered through it."""

import json
from functools import partial

import httpx
import pytest
from jsonschema_rs import meta

from tests.console.conftest import TOKEN, Console
from tests.console.test_messages import stored
from tests.flow.conftest import NOW, owed
from yzj_daemon.account import HostedAccount
from yzj_daemon.storage import controls, inbox, searching
from yzj_daemon.storage.engine import Store
from yzj_daemon.wording import when


@pytest.fixture
async def api(console: Console):
    async with console.browser(Authorization=f"Bearer {TOKEN}", **{"X-Operator": "nightly"}) as client:
        client.base_url = client.base_url.join("/api/v1/")
        yield client


async def got(api: httpx.AsyncClient, path: str, status: int = 200, **query):
    answer = await api.get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def posted(api: httpx.AsyncClient, path: str, status: int = 200, **body):
    answer = await api.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ä"])
async def test_without_the_token_nothing_is_told(console: Console, shown: str) -> None:
    async with console.browser() as browser:
        for method, path in (("GET", "status"), ("GET", "messages/1"), ("POST", "deliveries/drop")):
            answer = await browser.request(
                method, f"/api/v1/{path}", headers={"Authorization": shown.encode()}, content=b"x" * 1000
            )
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_where_no_token_is_set_there_is_no_api(make_console) -> None:
    async with make_console().browser(Authorization="Bearer ") as browser:
        answer = await browser.get("/api/v1/status")
    assert answer.status_code == 403
    assert "ops.token" in answer.json()["detail"]


async def test_a_session_of_the_console_does_not_open_the_api(console: Console) -> None:
    async with console.inside() as browser:
        assert (await browser.get("/api/v1/status")).status_code == 401


async def test_the_document_names_every_operation_and_every_problem(api: httpx.AsyncClient) -> None:
    document = await got(api, "openapi.json")
    assert set(document["paths"]) == {
        f"/api/v1/{path}"
        for path in (
            "status", "accounts", "lanes", "audit", "messages", "messages/{id}", "messages/{id}/explanation",
            "explanations", "deliveries", "deliveries/{id}", "deliveries/hold", "deliveries/release",
            "deliveries/requeue", "deliveries/drop", "deliveries/settle", "rules", "mutes", "mutes/{id}", "actions",
        )
    }  # fmt: skip
    assert "HTTPValidationError" not in json.dumps(document)
    for shape in document["components"]["schemas"].values():
        meta.validate({**shape, "$schema": "https://json-schema.org/draft/2020-12/schema"})


async def test_status_accounts_and_lanes_tell_what_the_commands_tell(api, store: Store, receive) -> None:
    await receive("我要退款")
    await store.write(lambda c: inbox.listed(c, [HostedAccount(account="A", name="小云", online=False)], NOW + 1))
    status = await got(api, "status")
    assert status["state"] == "running"
    assert status["deliveries"]["pending"] == 1
    assert "account_offline" in [trouble["id"] for trouble in status["attention"]]
    [account] = (await got(api, "accounts"))["rows"]
    assert (account["name"], account["state"]) == ("小云", "offline")
    assert "log it in" in account["action"]
    [lane] = (await got(api, "lanes"))["rows"]
    assert lane["depth"] == 1
    assert (await got(api, "audit"))["ok"]


async def test_messages_come_page_by_page_newest_first(api, receive) -> None:
    await receive(*(f"第{n}条" for n in range(7)))
    texts, cursor = [], ""
    for _ in range(4):
        page = await got(api, "messages", limit=2, cursor=cursor)
        texts += [row["text"] for row in page["rows"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert texts == [f"第{n}条" for n in reversed(range(7))]


async def test_messages_are_filtered_as_the_commands_do(api, receive) -> None:
    await receive("我要退款", "谢谢")
    assert [row["text"] for row in (await got(api, "messages", text="谢"))["rows"]] == ["谢谢"]
    assert [row["text"] for row in (await got(api, "messages", rule="退款"))["rows"]] == ["我要退款"]
    assert [row["text"] for row in (await got(api, "messages", state="pending"))["rows"]] == ["我要退款"]
    assert (await got(api, "messages", since="2h", until="1h"))["rows"] == []
    assert (await got(api, "messages", state="lost", status=422))["mistakes"][0]["where"] == "query.state"
    assert "cannot be read" in (await got(api, "messages", since="gestern", status=400))["detail"]
    assert "out of range" in (await got(api, "messages", since="99999999999999999d", status=400))["detail"]
    assert (await got(api, "messages", until="0001-01-01T00:00+14:00"))["rows"] == []
    for cursor in ("x", "W10", "WzFd", "WyJhIiwgMV0"):
        assert "cursor" in (await got(api, "messages", cursor=cursor, status=400))["detail"]


async def test_one_message_is_told_whole_and_explained(api, receive) -> None:
    await receive("我要退款", "谢谢")
    whole = await got(api, "messages/1")
    assert whole["decision"]["rules"] == ["退款"]
    assert whole["deliveries"][0]["chat"] == "R:ops"
    told = await got(api, "messages/2/explanation")
    assert told["matched"] == []
    assert told["rules"][0]["failed"]["key"] == "contains"
    assert (await got(api, "messages/1/explanation", now="true"))["targets"] == ["R:ops"]
    assert "store.retention" in (await got(api, "messages/99", status=404))["todo"]


async def test_a_message_that_was_never_received_is_explained(api) -> None:
    told = await posted(api, "explanations", nothing="here", status=400)
    assert "no message in it" in told["detail"]
    content = {"items": [{"type": "text", "text": "我要退款"}]}
    said = {"wxid": "A", "from_wxid": "7", "chat_wxid": "R:c", "chat_type": 2, "svrid": "1", "msg_type": "text"}
    told = await posted(api, "explanations", type="chatMsg", rel_wxid="A", data=[{**said, "content": content}])
    assert [(row["matched"], row["targets"]) for row in told["rows"]] == [(["退款"], ["R:ops"])]


async def test_an_order_is_counted_first_then_done_and_written_down(api, store: Store, receive) -> None:
    await receive("退款一", "退款二", "退款三")
    counted = await posted(api, "deliveries/hold", filter={"rule": "退款"}, dry_run=True)
    assert (counted["ready"], counted["done"]) == (3, 0)
    refused = await posted(api, "deliveries/hold", filter={"rule": "退款"}, expected=2, status=409)
    assert "nothing was done" in refused["detail"]
    done = await posted(api, "deliveries/hold", filter={"rule": "退款"}, expected=3)
    assert done["done"] == 3
    assert {state for _, _, state in owed(store)} == {"held"}
    await posted(api, "deliveries/release", ids=["2"])
    assert [state for _, _, state in owed(store)] == ["held", "pending", "held"]
    trail = (await got(api, "actions", limit=1))["rows"]
    assert [(action["who"], action["verb"], action["what"]) for action in trail] == [
        ("api:nightly", "release", {"ids": ["2"]})
    ]


async def test_an_order_without_an_object_or_for_what_is_not_there_does_nothing(api, store: Store, receive) -> None:
    await receive("退款")
    assert "not said" in (await posted(api, "deliveries/drop", status=400))["detail"]
    await posted(api, "deliveries/drop", ids=["1"], filter={"account": "A"}, status=400)
    assert "99" in (await posted(api, "deliveries/drop", ids=["1", "99"], status=404))["detail"]
    assert [state for _, _, state in owed(store)] == ["pending"]
    assert (await posted(api, "deliveries/drop", all=True))["done"] == 1


async def test_what_may_have_arrived_is_sent_again_only_on_demand(api, store: Store, receive) -> None:
    await receive("退款")
    store.write_now(lambda c: c.exec_driver_sql("UPDATE deliveries SET state = 'unknown'"))
    assert "twice" in (await posted(api, "deliveries/requeue", ids=["1"], status=409))["detail"]
    assert (await posted(api, "deliveries/settle", ids=["1"], **{"as": "failed"}))["done"] == 1
    assert (await posted(api, "deliveries/requeue", ids=["1"]))["done"] == 1


async def test_mutes_are_set_and_lifted_under_a_name(api, store: Store) -> None:
    wanted = {"kind": "rule", "value": "退款", "until": "2h", "comment": "维护"}
    mute = await posted(api, "mutes", **wanted, status=201)
    assert mute["who"] == "api:nightly"
    assert [row["id"] for row in (await got(api, "mutes"))["rows"]] == [mute["id"]]
    await posted(api, "mutes", **{**wanted, "value": "退钱"}, status=404)
    await posted(api, "mutes", **{**wanted, "until": "2000-01-01"}, status=400)
    assert (await api.delete(f"mutes/{mute['id']}")).json() == {"lifted": 1}
    assert (await api.delete("mutes/99")).status_code == 404
    assert [action.verb for action in store.read_now(partial(controls.actions, limit=9))] == ["unmute", "mute"]


async def test_rules_tell_their_hits_and_why_the_files_on_disk_are_not_in_force(api, console: Console, receive) -> None:
    await receive("我要退款")
    [rule] = (await got(api, "rules"))["rules"]
    assert (rule["id"], rule["matches"], rule["targets"]) == ("退款", 1, ["R:ops"])
    console.rules_file.write_text("rules = 1", encoding="utf-8")
    for _ in range(2):
        await console.desk.rulebook.look(lambda rules: None)
    assert (await got(api, "rules"))["mistakes"][0]["file"] == "rules.toml"


async def test_what_is_not_there_is_a_problem_too(api) -> None:
    assert (await got(api, "nothing", status=404))["title"] == "Not Found"
    answer = await api.put("status")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)
    assert (await got(api, "messages/x", status=422))["mistakes"]


async def test_a_search_in_vain_says_how_far_it_looked_and_where_to_go_on(api, console: Console, store: Store) -> None:
    many = searching.EXAMINED + 10
    store.write_now(lambda c: inbox.add(c, [stored(n, NOW + n) for n in range(many)]))
    page = await got(api, "messages", text="没有人说过")
    assert page["rows"] == []
    assert page["searched_to"] == when.iso(NOW + 10, console.desk.zone)
    assert await got(api, "messages", text="没有人说过", cursor=page["next"]) == {
        "rows": [], "next": None, "searched_to": None,
    }  # fmt: skip
