"""What other rules would do to stored messages, as data and in words."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from yzj_daemon.clock import HOUR, SECOND, Millis
from yzj_daemon.errors import Phrase
from yzj_daemon.wording import when
from yzj_daemon.wording.names import Names

if TYPE_CHECKING:
    from yzj_daemon.flow.preview import Counted, Preview, RuleChange, Sample
    from yzj_daemon.rules.ruleset import Ruleset


def told(
    seen: "Preview", sets: tuple["Ruleset", "Ruleset"], span: tuple[Millis, Millis], zone: ZoneInfo
) -> dict[str, Any]:
    """All of it, as ``preview --json`` prints it. ``sets``: the rules before and after."""
    before, after = sets
    order = (rule.id for each in (after, before) for rule in each.rules)
    return {
        "messages": seen.messages,
        "since": when.iso(span[0], zone),
        "until": when.iso(span[1], zone),
        "days": round(seen.days(span[1]), 3),
        "rules_hash": {"before": before.hash, "after": after.hash},
        "deliveries": {
            "before": sum(load.deliveries for load in seen.before.loads.values()),
            "after": sum(load.deliveries for load in seen.after.loads.values()),
            "added": seen.added,
            "removed": seen.removed,
        },
        "reasons": {"before": _counts(seen.before.reasons), "after": _counts(seen.after.reasons)},
        "rules": [_rule(change) for change in seen.rules(order)],
        "accounts": list(_accounts(seen, span[1])),
    }


def _rule(change: "RuleChange") -> dict[str, Any]:
    return {
        "id": change.id,
        "changed": change.changed,
        "before": _counted(change.before),
        "after": _counted(change.after),
        "added": change.added,
        "removed": change.removed,
        "added_samples": [_sample(sample) for sample in change.added_samples],
        "removed_samples": [_sample(sample) for sample in change.removed_samples],
    }


def _counted(counted: "Counted") -> dict[str, Any]:
    return {
        "matched": counted.matched,
        "deliveries": counted.deliveries,
        "suppressed": _counts(counted.suppressed),
    }


def _sample(sample: "Sample") -> dict[str, Any]:
    return {"message_id": str(sample.message_id), "targets": list(sample.targets), "text": sample.text}


def _counts(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items()))


def _accounts(seen: "Preview", until: Millis) -> Iterator[dict[str, Any]]:
    days, pace = seen.days(until), seen.lane.pace / SECOND
    for change in seen.accounts():
        yield {
            "account": change.account,
            "deliveries": {"before": change.before.deliveries, "after": change.after.deliveries},
            "calls": {"before": change.before.calls, "after": change.after.calls},
            "added_calls_a_day": round(change.added_calls / days, 1),
            "added_lane_seconds_a_day": round(change.added_calls * pace / days, 1),
            "busiest_hour_calls": {"before": change.before.busiest, "after": change.after.busiest},
            "keeps_pace": change.after.busiest * seen.lane.pace <= HOUR,
        }


def load(account: Mapping[str, Any], known: Names) -> Iterator[Phrase]:
    """What the change costs one account a day; nothing where it costs the same."""
    name, busiest = known.beside(account["account"]), account["busiest_hour_calls"]
    calls, lane = account["added_calls_a_day"], when.span(abs(account["added_lane_seconds_a_day"]))
    number = f"{abs(calls):,.10g}"
    if calls:
        zh, en = ("多", "more") if calls > 0 else ("少", "fewer")
        hour = f"{busiest['before']} → {busiest['after']}"
        yield Phrase(
            f"账号 {name}:每天{zh} {number} 次,约 {lane} 车道时间;最忙的一小时 {hour} 次",
            f"account {name}: {number} {en} calls a day, about {lane} of lane time; {hour} in the busiest hour",
        )
    if not account["keeps_pace"]:
        yield Phrase(
            f"账号 {name}:最忙的一小时发不完,会排队",
            f"account {name}: cannot send all of its busiest hour within the hour; the rest waits",
        )
