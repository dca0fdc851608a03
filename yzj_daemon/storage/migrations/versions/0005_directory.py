"""The directory: chats by id with their names, and which accounts see them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("earlier_name", sa.Text(), server_default="", nullable=False),
        sa.Column("renamed_at", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("synced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
    )
    op.create_index(op.f("ix_chats_kind_id"), "chats", ["kind", "id"], unique=False)
    op.create_table(
        "chat_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("synced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "chat", name=op.f("pk_chat_accounts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_chat_accounts_chat"), "chat_accounts", ["chat"], unique=False)
