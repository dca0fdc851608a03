"""Drafts of rule files: checked as they are written, held against what was received, taken away as a file."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from threading import Event

import httpx
import pytest

from tests.console.conftest import RULES, Console
from tests.flow.conftest import NOW, HandClock
from yzj_daemon.console import drafts, previews
from yzj_daemon.console.access.visitor import Role
from yzj_daemon.console.jobs import Job, Jobs, Outcome
from yzj_daemon.console.previews import Holding
from yzj_daemon.console.turns import Turns
from yzj_daemon.rules import load, modes
from yzj_daemon.settings import Settings
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reader import Reader

PART = {"HX-Request": "true"}

MORE = (
    RULES
    + """
[[rules.examples]]
message = { text = "我要退款" }
expect = "match"
[[rules]]
id = "谢谢"
forward_to = ["运营群"]
[rules.when]
contains = ["谢谢"]
"""
)


class Drafting:
    """A browser with a draft open."""

    def __init__(self, browser: httpx.AsyncClient, page: str) -> None:
        self.browser = browser
        self.page = page
        self.hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))

    @property
    def text(self) -> str:
        found = re.search(r"<textarea name=\"text\"[^>]*>\n(.*?)</textarea>", self.page, re.DOTALL)
        assert found
        return html.unescape(found[1])

    async def post(self, path: str, text: str, **fields: str) -> httpx.Response:
        return await self.browser.post(path, data={**self.hidden, "text": text, **fields}, headers=PART)

    async def check(self, text: str, **fields: str) -> str:
        answer = await self.post("/draft/check", text, **fields)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def preview(self, text: str, since: str = "7d") -> str:
        answer = await self.post("/draft/preview", text, since=since)
        assert answer.status_code == 200, answer.text
        async with asyncio.timeout(20):
            while again := re.search(r'hx-get="(/draft/preview/[^"]+)"', answer.text):
                await asyncio.sleep(0.02)
                answer = await self.browser.get(again[1], headers=PART)
        return answer.text


@asynccontextmanager
async def drafting(console: Console, address: str = "/draft", role: Role = "viewer") -> AsyncIterator[Drafting]:
    async with console.seated(role) as browser:
        answer = await browser.get(address)
        assert answer.status_code == 200, answer.text
        yield Drafting(browser, answer.text)


async def test_a_viewer_may_try_a_draft_of_what_is_on_the_disk(console: Console) -> None:
    async with drafting(console) as draft:
        assert draft.text == RULES
        assert "data-unsaved" not in draft.page
        assert "The rules are those in force" in await draft.check(draft.text)
        page = await draft.check(MORE)
    assert "2 rules, 1 examples pass" in page
    assert '<span class="value good">+ 谢谢</span>' in page


async def test_a_mistake_is_told_at_its_line_and_what_to_do(console: Console) -> None:
    async with drafting(console) as draft:
        page = await draft.check(RULES.replace("contains", "contain"))
        assert 'data-line="10" data-column="1" data-level="error"' in page
        assert "contains" in page.partition("→")[2]
        page = await draft.check(RULES + "[[rules]\n")
        assert 'data-line="11"' in page
        assert "Errors: 1" in page


async def test_a_failing_example_is_told_with_its_why(console: Console) -> None:
    wrong = MORE.replace('text = "我要退款"', 'text = "别的"')
    async with drafting(console) as draft:
        page = await draft.check(wrong)
    assert "Examples: 0 of 1 pass" in page
    assert "cannot come into force" in page
    assert "expected match, and it did not" in html.unescape(page)


async def test_what_becomes_of_one_message_is_followed(
    console: Console, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("谢谢你")
    async with drafting(console, "/draft?message=1") as draft:
        assert 'name="message" value="1"' in draft.page
        page = await draft.check(MORE, message="1")
        before, _, after = page.partition("By the draft")
        assert "no rule matched" in before
        assert "a rule asked for it" in after
        assert "<mark>谢谢</mark>" in after
        assert "No such message" in await draft.check(MORE, message="77")


async def test_a_preview_tells_what_changes_with_samples(
    console: Console, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("我要退款", "谢谢", "别的")
    console.clock.seconds += 60
    async with drafting(console) as draft:
        changed = MORE.replace('contains = ["退款"]', 'contains = ["退钱"]').replace("我要退款", "退钱")
        page = await draft.preview(changed)
        told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
        assert "Deliveries 1 → 1 +1 −1" in told
        assert "谢谢 matched 0 → 1 +1 + 谢谢 → 运营群" in told
        assert "退款 matched 1 → 0 −1 − 我要退款 → 运营群" in told
        assert "The draft has errors" in await draft.preview("nonsense")


async def test_a_preview_is_its_owners_alone(console: Console, receive: Callable[..., Awaitable[None]]) -> None:
    await receive("谢谢")
    async with drafting(console) as draft:
        answer = await draft.post("/draft/preview", MORE, since="1d")
        found = re.search(r"/draft/preview/[\w-]+", answer.text)
    if found is None:  # it was over at once, and asks no more
        return
    async with console.seated("viewer") as other:
        assert (await other.get(found[0], headers=PART)).status_code == 404


@pytest.mark.parametrize("since", ["soon", "-1"])
async def test_a_span_that_cannot_be_read_is_refused(since: str, console: Console) -> None:
    async with drafting(console) as draft:
        assert (await draft.post("/draft/preview", MORE, since=since)).status_code == 400


def ruleset(text: str = MORE):
    loaded = load.load_texts({"rules.toml": text}).ruleset
    assert loaded is not None
    return loaded


@pytest.fixture
def holding(store: Store, clock: HandClock) -> Iterator[Callable[..., Holding]]:
    reader = Reader(store)
    yield lambda given=clock: Holding(Settings(), reader, given, ruleset(RULES), ruleset, NOW - 1000)
    reader.close()


async def test_a_preview_that_takes_too_long_tells_what_it_saw(
    holding: Callable[..., Holding], clock: HandClock, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("谢谢", "退款", "再来")

    class Late(HandClock):
        """A minute goes by with each look at it."""

        def monotonic(self) -> float:
            self.seconds += 59
            return self.seconds

    late, job = Late(), Job("1", "w")
    late.seconds = clock.seconds + 1
    assert holding(late)(job) == "late"
    assert (job.done, job.whole) == (2, 3)
    assert job.result.seen.messages == 2


async def test_a_preview_that_is_stopped_tells_what_it_saw(
    holding: Callable[..., Holding], clock: HandClock, receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("谢谢", "退款")
    clock.seconds += 1
    job = Job("1", "w")
    job.stop.set()
    assert holding()(job) == "stopped"
    assert (job.done, job.result.seen.messages) == (1, 1)


async def test_only_the_newest_messages_of_a_long_history_are_looked_at(
    holding: Callable[..., Holding],
    clock: HandClock,
    receive: Callable[..., Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(previews, "MOST", 2)
    for second in range(4):
        await receive(f"谢谢{second}", at=NOW + 1000 * second)
    clock.seconds += 60
    job = Job("1", "w")
    assert holding()(job) == "done"
    assert (job.done, job.result.left_out) == (2, 2)


async def test_a_person_has_one_job_and_what_is_sure_goes_on() -> None:
    jobs, hold, order = Jobs(), Event(), []

    def slow(job: Job) -> Outcome:
        order.append(job.who)
        assert hold.wait(10)
        return "stopped" if job.stop.is_set() else "done"

    first = jobs.start("a", slow)
    sure = jobs.start("s", slow, sure=True)
    others = [jobs.start(who, slow) for who in "bc"]
    assert first
    assert sure
    assert all(others)
    assert jobs.start("e", slow) is None, "too many wait"
    again, more = jobs.start("a", slow), jobs.start("s", slow)
    assert again
    assert more is None
    assert first.stop.is_set()
    assert not sure.stop.is_set()
    assert jobs.of("b", first.id) is None
    assert jobs.of("a", first.id) is first
    hold.set()
    async with asyncio.timeout(20):
        while not again.outcome:
            await asyncio.sleep(0.01)
    assert (first.outcome, sure.outcome, again.outcome) == ("stopped", "done", "done")
    assert order == ["a", "s", "b", "c", "a"]
    jobs.close()


async def test_what_was_typed_since_makes_an_older_check_useless() -> None:
    turns, order, free = Turns(), [], asyncio.Event()

    async def work(name: str) -> str:
        order.append(name)
        await free.wait()
        return name

    first = asyncio.create_task(turns.take("a", partial(work, "first")))
    await asyncio.sleep(0)
    rest = [asyncio.create_task(turns.take(who, partial(work, name))) for who, name in
            (("a", "second"), ("a", "third"), ("b", "other"))]  # fmt: skip
    await asyncio.sleep(0)
    free.set()
    assert await first == "first"
    assert await asyncio.gather(*rest) == [None, "third", "other"]
    assert order == ["first", "third", "other"]


async def test_the_draft_is_taken_away_with_the_line_ends_of_its_file(console: Console) -> None:
    console.rules_file.write_bytes("\ufeff".encode() + RULES.replace("\n", "\r\n").encode())
    async with drafting(console) as draft:
        assert draft.text == RULES
        answer = await draft.post("/draft/download", (RULES + "# 新\n").replace("\n", "\r\n"))
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''rules.toml"
    assert answer.content == "\ufeff".encode() + (RULES + "# 新\n").replace("\n", "\r\n").encode()


async def test_of_several_files_one_is_chosen_and_the_others_stay_part_of_the_set(
    make_console: Callable[..., Console], tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "10-names.toml").write_text('[names]\n"运营群" = "R:ops"\n', encoding="utf-8")
    (folder / "20-退款.toml").write_text(RULES.partition("[[rules]]")[2].join(["[[rules]]", ""]), encoding="utf-8")
    console = make_console(RULES, folder=folder)
    async with drafting(console, "/draft?rule=退款") as draft:
        assert draft.hidden["file"] == "20-退款.toml"
        assert re.findall(r"<option( selected)?>(\S+?\.toml)<", draft.page) == [
            ("", "10-names.toml"), (" selected", "20-退款.toml"),
        ]  # fmt: skip
        assert "The rules are those in force" in await draft.check(draft.text)
        assert (await draft.browser.get("/draft?file=../secret.toml")).status_code == 404
    async with drafting(console, "/draft?file=10-names.toml") as draft:
        page = await draft.check(draft.text.replace("运营群", "别的群"))
        assert "20-退款.toml" in page
        assert "data-line" not in page.partition("20-退款.toml")[0]


async def test_a_shadow_is_a_draft_of_one_word(console: Console) -> None:
    async with drafting(console, "/draft?rule=退款&mode=shadow") as draft:
        assert draft.text == RULES.replace('id = "退款"', 'id = "退款"\nmode = "shadow"')
        assert 'data-line="5"' in draft.page
        assert "data-unsaved" in draft.page
        assert '<span class="value doubt">~ 退款</span>' in await draft.check(draft.text)


async def test_where_there_is_no_rule_file_that_is_told(console: Console) -> None:
    console.rules_file.unlink()
    async with drafting(console) as draft:
        assert "no such file" in draft.page


async def test_a_long_draft_is_taken_and_no_other_form_may_be_so_long(console: Console) -> None:
    long = MORE + "# 很长的一行\n" * 60_000
    async with drafting(console) as draft:
        assert "2 rules, 1 examples pass" in await draft.check(long)
        assert (await draft.post("/try", long)).status_code == 413
        assert (await draft.post("/draft/check", long * 5)).status_code == 413


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[[rules]]\nid = "a" # its name\nx = 1\n', '[[rules]]\nid = "a" # its name\nmode = "shadow"\nx = 1\n'),
        ('[[rules]]\r\nid      = "a"\r\n', '[[rules]]\r\nid      = "a"\r\nmode    = "shadow"\r\n'),
        ('[[rules]]\nid = "a"\nmode = "live" # yet\n', '[[rules]]\nid = "a"\nmode = "shadow" # yet\n'),
        ('rules = [{ id = "a", x = 1 }]', 'rules = [{ id = "a", mode = "shadow", x = 1 }]'),
        ('[[rules]]\n  id = "a"', '[[rules]]\n  id = "a"\n  mode = "shadow"'),
        ("[[rules]]\nid = 'a'\n", "[[rules]]\nid = 'a'\nmode = \"shadow\"\n"),
        ('[[rules]]\nid = "b"\n', None),
        ("no toml", None),
    ],
)
def test_a_mode_is_changed_at_one_place(before: str, after: str | None) -> None:
    assert modes.with_mode(before, "a", "shadow") == after


def test_what_the_editor_sends_is_told_from_what_the_file_said() -> None:
    assert drafts.base_of("a\r\n") != drafts.base_of("a\n")
    assert drafts.as_written("a\r\nb", "x\n") == "a\nb"
