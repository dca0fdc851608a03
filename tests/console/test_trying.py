"""Trying a message: written, pasted, or picked."""

import json
from collections.abc import Awaitable, Callable

import pytest

from tests.console.conftest import Console, csrf
from yzj_daemon.rules import load, packing

PART = {"HX-Request": "true"}

OTHER_RULES = """
[[rules]]
id = "新规则"
forward_to = ["R:ops"]
[rules.when]
contains = ["谢谢"]
"""


async def attempt(console: Console, **fields: str) -> str:
    async with console.seated("viewer") as browser:
        token = csrf((await browser.get("/try")).text)
        answer = await browser.post("/try", data={"csrf": token, **fields}, headers=PART)
        assert answer.status_code == 200, answer.text
        return answer.text


async def test_a_viewer_writes_a_message_and_sees_why(console: Console) -> None:
    page = await attempt(console, text="我要退款", chat="R:room", type="text")
    assert "a rule asked for it" in page
    assert "我要<mark>退款</mark>" in page
    assert "<html" not in page


async def test_names_stand_for_ids(console: Console) -> None:
    page = await attempt(console, text="退款", chat="运营群")
    assert "the only target is the chat it came from" in page


async def test_without_scripts_the_whole_page_comes_back_with_what_was_written(console: Console) -> None:
    async with console.seated() as browser:
        token = csrf((await browser.get("/try")).text)
        page = (await browser.post("/try", data={"csrf": token, "text": "谢谢<", "chat": "R:x"})).text
    assert "<html" in page
    assert ">谢谢&lt;</textarea>" in page
    assert "no rule matched" in page


def pushed(*words: str) -> str:
    messages = [
        {"svrid": str(number), "from_wxid": "7", "chat_wxid": "R:9", "msg_type": "text", "content": {"text": said}}
        for number, said in enumerate(words)
    ]
    return json.dumps([{"type": "chatMsg", "rel_wxid": "1", "data": messages}], ensure_ascii=False)


async def test_what_the_platform_sends_is_pasted_as_it_is(console: Console) -> None:
    page = await attempt(console, json=pushed("我要退款", "谢谢"))
    assert page.count('<div class="decided">') == 2
    assert "a rule asked for it" in page
    assert "no rule matched" in page
    page = await attempt(console, json=pushed(*["退款"] * 8))
    assert page.count('<div class="decided">') == 5
    assert "the first 5 are shown" in page


@pytest.mark.parametrize("fields", [{"json": "no json"}, {"json": "{}"}, {"text": " "}, {"text": "x", "at": "soon"}])
async def test_what_is_no_message_is_told(fields: dict[str, str], console: Console) -> None:
    async with console.seated() as browser:
        token = csrf((await browser.get("/try")).text)
        answer = await browser.post("/try", data={"csrf": token, **fields}, headers=PART)
        assert answer.status_code == 400
        assert answer.text.strip()


async def test_a_stored_message_is_picked_by_its_words(
    console: Console, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("我要退款", "谢谢")
    async with console.seated("viewer") as browser:
        found = (await browser.get("/try/stored?q=谢", headers=PART)).text
        assert "/try?message=2" in found
        assert "退款" not in found
        page = (await browser.get("/try?message=2")).text
        assert "no rule matched" in page
        assert "By the rules of then" not in page
        assert (await browser.get("/try?message=99")).status_code == 404


async def test_rules_that_changed_since_are_told_beside_those_of_now(
    console: Console, receive: Callable[..., Awaitable[None]]
) -> None:
    """The decision of then was by other rules than the desk's, whose hash is of other files."""
    await receive("谢谢")
    changed = load.load_texts({"rules.toml": OTHER_RULES})
    assert changed.ruleset is not None
    in_force = console.desk.rules()
    console.desk.rules = lambda: type(in_force)(changed.ruleset, packing.pack(changed.files))
    async with console.seated() as browser:
        page = (await browser.get("/try?message=1")).text
    assert "a rule asked for it" in page
    assert "Decided on receipt" in page
