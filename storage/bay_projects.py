"""Projects that build bays ahead of need, and the figures by which they are proposed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, and_, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.bay_proposals import CaseCount, Expected, Load, Remedy, Side
from domain.bay_reservations import ReservationState
from domain.bays import BayState, Need, Purpose, StationKind
from storage.base import Base
from storage.bay_rows import BayRow, BayTaking, ReservationRow
from storage.cases import Case, CaseState
from storage.stations import Busbar, Station

PROCESS = "grid_project_bay_extension"
"""The process of a project that extends a station by bays."""


class BayProject(Base):
    """One proposal that was approved, with what it rested on, the positions that are built, and the case it opened."""

    __tablename__ = "bay_projects"
    __table_args__ = (Index(None, "station", "voltage_kv"),)

    proposal: Mapped[str] = mapped_column(primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("stations.code"))
    voltage_kv: Mapped[str]
    remedy: Mapped[str]
    units: Mapped[int]
    sentence: Mapped[str]
    figures: Mapped[dict[str, Any]]
    bays: Mapped[list[str]]
    case_no: Mapped[str] = mapped_column(unique=True)
    approved_by: Mapped[str]
    level: Mapped[str]
    approved_at: Mapped[datetime]


_Place = tuple[str, str]
_FED_FROM = func.coalesce(Station.outside_of, Station.code)
"""The station that a bay's need counts for: a ring-main unit stands for the one that it is outside of."""


def project(session: Session, proposal: str) -> BayProject | None:
    """The project of a proposal that was approved, or None."""
    return session.get(BayProject, proposal)


def sides(session: Session, positions_per_unit: int, county: str = "") -> list[Side]:
    """Every voltage of every station, of one county or of all, with what is free and coming.

    A ring-main unit that a project is to build counts with its positions as long as the project's case runs; then it
    has been loaded, or it is to be proposed again.
    """
    stations: dict[str, Station] = {}
    loads: defaultdict[_Place, list[Load]] = defaultdict(list)
    own = select(Station, Busbar).join(Busbar, Busbar.station == Station.code)
    own = own.where(Station.kind != StationKind.RING_MAIN_UNIT, *_of(county))
    for one, busbar in session.execute(own.order_by(Station.code, Busbar.code)).all():
        stations[one.code] = one
        loads[one.code, busbar.voltage_kv].append(Load(busbar.load_mw, busbar.growth_percent))
    free, room, coming, units, approved = (
        _free(session, county),
        _room(session, county),
        _coming(session, county),
        _units(session),
        _approved(session),
    )
    return [
        Side(
            station=code,
            station_name=stations[code].name,
            county=stations[code].county,
            voltage_kv=Decimal(voltage),
            loads=tuple(told),
            free=free.get((code, voltage), 0),
            coming=coming.get((code, voltage), 0) + units.get((code, voltage), 0) * positions_per_unit,
            room=room.get((code, voltage), 0),
            approved=approved.get((code, voltage), 0),
        )
        for (code, voltage), told in loads.items()
    ]


def proposed_needs(session: Session, county: str = "") -> list[Expected]:
    """What reservations ask for that nobody has decided yet; load growth is known from the busbars already."""
    column = (ReservationRow.voltage_kv, ReservationRow.need, ReservationRow.needed_year, ReservationRow.probability)
    asked = select(_FED_FROM, *column, func.count()).join(Station, Station.code == ReservationRow.station)
    named = ReservationRow.need != Need.LOAD_GROWTH
    asked = asked.where(ReservationRow.state == ReservationState.PROPOSED, named, *_of(county))
    return [
        Expected(code, Decimal(voltage), Need(need), year, Decimal(count), probability)
        for code, voltage, need, year, probability, count in session.execute(asked.group_by(_FED_FROM, *column)).all()
    ]


def waiting_cases(session: Session, county: str = "") -> list[CaseCount]:
    """The running connection cases of each county and kind that have no bay, and have asked for none by name."""
    has = exists().where(BayTaking.case_no == Case.case_no, BayTaking.ended_at.is_(None))
    states = (ReservationState.PROPOSED, ReservationState.APPROVED)
    named = (ReservationRow.need == Need.CASE) & (ReservationRow.reference == Case.case_no)
    asks = exists().where(named, ReservationRow.state.in_([one.value for one in states]))
    running = [Case.state == CaseState.RUNNING, Case.parent_workflow_id == "", Case.process != PROCESS, ~has, ~asks]
    running += [Case.county == county] if county else []
    kinds = (Case.county, Case.voltage_kv, Case.case_type)
    counted = select(*kinds, func.count()).where(*running).group_by(*kinds)
    return [CaseCount(*row) for row in session.execute(counted).all()]


def _of(county: str) -> list[Any]:
    return [Station.county == county] if county else []


def _free(session: Session, county: str) -> dict[_Place, int]:
    """Bays for needs to come: built ones of the station, and positions of the ring-main units outside, that are
    nobody's or kept for load growth."""
    kept = (ReservationRow.bay == BayRow.id) & (ReservationRow.state == ReservationState.APPROVED)
    growth = exists().where(kept, ReservationRow.need == Need.LOAD_GROWTH)
    built = or_(BayRow.built, Station.kind == StationKind.RING_MAIN_UNIT)
    usable = or_(BayRow.state == BayState.FREE, growth) & built
    counted = select(_FED_FROM, BayRow.voltage_kv, func.count()).join(Station, Station.code == BayRow.station)
    counted = counted.where(usable, *_of(county)).group_by(_FED_FROM, BayRow.voltage_kv)
    return _by_place(session.execute(counted).all())


def _room(session: Session, county: str) -> dict[_Place, int]:
    empty = and_(BayRow.state == BayState.FREE, ~BayRow.built, Station.kind != StationKind.RING_MAIN_UNIT)
    counted = select(BayRow.station, BayRow.voltage_kv, func.count()).join(Station, Station.code == BayRow.station)
    counted = counted.where(empty, *_of(county)).group_by(BayRow.station, BayRow.voltage_kv)
    return _by_place(session.execute(counted).all())


def _coming(session: Session, county: str) -> dict[_Place, int]:
    building = (BayTaking.bay == BayRow.id) & BayTaking.ended_at.is_(None) & (BayTaking.purpose == Purpose.BUILD)
    counted = select(_FED_FROM, BayRow.voltage_kv, func.count()).join(Station, Station.code == BayRow.station)
    counted = counted.join(BayTaking, building).where(*_of(county)).group_by(_FED_FROM, BayRow.voltage_kv)
    return _by_place(session.execute(counted).all())


def _units(session: Session) -> dict[_Place, int]:
    """Ring-main units of projects that go on, or have only just been opened."""
    ended = exists().where(
        Case.case_no == BayProject.case_no, Case.parent_workflow_id == "", Case.state != CaseState.RUNNING
    )
    under_way = (BayProject.remedy == Remedy.RING_MAIN_UNITS) & ~ended
    place = (BayProject.station, BayProject.voltage_kv)
    counted = select(*place, func.sum(BayProject.units)).where(under_way).group_by(*place)
    return _by_place(session.execute(counted).all())


def _approved(session: Session) -> dict[_Place, int]:
    place = (BayProject.station, BayProject.voltage_kv)
    return _by_place(session.execute(select(*place, func.count()).group_by(*place)).all())


def _by_place(rows: Sequence[Any]) -> dict[_Place, int]:
    return {(code, voltage): count for code, voltage, count in rows}
