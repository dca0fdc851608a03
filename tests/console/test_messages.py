"""The messages: the list that goes on by keys, searches that end, and one message with all that is known of it."""

import html
import re

import pytest
from sqlalchemy import Connection

from tests.console.conftest import RULES, Console
from tests.console.test_overview import words
from tests.flow.conftest import NOW, HandClock, original, running, take, text_content
from yzj_daemon.chat import Chat
from yzj_daemon.clock import HOUR, SECOND
from yzj_daemon.console import deciding
from yzj_daemon.console.pages import messages
from yzj_daemon.delivery import Call, Outcome, Refused, RetryPolicy, Sent
from yzj_daemon.flow.intake import Intake
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.lane import Pace
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.storage import controls, directory, inbox, lanes
from yzj_daemon.storage.engine import Store

NIGHT = """
[[rules]]
id = "退款"
forward_to = ["R:ops"]
[rules.when]
contains = ["退款"]
[[rules]]
id = "单聊退款"
description = "客户单独说的"
forward_to = ["R:boss"]
[rules.when]
contains = ["退款"]
chat_type = "private"
"""


async def page(console: Console, path: str, status: int = 200, lang: str = "en") -> str:
    async with console.seated() as browser:
        browser.cookies.set("yzj_lang", lang)
        answer = await browser.get(path)
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


def ids(shown: str) -> list[int]:
    return [int(found) for found in re.findall(r'<a href="/messages/(\d+)">', shown)]


def onward(shown: str) -> str:
    found = re.search(r'hx-get="(/messages/rows[^"]*)"', shown)
    return html.unescape(found[1]) if found else ""


def carry(store: Store, outcome: Outcome, now: int) -> None:
    """The next call of account A, and what came of it."""

    def work(connection: Connection) -> None:
        call = lanes.begin(connection, "A", now, Pace(), lanes.Caps())
        assert isinstance(call, Call)
        after = [d.after(outcome, now + 250, RetryPolicy(), shared=False, roll=0.0) for d in call.deliveries]
        lane = lanes.get(connection, "A").after(outcome, now + 250, Pace())
        lanes.finish(connection, call, outcome, lane, after, now + 250)

    store.write_now(work)


async def test_the_list_goes_on_to_its_end_by_keys(console: Console, receive) -> None:
    await receive(*(f"第{n}条" for n in range(120)))
    async with console.seated() as browser:
        shown = (await browser.get("/messages")).text
        found = ids(shown)
        assert len(found) == messages.SHOWN
        while further := onward(shown):
            shown = (await browser.get(further, headers={"HX-Request": "true"})).text
            assert "<html" not in shown
            found += ids(shown)
    assert found == list(range(120, 0, -1))
    assert "That is all" in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1]),
        ("text=谢", [2]),
        ("rule=退款", [3, 1]),
        ("outcome=no_match", [2]),
        ("outcome=held", [3]),
        ("outcome=matched&text=再次", [3]),
        ("state=pending", [1]),
        ("sender=小李", [3, 2, 1]),
        ("sender=7&type=text", [3, 2, 1]),
        ("type=file", []),
        ("chat=客户群", [3, 2, 1]),
        ("chat=运营群", []),
        ("account=A", [3, 2, 1]),
        ("since=1h", [3, 2, 1]),
        ("until=1h", []),
        ("since=2027-01-15T16:00&until=2027-01-15T16:01", [3, 2, 1]),
        ("  text = ", [3, 2, 1]),
    ],
)
async def test_the_list_is_narrowed(console: Console, store: Store, receive, query: str, found: list[int]) -> None:
    known = [Chat(id="R:customers", name="客户群"), Chat(id="7", name="小李")]
    store.write_now(lambda c: directory.learn(c, "A", known, NOW))
    await receive("我要退款", "谢谢", "再次退款")
    store.write_now(lambda c: controls.hold(c, [2], NOW))
    console.clock.seconds += 1
    shown = await page(console, f"/messages?{query}")
    assert ids(shown) == found
    if not found:
        assert "No message is like that" in shown


