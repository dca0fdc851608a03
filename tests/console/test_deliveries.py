"""The deliveries: by state, and what an operator orders for one, for some, or for all that match."""

import html
import json
import re
from functools import partial

import httpx
import pytest

from tests.console.conftest import Console, csrf
from tests.console.test_messages import carry
from tests.console.test_overview import words
from tests.flow.conftest import NOW, owed
from yzj_daemon.chat import Chat
from yzj_daemon.delivery import Refused, Sent, Unanswered
from yzj_daemon.storage import controls, directory
from yzj_daemon.storage.engine import Store


async def shown(console: Console, path: str, status: int = 200, lang: str = "en", role: str = "operator") -> str:
    async with console.seated(role) as browser:  # type: ignore[arg-type]
        browser.cookies.set("yzj_lang", lang)
        answer = await browser.get(path)
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


def fields(page: str, order: str) -> dict[str, list[str]]:
    """The form that confirms an order, as a browser would send it."""
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{order}"' in form)
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form):
        found.setdefault(name, []).append(html.unescape(value))
    return found


async def confirmed(browser: httpx.AsyncClient, path: str, order: str, **more: str) -> httpx.Response:
    page = (await browser.get(path)).text
    answer = await browser.post("/deliveries/order", data={**fields(page, order), **more})
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


def trail(store: Store) -> list[tuple[str, str, dict, int]]:
    found = store.read_now(partial(controls.actions, limit=10))
    return [(action.who, action.verb, json.loads(action.what), action.affected) for action in found]


def states(store: Store) -> list[str]:
    return [state for _, _, state in owed(store)]


async def test_the_list_tells_state_and_reason_in_words(console: Console, store: Store, receive) -> None:
    await receive("退款一", "退款二", "退款三")
    carry(store, Refused("permanent", ""), NOW + 1_000)
    store.write_now(lambda c: controls.hold(c, [2], NOW))
    page = words(await shown(console, "/deliveries"))
    assert re.search(r"退款一 +not delivered +refused for good · tried 1 × +退款", page)
    assert re.search(r"退款二 +held +by hand +退款", page)
    page = words(await shown(console, "/deliveries", lang="zh"))
    assert re.search(r"退款一 +没有送达 +平台永久拒绝 · 试过 1 次", page)
    assert re.search(r"运营群 R:ops 由 A +退款二 +被扣住 +人工操作", page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=held", [2]),
        ("state=pending", [1, 3]),
        ("state=failed", []),
        ("account=A&text=退款一", [1]),
        ("chat=运营群&rule=退款", [1, 2, 3]),
        ("rule=别的", []),
        ("sender=7&type=text&since=1h", [1, 2, 3]),
        ("until=1h", []),
    ],
)
async def test_the_list_is_narrowed(console: Console, store: Store, receive, query: str, found: list[int]) -> None:
    await receive("退款一", "退款二", "退款三")
    store.write_now(lambda c: controls.hold(c, [2], NOW))
    page = await shown(console, f"/deliveries?{query}")
    assert sorted(map(int, re.findall(r"/messages/\d+#d(\d+)", page))) == found


async def test_the_list_goes_on_by_keys(console: Console, receive) -> None:
    await receive(*(f"退款{n}" for n in range(60)))
    page = await shown(console, "/deliveries?account=A")
    further = re.search(r'hx-get="(/deliveries/rows[^"]*)"', page)
    assert further
    assert "account=A" in further[1]
    rest = await shown(console, further[1])
    assert re.findall(r"/messages/(\d+)#d", page + rest) == [str(n) for n in range(60, 0, -1)]


async def test_the_states_say_how_many_wait(console: Console, store: Store, receive) -> None:
    await receive("退款一", "退款二", "退款三")
    store.write_now(lambda c: controls.hold(c, [2], NOW))
    page = await shown(console, "/deliveries/states")
    assert '<a href="/deliveries?state=held">held <strong>1</strong></a>' in page
    assert '<a href="/deliveries?state=pending">waiting <strong>2</strong></a>' in page


async def test_one_is_held_from_its_message_after_being_asked(console: Console, store: Store, receive) -> None:
    await receive("退款一", "退款二")
    page = await shown(console, "/messages/1")
    assert "/deliveries/order?verb=hold&id=1" in page
    async with console.seated() as browser:
        asked = words((await browser.get("/deliveries/order?verb=hold&id=1")).text)
        assert "Hold: 1 delivery" in asked
        assert states(store) == ["pending", "pending"], "asked, not done"
        told = await confirmed(browser, "/deliveries/order?verb=hold&id=1", "hold")
    assert "Hold: 1 delivery" in words(told.text)
    assert states(store) == ["held", "pending"]
    assert trail(store) == [("console:小王", "hold", {"ids": ["1"]}, 1)]


