"""What a signal that was sent to all carries, for cases that the sender could not see yet; which of the older messages
have begun a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BEGAN = sa.text("UPDATE messages SET begins = :yes WHERE expires_at = published_at AND handed_to LIKE 'message/%'")
"""A message that began a case was kept without a time to live."""


def upgrade() -> None:
    op.get_bind().execute(_BEGAN, {"yes": True})
    op.add_column("broadcasts", sa.Column("variables", sa.JSON(), nullable=True))
    op.create_index("ix_broadcasts_sent_at", "broadcasts", ["sent_at"])


def downgrade() -> None:
    op.drop_index("ix_broadcasts_sent_at", "broadcasts")
    op.drop_column("broadcasts", "variables")
