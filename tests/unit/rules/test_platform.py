"""What the platform says of the ids in rule files, and where."""

import pytest

from yzj_daemon.rules.dialect import Dialect
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.platform import Platform, findings

ACCOUNTS = {"1688850000000001": True, "1688850000000002": False, "1688850000000003": None}
CHATS = {
    "R:10900000000000001": "客户一群",
    "R:10900000000000002": "运营一群",
    "R:10900000000000003": "",
    "7881300000000001": "老板",
}
NAMES = {"1688850000000001": "小云", "1688850000000002": "小真"}


def said(*files: str, served: tuple[str, ...] = (), accounts=ACCOUNTS, chats=CHATS, whole: bool = True):
    """(id, file, line, column, value, suggestion) of each finding; the files must be good rules."""
    texts = {f"{name}.toml": toml for name, toml in zip("abc", files, strict=False)}
    dialect = Dialect(any_via=True, served=frozenset(served))
    loaded = load_texts(texts, dialect=dialect)
    assert loaded.ruleset is not None, [finding.to("en") for finding in loaded.findings]
    platform = Platform(accounts=accounts, chats=chats, names=NAMES, whole=whole)
    found = findings(texts, platform, dialect)
    assert {finding.level for finding in found} <= {"warning"}
    return [(f.id, f.file, f.line, f.column, f.value, f.row("en")["suggestion"]) for f in found]


def rule(when: str = "everything = true", to: str = '"R:10900000000000001"', more: str = "") -> str:
    return f'[[rules]]\nid = "r"\nforward_to = [{to}]\n{more}\n[rules.when]\n{when}\n'


def test_what_is_known_is_not_told():
    toml = """
[names]
"客户一群" = "R:10900000000000001"
"运营" = "R:10900000000000002"
"运营一群" = "R:10900000000000002"
"没有名字" = "R:10900000000000003"
"小云" = "1688850000000001"
"某人" = "9990000000000001"
[lists]
"都" = ["客户一群", "老板群"]
"老板群" = ["7881300000000001"]
"""
    assert (
        said(toml + rule('account = ["小云", "1688850000000003"]\nchat = ["都"]\nsender = ["某人"]', '"运营", "都"'))
        == []
    )


def test_an_account_is_unknown_or_offline_where_its_id_stands():
    toml = '[names]\n"小真" = "1688850000000002"\n"小假" = "168885"\n'
    assert said(toml + rule('account = ["小真", "小假", "1688850000000009"]')) == [
        ("offline-account", "a.toml", 2, 1, "1688850000000002", "log it in at the platform again"),
        ("unknown-account", "a.toml", 3, 1, "168885", "is it 1688850000000002 (小真)?"),
        ("unknown-account", "a.toml", 9, 24, "1688850000000009", "is it 1688850000000002 (小真)?"),
    ]


def test_a_chat_is_unknown_where_its_id_stands_with_the_nearest_name_or_id():
    names = '[names]\n"运营二群" = "R:1"\n[lists]\nall = ["运营二群", "R:10900000000000009"]\n'
    toml = rule('any = [{ chat = ["7881300000000009"] }, { not = { chat = ["R:5", "R:1"] } }]', '"all"')
    assert said(names, toml) == [
        ("unknown-chat", "a.toml", 4, 16, "R:10900000000000009", "is it R:10900000000000003?"),
        ("unknown-chat", "a.toml", 2, 1, "R:1", "is it R:10900000000000002 (运营一群)?"),
        ("unknown-chat", "b.toml", 6, 18, "7881300000000009", "is it 7881300000000001 (老板)?"),
        ("unknown-chat", "b.toml", 6, 59, "R:5", ""),
    ]


def test_an_account_is_a_chat_of_another():
    assert said(rule(to='"1688850000000002"')) == []


def test_what_may_stand_in_a_list_that_was_not_read_is_not_told():
    assert said(rule(to='"R:404"'), whole=False) == []
    assert [found[0] for found in said(rule('account = ["404"]', '"R:404"'), whole=False)] == ["unknown-account"]


@pytest.mark.parametrize(
    ("name", "told"), [("运营群", True), ("运营一群", False), ("运营一群 ", False), ("老板", True)]
)
def test_a_name_that_is_not_the_platforms_is_told(name, told):
    found = said(f'[names]\n"{name}" = "R:10900000000000002"\n' + rule(to=f'"{name}"'))
    row = ("renamed-chat", "a.toml", 2, 1, "R:10900000000000002", '"运营一群" = "R:10900000000000002"')
    assert found == ([row] if told else [])


def test_a_name_is_compared_as_people_read_it():
    chats = {"R:1": "VIP\u200b群A"}
    assert said('[names]\n"vipⅩ" = "R:2"\n"ｖｉｐ群ａ" = "R:1"\n' + rule(to='"R:1"'), chats=chats) == []


def test_the_account_that_forwards_is_looked_at_too():
    assert [found[:5] for found in said(rule(more='via = "404"'))] == [("unknown-account", "a.toml", 4, 1, "404")]
    toml = '[defaults]\nvia = "404"\n' + rule()
    assert [found[:5] for found in said(toml)] == [("unknown-account", "a.toml", 2, 1, "404")]
    assert said(rule(more='via = "receiver"')) == []


def test_a_rule_that_is_switched_off_asks_for_nothing():
    assert said(rule(to='"R:404"', more="enabled = false")) == []


def test_a_rule_may_allow_what_it_means():
    assert said(rule(to='"R:404"', more='allow = ["unknown-chat"]')) == []


def test_accounts_of_the_settings_are_looked_at_too():
    assert said(rule(), served=("1688850000000001", "1688850000000002", "404")) == [
        ("offline-account", "settings accounts", 0, 0, "1688850000000002", "log it in at the platform again"),
        ("unknown-account", "settings accounts", 0, 0, "404", ""),
    ]


def test_many_unknown_ids_cost_no_more_than_some_guesses():
    chats = {f"R:{n}": f"群{n}" for n in range(30_000)}
    targets = ", ".join(f'"R:x{n}"' for n in range(200))
    found = said(rule(to=targets), chats=chats)
    assert len(found) == 200
    assert found[-1][5] == ""
