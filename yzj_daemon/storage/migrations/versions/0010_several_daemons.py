"""Several daemons on one store: who leases which lane, what is one for all of them; and what waits, by lane."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_waiting", "deliveries", ["account", "created_at"], sqlite_where=sa.text("state = 'pending'")
    )
    op.add_column("lanes", sa.Column("owner", Id))
    op.create_table(
        "daemons",
        sa.Column("id", Id, nullable=False),
        _text("name"),
        _text("version"),
        _text("rules_hash"),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daemons")),
    )
    op.create_table(
        "grants",
        sa.Column("name", sa.Text(), nullable=False),
        _text("sealed"),
        sa.Column("ends_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("fetching_until", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_grants")),
    )
    op.create_table(
        "allowances",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("calls", sa.Float(53), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_allowances")),
    )
    op.create_table(
        "publications",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _text("who"),
        sa.Column("rule_set_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_sets.id"], name=op.f("fk_publications_rule_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
