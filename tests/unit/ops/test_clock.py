"""The machine's clock, by the machine's other clocks."""

import datetime as dt

from yzj_daemon.clock import Clock
from yzj_daemon.ops.clock import SystemClock


def test_it_tells_milliseconds_since_1970() -> None:
    clock: Clock = SystemClock()
    before = dt.datetime.now(dt.UTC)
    told = dt.datetime.fromtimestamp(clock.now() / 1_000, dt.UTC)
    after = dt.datetime.now(dt.UTC)
    millisecond = dt.timedelta(milliseconds=1)
    assert before - millisecond <= told <= after + millisecond


def test_it_never_goes_back() -> None:
    clock = SystemClock()
    told = [clock.monotonic() for _ in range(1_000)]
    assert told == sorted(told)
