"""Alembic runs this file; the connection with its open transaction comes from `upgrade`."""

from __future__ import annotations

from alembic import context

from bot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller began the transaction and commits it
    render_as_batch=True,
)
context.run_migrations()