async def test_all_that_match_are_released_and_their_lanes_are_told(console: Console, store: Store, receive) -> None:
    await receive("退款一", "退款二", "退款三")
    store.write_now(lambda c: controls.hold_rule(c, "退款", "limit", NOW))
    async with console.seated() as browser:
        path = "/deliveries/order?verb=release&scope=all&state=held&rule=退款"
        assert "Release: 3 deliveries" in words((await browser.get(path)).text)
        await confirmed(browser, path, "release")
    assert states(store) == ["pending"] * 3
    assert store.read_now(controls.held_rules) == {}
    assert console.woken == ["A"]
    assert trail(store)[0][2] == {"rule": "退款", "state": "held", "rule_released": "退款"}


async def test_what_came_after_the_question_is_not_meant(console: Console, store: Store, receive) -> None:
    await receive("退款一", "退款二")
    async with console.seated() as browser:
        page = (await browser.get("/deliveries/order?verb=drop&scope=all")).text
        assert "all there are: no filter" in page
        await receive("退款三", chat="R:9")
        answer = await browser.post("/deliveries/order", data=fields(page, "drop"))
    assert answer.status_code == 303
    assert states(store) == ["dropped", "dropped", "pending"]


async def test_a_name_and_a_time_mean_the_same_when_confirmed(console: Console, store: Store, receive) -> None:
    store.write_now(lambda c: directory.learn(c, "A", [Chat("7", "小李")], NOW))
    await receive("退款一")
    console.clock.seconds += 3600
    async with console.seated() as browser:
        page = (await browser.get("/deliveries/order?verb=drop&scope=all&sender=小李&since=61m")).text
        console.clock.seconds += 3600
        assert fields(page, "drop")["sender"] == ["7"]
        await browser.post("/deliveries/order", data=fields(page, "drop"))
    assert states(store) == ["dropped"]


async def test_what_may_have_arrived_is_sent_again_only_expressly(console: Console, store: Store, receive) -> None:
    await receive("退款一", "退款二")
    carry(store, Sent(), NOW + 1_000)
    carry(store, Refused("permanent", ""), NOW + 5_000)
    assert states(store) == ["sent", "failed"]
    path = "/deliveries/order?verb=requeue&id=1&id=2"
    async with console.seated() as browser:
        page = (await browser.get(path)).text
        assert re.search(r"May have arrived</dt><dd>1 delivery", page)
        refused = await browser.post("/deliveries/order", data=fields(page, "again"))
        assert refused.status_code == 400
        assert "may get it twice" in refused.text
        await confirmed(browser, path, "requeue")
        assert states(store) == ["sent", "pending"]
        await confirmed(browser, path, "again", sure="1")
    assert states(store) == ["sent", "pending", "pending"]
    assert trail(store)[0] == ("console:小王", "requeue", {"ids": ["1", "2"], "again": True}, 1)


async def test_of_all_that_ever_arrived_nobody_is_asked(console: Console, store: Store, receive) -> None:
    await receive("退款一")
    carry(store, Sent(), NOW + 1_000)
    assert "order.again" not in await shown(console, "/deliveries/order?verb=requeue&scope=all")
    assert "None of them is in a state" in await shown(console, "/deliveries/order?verb=requeue&scope=all")
    assert "Send 1 once more" in await shown(console, "/deliveries/order?verb=requeue&scope=all&state=sent")


async def test_an_unknown_one_is_settled_by_who_looked(console: Console, store: Store, receive) -> None:
    await receive("退款一", "退款二")
    for at in (NOW + 1_000, NOW + 5_000):
        carry(store, Unanswered("timeout"), at)
    assert states(store) == ["unknown", "unknown"]
    async with console.seated() as browser:
        await confirmed(browser, "/deliveries/order?verb=settle&id=1", "arrived")
        await confirmed(browser, "/deliveries/order?verb=settle&scope=all&state=unknown", "lost")
    assert states(store) == ["sent", "failed"]
    assert [entry[2] for entry in trail(store)] == [{"state": "unknown", "as": "failed"}, {"ids": ["1"], "as": "sent"}]


