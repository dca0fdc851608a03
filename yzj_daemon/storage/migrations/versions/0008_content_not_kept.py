"""Which content was not kept, by its fingerprint (``store.content = "none"``)."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("fingerprint", sa.Text(), server_default="", nullable=False))
