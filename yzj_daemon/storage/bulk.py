"""Statements of the hot path, compiled once and run by the driver, past what SQLAlchemy does for each run.

They are Core's all the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import Insert


class _Compiled:
    """A statement's text, its parameters' order, and those that it brings itself."""

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._constants: dict[str, Any] = {}
        self._order: tuple[str, ...] = ()
        self._sql = ""

    def sql(self, dialect: Dialect) -> str:
        if not self._sql:
            compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)  # type: ignore[attr-defined]
            order = getattr(compiled, "positiontup", None)
            assert order is not None, "the driver takes parameters by position"
            if self._columns is None:
                self._constants = dict(compiled.params)
            self._sql, self._order = str(compiled), tuple(order)
        return self._sql

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        if self._constants:
            values = {**self._constants, **values}
        return [values[name] for name in self._order]


class Bulk(_Compiled):
    """An insert of many rows, each of which names every one of ``columns``."""

    def __init__(self, statement: Insert, columns: Sequence[str]) -> None:
        super().__init__(statement, columns)

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """In the connection's transaction."""
        sql = self.sql(connection.dialect)
        connection.connection.cursor().executemany(sql, [self.parameters(row) for row in rows])


class Query(_Compiled):
    """A select; what varies in it are ``bindparam``. Rows are the driver's: tuples, and flags are numbers."""

    def rows(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        cursor = connection.connection.cursor()
        cursor.execute(self.sql(connection.dialect), self.parameters(values))
        found: list[tuple[Any, ...]] = list(cursor.fetchall())
        return found
