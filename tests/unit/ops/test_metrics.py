"""The numbers: their names, their bounds, their values."""

import re
import time
from pathlib import Path
from typing import get_args

import pytest
from prometheus_client import ProcessCollector

from yzj_daemon.delivery import DeferReason, State
from yzj_daemon.message import Unreadable
from yzj_daemon.ops import metrics
from yzj_daemon.ops.metrics import Metrics

PROMISED = [
    "yzj_messages_received_total",
    "yzj_callback_ack_seconds",
    "yzj_callback_late_acks_total",
    "yzj_decisions_total",
    "yzj_rule_matches_total",
    "yzj_deliveries",
    "yzj_forward_calls_total",
    "yzj_forward_seconds",
    "yzj_pace_gap_seconds",
    "yzj_lane_depth",
    "yzj_lane_oldest_seconds",
    "yzj_account_up",
    "yzj_pull_calls_total",
    "yzj_gap_messages_total",
    "yzj_rules_reload_success",
    "yzj_rules_reload_timestamp_seconds",
    "yzj_rules_info",
    "yzj_daemons",
    "yzj_lanes_owned",
    "yzj_daemons_other_rules",
    "yzj_quarantined_total",
    "yzj_requests_refused_total",
    "yzj_build_info",
    "yzj_troubles",
    "yzj_alerts_total",
]


@pytest.fixture
def numbers() -> Metrics:
    return Metrics("1.2.3")


