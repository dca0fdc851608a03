"""What rules remember from message to message: since when they rest, and when they matched last."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from yzj_daemon.clock import Millis
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.bulk import Bulk
from yzj_daemon.storage.upsert import Insert, upsert


def rested_until(connection: Connection, rule: str, key: str) -> Millis:
    """Until when a rule rests for a sender or chat ("": for all); 0 when it never did."""
    c = t.cooldowns.c
    found: Millis | None = connection.execute(select(c.until).where(c.rule == rule, c.key == key)).scalar_one_or_none()
    return found or 0


def rest(connection: Connection, begun: Mapping[tuple[str, str], Millis]) -> None:
    if not begun:
        return
    statement = upsert(t.cooldowns)
    statement = statement.on_conflict_do_update(
        index_elements=["rule", "key"], set_={"until": statement.excluded.until}
    )
    connection.execute(statement, [{"rule": rule, "key": key, "until": until} for (rule, key), until in begun.items()])


def forget_rests(connection: Connection, now: Millis) -> int:
    """Delete the rests that are over; answers how many."""
    return connection.execute(delete(t.cooldowns).where(t.cooldowns.c.until <= now)).rowcount


class LastMatch(NamedTuple):
    """``matched_at`` is None for a rule that never matched since ``known_at``, when it first came into force."""

    known_at: Millis
    matched_at: Millis | None
    matches: int


def know(connection: Connection, rules: Collection[str], now: Millis) -> None:
    """These rules are in force. Those known already stay as they are."""
    if rules:
        statement = upsert(t.rule_matches).on_conflict_do_nothing()
        connection.execute(statement, [{"rule": rule, "known_at": now} for rule in rules])


def _added(insert: Insert) -> Insert:
    fresh = insert.excluded
    total = {"matched_at": fresh.matched_at, "matches": t.rule_matches.c.matches + fresh.matches}
    return insert.on_conflict_do_update(index_elements=["rule"], set_=total)


_matched = Bulk(upsert(t.rule_matches), ("rule", "known_at", "matched_at", "matches"), _added)


def matched(connection: Connection, counts: Mapping[str, int], now: Millis) -> None:
    """Each rule matched so often."""
    rows = [{"rule": r, "known_at": now, "matched_at": now, "matches": n} for r, n in sorted(counts.items())]
    if rows:
        _matched.run(connection, rows)


def last_matches(connection: Connection, rules: Collection[str] | None = None) -> dict[str, LastMatch]:
    """When each rule matched last; of these rules only, if any are named."""
    query = select(t.rule_matches)
    if rules is not None:
        query = query.where(t.rule_matches.c.rule.in_(rules))
    return {row.rule: LastMatch(row.known_at, row.matched_at, row.matches) for row in connection.execute(query)}
