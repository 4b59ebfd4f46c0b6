"""How the weekly outage plan is told: the board of a week, requests with their findings, what an edit would break."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasGenerator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from api.models import Answer, Instant, Name, Sent, Text
from storage.outages import ItemState, PlanState, RequestState

_YEARS = range(2000, 2100)
_MOST = 200


def _planned(moment: datetime) -> datetime:
    if moment.year in _YEARS:
        return moment
    raise PydanticCustomError("instant", "should lie between 2000 and 2099")


PlanInstant = Annotated[Instant, AfterValidator(_planned)]
"""An instant that can be planned with."""
Names = Annotated[list[Name], Field(max_length=50)]


class Told(Answer):
    """An answer that is also read from the JSON that the plan keeps, whose keys are camelCase."""

    model_config = ConfigDict(
        from_attributes=True, populate_by_name=True, alias_generator=AliasGenerator(validation_alias=to_camel)
    )


class WorkData(Sent):
    """A request in an outage, and the crew that does it."""

    request: Name = Field(examples=["TSD-2026-0001"])
    crew: Name = Field(examples=["pd-1"])


class ItemData(Sent):
    """One outage of a feeder, or one energization without any."""

    feeder: Name = Field(examples=["10kV清水一线"])
    start: PlanInstant
    end: PlanInstant
    works: list[WorkData] = Field(min_length=1, max_length=_MOST)
    team: Name = Field(examples=["cz-1"])


class EditedPlan(Sent):
    """A plan as somebody has changed it by hand: all of its items."""

    items: list[ItemData] = Field(max_length=_MOST)


class WorksData(Sent):
    """What is applied for. Without equipment nothing is switched off; without a team the unit's own switches."""

    unit: Name = Field(examples=["city"])
    kind: Literal["planned", "temporary", "emergency"] = "planned"
    upper_level: bool = False
    station: Name = Field(examples=["110kV清水站"])
    feeder: Name = Field(examples=["10kV清水一线"])
    equipment: Names = Field(default_factory=list, examples=[["10kV清水一线512开关"]])
    related_equipment: Names = Field(default_factory=list, description="Must be off together with the equipment")
    work_place: Text = Field(examples=["清水一线12号杆"])
    work_content: Text = Field(examples=["更换柱上开关"])
    earliest_start: PlanInstant
    latest_end: PlanInstant
    duration_hours: float = Field(gt=0, le=168, examples=[4])
    affects_others: bool
    customers_affected: int = Field(0, ge=0, le=10_000_000, examples=[120])
    important_customers: Names = Field(default_factory=list)
    crew: Name = Field(examples=["pd-1"])
    switching_team: Name | None = Field(None, examples=["cz-1"])
    risk_level: int = Field(5, ge=1, le=5, description="1 is the highest")
    noticed_at: PlanInstant | None = Field(None, description="When the public was told of it, where it was")
    emergency_approver: str = Field("", max_length=100)


class AskedData(WorksData):
    """What would be applied for. Without `promise_due` the promise is that of a dedicated line of this voltage that is
    applied for now, if there is one."""

    voltage_kv: float = Field(10, gt=0, le=1000, examples=[10])
    promise_due: PlanInstant | None = None


class FindingView(Told):
    """What a check found: a `refuse` keeps a request out, a `warn` its planner should know."""

    code: str
    severity: str
    sentence: str
    related: list[str]


class FiguresView(Told):
    """What a plan achieves."""

    served: int
    requests: int
    promises_kept: int
    promises: int
    outages: int
    merged: int
    customer_hours: float


class WorkView(Answer):
    """A request in an outage, and the crew that does it."""

    request: str
    crew: str


class PlannedView(Answer):
    """An item of a plan that is not issued."""

    feeder: str
    start: datetime
    end: datetime
    works: list[WorkView]
    team: str


class RefusedView(Told):
    """A request that the proposal leaves out, with the reason."""

    request_no: str
    reason: str


class FirstComeView(Told):
    """What first come, first served would achieve."""

    served: int
    customer_hours: float


class ProposalView(Told):
    """What the planner proposes; `least_possible` are the customer-hours that no plan could go below."""

    items: list[PlannedView]
    refused: list[RefusedView]
    figures: FiguresView
    bound: str
    objective: float
    least_possible: float
    first_come: FirstComeView


class RequestLine(Told):
    """A request as the board shows it."""

    request_no: str
    case_no: str
    source: str
    kind: str
    station: str
    feeder: str
    equipment: list[str]
    related_equipment: list[str]
    work_place: str
    work_content: str
    earliest_start: datetime
    latest_end: datetime
    duration_hours: float
    affects_others: bool
    customers_affected: int
    important_customers: list[str]
    crew: str
    switching_team: str
    risk_level: int
    priority: str
    promise_due: datetime | None
    noticed_at: datetime | None
    applied_at: datetime
    emergency_approver: str
    state: RequestState
    reason: str = Field(description="Why it was not planned")
    findings: list[FindingView]


