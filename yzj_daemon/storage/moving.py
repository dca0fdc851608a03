"""A store carried over into another one, of either engine: every row under its own number, in bites, and compared.

Until all of it has arrived and was compared, the target says in the place of its schema's version that it is half of a
store: no daemon starts on it, of whatever version. After that the source says that it was moved away, for what waits
would otherwise leave from both.

What a daemon makes anew by itself stays behind: who is alive, who owns which lane, the shared token and budget.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from hashlib import blake2b, sha256
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Column, Connection, Integer, Row, Table, delete, func, insert, literal, select, tuple_
from sqlalchemy.exc import IntegrityError

from yzj_daemon.clock import Millis
from yzj_daemon.errors import Phrase, StoreProblem, UsageProblem
from yzj_daemon.storage import controls, copying, daemons, outbox, reports, schema
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store

BITE: Final = 2_000
"""Rows of one transaction."""

LEFT_BEHIND: Final = frozenset({"daemons", "grants", "allowances"})

NUL: Final = "\0"
"""PostgreSQL's texts cannot hold it: there it becomes its symbol (``postgres.py``)."""

SYMBOL_OF_NUL: Final = "\u2400"

WALKS: Final = 3
"""How often each row is walked past: to carry it, and to compare it on both sides."""


class Sum(NamedTuple):
    """What a table holds. ``digest``: of all rows in whatever order. ``nuls``: texts with a NUL in them."""

    rows: int
    digest: str
    nuls: int


class Moved(NamedTuple):
    """``unknown``: deliveries that were on their way when the last daemon ended."""

    tables: Mapping[str, Sum]
    unknown: int

    @property
    def rows(self) -> int:
        return sum(found.rows for found in self.tables.values())

    @property
    def nuls(self) -> int:
        return sum(found.nuls for found in self.tables.values())


class _Walk:
    """How far it is, told in rows left and rows in all."""

    def __init__(self, whole: int, progress: copying.Progress) -> None:
        self._whole = self._left = whole
        self._progress = progress

    def on(self, rows: int) -> None:
        self._left = max(0, self._left - rows)
        self._progress(self._left, self._whole)


def move(
    source: Store,
    target: Store,
    who: str,
    now: Millis,
    progress: copying.Progress = copying.no_progress,
    *,
    anew: bool = False,
) -> Moved:
    """Carry a store over, or go on where an earlier move of the same two broke off.

    ``anew``: what an unfinished move left in the target is thrown away first.

    Raises:
        UsageProblem: both are the same.
        StoreProblem: a daemon runs on one of them; the source is of another version, was moved already, or its books
            do not balance; the target holds something else; in the end they differ.
    """
    if source.place == target.place:
        raise UsageProblem(
            Phrase(f"{source.place} 就是它自己", f"{source.place} and {target.place} are the same store")
        )
    _require_movable(source, target)
    _take_up(target, _mark(source), anew=anew)
    walk = _Walk(WALKS * sum(_count(source, table) for table in carried()), progress)
    for table in carried():
        _carry(source, target, table, walk)
    sums = _compared(source, target, walk)
    _say_moved(source, target, who, now, sum(found.rows for found in sums.values()))
    return Moved(sums, target.write_now(partial(_arrived, source=source, who=who, now=now)))


def carried() -> list[Table]:
    """What others point to comes first."""
    return [table for table in t.metadata.sorted_tables if table.name not in LEFT_BEHIND]


def summed(store: Store, table: Table, walk: _Walk | None = None) -> Sum:
    """Read all of it."""

    def work(connection: Connection) -> Sum:
        rows = total = nuls = 0
        with _bites(connection, select(*_columns(table))) as bites:
            for bite in bites:
                for row in bite:
                    written, with_nul = _written(row)
                    nuls += with_nul
                    total += int.from_bytes(blake2b(written, digest_size=16).digest(), "big")
                rows += len(bite)
                if walk is not None:
                    walk.on(len(bite))
        return Sum(rows, f"{total % (1 << 128):032x}", nuls)

    return store.read_now(work)


# What allows a move --------------------------------------------------------------------------------------------------


