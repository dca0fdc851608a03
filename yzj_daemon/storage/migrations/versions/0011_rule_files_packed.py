"""The files of rule sets are kept compressed, and what each rule matched lies in its key's tree alone."""

import zlib

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

rule_sets = sa.table("rule_sets", sa.column("id"), sa.column("sources"), sa.column("packed"))


def upgrade() -> None:
    _pack_files()
    if op.get_context().dialect.name == "sqlite":
        _without_rowid()


def _pack_files() -> None:
    op.add_column("rule_sets", sa.Column("packed", sa.LargeBinary(), nullable=False, server_default=""))
    connection = op.get_bind()
    for id_ in connection.scalars(sa.select(rule_sets.c.id)).all():
        this = rule_sets.c.id == id_  # one at a time: all of them may be more than the memory holds
        sources = connection.execute(sa.select(rule_sets.c.sources).where(this)).scalar_one()
        packed = zlib.compress((sources or "{}").encode())
        connection.execute(sa.update(rule_sets).where(this).values(packed=packed, sources=""))
    op.drop_column("rule_sets", "sources")


def _without_rowid() -> None:
    op.rename_table("rule_matches", "rule_matches_before")
    op.create_table(
        "rule_matches",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("matched_at", sa.BigInteger()),
        sa.Column("matches", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_rule_matches")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO rule_matches SELECT rule, known_at, matched_at, matches FROM rule_matches_before ORDER BY rule"
    )
    op.drop_table("rule_matches_before")
