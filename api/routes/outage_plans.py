"""The weekly outage plan: its board, what an edit of it would break, and the energizations that are likely to come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.bay_authority import check_department
from api.context import InContext
from api.identity import Caller, Having
from api.models import Page
from api.outage_plans import board, seen_plan, sees_unit, shown_outlook, shown_plans, shown_units, what_if
from api.outage_views import Board, EditedPlan, OutlookView, PlanLine, UnitView, WhatIf
from api.pages import After, Limit
from api.problems import Problem, Said
from api.rights import Right
from storage.outage_rules import outage_rules

router = APIRouter(tags=["outages"])
Reader = Annotated[Caller, Depends(Having(Right.READ_OUTAGES))]
UnitCode = Annotated[str, Path(min_length=1, max_length=50, examples=["city"])]
AskedUnit = Annotated[str, Query(min_length=1, max_length=50, examples=["city"])]
WeekName = Annotated[str, Path(pattern=r"^\d{4}-W\d{2}$", examples=["2026-W49"])]
ASKING = ("dispatch", "operations", "marketing", "construction")
"""Whose officers ask what an edit or a request would come to."""


@router.get("/outage-units")
def list_units(context: InContext, caller: Reader) -> list[UnitView]:
    """The dispatch units of one's county, or all for the city's company, with the week that takes requests now."""
    with context.database.session() as session:
        return shown_units(session, caller, context.clock())


@router.get("/outage-plans")
def list_plans(
    context: InContext, caller: Reader, unit: AskedUnit, after: After = "", limit: Limit = 50
) -> Page[PlanLine]:
    """The weekly plans of a dispatch unit, the newest week first."""
    with context.database.session() as session:
        lines, following = shown_plans(session, caller, unit, limit, after)
    return Page(items=lines, next=following or None)


@router.get("/outage-plans/{unit}/{week}")
def one_plan(context: InContext, caller: Reader, unit: UnitCode, week: WeekName) -> Board:
    """The board of a week: its requests with what the checks say, the proposal, and the outages as they are carried
    out."""
    with context.database.session() as session:
        return board(session, *seen_plan(session, caller, unit, week))


@router.post("/outage-plans/{unit}/{week}/what-if")
def ask_what_if(context: InContext, caller: Reader, unit: UnitCode, week: WeekName, sent: EditedPlan) -> WhatIf:
    """What the plan would break and achieve with these items instead of its own. Nothing is changed."""
    check_department(caller, ASKING, Said("周计划推演", "Trying out edits of the plan"))
    with context.database.session() as session:
        plan, rules = seen_plan(session, caller, unit, week)
        return what_if(session, plan, rules, [one.model_dump(mode="json") for one in sent.items], context.clock())


@router.get("/outage-outlook")
def ask_outlook(context: InContext, caller: Reader, unit: AskedUnit) -> OutlookView:
    """The energizations likely in the next four weeks, from where the clocks of the unit's running cases stand."""
    with context.database.session() as session:
        rules = outage_rules(session)
        found = rules.unit(unit)
        if found is None or not sees_unit(caller, found):
            raise Problem("not-found", Said(f"没有调度单位 {unit}", f"There is no dispatch unit {unit}"))
        return shown_outlook(session, found, rules, context.clock())
