"""Many acts in one request, each answered for itself: a morning's inbox in one go, or what was done offline."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from api.context import Context, InContext
from api.identity import Caller, Having, logged_in
from api.models import ActDone, Answer, Sent
from api.problems import ProblemDetails
from api.rights import Right
from api.routes import ad_hoc, escalations, handing, tasks, withdrawals

router = APIRouter(tags=["acts"])
AT_MOST = 100
"""Acts in one request."""
_AT_ONCE = 20
"""Processes that are acted on at once."""

Id = Annotated[str, Field(min_length=1, max_length=300)]


class Item(Sent, ABC):
    """One act: the fields of its own address and body, and its own key."""

    key: Annotated[str, Field(min_length=1, max_length=200, description="As `Idempotency-Key` of a single act")]

    @property
    @abstractmethod
    def place(self) -> str:
        """What acts are done in order on: those on other places are done meanwhile."""


class _OfTask(Item):
    task: Id = Field(examples=["YK-2026-0001~6"])

    @property
    def place(self) -> str:
        return self.task.rpartition("~")[0]


class _OfProcess(Item):
    process: Id = Field(examples=["YK-2026-0001"])

    @property
    def place(self) -> str:
        return self.process


class _OfClock(_OfProcess):
    clock: Id = Field(examples=["supply_plan_reply"])


class ClaimItem(_OfTask, tasks.Nothing):
    """Takes a task on."""

    act: Literal["claim"]


class ReleaseItem(_OfTask, tasks.Nothing):
    """Gives a task back to the department."""

    act: Literal["release"]


class CompleteItem(_OfTask, tasks.Completion):
    """Completes a task."""

    act: Literal["complete"]


class TransferItem(_OfTask, handing.Transfer):
    """Hands a task over."""

    act: Literal["transfer"]


class UpdateItem(_OfTask, handing.Update):
    """Changes when a task is due or how urgent it is."""

    act: Literal["update"]


class RemindItem(_OfTask, handing.Reminder):
    """Reminds whoever has a task."""

    act: Literal["remind"]


class CopyItem(_OfTask, handing.Copy):
    """Lets others know of a task."""

    act: Literal["copy"]


class AcknowledgeItem(_OfClock, escalations.Acknowledgement):
    """Says that a level of a clock was seen."""

    act: Literal["acknowledge"]


class MoveItem(_OfClock, escalations.Move):
    """Moves a deadline."""

    act: Literal["move"]


class AnswerItem(_OfClock, escalations.OrderAnswer):
    """Answers a supervision order."""

    act: Literal["answer"]


class TakeBackItem(_OfProcess, withdrawals.Reason):
    """Takes back what was sent on."""

    act: Literal["take_back"]


class WithdrawItem(Item, withdrawals.Withdrawal):
    """Withdraws a case."""

    act: Literal["withdraw"]
    case_no: Id

    @property
    def place(self) -> str:
        return self.case_no


class ActivateItem(Item, ad_hoc.Activation):
    """Has elements of an ad-hoc sub-process begin."""

    act: Literal["activate"]
    case_no: Id
    scope: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$", examples=["6"])]

    @property
    def place(self) -> str:
        return self.process or self.case_no


Doing = Callable[[Context, Caller, Any], Awaitable[ActDone]]
ACTS: Mapping[type[Item], tuple[Right, Doing]] = {
    ClaimItem: (Right.DO_TASKS, lambda context, who, one: tasks.claim(context, who, one.key, one.task, one)),
    ReleaseItem: (Right.DO_TASKS, lambda context, who, one: tasks.release(context, who, one.key, one.task, one)),
    CompleteItem: (Right.DO_TASKS, lambda context, who, one: tasks.complete(context, who, one.key, one.task, one)),
    TransferItem: (Right.DO_TASKS, lambda context, who, one: handing.transfer(context, who, one.key, one.task, one)),
    UpdateItem: (Right.DO_TASKS, lambda context, who, one: handing.update(context, who, one.key, one.task, one)),
    RemindItem: (Right.DO_TASKS, lambda context, who, one: handing.remind(context, who, one.key, one.task, one)),
    CopyItem: (Right.DO_TASKS, lambda context, who, one: handing.copy(context, who, one.key, one.task, one)),
    AcknowledgeItem: (
        Right.ANSWER_LEVELS,
        lambda context, who, one: escalations.acknowledge(context, who, one.key, one.process, one.clock, one),
    ),
    MoveItem: (
        Right.ANSWER_LEVELS,
        lambda context, who, one: escalations.move(context, who, one.key, one.process, one.clock, one),
    ),
    AnswerItem: (
        Right.ANSWER_LEVELS,
        lambda context, who, one: escalations.answer(context, who, one.key, one.process, one.clock, one),
    ),
    TakeBackItem: (
        Right.DO_TASKS,
        lambda context, who, one: withdrawals.take_back(context, who, one.key, one.process, one),
    ),
    WithdrawItem: (
        Right.DO_TASKS,
        lambda context, who, one: withdrawals.withdraw(context, who, one.key, one.case_no, one),
    ),
    ActivateItem: (
        Right.DO_TASKS,
        lambda context, who, one: ad_hoc.activate(context, who, one.key, one.case_no, one.scope, one),
    ),
}
"""Each act with the right that it needs and the route that does it alone; one more is one more item."""


@dataclass(frozen=True)
class Unfit:
    """An item that is no act; `faults` are pydantic's."""

    faults: Sequence[Any]


