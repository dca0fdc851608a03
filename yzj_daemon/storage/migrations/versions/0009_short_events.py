"""An event's id first and whole, behind it in eight characters whose it is; chat and key stand in other columns.

What envelopes hold twice is folded from now on (storage/envelope.py); those that are there stay as they are.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEYS = frozenset({"wx_svrid", "wx_msgid", "svrid"})


def upgrade() -> None:
    connection = op.get_bind()
    driver: Any = connection.connection.driver_connection
    driver.create_function("shortened", 1, shortened, deterministic=True)
    connection.exec_driver_sql("UPDATE messages SET event = shortened(event)")
    connection.exec_driver_sql("UPDATE deliveries SET event = shortened(event)")


def shortened(event: str) -> str:
    """Of ``chat|key|id``, ``account|chat|key|id`` or ``account|id``."""
    parts = event.rsplit("|", 2)
    if len(parts) == 3 and parts[1] in KEYS:
        return f"{parts[2]}.{short(f'{parts[0]}|{parts[1]}')}"
    account, _, own = event.partition("|")
    return f"{own}.{short(f'{account}|id')}"


@lru_cache(maxsize=10_000)
def short(origin: str) -> str:
    return urlsafe_b64encode(blake2b(origin.encode(), digest_size=6).digest()).decode()
