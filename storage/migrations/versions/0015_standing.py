"""Indexes for lists: how cases stand (their running clocks), cases from the newest on, the tasks somebody holds."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_case_clocks_standing",
        "case_clocks",
        ["state", "handed_on", "case_no", "workflow_id", "clock", "level", "due_at"],
    )
    op.drop_index("ix_case_clocks_state_due_at", "case_clocks")  # SQLite would take it for the earliest of one case
    op.create_index("ix_cases_case_no_parent_workflow_id", "cases", ["case_no", "parent_workflow_id"])
    op.drop_index("ix_cases_case_no", "cases")
    op.create_index("ix_cases_parent_workflow_id_opened_at", "cases", ["parent_workflow_id", "opened_at"])
    op.drop_index("ix_cases_parent_workflow_id", "cases")
    op.create_index("ix_tasks_assignee_state", "tasks", ["assignee", "state"])
    op.drop_index("ix_tasks_assignee", "tasks")
