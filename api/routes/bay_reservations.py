"""Reservations of bays: proposing one, deciding on it, and giving it up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import Field
from sqlalchemy.orm import Session

from api.bay_authority import PLANNING, PROPOSING, approving, check_approves, check_department
from api.bay_settings import BaySettings, planning_rules
from api.context import Context, InContext
from api.identity import Caller
from api.models import Answer, Day, IdempotencyKey, Name, Page, Sent, Text, Whole
from api.once import once
from api.pages import After, Limit
from api.problems import Problem, Said
from api.routes.stations import Code, County, Planner, Reader, no_station, own_county, voltage_text
from domain.bay_reservations import ReservationState, check_reference, last_day
from domain.bays import BayRefused, Need
from domain.calendar import shanghai_date
from storage.bay_reservations import (
    Decision,
    Ending,
    ReservationQuery,
    UnknownReservation,
    Wanted,
    approve,
    find_reservations,
    propose,
    refuse,
    release,
    reservation,
)
from storage.bay_rows import BayRow, ReservationRow
from storage.company_tables import SettingsRefused
from storage.stations import Station, station

router = APIRouter(tags=["bays"])
Number = Annotated[str, Path(min_length=1, max_length=100, examples=["JGYL-2026-0001"])]
_PROPOSING = Said("间隔预留申请", "Proposing reservations")
_RELEASING = Said("释放预留", "Releasing reservations")


class ReservationData(Sent):
    """What a bay is needed for. Without `bay` any free one of the station's voltage does; `reference` is the case or
    the lead, left out for load growth; without `expires_on` it lasts as long as is allowed."""

    station: Code = Field(examples=["CN110"])
    voltage_kv: float = Field(gt=0, le=1000, examples=[10])
    bay: Annotated[str, Field(min_length=1, max_length=101, examples=["CN110:512"])] | None = None
    need: Annotated[Need, Field(strict=False)] = Field(examples=["marketing_lead"])
    reference: Name | None = Field(None, examples=["XS-2026-017"])
    source: Text = Field(description="What the need rests on", examples=["工业园二期，意向容量12000kVA"])
    probability: float = Field(ge=0, le=100, description="Percent")
    needed_year: Whole = Field(ge=2000, le=2100, examples=[2027])
    expires_on: Day | None = None


class Approval(Sent):
    """Words with an approval."""

    remark: str = Field("", max_length=2000)


class Because(Sent):
    """Why a reservation is sent back, or given up."""

    reason: Text


class ReservationView(Answer):
    """A reservation: what it is for, where it stands, who decided, and how it ended."""

    number: str
    station: str
    station_name: str
    county: str
    voltage_kv: str
    wanted_bay: str | None
    bay: str | None = Field(description="The bay that was given")
    need: Need
    need_name: str
    reference: str
    source: str
    probability: float
    needed_year: int
    expires_on: date
    state: ReservationState
    state_name: str
    proposed_by: str
    proposed_at: datetime
    level: str = Field(description="The level that decided: province or city; empty before")
    decided_by: str
    decided_at: datetime | None
    remark: str
    ended_by: str
    ended_at: datetime | None
    ended_why: str


@router.get("/bay-reservations")
def list_reservations(
    context: InContext,
    caller: Reader,
    state: ReservationState | None = None,
    station: Annotated[str, Query(max_length=50)] = "",
    county: County = "",
    reference: Annotated[str, Query(max_length=100, description="A case or a lead")] = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[ReservationView]:
    """The reservations of one's county, or of all for the city's company, the oldest first, a page at a time."""
    if county and not caller.sees(county):
        return Page(items=[])
    wanted = ReservationQuery(state, station, county or own_county(caller), reference)
    with context.database.session() as session:
        page, following = find_reservations(session, wanted, limit=limit, after=after)
    return Page(items=[_view(row, where) for row, where in page], next=following or None)


@router.post("/bay-reservations", status_code=status.HTTP_201_CREATED)
def propose_reservation(
    context: InContext, caller: Planner, key: IdempotencyKey, sent: ReservationData
) -> ReservationView:
    """Proposes that a bay is kept for a need; no bay is kept before it is approved."""
    check_department(caller, PROPOSING, _PROPOSING)
    settings, now = BaySettings(), context.clock()
    today = shanghai_date(now)

    def act(session: Session) -> ReservationView:
        where = _station(session, caller, sent)
        reference = sent.reference or ""
        try:
            check_reference(sent.need, reference)
            until = last_day(sent.expires_on, today, planning_rules(settings).reservation_months)
        except BayRefused as refused:
            raise Problem("invalid", str(refused)) from None
        except SettingsRefused as refused:
            raise Problem("unavailable", str(refused)) from None
        wanted = Wanted(
            station=where.code,
            voltage_kv=voltage_text(sent.voltage_kv),
            county=where.county,
            need=sent.need,
            reference=reference,
            source=sent.source,
            probability=Decimal(str(sent.probability)),
            needed_year=sent.needed_year,
            expires_on=until,
            bay=sent.bay,
        )
        series, number_format = settings.numbering(today.year)
        row = propose(session, wanted, by=caller.account, now=now, series=series, number_format=number_format)
        return _view(row, where)

    return once(context, caller, key, ["bay-reservation", sent.model_dump(mode="json")], ReservationView, act)


@router.get("/bay-reservations/{number}")
def one_reservation(context: InContext, caller: Reader, number: Number) -> ReservationView:
    """One reservation."""
    with context.database.session() as session:
        return _view(*_seen(session, caller, number))


@router.post("/bay-reservations/{number}/approve")
def approve_reservation(
    context: InContext, caller: Planner, key: IdempotencyKey, number: Number, sent: Approval
) -> ReservationView:
    """Keeps a bay for the need. Only the level that has the authority approves, and never who proposed it."""
    return _decided(context, caller, key, number, "approve", sent.remark, approve)


@router.post("/bay-reservations/{number}/refuse")
def refuse_reservation(
    context: InContext, caller: Planner, key: IdempotencyKey, number: Number, sent: Because
) -> ReservationView:
    """Sends a proposal back, with the reason. Who may approve may refuse."""
    return _decided(context, caller, key, number, "refuse", sent.reason, refuse)


@router.post("/bay-reservations/{number}/release")
def release_reservation(
    context: InContext, caller: Planner, key: IdempotencyKey, number: Number, sent: Because
) -> ReservationView:
    """Takes a proposal back, or gives up what was kept: the planning departments may, and who proposed it."""
    now = context.clock()

    def act(session: Session) -> ReservationView:
        row, where = _seen(session, caller, number)
        if row.proposed_by != caller.account:
            check_department(caller, PLANNING, _RELEASING)
        ended = _refusing(lambda: release(session, number, Ending(caller.account, sent.reason, now)))
        return _view(ended, where)

    return once(context, caller, key, ["release", number, sent.reason], ReservationView, act)


def _decided(
    context: Context,
    caller: Caller,
    key: str,
    number: str,
    name: str,
    words: str,
    decide: Callable[[Session, str, Decision], ReservationRow],
) -> ReservationView:
    now, settings = context.clock(), BaySettings()
    today = shanghai_date(now)

    def act(session: Session) -> ReservationView:
        row, where = _seen(session, caller, number)
        who = approving(settings, row.voltage_kv, today)
        check_approves(caller, who, row.proposed_by)
        decision = Decision(caller.account, who.level, words, today, now)
        return _view(_refusing(lambda: decide(session, number, decision)), where)

    return once(context, caller, key, [name, number, words], ReservationView, act)


def _refusing(act: Callable[[], ReservationRow]) -> ReservationRow:
    """Raises `Problem` (conflict) where the act is not lawful any more, or no bay can be had."""
    try:
        return act()
    except BayRefused as refused:
        raise Problem("conflict", str(refused)) from None


def _station(session: Session, caller: Caller, sent: ReservationData) -> Station:
    """The station that is asked for. Raises `Problem` (not found) for one, or a bay in it, that there is not."""
    where = station(session, sent.station)
    if where is None or not caller.sees(where.county):
        raise no_station(sent.station)
    row = session.get(BayRow, sent.bay) if sent.bay else None
    if sent.bay and (row is None or (row.station, row.voltage_kv) != (where.code, voltage_text(sent.voltage_kv))):
        said = Said(f"该站该电压没有间隔 {sent.bay}", f"There is no bay {sent.bay} at this voltage of the station")
        raise Problem("not-found", said)
    return where


def _seen(session: Session, caller: Caller, number: str) -> tuple[ReservationRow, Station]:
    """A reservation that the caller may see. Raises `Problem` (not found)."""
    try:
        row = reservation(session, number)
    except UnknownReservation:
        row = None
    if row is None or not caller.sees(row.county):
        raise Problem("not-found", Said(f"没有预留 {number}", f"There is no reservation {number}"))
    return row, session.get_one(Station, row.station)


def _view(row: ReservationRow, where: Station) -> ReservationView:
    need, state = Need(row.need), ReservationState(row.state)
    derived = {"station_name", "need", "need_name", "state", "state_name", "probability"}
    return ReservationView(
        **{name: getattr(row, name) for name in ReservationView.model_fields if name not in derived},
        station_name=where.name,
        need=need,
        need_name=need.label,
        state=state,
        state_name=state.label,
        probability=float(row.probability),
    )