def value(numbers: Metrics, series: str) -> float | None:
    """The value of one series, written as Prometheus writes it."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", numbers.render().decode(), re.MULTILINE)
    return float(found[1]) if found else None


def test_every_promised_metric_is_there_and_no_other(numbers: Metrics) -> None:
    text = numbers.render().decode()
    assert sorted(re.findall(r"^# TYPE (yzj_\S+)", text, re.MULTILINE)) == sorted(PROMISED)
    assert "process_resident_memory_bytes" in text
    assert "_created" not in text
    assert numbers.content_type.startswith("text/plain")


def test_the_process_tells_of_itself_also_where_proc_holds_processes_alone(tmp_path: Path) -> None:
    """As under ``ProcSubset=pid``, which hides /proc/stat."""
    (tmp_path / "self").symlink_to("/proc/self")
    confined, free = (
        {family.name: family.samples[0].value for family in collector.collect()}
        for collector in (metrics.Process(proc=str(tmp_path), registry=None), ProcessCollector(registry=None))
    )
    assert confined.keys() == free.keys()
    assert abs(confined["process_start_time_seconds"] - free["process_start_time_seconds"]) < 2
    assert confined["process_resident_memory_bytes"] > 10 << 20


def test_received_messages_are_counted_by_source_and_type(numbers: Metrics) -> None:
    numbers.received("callback", "text")
    numbers.received("callback", "text")
    numbers.received("pull", "merge")
    assert value(numbers, 'yzj_messages_received_total{source="callback",type="text"}') == 2
    assert value(numbers, 'yzj_messages_received_total{source="pull",type="merge"}') == 1


def test_words_from_outside_make_no_new_series(numbers: Metrics) -> None:
    for number in range(100):
        numbers.received("callback", f"type-{number}")
        numbers.called("sent", f"reason {number}", 0.1)
        numbers.decided({f"reason {number}": 1}, {})
        numbers.quarantined(f"reason {number}")
        numbers.pulled(f"reason {number}")
    text = numbers.render().decode()
    assert len(re.findall(r"^yzj_messages_received_total\{", text, re.MULTILINE)) == 1
    assert text.count('="other"') == 5
    assert value(numbers, 'yzj_messages_received_total{source="callback",type="other"}') == 100
    assert value(numbers, 'yzj_forward_calls_total{outcome="sent",reason="other"}') == 100


def test_every_reason_a_call_or_a_body_can_end_with_is_named() -> None:
    assert set(get_args(DeferReason)) <= metrics.REASONS
    assert set(get_args(Unreadable.__annotations__["reason"])) == metrics.UNREADABLE


def test_decisions_count_each_rule_that_matched(numbers: Metrics) -> None:
    numbers.decided({"matched": 2, "no_match": 1}, {"a": 2, "b": 1})
    assert value(numbers, 'yzj_decisions_total{reason="matched"}') == 2
    assert value(numbers, 'yzj_decisions_total{reason="no_match"}') == 1
    assert value(numbers, 'yzj_rule_matches_total{rule="a"}') == 2


def test_a_rule_that_is_gone_is_no_longer_counted(numbers: Metrics) -> None:
    numbers.decided({"matched": 1}, {"a": 1, "b": 1})
    numbers.rules_loaded("hash", ("b",), at=12.0)
    numbers.decided({"matched": 1}, {"b": 1})
    assert value(numbers, 'yzj_rule_matches_total{rule="a"}') is None
    assert value(numbers, 'yzj_rule_matches_total{rule="b"}') == 2


def test_only_the_rule_set_in_force_is_shown(numbers: Metrics) -> None:
    numbers.rules_loaded("one", (), at=1.0)
    numbers.rules_loaded("two", (), at=2.0)
    numbers.rules_refused()
    assert value(numbers, 'yzj_rules_info{hash="one"}') is None
    assert value(numbers, 'yzj_rules_info{hash="two"}') == 1
    assert value(numbers, "yzj_rules_reload_timestamp_seconds") == 2
    assert value(numbers, "yzj_rules_reload_success") == 0


def test_a_call_is_counted_and_timed(numbers: Metrics) -> None:
    numbers.called("sent", "", 0.2)
    numbers.called("unanswered", "timeout", 15)
    assert value(numbers, 'yzj_forward_calls_total{outcome="sent",reason=""}') == 1
    assert value(numbers, 'yzj_forward_calls_total{outcome="unanswered",reason="timeout"}') == 1
    assert value(numbers, 'yzj_forward_seconds_bucket{le="0.25"}') == 1


def test_a_gap_below_the_pace_can_be_told_from_one_above(numbers: Metrics) -> None:
    numbers.pace_gap(0.995)
    numbers.pace_gap(1.005)
    assert value(numbers, 'yzj_pace_gap_seconds_bucket{le="1.0"}') == 1


def test_answers_are_timed_and_late_ones_counted(numbers: Metrics) -> None:
    numbers.acknowledged(0.02)
    numbers.late_ack()
    assert value(numbers, 'yzj_callback_ack_seconds_bucket{le="0.025"}') == 1
    assert value(numbers, "yzj_callback_late_acks_total") == 1


def test_states_are_told_as_they_are_counted_and_the_others_stay(numbers: Metrics) -> None:
    numbers.deliveries({State.PENDING: 3, State.SENT: 7})
    numbers.deliveries({State.PENDING: 0})
    assert value(numbers, 'yzj_deliveries{state="pending"}') == 0
    assert value(numbers, 'yzj_deliveries{state="sent"}') == 7


def test_a_lane_that_owes_nothing_any_more_goes_to_zero(numbers: Metrics) -> None:
    numbers.lanes([("A", 3, 7.5)])
    assert value(numbers, 'yzj_lane_oldest_seconds{account="A"}') == 7.5
    numbers.lanes([("B", 1, 1.0)])
    assert value(numbers, 'yzj_lane_depth{account="A"}') == 0
    assert value(numbers, 'yzj_lane_oldest_seconds{account="A"}') == 0
    assert value(numbers, 'yzj_lane_depth{account="B"}') == 1


def test_accounts_pulls_gaps_and_the_build(numbers: Metrics) -> None:
    numbers.account_up("A", up=True)
    numbers.account_up("B", up=False)
    numbers.pulled("ok")
    numbers.gap(2)
    assert value(numbers, 'yzj_account_up{account="A"}') == 1
    assert value(numbers, 'yzj_account_up{account="B"}') == 0
    assert value(numbers, 'yzj_pull_calls_total{outcome="ok"}') == 1
    assert value(numbers, "yzj_gap_messages_total") == 2
    assert 'yzj_build_info{python="' in numbers.render().decode()
    assert 'version="1.2.3"' in numbers.render().decode()


def test_two_daemons_in_one_process_do_not_share_numbers() -> None:
    one, two = Metrics("1"), Metrics("1")
    one.late_ack()
    assert value(two, "yzj_callback_late_acks_total") == 0


def test_ten_thousand_rules_and_a_thousand_accounts_stay_within_bounds(numbers: Metrics) -> None:
    numbers.rules_loaded("hash", (f"rule-{n}" for n in range(10_000)), at=1.0)
    assert value(numbers, 'yzj_rule_matches_total{rule="rule-1"}') is None, "rules that rest cost nothing"
    for n in range(10_000):
        numbers.decided({"matched": 1}, {f"rule-{n}": 1})
    for n in range(1_500):
        numbers.account_up(f"account-{n}", up=True)
    numbers.lanes([(f"account-{n}", 2, float(n)) for n in range(1_500)])
    assert value(numbers, 'yzj_rule_matches_total{rule="other"}') == 9_000
    assert value(numbers, 'yzj_lane_depth{account="account-999"}') == 2
    assert value(numbers, 'yzj_lane_depth{account="other"}') == 1_000
    assert value(numbers, 'yzj_lane_oldest_seconds{account="other"}') == 1_499
    began = time.perf_counter()
    text = numbers.render().decode()
    assert time.perf_counter() - began < 1.0
    series = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(series) < 4_300
    assert len(text) < 400_000


def test_a_rule_that_goes_makes_room_for_another(numbers: Metrics) -> None:
    for n in range(1_001):
        numbers.decided({"matched": 1}, {f"rule-{n}": 1})
    assert value(numbers, 'yzj_rule_matches_total{rule="other"}') == 1
    numbers.rules_loaded("hash", (f"rule-{n}" for n in range(1, 1_001)), at=1.0)
    numbers.decided({"matched": 1}, {"rule-1000": 1})
    assert value(numbers, 'yzj_rule_matches_total{rule="rule-1000"}') == 1
