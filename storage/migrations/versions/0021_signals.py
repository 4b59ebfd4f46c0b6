"""Which signals the diagrams of a bundle hear, those that were sent to all cases; timer start events."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    signals = op.create_table(
        "bundle_signals",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signal", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key", "version"], ["bundles.key", "bundles.version"], name="fk_bundle_signals_key_version_bundles"
        ),
        sa.PrimaryKeyConstraint("key", "version", "signal", "element", name="pk_bundle_signals"),
    )
    op.create_index("ix_bundle_signals_signal", "bundle_signals", ["signal"])
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=True),
        sa.Column("begun", sa.Integer(), nullable=True),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
    )
    op.create_table(
        "timer_starts",
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("timer", sa.String(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("interval", sa.String(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("process", "element", "part", name="pk_timer_starts"),
    )
    op.create_index("ix_timer_starts_due", "timer_starts", ["due"])
    rows = [
        {"key": key, "version": version, "signal": signal, "element": element}
        for key, version, payload in op.get_bind().execute(sa.text("SELECT key, version, payload FROM bundles"))
        for signal, element in sorted(set(_signals(key, json.loads(zlib.decompress(payload)))))
    ]
    op.bulk_insert(signals, rows)


def _signals(key: str, definition: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The signals that the processes of a bundle may wait for, and those that begin the process `key`, with the element
    at which."""
    for process in definition["processes"]:
        gateways = {one["id"] for one in process["elements"] if one.get("instantiates")}
        behind = {flow["target"] for flow in process["flows"] if flow["source"] in gateways}
        for element in process["elements"]:
            event = element.get("event") or {}
            starts = element["kind"] == "startEvent" and element["scope"] == key
            for part in (event, *event.get("parts", ())):
                if name := part.get("signal", ""):
                    yield "" if name.startswith("=") else name, ""
                    if process["id"] == key and (starts or element["id"] in behind):
                        yield name, element["id"]


def downgrade() -> None:
    op.drop_index("ix_timer_starts_due", "timer_starts")
    op.drop_table("timer_starts")
    op.drop_table("broadcasts")
    op.drop_index("ix_bundle_signals_signal", "bundle_signals")
    op.drop_table("bundle_signals")
