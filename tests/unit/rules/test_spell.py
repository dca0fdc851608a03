"""The small notations of rule files."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from yzj_daemon.rules import spell

anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates(), st.datetimes(), st.lists(st.text())
)


def refusal(read, value) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        read(value)
    return caught.value.type


@pytest.mark.parametrize(
    ("said", "span"),
    [("90s", 90_000), ("10m", 600_000), ("2h", 7_200_000), ("1d", 86_400_000), ("0s", 0), ("5 m", 300_000)],
)
def test_a_duration_is_a_number_and_a_unit(said, span):
    assert spell.duration(said) == span


@pytest.mark.parametrize("said", ["", "h", "2", "2w", "-2h", "1.5h", "2h30m", " 2h", "2h\n", "3661d", 90, True, 1.5])
def test_what_is_no_duration_is_refused(said):
    assert refusal(spell.duration, said) == "bad-duration"


def test_a_span_that_must_last_is_more_than_nothing():
    assert spell.some_duration("1s") == 1000
    assert refusal(spell.some_duration, "0h") == "bad-duration"


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("mon", {0}),
        ("Sunday", {6}),
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat-mon", {5, 6, 0}),
        ("sun-sat", {0, 1, 2, 3, 4, 5, 6}),
        ("周一", {0}),
        ("周日", {6}),
        ("星期天", {6}),
        ("周一至周五", {0, 1, 2, 3, 4}),
        ("周六-周日", {5, 6}),
        (" mon - tue ", {0, 1}),
    ],
)
def test_days_are_names_and_spans_of_names(said, numbers):
    assert spell.days(said) == numbers


@pytest.mark.parametrize("said", ["", "mo", "monn", "mon-", "-", "mon-tue-wed", "周八", "1-5", 1, None])
def test_what_is_no_day_is_refused(said):
    assert refusal(spell.days, said) == "bad-days"


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("09:00-18:00", (540, 1080)),
        ("9:00-18:30", (540, 1110)),
        ("22:00-06:00", (1320, 360)),
        ("00:00-24:00", (0, 1440)),
        ("22:00-00:00", (1320, 0)),
        ("09:00 – 12:00", (540, 720)),
    ],
)
def test_hours_are_minutes_of_the_day(said, span):
    assert spell.hours(said) == span


@pytest.mark.parametrize("said", ["", "9-18", "09:60-18:00", "24:00-25:00", "00:00-24:01", "09:00", "9:0-18:00", 9])
def test_what_is_no_span_of_hours_is_refused(said):
    assert refusal(spell.hours, said) == "bad-hours"


def test_hours_that_end_where_they_begin_never_open():
    assert refusal(spell.hours, "09:00-09:00") == "never-opens"


@pytest.mark.parametrize("said", ["2026-10-01", date(2026, 10, 1)])
def test_one_date_is_first_and_last_day(said):
    assert spell.dates(said) == (date(2026, 10, 1), date(2026, 10, 1))


def test_two_dates_are_first_and_last_day():
    assert spell.dates("2026-10-01..2026-10-07") == (date(2026, 10, 1), date(2026, 10, 7))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "2026-02-30",
        "20261001",
        "2026-10-01..",
        "2026-10-01...2026-10-02",
        "1999-12-31",
        "2026-10-01..2200-01-01",
        20261001,
        date(1999, 12, 31),
        datetime(2026, 10, 1, tzinfo=UTC),
    ],
)
def test_what_is_no_date_is_refused(said):
    assert refusal(spell.dates, said) == "bad-dates"


def test_dates_that_end_before_they_begin_never_open():
    assert refusal(spell.dates, "2026-10-07..2026-10-01") == "never-opens"


def test_a_keyword_is_some_text_of_bounded_length():
    assert spell.keyword(" 退款 ") == " 退款 "
    assert refusal(spell.keyword, "") == "empty-keyword"
    assert refusal(spell.keyword, "x" * (spell.MAX_KEYWORD + 1)) == "too-long"


def test_a_regex_is_compiled():
    assert spell.regex("退.款").found_in("要退 款".encode()) == "退 款"


@pytest.mark.parametrize(
    ("said", "why", "hint"),
    [
        ("", "empty", ""),
        ("(", "missing )", ""),
        ("a(?=b)", "lookaround", "not = { regex"),
        ("(?<!a)b", "lookaround", "not = { regex"),
        (r"(a)\1", "back-references", ""),
        ("(a{1000}){1000}", "", ""),
        ("\ud800", "", ""),
    ],
)
def test_a_regex_that_cannot_be_is_refused_with_the_reason(said, why, hint):
    with pytest.raises(PydanticCustomError) as caught:
        spell.regex(said)
    assert caught.value.type == "bad-regex"
    assert caught.value.context is not None
    assert why in caught.value.context["en"]
    assert hint in caught.value.context["hint"]


def test_a_regex_is_bounded_text():
    assert refusal(spell.regex, "a" * 1_001) == "too-long"
    assert refusal(spell.regex, 5) == "wrong-type"


@given(
    st.sampled_from([spell.duration, spell.some_duration, spell.days, spell.hours, spell.dates, spell.regex]), anything
)
def test_whatever_stands_there_is_read_or_refused_in_words(read, value):
    refusals: list[PydanticCustomError] = []
    try:
        read(value)
    except PydanticCustomError as refused:
        refusals.append(refused)
    assert all(told.context and told.context["zh"] and told.context["en"] for told in refusals)
