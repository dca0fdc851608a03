"""When a rule forwards: a question about the clock on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.properties import times
from yzj_daemon.clock import DAY, HOUR, MINUTE
from yzj_daemon.rules import window
from yzj_daemon.rules.window import DAY_MINUTES, Window

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")

WORKDAYS = frozenset(range(5))
OFFICE = ((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60))
NIGHT = ((22 * 60, 6 * 60),)

QUARTER = 15 * MINUTE
SCANNED = 9 * DAY

TRANSITIONS = {
    "Asia/Shanghai": "2026-03-29T00:00",
    "Asia/Kolkata": "2026-03-29T00:00",
    "Europe/Berlin": "2026-03-29T01:00 2026-10-25T01:00",
    "America/New_York": "2026-03-08T07:00 2026-11-01T06:00",
    "Australia/Lord_Howe": "2026-04-04T15:00 2026-10-03T15:30",
    "America/Havana": "2026-03-08T05:00 2026-11-01T05:00",
    "Africa/Cairo": "2026-04-23T22:00 2026-10-29T21:00",
}
"""Zones with an instant (UTC) at which their clocks are set: by an hour, by half of one, at midnight, never."""


def at(said: str, zone: ZoneInfo = SHANGHAI, fold: int = 0) -> int:
    local = datetime.fromisoformat(said).replace(tzinfo=zone, fold=fold)
    return int(local.timestamp()) * 1000


def a_window(zone: ZoneInfo = SHANGHAI, **given) -> Window:
    return Window(name="w", zone=zone, **given)


def opens(of: Window, now: int) -> str | None:
    instant = of.opens_after(now)
    return None if instant is None else datetime.fromtimestamp(instant / 1000, of.zone).isoformat(timespec="minutes")


# Days, hours and dates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ("2026-03-02T08:59:59", False),
        ("2026-03-02T09:00", True),
        ("2026-03-02T11:59:59", True),
        ("2026-03-02T12:00", False),
        ("2026-03-02T13:30", True),
        ("2026-03-02T18:00", False),
        ("2026-03-07T10:00", False),
    ],
)
def test_day_and_hour_must_both_fit_and_hours_are_half_open(said, is_open):
    assert a_window(days=WORKDAYS, hours=OFFICE).open_at(at(said)) is is_open


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ("2026-03-06T21:59", False),
        ("2026-03-06T22:00", True),
        ("2026-03-07T05:59:59", True),
        ("2026-03-07T06:00", False),
        ("2026-03-07T22:30", False),
        ("2026-03-08T05:00", False),
        ("2026-03-09T05:00", False),
        ("2026-03-09T22:00", True),
    ],
)
def test_over_midnight_the_day_on_which_it_starts_decides(said, is_open):
    assert a_window(days=WORKDAYS, hours=NIGHT).open_at(at(said)) is is_open


def test_hours_until_midnight_end_with_the_day():
    late = a_window(days=frozenset({0}), hours=((20 * 60, DAY_MINUTES),))
    assert late.open_at(at("2026-03-02T23:59:59"))
    assert not late.open_at(at("2026-03-03T00:00"))


def test_a_window_of_days_alone_is_open_all_day():
    weekend = a_window(days=frozenset({5, 6}))
    assert [weekend.open_at(at(f"2026-03-{day:02}T00:00")) for day in (6, 7, 8, 9)] == [False, True, True, False]


def test_dates_include_both_ends_and_exceptions_win():
    holidays = a_window(
        dates=((date(2026, 10, 1), date(2026, 10, 7)),), except_dates=((date(2026, 10, 3), date(2026, 10, 3)),)
    )
    days = ("2026-09-30", "2026-10-01", "2026-10-03", "2026-10-07", "2026-10-08")
    assert [holidays.open_at(at(f"{day}T12:00")) for day in days] == [False, True, False, True, False]


def test_a_night_before_an_exception_reaches_into_it():
    nights = a_window(hours=NIGHT, except_dates=((date(2026, 10, 1), date(2026, 10, 1)),))
    assert nights.open_at(at("2026-10-01T05:00"))
    assert not nights.open_at(at("2026-10-01T22:00"))
    assert not nights.open_at(at("2026-10-02T05:00"))


def test_the_zone_is_the_window_s_own():
    assert a_window(hours=OFFICE).open_at(at("2026-03-02T02:00", ZoneInfo("UTC")))
    assert not a_window(NEW_YORK, hours=OFFICE).open_at(at("2026-03-02T10:00"))


def test_a_millisecond_before_the_hour_is_before_it():
    assert not a_window(hours=OFFICE).open_at(at("2026-03-02T09:00") - 1)


# The next opening ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-03-02T07:00", "2026-03-02T09:00+08:00"),
        ("2026-03-02T12:00", "2026-03-02T13:30+08:00"),
        ("2026-03-02T18:00", "2026-03-03T09:00+08:00"),
        ("2026-03-06T18:00", "2026-03-09T09:00+08:00"),
    ],
)
def test_it_opens_at_the_next_hour_of_a_day_that_fits(now, then):
    assert opens(a_window(days=WORKDAYS, hours=OFFICE), at(now)) == then


def test_a_date_far_ahead_is_found():
    far = a_window(dates=((date(2199, 1, 1), date(2199, 1, 1)),), hours=OFFICE)
    assert opens(far, at("2026-01-01T00:00")) == "2199-01-01T09:00+08:00"
    assert far.ever_opens()


def test_dates_gone_by_open_never_again():
    gone = a_window(dates=((date(2026, 1, 1), date(2026, 1, 7)),))
    assert gone.opens_after(at("2026-01-08T00:00")) is None
    assert gone.ever_opens()


@pytest.mark.parametrize(
    "given",
    [
        {"days": frozenset()},
        {"days": frozenset({0}), "dates": ((date(2026, 3, 3), date(2026, 3, 8)),)},
        {
            "dates": ((date(2026, 3, 1), date(2026, 3, 8)),),
            "except_dates": ((date(2026, 3, 1), date(2026, 3, 4)), (date(2026, 3, 5), date(2026, 3, 9))),
        },
    ],
)
def test_a_window_that_no_day_fits_never_opens(given):
    never = a_window(**given)
    assert not never.ever_opens()
    assert never.opens_after(at("2026-01-01T00:00")) is None


def test_a_day_after_years_of_exceptions_still_opens():
    late = a_window(dates=((date(2020, 1, 1), date(2040, 1, 2)),), except_dates=((date(2019, 1, 1), date(2040, 1, 1)),))
    assert late.ever_opens()
    assert opens(late, at("2026-01-01T00:00")) == "2040-01-02T00:00+08:00"


def test_of_several_windows_the_first_to_open_counts():
    morning, evening = a_window(hours=((480, 540),)), a_window(hours=((1200, 1260),))
    noon = at("2026-03-02T12:00")
    assert window.opens_after((morning, evening), noon) == at("2026-03-02T20:00")
    assert window.opens_after((morning, a_window(days=frozenset())), noon) == at("2026-03-03T08:00")
    assert window.opens_after((), noon) is None
    assert window.open_at((morning, evening), at("2026-03-02T08:30"))
    assert not window.open_at((morning, evening), noon)


# Clocks that are set -------------------------------------------------------------------------------------------------


def test_hours_that_a_clock_skips_open_where_it_goes_on():
    small_hours = a_window(BERLIN, hours=((150, 240),))
    assert opens(small_hours, at("2026-03-29T01:00", BERLIN)) == "2026-03-29T03:00+02:00"


def test_hours_that_a_clock_skips_altogether_open_the_next_day():
    skipped = a_window(BERLIN, hours=((130, 170),))
    assert opens(skipped, at("2026-03-29T01:00", BERLIN)) == "2026-03-30T02:10+02:00"


def test_hours_that_come_twice_open_twice():
    twice = a_window(BERLIN, hours=((120, 150),))
    first, second = at("2026-10-25T02:00", BERLIN), at("2026-10-25T02:00", BERLIN, fold=1)
    assert second - first == HOUR
    assert twice.open_at(first)
    assert twice.open_at(second)
    assert twice.opens_after(first + 45 * MINUTE) == second


def test_a_clock_set_back_into_the_hours_opens_them_again():
    early = a_window(NEW_YORK, hours=((60, 90),))
    assert opens(early, at("2026-11-01T01:45", NEW_YORK)) == "2026-11-01T01:00-05:00"


def test_hours_of_the_next_day_may_open_before_last_night_s_open_again():
    short_nights = a_window(NEW_YORK, hours=((22 * 60, 30), (60, 90)))
    assert opens(short_nights, at("2026-11-01T00:45", NEW_YORK)) == "2026-11-01T01:00-04:00"


def test_where_no_clock_is_set_every_day_has_its_hours():
    office = a_window(hours=((120, 180),))
    midnight = at("2026-03-01T00:00")
    assert all(opens(office, midnight + day * DAY) is not None for day in range(365))
    assert all(office.opens_after(midnight + day * DAY) == midnight + day * DAY + 2 * HOUR for day in range(365))


# Against a scan of every quarter of an hour --------------------------------------------------------------------------

quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)
spans = st.tuples(quarters, st.integers(1, 96).map(lambda quarter: quarter * 15)).filter(
    lambda span: span[0] != span[1]
)


@st.composite
def instants_and_windows(draw) -> tuple[int, Window]:
    zone = draw(st.sampled_from(sorted(TRANSITIONS)))
    transition = at(draw(st.sampled_from(TRANSITIONS[zone].split())), UTC)
    around = datetime.fromtimestamp(transition / 1000, UTC).date()
    near = st.integers(-3, 5).map(lambda days: around + timedelta(days=days))
    ranges = st.lists(st.tuples(near, near).map(lambda ends: (min(ends), max(ends))), max_size=2).map(tuple)
    drawn = a_window(
        ZoneInfo(zone),
        days=draw(st.none() | st.frozensets(st.integers(0, 6), min_size=1)),
        hours=draw(st.lists(spans, max_size=3).map(tuple)),
        dates=draw(ranges),
        except_dates=draw(ranges),
    )
    return transition + draw(st.integers(-200, 100)) * QUARTER, drawn


def plainly_open(of: Window, now: int) -> bool:
    """The same in other words: some day qualifies, of whose hours so many minutes have gone by."""
    local = datetime.fromtimestamp(now / 1000, of.zone)
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        minute = local.hour * 60 + local.minute + back * DAY_MINUTES
        fits = of.days is None or day.weekday() in of.days
        fits &= not of.dates or any(first <= day <= last for first, last in of.dates)
        fits &= not any(first <= day <= last for first, last in of.except_dates)
        hours = of.hours or ((0, DAY_MINUTES),)
        if fits and any(begin <= minute < end + DAY_MINUTES * (end <= begin) for begin, end in hours):
            return True
    return False


@given(instants_and_windows())
@times(4)
def test_it_is_open_when_some_day_and_its_hours_say_so(drawn):
    now, of = drawn
    assert of.open_at(now) is plainly_open(of, now)


@given(instants_and_windows())
@example((at("2026-11-01T00:45", NEW_YORK), a_window(NEW_YORK, hours=((22 * 60, 30), (60, 90)))))
@times(2)
def test_it_opens_at_the_first_instant_that_is_open(drawn):
    now, of = drawn
    assume(not of.open_at(now))
    scanned = (instant for instant in range(now + QUARTER, now + SCANNED, QUARTER) if of.open_at(instant))
    opening = of.opens_after(now)
    if opening is not None and opening >= now + SCANNED:
        opening = None
    assert opening == next(scanned, None)


@given(instants_and_windows())
def test_a_window_that_opens_is_one_that_ever_opens(drawn):
    now, of = drawn
    assert of.ever_opens() or (of.opens_after(now) is None and not of.open_at(now))
