"""Messages that begin one case together, and which messages cases have begun with."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_UPDATE = sa.text(
    "UPDATE bundle_messages SET starts = :starts, together = :together, part = :part"
    " WHERE key = :key AND version = :version AND message = :message"
)


def upgrade() -> None:
    op.add_column("bundle_messages", sa.Column("together", sa.String(), nullable=True))
    op.add_column("bundle_messages", sa.Column("part", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("begins", sa.Boolean(), nullable=False, server_default=sa.false()))
    bundles = op.get_bind().execute(sa.text("SELECT key, version, payload FROM bundles")).all()
    for key, version, payload in bundles:
        definition = json.loads(zlib.decompress(payload)) if payload else {"processes": []}
        process = next((one for one in definition["processes"] if one["id"] == key), None)
        for message, together, part in _meetings(process) if process else ():
            row = {"key": key, "version": version, "message": message}
            op.get_bind().execute(_UPDATE, {**row, "starts": True, "together": together, "part": part})


def _meetings(process: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    """The messages that begin a process together with others, by what brings them together, and as which of them."""
    gateways = {
        one["id"]: one
        for one in process["elements"]
        if one["kind"] == "eventBasedGateway" and one.get("instantiates")
    }
    behind = {flow["target"]: gateways[flow["source"]] for flow in process["flows"] if flow["source"] in gateways}
    for element in process["elements"]:
        event, gateway = element.get("event") or {}, behind.get(element["id"])
        names = [(part.get("message") or {}).get("name", "") for part in event.get("parts") or [event]]
        starts = element["kind"] == "startEvent" and element["scope"] == process["id"]
        if event.get("parallel"):
            if starts and all(names):
                yield from ((name, element["id"], number) for number, name in enumerate(names, 1))
        elif gateway and gateway.get("parallel"):
            yield from ((name, gateway["id"], 0) for name in names if name)


def downgrade() -> None:
    op.drop_column("messages", "begins")
    op.drop_column("bundle_messages", "part")
    op.drop_column("bundle_messages", "together")
