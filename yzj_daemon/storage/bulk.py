"""Statements of the hot path, compiled once for each engine and run by the driver, past what SQLAlchemy does for each
run. They are Core's all the same.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from sqlalchemy import JSON, Connection, Dialect, Text, bindparam, cast, column, func, select
from sqlalchemy.sql import Executable

from yzj_daemon.storage.upsert import Insert

_NUL: Final = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")
"""The escape, and not a backslash before the letters."""


class _Text(NamedTuple):
    """A statement as a driver takes it. ``pick``: a row's values in their places, where they go by place."""

    sql: str
    pick: Callable[[Mapping[str, Any]], Any] | None
    constants: Mapping[str, Any]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        if self.constants:
            values = {**self.constants, **values}
        return self.pick(values) if self.pick else values


def _compiled(statement: Executable, dialect: Dialect, columns: Sequence[str] | None = None) -> _Text:
    named = None if columns is None else list(columns)
    compiled = statement.compile(dialect=dialect, column_keys=named)  # type: ignore[attr-defined]
    order = tuple(getattr(compiled, "positiontup", None) or ())
    return _Text(str(compiled), _picking(order) if order else None, {} if named else dict(compiled.params))


def _picking(order: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Tuples, also of one value."""
    if len(order) > 1:
        return itemgetter(*order)
    [name] = order
    return lambda values: (values[name],)


class Bulk:
    r"""An insert of many rows, each of which names every one of ``columns``. ``on_conflict`` says what becomes of it.

    To PostgreSQL all rows go in one statement, as one JSON text: one way to the server and back, however many, and
    nothing is converted value by value on this side. ``\u0000``, which its text cannot hold, becomes its symbol.
    """

    def __init__(
        self, insert: Insert, columns: Sequence[str], on_conflict: Callable[[Insert], Executable] = lambda i: i
    ) -> None:
        self._insert = insert
        self._columns = tuple(columns)
        self._on_conflict = on_conflict
        self._texts: dict[str, _Text] = {}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """In the connection's transaction."""
        if connection.dialect.name == "sqlite":
            text = self._row_by_row(connection.dialect)
            connection.connection.cursor().executemany(text.sql, list(map(text.parameters, rows)))
        else:
            self._at_once(connection, rows)

    def rows(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """The same; answers what the insert returns, as the driver has it."""
        if connection.dialect.name == "sqlite":
            text, cursor = self._row_by_row(connection.dialect), connection.connection.cursor()
            return [told for row in rows for told in cursor.execute(text.sql, text.parameters(row)).fetchall()]
        return list(self._at_once(connection, rows).fetchall())

    def _row_by_row(self, dialect: Dialect) -> _Text:
        return self._texts.get(dialect.name) or self._keep(
            dialect, _compiled(self._on_conflict(self._insert), dialect, self._columns)
        )

    def _at_once(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Any:
        text = self._texts.get(connection.dialect.name) or self._keep(
            connection.dialect, _compiled(self._on_conflict(self._from_json()), connection.dialect)
        )
        told = msgspec.json.encode(rows).decode()
        if "\\u0000" in told:
            told = _NUL.sub(r"\1\\u2400", told)
        cursor = connection.connection.cursor()
        cursor.execute(text.sql, text.parameters({"rows": told}))
        return cursor

    def _keep(self, dialect: Dialect, text: _Text) -> _Text:
        self._texts[dialect.name] = text
        return text

    def _from_json(self) -> Insert:
        table: Any = self._insert.table
        columns = [column(name, table.c[name].type) for name in self._columns]
        told = func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON))
        rows = told.table_valued(*columns, name="given").render_derived(with_types=True)
        return self._insert.from_select(list(self._columns), select(*(rows.c[name] for name in self._columns)))


class Prepared:
    """One statement; what varies in it are ``bindparam``, or for an insert ``columns``, all of which are given.

    Rows are the driver's: tuples, and flags may be numbers.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._texts: dict[str, _Text] = {}
        self._named: Callable[[Iterable[Any]], Any] | None = None

    def run(self, connection: Connection, **values: Any) -> None:
        self._executed(connection, values)

    def each(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Once for each row of values."""
        text = self._text(connection.dialect)
        connection.connection.cursor().executemany(text.sql, list(map(text.parameters, rows)))

    def rows(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        return list(self._executed(connection, values).fetchall())

    def first(self, connection: Connection, **values: Any) -> Any:
        """The first row, with its columns as attributes; None where there is none."""
        row = self._executed(connection, values).fetchone()
        return None if row is None else self._with_names(row)

    def all(self, connection: Connection, **values: Any) -> list[Any]:
        """Every row, with its columns as attributes."""
        return [self._with_names(row) for row in self._executed(connection, values).fetchall()]

    def _with_names(self, row: Iterable[Any]) -> Any:
        if self._named is None:
            columns: Any = self._statement.selected_columns  # type: ignore[attr-defined]
            selected: Any = namedtuple("Selected", columns.keys())  # type: ignore[misc]  # noqa: PYI024 - the statement's
            self._named = selected._make
        return self._named(row)

    def _executed(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        text = self._text(connection.dialect)
        cursor = connection.connection.cursor()
        cursor.execute(text.sql, text.parameters(values))
        return cursor

    def _text(self, dialect: Dialect) -> _Text:
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = _compiled(self._statement, dialect, self._columns)
        return text


Row = TypeVar("Row", bound=Mapping[str, Any])


def in_common_order(connection: Connection, rows: Sequence[Row], key: Callable[[Row], Any]) -> Sequence[Row]:
    """Rows that others may be inserting at the same time: all in the same order, for two who wait for each other wait
    in vain. As they are, where nobody else writes.
    """
    return rows if connection.dialect.name == "sqlite" else sorted(rows, key=key)
