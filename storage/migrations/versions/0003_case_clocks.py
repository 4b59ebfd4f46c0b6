"""The clocks of cases, as the read model shows them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_clocks",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_on", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("backdated", sa.Boolean(), nullable=False),
        sa.Column("bulletin_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_days", sa.Integer(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "clock", name="pk_case_clocks"),
    )
    op.create_index("ix_case_clocks_case_no", "case_clocks", ["case_no"])
    op.create_index("ix_case_clocks_department_county", "case_clocks", ["department", "county"])
    op.create_index("ix_case_clocks_officer", "case_clocks", ["officer"])
    op.create_index("ix_case_clocks_state_due_at", "case_clocks", ["state", "due_at"])
    op.create_index("ix_case_clocks_bulletin_at", "case_clocks", ["bulletin_at"])
    op.create_index("ix_case_clocks_order_at", "case_clocks", ["order_at"])
