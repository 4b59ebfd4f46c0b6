"""Data stores, and who wrote them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_stores",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_data_stores"),
    )
    op.create_table(
        "data_store_writes",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("write_id", sa.String(), nullable=True),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store", "version", name="pk_data_store_writes"),
        sa.UniqueConstraint("write_id", name="uq_data_store_writes_write_id"),
    )


def downgrade() -> None:
    op.drop_table("data_store_writes")
    op.drop_table("data_stores")
