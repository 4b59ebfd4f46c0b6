"""Alembic's entry: `Database.migrate` runs it on its own connection, within its own transaction."""

from __future__ import annotations

from alembic import context

from storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
