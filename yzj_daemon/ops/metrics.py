"""The numbers of ``/metrics``. Labels are bounded and hold nothing of any message.

A word outside a label's closed set is counted as ``other``, so that nobody outside can make new series; so are rules
and accounts beyond ``NAMED``. docs/metrics.md tells what each number means.
"""

import platform
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Generic, Literal, TypeVar, get_args

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from yzj_daemon.delivery import DeferReason, RefuseReason, State, UnansweredReason
from yzj_daemon.message import KNOWN_TYPES, Source
from yzj_daemon.trouble import Kind

OTHER: Final = "other"

NAMED: Final = 1_000
"""Rules that matched, and accounts, that have series of their own."""

SOURCES: Final = frozenset(get_args(Source))
OUTCOMES: Final = frozenset({"sent", "deferred", "refused", "unanswered"})
REASONS: Final = frozenset(
    {"", *get_args(DeferReason), *get_args(RefuseReason), *get_args(UnansweredReason)},
)
DECISIONS: Final = frozenset(
    {
        "matched",
        "no_match",
        "duplicate",
        "loop",
        "self_sent",
        "shadow",
        "cooldown",
        "muted",
        "window",
        "type_denied",
        "too_old",
        "rule_error",
    }
)
PULLS: Final = REASONS - {""} | {"ok"}
DOORS: Final = frozenset({"callback", "ops"})
REFUSED: Final = frozenset({"malformed", "large_head", "slow", "crowded", "memory", "pipelined", "denied"})
UNREADABLE: Final = frozenset({"decrypt", "json", "shape", "plaintext", "utf8"})

ACK_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5)
FORWARD_BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
GAP_BUCKETS: Final = (0.5, 0.9, 0.99, 1.0, 1.01, 1.05, 1.1, 1.25, 1.5, 2.0, 5.0, 10.0, 60.0, 600.0)
"""Seconds. The vendor waits one for an answer and takes one call a second: both edges are looked at closely."""

Child = TypeVar("Child")


class _Bound(dict[tuple[str, ...], Child], Generic[Child]):
    """Children by their words, folded and bound once: the hot path is a look-up in a dict."""

    def __init__(self, labels: Callable[..., Child], *allowed: frozenset[str]) -> None:
        self._labels = labels
        self._allowed = allowed

    def __missing__(self, words: tuple[str, ...]) -> Child:
        folded = tuple(w if w in known else OTHER for w, known in zip(words, self._allowed, strict=True))
        child = self._labels(*folded)
        if folded == words:
            self[words] = child
        return child


class Process(ProcessCollector):
    """The process' own numbers, also where nothing but processes is to be seen in /proc (``ProcSubset=pid``)."""

    def _boot_time(self) -> float:
        """When the machine started, in seconds since 1970. The library reads /proc/stat, and tells nothing without."""
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