def _each(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """One item that does not fit is that item's problem."""
    try:
        return check(value)
    except ValidationError as error:
        return Unfit(error.errors(include_url=False, include_context=False))


AnyItem = Annotated[
    ClaimItem
    | ReleaseItem
    | CompleteItem
    | TransferItem
    | UpdateItem
    | RemindItem
    | CopyItem
    | AcknowledgeItem
    | MoveItem
    | AnswerItem
    | TakeBackItem
    | WithdrawItem
    | ActivateItem,
    Field(discriminator="act"),
]


class Acts(Sent):
    """Acts to be done, at most a hundred."""

    items: Annotated[list[Annotated[AnyItem, WrapValidator(_each)]], Field(min_length=1, max_length=AT_MOST)]


class ItemDone(Answer):
    """What became of one act: its `result`, or the problem that the same act alone would have been answered with."""

    index: int
    status: int = Field(examples=[200, 409])
    result: ActDone | None = None
    problem: ProblemDetails | None = None


class ActsDone(Answer):
    """What became of each act, in their order."""

    items: list[ItemDone]


@router.post("/acts")
async def do_acts(
    request: Request, context: InContext, caller: Annotated[Caller, Depends(logged_in)], sent: Acts
) -> ActsDone:
    """Does many acts; none is harmed by another that is refused. Those on one process are done in their order."""
    places: dict[str, list[tuple[int, Item | Unfit]]] = {}
    for index, one in enumerate(sent.items):
        places.setdefault(one.place if isinstance(one, Item) else "", []).append((index, one))
    gate = asyncio.Semaphore(_AT_ONCE)

    async def in_order(items: list[tuple[int, Item | Unfit]]) -> list[ItemDone]:
        async with gate:
            return [await _done(request, context, caller, index, one) for index, one in items]

    done = await asyncio.gather(*map(in_order, places.values()))
    return ActsDone(items=sorted((one for items in done for one in items), key=lambda one: one.index))


async def _done(request: Request, context: Context, caller: Caller, index: int, one: Item | Unfit) -> ItemDone:
    try:
        if isinstance(one, Unfit):
            raise RequestValidationError(one.faults)
        right, doing = ACTS[type(one)]
        return ItemDone(index=index, status=200, result=await doing(context, Having(right)(caller), one))
    except Exception as error:
        problem = _problem(request, error)
        return ItemDone(index=index, status=problem.status, problem=problem)


def _problem(request: Request, error: Exception) -> ProblemDetails:
    """What the application answers to an error, whatever it is."""
    handlers = request.app.exception_handlers
    handler = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
    return ProblemDetails.model_validate_json(handler(request, error).body)
