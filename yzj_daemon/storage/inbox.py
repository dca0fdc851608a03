"""What was received: originals, their decisions, notices and quarantine. All writing is by batch."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import Connection, Integer, bindparam, func, insert, select

from yzj_daemon.account import HostedAccount
from yzj_daemon.clock import Millis
from yzj_daemon.message import Notice, Unreadable
from yzj_daemon.storage import envelope
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.bulk import Bulk, Prepared, in_common_order
from yzj_daemon.storage.upsert import upsert


class MessageRow(TypedDict):
    """One row of ``messages``: see storage/tables.py for each column. :func:`add` gives the id."""

    id: int
    account: str
    key: str
    event: str
    chat: str
    chat_type: str
    sender: str
    type: str
    sent_at: Millis | None
    received_at: Millis
    source: str
    svrid: str
    wx_svrid: str
    wx_msgid: str
    self_sent: bool
    opaque: bool
    text: str
    content: str
    envelope: str
    content_at: int


class DecisionRow(TypedDict):
    message_id: int
    nonce: int
    reason: str
    rules: str
    trail: str
    rule_set_id: int | None
    decided_at: Millis


_folded_with = itemgetter(*envelope.COLUMNS)
_last_message = Prepared(select(func.max(t.messages.c.id)))
_more_messages = Prepared(
    select(func.nextval("messages_id_seq")).select_from(func.generate_series(1, bindparam("number", type_=Integer)))
)
_new_messages = Bulk(
    upsert(t.messages), tuple(MessageRow.__annotations__), lambda insert: insert.on_conflict_do_nothing()
)
_messages_among = Prepared(
    select(t.messages.c.id).where(t.messages.c.id.between(bindparam("first"), bindparam("last")))
)
_new_decisions = Bulk(upsert(t.decisions), tuple(DecisionRow.__annotations__))


def add(connection: Connection, rows: Sequence[MessageRow]) -> set[int]:
    """Store originals, and give each row its id; answers the ids of those that were not known yet.

    All rows go in by one statement, and which of their ids are in by then is new.
    """
    if not rows:
        return set()
    ids = _ids(connection, len(rows))
    for number, row in zip(ids, rows, strict=True):
        row["id"] = number
        row["envelope"] = envelope.fold(row["envelope"], _folded_with(row))
    _new_messages.run(connection, in_common_order(connection, rows, _by_key))
    among = _messages_among.rows(connection, first=ids[0], last=ids[-1])
    return {number for (number,) in among}.intersection(ids)


def _ids(connection: Connection, number: int) -> Sequence[int]:
    """So many ids for new messages, rising: where only one writes, those that follow the last one."""
    if connection.dialect.name == "sqlite":
        [(last,)] = _last_message.rows(connection)
        return range((last or 0) + 1, (last or 0) + 1 + number)
    return sorted(id_ for (id_,) in _more_messages.rows(connection, number=number))


_by_key = itemgetter("account", "key")


def decide(connection: Connection, rows: Sequence[DecisionRow]) -> None:
    """Write down what was decided, one row a message."""
    if rows:
        _new_decisions.run(connection, rows)


def note(connection: Connection, notices: Iterable[Notice], source: str, now: Millis) -> None:
    """Keep notifications that are no chat messages."""
    rows = [
        {"received_at": now, "source": source, "account": n.account, "type": n.type, "body": n.body} for n in notices
    ]
    if rows:
        connection.execute(insert(t.notices), rows)


def quarantine(connection: Connection, parts: Iterable[Unreadable], source: str, now: Millis) -> None:
    """Keep, byte for byte, what could not be read."""
    rows = [
        {"received_at": now, "source": source, "reason": p.reason, "detail": p.detail, "body": p.body} for p in parts
    ]
    if rows:
        connection.execute(insert(t.quarantine), rows)


def rule_set(connection: Connection, digest: str, packed: bytes, now: Millis) -> int:
    """The row id of a rule set, kept with its ``packed`` files so that its decisions can be explained later."""
    found: int | None = connection.execute(
        select(t.rule_sets.c.id).where(t.rule_sets.c.hash == digest)
    ).scalar_one_or_none()
    if found is not None:
        return found
    row = {"hash": digest, "loaded_at": now, "packed": packed}
    connection.execute(upsert(t.rule_sets).values(row).on_conflict_do_nothing())
    added: int = connection.execute(select(t.rule_sets.c.id).where(t.rule_sets.c.hash == digest)).scalar_one()
    return added


def saw(connection: Connection, accounts: Iterable[str], now: Millis) -> None:
    """These hosted accounts just received something."""
    rows = [{"account": account, "seen_at": now} for account in accounts]
    if rows:
        added = upsert(t.accounts)
        connection.execute(
            added.on_conflict_do_update(index_elements=["account"], set_={"seen_at": added.excluded.seen_at}), rows
        )


def listed(connection: Connection, accounts: Iterable[HostedAccount], now: Millis) -> None:
    """What the vendor's account list says; accounts that it no longer names keep their rows."""
    rows = [{"account": a.account, "name": a.name, "online": a.online, "checked_at": now} for a in accounts]
    if rows:
        added = upsert(t.accounts)
        changed = {name: added.excluded[name] for name in ("name", "online", "checked_at")}
        connection.execute(added.on_conflict_do_update(index_elements=["account"], set_=changed), rows)


def hosted(connection: Connection) -> frozenset[str]:
    """Every hosted account ever listed or heard of."""
    return frozenset(connection.execute(select(t.accounts.c.account)).scalars())


def conversations(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Every account with every chat it received something in."""
    m = t.messages.c
    return tuple((account, chat) for account, chat in connection.execute(select(m.account, m.chat).distinct()))


class Cursor(NamedTuple):
    """How far an account (or one of its chats) has been pulled.

    ``floor_at``: what was sent up to then was there before us, and is not ours to decide.
    """

    svrid: str
    sent_at: Millis
    floor_at: Millis


def cursor(connection: Connection, account: str, chat: str = "") -> Cursor | None:
    c = t.cursors.c
    row = connection.execute(
        select(c.svrid, c.sent_at, c.floor_at).where(c.account == account, c.chat == chat)
    ).one_or_none()
    return None if row is None else Cursor(*row)


def move_cursor(connection: Connection, account: str, chat: str, at: Cursor, now: Millis) -> None:
    row: dict[str, Any] = {**at._asdict(), "pulled_at": now}
    statement = upsert(t.cursors).values(account=account, chat=chat, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["account", "chat"], set_=row))


def known(connection: Connection, account: str, keys: Sequence[str]) -> frozenset[str]:
    """Which of these ids the account's inbox holds already."""
    c = t.messages.c
    found = connection.execute(select(c.key).where(c.account == account, c.key.in_(keys)))
    return frozenset(found.scalars())
