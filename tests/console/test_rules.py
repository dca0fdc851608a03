"""The rules: their list, each on its own page, and keeping one back for a while."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial

import pytest

from tests.console.conftest import Console, csrf
from tests.flow.conftest import NOW, original, running, take
from yzj_daemon.clock import DAY, MINUTE
from yzj_daemon.console import reading
from yzj_daemon.console.pages.rules import AT_ONCE, excerpt
from yzj_daemon.console.tally import Tallies
from yzj_daemon.flow.intake import Intake
from yzj_daemon.rules import load
from yzj_daemon.storage import controls
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reader import Reader

RULES = """
timezone = "Asia/Shanghai"
[names]
"运营群" = "R:ops"
"客户群" = "R:customers"
[windows.office]
hours = ["09:00-18:00"]
[[rules]]
id = "退款"
description = "转给运营"
owner = "小李"
forward_to = ["运营群"]
during = ["office"]
limit = "30/10m"
[rules.when]
contains = ["退款"]
chat = ["客户群"]
[[rules]]
id = "影子"
mode = "shadow"
forward_to = ["R:other"]
[rules.when]
type = ["file"]
any = [{ regex = ['\\d{5}'] }, { field = [{ path = "size", min = 10 }] }]
# 最后一行
"""


@pytest.fixture
def console(make_console: Callable[..., Console]) -> Console:
    return make_console(RULES)


@pytest.fixture
async def receive(make_intake: Callable[..., Intake]) -> Callable[..., Awaitable[None]]:
    async def receiving(*words: str, at: int = NOW, **given: str) -> None:
        async with running(make_intake(RULES)) as intake:
            for number, said in enumerate(words):
                await take(intake, original(said, **{"id": f"{said}-{number}-{at}", **given}), at=at)

    return receiving


def rows(page: str) -> dict[str, list[str]]:
    """The words of each row of the list, by rule."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL):
        rule = re.search(r'class="rule"[^>]*>(.*?)<', row)
        if rule:
            cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
            found[rule[1]] = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
    return found


async def test_who_to_whom_and_how_often_is_read_at_a_glance(
    console: Console, receive: Callable[..., Awaitable[None]]
) -> None:
    day = 86_400_000
    console.clock.seconds -= 3 * day / 1000
    await receive("我要退款", at=NOW - 3 * day)
    console.clock.seconds += 3 * day / 1000
    await receive("退款", "还是退款")
    await receive("退款呢", chat="R:elsewhere")
    async with console.seated() as browser:
        found = rows((await browser.get("/rules")).text)
    assert found["退款"] == [
        "退款 转给运营", "客户群", "contains any of 退款", "运营群", "2", "3", "1", found["退款"][7], "live",
    ]  # fmt: skip
    assert found["影子"][-1] == "shadow, sends nothing"
    assert found["影子"][7] == "never"


async def test_rules_that_are_switched_off_are_named_and_lead_to_their_file(
    make_console: Callable[..., Console],
) -> None:
    off = '[[rules]]\nid = "停"\nenabled = false\nforward_to = ["R:1"]\nwhen = { everything = true }\n'
    async with make_console(RULES + off).seated() as browser:
        page = (await browser.get("/rules")).text
        assert [*rows(page)] == ["退款", "影子"]
        assert "1 switched off:" in page
        line = RULES.count("\n") + 1
        assert f'data-line="{line}"' in (await browser.get("/draft?rule=停")).text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=运营群", ["退款"]),
        ("q=FILE", ["影子"]),
        ("q=小李", ["退款"]),
        ("standing=shadow", ["影子"]),
        ("standing=muted", []),
        ("q=nothing", []),
        ("", ["退款", "影子"]),
    ],
)
async def test_the_list_is_narrowed_by_words_names_and_state(query: str, expected: list[str], console: Console) -> None:
    async with console.seated() as browser:
        page = (await browser.get(f"/rules?{query}")).text
    assert [*rows(page)] == expected
    assert expected or "No rule is like that" in page


async def test_a_long_list_goes_on_below_the_last_rule(make_console: Callable[..., Console]) -> None:
    many = "\n".join(
        f'[[rules]]\nid = "r{n}"\nforward_to = ["R:{n}"]\n[rules.when]\ncontains = ["w{n}"]' for n in range(AT_ONCE + 5)
    )
    async with make_console(many).seated() as browser:
        page = (await browser.get("/rules")).text
        assert len(rows(page)) == AT_ONCE
        more = re.search(r'hx-get="(/rules[^"]+)"', page)
        assert more
        rest = await browser.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
        assert "<html" not in rest.text
        assert re.findall(r'class="rule"[^>]*>(.*?)<', rest.text) == [f"r{n}" for n in range(AT_ONCE, AT_ONCE + 5)]


async def test_a_rule_tells_all_that_it_asks_and_does(console: Console) -> None:
    async with console.seated() as browser:
        page = (await browser.get("/rules/退款")).text
        assert "<code>rules.toml:8</code>" in page
        assert {"30/10 min 0 s", "office", "小李"} <= set(re.findall(r"<dd>(.*?)</dd>", page))
        assert "chat = [&#34;客户群&#34;]" in page
        assert "影子" not in page, "its own part of the file and no more"
        page = (await browser.get("/rules/影子")).text
        assert "size ≥ 10" in page
        assert (await browser.get("/rules/none")).status_code == 404


