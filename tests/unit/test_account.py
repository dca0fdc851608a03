"""What state an account is in, from the platform's list, what it received, and how its calls ended."""

import pytest

from yzj_daemon.account import Evidence, state_of
from yzj_daemon.lane import Lane, LaneState

LISTED_ON = Evidence(online=True, listed_at=100)
LISTED_OFF = Evidence(online=False, listed_at=100)


@pytest.mark.parametrize(
    ("evidence", "lane", "state"),
    [
        (Evidence(), LaneState.READY, "unknown"),
        (LISTED_ON, LaneState.READY, "online"),
        (LISTED_OFF, LaneState.READY, "offline"),
        (Evidence(online=False, listed_at=100, heard_at=101), LaneState.READY, "online"),
        (Evidence(online=False, listed_at=100, heard_at=99), LaneState.READY, "offline"),
        (Evidence(heard_at=99), LaneState.READY, "online"),
        (LISTED_ON, LaneState.THROTTLED, "online"),
        (LISTED_OFF, LaneState.SUSPENDED, "offline"),
        (LISTED_ON, LaneState.OFFLINE, "offline"),
        (LISTED_ON, LaneState.BLOCKED, "blocked"),
    ],
)
def test_the_calls_weigh_most_then_the_later_of_list_and_receipt(evidence, lane, state):
    assert state_of(evidence, Lane(account="A", state=lane, reason="113: ip")) == state


def test_a_lapsed_order_is_named():
    assert state_of(LISTED_ON, Lane(account="A", state=LaneState.BLOCKED, reason="114: app_id expired")) == "expired"
