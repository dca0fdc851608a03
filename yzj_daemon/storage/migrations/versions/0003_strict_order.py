"""Deliveries that keep the order of their chat; what came too late is quickly counted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ORDERED = sa.text("strict AND state IN ('pending', 'sending', 'unknown')")

TOO_OLD = sa.text("reason = 'too_old'")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("strict", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(
        "ix_deliveries_ordered",
        "deliveries",
        ["account", "chat", "message_id"],
        unique=False,
        sqlite_where=ORDERED,
        postgresql_where=ORDERED,
    )
    op.create_table(
        "probes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_probes")),
    )
    op.create_index(
        "ix_decisions_too_old",
        "decisions",
        ["decided_at"],
        unique=False,
        sqlite_where=TOO_OLD,
        postgresql_where=TOO_OLD,
    )
