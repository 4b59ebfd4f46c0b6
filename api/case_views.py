"""One case as it is shown: its stages, and its clocks as it tells them itself or as they were recorded last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from api.diagrams import Stage
from api.models import Answer
from domain.levels import Colour, Level
from domain.stages import CUSTOMER_STAGES, customer_stage
from storage.cases import Case, CaseState
from storage.clocks import CaseClock, ClockState
from storage.journal_rows import StageReached

Moment = Annotated[datetime | None, BeforeValidator(lambda told: told or None)]
"""An instant; what a case tells of none is an empty text."""


class StageState(StrEnum):
    """Where a case is with a stage."""

    DONE = "done"
    NOW = "now"
    TO_COME = "to come"


class StageView(Answer):
    """A stage of a case; one that was gone back from counts as done until it is reached again."""

    name: str
    process: str = Field(description="The process in whose diagram it stands; empty for a stage as customers see it")
    state: StageState
    reached_at: datetime | None = Field(description="When it was first reached")


class NotedView(Answer):
    """A moment that might have started a clock: the one that counts, and the others."""

    element: str
    name: str
    at: datetime
    counts: bool


class DelayView(Answer):
    """What holds a clock up, or did; the clock counts on."""

    cause: str = Field(description="A cause as orders are answered with, such as materials_shortage")
    name: str
    text: str
    since: datetime
    until: datetime | None = None


class ClockView(Answer):
    """A limit of a case as it stands. What only the case itself knows is empty where it did not answer."""

    clock: str
    called: str = Field("", description="The workflow of a called case that it runs in; empty for the case's own")
    name: str
    department: str
    milestone: bool = False
    state: str = Field(description="计时中, 已超期, 按期完成, 超期完成, 已取消 or 已移交")
    colour: str = Field(description="蓝, 黄 or 红; empty for one that was dropped")
    start: datetime
    due: Moment
    provisional: bool = Field(description="The calendar of its last day has not been announced")
    stop: Moment
    left: int | None = Field(None, description="Working days until it is due; below zero it is late by so many")
    level: str = Field(description="The highest level that was raised: 提醒, 预警, 超期, 督办升级 or 通报")
    order: str = Field(description="The number of its supervision order")
    unanswered: bool = Field(description="Whether the order waits for an answer")
    limit: str = Field("", description="The row of the table of limits")
    source: str = ""
    verified: bool = False
    noted: list[NotedView] = Field(default_factory=list)
    delays: list[DelayView] = Field(default_factory=list)
    explanation: list[str] = Field(default_factory=list, description="How the due date came about, in Chinese")


def stages_of(stages: Sequence[Stage], family: Sequence[Case], reached: Sequence[StageReached]) -> list[StageView]:
    """All stages of the diagrams in their order; those aside, such as a withdrawal, only where they were reached."""
    processes = {one.workflow_id: one for one in family}
    first: dict[tuple[str, str], datetime] = {}
    for one in reached:
        if one.workflow_id in processes:
            first.setdefault((processes[one.workflow_id].process, one.stage), one.at)
    now = {(one.process, one.stage) for one in family if one.state == CaseState.RUNNING.value}
    return [
        StageView(
            name=stage.name,
            process=stage.process,
            state=_state((stage.process, stage.name) in now, (stage.process, stage.name) in first),
            reached_at=first.get((stage.process, stage.name)),
        )
        for stage in stages
        if not stage.aside or (stage.process, stage.name) in first
    ]


def customer_stages_of(main: Case, ours: Sequence[StageView], aside: frozenset[str]) -> list[StageView]:
    """The three stages that the customer is shown; what lies `aside` brings a case no further."""
    first: dict[str, datetime] = {CUSTOMER_STAGES[0]: main.opened_at}
    for stage in ours:
        if stage.process == main.process and stage.reached_at and stage.name not in aside:
            shown = customer_stage(stage.name)
            first[shown] = min(first.get(shown, stage.reached_at), stage.reached_at)
    furthest = max(CUSTOMER_STAGES.index(name) for name in first)
    running = main.state == CaseState.RUNNING.value
    now = CUSTOMER_STAGES.index(customer_stage(main.stage)) if main.stage not in aside else furthest
    return [
        StageView(
            name=name, process="", state=_state(running and place == now, name in first), reached_at=first.get(name)
        )
        for place, name in enumerate(CUSTOMER_STAGES)
    ]


def _state(now: bool, reached: bool) -> StageState:
    if now:
        return StageState.NOW
    return StageState.DONE if reached else StageState.TO_COME


def told_clock(row: Mapping[str, Any]) -> ClockView:
    """A clock as the case itself tells it."""
    return ClockView.model_validate(row)


def recorded_clock(clock: CaseClock, main: str, now: datetime) -> ClockView:
    """A clock as it was recorded last; `main` is the workflow of the case's own process."""
    return ClockView(
        clock=clock.clock,
        called=clock.workflow_id if clock.workflow_id != main else "",
        name=clock.name,
        department=clock.department,
        state=_recorded_state(clock, now),
        colour=_colour(clock),
        start=clock.started_at,
        due=clock.due_at,
        provisional=clock.provisional,
        stop=clock.ended_at,
        level=Level(clock.level).title if clock.level >= 0 else "",
        order=clock.order_no,
        unanswered=bool(clock.order_at) and clock.answered_at is None and not clock.backdated,
    )


def _recorded_state(clock: CaseClock, now: datetime) -> str:
    if clock.state == ClockState.DROPPED:
        return "已取消"
    if clock.state == ClockState.PASSED_ON:
        return "已移交"
    late = clock.due_at is not None and (clock.ended_at or now) > clock.due_at
    if clock.state == ClockState.STOPPED:
        return "超期完成" if late else "按期完成"
    return "已超期" if late else "计时中"


def _colour(clock: CaseClock) -> str:
    if clock.state == ClockState.DROPPED:
        return ""
    if clock.level >= Level.L2:
        return str(Colour.RED.value)
    return str((Colour.YELLOW if clock.level == Level.L1 else Colour.BLUE).value)
