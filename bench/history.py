"""Stores with a history: as the daemon would have written them, made in bulk.

Texts, envelopes, identities and fingerprints come from the daemon's own functions; SQL multiplies them. ``audit`` and
``db check`` pass. A store is kept between runs, in ``$BENCH_CACHE`` or ``~/.cache/yzj-daemon/bench``.
"""

import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table

from bench import corpus
from yzj_daemon.clock import DAY, SECOND
from yzj_daemon.fingerprint import fingerprint
from yzj_daemon.flow.plan import event_of
from yzj_daemon.message import Original
from yzj_daemon.rules import packing, text
from yzj_daemon.rules.load import load_texts
from yzj_daemon.storage import envelope, inbox, schema, tables
from yzj_daemon.storage.engine import Store
from yzj_daemon.yzj import payloads

POOL: Final = 1_000
"""Different texts."""

ROOMS: Final = 200
SENDERS: Final = 5_000

WHERE: Final = Path(os.environ.get("BENCH_CACHE") or Path.home() / ".cache" / "yzj-daemon" / "bench")

FRESH: Final = 2 * DAY / SECOND
"""Seconds for which a store that was made may be used again: what it holds must be no older than the retention."""

DAYS: Final = 25
"""Over which a history is spread."""

RULES: Final = corpus.rules(10)


@dataclass(frozen=True, slots=True)
class Shape:
    """``pending``: how many of the messages, the newest ones, still wait to be forwarded; of the others one in a
    hundred was. ``parked``: they wait for a time far ahead. ``accounts``: who received them, in turn.
    """

    messages: int
    pending: int = 0
    accounts: int = 1
    parked: bool = False

    @property
    def path(self) -> Path:
        made_by = hashlib.sha256(Path(__file__).read_bytes() + schema.HEAD.encode()).hexdigest()[:8]
        waits = "parked" if self.parked else "pending"
        return WHERE / f"{self.messages}-{self.pending}-{waits}-{self.accounts}-{made_by}.db"


def provided(shape: Shape, directory: Path) -> Path:
    """A copy of such a store as ``store.db`` of this directory."""
    path = directory / "store.db"
    shutil.copyfile(kept(shape), path)
    os.sync()  # the daemon's writing would wait for that of its store
    return path


def kept(shape: Shape) -> Path:
    """Such a store itself, made if need be: for those who only read, or put it away afterwards."""
    path = shape.path
    if not path.exists() or time.time() - path.stat().st_mtime > FRESH:
        forget(shape)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".making")
        _swept(beside)
        _make(shape, beside)
        beside.replace(path)
    return path


def forget(shape: Shape) -> None:
    _swept(shape.path)


def _swept(path: Path) -> None:
    for left in path.parent.glob(path.name + "*"):
        left.unlink()


def _make(shape: Shape, path: Path) -> None:
    now = round(time.time() * 1000)
    store = Store(f"sqlite:///{path}")
    try:
        store.write_now(schema.upgrade)
        rule_set = store.write_now(lambda connection: _began(connection, shape, now))
        store.write_now(_without_indexes)
        _fill(shape, path, rule_set, now)
        store.write_now(_with_indexes)
    finally:
        store.close()


_FILLED: Final = (tables.messages, tables.decisions, tables.deliveries, tables.calls, tables.attempts)


def _without_indexes(connection: Connection) -> None:
    for index in _indexes(_FILLED):
        index.drop(connection)


def _with_indexes(connection: Connection) -> None:
    for index in _indexes(_FILLED):
        index.create(connection)


def _indexes(of: tuple[Table, ...]) -> Iterator[Any]:
    for table in of:
        yield from sorted(table.indexes, key=lambda index: str(index.name))


def _began(connection: Connection, shape: Shape, now: int) -> int:
    """Accounts and the rule set; answers its id."""
    inbox.saw(connection, [corpus.account(number) for number in range(shape.accounts)], now)
    loaded = load_texts({"rules.toml": RULES})
    assert loaded.ruleset is not None
    return inbox.rule_set(connection, loaded.ruleset.hash, packing.pack({"rules.toml": RULES}), now)


