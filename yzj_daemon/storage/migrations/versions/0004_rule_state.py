"""What rules remember: when they matched last, and since when they rest."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_matches",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("matched_at", sa.BigInteger(), nullable=True),
        sa.Column("matches", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_rule_matches")),
    )
    op.create_table(
        "cooldowns",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "key", name=op.f("pk_cooldowns")),
    )
    op.create_index(op.f("ix_cooldowns_until"), "cooldowns", ["until"], unique=False)
