"""Why a message was or was not forwarded, as a page shows it."""

import re
from collections.abc import Callable

from msgspec.structs import replace

from tests.console.conftest import Console
from yzj_daemon.console import deciding
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.look import templates
from yzj_daemon.console.page import Page
from yzj_daemon.message import Message
from yzj_daemon.wording.explained import Case, explained

RULES = """
[names]
"运营群" = "R:ops"
[[rules]]
id = "退款"
description = "转给运营"
forward_to = ["运营群"]
[rules.when]
contains = ["退款"]
[[rules]]
id = "文件"
forward_to = ["运营群"]
[rules.when]
type = ["file"]
chat = ["R:room"]
[[rules]]
id = "别的"
forward_to = ["运营群"]
[rules.when]
type = ["link"]
chat = ["R:other"]
any = [{ contains = ["甲"] }, { contains = ["乙"] }]
"""

SAID = Message(
    account="1", id="m1", chat="R:room", chat_type="room", sender="7", type="text", sent_at=None,
    text="我要<退款>", content='{"items":[]}',
)  # fmt: skip


async def shown(console: Console, message: Message, **given: object) -> str:
    template = templates().from_string(
        '{% import "decision.html" as decision with context %}{{ decision.whole(decided) }}'
    )

    def show(asked: Asked) -> str:
        case = Case(message_id="m1", message=message, at=asked.now, ruleset=asked.desk.ruleset)
        told = explained(case, asked.desk.settings, asked.zone)
        return asked.render(template, decided=deciding.shown(asked, told, **given))

    console.more = (Page("/decided", show),)
    async with console.seated() as browser:
        answer = await browser.get("/decided")
        assert answer.status_code == 200, answer.text
        return answer.text


def rules(page: str) -> list[str]:
    return re.findall(r'<span class="rule">(.*?)</span>', page)


async def test_what_matched_comes_first_then_what_came_nearest(make_console: Callable[..., Console]) -> None:
    page = await shown(make_console(RULES), SAID)
    assert rules(page) == ["退款", "文件", "别的"]
    assert "a rule asked for it" in page
    assert '<span class="name">运营群</span> <code class="id">R:ops</code>' in page
    assert page.count("near miss") == 1


async def test_the_words_that_a_rule_found_stand_out_and_nothing_of_a_message_is_markup(
    make_console: Callable[..., Console],
) -> None:
    page = await shown(make_console(RULES), SAID)
    assert "我要&lt;<mark>退款</mark>&gt;" in page


async def test_each_condition_tells_what_it_wanted_and_what_is(make_console: Callable[..., Console]) -> None:
    page = await shown(make_console(RULES, lang="zh"), SAID)
    failed = re.search(r'<li class="failed">.*?类型是 <code class="faint">type</code>(.*?)</li>', page, re.DOTALL)
    assert failed
    assert re.findall(r'<span class="value" title="(.*?)">(.*?)</span>', failed[1]) == [
        ("file", "文件"),
        ("text", "文字"),
    ]
    assert page.count('<ul class="branches">') > 3, "any opens a level of its own"


async def test_what_cannot_be_seen_is_no_failure(make_console: Callable[..., Console]) -> None:
    page = await shown(make_console(RULES), replace(SAID, text="", opaque=True))
    assert "cannot see inside, nobody can tell" in page
    assert '<li class="unknown">' in page


async def test_of_many_rules_the_nearest_are_shown_and_one_that_is_asked_for(
    make_console: Callable[..., Console],
) -> None:
    console = make_console(RULES)
    page = await shown(console, SAID, rule="别的", most=2)
    assert rules(page) == ["别的", "退款"]
    assert "1 more rules" in page
