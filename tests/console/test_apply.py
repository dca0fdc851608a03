"""A draft becomes the file, an earlier set is put back, and what was received before is forwarded after all."""

import asyncio
import html
import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.console.conftest import RULES, Console
from tests.console.test_draft import MORE, Drafting, drafting
from tests.flow.conftest import NOW, owed
from yzj_daemon.console.differing import MOST, differing
from yzj_daemon.rules import packing
from yzj_daemon.storage import controls
from yzj_daemon.storage.engine import Store


async def apply(draft: Drafting, text: str) -> httpx.Response:
    return await draft.browser.post("/draft/apply", data={**draft.hidden, "text": text})


def done(store: Store) -> list[tuple[str, str, dict[str, object]]]:
    return [(a.who, a.verb, json.loads(a.what)) for a in store.read_now(partial(controls.actions, limit=10))]


async def test_an_operator_applies_a_draft_and_it_is_in_force_at_once(console: Console, store: Store) -> None:
    before = console.desk.ruleset.hash
    async with drafting(console, role="operator") as draft:
        answer = await apply(draft, MORE)
        assert answer.status_code == 303
        assert console.rules_file.read_text("utf-8") == MORE
        after = console.desk.ruleset.hash
        assert [rule.id for rule in console.desk.ruleset.rules] == ["退款", "谢谢"]
        assert answer.headers["location"] == f"/history?applied={after}"
        page = (await draft.browser.get(answer.headers["location"])).text
    assert "It is in force." in page
    assert "Undo" in page
    assert "Replay 谢谢" in page
    assert page.count("console:小王") == 1
    told = {"file": "rules.toml", "before": before, "after": after, "added": ["谢谢"], "changed": [], "removed": []}
    assert done(store) == [("console:小王", "rules", told)]


async def test_a_draft_with_errors_is_not_written(console: Console, store: Store) -> None:
    async with drafting(console, role="operator") as draft:
        for wrong in (RULES.replace("contains", "contain"), MORE.replace("我要退款", "别的"), ""):
            answer = await apply(draft, wrong)
            assert answer.status_code == 422
            assert "nothing was written" in answer.text
            assert html.escape(wrong, quote=False).replace('"', "&#34;") in answer.text, "the draft is not lost"
    assert console.rules_file.read_text("utf-8") == RULES
    assert done(store) == []


async def test_a_file_that_somebody_else_changed_is_not_written_over(console: Console, store: Store) -> None:
    theirs = RULES.replace("转给运营", "转给运营群")
    async with drafting(console, role="operator") as draft:
        console.rules_file.write_text(theirs, encoding="utf-8")
        answer = await apply(draft, MORE)
        assert answer.status_code == 409
        assert "was changed by somebody else" in answer.text
        told = html.unescape(re.sub(r"<[^>]+>", "", answer.text))
        assert '-description = "转给运营群"' in told
        assert '+id = "谢谢"' in told
        assert console.rules_file.read_text("utf-8") == theirs
        again = Drafting(draft.browser, answer.text)
        editor = await draft.browser.post("/draft/go-on", data={**again.hidden, "text": MORE})
        assert (await apply(Drafting(draft.browser, editor.text), MORE)).status_code == 303
    assert console.rules_file.read_text("utf-8") == MORE


async def test_viewers_apply_and_restore_nothing(console: Console) -> None:
    async with drafting(console, role="viewer") as draft:
        assert "A viewer cannot apply a draft" in draft.page
        assert 'id="apply"' not in draft.page
        assert (await apply(draft, MORE)).status_code == 403
        hash_ = console.desk.ruleset.hash
        assert "Put this set back" not in (await draft.browser.get(f"/history/{hash_}")).text
        answer = await draft.browser.post(f"/history/{hash_}/restore", data=draft.hidden)
        assert answer.status_code == 403
    assert console.rules_file.read_text("utf-8") == RULES


