"""Where cases asked for a bay and got none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bay_wishes",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("lead_no", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("voltage_kv", sa.String(), nullable=False),
        sa.Column("bay", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("workflow_id", name="pk_bay_wishes"),
    )


def downgrade() -> None:
    op.drop_table("bay_wishes")
