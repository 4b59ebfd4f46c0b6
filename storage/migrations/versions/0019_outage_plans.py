"""Weekly outage plans, the requests that come to them, and their items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outage_plans",
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cut_off_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("plan_no", sa.String(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("executed", sa.Integer(), nullable=True),
        sa.Column("planned", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("unit", "week", name="pk_outage_plans"),
        sa.UniqueConstraint("workflow_id", name="uq_outage_plans_workflow_id"),
    )
    op.create_index("ix_outage_plans_starts_at", "outage_plans", ["starts_at"])
    op.create_table(
        "outage_entries",
        sa.Column("request_no", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit", "week"],
            ["outage_plans.unit", "outage_plans.week"],
            name="fk_outage_entries_unit_week_outage_plans",
        ),
        sa.PrimaryKeyConstraint("request_no", name="pk_outage_entries"),
    )
    op.create_index("ix_outage_entries_case_no", "outage_entries", ["case_no"])
    op.create_index("ix_outage_entries_unit_week", "outage_entries", ["unit", "week"])
    op.create_table(
        "outage_items",
        sa.Column("item_no", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("feeder", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("actual_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("deliveries", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit", "week"],
            ["outage_plans.unit", "outage_plans.week"],
            name="fk_outage_items_unit_week_outage_plans",
        ),
        sa.PrimaryKeyConstraint("item_no", name="pk_outage_items"),
    )
    op.create_index("ix_outage_items_unit_week", "outage_items", ["unit", "week"])
    op.create_index("ix_outage_items_feeder_starts_at", "outage_items", ["feeder", "starts_at"])