async def test_where_a_setting_forbids_it_the_draft_is_only_taken_away(make_console: Callable[..., Console]) -> None:
    console = make_console(**{"ops.edit_rules": "false"})
    async with drafting(console, role="operator") as draft:
        assert "ops.edit_rules is false" in draft.page
        assert 'id="apply"' not in draft.page
        answer = await apply(draft, MORE)
        assert answer.status_code == 409
        assert (await draft.post("/draft/download", MORE)).content == MORE.encode()
    assert console.rules_file.read_text("utf-8") == RULES


async def test_what_cannot_be_written_says_why(make_console: Callable[..., Console], tmp_path: Path) -> None:
    """A file without any right to write, and one as Kubernetes mounts it."""
    console = make_console()
    console.rules_file.chmod(0o444)
    async with drafting(console, role="operator") as draft:
        assert "may not write" in draft.page
        assert (await apply(draft, MORE)).status_code == 409
    console.rules_file.unlink()
    data = tmp_path / "..2026_01_01"
    data.mkdir()
    (data / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "..data").symlink_to(data.name)
    console.rules_file.symlink_to("..data/rules.toml")
    async with drafting(console, role="operator") as draft:
        assert "ConfigMap" in draft.page
        assert (await apply(draft, MORE)).status_code == 409
    assert console.rules_file.read_text("utf-8") == RULES


