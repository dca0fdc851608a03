"""What happens in a store while it happens: decisions and what becomes of deliveries, for whoever watches."""

import sqlite3
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, select

from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reports import rule_ids

NEWEST: Final = 20_000
"""Deliveries, the newest, among which changes are looked for: their time of change has no index."""

AT_ONCE: Final = 500
"""Decisions of one look."""

OVERLAP: Final[Millis] = 2 * SECOND
"""How far back each look at deliveries goes: what was written with an earlier time may be committed later."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """A decision (``chat``: where the message came from; ``outcome``: its reason), or with ``delivery`` what became of
    one (``chat``: its target; ``outcome``: its state).
    """

    at: Millis
    message_id: int
    account: str
    chat: str
    outcome: str
    type: str = ""
    text: str = ""
    delivery: int | None = None
    reason: str = ""
    rules: tuple[str, ...] = ()


class Follower:
    """Begins now. ``rule``, ``account``: only what names them; "": everything."""

    def __init__(self, store: Store, *, rule: str = "", account: str = "") -> None:
        self._store = store
        self._rule = rule
        self._account = account
        self._pulse = None if store.database.shared else sqlite3.connect(store.path, isolation_level=None)
        self._beat = -1
        self._decided, self._changed = store.read_now(_now)
        self._told: dict[tuple[int, str, str], Millis] = {}
        self._changes()

    def close(self) -> None:
        if self._pulse is not None:
            self._pulse.close()

    def look(self) -> list[Happening]:
        """What is new since the last look, in the order of its time."""
        beat: int = 0 if self._pulse is None else self._pulse.execute("PRAGMA data_version").fetchone()[0]
        if self._pulse is not None and beat == self._beat:  # nobody wrote anything
            return []
        decided = self._decisions()
        if len(decided) < AT_ONCE:
            self._beat = beat
        news = [*decided, *self._changes()]
        return sorted((n for n in news if self._asked(n)), key=lambda n: (n.at, n.delivery or 0))

    def _asked(self, happening: Happening) -> bool:
        return (not self._rule or self._rule in happening.rules) and self._account in ("", happening.account)

    def _decisions(self) -> list[Happening]:
        found = self._store.read_now(partial(_decisions, above=self._decided))
        if found:
            self._decided = found[-1].message_id
        return found

    def _changes(self) -> list[Happening]:
        found = self._store.read_now(partial(_changes, since=self._changed - OVERLAP))
        fresh = [change for change in found if _name(change) not in self._told]
        self._changed = max([self._changed, *(change.at for change in found)])
        self._told |= {_name(change): change.at for change in fresh}
        self._told = {name: at for name, at in self._told.items() if at >= self._changed - OVERLAP}
        return fresh


def _name(change: Happening) -> tuple[int, str, str]:
    return (change.delivery or 0, change.outcome, f"{change.reason} {change.at}")


def _now(connection: Connection) -> tuple[int, Millis]:
    """The newest message decided, and the newest change of a delivery."""
    c, d = t.decisions.c, t.deliveries.c
    decided: int | None = connection.execute(select(func.max(c.message_id))).scalar_one()
    newest = select(d.updated_at).order_by(d.id.desc()).limit(NEWEST).subquery()
    changed: Millis | None = connection.execute(select(func.max(newest.c.updated_at))).scalar_one()
    return decided or 0, changed or 0


def _decisions(connection: Connection, above: int) -> list[Happening]:
    c, m = t.decisions.c, t.messages.c
    query = (
        select(c.message_id, c.reason, c.rules, c.decided_at, m.account, m.chat, m.type, m.text)
        .join_from(t.decisions, t.messages, m.id == c.message_id)
        .where(c.message_id > above, c.nonce == 0)
        .order_by(c.message_id)
        .limit(AT_ONCE)
    )
    return [_decision(row) for row in connection.execute(query)]


def _decision(row: Any) -> Happening:
    return Happening(
        at=row.decided_at,
        message_id=row.message_id,
        account=row.account,
        chat=row.chat,
        outcome=row.reason,
        type=row.type,
        text=row.text,
        rules=rule_ids(row.rules),
    )


def _changes(connection: Connection, since: Millis) -> list[Happening]:
    """What was tried, or ended; that something waits is told by its decision."""
    d = t.deliveries.c
    last: int = connection.execute(select(func.coalesce(func.max(d.id), 0))).scalar_one()
    query = (
        select(d.id, d.message_id, d.account, d.chat, d.state, d.reason, d.rules, d.updated_at)
        .where(d.id > last - NEWEST, d.updated_at >= since, d.state != "sending")
        .where((d.state != "pending") | (d.attempts > 0))
    )
    return [_change(row) for row in connection.execute(query)]


def _change(row: Any) -> Happening:
    return Happening(
        at=row.updated_at,
        message_id=row.message_id,
        account=row.account,
        chat=row.chat,
        outcome=row.state,
        delivery=row.id,
        reason=row.reason,
        rules=rule_ids(row.rules),
    )
