"""What begins cases beside applications and messages: signals to all, conditions that hold, and times."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy.orm import Session

from activities.signals import Broadcaster
from activities.starting import begin, short_hash
from api.case_settings import read_rules
from api.cases import start_context
from api.conditions import Fulfilled, fulfilled
from api.context import Context, InContext
from api.identity import Caller, Having
from api.models import Answer, Data, Name, Sent
from api.once import once
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from api.sight import process_id
from domain.start import Broadcast
from storage.broadcasts import is_known_signal
from storage.company_tables import SettingsRefused
from storage.rules import current_rules
from storage.timer_starts import timer_starts

router = APIRouter(tags=["messages"])
Sender = Annotated[Caller, Depends(Having(Right.SEND_MESSAGES))]
Reader = Annotated[Caller, Depends(Having(Right.READ_RULES))]


class SignalData(Sent):
    """A signal to all. `id` is the sender's own: the same signal again has no second effect, another one is refused."""

    id: Name = Field(examples=["scada-2026-000812"])
    name: Name = Field(examples=["storm_warning"])
    variables: Data = Field(default_factory=dict)


class SignalSent(Answer):
    """What a signal did: how many running cases that may wait for it were told, how many it began, and in Chinese which
    it could not begin, and why."""

    id: str
    told: int
    begun: int
    refused: list[str]


class SignalId(Answer):
    """The id that a signal is known by among those of all senders."""

    id: str


class ConditionData(Sent):
    """What is so now. `id` is the sender's own: the same again has no second effect."""

    id: Name = Field(examples=["load-2026-03-05"])
    variables: Data = Field(examples=[{"transformerLoad": 0.93}])


class ConditionsMet(Answer):
    """The processes that began because their condition holds, and in Chinese which could not begin, and why."""

    id: str
    begun: list[str]
    refused: list[str]


class TimerStartView(Answer):
    """A timer start event of a process that is current; `due` is null once it is over, `remaining` how often it is due
    after that: null without end."""

    process: str
    element: str
    timer: str = Field(examples=["cycle 0 0 8 * * MON"])
    due: datetime | None
    remaining: int | None


@router.post("/signals")
async def send_signal(context: InContext, caller: Sender, sent: SignalData) -> SignalSent:
    """Sends a signal to every running case that waits for it, and begins a case of each process that starts by it. What
    comes to wait later does not get it. It reaches all counties, so that people of one cannot send it."""
    _refuse_one_county(caller)
    if not await run_in_threadpool(_is_known, context, sent.name):
        unknown = Said(
            f"没有流程认识信号「{sent.name}」，请核对信号名称", f"No diagram knows a signal named {sent.name!r}"
        )
        raise Problem("invalid", unknown, [FieldFault(field="name", message=unknown.zh)])
    try:
        start = await run_in_threadpool(start_context, context.database)
    except SettingsRefused as error:
        raise Problem("unavailable", str(error)) from None
    known = await run_in_threadpool(_own_id, context, caller, sent)
    now = context.clock().isoformat()
    broadcast = Broadcast(known.id, sent.name, dict(sent.variables), now, caller.account, start)
    reached = await Broadcaster(context.database, context.client, context.task_queue).send(broadcast)
    return SignalSent(id=sent.id, told=reached.cases, begun=reached.begun, refused=reached.refused)


@router.post("/conditions")
async def meet_conditions(context: InContext, caller: Sender, sent: ConditionData) -> ConditionsMet:
    """Begins a case of each process whose conditional start event these variables fulfil, with these variables. It
    may begin cases of all counties, so that people of one cannot do it."""
    _refuse_one_county(caller)
    met, found = await run_in_threadpool(_met, context, caller, sent)
    for workflow_id, start in found.begins.items():
        if process_id(workflow_id) in met.begun:
            await begin(context.client, context.task_queue, workflow_id, start)
    return met


@router.get("/timer-starts")
def list_timer_starts(context: InContext, caller: Reader) -> list[TimerStartView]:
    """When processes begin by themselves."""
    del caller
    with context.database.session() as session:
        return [
            TimerStartView(
                process=one.process,
                element=one.element,
                timer=one.timer,
                due=one.due,
                remaining=one.remaining if one.remaining >= 0 else None,
            )
            for one in timer_starts(session)
        ]


def _is_known(context: Context, name: str) -> bool:
    with context.database.session() as session:
        return is_known_signal(session, name)


def _own_id(context: Context, caller: Caller, sent: SignalData) -> SignalId:
    """Raises `Problem` (conflict) where the sender has used the id for something else."""

    def known(_session: Session) -> SignalId:
        return SignalId(id=f"{caller.account} {sent.id}")

    return once(context, caller, sent.id, ["signals", sent.name, sent.variables], SignalId, known)


def _met(context: Context, caller: Caller, sent: ConditionData) -> tuple[ConditionsMet, Fulfilled]:
    trigger = short_hash(f"{caller.account} {sent.id}")
    with context.database.session() as session:
        try:
            rules = read_rules(None, current_rules(session))
        except SettingsRefused as error:
            raise Problem("unavailable", str(error)) from None
        found = fulfilled(session, rules, dict(sent.variables), context.clock(), trigger)

    def answer(_session: Session) -> ConditionsMet:
        return ConditionsMet(id=sent.id, begun=[process_id(one) for one in found.begins], refused=found.refused)

    return once(context, caller, sent.id, ["conditions", sent.variables], ConditionsMet, answer), found


def _refuse_one_county(caller: Caller) -> None:
    if not caller.system and caller.county:
        everywhere = Said(
            "此操作涉及所有区县，请由市公司办理", "This concerns all counties: the city's company does it"
        )
        raise Problem("forbidden", everywhere)
