"""Cases: opening them and finding them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status
from fastapi.concurrency import run_in_threadpool
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.starting import LateEntry
from api.applications import Application
from api.case_filters import CaseListQuery
from api.cases import NotDeployed, opening_of, start_case, workflow_id
from api.context import Context, InContext
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey, Page
from api.once import content_of, key_taken
from api.passwords import token_hash
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from domain.business_time import EntryRule
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.start import Settings
from storage.answers import KeyTaken
from storage.case_list import ListedCase, search_cases
from storage.cases import Case
from storage.company_tables import SettingsRefused
from storage.openings import case_number, same_place

router = APIRouter(tags=["cases"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Opener = Annotated[Caller, Depends(Having(Right.OPEN_CASES))]
_PROCESS = "hv_connection"
_UNTIL_RECORDED, _PAUSE = 3.0, 0.05


class Opened(Answer):
    """A case that was opened. `same_place` are running cases of the same customer at the same address: perhaps this
    application has come twice."""

    case_no: str
    workflow_id: str
    same_place: list[str]


class CaseLine(Answer):
    """One line of the list."""

    case_no: str
    title: str
    case_type: str
    voltage_kv: str
    county: str
    customer: str
    address: str
    stage: str
    state: str
    colour: str
    due_at: datetime | None
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None


@router.post("/cases", status_code=status.HTTP_201_CREATED)
async def open_case(context: InContext, caller: Opener, key: IdempotencyKey, sent: Application) -> Opened:
    """Opens a case, of one's own county. The same key opens it once and is answered the same again."""
    if not caller.sees(sent.county):
        own = Said(f"只能受理{caller.county}的申请", f"You take applications of {caller.county} only")
        raise Problem("forbidden", own)
    entry = _entry(sent, context.clock())
    case_no, others = await run_in_threadpool(_numbered, context, caller.account, key, sent)
    variables = sent.variables(case_no)
    sign = token_hash(f"{caller.account} {key}")
    try:
        installation = (context.client, context.database, context.task_queue)
        await start_case(*installation, _PROCESS, variables, opening=sign, entry=entry)
    except WorkflowAlreadyStartedError:
        if await opening_of(context.client, case_no) != sign:
            taken = Said(f"流程引擎中已有另一件工单 {case_no}", f"Temporal has another case {case_no}")
            raise Problem("conflict", taken) from None
    except NotDeployed as error:
        raise Problem("unavailable", str(error)) from None
    except SettingsRefused as error:
        raise Problem("unavailable", str(error)) from None
    await _recorded(context, case_no)
    return Opened(case_no=case_no, workflow_id=workflow_id(case_no), same_place=list(others))


def _entry(sent: Application, now: datetime) -> LateEntry | None:
    """When the application was received, where it is entered late. Raises `Problem` (invalid) where that cannot be."""
    if sent.received_at is None:
        return None
    own = Settings()
    rule = EntryRule(own.happened_ahead, own.happened_late)
    if fault := rule.fault(sent.received_at.isoformat(), now, sent.late_reason, WorkingCalendar.shipped()):
        raise Problem("invalid", errors=[FieldFault(field="receivedAt", message=fault)])
    return LateEntry(sent.received_at, sent.late_reason.strip())


def _numbered(context: Context, caller: str, key: str, sent: Application) -> tuple[str, Sequence[str]]:
    now, content = context.clock(), content_of(sent.model_dump(mode="json"))
    year = now.astimezone(BUSINESS_ZONE).year
    with context.database.transaction() as session:
        try:
            case_no = case_number(session, caller, key, content, year, context.settings.case_number, now)
        except KeyTaken:
            raise Problem("conflict", key_taken(key)) from None
        return case_no, same_place(session, sent.customer, sent.address, case_no)


async def _recorded(context: Context, case_no: str) -> None:
    """Wait a little until the new case can be looked at; it has been opened also where that takes longer."""

    def known() -> bool:
        with context.database.session() as session:
            return session.get(Case, workflow_id(case_no)) is not None

    with suppress(TimeoutError):
        async with asyncio.timeout(_UNTIL_RECORDED):
            while not await run_in_threadpool(known):
                await asyncio.sleep(_PAUSE)


@router.get("/cases")
def list_cases(context: InContext, caller: Reader, asked: Annotated[CaseListQuery, Query()]) -> Page[CaseLine]:
    """The cases that the caller may see, narrowed and sorted, a page at a time."""
    wanted = asked.wanted(caller)
    if wanted is None:
        return Page(items=[])
    with context.database.session() as session:
        page, following = search_cases(session, wanted, limit=asked.limit, after=asked.after)
    return Page(items=[line_of(one) for one in page], next=following or None)


def line_of(one: ListedCase) -> CaseLine:
    """The line of a case."""
    row = {name: getattr(one.case, name) for name in CaseLine.model_fields if name not in ("colour", "due_at")}
    return CaseLine(**row, colour=one.colour.value, due_at=one.due_at)
