"""What is late or about to be: levels to be acknowledged, deadlines to be moved, supervision orders to be answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from api.case_settings import CaseSettings
from api.context import Context, InContext
from api.identity import Caller, Having
from api.models import ActDone, Answer, IdempotencyKey, Instant, Page, Sent, Text, isoformat
from api.pages import After, Limit
from api.problems import Problem, Said
from api.rights import Right
from api.sight import ProcessId, process_id, seen, workflow_of
from api.work import act_on
from domain.acts import AcknowledgeLevel, AnswerOrder, MoveDeadline
from domain.business_time import close_of_business
from domain.levels import LadderSettings, Level, colour_at
from domain.orders import Cause, Order
from storage.clocks import CaseClock
from storage.company_tables import calendar_in_force
from storage.escalations import ClockQuery, ListedClock, OrderState, clock_here, escalations, orders
from storage.rules import RuleKind, current_rule

router = APIRouter(tags=["limits"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Answerer = Annotated[Caller, Depends(Having(Right.ANSWER_LEVELS))]
ClockId = Annotated[str, Path(min_length=1, max_length=200, examples=["supply_plan_reply"])]
Department = Annotated[str, Query(max_length=50, description="Whose officers answer for the clock")]
County = Annotated[str, Query(max_length=100)]
LevelName = Literal["L0", "L1", "L2", "L3", "L4"]


class Whose(StrEnum):
    """What concerns me and my departments, or all that I may see."""

    MINE = "mine"
    ALL = "all"


class ClockLine(Answer):
    """A clock that is late or about to be, in the process that has it."""

    process: str = Field(description="How /clocks and /orders name its process", examples=["YK-2026-0001"])
    clock: str = Field(examples=["supply_plan_reply"])
    case_no: str
    customer: str
    county: str
    department: str
    officer: str = Field(description="Who holds its step; empty for a clock of the whole case")
    name: str
    level: str = Field(description="L0 to L4, the highest that was raised; empty for none")
    level_name: str
    colour: str
    started_at: datetime
    due_at: datetime | None
    provisional: bool


class Escalation(ClockLine):
    """A level that a running clock has reached. `acknowledged_level` is the highest that somebody has seen."""

    warned_at: datetime | None
    passed_at: datetime | None
    order_no: str
    acknowledged_level: str
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class OrderLine(ClockLine):
    """A supervision order 督办单. `number` is empty until its paper is written; `answer_by` is until when it is to be
    answered, as the installation counts now."""

    number: str
    state: OrderState
    ordered_at: datetime
    answer_by: datetime
    cause: str
    cause_name: str
    promised_at: datetime | None
    answered_at: datetime | None
    answered_by: str
    answer: str


class Acknowledgement(Sent):
    """A level that was seen; it is not repeated any more, but the clock goes on."""

    level: LevelName


class Move(Sent):
    """Another due instant for a running clock, and why."""

    due: Instant
    reason: Text


class OrderAnswer(Sent):
    """Why a limit was broken, by when it will be done, and how things stand."""

    cause: Annotated[Cause, Field(strict=False)]
    promised: Instant
    text: str = Field("", max_length=2000)


@router.get("/escalations")
def list_escalations(
    context: InContext,
    caller: Reader,
    whose: Whose = Whose.MINE,
    level: Annotated[LevelName, Query(description="At least")] = "L0",
    department: Department = "",
    county: County = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[Escalation]:
    """The levels that running clocks have reached, the earliest due first, a page at a time."""
    wanted = _wanted(caller, whose, department, county, level=Level[level])
    if wanted is None:
        return Page(items=[])
    with context.database.session() as session:
        page, following = escalations(session, wanted, limit=limit, after=after)
    return Page(items=[_escalation(one) for one in page], next=following or None)


@router.get("/orders")
def list_orders(
    context: InContext,
    caller: Reader,
    whose: Whose = Whose.MINE,
    state: OrderState = OrderState.OPEN,
    department: Department = "",
    county: County = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[OrderLine]:
    """The supervision orders, the oldest first, a page at a time."""
    wanted = _wanted(caller, whose, department, county, state=state)
    if wanted is None:
        return Page(items=[])
    with context.database.session() as session:
        page, following = orders(session, wanted, limit=limit, after=after)
        calendar = calendar_in_force(current_rule(session, RuleKind.CALENDAR))
    close = close_of_business(CaseSettings().clock_close)
    within = LadderSettings().answer_within
    lines = []
    for one in page:
        issued = one.clock.order_at or one.clock.started_at
        answer_by = Order(one.clock.clock, issued).answer_by(within, calendar, close)
        lines.append(_order(one, issued, answer_by))
    return Page(items=lines, next=following or None)


@router.post("/clocks/{process}/{clock}/acknowledge")
async def acknowledge(
    context: InContext, caller: Answerer, key: IdempotencyKey, process: ProcessId, clock: ClockId, sent: Acknowledgement
) -> ActDone:
    """Says that I have seen a level; the process that the clock was handed on to is told."""
    here = await run_in_threadpool(_here, context, caller, process, clock)
    act = AcknowledgeLevel(here.clock, sent.level, caller.account)
    return await act_on(context, caller, key, here.workflow_id, act)


@router.post("/clocks/{process}/{clock}/move")
async def move(
    context: InContext, caller: Answerer, key: IdempotencyKey, process: ProcessId, clock: ClockId, sent: Move
) -> ActDone:
    """Moves a running clock to another due instant; the case says who may."""
    here = await run_in_threadpool(_here, context, caller, process, clock)
    act = MoveDeadline(here.clock, isoformat(sent.due), sent.reason, caller.account)
    return await act_on(context, caller, key, here.workflow_id, act)


@router.post("/orders/{process}/{clock}/answer")
async def answer(
    context: InContext, caller: Answerer, key: IdempotencyKey, process: ProcessId, clock: ClockId, sent: OrderAnswer
) -> ActDone:
    """Answers the supervision order of a clock; the case says who may."""
    here = await run_in_threadpool(_here, context, caller, process, clock)
    act = AnswerOrder(here.clock, sent.cause.value, isoformat(sent.promised), caller.account, sent.text)
    return await act_on(context, caller, key, here.workflow_id, act)


def _wanted(caller: Caller, whose: Whose, department: str, county: str, **more: Any) -> ClockQuery | None:
    """What is asked for; None for another county than the caller's."""
    if county and not caller.sees(county):
        return None
    own = "" if caller.system else caller.county
    mine = whose is Whose.MINE
    return ClockQuery(
        county=county or own,
        department=department,
        account=caller.account if mine else "",
        departments=caller.departments if mine else (),
        **more,
    )


