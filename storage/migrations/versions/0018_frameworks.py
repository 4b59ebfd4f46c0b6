"""Framework agreements, their lots, and what was called off from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "frameworks",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("award_no", sa.String(), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("contractor", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("licence_until", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("called_off", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_frameworks"),
        sa.CheckConstraint("called_off >= 0 AND called_off <= total", name="ck_frameworks_called_off_within_total"),
    )
    op.create_table(
        "framework_lots",
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("called_off", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("framework", "lot", name="pk_framework_lots"),
        sa.ForeignKeyConstraint(["framework"], ["frameworks.number"], name="fk_framework_lots_framework_frameworks"),
        sa.CheckConstraint(
            "called_off >= 0 AND called_off <= amount", name="ck_framework_lots_called_off_within_amount"
        ),
    )
    op.create_table(
        "framework_call_offs",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_framework_call_offs"),
        sa.UniqueConstraint("workflow_id", "key", name="uq_framework_call_offs_workflow_id_key"),
        sa.ForeignKeyConstraint(
            ["framework", "lot"],
            ["framework_lots.framework", "framework_lots.lot"],
            name="fk_framework_call_offs_framework_lot_framework_lots",
        ),
        sa.CheckConstraint("amount > 0", name="ck_framework_call_offs_amount_positive"),
    )
    op.create_index("ix_framework_call_offs_case_no", "framework_call_offs", ["case_no"])
    op.create_index("ix_framework_call_offs_framework", "framework_call_offs", ["framework"])