class Metrics:
    """All numbers of one daemon, in a registry of their own."""

    content_type: Final = CONTENT_TYPE_LATEST

    def __init__(self, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # a second series for each one, which nobody reads
        self._registry = CollectorRegistry()
        self._intake()
        self._sending()
        self._pulling()
        self._ruling()
        self._alerting()
        Process(registry=self._registry)
        build = self._gauge("yzj_build_info", "Always 1; the labels tell which build this is.", "version", "python")
        build.labels(version, platform.python_version()).set(1)

    def _intake(self) -> None:
        received = self._counter("yzj_messages_received", "Messages and notices received.", "source", "type")
        self._received = _Bound(received.labels, SOURCES, KNOWN_TYPES)
        self._ack = self._histogram("yzj_callback_ack_seconds", "From request to answer.", ACK_BUCKETS)
        self.late_acks = 0
        self._late = self._counter("yzj_callback_late_acks", "Answered at ack_within, before the commit.")
        decisions = self._counter("yzj_decisions", "Decisions: matched, or why nothing is forwarded.", "reason")
        self._decisions = _Bound(decisions.labels, DECISIONS)
        self._rule_matches = self._counter("yzj_rule_matches", "Messages each rule matched.", "rule")
        quarantined = self._counter("yzj_quarantined", "Bodies, or parts, that cannot be read.", "reason")
        self._quarantined = _Bound(quarantined.labels, UNREADABLE)
        refused = self._counter(
            "yzj_requests_refused", "Requests turned away for their form, pace or sender.", "door", "reason"
        )
        self._refused = _Bound(refused.labels, DOORS, REFUSED)

    def _sending(self) -> None:
        self._deliveries = self._gauge("yzj_deliveries", "Deliveries by state.", "state")
        calls = self._counter("yzj_forward_calls", "forwardMsg calls by their end.", "outcome", "reason")
        self._calls = _Bound(calls.labels, OUTCOMES, REASONS)
        self._call_seconds = self._histogram("yzj_forward_seconds", "forwardMsg, call to answer.", FORWARD_BUCKETS)
        self._gap = self._histogram("yzj_pace_gap_seconds", "From answer to next call of a lane.", GAP_BUCKETS)
        self._depth = self._gauge("yzj_lane_depth", "Deliveries that wait in a lane.", "account")
        self._oldest = self._gauge("yzj_lane_oldest_seconds", "How long a lane's oldest has waited.", "account")
        self._up = self._gauge("yzj_account_up", "1 online, 0 offline, as the platform lists it.", "account")
        self._accounts: set[str] = set()

    def _pulling(self) -> None:
        pulls = self._counter("yzj_pull_calls", "chatLogs calls by their end.", "outcome")
        self._pulls = _Bound(pulls.labels, PULLS)
        self._gaps = self._counter("yzj_gap_messages", "Messages that only a pull brought.")

    def _ruling(self) -> None:
        self._reload_good = self._gauge("yzj_rules_reload_success", "1 when the last load of the rules was good.")
        self._reload_at = self._gauge("yzj_rules_reload_timestamp_seconds", "When rules were last taken up.")
        self._rules_info = self._gauge("yzj_rules_info", "Always 1; the rule set in force.", "hash")
        self._daemons = self._gauge("yzj_daemons", "Daemons alive on a store that several may share.")
        self._lanes_owned = self._gauge("yzj_lanes_owned", "Of these, the lanes that are this daemon's.")
        self._other_rules = self._gauge(
            "yzj_daemons_other_rules", "Daemons on this store with other rules than this one."
        )
        self._rules: dict[str, Counter] = {}

    def _alerting(self) -> None:
        self._troubles = self._gauge("yzj_troubles", "Troubles that stand, by kind; docs/alerts.md.", "kind")
        alerts = self._counter("yzj_alerts", "Alerts handed to each of alerts.urls: sent, failed.", "outcome")
        self._alerts = {outcome: alerts.labels(outcome) for outcome in ("sent", "failed")}

    # Intake ---------------------------------------------------------------------------------------------------------

    def received(self, source: str, kind: str, number: int = 1) -> None:
        """So many messages, or notices, came in; ``kind`` is their type."""
        self._received[source, kind].inc(number)

    def acknowledged(self, seconds: float) -> None:
        self._ack.observe(seconds)

    def late_ack(self) -> None:
        self.late_acks += 1
        self._late.inc()

    def decided(self, reasons: Mapping[str, int], rules: Mapping[str, int]) -> None:
        """So many decisions of each reason, and messages that each of these rules matched."""
        for reason, number in reasons.items():
            self._decisions[(reason,)].inc(number)
        for rule, number in rules.items():
            (self._rules.get(rule) or self._of_rule(rule)).inc(number)

    def _of_rule(self, rule: str) -> Counter:
        """A rule is named once it matches, so that thousands that rest cost nothing."""
        if len(self._rules) >= NAMED:
            return self._rule_matches.labels(OTHER)
        return self._rules.setdefault(rule, self._rule_matches.labels(rule))

    def quarantined(self, reason: str) -> None:
        self._quarantined[(reason,)].inc()

    def refused(self, door: str, reason: str) -> None:
        """A connection or request was turned away for its form or its sender."""
        self._refused[door, reason].inc()

    # Sending --------------------------------------------------------------------------------------------------------

    def called(self, outcome: str, reason: str, seconds: float) -> None:
        """A forwardMsg call ended."""
        self._calls[outcome, reason].inc()
        self._call_seconds.observe(seconds)

    def pace_gap(self, seconds: float) -> None:
        self._gap.observe(seconds)

    def deliveries(self, counts: Mapping[State, int]) -> None:
        """How many deliveries are in each of these states."""
        for state, count in counts.items():
            self._deliveries.labels(state.value).set(count)

    def lanes(self, depths: Iterable[tuple[str, int, float]]) -> None:
        """Account, depth and age of the oldest (seconds) of every lane that owes something; the others owe nothing."""
        owing: dict[str, tuple[int, float]] = {}
        for account, depth, oldest in depths:
            name = self._named(account)
            deep, old = owing.get(name, (0, 0.0))
            owing[name] = (deep + depth, max(old, oldest))
        for name in self._accounts | owing.keys():
            depth, oldest = owing.get(name, (0, 0.0))
            self._depth.labels(name).set(depth)
            self._oldest.labels(name).set(oldest)

    def account_up(self, account: str, *, up: bool) -> None:
        if (name := self._named(account)) != OTHER:
            self._up.labels(name).set(up)

    def _named(self, account: str) -> str:
        if account not in self._accounts and len(self._accounts) >= NAMED:
            return OTHER
        self._accounts.add(account)
        return account

    # Pulling --------------------------------------------------------------------------------------------------------

    def pulled(self, outcome: str) -> None:
        self._pulls[(outcome,)].inc()

    def gap(self, messages: int) -> None:
        """So many messages were found by a pull that no callback had brought."""
        self._gaps.inc(messages)

    # Rules ----------------------------------------------------------------------------------------------------------

    def rules_loaded(self, digest: str, rules: Iterable[str], at: float) -> None:
        """A rule set is in force since ``at`` (seconds since 1970); the counters of rules that are gone go too."""
        for gone in self._rules.keys() - set(rules):
            self._rule_matches.remove(gone)
            del self._rules[gone]
        self._rules_info.clear()
        self._rules_info.labels(digest).set(1)
        self._reload_at.set(at)
        self._reload_good.set(1)

    def fleet(self, daemons: int, lanes: int, other_rules: int) -> None:
        """How many daemons live on this store, how many lanes are this one's, how many daemons have other rules."""
        self._daemons.set(daemons)
        self._lanes_owned.set(lanes)
        self._other_rules.set(other_rules)

    def rules_refused(self) -> None:
        """A rule set could not be used; the one before stays in force."""
        self._reload_good.set(0)

    # ----------------------------------------------------------------------------------------------------------------

    def troubles(self, counts: Mapping[str, int]) -> None:
        """How many troubles of each kind stand."""
        for kind in Kind:
            self._troubles.labels(kind.value).set(counts.get(kind.value, 0))

    def alerted(self, outcome: Literal["sent", "failed"]) -> None:
        """An alert was handed to one of the URLs, or could not be."""
        self._alerts[outcome].inc()

    def total(self, counter: str, **labels: frozenset[str]) -> float:
        """The sum of a counter's series, of those whose labels are among these; for who shows its course.

        ``counter`` is its name as Prometheus reads it, with ``_total``.
        """
        families = self._registry.restricted_registry([counter]).collect()
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if all(sample.labels[label] in wanted for label, wanted in labels.items())
        )

    def render(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(name, help_text, labels, registry=self._registry)

    def _gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        return Gauge(name, help_text, labels, registry=self._registry)

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, help_text, buckets=buckets, registry=self._registry)
