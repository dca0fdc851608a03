"""Alembic's entry: migrations run on the connection and inside the transaction of the caller (schema.upgrade)."""

from alembic import context

from yzj_daemon.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
