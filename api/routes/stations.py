"""Stations, switching stations and ring-main units: what stands in them, and loading one into the books."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from api.bay_authority import PLANNING, check_department
from api.context import InContext
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey, Name, Page, Sent
from api.once import once
from api.pages import After, Limit
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from domain.bays import BayState, StationKind
from domain.chinese import plain_number
from storage.bays import KeptBay
from storage.station_list import CountedStation, StationQuery, WholeStation, find_stations, whole_station
from storage.station_loading import (
    LoadedBay,
    LoadedBusbar,
    LoadedStation,
    StationInUse,
    StationRefused,
    load_station,
)
from storage.stations import Busbar, station

router = APIRouter(tags=["bays"])
Reader = Annotated[Caller, Depends(Having(Right.READ_BAYS))]
Planner = Annotated[Caller, Depends(Having(Right.PLAN_BAYS))]
_CODE = r"^[A-Za-z0-9\u4e00-\u9fff_-]+$"
Code = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=_CODE)]
StationCode = Annotated[str, Path(min_length=1, max_length=50, pattern=_CODE, examples=["CN110"])]
County = Annotated[str, Query(max_length=100)]
_LOADING = Said("站和间隔台账", "The books of stations")


class BayData(Sent):
    """A bay, or an empty position. What is left out stays as the books have it; a new one is built, and in nobody's
    use."""

    code: Code = Field(examples=["512"])
    name: Name = Field(examples=["512间隔"])
    built: bool | None = Field(None, description="False where there is only room for it")
    in_use: bool | None = Field(None, description="Whether somebody is supplied by it already")


class BusbarData(Sent):
    """A busbar with all of its bays, its highest load of the last year, and by how much that grows each year."""

    code: Code = Field(examples=["10-1"])
    voltage_kv: float = Field(gt=0, le=1000, examples=[10])
    load_mw: float = Field(0, ge=0, le=100_000)
    growth_percent: float = Field(0, ge=-50, le=100)
    bays: list[BayData] = Field(default_factory=list, max_length=200)


class StationData(Sent):
    """A station, whole, as it stands. A ring-main unit names the station that it is `outside_of`."""

    name: Name = Field(examples=["城南变电站"])
    kind: Annotated[StationKind, Field(strict=False)] = StationKind.SUBSTATION
    county: Name = Field(examples=["开发区"])
    outside_of: Code | None = None
    busbars: list[BusbarData] = Field(min_length=1, max_length=50)


class BayCounts(Answer):
    """How many bays stand in which state; `room` are those of the free that are empty positions."""

    free: int
    room: int
    reserved: int
    in_construction: int
    in_use: int


class StationLine(Answer):
    """One line of the list."""

    code: str
    name: str
    kind: StationKind
    kind_name: str
    county: str
    outside_of: str | None
    counts: BayCounts
    loaded_by: str
    loaded_at: datetime


class BayBrief(Answer):
    """A bay, who has it, and for whom it is kept."""

    id: str = Field(description="How /bays names it", examples=["CN110:512"])
    code: str
    name: str
    voltage_kv: str
    built: bool
    state: BayState
    state_name: str
    case_no: str | None = Field(description="The case that has it")
    reservation: str | None = Field(description="The reservation that it is kept by")


class BusbarView(Answer):
    """A busbar with its bays."""

    code: str
    voltage_kv: str
    load_mw: float
    growth_percent: float
    bays: list[BayBrief]


class StationView(StationLine):
    """A station with all that is in it, and the ring-main units outside."""

    busbars: list[BusbarView]
    outside: list[StationLine]


@router.get("/stations")
def list_stations(
    context: InContext,
    caller: Reader,
    kind: StationKind | None = None,
    county: County = "",
    outside_of: Annotated[str, Query(max_length=50)] = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[StationLine]:
    """The stations of one's county, or of all for the city's company, by code, a page at a time."""
    if county and not caller.sees(county):
        return Page(items=[])
    wanted = StationQuery(kind, county or own_county(caller), outside_of)
    with context.database.session() as session:
        page, following = find_stations(session, wanted, limit=limit, after=after)
    return Page(items=[_line(one) for one in page], next=following or None)


@router.get("/stations/{code}")
def one_station(context: InContext, caller: Reader, code: StationCode) -> StationView:
    """One station with its busbars and bays."""
    with context.database.session() as session:
        return _seen(session, caller, code)


@router.put("/stations/{code}")
def put_station(
    context: InContext, caller: Planner, key: IdempotencyKey, code: StationCode, sent: StationData
) -> StationView:
    """Writes a station into the books, whole, as it stands. What a case has and what is kept for a need may be called
    otherwise, and nothing more; a bay that is not named any more goes where nothing was ever done with it."""
    check_department(caller, PLANNING, _LOADING)

    def act(session: Session) -> StationView:
        known = station(session, code)
        for county in {sent.county, known.county if known else sent.county}:
            if not caller.sees(county):
                own = Said(f"只能登记{caller.county}的站", f"You keep the books of {caller.county} only")
                raise Problem("forbidden", own)
        try:
            load_station(session, _loaded(code, sent), caller.account, context.clock())
        except StationRefused as refused:
            kind = "conflict" if isinstance(refused, StationInUse) else "invalid"
            errors = [FieldFault(field="busbars", message=one) for one in refused.problems]
            raise Problem(kind, str(refused), errors) from None
        return _seen(session, caller, code)

    return once(context, caller, key, ["station", code, sent.model_dump()], StationView, act)


def own_county(caller: Caller) -> str:
    """The only county that somebody sees; empty for all."""
    return "" if caller.system else caller.county


def brief_of(one: KeptBay) -> dict[str, Any]:
    """What `BayBrief` says of a bay."""
    row = one.row
    return {
        **{name: getattr(row, name) for name in ("id", "code", "name", "voltage_kv", "built")},
        "state": BayState(row.state),
        "state_name": BayState(row.state).label,
        "case_no": one.taking.case_no if one.taking else None,
        "reservation": one.reservation.number if one.reservation else None,
    }


def voltage_text(voltage_kv: float) -> str:
    """A voltage as the books have it."""
    return plain_number(Decimal(str(voltage_kv)))


def no_station(code: str) -> Problem:
    return Problem("not-found", Said(f"没有编号为 {code} 的站", f"There is no station {code}"))


def _seen(session: Session, caller: Caller, code: str) -> StationView:
    """A station that the caller may see. Raises `Problem` (not found)."""
    found = whole_station(session, code)
    if found is None or not caller.sees(found.counted.station.county):
        raise no_station(code)
    bays: dict[str, list[BayBrief]] = {}
    for one in found.bays:
        bays.setdefault(one.row.busbar, []).append(BayBrief(**brief_of(one)))
    return _view(found, bays)


def _view(found: WholeStation, bays: dict[str, list[BayBrief]]) -> StationView:
    return StationView(
        **dict(_line(found.counted)),
        busbars=[_busbar(one, bays.get(one.code, [])) for one in found.busbars],
        outside=[_line(one) for one in found.outside],
    )


def _busbar(one: Busbar, bays: list[BayBrief]) -> BusbarView:
    return BusbarView(
        code=one.code,
        voltage_kv=one.voltage_kv,
        load_mw=float(one.load_mw),
        growth_percent=float(one.growth_percent),
        bays=bays,
    )


def _line(one: CountedStation) -> StationLine:
    row, kind = one.station, StationKind(one.station.kind)
    counts = {state.value: one.counts.get(state, 0) for state in BayState}
    same = ("code", "name", "county", "outside_of", "loaded_by", "loaded_at")
    return StationLine(
        **{name: getattr(row, name) for name in same},
        kind=kind,
        kind_name=kind.label,
        counts=BayCounts(room=one.room, **counts),
    )


def _loaded(code: str, sent: StationData) -> LoadedStation:
    busbars = tuple(
        LoadedBusbar(
            one.code,
            voltage_text(one.voltage_kv),
            Decimal(str(one.load_mw)),
            Decimal(str(one.growth_percent)),
            tuple(LoadedBay(bay.code, bay.name, bay.built, bay.in_use) for bay in one.bays),
        )
        for one in sent.busbars
    )
    return LoadedStation(code, sent.name, sent.kind, sent.county, sent.outside_of, busbars)
