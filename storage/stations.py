"""Stations, switching stations and ring-main units, and the busbars in them that bays stand at."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class Station(Base):
    """A place where bays are. A ring-main unit stands outside of the station that it is fed from, `outside_of`."""

    __tablename__ = "stations"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    county: Mapped[str] = mapped_column(index=True)
    outside_of: Mapped[str | None] = mapped_column(ForeignKey("stations.code"), index=True)
    loaded_by: Mapped[str]
    loaded_at: Mapped[datetime]


class Busbar(Base):
    """A busbar with the highest load of the last year, and by how much that grows each year."""

    __tablename__ = "busbars"

    station: Mapped[str] = mapped_column(ForeignKey("stations.code"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    voltage_kv: Mapped[str]
    load_mw: Mapped[Decimal]
    growth_percent: Mapped[Decimal]


def station(session: Session, code: str) -> Station | None:
    """One station, or None."""
    return session.get(Station, code)