async def test_what_a_rule_nearly_matched_is_told_with_what_failed(
    console: Console, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("要<退款>", chat="R:elsewhere")
    async with console.seated() as browser:
        page = (await browser.get("/rules/退款")).text
    assert "要&lt;退款&gt;" in page
    assert 'href="/try?message=1&amp;rule=%E9%80%80%E6%AC%BE"' in page
    failed = page.partition("""<code class="faint">chat</code>""")[2]
    assert failed.index("客户群") < failed.index("R:elsewhere")


async def test_a_rule_is_muted_and_the_mute_lifted_by_whoever_did_it(console: Console, store: Store) -> None:
    async with console.seated() as browser:
        token = csrf((await browser.get("/rules/退款")).text)
        form = {"csrf": token, "until": "2h", "comment": "太吵"}
        answer = await browser.post("/rules/退款/mute", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/rules/%E9%80%80%E6%AC%BE")
        page = (await browser.get("/rules/退款")).text
        assert "by console:小王: 太吵" in page
        assert rows((await browser.get("/rules?standing=muted")).text).keys() == {"退款"}
        await browser.post("/rules/退款/unmute", data={"csrf": token})
        assert "太吵" not in (await browser.get("/rules/退款")).text
    done = store.read_now(partial(controls.actions, limit=5))
    assert [(action.who, action.verb) for action in done] == [("console:小王", "unmute"), ("console:小王", "mute")]
    (mute,) = store.read_now(partial(controls.mutes, now=NOW, all_=True))
    assert mute.until == NOW + 2 * 3_600_000


@pytest.mark.parametrize(("until", "comment"), [("yesterday", "x"), ("2020-01-01", "x"), ("2h", " ")])
async def test_a_mute_without_an_end_or_a_reason_is_refused(
    until: str, comment: str, console: Console, store: Store
) -> None:
    async with console.seated() as browser:
        token = csrf((await browser.get("/rules/退款")).text)
        answer = await browser.post("/rules/退款/mute", data={"csrf": token, "until": until, "comment": comment})
        assert answer.status_code == 400
    assert store.read_now(partial(controls.mutes, now=NOW, all_=True)) == ()


async def test_a_viewer_mutes_nothing(console: Console) -> None:
    async with console.seated("viewer") as browser:
        token = csrf((await browser.get("/rules")).text)
        answer = await browser.post("/rules/退款/mute", data={"csrf": token, "until": "2h", "comment": "x"})
        assert answer.status_code == 403


class Hurried:
    """A second goes by with each look at it."""

    at = 0.0

    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        self.at += 1
        return self.at


async def test_a_long_history_is_counted_while_nobody_waits_and_each_message_once(
    store: Store, receive: Callable[..., Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yzj_daemon.console.tally.BITE", 2)
    await receive("退款1", "退款2", "退款3", "退款4", "退款5")
    with closing(Reader(store)) as reader, closing(Tallies(Hurried(), reader)) as counted:  # type: ignore[arg-type]
        assert not store.read_now(lambda c: counted.look(c, NOW))
        assert counted.of("退款").day >= 2, "the newest first"
        async with asyncio.timeout(20):
            while counted.of("退款").day < 5:
                await asyncio.sleep(0.005)
        await receive("退款6")
        assert store.read_now(lambda c: counted.look(c, NOW)), "what is new is counted at once"
        assert (counted.of("退款").day, counted.of("退款").week) == (6, 6)
        for later, day, week in ((DAY - MINUTE, 6, 6), (DAY, 0, 6), (7 * DAY - MINUTE, 0, 6), (7 * DAY, 0, 0)):
            store.read_now(lambda c, later=later: counted.look(c, NOW + later))
            assert (counted.of("退款").day, counted.of("退款").week) == (day, week)


def test_what_is_shown_of_a_file_ends_where_the_rule_ends() -> None:
    text = '[[rules]]\nid = "a"\n[rules.when]\ntype = ["text"]\n[[rules.examples]]\nx = 1\n\n[[rules]]\nid = "b"\n'
    assert excerpt(text, 1).splitlines()[-1] == "x = 1"
    assert excerpt(text, 8) == '[[rules]]\nid = "b"'
    assert excerpt("", 5) == ""
    told = '[[rules]]\nid = "a"\n# why\n\n# of the next\n\n[[rules]]\n'
    assert excerpt(told, 1) == '[[rules]]\nid = "a"\n# why'


def test_every_condition_is_read_as_it_is_written() -> None:
    loaded = load.load_texts(
        {
            "r.toml": """
[[rules]]
id = "a"
forward_to = ["R:1"]
[rules.when]
not = { sender = ["7"] }
self_sent = true
contains_all = ["甲", "乙"]
items = { min_count = 2, any = { contains = ["丙"] } }
field = [{ path = "x", exists = false }, { path = "y", in = ["1", "b"] }, { path = "z", max = 2.5 }]
"""
        }
    )
    assert loaded.ruleset is not None
    told = {part.key: part for part in reading.parts(loaded.ruleset.rules[0])}
    assert told["not"].inside == (reading.Part("sender", ("7",), ids=True),)
    assert told["field"].values == ("¬ x", "y = 1 | b", "z ≤ 2.5")
    assert [(part.key, part.values) for part in told["items"].inside] == [("min_count", ("2",)), ("any_item", ())]
    assert told["self_sent"].values == ("true",)