async def test_what_cannot_be_understood_is_told_with_what_was_given(console: Console, store: Store) -> None:
    twins = [Chat(id=f"R:{n}", name="客户群") for n in range(2)]
    store.write_now(lambda c: directory.learn(c, "A", twins, NOW))
    assert "R:0, R:1" in await page(console, "/messages?chat=客户群", 400)
    assert "There is no such outcome: lost" in await page(console, "/messages?outcome=lost", 400)
    assert "没有这种结果: lost" in await page(console, "/messages?state=lost", 400, lang="zh")
    assert "From cannot be read: 'gestern'" in await page(console, "/messages?since=gestern", 400)
    assert "From is out of range" in await page(console, "/messages?since=99999999999999d", 400)
    assert "begin again" in await page(console, "/messages/rows?below=1;2", 400)
    assert "store.retention" in await page(console, "/messages/99", 404)
    assert "store.retention" in await page(console, f"/messages/{2**63}", 404)
    assert "no such page" in await page(console, "/messages/x", 404)


async def test_a_search_in_vain_tells_how_far_it_looked_and_goes_on(console: Console, store: Store) -> None:
    many = 3 * messages.searching.EXAMINED // 2

    def put(connection: Connection) -> None:
        rows = [stored(n, NOW + n) for n in range(many)]
        inbox.add(connection, rows)

    store.write_now(put)
    console.clock.seconds += HOUR
    shown = await page(console, "/messages?text=谢")
    assert ids(shown) == []
    assert re.search(r"Looked back to 2027-01-15 16:00:15", shown)
    assert "intersect once" in shown
    assert "turn=1" in onward(shown)
    assert "intersect" not in await page(console, onward(shown).replace("turn=1", "turn=9").replace("below=", "below="))
    rest = await page(console, onward(shown))
    assert "Nothing was found" in rest or "That is all" in rest


def stored(number: int, at: int) -> inbox.MessageRow:
    one = original(id=str(number))
    return {
        "id": 0, "account": "A", "key": one.id, "event": one.id, "chat": one.chat, "chat_type": "room",
        "sender": "7", "type": "text", "sent_at": at, "received_at": at, "source": "callback", "svrid": one.id,
        "wx_svrid": "", "wx_msgid": "", "self_sent": False, "opaque": False, "text": "在吗",
        "content": one.content, "envelope": "{}", "content_at": -1,
    }  # fmt: skip


async def test_an_id_pasted_into_the_search_leads_to_what_it_names(console: Console, store: Store, make_intake) -> None:
    store.write_now(lambda c: directory.learn(c, "A", [Chat(id="788", name="小李")], NOW))
    async with running(make_intake(RULES)) as intake:
        for account in "AB":
            await take(intake, original(account=account, id=f"8000{account}", wx_svrid="2000", svrid=f"8000{account}"))
    carry(store, Sent(), NOW + SECOND)

    async def named(words: str, path: str = "/messages") -> list[str]:
        shown = await page(console, f"{path}?text={words}")
        return re.findall(r'<li><a href="([^"]+)">', shown.partition('id="named-title"')[2].partition("</section>")[0])

    assert await named("8000B") == ["/messages/2"], "the platform's, of one account"
    assert await named("2000") == ["/messages/1", "/messages/2"], "the platform's, of all who received it"
    assert await named("1") == ["/messages/1", "/messages/1#d1", "/messages/1"], "ours: message, delivery, call"
    assert await named("1", "/deliveries") == await named("1")
    assert await named("788") == ["/messages?chat=788", "/messages?sender=788"]
    assert await named("99") == await named("退款") == await named("退款 1") == []


async def test_new_messages_are_announced_not_pushed_into_the_list(console: Console, receive) -> None:
    await receive("一", "二")
    async with console.seated() as browser:
        shown = (await browser.get("/messages?account=A")).text
        newer = html.unescape(re.search(r'hx-get="(/messages/newer[^"]*)"', shown)[1])  # type: ignore[index]
        told = await browser.get(newer, headers={"HX-Request": "true", "X-By-Itself": "1"})
        assert told.text.strip() == ""
        await receive("三", chat="R:9")
        told = await browser.get(newer, headers={"HX-Request": "true", "X-By-Itself": "1"})
    assert 'href="/messages?account=A"' in told.text
    assert "New messages (1)" in told.text