async def test_a_viewer_sees_and_changes_nothing(console: Console, store: Store, receive) -> None:
    await receive("退款一")
    page = await shown(console, "/deliveries", role="viewer")
    assert "退款一" in page
    assert "verb=" not in page + await shown(console, "/messages/1", role="viewer")
    assert "checkbox" not in page
    assert "viewer may not" in await shown(console, "/deliveries/order?verb=drop&id=1", 403, role="viewer")
    async with console.seated("viewer") as browser:
        token = csrf((await browser.get("/")).text)
        answer = await browser.post("/deliveries/order", data={"order": "drop", "id": "1", "csrf": token})
    assert answer.status_code == 403
    assert states(store) == ["pending"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("verb=burn&id=1", "no such order: burn"),
        ("verb=drop&scope=ticked", "No delivery is ticked"),
        ("verb=drop&id=x", "x is no id"),
        ("verb=drop&scope=all&state=lost", "no such outcome: lost"),
        ("verb=drop&" + "&".join(f"id={n}" for n in range(1_001)), "At most 1000"),
    ],
)
async def test_what_cannot_be_meant_is_told(console: Console, query: str, told: str) -> None:
    assert told in await shown(console, f"/deliveries/order?{query}", 400)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"order": "burn", "id": "1"}, "no such order"),
        ({"order": "drop"}, "Which deliveries is not said"),
        ({"order": "drop", "account": "A"}, "Which deliveries is not said"),
        ({"order": "drop", "id": "x"}, "no id"),
    ],
)
async def test_a_deed_without_its_counting_is_not_done(
    console: Console, store: Store, receive, form: dict[str, str], told: str
) -> None:
    await receive("退款一")
    async with console.seated() as browser:
        token = csrf((await browser.get("/")).text)
        answer = await browser.post("/deliveries/order", data={**form, "csrf": token})
        assert (await browser.post("/deliveries/order", data={"order": "drop", "id": "1"})).status_code == 403
    assert answer.status_code == 400
    assert told in answer.text
    assert states(store) == ["pending"]


async def test_what_changed_meanwhile_is_told(console: Console, store: Store, receive) -> None:
    await receive("退款一")
    async with console.seated() as browser:
        page = (await browser.get("/deliveries/order?verb=hold&id=1")).text
        carry(store, Sent(), NOW + 1_000)
        answer = await browser.post("/deliveries/order", data=fields(page, "hold"))
        told = await browser.get(answer.headers["location"])
    assert "in another state by now" in told.text
    assert trail(store) == []


async def test_ids_that_are_not_there_and_states_that_do_not_fit_are_told_apart(
    console: Console, store: Store, receive
) -> None:
    await receive("退款一", "退款二")
    carry(store, Sent(), NOW + 1_000)
    page = words(await shown(console, "/deliveries/order?verb=hold&id=1&id=2&id=99"))
    assert "It can be done to 1 delivery Stay as they are 1 delivery Not in the store 99" in page


async def test_the_trail_tells_who_did_what_to_which_in_words(console: Console, store: Store, receive) -> None:
    await receive("退款一")
    mute = {"mute": 3, "kind": "chat", "value": "R:ops", "comment": "维护"}
    store.write_now(lambda c: controls.record(c, "root", "mute", mute, 0, NOW))
    store.write_now(lambda c: controls.record(c, "api:x", "odd", {"ids": list(range(30)), "new": [1]}, 30, NOW))
    async with console.seated() as browser:
        await confirmed(browser, "/deliveries/order?verb=drop&scope=all&chat=R:ops&since=1h", "drop")
    page = words(await shown(console, "/actions"))
    assert re.search(r"console:小王 +Drop +from [\d: -]+ · chat R:ops \(运营群\) +1|chat R:ops \(运营群\) · from", page)
    assert "root Mute mute 3 · kind chat · of R:ops (运营群) · why 维护 -" in page
    assert "api:x odd ids 0, 1, 2, 3, 4, 5, 6, 7 … (30) · new 1 30" in page
    assert "操作记录" in await shown(console, "/actions", lang="zh")
    for number in range(60):
        store.write_now(lambda c, number=number: controls.record(c, f"u{number}", "hold", {}, 1, NOW))
    page = await shown(console, "/actions")
    further = re.search(r'hx-get="(/actions/rows[^"]*)"', page)
    assert further
    assert "root" in await shown(console, further[1])
