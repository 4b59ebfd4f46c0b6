"""Framework agreements 框架招标: what remains of each, their terms, and what was called off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.amounts import Shown, Yuan
from api.context import InContext
from api.identity import Caller, Having
from api.models import Answer, Day, IdempotencyKey, Name, Page, Sent
from api.once import once
from api.pages import After, Limit
from api.problems import Problem, Said
from api.rights import Right
from domain.calendar import shanghai_date
from domain.frameworks import KINDS
from storage.call_offs import CallOffState, call_offs
from storage.cases import case_counties
from storage.frameworks import (
    Framework,
    FrameworkLot,
    FrameworkQuery,
    FrameworkRefused,
    LotTerms,
    Terms,
    frameworks,
    lots_of,
    save_framework,
)

router = APIRouter(tags=["frameworks"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Keeper = Annotated[Caller, Depends(Having(Right.MANAGE_FRAMEWORKS))]
CODE = r"^[0-9A-Za-z\u4e00-\u9fff._-]+$"
FrameworkNumber = Annotated[str, Path(min_length=1, max_length=60, pattern=CODE, examples=["KJ-2026-01"])]
Kind = Literal["design", "construction", "both"]


class LotView(Answer):
    """A lot 标段. `remaining` is what may still be called off from it, within what remains of the whole."""

    lot: str
    name: str
    amount: Shown
    called_off: Shown
    remaining: Shown


class FrameworkView(Answer):
    """A framework agreement; amounts in yuan. `state` is how it stands today."""

    number: str
    name: str
    kind: Kind
    kind_name: str
    award_no: str
    awarded_on: date
    contractor: str
    licence: str
    licence_until: date
    valid_from: date
    valid_to: date
    total: Shown
    called_off: Shown
    remaining: Shown
    state: Literal["未生效", "有效", "资质到期", "已用完", "已到期"]
    lots: list[LotView]


class LotSent(Sent):
    """A lot as it was tendered."""

    lot: Annotated[str, Field(min_length=1, max_length=40, pattern=CODE, examples=["1"])]
    name: Name
    amount: Yuan


class FrameworkSent(Sent):
    """The terms of a framework; the contractor's licence is good until and with `licence_until`."""

    name: Name
    kind: Kind
    award_no: Name
    awarded_on: Day
    contractor: Name
    licence: Name
    licence_until: Day
    valid_from: Day
    valid_to: Day
    total: Yuan
    lots: list[LotSent] = Field(min_length=1, max_length=100)


class CallOffView(Answer):
    """What was called off. `case_no` is empty for a case that the reader may not see."""

    number: str
    framework: str
    lot: str
    amount: Shown
    case_no: str
    matter: str
    state: CallOffState
    at: datetime
    cancelled_at: datetime | None


@router.get("/frameworks")
def list_frameworks(
    context: InContext,
    caller: Reader,
    q: Annotated[str, Query(max_length=100, description="Words in its number, name, contractor or award")] = "",
    kind: Kind | None = None,
    usable: Annotated[bool, Query(description="Only those in force today of which something remains")] = False,
    after: After = "",
    limit: Limit = 50,
) -> Page[FrameworkView]:
    """The framework agreements by number with what remains of each, a page at a time."""
    del caller
    today = shanghai_date(context.clock())
    wanted = FrameworkQuery(q, kind or "", today if usable else None)
    with context.database.session() as session:
        page, following = frameworks(session, wanted, limit=limit, after=after)
        lots = lots_of(session, {one.number for one in page})
    return Page(items=[_view(one, lots, today) for one in page], next=following or None)


@router.get("/frameworks/{number}")
def one_framework(context: InContext, caller: Reader, number: FrameworkNumber) -> FrameworkView:
    """One framework agreement."""
    del caller
    with context.database.session() as session:
        found = session.get(Framework, number)
        lots = lots_of(session, {number})
    if found is None:
        raise Problem("not-found", Said(f"没有框架{number}", f"There is no framework {number}"))
    return _view(found, lots, shanghai_date(context.clock()))


@router.put("/frameworks/{number}")
def put_framework(
    context: InContext, caller: Keeper, key: IdempotencyKey, number: FrameworkNumber, sent: FrameworkSent
) -> FrameworkView:
    """Loads a framework agreement or changes its terms; what was called off stays, and is never more than it has."""
    plain = sent.model_dump(exclude={"lots"})
    lots = tuple(LotTerms(lot.lot, lot.name, lot.amount) for lot in sent.lots)

    def act(session: Session) -> FrameworkView:
        saved = save_framework(session, Terms(number=number, lots=lots, **plain))
        return _view(saved, lots_of(session, {number}), shanghai_date(context.clock()))

    try:
        return once(context, caller, key, {"framework": number, **sent.model_dump(mode="json")}, FrameworkView, act)
    except FrameworkRefused as refused:
        raise Problem("conflict", Said(str(refused), refused.en)) from None


@router.get("/call-offs")
def list_call_offs(
    context: InContext,
    caller: Reader,
    framework: Annotated[str, Query(max_length=60)] = "",
    case_no: Annotated[str, Query(max_length=100)] = "",
    state: CallOffState | None = None,
    after: After = "",
    limit: Limit = 50,
) -> Page[CallOffView]:
    """What was called off, by number, a page at a time; of one framework or one case where they are named."""
    with context.database.session() as session:
        if case_no and not caller.sees(case_counties(session, {case_no}).get(case_no, "")):
            return Page(items=[])
        page, following = call_offs(
            session, framework=framework, case_no=case_no, state=state, limit=limit, after=after
        )
        counties = case_counties(session, {one.case_no for one in page})
    views = [CallOffView.model_validate(one) for one in page]
    seen = [
        view if caller.sees(counties.get(view.case_no, "")) else view.model_copy(update={"case_no": ""})
        for view in views
    ]
    return Page(items=seen, next=following or None)


def _view(framework: Framework, lots: Sequence[FrameworkLot], today: date) -> FrameworkView:
    remaining = framework.total - framework.called_off
    same = [name for name in FrameworkView.model_fields if hasattr(framework, name)]
    return FrameworkView(
        **{name: getattr(framework, name) for name in same},
        kind_name=KINDS[framework.kind],
        remaining=remaining,
        state=_state(framework, today),
        lots=[
            LotView(
                lot=lot.lot,
                name=lot.name,
                amount=lot.amount,
                called_off=lot.called_off,
                remaining=min(lot.amount - lot.called_off, remaining),
            )
            for lot in lots
            if lot.framework == framework.number
        ],
    )


def _state(framework: Framework, today: date) -> Literal["未生效", "有效", "资质到期", "已用完", "已到期"]:
    if today > framework.valid_to:
        return "已到期"
    if framework.called_off >= framework.total:
        return "已用完"
    if today > framework.licence_until:
        return "资质到期"
    return "有效" if today >= framework.valid_from else "未生效"
