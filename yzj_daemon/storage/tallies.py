"""How often each rule matched, and how often it nearly did: counted by the minute, in stretches of row ids."""

from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import JSON, Connection, case, cast, func, literal_column, select, true

from yzj_daemon.clock import MINUTE, Millis
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.reports import rule_ids

AMONG: Final = 5_000
"""Decisions, the newest, among which near misses of one rule are looked for."""


class InMinute(NamedTuple):
    """``minute``: since 1970. ``rules``: what matched, or what nearly did, so many ``times``."""

    minute: int
    rules: tuple[str, ...]
    times: int


class NearMiss(NamedTuple):
    """A message that failed one condition of a rule. ``failed``: its key, what was expected, what was there."""

    message_id: int
    at: Millis
    type: str
    chat: str
    text: str
    failed: dict[str, Any]


def hits(connection: Connection, first: int, last: int) -> list[InMinute]:
    """Of the messages with these row ids, both included."""
    c = t.decisions.c
    minute = c.decided_at // MINUTE
    query = (
        select(minute, c.rules, func.count())
        .where(c.message_id.between(first, last), c.nonce == 0, c.rules.not_in(("", "[]")))
        .group_by(minute, c.rules)
    )
    return [InMinute(at, rule_ids(rules), count) for at, rules, count in connection.execute(query)]


def near(connection: Connection, first: int, last: int) -> list[InMinute]:
    """The same of near misses, as intake wrote them down: of one message, a few at most."""
    c = t.decisions.c
    told = case((c.trail.startswith('{"near"'), c.trail), else_="{}")
    if connection.dialect.name == "sqlite":
        misses = func.json_each(told, "$.near").table_valued("value")
        rule: Any = func.json_extract(misses.c.value, "$.rule")
    else:
        listed = func.coalesce(cast(told, JSON)["near"], cast(literal_column("'[]'"), JSON), type_=JSON)
        misses = func.json_array_elements(listed).table_valued("value", name="miss", joins_implicitly=True)
        rule = cast(misses.c.value, JSON)["rule"].as_string()
    query = (
        select(c.decided_at // MINUTE, rule)
        .select_from(t.decisions)
        .join(misses, true())
        .where(c.message_id.between(first, last), c.nonce == 0)
    )
    return [InMinute(at, (rule,), 1) for at, rule in connection.execute(query)]


def near_misses(connection: Connection, rule: str, limit: int) -> list[NearMiss]:
    """The newest of one rule, among the newest decisions."""
    c, m = t.decisions.c, t.messages.c
    newest = (
        select(c.message_id, c.decided_at, c.trail)
        .where(c.nonce == 0)
        .order_by(c.message_id.desc())
        .limit(AMONG)
        .subquery()
    )
    quoted = msgspec.json.encode(rule).decode()
    query = (
        select(m.id, newest.c.decided_at, m.type, m.chat, m.text, newest.c.trail)
        .join_from(newest, t.messages, m.id == newest.c.message_id)
        .where(newest.c.trail.contains(f'"rule":{quoted}', autoescape=True))
        .order_by(newest.c.message_id.desc())
    )
    found: list[NearMiss] = []
    for id_, at, type_, chat, text, trail in connection.execute(query):
        misses = [miss for miss in msgspec.json.decode(trail).get("near", []) if miss["rule"] == rule]
        found += (NearMiss(id_, at, type_, chat, text, miss) for miss in misses)
        if len(found) >= limit:
            break
    return found[:limit]
