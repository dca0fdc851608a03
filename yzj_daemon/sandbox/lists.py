"""Pages of things: selection and paging of chatLogs and of the lists, on plain sequences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import TypeVar

from yzj_daemon.sandbox.behaviour import Behaviour
from yzj_daemon.sandbox.world import Record, World

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """``page`` counts from 1."""

    page: int = 1
    page_size: int = 10

    def cut(self, items: Sequence[T]) -> Sequence[T]:
        start = (self.page - 1) * self.page_size
        return items[start : start + self.page_size]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """A chatLogs request: empty strings and 0 do not filter. ``newer`` None: without a cursor's direction."""

    account: str = ""
    chat: str = ""
    chat_type: int = 0
    type: str = ""
    cursor: str = ""
    newer: bool = False
    paging: Paging = Paging()

    def takes(self, record: Record) -> bool:
        return (
            self.chat in ("", record.chat)
            and self.type in ("", "0", record.type)
            and self.chat_type in (0, 2 if record.is_room else 1)
        )


@dataclass(frozen=True, slots=True)
class LogPage:
    """``total`` counts all records that the query selects, over all pages."""

    records: Sequence[Record]
    total: int


def chat_logs(world: World, query: LogQuery, behaviour: Behaviour) -> LogPage | None:
    """The page asked for, or None when its cursor is unknown and the behaviour refuses that."""
    log = world.logged(query.account or None)
    first = max(0, len(log) - behaviour.history_depth) if behaviour.history_depth else 0
    at = _place(world, log, query, behaviour)
    if query.cursor and (at is None or at < first):
        if behaviour.unknown_cursor != "newest":
            return LogPage([], 0) if behaviour.unknown_cursor == "empty" else None
        at = None
    return _page(log, first, at, query, behaviour)


def _place(world: World, log: Sequence[Record], query: LogQuery, behaviour: Behaviour) -> int | None:
    """Where the cursor stands in ``log``."""
    if not query.cursor:
        return None
    if query.account in world.accounts and behaviour.pulled_svrid == "same":
        return world.accounts[query.account].places.get(query.cursor)
    different = behaviour.pulled_svrid == "different"
    shown = (record.pulled_svrid if different else record.svrid for record in log)
    return next((at for at, svrid in enumerate(shown) if svrid == query.cursor), None)


def _page(log: Sequence[Record], first: int, at: int | None, query: LogQuery, behaviour: Behaviour) -> LogPage:
    if at is None:
        places = range(len(log) - 1, first - 1, -1)
    elif query.newer:
        places = range(at if behaviour.cursor_inclusive else at + 1, len(log))
        places = places if behaviour.newer_first_page == "nearest" else places[::-1]
    else:
        places = range(at if behaviour.cursor_inclusive else at - 1, first - 1, -1)
    return LogPage(_sorted(_taken(log, places, query), behaviour), _total(log, places, query, behaviour))


def _taken(log: Sequence[Record], places: range, query: LogQuery) -> list[Record]:
    """The page's records, nearest first, looking no further than the page needs."""
    selected = _selected(log, places, query)
    skipped = (query.paging.page - 1) * query.paging.page_size
    return list(islice(selected, skipped, skipped + query.paging.page_size))


def _selected(log: Sequence[Record], places: range, query: LogQuery) -> Iterator[Record]:
    return (log[place] for place in places if query.takes(log[place]))


def _total(log: Sequence[Record], places: range, query: LogQuery, behaviour: Behaviour) -> int:
    return sum(1 for _ in _selected(log, places, query)) if behaviour.pager else 0


def _sorted(records: list[Record], behaviour: Behaviour) -> list[Record]:
    records.sort(key=lambda record: record.seq, reverse=behaviour.sort == "desc")
    if behaviour.sort == "shuffled":
        Random(len(records)).shuffle(records)  # noqa: S311 - the same disorder every time
    return records
