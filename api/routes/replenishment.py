"""What is to be bought: shortages of cases, proposals with the figures behind them, orders and when they arrive."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from sqlalchemy.orm import Session

from activities.numbering import NumberFormats
from api.amounts import Quantity, Shown
from api.context import Context, InContext
from api.identity import Caller, Having
from api.models import Answer, Day, IdempotencyKey, Page, Sent
from api.pages import After, Limit
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from api.routes.stock import Code, Note, check_known, done
from api.rules import TABLES
from api.sight import process_id
from domain.calendar import shanghai_date
from domain.fields import MissingFields
from domain.stock.planning import StockPlanning, case_needs
from domain.stock.replenishment import Proposal, proposals
from storage.company_tables import calendar_in_force
from storage.paging import mark, place
from storage.rules import RuleKind, RuleVersion, current_rules
from storage.stock import OrderState, StockOrder
from storage.stock_keeping import change_order, order_stock
from storage.stock_list import (
    ListedShortage,
    current_shortages,
    pipeline,
    positions,
    stock_orders,
    stores,
)

router = APIRouter(tags=["stock"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Keeper = Annotated[Caller, Depends(Having(Right.MANAGE_STOCK))]
OrderNumber = Annotated[str, Path(min_length=1, max_length=100, examples=["BHD-2026-0001"])]
County = Annotated[str, Query(max_length=100)]


class WeekView(Answer):
    """What the pipeline is likely to need in a week (from its Monday on), of how many cases."""

    week: date
    quantity: Shown
    cases: int


class ProposalView(Answer):
    """A replenishment that is proposed: how much, and by when to order it. `late`: an order today comes too late."""

    item: str
    name: str
    unit: str
    depot: str
    quantity: Shown
    order_by: date
    needed_on: date = Field(description="From when on less than the minimum would be there")
    late: bool
    on_hand: Shown
    reserved: Shown
    minimum: Shown
    on_order: Shown
    likely: Shown = Field(description="What the pipeline is likely to need within the horizon")
    weeks: list[WeekView]
    lead_time_days: int
    lead_time_unit: str
    lead_time_source: str
    lead_time_verified: bool
    sentence: str


class OrderView(Answer):
    """A replenishment order."""

    number: str
    item: str
    depot: str
    quantity: Shown
    received: Shown
    ordered_on: date
    arrives_on: date
    state: OrderState
    note: str
    by: str
    at: datetime


class OrderSent(Sent):
    """A replenishment that was ordered, and when it arrives."""

    item: Code
    depot: Code
    quantity: Quantity
    arrives_on: Day
    note: Note = ""


class ArrivalSent(Sent):
    """The day on which an order will arrive instead."""

    arrives_on: Day


class ShortageView(Answer):
    """What the works of a running case lack. `enough` where it is there by now: the case only has to look again."""

    case_no: str
    process: str
    county: str
    customer: str
    item: str
    name: str
    unit: str
    depot: str = Field(description="The only store that was asked; empty for all")
    needed: Shown
    available: Shown
    enough: bool
    arrives_on: date | None
    found_at: datetime


@router.get("/stock/shortages")
def list_shortages(
    context: InContext, caller: Reader, county: County = "", after: After = "", limit: Limit = 50
) -> Page[ShortageView]:
    """What running cases lack, with what there is now and when more comes, a page at a time."""
    if county and not caller.sees(county):
        return Page(items=[])
    own = "" if caller.system else caller.county
    today = shanghai_date(context.clock())
    with context.database.session() as session:
        page, following = current_shortages(session, today, county=county or own, limit=limit, after=after)
    return Page(items=[_shortage(one) for one in page], next=following or None)


@router.get("/stock/proposals")
def list_proposals(
    context: InContext,
    caller: Reader,
    depot: Annotated[str, Query(max_length=40)] = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[ProposalView]:
    """The replenishment that is proposed, by item and store, with the figures behind it."""
    del caller
    beyond = tuple(place(after, "proposal", str, str)) if after else ("", "")
    found = [
        one
        for one in _proposals(context)
        if depot in ("", one.position.depot) and (one.position.item, one.position.depot) > beyond
    ]
    page = found[:limit]
    following = mark("proposal", page[-1].position.item, page[-1].position.depot) if len(found) > limit else None
    return Page(items=[_proposal(one) for one in page], next=following)


@router.get("/stock/orders")
def list_orders(
    context: InContext,
    caller: Reader,
    state: OrderState | None = None,
    item: Annotated[str, Query(max_length=40)] = "",
    depot: Annotated[str, Query(max_length=40)] = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[OrderView]:
    """The replenishment orders by number, a page at a time."""
    del caller
    with context.database.session() as session:
        page, following = stock_orders(session, state=state, item=item, depot=depot, limit=limit, after=after)
    return Page(items=[OrderView.model_validate(one) for one in page], next=following or None)


@router.post("/stock/orders", status_code=201)
def post_order(context: InContext, caller: Keeper, key: IdempotencyKey, sent: OrderSent) -> OrderView:
    """Writes down that a replenishment was ordered: from now on a shortage names its day."""
    now = context.clock()
    today = shanghai_date(now)
    series = NumberFormats().series("stock_order", today)

    def act(session: Session) -> OrderView:
        check_known(session, sent.item, sent.depot)
        _check_ahead(sent.arrives_on, today)
        ordered = order_stock(
            session,
            item=sent.item,
            depot=sent.depot,
            quantity=sent.quantity,
            ordered_on=today,
            arrives_on=sent.arrives_on,
            series=series.name,
            number_format=series.number_format,
            note=sent.note,
            by=caller.account,
            now=now,
        )
        return OrderView.model_validate(ordered)

    return done(context, caller, key, {"order": sent.model_dump(mode="json")}, OrderView, act)


@router.post("/stock/orders/{number}/move")
def move_order(
    context: InContext, caller: Keeper, key: IdempotencyKey, number: OrderNumber, sent: ArrivalSent
) -> OrderView:
    """The order arrives on another day."""

    def act(session: Session) -> OrderView:
        _check_ahead(sent.arrives_on, shanghai_date(context.clock()))
        return _changed(number, change_order(session, number, sent.arrives_on))

    return done(context, caller, key, {"move": number, **sent.model_dump(mode="json")}, OrderView, act)


@router.post("/stock/orders/{number}/cancel")
def cancel_order(context: InContext, caller: Keeper, key: IdempotencyKey, number: OrderNumber) -> OrderView:
    """The order does not arrive any more."""

    def act(session: Session) -> OrderView:
        return _changed(number, change_order(session, number, None, cancel=True))

    return done(context, caller, key, {"cancel": number}, OrderView, act)


def _check_ahead(arrives_on: date, today: date) -> None:
    if arrives_on < today:
        message = Said("到货日期不应早于今天", "The day of arrival has passed")
        raise Problem("invalid", message, [FieldFault(field="arrives_on", message=message.zh)])


def _changed(number: str, order: StockOrder | None) -> OrderView:
    if order is None:
        raise Problem("not-found", Said(f"没有补货订单{number}", f"There is no order {number}"))
    return OrderView.model_validate(order)


def _proposals(context: Context) -> list[Proposal]:
    today = shanghai_date(context.clock())
    with context.database.session() as session:
        rules = current_rules(session, (RuleKind.STOCK_PLANNING, RuleKind.CALENDAR))
        planning = _planning(rules.get(RuleKind.STOCK_PLANNING))
        cases = pipeline(session, {(row.process, row.stage) for row in planning.stages})
        here, depots = positions(session), stores(session)
    calendar = calendar_in_force(rules.get(RuleKind.CALENDAR))
    return proposals(here, depots, case_needs(cases, planning, today), planning, today, calendar)


def _planning(loaded: RuleVersion | None) -> StockPlanning:
    """The table in force. Raises `Problem` (unavailable) where an older program's cannot be read any more."""
    if loaded is None:
        return StockPlanning.shipped()
    try:
        return StockPlanning.from_json(loaded.content)
    except MissingFields as error:
        name = TABLES[RuleKind.STOCK_PLANNING].name
        raise Problem("unavailable", f"数据库中的{name}第{loaded.version}版：{error}") from None


def _proposal(one: Proposal) -> ProposalView:
    position, lead = one.position, one.lead_time
    same = ("item", "name", "unit", "depot", "on_hand", "reserved", "minimum")
    return ProposalView(
        **{name: getattr(position, name) for name in same},
        quantity=one.quantity,
        order_by=one.order_by,
        needed_on=one.needed_on,
        late=one.late,
        on_order=one.on_order,
        likely=one.likely,
        weeks=[WeekView.model_validate(week) for week in one.weeks],
        lead_time_days=lead.days,
        lead_time_unit=lead.unit,
        lead_time_source=lead.source,
        lead_time_verified=lead.verified,
        sentence=one.sentence(),
    )


def _shortage(one: ListedShortage) -> ShortageView:
    return ShortageView(
        case_no=one.short.case_no,
        process=process_id(one.short.workflow_id),
        county=one.case.county,
        customer=one.case.customer,
        item=one.short.item,
        name=one.item.name,
        unit=one.item.unit,
        depot=one.short.depot,
        needed=one.short.needed,
        available=one.available,
        enough=one.available >= one.short.needed,
        arrives_on=one.expected.on,
        found_at=one.short.found_at,
    )
