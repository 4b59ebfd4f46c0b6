"""Bays: finding them, and the life of one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.context import InContext
from api.identity import Caller
from api.models import Answer, Page
from api.pages import After, Limit
from api.problems import Problem, Said
from api.routes.stations import BayBrief, County, Reader, brief_of, own_county
from domain.bays import BayAct, BayState
from storage.bay_rows import BayEvent
from storage.bays import BayQuery, ListedBay, find_bays, life, listed_bay

router = APIRouter(tags=["bays"])
BayId = Annotated[str, Path(min_length=1, max_length=101, examples=["CN110:512"])]


class BayLine(BayBrief):
    """A bay with where it is, since when its case has it, and until when it is kept."""

    station: str
    station_name: str
    county: str
    busbar: str
    taken_at: datetime | None
    purpose: str | None = Field(description="supply: for the case's customer; build: a project builds it ahead of need")
    reserved_for: str | None = Field(description="The case or lead that it is kept for; empty for load growth")
    reserved_until: date | None


class BayEventView(Answer):
    """One act: when, who (an account, or the case whose process did it), for which case or reservation, and why."""

    at: datetime
    act: BayAct
    act_name: str
    by: str
    case_no: str
    reservation: str
    why: str


@router.get("/bays")
def list_bays(
    context: InContext,
    caller: Reader,
    station: Annotated[str, Query(max_length=50)] = "",
    state: BayState | None = None,
    voltage_kv: Annotated[str, Query(max_length=20, examples=["10"])] = "",
    county: County = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[BayLine]:
    """The bays of one's county, or of all for the city's company, by station and code, a page at a time."""
    if county and not caller.sees(county):
        return Page(items=[])
    wanted = BayQuery(station, state, voltage_kv, county or own_county(caller))
    with context.database.session() as session:
        page, following = find_bays(session, wanted, limit=limit, after=after)
    return Page(items=[_line(one) for one in page], next=following or None)


@router.get("/bays/{bay}")
def one_bay(context: InContext, caller: Reader, bay: BayId) -> BayLine:
    """One bay as it is now."""
    with context.database.session() as session:
        return _line(_seen(session, caller, bay))


@router.get("/bays/{bay}/events")
def bay_life(
    context: InContext, caller: Reader, bay: BayId, after: After = "", limit: Limit = 50
) -> Page[BayEventView]:
    """What was done with a bay, from the beginning, a page at a time."""
    with context.database.session() as session:
        _seen(session, caller, bay)
        page, following = life(session, bay, limit=limit, after=after)
    return Page(items=[_event(one) for one in page], next=following or None)


def _seen(session: Session, caller: Caller, bay: str) -> ListedBay:
    """A bay that the caller may see. Raises `Problem` (not found)."""
    found = listed_bay(session, bay)
    if found is None or not caller.sees(found.station.county):
        raise Problem("not-found", Said(f"没有间隔 {bay}", f"There is no bay {bay}"))
    return found


def _line(one: ListedBay) -> BayLine:
    taking, kept = one.kept.taking, one.kept.reservation
    return BayLine(
        **brief_of(one.kept),
        station=one.station.code,
        station_name=one.station.name,
        county=one.station.county,
        busbar=one.kept.row.busbar,
        taken_at=taking.taken_at if taking else None,
        purpose=taking.purpose if taking else None,
        reserved_for=kept.reference if kept else None,
        reserved_until=kept.expires_on if kept else None,
    )


def _event(one: BayEvent) -> BayEventView:
    act = BayAct(one.act)
    same = ("at", "by", "case_no", "reservation", "why")
    return BayEventView(**{name: getattr(one, name) for name in same}, act=act, act_name=act.label)
