"""Materials in stock: what lies where and is promised to whom, counted and received."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from api.amounts import Quantity, Shown, Stored
from api.context import Context, InContext
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey, Name, Page, Sent
from api.once import once
from api.pages import After, Limit
from api.problems import Problem, Said
from api.rights import Right
from storage.cases import case_counties
from storage.reservations import (
    Reservation,
    ReservationLine,
    ReservationState,
    UnknownReservation,
    release,
    reservation_lines,
)
from storage.stock import Depot, MovementKind, StockItem, StockLevel, StockRefused
from storage.stock_keeping import count_stock, depots, receive, save_depot, save_item
from storage.stock_list import ListedLevel, StockQuery, reservations, stock_levels, stock_movements

router = APIRouter(tags=["stock"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Keeper = Annotated[Caller, Depends(Having(Right.MANAGE_STOCK))]
M = TypeVar("M", bound=BaseModel)
CODE = r"^[0-9A-Za-z._-]+$"
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=CODE, examples=["DL300"])]
ItemCode = Annotated[str, Path(min_length=1, max_length=40, pattern=CODE, examples=["DL300"])]
DepotCode = Annotated[str, Path(min_length=1, max_length=40, pattern=CODE, examples=["ZX"])]
ReservationNumber = Annotated[str, Path(min_length=1, max_length=100, examples=["YLD-2026-00001"])]
Note = Annotated[str, Field(max_length=500)]


class StockLine(Answer):
    """An item in a depot. `available` is what is on hand and promised to nobody."""

    item: str
    name: str
    unit: str
    depot: str
    depot_name: str
    on_hand: Shown
    reserved: Shown
    available: Shown
    minimum: Shown
    on_order: Shown
    arrives_on: date | None = Field(description="The earliest day on which something of it is expected")


class DepotView(Answer):
    """A store. It serves the cases of its counties; without any, those of the whole city."""

    code: str
    name: str
    counties: list[str]


class DepotSent(Sent):
    """A store, new or changed."""

    name: Name
    counties: list[Name] = Field(default_factory=list, max_length=50)


class ItemView(Answer):
    """A kind of material; diagrams name it by its code or its name."""

    code: str
    name: str
    unit: str


class ItemSent(Sent):
    """A kind of material, new or changed; one that has moved keeps its unit."""

    name: Annotated[Name, Field(examples=["YJV22-8.7/15-3×300电缆"])]
    unit: Annotated[Name, Field(max_length=20, examples=["米"])]


class LevelSent(Sent):
    """What a stocktaking found, what a level should not fall below, or both."""

    on_hand: Stored | None = None
    minimum: Stored | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _says_something(self) -> LevelSent:
        if self.on_hand is None and self.minimum is None:
            raise PydanticCustomError("level", "should have on_hand, minimum or both")
        return self


class LevelView(Answer):
    """A level as it is now."""

    item: str
    depot: str
    on_hand: Shown
    reserved: Shown
    minimum: Shown


class ReceiptSent(Sent):
    """Goods that have come in, against a replenishment order where one is named."""

    item: Code
    depot: Code
    quantity: Quantity
    order: str = Field("", max_length=100)
    note: Note = ""


class MovementView(Answer):
    """A change of an amount on hand. `case_no` is empty for a case that the reader may not see."""

    kind: MovementKind
    change: Shown
    case_no: str
    paper: str = Field(description="The slip or the order behind it")
    note: str
    by: str
    at: datetime


class ReservedLine(Answer):
    """An amount that was promised; `held` is what of it has been neither issued nor released."""

    item: str
    depot: str
    quantity: Shown
    held: Shown


class ReservationView(Answer):
    """What a case was promised, against which early-start approval. `case_no` is empty for one that the reader may not
    see."""

    number: str
    case_no: str
    against: str
    state: ReservationState
    at: datetime
    lines: list[ReservedLine]


@router.get("/stock")
def list_stock(
    context: InContext,
    caller: Reader,
    q: Annotated[str, Query(max_length=100, description="Words in the item's code or name")] = "",
    depot: Annotated[str, Query(max_length=40)] = "",
    short: Annotated[bool, Query(description="Only those of which less is available than the minimum")] = False,
    after: After = "",
    limit: Limit = 50,
) -> Page[StockLine]:
    """What is in stock, by item and depot, a page at a time."""
    del caller
    with context.database.session() as session:
        page, following = stock_levels(session, StockQuery(q, depot, short), limit=limit, after=after)
    return Page(items=[_line(one) for one in page], next=following or None)


@router.get("/stock/depots")
def list_depots(context: InContext, caller: Reader) -> list[DepotView]:
    """All stores."""
    del caller
    with context.database.session() as session:
        return [DepotView.model_validate(one) for one in depots(session)]


@router.put("/stock/depots/{depot}")
def put_depot(context: InContext, caller: Keeper, key: IdempotencyKey, depot: DepotCode, sent: DepotSent) -> DepotView:
    """A store, new or changed."""

    def act(session: Session) -> DepotView:
        return DepotView.model_validate(save_depot(session, depot, sent.name, sent.counties))

    return once(context, caller, key, {"depot": depot, **sent.model_dump()}, DepotView, act)


@router.put("/stock/items/{item}")
def put_item(context: InContext, caller: Keeper, key: IdempotencyKey, item: ItemCode, sent: ItemSent) -> ItemView:
    """A kind of material, new or changed."""

    def act(session: Session) -> ItemView:
        return ItemView.model_validate(save_item(session, item, sent.name, sent.unit))

    return done(context, caller, key, {"item": item, **sent.model_dump()}, ItemView, act)


@router.put("/stock/levels/{item}/{depot}")
def put_level(
    context: InContext, caller: Keeper, key: IdempotencyKey, item: ItemCode, depot: DepotCode, sent: LevelSent
) -> LevelView:
    """Sets what is on hand as a stocktaking found it, or the minimum, or both. With the first level of an item the
    company keeps stock of it: from then on cases are issued what is there, and no more."""

    def act(session: Session) -> LevelView:
        check_known(session, item, depot)
        level = count_stock(
            session,
            item=item,
            depot=depot,
            on_hand=sent.on_hand,
            minimum=sent.minimum,
            note=sent.note,
            by=caller.account,
            now=context.clock(),
        )
        return LevelView.model_validate(level)

    asked = {"level": [item, depot], **sent.model_dump(mode="json")}
    return done(context, caller, key, asked, LevelView, act)


@router.get("/stock/levels/{item}/{depot}/movements")
def list_movements(
    context: InContext,
    caller: Reader,
    item: ItemCode,
    depot: DepotCode,
    after: Annotated[int | None, Query(ge=1, lt=2**62, description="`next` of the page before")] = None,
    limit: Limit = 50,
) -> Page[MovementView]:
    """What moved of an item in a store, the latest first; the changes add up to what is on hand."""
    with context.database.session() as session:
        if session.get(StockLevel, (item, depot)) is None:
            raise Problem("not-found", Said(f"仓库{depot}没有物资{item}", f"{depot} keeps no {item}"))
        found = stock_movements(session, item, depot, limit=limit + 1, before=after)
        counties = case_counties(session, {one.case_no for one in found if one.case_no})
    page = [
        MovementView(
            kind=MovementKind(one.kind),
            change=one.change,
            case_no=one.case_no if caller.sees(counties.get(one.case_no, "")) else "",
            paper=one.paper,
            note=one.note,
            by=one.by,
            at=one.at,
        )
        for one in found[:limit]
    ]
    return Page(items=page, next=str(found[limit - 1].id) if len(found) > limit else None)


@router.get("/stock/reservations")
def list_reservations(
    context: InContext,
    caller: Reader,
    case_no: Annotated[str, Query(max_length=100)] = "",
    item: Annotated[str, Query(max_length=40)] = "",
    depot: Annotated[str, Query(max_length=40)] = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[ReservationView]:
    """The reservations that still hold something, a page at a time."""
    with context.database.session() as session:
        if case_no and not caller.sees(case_counties(session, {case_no}).get(case_no, "")):
            return Page(items=[])
        page, following = reservations(session, case_no=case_no, item=item, depot=depot, limit=limit, after=after)
        counties = case_counties(session, {one.case_no for one, _ in page})
    views = [_reservation(one, lines, caller.sees(counties.get(one.case_no, ""))) for one, lines in page]
    return Page(items=views, next=following or None)


@router.post("/stock/reservations/{number}/release")
def release_reservation(
    context: InContext, caller: Keeper, key: IdempotencyKey, number: ReservationNumber
) -> ReservationView:
    """Gives back what a reservation still holds, where its case has ended and its diagram has not done so."""

    def act(session: Session) -> ReservationView:
        try:
            release(session, number, context.clock())
        except UnknownReservation:
            raise Problem("not-found", Said(f"没有预留单{number}", f"There is no reservation {number}")) from None
        found = session.get_one(Reservation, number)
        county = case_counties(session, {found.case_no}).get(found.case_no, "")
        return _reservation(found, reservation_lines(session, number), caller.sees(county))

    return once(context, caller, key, {"release": number}, ReservationView, act)


@router.post("/stock/receipts")
def post_receipt(context: InContext, caller: Keeper, key: IdempotencyKey, sent: ReceiptSent) -> LevelView:
    """Takes goods in."""

    def act(session: Session) -> LevelView:
        check_known(session, sent.item, sent.depot)
        return LevelView.model_validate(
            receive(
                session,
                item=sent.item,
                depot=sent.depot,
                quantity=sent.quantity,
                order=sent.order,
                note=sent.note,
                by=caller.account,
                now=context.clock(),
            )
        )

    return done(context, caller, key, {"receipt": sent.model_dump(mode="json")}, LevelView, act)


def done(context: Context, caller: Caller, key: str, asked: Any, answer: type[M], act: Callable[[Session], M]) -> M:
    """What `once` answers; what the stock does not allow is a conflict."""
    try:
        return once(context, caller, key, asked, answer, act)
    except StockRefused as refused:
        raise Problem("conflict", Said(str(refused), refused.en)) from None


def check_known(session: Session, item: str, depot: str) -> None:
    """Raises `Problem` (not found) for an item or a store that there is not."""
    if session.get(StockItem, item) is None:
        raise Problem("not-found", Said(f"没有编码为{item}的物资", f"There is no item {item}"))
    if session.get(Depot, depot) is None:
        raise Problem("not-found", Said(f"没有编码为{depot}的仓库", f"There is no depot {depot}"))


def _reservation(one: Reservation, lines: Sequence[ReservationLine], seen: bool) -> ReservationView:
    return ReservationView(
        number=one.number,
        case_no=one.case_no if seen else "",
        against=one.against,
        state=ReservationState(one.state),
        at=one.at,
        lines=[ReservedLine.model_validate(line) for line in lines],
    )


def _line(one: ListedLevel) -> StockLine:
    level = one.level
    return StockLine(
        item=level.item,
        name=one.item.name,
        unit=one.item.unit,
        depot=level.depot,
        depot_name=one.depot.name,
        on_hand=level.on_hand,
        reserved=level.reserved,
        available=level.free,
        minimum=level.minimum,
        on_order=one.on_order,
        arrives_on=one.arrives_on,
    )
