"""Moving running cases to another version of their diagram over HTTP: one, or all that fit, looked at first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from pydantic import BeforeValidator, Field

from api.context import Context, InContext
from api.identity import Caller, Having
from api.life import ProcessName, process_in
from api.migrations import MOST, Answered, Became, Chosen, NoSuchVersion, Target, act_of, look, move_all
from api.models import ActDone, Answer, Data, IdempotencyKey, Name, Sent, Text
from api.problems import Problem, Said
from api.rights import Right
from api.sight import CaseNo, process_id
from api.work import act_on
from domain.acts import MigrateCase
from domain.life import LifeFault

router = APIRouter(tags=["life"])
Keeper = Annotated[Caller, Depends(Having(Right.CHANGE_CASES))]


def _whole(value: object) -> object:
    """JSON knows one kind of number: 3.0 is an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Version = Annotated[int, Field(ge=0, le=2**31 - 1, examples=[3]), BeforeValidator(_whole)]
Count = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(_whole)]


class Plan(Sent):
    """To which version, and how."""

    version: Version = Field(0, description="Of the process, as deployed; 0 is the current one")
    reason: Text = Field(examples=["新规实施"])
    elements: dict[str, Name] = Field(
        default_factory=dict,
        description="Which element of the new version stands for which old one, where the ids do not agree",
        examples=[{"Activity_review": "Activity_joint_review"}],
    )
    variables: Data = Field(default_factory=dict, description="Set at the top before anything else")
    timers_anew: bool = Field(False, description="Set timers by the new version; else they keep their instants")
    dry_run: bool = Field(True, description="Only say whether it could be done")


class OnePlan(Plan):
    """The same for one process of a case."""

    process: ProcessName = Field("", description="A process of the case; the main one where left out")


class ManyPlan(Plan):
    """The same for all running cases of a process that fit."""

    process: Name = Field(description="The id of the BPMN process", examples=["hv_connection"])
    from_versions: list[Version] = Field(default_factory=list, max_length=100, description="Only cases of these")
    county: str = Field("", max_length=100)
    case_nos: list[Name] = Field(default_factory=list, max_length=MOST)
    limit: Count = MOST


class Fault(Answer):
    """Why something cannot be done; `text` is for people, in Chinese."""

    kind: str
    text: str
    element: str
    name: str
    key: str


class MovingElement(Answer):
    """An active element instance, and what it would become."""

    key: str
    element: str
    name: str
    target: str


class Migration(Answer):
    """Whether a process can move, or that it has."""

    process: str
    version: int = Field(description="The version that it moves to")
    possible: bool
    faults: list[Fault]
    moving: list[MovingElement]
    done: ActDone | None = Field(description="Null where it was only looked at")


class MigrationLine(Answer):
    """What became of one process."""

    process: str = Field(examples=["YK-2026-0001"])
    case_no: str
    version: int = Field(description="The version that it had")
    became: Became
    text: str = Field(description="Why not, in Chinese")
    faults: list[Fault]


class Batch(Answer):
    """What became of each; those that cannot move stay as they were."""

    dry_run: bool
    good: int = Field(description="How many could move, or have")
    bad: int
    cases: list[MigrationLine]


@router.post("/cases/{case_no}/migrate")
async def migrate(context: InContext, caller: Keeper, key: IdempotencyKey, case_no: CaseNo, sent: OnePlan) -> Migration:
    """Moves a process of a case to another version, or says what keeps it from that; then it stays as it was."""
    row = await run_in_threadpool(process_in, context, caller, case_no, sent.process)
    act = await run_in_threadpool(_act, context, caller, row.process, sent)
    if sent.dry_run:
        seen = await look(context.client, row.workflow_id, act)
        moving = [MovingElement.model_validate(one) for one in seen.moving]
        return Migration(
            process=process_id(row.workflow_id),
            version=act.version,
            possible=not seen.faults,
            faults=_faults(seen.faults),
            moving=moving,
            done=None,
        )
    done = await act_on(context, caller, key, row.workflow_id, act)
    return Migration(
        process=process_id(row.workflow_id), version=act.version, possible=True, faults=[], moving=[], done=done
    )


@router.post("/migrations")
async def migrate_all(context: InContext, caller: Keeper, key: IdempotencyKey, sent: ManyPlan) -> Batch:
    """Moves every running case that fits, each for itself, or says of each whether it could."""
    own = "" if caller.system else caller.county
    if sent.county and not caller.sees(sent.county):
        return Batch(dry_run=sent.dry_run, good=0, bad=0, cases=[])
    chosen = Chosen(sent.from_versions, sent.county or own, sent.case_nos, sent.limit)
    keyed = f"{caller.account} {key}"
    try:
        answers = await move_all(
            context.client,
            context.database,
            _target(sent.process, sent),
            chosen,
            caller.account,
            keyed,
            dry_run=sent.dry_run,
        )
    except NoSuchVersion as missing:
        raise _not_deployed(missing) from None
    lines = [_line(one) for one in answers]
    good = sum(one.became in (Became.POSSIBLE, Became.MOVED) for one in lines)
    return Batch(dry_run=sent.dry_run, good=good, bad=len(lines) - good, cases=lines)


def _target(process: str, sent: Plan) -> Target:
    return Target(process, sent.version, sent.reason, sent.elements, sent.variables, sent.timers_anew)


def _act(context: Context, caller: Caller, process: str, sent: Plan) -> MigrateCase:
    with context.database.session() as session:
        try:
            return act_of(session, _target(process, sent), caller.account)
        except NoSuchVersion as missing:
            raise _not_deployed(missing) from None


def _not_deployed(missing: NoSuchVersion) -> Problem:
    return Problem("not-found", Said(str(missing), "No such version of the process has been deployed"))


def _faults(faults: list[LifeFault]) -> list[Fault]:
    return [Fault.model_validate(one) for one in faults]


def _line(one: Answered) -> MigrationLine:
    return MigrationLine(
        process=process_id(one.workflow_id),
        case_no=one.case_no,
        version=one.version,
        became=one.became,
        text=one.text,
        faults=_faults(list(one.faults)),
    )