async def test_one_message_is_told_from_its_writing_to_each_answer(console: Console, store: Store, receive) -> None:
    await receive("我要退款", envelope='{"big":12345678901234567890,"content":}', content_at=38)
    carry(store, Refused("permanent", "chat is gone"), NOW + SECOND)
    shown = await page(console, "/messages/1")
    told = words(shown)
    for said in ("Written by its sender", "Received by callback (+0.0 s)", "a rule asked for it"):
        assert said in told
    assert re.search(r"Call 1, to 运营群 R:ops .*Call 1: refused after 0.25 s \(refused for good\) chat is gone", told)
    assert "not delivered (refused for good)" in told
    assert f'{{"big":12345678901234567890,"content":{text_content("我要退款")}}}' in shown, "as it came"
    assert "平台永久拒绝" in await page(console, "/messages/1/now", lang="zh")


async def test_a_copy_of_another_account_leads_to_the_first(console: Console, store: Store, make_intake) -> None:
    async with running(make_intake(RULES)) as intake:
        for account in "AB":
            await take(intake, original(account=account, id=f"1{account}", wx_svrid="9", svrid=f"1{account}"))
    carry(store, Sent(), NOW + SECOND)
    shown = await page(console, "/messages/2")
    assert "every target chat already got it" in shown
    assert re.search(r'Other accounts received it, too</dt><dd><a href="/messages/1">A', shown)


async def test_each_rule_tells_what_it_made_of_it_the_telling_ones_first(
    make_console, store: Store, make_intake
) -> None:
    others = "".join(
        f'[[rules]]\nid = "n{n}"\nforward_to = ["R:x"]\nwhen = {{ contains = ["没有人说过{n}"] }}\n' for n in range(50)
    )
    async with running(make_intake(others + NIGHT)) as intake:
        await take(intake, original("我要 退款 <b>"))
    console = make_console(others + NIGHT)
    async with console.seated("viewer") as browser:
        shown = html.unescape((await browser.get("/messages/1/rules?by=now")).text)
        every = html.unescape((await browser.get("/messages/1/rules?by=now&all=1")).text)
    assert "<mark>退款</mark>" in shown
    found = re.findall(r'<span class="rule">(.*?)</span>', shown)
    assert found[:2] == ["退款", "单聊退款"]
    assert len(found) == deciding.MOST
    assert every.count('<span class="rule">') == 52
    assert "near miss" in shown
    assert "&lt;b&gt;" in (await _raw(console, "/messages/1")), "what people write stays text"


async def _raw(console: Console, path: str) -> str:
    async with console.seated("viewer") as browser:
        return (await browser.get(path)).text


async def test_the_rules_of_then_and_of_now_are_told_apart(
    make_console, store: Store, clock: HandClock, metrics: Metrics
) -> None:
    then = make_console(NIGHT).desk.rules()
    intake = Intake(store, then, PlanPolicy(), clock=clock, metrics=metrics, wake=lambda accounts: None, max_targets=20)
    async with running(intake):
        await take(intake, original("我要退款"))
    console = make_console(RULES)
    assert "单聊退款" in await page(console, "/messages/1/rules")
    assert "单聊退款" not in await page(console, "/messages/1/rules?by=now")


async def test_a_message_without_content_tells_what_is_left(console: Console, store: Store, receive) -> None:
    await receive("我要退款")
    store.write_now(
        lambda c: c.exec_driver_sql("UPDATE messages SET text='', content='', envelope='', fingerprint='x'")
    )
    shown = await page(console, "/messages/1")
    assert "the content was not kept" in shown
    assert text_content("我要退款") not in shown
    assert "no rule can be asked again" in await page(console, "/messages/1/rules")
