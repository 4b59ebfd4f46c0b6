"""What people have entered into forms and not handed in yet; tasks that everybody may take; levels that were seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_drafts",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "task", "account", name="pk_task_drafts"),
    )
    op.create_index("ix_task_drafts_account", "task_drafts", ["account"])
    op.add_column("case_clocks", sa.Column("acknowledged_level", sa.Integer(), nullable=True))
    op.add_column("case_clocks", sa.Column("acknowledged_by", sa.String(), nullable=True))
    op.add_column("case_clocks", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "INSERT INTO task_candidates (workflow_id, key, kind, candidate) "
        "SELECT workflow_id, key, 'anyone', '' FROM tasks WHERE state = 'open' AND assignee = '' AND NOT EXISTS ("
        "SELECT 1 FROM task_candidates c WHERE c.workflow_id = tasks.workflow_id AND c.key = tasks.key)"
    )
