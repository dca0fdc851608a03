"""The law of the pace."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.nouns.test_delivery import outcomes, rolls
from yzj_daemon.delivery import Deferred, Sent
from yzj_daemon.lane import Lane, LaneState, Pace

paces = st.builds(Pace, gap=st.integers(0, 10_000), jitter=st.integers(0, 5_000))


def lane(**given_fields) -> Lane:
    return Lane(account="A", **given_fields)


@given(outcomes, paces, rolls, st.integers(0, 20))
def test_no_call_starts_closer_than_the_gap_to_the_answer(outcome, pace, roll, strikes):
    after = lane(strikes=strikes).after(outcome, 1_000_000, pace, roll)
    assert after.next_at - 1_000_000 >= pace.gap
    assert after.next_at - 1_000_000 <= max(pace.longest_wait(after), getattr(outcome, "retry_after", None) or 0)


@given(paces, st.integers(0, 10**12))
def test_a_crash_before_the_answer_keeps_the_gap(pace, now):
    assert lane().begin(now, pace).next_at == now + pace.gap


@given(paces, rolls)
def test_jitter_only_ever_adds(pace, roll):
    assert pace.gap <= pace.next_gap(roll) <= pace.gap + pace.jitter


@given(st.lists(outcomes, max_size=20), rolls)
def test_every_state_goes_back_to_ready_with_the_next_good_answer(history, roll):
    state = lane()
    for now, outcome in enumerate(history):
        state = state.after(outcome, now, Pace(), roll)
    healed = state.after(Sent(), 99, Pace(), roll)
    assert (healed.state, healed.strikes, healed.reason) == (LaneState.READY, 0, "")


def test_407_waits_a_minute_doubling_to_ten():
    state, waits = lane(), []
    for _ in range(6):
        state = state.after(Deferred("rate_limited", lane_wide=True), 0, Pace())
        waits.append(state.next_at // 1000)
    assert waits == [60, 120, 240, 480, 600, 600]
    assert state.state is LaneState.THROTTLED


def test_offline_and_blocked_are_probed_every_thirty_seconds():
    for reason, expected in (("offline", LaneState.OFFLINE), ("blocked", LaneState.BLOCKED)):
        state = lane()
        for _ in range(3):
            state = state.after(Deferred(reason, lane_wide=True), 0, Pace())
        assert (state.state, state.next_at) == (expected, 30_000)


def test_one_deliverys_own_failure_does_not_stop_the_lane():
    state = lane().after(Deferred("transient"), 0, Pace())
    assert (state.state, state.next_at) == (LaneState.READY, 1_000)
