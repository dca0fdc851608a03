"""Every trouble says what is the matter and what to do, in both languages, and an alert stays short."""

import pytest

from yzj_daemon.trouble import LISTED, Kind, Over, Trouble, alert, all_clear, late_level


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_says_what_is_the_matter_and_what_to_do_in_both_languages(kind: Kind) -> None:
    trouble = Trouble(kind=kind, subject="a1", name="小王", count=7, why="says the platform", seconds=61)
    for phrase in (kind.headline, trouble.what, trouble.todo):
        assert any("\u4e00" <= c <= "\u9fff" for c in phrase.zh) or phrase.zh.startswith("yzj-daemon ")
        assert phrase.en.isascii() or "小王" in phrase.en
    assert "()" not in Trouble(kind=kind).what.zh


def test_an_alert_names_the_subjects_what_to_do_and_where_it_comes_from() -> None:
    told = alert([Trouble(kind=Kind.ACCOUNT_OFFLINE, subject="a1", name="小王")], "host-1", "zh")
    assert told.title == "yzj-daemon: 账号掉线"
    assert told.body.splitlines() == [
        "账号 小王 (a1) 掉线",
        "怎么办: 在云真机后台重新登录它, 之后会自动继续",
        "(来自 host-1)",
    ]
    assert not told.good


def test_an_alert_of_very_many_says_how_many_more_there_are() -> None:
    many = [Trouble(kind=Kind.ACCOUNT_OFFLINE, subject=f"a{n}") for n in range(1_000)]
    lines = alert(many, "h", "en").body.splitlines()
    assert len(lines) == LISTED + 3, "the subjects, how many more, what to do, where from"
    assert "… and 980 more" in lines
    cleared = all_clear([Over(kind=Kind.HELD_RULE, who=f"r{n}", seconds=61) for n in range(1_000)], "h", "en")
    assert len(cleared.body.splitlines()) == LISTED + 2
    assert cleared.good


def test_what_is_over_says_how_long_it_lasted() -> None:
    told = all_clear([Over(kind=Kind.ACCOUNT_OFFLINE, who="小王 (a1)", seconds=3_723)], "h", "en")
    assert told.title == "yzj-daemon: recovered: account offline"
    assert told.body.startswith("小王 (a1): account offline - over, it lasted 1h02m")


def test_late_answers_are_told_at_a_tenth_a_half_and_nine_tenths_of_what_the_platform_bears() -> None:
    assert [late_level(count) for count in (0, 99, 100, 499, 500, 899, 900, 5_000)] == [0, 0, 1, 1, 2, 2, 3, 3]
