"""Spans and sizes as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.settings import units


@pytest.mark.parametrize(
    ("written", "millis"),
    [
        ("90s", 90_000),
        ("10m", 600_000),
        ("2h", 7_200_000),
        ("1d", 86_400_000),
        ("1.5s", 1_500),
        ("0.001", 1),
        (" 5 s ", 5_000),
        ("3S", 3_000),
        ("0", 0),
        (20, 20_000),
        (0.5, 500),
        (0.1, 100),
    ],
)
def test_a_duration_becomes_whole_milliseconds(written: object, millis: int) -> None:
    assert units.duration(written) == millis


@pytest.mark.parametrize(
    "written",
    [
        "",
        "s",
        "1x",
        "-1s",
        "1 2",
        "1e3",
        "0.0001",
        "inf",
        "nan",
        "٣s",
        "1ms",
        "36501d",
        True,
        None,
        [],
        -1,
        float("nan"),
        float("inf"),
        "9" * 5000,
    ],
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        units.duration(written)


@pytest.mark.parametrize(
    ("written", "count"),
    [("10MiB", 10 << 20), ("1.5KiB", 1536), ("1GB", 10**9), ("512", 512), ("7b", 7), (4096, 4096)],
)
def test_a_size_becomes_bytes(written: object, count: int) -> None:
    assert units.size(written) == count


@pytest.mark.parametrize("written", ["1.5", "10Mi", "MiB", True, -1, "1.0001KiB"])
def test_what_is_no_size_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        units.size(written)


@given(st.integers(0, units.LONGEST))
def test_a_span_is_written_as_it_is_read(millis: int) -> None:
    assert units.duration(units.span(millis)) == millis


@given(st.integers(0, 1 << 40))
def test_a_size_is_written_as_it_is_read(count: int) -> None:
    assert units.size(units.bytes_(count)) == count


@given(st.text() | st.floats() | st.integers() | st.booleans() | st.none())
def test_anything_is_either_a_span_or_a_plain_refusal(written: object) -> None:
    try:
        millis = units.duration(written)
    except ValueError:
        return
    assert 0 <= millis <= units.LONGEST
