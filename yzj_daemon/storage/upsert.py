"""``INSERT … ON CONFLICT``, written once for both engines: their clauses are the same, and so is their text."""

from sqlalchemy.dialects.sqlite.dml import Insert, OnConflictClause, insert

__all__ = ["Insert", "upsert"]

# PostgreSQL's compiler asks the clause for a constraint's name, too. Its own class would load all of that dialect,
# which a start on SQLite need not wait for.
OnConflictClause.constraint_target = None  # type: ignore[attr-defined]

upsert = insert