async def test_undoing_puts_the_set_before_back(console: Console, store: Store) -> None:
    first = console.desk.ruleset.hash
    async with drafting(console, role="operator") as draft:
        page = (await draft.browser.get((await apply(draft, MORE)).headers["location"])).text
        undo = page.partition(f'action="/history/{first}/restore"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo))
        answer = await draft.browser.post(f"/history/{first}/restore", data=fields)
        assert answer.headers["location"] == f"/history?applied={first}"
        assert console.desk.ruleset.hash == first
        assert console.rules_file.read_text("utf-8") == RULES
        assert [verb for _, verb, _ in done(store)] == ["rollback", "rules"]
        stale = await draft.browser.post(f"/history/{first}/restore", data={**fields, "base": "other"})
        assert stale.status_code == 409
        assert "changed meanwhile" in stale.text


async def test_the_history_tells_what_each_set_changed_and_how_it_differs(console: Console) -> None:
    first = console.desk.ruleset.hash
    async with drafting(console, role="operator") as draft:
        await apply(draft, MORE)
        page = (await draft.browser.get("/history")).text
        assert re.findall(r'class="value \w+">(.*?)<', page) == ["+ 谢谢", "+ 退款"]
        assert page.count(">in force<") == 1
        page = (await draft.browser.get(f"/history/{first}")).text
        assert "Put this set back" in page
        assert '<span class="bad">-id = &#34;谢谢&#34;' in page
        assert (await draft.browser.get("/history/nothing")).status_code == 404


async def test_rules_that_this_version_does_not_take_are_not_put_back(console: Console, store: Store) -> None:
    from yzj_daemon.storage import rule_history

    packed = packing.pack({"rules.toml": "version = 99"})
    store.write_now(partial(rule_history.record, digest="old", packed=packed, rules=0, summary="{}", now=NOW))
    async with drafting(console, role="operator") as draft:
        answer = await draft.browser.post("/history/old/restore", data=draft.hidden)
    assert answer.status_code == 409
    assert console.rules_file.read_text("utf-8") == RULES


def test_a_difference_is_bounded_and_names_files_where_there_are_several() -> None:
    assert differing({"a": "x"}, {"a": "x"}).same
    one = differing({"a": "x\ny"}, {"a": "x\nz"})
    assert [line.text for line in one.lines if line.kind in {"good", "bad"}] == ["-y", "+z"]
    two = differing({"a": "x", "b": "1"}, {"a": "x"})
    assert two.lines[0].text == "b"
    assert differing({}, {"a": "\n".join(map(str, range(MOST + 5)))}).more


# Replays ------------------------------------------------------------------------------------------------------------


class Replays:
    def __init__(self, draft: Drafting) -> None:
        self.browser = draft.browser
        self.csrf = draft.hidden["csrf"]

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.browser.post(path, data={"csrf": self.csrf, **fields}, headers={"HX-Request": "true"})

    async def settled(self, answer: httpx.Response) -> str:
        assert answer.status_code == 200, answer.text
        async with asyncio.timeout(20):
            while again := re.search(r'hx-get="(/replay/[^"]+)"', answer.text):
                await asyncio.sleep(0.02)
                answer = await self.browser.get(again[1], headers={"HX-Request": "true"})
        return answer.text

    async def count(self, **fields: str) -> str:
        return await self.settled(await self.post("/replay/count", **fields))


def forwards(page: str) -> str:
    found = re.search(r'hx-post="(/replay/[^"]+/forward)"', page)
    assert found, page
    return found[1]


async def test_what_new_rules_match_is_counted_and_then_forwarded_once(
    console: Console, store: Store, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("谢谢", "我要退款", "谢谢你们")
    assert [chat for _, chat, _ in owed(store)] == ["R:ops"]
    console.clock.seconds += 60
    async with drafting(console, role="operator") as draft:
        await apply(draft, MORE)
        replays = Replays(draft)
        counted = await replays.count(since="1d")
        assert "2 deliveries would be made" in counted
        assert len(owed(store)) == 1, "counting sends nothing"
        sent = await replays.settled(await replays.post(forwards(counted)))
        assert "2 deliveries are queued" in sent
        assert len(owed(store)) == 3
        again = await replays.post(forwards(counted))
        assert again.status_code == 409, "a count is good for once"
        assert "There is nothing to replay" in await replays.count(since="1d", rule="谢谢")
    await asyncio.sleep(0)
    assert console.woken == ["A"]
    who, verb, what = done(store)[0]
    assert (who, verb, what["rule"]) == ("console:小王", "replay", "")


async def test_one_message_alone_is_replayed(
    console: Console, store: Store, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("谢谢", "谢谢你们")
    async with drafting(console, role="operator") as draft:
        await apply(draft, MORE)
        assert "谢谢你们" in (await draft.browser.get("/replay?message=2")).text
        replays = Replays(draft)
        counted = await replays.count(message="2")
        assert "1 deliveries would be made" in counted
        await replays.settled(await replays.post(forwards(counted)))
    assert len(owed(store)) == 1
    assert done(store)[0][2] == {"message": "2", "rule": "", "again": False}


async def test_what_a_chat_got_already_it_gets_again_only_when_asked(
    console: Console, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("我要退款")
    console.clock.seconds += 60
    async with drafting(console, role="operator") as draft:
        replays = Replays(draft)
        page = await replays.count(since="1d")
        assert "There is nothing to replay" in page
        assert "Had it already" in page
        page = await replays.count(since="1d", again="1")
        assert "1 deliveries would be made" in page
        assert "get it twice" in page


async def test_rules_that_changed_since_the_count_forward_nothing(
    console: Console, store: Store, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("谢谢")
    console.clock.seconds += 60
    async with drafting(console, role="operator") as draft:
        location = (await apply(draft, MORE)).headers["location"]
        replays = Replays(draft)
        counted = await replays.count(since="1d")
        editor = Drafting(draft.browser, (await draft.browser.get("/draft")).text)
        assert (await apply(editor, MORE + "\n# 又改了\n")).headers["location"] != location
        answer = await replays.post(forwards(counted))
        assert answer.status_code == 409
        assert "count again" in answer.text
    assert owed(store) == []


async def test_a_viewer_counts_and_forwards_nothing(
    console: Console, store: Store, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("我要退款")
    console.clock.seconds += 60
    async with drafting(console, role="viewer") as draft:
        replays = Replays(draft)
        counted = await replays.count(since="1d", again="1")
        assert "Only an operator may forward" in counted
        job = next(iter(console.desk.jobs._jobs))
        assert (await replays.post(f"/replay/{job}/forward")).status_code == 403
    assert len(owed(store)) == 1


@pytest.mark.parametrize(
    ("fields", "status"), [({"rule": "nobody"}, 404), ({"since": "soon"}, 400), ({"message": "99"}, 404)]
)
async def test_what_cannot_be_replayed_is_told(fields: dict[str, str], status: int, console: Console) -> None:
    async with drafting(console, role="operator") as draft:
        assert (await Replays(draft).post("/replay/count", **fields)).status_code == status
