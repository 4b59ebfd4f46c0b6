"""Where bays are to be built before somebody needs them: the proposals, and opening a project for one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy.orm import Session
from temporalio.exceptions import WorkflowAlreadyStartedError

from api.bay_authority import approving, check_approves
from api.bay_settings import BaySettings, planning_rules
from api.cases import NotDeployed, opening_of, start_case, workflow_id
from api.context import Context, InContext
from api.identity import Caller
from api.models import Answer, IdempotencyKey, Sent, Whole
from api.once import content_of, once
from api.passwords import token_hash
from api.problems import Problem, Said
from api.routes.stations import County, Planner, Reader, own_county
from domain.bay_proposals import Proposal, Remedy, proposals, spread
from domain.bays import BayRefused
from domain.calendar import shanghai_date
from storage.bay_holding import Source, Work, build
from storage.bay_projects import PROCESS, BayProject, project, proposed_needs, sides, waiting_cases
from storage.bay_rows import BayRow
from storage.bays import kept_bays
from storage.bundles import current_versions
from storage.company_tables import SettingsRefused
from storage.locks import lock
from storage.openings import case_number
from storage.stations import Station

router = APIRouter(tags=["bays"])
ProposalId = Annotated[str, Path(min_length=1, max_length=100, examples=["CN110:10:1"])]
_OPENER = "bay-proposals"
"""Whose the case numbers of projects are: one for each proposal, whoever approves it."""


class YearNeedView(Answer):
    """The bays that are needed by the end of a year, all that came before included."""

    year: int
    bays: float


class FiguresView(Answer):
    """What a proposal rests on, in bays but for `growth_mw`; `short_from` is the first year in which they lack."""

    growth_mw: float
    growth: float
    leads: float
    cases: float
    needed: float
    by_year: list[YearNeedView]
    free: int
    coming: int
    room: int
    shortfall: float
    short_from: int


class ProposalView(Answer):
    """One or two bays, or ring-main units outside, that are to be built ahead; with `other_source` neither can be."""

    id: str
    station: str
    station_name: str
    county: str
    voltage_kv: str
    remedy: Remedy
    units: int
    figures: FiguresView
    sentence: str


class ProposalApproval(Sent):
    """What the approver has seen: so many bays or units."""

    units: Whole = Field(ge=1, le=2)


class ProjectOpened(Answer):
    """The project that an approved proposal has opened; `bays` are the positions that it builds."""

    proposal: str
    case_no: str
    workflow_id: str
    remedy: Remedy
    units: int
    bays: list[str]


@router.get("/bay-proposals")
def list_proposals(context: InContext, caller: Reader, county: County = "") -> list[ProposalView]:
    """What is proposed now in one's county, or in all for the city's company, the largest shortfall first."""
    if county and not caller.sees(county):
        return []
    with context.database.session() as session:
        found = _proposals(session, context, county or own_county(caller))
    return [ProposalView.model_validate(one) for one in found]


@router.post("/bay-proposals/{proposal}/approve")
async def approve_proposal(
    context: InContext, caller: Planner, key: IdempotencyKey, proposal: ProposalId, sent: ProposalApproval
) -> ProjectOpened:
    """Opens a project that builds what is proposed; approved again, by whomever, it answers the same project."""
    done = await run_in_threadpool(_approved, context, caller, key, proposal, sent)
    await _open(context, proposal)
    return done


def _proposals(session: Session, context: Context, county: str = "") -> list[Proposal]:
    """Raises `Problem` (unavailable) where the numbers to plan by cannot be read."""
    try:
        rules = planning_rules(BaySettings())
    except SettingsRefused as refused:
        raise Problem("unavailable", str(refused)) from None
    year = shanghai_date(context.clock()).year
    places = sides(session, rules.positions_per_unit, county)
    expected = [*proposed_needs(session, county), *spread(waiting_cases(session, county), places, rules, year)]
    return proposals(places, expected, rules, year)


def _approved(context: Context, caller: Caller, key: str, proposal: str, sent: ProposalApproval) -> ProjectOpened:
    def act(session: Session) -> ProjectOpened:
        lock(session, f"bay proposal {proposal}")
        row = project(session, proposal)
        if row:
            _level(context, caller, row.voltage_kv, session.get_one(Station, row.station).county, proposal)
        else:
            row = _project(session, context, caller, proposal, sent.units)
        return ProjectOpened(
            proposal=row.proposal,
            case_no=row.case_no,
            workflow_id=workflow_id(row.case_no),
            remedy=Remedy(row.remedy),
            units=row.units,
            bays=row.bays,
        )

    return once(context, caller, key, ["bay-proposal", proposal, sent.units], ProjectOpened, act)


def _level(context: Context, caller: Caller, voltage_kv: str, county: str, proposal: str) -> str:
    """The level at which the caller approves. Raises `Problem` where they may not, or may not even see it."""
    if not caller.sees(county):
        raise _no_proposal(proposal)
    who = approving(BaySettings(), voltage_kv, shanghai_date(context.clock()))
    check_approves(caller, who)
    return who.level


def _no_proposal(proposal: str) -> Problem:
    said = Said(f"现在没有建议 {proposal}：所缺的间隔已有着落，或已另行批准", f"There is no proposal {proposal} now")
    return Problem("not-found", said)


def _project(session: Session, context: Context, caller: Caller, proposal: str, units: int) -> BayProject:
    """The project of a proposal as it stands now: its number, and the positions that it builds. Raises `Problem`."""
    found = next((one for one in _proposals(session, context) if one.id == proposal), None)
    if found is None:
        raise _no_proposal(proposal)
    level = _level(context, caller, found.voltage_kv, found.county, proposal)
    _check_open(session, found, units)
    now, number_format = context.clock(), context.settings.case_number
    today = shanghai_date(now)
    case_no = case_number(session, _OPENER, found.id, content_of(found.id), today.year, number_format, now)
    work = Work(workflow_id(case_no), f"proposal {found.id}", case_no, "批准提前扩建", today, now)
    row = BayProject(
        proposal=found.id,
        station=found.station,
        voltage_kv=found.voltage_kv,
        remedy=found.remedy.value,
        units=found.units,
        sentence=found.sentence,
        figures=FiguresView.model_validate(found.figures).model_dump(mode="json"),
        bays=_built(session, caller, found, work),
        case_no=case_no,
        approved_by=caller.account,
        level=level,
        approved_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _check_open(session: Session, found: Proposal, units: int) -> None:
    """Whether a project can be opened for what the approver has seen. Raises `Problem`."""
    if found.remedy is Remedy.OTHER_SOURCE:
        raise Problem("conflict", found.sentence)
    if found.units != units:
        now = f"该建议现为{found.units}个（台），不是{units}个（台）：{found.sentence}"
        raise Problem("conflict", Said(now, f"It is for {found.units} now, not for {units}"))
    if PROCESS not in current_versions(session):
        raise Problem("unavailable", Said(f"流程 {PROCESS} 尚未部署", f"The process {PROCESS} is not deployed"))


def _built(session: Session, caller: Caller, found: Proposal, work: Work) -> list[str]:
    """The positions that the project builds; none where it builds outside. Raises `Problem` (conflict)."""
    if found.remedy is not Remedy.BAYS:
        return []
    try:
        return build(session, work, caller.account, Source(found.station, found.voltage_kv), found.units)
    except BayRefused as refused:
        raise Problem("conflict", str(refused)) from None


async def _open(context: Context, proposal: str) -> None:
    """Starts the case of an approved proposal, unless it has been started. Raises `Problem`."""
    case_no, variables = await run_in_threadpool(_begins, context, proposal)
    sign = token_hash(f"{_OPENER} {proposal}")
    try:
        installation = (context.client, context.database, context.task_queue)
        await start_case(*installation, PROCESS, variables, opening=sign)
    except WorkflowAlreadyStartedError:
        if await opening_of(context.client, case_no) != sign:
            taken = Said(f"流程引擎中已有另一件工单 {case_no}", f"Temporal has another case {case_no}")
            raise Problem("conflict", taken) from None
    except (NotDeployed, SettingsRefused) as error:
        raise Problem("unavailable", str(error)) from None


def _begins(context: Context, proposal: str) -> tuple[str, dict[str, Any]]:
    """The number of a project's case, and the variables that it begins with."""
    with context.database.session() as session:
        row = session.get_one(BayProject, proposal)
        where = session.get_one(Station, row.station)
        names = [one.row.name for one in kept_bays(session, BayRow.id.in_(row.bays))]
    voltage = float(row.voltage_kv)
    units = row.remedy == Remedy.RING_MAIN_UNITS
    return row.case_no, {
        "caseNo": row.case_no,
        "businessType": "站外环网柜预留" if units else "间隔扩建",
        "county": where.county,
        "address": where.name,
        "voltageKv": int(voltage) if voltage == int(voltage) else voltage,
        "projectKind": "bay_extension",
        "projectNeed": row.sentence,
        "bayProposal": row.proposal,
        "bayStation": row.station,
        "stationName": where.name,
        "bayVoltageKv": int(voltage) if voltage == int(voltage) else voltage,
        "bays": row.bays,
        "bayCount": len(row.bays),
        "bayName": "、".join(names),
        "ringMainUnits": row.units if units else 0,
    }
