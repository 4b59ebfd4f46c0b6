"""Stations as lists show them: how many of their bays stand in which state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from domain.bays import BayState, StationKind
from storage.bay_rows import BayRow
from storage.bays import KeptBay, kept_bays
from storage.paging import beyond, mark, place
from storage.stations import Busbar, Station

_ORDER = "station"


@dataclass(frozen=True)
class StationQuery:
    """Which stations; an empty field does not restrict."""

    kind: StationKind | None = None
    county: str = ""
    outside_of: str = ""


@dataclass(frozen=True)
class CountedStation:
    """A station with the number of its bays in each state; `room` are positions among the free that have no bay yet."""

    station: Station
    counts: Mapping[BayState, int] = field(default_factory=dict)
    room: int = 0


@dataclass(frozen=True)
class WholeStation:
    """A station with its busbars, its bays, and the ring-main units outside."""

    counted: CountedStation
    busbars: Sequence[Busbar]
    bays: Sequence[KeptBay]
    outside: Sequence[CountedStation]


def find_stations(
    session: Session, wanted: StationQuery, *, limit: int = 50, after: str = ""
) -> tuple[list[CountedStation], str]:
    """A page of the stations that fit, by code, and where the next one begins (empty for nowhere)."""
    key = (Station.code.expression,)
    page = select(Station).where(*_fits(wanted))
    if after:
        page = page.where(beyond(key, place(after, _ORDER, str)))
    found = session.scalars(page.order_by(*key).limit(limit + 1)).all()
    listed = _counted(session, found[:limit])
    return listed, mark(_ORDER, listed[-1].station.code) if len(found) > limit else ""


def whole_station(session: Session, code: str) -> WholeStation | None:
    """One station with all that is in it, or None."""
    one = session.get(Station, code)
    if one is None:
        return None
    units = session.scalars(select(Station).where(Station.outside_of == code).order_by(Station.code)).all()
    counted = _counted(session, [one, *units])
    busbars = session.scalars(select(Busbar).where(Busbar.station == code).order_by(Busbar.code)).all()
    bays = sorted(kept_bays(session, BayRow.station == code), key=lambda kept: kept.row.id)
    return WholeStation(counted[0], busbars, bays, counted[1:])


def _counted(session: Session, stations: Sequence[Station]) -> list[CountedStation]:
    """These stations with their counts, by one statement."""
    room = func.sum(case((and_(BayRow.state == BayState.FREE, ~BayRow.built), 1), else_=0))
    counted = select(BayRow.station, BayRow.state, func.count(), room)
    counted = counted.where(BayRow.station.in_([one.code for one in stations])).group_by(BayRow.station, BayRow.state)
    counts: dict[str, dict[BayState, int]] = {}
    rooms: dict[str, int] = {}
    for code, state, number, empty in session.execute(counted).all():
        counts.setdefault(code, {})[BayState(state)] = number
        rooms[code] = rooms.get(code, 0) + empty
    return [CountedStation(one, counts.get(one.code, {}), rooms.get(one.code, 0)) for one in stations]


def _fits(wanted: StationQuery) -> list[ColumnElement[bool]]:
    columns = (
        (Station.kind, wanted.kind.value if wanted.kind else ""),
        (Station.county, wanted.county),
        (Station.outside_of, wanted.outside_of),
    )
    return [column == value for column, value in columns if value]
