"""A rule file that is begun in the browser: named, checked with the others, applied, and gone again when undone."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.console.conftest import RULES, Console
from tests.console.test_apply import apply
from tests.console.test_draft import Drafting, drafting

SALES = """[[rules]]
id = "报价"
forward_to = ["运营群"]
[rules.when]
contains = ["报价"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    (made / "rules.toml").write_text(RULES, encoding="utf-8")
    return made


@pytest.fixture
def several(make_console: Callable[..., Console], folder: Path) -> Console:
    """A console whose rules are a directory."""
    return make_console(folder=folder)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def undo(draft: Drafting, applied: httpx.Response, before: str) -> httpx.Response:
    """The one click that the page offers after a draft was applied."""
    page = (await draft.browser.get(applied.headers["location"])).text
    form = page.partition(f'action="/history/{before}/restore"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return await draft.browser.post(f"/history/{before}/restore", data=fields)


async def test_a_new_file_is_begun_checked_applied_and_undone(several: Console, folder: Path) -> None:
    before = several.desk.ruleset.hash
    async with drafting(several, "/draft?new=销售", "operator") as draft:
        assert draft.hidden["file"] == "销售.toml"
        assert "data-unsaved" not in draft.page, "nothing was written that could be lost"
        told = await draft.check(draft.text)
        assert len(re.findall(r'<li class="bad" data-line="\d+"', told)) >= 3, "what is empty is told where it stands"
        assert "+ 报价" in await draft.check(SALES), "with the names of the other file"
        assert "2 rules do the same" in await draft.preview(SALES)
        assert names(folder) == ["rules.toml"]

        applied = await apply(draft, SALES)
        assert applied.status_code == 303
        assert (folder / "销售.toml").read_text("utf-8") == SALES
        assert [rule.id for rule in several.desk.ruleset.rules] == ["退款", "报价"]

        assert (await undo(draft, applied, before)).status_code == 303
    assert names(folder) == ["rules.toml"]
    assert several.desk.ruleset.hash == before


async def test_what_somebody_wrote_into_the_new_file_since_is_not_removed(several: Console, folder: Path) -> None:
    before = several.desk.ruleset.hash
    async with drafting(several, "/draft?new=sales.toml", "operator") as draft:
        applied = await apply(draft, SALES)
        (folder / "sales.toml").write_text(SALES + "# 别人写的\n", encoding="utf-8")
        assert (await undo(draft, applied, before)).status_code == 303
    assert names(folder) == ["rules.toml", "sales.toml.set-aside"]
    assert "别人写的" in (folder / "sales.toml.set-aside").read_text("utf-8")


async def test_a_file_that_somebody_else_made_meanwhile_is_not_written_over(several: Console, folder: Path) -> None:
    async with drafting(several, "/draft?new=sales.toml", "operator") as draft:
        (folder / "sales.toml").write_text("# theirs\n", encoding="utf-8")
        answer = await apply(draft, SALES)
        assert answer.status_code == 409
        assert "was changed by somebody else" in answer.text
        assert "# theirs" in answer.text
    assert (folder / "sales.toml").read_text("utf-8") == "# theirs\n"


@pytest.mark.parametrize(
    "name",
    ["", "rules.toml", "../up.toml", "a/b.toml", "a\\b.toml", ".hidden.toml", "rules.txt", "a.toml~", "长" * 70],
)
async def test_a_name_that_will_not_do_is_refused_and_told(name: str, several: Console, folder: Path) -> None:
    async with several.seated() as browser:
        page = html.unescape((await browser.get("/draft", params={"new": name})).text)
        assert "no rule file can be called" in page or "there is already a file rules.toml" in page
        assert f'name="new" value="{name}"' in page
        draft = Drafting(browser, page)
        forged = {**draft.hidden, "file": name, "base": "", "text": SALES}
        assert (await browser.post("/draft/apply", data=forged)).status_code in {404, 409}
    assert names(folder) == ["rules.toml"]
    assert "up.toml" not in names(folder.parent)


async def test_one_file_says_why_there_is_no_other(console: Console) -> None:
    async with drafting(console, "/draft?new=sales.toml", "operator") as draft:
        assert "rules.path is one file" in draft.page
        assert draft.hidden["file"] == "rules.toml"
        forged = {**draft.hidden, "file": "sales.toml", "base": "", "text": SALES}
        assert (await draft.browser.post("/draft/apply", data=forged)).status_code == 409
    assert not (console.rules_file.parent / "sales.toml").exists()


async def test_the_one_file_that_is_gone_is_made_again(console: Console) -> None:
    console.rules_file.unlink()
    async with drafting(console, "/draft?new=rules.toml", "operator") as draft:
        assert (await apply(draft, RULES)).status_code == 303
    assert console.rules_file.read_text("utf-8") == RULES


async def test_the_first_file_of_an_empty_directory_is_begun(several: Console, folder: Path) -> None:
    (folder / "rules.toml").unlink()
    async with drafting(several, "/draft", "operator") as draft:
        assert "There is no rule file to edit" in draft.page
        assert 'name="new"' in draft.page
    async with drafting(several, "/draft?new=first", "operator") as draft:
        assert (await apply(draft, RULES)).status_code == 303
    assert names(folder) == ["first.toml"]
