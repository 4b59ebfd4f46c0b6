"""Stations, busbars and bays, who has one, for whom one is kept, and the projects that build them ahead of need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stations",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("outside_of", sa.String(), nullable=True),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["outside_of"], ["stations.code"], name="fk_stations_outside_of_stations"),
        sa.PrimaryKeyConstraint("code", name="pk_stations"),
    )
    op.create_index("ix_stations_county", "stations", ["county"])
    op.create_index("ix_stations_outside_of", "stations", ["outside_of"])
    op.create_table(
        "busbars",
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("voltage_kv", sa.String(), nullable=False),
        sa.Column("load_mw", _decimal(), nullable=False),
        sa.Column("growth_percent", _decimal(), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name="fk_busbars_station_stations"),
        sa.PrimaryKeyConstraint("station", "code", name="pk_busbars"),
    )
    op.create_table(
        "bays",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("busbar", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("voltage_kv", sa.String(), nullable=False),
        sa.Column("built", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station", "busbar"], ["busbars.station", "busbars.code"], name="fk_bays_station_busbar_busbars"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bays"),
        sa.UniqueConstraint("station", "code", name="uq_bays_station_code"),
    )
    op.create_index("ix_bays_station_voltage_kv_state", "bays", ["station", "voltage_kv", "state"])
    op.create_index("ix_bays_state_id", "bays", ["state", "id"])
    op.create_table(
        "bay_takings",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("bay", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_workflow_id", sa.String(), nullable=False),
        sa.Column("ended_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["bay"], ["bays.id"], name="fk_bay_takings_bay_bays"),
        sa.PrimaryKeyConstraint("workflow_id", "key", name="pk_bay_takings"),
    )
    held = sa.text("ended_at IS NULL")
    op.create_index("uq_bay_takings_held", "bay_takings", ["bay"], unique=True, sqlite_where=held, postgresql_where=held)
    op.create_index("ix_bay_takings_bay", "bay_takings", ["bay"])
    op.create_index("ix_bay_takings_case_no", "bay_takings", ["case_no"])
    op.create_table(
        "bay_reservations",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("voltage_kv", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("wanted_bay", sa.String(), nullable=True),
        sa.Column("bay", sa.String(), nullable=True),
        sa.Column("need", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("probability", _decimal(), nullable=False),
        sa.Column("needed_year", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name="fk_bay_reservations_station_stations"),
        sa.ForeignKeyConstraint(["wanted_bay"], ["bays.id"], name="fk_bay_reservations_wanted_bay_bays"),
        sa.ForeignKeyConstraint(["bay"], ["bays.id"], name="fk_bay_reservations_bay_bays"),
        sa.PrimaryKeyConstraint("number", name="pk_bay_reservations"),
    )
    kept = sa.text("state = 'approved'")
    op.create_index(
        "uq_bay_reservations_kept", "bay_reservations", ["bay"], unique=True, sqlite_where=kept, postgresql_where=kept
    )
    op.create_index("ix_bay_reservations_station", "bay_reservations", ["station"])
    op.create_index("ix_bay_reservations_wanted_bay", "bay_reservations", ["wanted_bay"])
    op.create_index("ix_bay_reservations_bay", "bay_reservations", ["bay"])
    op.create_index("ix_bay_reservations_proposed_at_number", "bay_reservations", ["proposed_at", "number"])
    op.create_index("ix_bay_reservations_state_expires_on", "bay_reservations", ["state", "expires_on"])
    op.create_index("ix_bay_reservations_reference", "bay_reservations", ["reference"])
    op.create_table(
        "bay_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bay", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("reservation", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["bay"], ["bays.id"], name="fk_bay_events_bay_bays"),
        sa.PrimaryKeyConstraint("id", name="pk_bay_events"),
    )
    op.create_index("ix_bay_events_bay_id", "bay_events", ["bay", "id"])
    op.create_table(
        "bay_projects",
        sa.Column("proposal", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("voltage_kv", sa.String(), nullable=False),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("bays", sa.JSON(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name="fk_bay_projects_station_stations"),
        sa.PrimaryKeyConstraint("proposal", name="pk_bay_projects"),
        sa.UniqueConstraint("case_no", name="uq_bay_projects_case_no"),
    )
    op.create_index("ix_bay_projects_station_voltage_kv", "bay_projects", ["station", "voltage_kv"])


def _decimal() -> sa.types.TypeEngine[object]:
    return sa.Numeric().with_variant(sa.String(), "sqlite")