def _here(context: Context, caller: Caller, process: str, clock: str) -> CaseClock:
    """A clock in the process that has it now. Raises `Problem` (not found)."""
    with context.database.session() as session:
        seen(session, caller, workflow_of(process))
        found = clock_here(session, workflow_of(process), clock)
    if found is None:
        raise Problem("not-found", Said(f"流程 {process} 没有期限 {clock}", f"{process} has no clock {clock}"))
    return found


def _escalation(one: ListedClock) -> Escalation:
    clock = one.clock
    seen_level = clock.acknowledged_level
    return Escalation(
        **_line(one),
        warned_at=clock.warned_at,
        passed_at=clock.passed_at,
        order_no=clock.order_no,
        acknowledged_level="" if seen_level is None else _level(seen_level),
        acknowledged_by=clock.acknowledged_by,
        acknowledged_at=clock.acknowledged_at,
    )


def _order(one: ListedClock, issued: datetime, answer_by: datetime) -> OrderLine:
    clock = one.clock
    return OrderLine(
        **_line(one),
        number=clock.order_no,
        state=OrderState.ANSWERED if clock.answered_at else OrderState.OPEN,
        ordered_at=issued,
        answer_by=answer_by,
        cause=clock.cause,
        cause_name=Cause(clock.cause).title if clock.cause else "",
        promised_at=clock.promised_at,
        answered_at=clock.answered_at,
        answered_by=clock.answered_by,
        answer=clock.answer,
    )


def _line(one: ListedClock) -> dict[str, Any]:
    clock = one.clock
    same = ("clock", "case_no", "county", "department", "officer", "name", "started_at", "due_at", "provisional")
    return {
        **{name: getattr(clock, name) for name in same},
        "process": process_id(clock.workflow_id),
        "customer": one.customer,
        "level": _level(clock.level),
        "level_name": Level(clock.level).title if clock.level >= Level.L0 else "",
        "colour": colour_at(clock.level).value,
    }


def _level(number: int) -> str:
    return Level(number).name if number >= Level.L0 else ""