def _require_movable(source: Store, target: Store) -> None:
    for store in (source, target):
        require_alone(store)
    source.read_now(schema.require_current)
    gone = source.read_now(controls.moved_to)
    if gone is not None and not (gone == target.place and target.read_now(schema.version) == _mark(source)):
        raise schema.moved_away(gone)
    if not source.read_now(_balanced):
        raise StoreProblem(
            Phrase(
                f"{source.place} 的账目不平, 没有搬", f"the books of {source.place} do not balance; nothing was moved"
            ),
            Phrase("运行 yzj-daemon audit", "run: yzj-daemon audit"),
        )


def require_alone(store: Store) -> None:
    """Raises StoreProblem: a daemon runs on it. A file stays ours until it is closed."""
    store.claim()
    if not store.database.shared or store.read_now(schema.version) is None:
        return
    if names := daemons.running_on(store):
        told = ", ".join(names)
        raise StoreProblem(
            Phrase(f"{store.place} 上有守护进程在运行: {told}", f"daemons run on {store.place}: {told}"),
            Phrase(
                "先把它们都停掉 (被强行结束的, 几秒后才算停)",
                "stop them all first; one that was killed counts for a few seconds more",
            ),
        )


def _balanced(connection: Connection) -> bool:
    schema.unhurried(connection)
    return reports.books(connection).balanced


def _take_up(target: Store, mark: str, *, anew: bool) -> None:
    """From here on the target belongs to this move."""

    def work(connection: Connection) -> None:
        schema.unhurried(connection)
        found = schema.version(connection)
        if anew and found is not None and found.startswith(schema.MOVING):
            _empty(connection)
        elif found == mark:
            return
        elif found is None and not schema.strangers(connection):
            schema.upgrade(connection)
        elif found != schema.HEAD or (table := _first_filled(connection)) is not None:
            raise _occupied(target.place, found, table if found == schema.HEAD else None)
        schema.set_version(connection, mark)

    path = target.database.path
    if path is not None:
        path.touch(mode=0o600)  # messages are private
    target.write_now(work)


def _empty(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"TRUNCATE {', '.join(table.name for table in t.metadata.sorted_tables)}")
    else:
        for table in reversed(t.metadata.sorted_tables):
            connection.execute(delete(table))


def _first_filled(connection: Connection) -> str | None:
    tables = t.metadata.sorted_tables
    return next(
        (table.name for table in tables if connection.execute(select(literal(1)).select_from(table)).first()), None
    )


# Carrying ------------------------------------------------------------------------------------------------------------


def _carry(source: Store, target: Store, table: Table, walk: _Walk) -> None:
    """What is numbered goes on after the last number that arrived; what is named is short, and begins anew."""
    key = list(table.primary_key.columns)
    columns = _columns(table)
    query = select(*columns).order_by(*key)
    there, whole = _count(target, table), _count(source, table)
    if not isinstance(key[0].type, Integer):
        if there == whole:
            walk.on(whole)
            return
        target.write_now(lambda connection: connection.execute(delete(table)))
    elif there:
        last = target.read_now(
            lambda connection: connection.execute(select(*key).order_by(*(c.desc() for c in key)).limit(1)).one()
        )
        query = query.where(tuple_(*key) > tuple_(*(literal(value) for value in last)))
        walk.on(there)

    def work(connection: Connection) -> None:
        with _bites(connection, query) as bites:
            for bite in bites:
                target.write_now(partial(_put, table=table, columns=columns, rows=bite))
                walk.on(len(bite))

    try:
        source.read_now(work)
    except Exception as error:
        if _broke_a_constraint(error):
            raise _differ(target, [table.name]) from error
        raise


@contextmanager
def _bites(connection: Connection, query: Any) -> Iterator[Iterator[Sequence[Row[Any]]]]:
    schema.unhurried(connection)
    with closing(connection.execute(query, execution_options={"yield_per": BITE})) as found:
        yield found.partitions()