def _fill(shape: Shape, path: Path, rule_set: int, now: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode = DELETE", "journal_mode = OFF", "synchronous = OFF", "cache_size = -262144"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("CREATE TEMP TABLE pool (id INTEGER PRIMARY KEY, text, content, envelope, at, mark)")
        connection.executemany("INSERT INTO pool VALUES (?, ?, ?, ?, ?, ?)", map(_pooled, range(POOL)))
        connection.execute("CREATE TEMP TABLE rooms (id INTEGER PRIMARY KEY, chat, event)")
        connection.executemany("INSERT INTO rooms VALUES (?, ?, ?)", map(_room, range(ROOMS)))
        connection.execute("BEGIN")
        values = {
            "messages": shape.messages,
            "accounts": shape.accounts,
            "first_account": int(corpus.ACCOUNT),
            "rule_set": rule_set,
            "ended": shape.messages - shape.pending,
            "began": now - DAYS * DAY,
            "each": DAYS * DAY // shape.messages,
            "parked": shape.parked,
            "expires": now + 365 * DAY,
            "due": now + 300 * DAY,
        }
        for statement in _STATEMENTS:
            connection.execute(statement, values)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
    finally:
        connection.close()


def _pooled(number: int) -> tuple[int, str, str, str, int, str]:
    [original] = payloads.split(corpus.plain(number, _TEXTS[number])).originals
    folded = envelope.fold(original.envelope, [getattr(original, name) for name in envelope.COLUMNS])
    mark = fingerprint(original.type, original.content)
    return number, text.message_of(original, self_sent=False).text, original.content, folded, original.content_at, mark


_TEXTS: Final = corpus.texts(POOL)


def _room(number: int) -> tuple[int, str, str]:
    """Its id, and how the identities of its events end."""
    chat = f"R:109{number:014}"
    original = Original(
        account="", id="", chat=chat, chat_type="room", sender="", type="", sent_at=None, content="", wx_svrid="0"
    )
    return number, chat, event_of(original, ("wx_svrid",)).removeprefix("0")


_MATCHED: Final = "(i % 100 = 0 OR i > :ended)"

_STATEMENTS: Final = (
    f"""
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :messages)
    INSERT INTO messages (id, account, key, event, chat, chat_type, sender, type, sent_at, received_at, source, svrid,
        wx_svrid, wx_msgid, self_sent, opaque, text, content, envelope, content_at, fingerprint)
    SELECT i, CAST(:first_account + i % :accounts AS TEXT), CAST(8000000000000000000 + i AS TEXT),
        CAST(2000000000000000000 + i AS TEXT) || rooms.event, rooms.chat, 'room',
        '78813' || printf('%011d', i % {SENDERS}), 'text', :began + i * :each - 300, :began + i * :each, 'callback',
        CAST(8000000000000000000 + i AS TEXT), CAST(2000000000000000000 + i AS TEXT), '', 0, 0,
        pool.text, pool.content, pool.envelope, pool.at, ''
    FROM n CROSS JOIN pool ON pool.id = i % {POOL} CROSS JOIN rooms ON rooms.id = (i * 7919) % {ROOMS}
    """,
    f"""
    INSERT INTO decisions (message_id, nonce, reason, rules, trail, rule_set_id, decided_at)
    SELECT i, 0, CASE WHEN {_MATCHED} THEN 'matched' ELSE 'no_match' END,
        CASE WHEN {_MATCHED} THEN '["r0"]' ELSE '[]' END, '', :rule_set, received_at
    FROM (SELECT id AS i, received_at FROM messages ORDER BY id)
    """,
    f"""
    INSERT INTO deliveries (id, message_id, event, nonce, account, chat, state, reason, rules, rule, priority, turn,
        solo, strict, parked, on_unknown, fingerprint, due_at, expires_at, attempts, call_id, created_at, updated_at)
    SELECT i, i, event, 0, account, 'R:0', CASE WHEN i > :ended THEN 'pending' ELSE 'confirmed' END,
        CASE WHEN i > :ended AND :parked THEN 'delay' ELSE '' END, '["r0"]', 'r0', 0, i / :accounts + 1, 0, 0,
        i > :ended AND :parked, 'hold', pool.mark, CASE WHEN i > :ended AND :parked THEN :due ELSE received_at END,
        :expires, CASE WHEN i > :ended THEN 0 ELSE 1 END, CASE WHEN i > :ended THEN NULL ELSE i END,
        received_at, received_at
    FROM (SELECT id AS i, event, account, received_at FROM messages ORDER BY id)
    CROSS JOIN pool ON pool.id = i % {POOL} WHERE {_MATCHED}
    """,
    """
    INSERT INTO calls (id, account, message_id, began_at, ended_at, outcome, reason, detail)
    SELECT id, account, message_id, created_at, created_at + 50, 'sent', '', '' FROM deliveries
    WHERE state = 'confirmed' ORDER BY id
    """,
    """
    INSERT INTO attempts (call_id, delivery_id, account, chat, began_at)
    SELECT id, id, account, chat, created_at FROM deliveries WHERE state = 'confirmed' ORDER BY id
    """,
)
