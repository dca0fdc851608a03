"""The directory: what the chats are called, which accounts see them, and what they were called before."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, select, tuple_

from yzj_daemon.chat import Chat, ChatKind
from yzj_daemon.clock import Millis
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.upsert import upsert


class Renamed(NamedTuple):
    id: str
    name: str
    earlier: str


class Learned(msgspec.Struct, frozen=True):
    """What one look at the platform's lists brought: how many chats were new, and which have another name."""

    new: int
    renamed: tuple[Renamed, ...]


class ChatLine(NamedTuple):
    """A chat as people list it. ``accounts``: the hosted accounts that see it now.

    ``earlier_name`` is "" and ``renamed_at`` None when it never had another name.
    """

    id: str
    kind: ChatKind
    name: str
    earlier_name: str
    renamed_at: Millis | None
    first_seen_at: Millis
    synced_at: Millis
    accounts: tuple[str, ...]


class ChatFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Empty fields do not narrow."""

    account: str = ""
    chat: str = ""
    kind: str = ""


class Counts(NamedTuple):
    """How many chats an account sees, and when its lists were last read."""

    rooms: int
    contacts: int
    synced_at: Millis


class Place(NamedTuple):
    """Where a page of chats ended."""

    kind: str
    id: str


def learn(connection: Connection, account: str, chats: Sequence[Chat], now: Millis) -> Learned:
    """What an account's lists hold: chats with different ids. A chat without a name keeps the one it had."""
    if not chats:
        return Learned(0, ())
    c = t.chats.c
    known = {row.id: row for row in connection.execute(select(t.chats).where(c.id.in_([chat.id for chat in chats])))}
    rows = [_row(chat, known.get(chat.id), now) for chat in chats]
    _put(connection, t.chats, rows, ("name", "earlier_name", "renamed_at", "synced_at"))
    seen = [{"account": account, "chat": chat.id, "synced_at": now} for chat in chats]
    _put(connection, t.chat_accounts, seen, ("synced_at",))
    renamed = (Renamed(chat.id, chat.name, known[chat.id].name) for chat in chats if _renamed(chat, known.get(chat.id)))
    return Learned(len(chats) - len(known), tuple(renamed))


def _renamed(chat: Chat, known: Any) -> bool:
    return known is not None and bool(known.name and chat.name) and known.name != chat.name


def _row(chat: Chat, known: Any, now: Millis) -> dict[str, Any]:
    row = {"id": chat.id, "kind": chat.kind, "name": chat.name, "first_seen_at": now, "synced_at": now}
    if known is None:
        return {**row, "earlier_name": "", "renamed_at": None}
    if _renamed(chat, known):
        return {**row, "earlier_name": known.name, "renamed_at": now}
    row["name"] = chat.name or known.name
    return {**row, "earlier_name": known.earlier_name, "renamed_at": known.renamed_at}


def _put(connection: Connection, table: Any, rows: Sequence[dict[str, Any]], changed: Iterable[str]) -> None:
    added = upsert(table)
    values = {name: added.excluded[name] for name in changed}
    keys = [column.name for column in table.primary_key]
    connection.execute(added.on_conflict_do_update(index_elements=keys, set_=values), rows)


def unsee(connection: Connection, account: str, kind: ChatKind, before: Millis) -> int:
    """An account sees no longer what its list did not name since then; the chats stay known. Answers how many."""
    seen = t.chat_accounts.c
    of_kind = select(t.chats.c.id).where(t.chats.c.id == seen.chat, t.chats.c.kind == kind).exists()
    gone = delete(t.chat_accounts).where(seen.account == account, seen.synced_at < before, of_kind)
    return connection.execute(gone).rowcount


def listed(
    connection: Connection, narrowed: ChatFilter, limit: int, below: Place | None = None
) -> tuple[ChatLine, ...]:
    """Up to ``limit`` chats, rooms first, then by id, from below a place on."""
    c, seen = t.chats.c, t.chat_accounts.c
    query = select(t.chats).order_by(c.kind.desc(), c.id.desc()).limit(limit)
    for wanted, column in ((narrowed.chat, c.id), (narrowed.kind, c.kind)):
        query = query.where(column == wanted) if wanted else query
    if narrowed.account:
        query = query.where(c.id.in_(select(seen.chat).where(seen.account == narrowed.account)))
    if below is not None:
        query = query.where(tuple_(c.kind, c.id) < tuple_(below.kind, below.id))
    found = connection.execute(query).mappings().all()
    accounts = _seen_by(connection, [row["id"] for row in found])
    return tuple(ChatLine(**row, accounts=accounts.get(row["id"], ())) for row in found)


def _seen_by(connection: Connection, chats: Sequence[str]) -> dict[str, tuple[str, ...]]:
    seen = t.chat_accounts.c
    query = select(seen.chat, seen.account).where(seen.chat.in_(chats)).order_by(seen.account)
    found: dict[str, tuple[str, ...]] = {}
    for chat, account in connection.execute(query):
        found[chat] = (*found.get(chat, ()), account)
    return found


def counted(connection: Connection) -> dict[str, Counts]:
    """What each account sees."""
    c, seen = t.chats.c, t.chat_accounts.c
    rooms = func.count().filter(c.kind == "room")
    query = select(seen.account, rooms, func.count() - rooms, func.max(seen.synced_at))
    rows = connection.execute(query.join_from(t.chat_accounts, t.chats, c.id == seen.chat).group_by(seen.account))
    return {account: Counts(*counts) for account, *counts in rows}


def name(connection: Connection, id_: str) -> str:
    """What a chat, a person or a hosted account is called; "" when nobody knows."""
    chat = select(t.chats.c.name).where(t.chats.c.id == id_)
    account = select(t.accounts.c.name).where(t.accounts.c.account == id_)
    names = (connection.execute(query).scalar_one_or_none() for query in (chat, account))
    return next(filter(None, names), "")


def named(connection: Connection, name: str, limit: int = 10) -> tuple[str, ...]:
    """The ids of chats, people and hosted accounts that are called exactly so."""
    chats = select(t.chats.c.id).where(t.chats.c.name == name)
    accounts = select(t.accounts.c.account).where(t.accounts.c.name == name)
    return tuple(connection.execute(chats.union(accounts).limit(limit)).scalars())
