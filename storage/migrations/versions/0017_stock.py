"""Materials in stock: depots, items, levels, movements, orders, what is promised to cases, and what they lack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "depots",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("counties", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_depots"),
    )
    op.create_table(
        "stock_items",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_stock_items"),
        sa.UniqueConstraint("name", name="uq_stock_items_name"),
    )
    op.create_table(
        "stock_levels",
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("depot", sa.String(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item", "depot", name="pk_stock_levels"),
        sa.ForeignKeyConstraint(["item"], ["stock_items.code"], name="fk_stock_levels_item_stock_items"),
        sa.ForeignKeyConstraint(["depot"], ["depots.code"], name="fk_stock_levels_depot_depots"),
        sa.CheckConstraint("on_hand >= 0", name="ck_stock_levels_on_hand_not_negative"),
        sa.CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="ck_stock_levels_reserved_on_hand"),
        sa.CheckConstraint("minimum >= 0", name="ck_stock_levels_minimum_not_negative"),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("depot", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stock_movements"),
        sa.ForeignKeyConstraint(
            ["item", "depot"], ["stock_levels.item", "stock_levels.depot"], name="fk_stock_movements_item_depot_stock_levels"
        ),
    )
    op.create_index("ix_stock_movements_item_depot", "stock_movements", ["item", "depot"])
    op.create_index("ix_stock_movements_paper", "stock_movements", ["paper"])
    op.create_table(
        "stock_orders",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("depot", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_stock_orders"),
        sa.ForeignKeyConstraint(
            ["item", "depot"], ["stock_levels.item", "stock_levels.depot"], name="fk_stock_orders_item_depot_stock_levels"
        ),
        sa.CheckConstraint("quantity > 0 AND received >= 0", name="ck_stock_orders_quantities"),
    )
    op.create_index("ix_stock_orders_item_state", "stock_orders", ["item", "state"])
    op.create_table(
        "stock_reservations",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("against", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_stock_reservations"),
        sa.UniqueConstraint("workflow_id", "key", name="uq_stock_reservations_workflow_id_key"),
    )
    op.create_index("ix_stock_reservations_case_no", "stock_reservations", ["case_no"])
    op.create_table(
        "stock_reservation_lines",
        sa.Column("reservation", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("depot", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reservation", "line", name="pk_stock_reservation_lines"),
        sa.ForeignKeyConstraint(
            ["reservation"],
            ["stock_reservations.number"],
            name="fk_stock_reservation_lines_reservation_stock_reservations",
        ),
        sa.ForeignKeyConstraint(
            ["item", "depot"],
            ["stock_levels.item", "stock_levels.depot"],
            name="fk_stock_reservation_lines_item_depot_stock_levels",
        ),
        sa.CheckConstraint("held >= 0 AND held <= quantity", name="ck_stock_reservation_lines_held"),
    )
    op.create_table(
        "stock_shortages",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("depot", sa.String(), nullable=False),
        sa.Column("needed", sa.BigInteger(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "item", name="pk_stock_shortages"),
        sa.ForeignKeyConstraint(["item"], ["stock_items.code"], name="fk_stock_shortages_item_stock_items"),
    )
    op.add_column("material_slips", sa.Column("against", sa.String(), nullable=True))
