"""What the vendor's answer makes of a delivery."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from yzj_daemon.delivery import (
    Deferred,
    Delivery,
    Outcome,
    Refused,
    RetryPolicy,
    Sent,
    State,
    Unanswered,
    in_words,
)

POLICY = RetryPolicy()
NOW = 1_000_000

outcomes: st.SearchStrategy[Outcome] = st.one_of(
    st.just(Sent()),
    st.builds(
        Deferred,
        st.sampled_from(["network", "rate_limited", "token", "offline", "blocked", "transient"]),
        st.none() | st.integers(0, 10**7),
        st.booleans(),
    ),
    st.builds(Refused, st.sampled_from(["bad_parameter", "permanent", "wrong_method"])),
    st.builds(Unanswered, st.sampled_from(["timeout", "connection_lost", "http_5xx", "unreadable"])),
)
rolls = st.floats(0, 1, exclude_max=True)


def sending(**given_fields) -> Delivery:
    return Delivery(id=1, message_id=1, account="A", chat="X", state=State.SENDING, **given_fields)


def after(delivery: Delivery, outcome: Outcome, *, shared: bool = False, roll: float = 0.0) -> Delivery:
    return delivery.after(outcome, NOW, POLICY, shared=shared, roll=roll)


def test_sent_is_sent():
    done = after(sending(), Sent())
    assert (done.state, done.attempts) == (State.SENT, 1)


def test_no_definite_answer_is_unknown_and_never_pending_again():
    for reason in ("timeout", "connection_lost", "http_5xx", "unreadable"):
        assert after(sending(), Unanswered(reason)).state is State.UNKNOWN


def test_a_refusal_fails_the_delivery_for_good():
    assert after(sending(), Refused("bad_parameter")).state is State.FAILED


def test_a_refusal_of_several_chats_tells_not_which_so_each_is_tried_alone():
    again = after(sending(), Refused("bad_parameter"), shared=True)
    assert (again.state, again.solo, again.attempts, again.due_at) == (State.PENDING, True, 0, NOW)
    assert after(replace(again, state=State.SENDING), Refused("bad_parameter")).state is State.FAILED


def test_what_stops_the_whole_lane_burns_no_try():
    again = after(sending(attempts=3), Deferred("rate_limited", lane_wide=True))
    assert (again.state, again.attempts, again.due_at, again.reason) == (State.PENDING, 3, NOW, "rate_limited")


def test_back_off_doubles_and_the_last_try_fails():
    delivery, waits = sending(), []
    for _ in range(POLICY.retries):
        delivery = after(delivery, Deferred("transient"), roll=0.999999)
        waits.append(delivery.due_at - NOW)
    assert delivery.state is State.FAILED
    assert delivery.attempts == POLICY.retries
    assert [round(w / 1000) for w in waits[:6]] == [2, 4, 8, 16, 32, 64]


def test_the_vendors_own_wish_to_wait_longer_is_kept():
    assert after(sending(), Deferred("transient", retry_after=90_000)).due_at == NOW + 90_000


def test_too_old_to_try_again_is_expired():
    assert after(sending(expires_at=NOW), Deferred("transient")).state is State.EXPIRED
    assert after(sending(expires_at=NOW), Deferred("offline", lane_wide=True)).state is State.EXPIRED
    assert after(sending(expires_at=NOW + 1), Deferred("transient")).state is State.PENDING


@given(outcomes, st.integers(0, 20), st.booleans(), rolls)
def test_every_outcome_ends_in_a_named_state_other_than_sending(outcome, attempts, shared, roll):
    done = sending(attempts=attempts).after(outcome, NOW, POLICY, shared=shared, roll=roll)
    assert done.state in set(State) - {State.SENDING, State.CONFIRMED, State.HELD, State.DROPPED}
    assert attempts <= done.attempts <= attempts + 1
    assert done.state is State.SENT or done.reason


@given(outcomes, st.booleans())
def test_only_an_accepted_call_is_sent_and_only_certain_failures_come_back(outcome, shared):
    done = after(sending(), outcome, shared=shared)
    assert (done.state is State.SENT) == isinstance(outcome, Sent)
    assert not (isinstance(outcome, Sent | Unanswered) and done.state is State.PENDING)


@given(st.integers(0, 200), rolls)
def test_back_off_stays_within_its_bounds(attempts, roll):
    assert POLICY.shortest <= POLICY.wait(attempts, roll) <= POLICY.longest


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Sent(), ("sent", "", "")),
        (Deferred("offline", detail="账号离线"), ("deferred", "offline", "账号离线")),
        (Refused("permanent", "x"), ("refused", "permanent", "x")),
        (Unanswered("timeout"), ("unanswered", "timeout", "")),
    ],
)
def test_outcomes_in_words(outcome, words):
    assert in_words(outcome) == words
