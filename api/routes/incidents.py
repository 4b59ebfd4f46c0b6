"""Incidents over HTTP: what cannot go on, trying it again with what was missing, and skipping it with a reason.

What is answered after either is what has happened to the case, not that the request was taken: the case is asked until
the step has got over it or failed again, for as long as `ApiSettings.incident_seconds`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from api.context import Context, InContext
from api.identity import Caller, Having
from api.incidents import settled, standing
from api.models import Answer, Data, IdempotencyKey, Page, Sent, Text
from api.pages import After, Limit
from api.rights import Right
from api.sight import ProcessId, process_id, process_of, workflow_of
from api.work import act_on
from domain.acts import ResolveIncident, SkipIncident
from domain.incidents import IncidentNow, IncidentState
from storage.incidents import IncidentQuery, ListedIncident, find_incidents

router = APIRouter(tags=["incidents"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Operator = Annotated[Caller, Depends(Having(Right.RESOLVE_INCIDENTS))]
IncidentKey = Annotated[
    str,
    Path(
        pattern=r"^([1-9][0-9]{0,17}|journal|orders)$",
        description="The key of a stopped step, or `journal` or `orders` of the process as a whole",
        examples=["6"],
    ),
]
_OUTCOMES: dict[IncidentState, Literal["solved", "failed_again", "still_running"]] = {
    IncidentState.SOLVED: "solved",
    IncidentState.OPEN: "failed_again",
    IncidentState.AT_WORK: "still_running",
}
_SAID = {
    IncidentState.SOLVED: "异常已排除，案件继续办理",
    IncidentState.OPEN: "再次失败：{message}",
    IncidentState.AT_WORK: "仍在处理，尚无结果，请稍后再看",
}
_OF_ROW = (
    "workflow_id",
    "case_no",
    "kind",
    "element",
    "name",
    "message",
    "opened_at",
    "closed_at",
    "closed_by",
)


class IncidentLine(Answer):
    """Something that needs help to go on. `process` and `key` name it in addresses."""

    process: str = Field(examples=["YK-2026-0001"])
    key: str = Field(examples=["6"])
    workflow_id: str
    case_no: str
    county: str
    kind: str
    element: str
    name: str
    message: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str = Field(description="Who skipped it; empty where the step went on")


class Standing(Answer):
    """An incident as it stands in the case at this moment."""

    state: IncidentState
    kind: str
    message: str


class Outcome(Answer):
    """What has happened to the case after an incident was tried again or skipped."""

    act: str
    at: datetime = Field(description="When it was tried again or skipped")
    by: str
    state: Literal["solved", "failed_again", "still_running"]
    message: str = Field(description="The same in words, in Chinese")
    incident: Standing | None = Field(description="The incident that there is now; null where there is none")


class Retry(Sent):
    """Variables that are set before the step is tried again."""

    variables: Data = Field(default_factory=dict, examples=[{"voltageKV": "10"}])


class Skip(Sent):
    """Why the step is skipped, and what it leaves to the case in place of its own outputs."""

    reason: Text = Field(examples=["合同已线下签订"])
    outputs: Data = Field(default_factory=dict, examples=[{"contractNo": "HT-2026-0007"}])


@router.get("/incidents")
def list_incidents(
    context: InContext,
    caller: Reader,
    state: Annotated[Literal["open", "closed", "all"], Query()] = "open",
    county: Annotated[str, Query(max_length=100)] = "",
    kind: Annotated[str, Query(max_length=100)] = "",
    case_no: Annotated[str, Query(max_length=100)] = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[IncidentLine]:
    """The incidents of the cases that the caller may see, those open unless asked otherwise, the oldest first."""
    if county and not caller.sees(county):
        return Page(items=[])
    own = county or ("" if caller.system else caller.county)
    wanted = IncidentQuery(state, own, kind, case_no)
    with context.database.session() as session:
        page, following = find_incidents(session, wanted, limit=limit, after=after)
    return Page(items=[_line(one) for one in page], next=following or None)


@router.get("/incidents/{process}/{incident}")
async def one_incident(context: InContext, caller: Reader, process: ProcessId, incident: IncidentKey) -> Standing:
    """How things stand with one incident in its case."""
    workflow = workflow_of(process)
    await run_in_threadpool(process_of, context, caller, workflow)
    return _standing(await standing(context.client, workflow, incident))


@router.post("/incidents/{process}/{incident}/retry")
async def retry(
    context: InContext, caller: Operator, key: IdempotencyKey, process: ProcessId, incident: IncidentKey, sent: Retry
) -> Outcome:
    """Tries a step again, and waits for what comes of it."""
    act = ResolveIncident(incident, caller.account, dict(sent.variables))
    return await _outcome(context, caller, key, workflow_of(process), act)


@router.post("/incidents/{process}/{incident}/skip")
async def skip(
    context: InContext, caller: Operator, key: IdempotencyKey, process: ProcessId, incident: IncidentKey, sent: Skip
) -> Outcome:
    """Has a step count as completed. What people are to do, which way to go on, and events cannot be skipped."""
    act = SkipIncident(incident, caller.account, sent.reason, dict(sent.outputs))
    return await _outcome(context, caller, key, workflow_of(process), act)


async def _outcome(
    context: Context, caller: Caller, key: str, workflow: str, act: ResolveIncident | SkipIncident
) -> Outcome:
    done = await act_on(context, caller, key, workflow, act)
    now = await settled(context.client, workflow, act.incident, context.settings.incident_seconds)
    return Outcome(
        act=done.act,
        at=done.at,
        by=done.by,
        state=_OUTCOMES[now.state],
        message=_SAID[now.state].format(message=now.message),
        incident=_standing(now) if now.state is IncidentState.OPEN else None,
    )


def _standing(now: IncidentNow) -> Standing:
    return Standing(state=now.state, kind=now.kind, message=now.message)


def _line(one: ListedIncident) -> IncidentLine:
    row = one.incident
    return IncidentLine(
        process=process_id(row.workflow_id),
        key=row.key or row.kind,
        county=one.county,
        **{name: getattr(row, name) for name in _OF_ROW},
    )