class RequestView(RequestLine):
    """A request, with the plan that has it."""

    unit: str
    week: str
    entered_at: datetime


class CaseTold(Told):
    """A case that waits for an outage; `promise_kept` is null where nothing is promised."""

    case_no: str
    request_no: str
    promise_kept: bool | None


class MoveView(Answer):
    """From when an outage was moved, why, and when."""

    start: datetime = Field(validation_alias="from")
    end: datetime = Field(validation_alias="to")
    reason: str
    at: datetime


class DeliveryView(Told):
    """A notice that was given: to whom, how, when, and what proves it."""

    recipient: str
    delivery: str
    delivered_at: datetime
    proof: str


class ItemView(Answer):
    """An outage of an issued plan, or an emergency one beside it."""

    item_no: str
    station: str
    feeder: str
    starts_at: datetime
    ends_at: datetime
    content: str
    crews: str
    team: str
    customers: int
    emergency: bool
    request_nos: list[str]
    cases: list[CaseTold]
    state: ItemState
    reason: str = Field(description="Why it was late, cancelled or moved")
    actual_from: datetime | None
    actual_to: datetime | None
    moves: list[MoveView]
    deliveries: list[DeliveryView]


class PlanLine(Answer):
    """A week's plan in a list; the rate is in per cent, null where nothing is planned or the week is not closed."""

    unit: str
    week: str
    state: PlanState
    cut_off_at: datetime
    starts_at: datetime
    ends_at: datetime
    plan_no: str | None
    issued_at: datetime | None
    planned: int | None
    executed: int | None
    execution_rate: float | None
    closed_at: datetime | None


class Board(PlanLine):
    """All of a week's plan. Before it is closed, `planned` and `executed` are as they stand."""

    unit_name: str
    case_no: str
    process: str = Field(description="The process of the plan, as addresses name it")
    rules_version: str
    figures: FiguresView | None
    proposal: ProposalView | None
    requests: list[RequestLine]
    items: list[ItemView]


class BreakView(Answer):
    """A hard rule that a plan breaks: which, in a sentence, and the requests that it concerns."""

    rule: str
    rule_name: str
    sentence: str
    requests: list[str]


class WhatIf(Answer):
    """What an edited plan would break, in the order of its rules, and what it would achieve."""

    breaks: list[BreakView]
    figures: FiguresView
    items: list[PlannedView]


class UnitView(Answer):
    """A dispatch unit. `keeps_plan` is false for one that has plans but is in the rules no more; `open_week` takes what
    is applied for now, until `cut_off_at`."""

    code: str
    name: str
    counties: list[str]
    switching_team: str
    keeps_plan: bool
    open_week: str | None
    cut_off_at: datetime | None


class RequestFiled(Answer):
    """A request on its way into a plan, whose process enters it; `findings` are those of now."""

    request_no: str
    unit: str
    week: str
    process: str = Field(description="The process of the plan, as addresses name it")
    in_time: bool = Field(description="Whether it came before the cut-off; what is late the process decides on")
    findings: list[FindingView]


class NeedView(Answer):
    """What a way out needs."""

    key: str
    label: str


class WayOutView(Answer):
    """A way out of a promise that cannot be kept."""

    code: str
    name: str
    needs: list[NeedView]


class FeasibilityView(Answer):
    """Whether a promise can be kept, and the ways out where it cannot."""

    affects_others: bool
    notices_at: datetime | None
    earliest_lawful_start: datetime
    earliest_start: datetime | None
    due: datetime
    feasible: bool
    week: str
    late_entry: bool
    explanation: str
    ways_out: list[WayOutView]


class Prospects(Answer):
    """What a request would face if it were filed now; `feasibility` is null where nothing is promised."""

    unit: str
    week: str
    cut_off_at: datetime
    findings: list[FindingView]
    feasibility: FeasibilityView | None


class FeederView(Answer):
    """The cases on one feeder: where there are several, one outage may serve them all."""

    feeder: str
    cases: list[str]


class OutlookWeekView(Answer):
    """A week to come, and how many energizations are to be expected in it."""

    week: str
    starts_at: datetime
    ends_at: datetime
    expected: float
    feeders: list[FeederView]


class LikelyView(Answer):
    """A case that is likely to be energized; the feeder is empty where it is not known yet."""

    week: str
    case_no: str
    stage: str
    feeder: str
    expected_at: datetime
    probability: float = Field(description="Percent")


class OutlookView(Answer):
    """The energizations to be expected in the next four weeks, from where the cases' clocks stand."""

    unit: str
    weeks: list[OutlookWeekView]
    cases: list[LikelyView]
