"""Messages to officers and their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", name="pk_notices"),
    )
    op.create_index("ix_notices_case_no", "notices", ["case_no"])
    op.create_index("ix_notices_recipient_read_at", "notices", ["recipient", "read_at"])
    op.create_table(
        "notice_deliveries",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unclear", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workflow_id", "key"],
            ["notices.workflow_id", "notices.key"],
            name="fk_notice_deliveries_workflow_id_key_notices",
        ),
        sa.PrimaryKeyConstraint("workflow_id", "key", "channel", name="pk_notice_deliveries"),
        sa.UniqueConstraint("message_id", name="uq_notice_deliveries_message_id"),
    )
    op.create_index("ix_notice_deliveries_state_recorded_at", "notice_deliveries", ["state", "recorded_at"])