def _put(connection: Connection, table: Table, columns: Sequence[Column[Any]], rows: Sequence[Row[Any]]) -> None:
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), [row._asdict() for row in rows])
        return
    quoted = connection.dialect.identifier_preparer.quote_identifier
    names = ", ".join(quoted(column.name) for column in columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {quoted(table.name)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _broke_a_constraint(error: Exception) -> bool:
    """Something is in the target's place for a row that this move did not put there."""
    return isinstance(error, IntegrityError) or str(getattr(error, "sqlstate", None)).startswith("23")


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column is not t.lanes.c.owner]


def _count(store: Store, table: Table) -> int:
    def work(connection: Connection) -> int:
        schema.unhurried(connection)
        found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
        return found

    return store.read_now(work)


# Comparing -----------------------------------------------------------------------------------------------------------


def _compared(source: Store, target: Store, walk: _Walk) -> dict[str, Sum]:
    """Raises StoreProblem: they are not the same, row for row."""
    sums, unlike = {}, []
    for table in carried():
        sums[table.name] = found = summed(source, table, walk)
        if found[:2] != summed(target, table, walk)[:2]:
            unlike.append(table.name)
    if unlike or source.read_now(_books) != target.read_now(_books):
        raise _differ(target, unlike or ["audit"])
    return sums


def _books(connection: Connection) -> reports.Books:
    schema.unhurried(connection)
    return reports.books(connection)


_NUL_IN_JSON: Final = b"\\u0000"


def _written(row: Row[Any]) -> tuple[bytes, int]:
    """A row as JSON, the same from either engine; and how many of its texts have a NUL."""
    written = msgspec.json.encode(tuple(row))
    if _NUL_IN_JSON not in written:
        return written, 0
    with_nul = sum(isinstance(value, str) and NUL in value for value in row)
    values = [value.replace(NUL, SYMBOL_OF_NUL) if isinstance(value, str) else value for value in row]
    return msgspec.json.encode(values), with_nul


# The end -------------------------------------------------------------------------------------------------------------


def _say_moved(source: Store, target: Store, who: str, now: Millis, rows: int) -> None:
    def work(connection: Connection) -> None:
        if controls.moved_to(connection) is None:  # an earlier move of the two may have come so far
            controls.record(connection, who, controls.MOVED, {"to": target.place, "rows": rows}, 0, now)

    if source.database.shared:
        require_alone(source)
    source.write_now(work)


def _arrived(connection: Connection, source: Store, who: str, now: Millis) -> int:
    """It is a whole store from now on."""
    if connection.dialect.name == "postgresql":
        for table in carried():
            _go_on_counting(connection, table)
    unknown = outbox.interrupted(connection, now)
    controls.record(connection, who, controls.ARRIVED, {"from": source.place, "unknown": unknown}, unknown, now)
    schema.set_version(connection, schema.HEAD)
    return unknown


def _go_on_counting(connection: Connection, table: Table) -> None:
    """The next number that the database gives is beyond those that came along."""
    column = table.autoincrement_column
    if column is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        last = select(func.max(column)).scalar_subquery()
        connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _mark(source: Store) -> str:
    """What the target has for a version while this source moves into it: no more than 32 characters."""
    return schema.MOVING + sha256(source.place.encode()).hexdigest()[:16]


def _occupied(place: str, version: str | None, table: str | None) -> StoreProblem:
    what = f"({table})" if table else f"({version})" if version else ""
    return StoreProblem(
        Phrase(
            f"{place} 里已经有别的东西 {what}, 没有搬",
            f"{place} holds something else already {what}; nothing was moved",
        ),
        Phrase(
            "给一个空的库或不存在的文件; 上一次没搬完的, FROM 要和那一次写法相同, 或加 --anew 从头来",
            "name an empty database or a file that is not there; to go on with a move that broke off, write FROM as it "
            "was written then, or add --anew to begin it anew",
        ),
    )


def _differ(target: Store, tables: Sequence[str]) -> StoreProblem:
    told = ", ".join(tables)
    return StoreProblem(
        Phrase(
            f"搬到 {target.place} 的和原来的不一样: {told}; 搬的过程中有一边被改过",
            f"what arrived in {target.place} is not what left: {told}; one of them was changed meanwhile",
        ),
        Phrase(
            "原来的数据库没有变, 可以接着用; 要重新搬, 加上 --anew",
            "the store of before is as it was, and may go on; to move anew add --anew",
        ),
    )
