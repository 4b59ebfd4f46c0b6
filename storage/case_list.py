"""The list of cases as people search it: by text, place, stage, colour, holder and date, a page at a time.

Colour and due date of a case are those of its running clocks, in its main process and in all that it called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.levels import Colour, Level, colour_at
from storage.base import storable
from storage.cases import Case
from storage.clocks import CaseClock, ClockState
from storage.incidents import Incident
from storage.paging import NEVER, mark, place
from storage.tasks import CandidateKind, Task, TaskCandidate, TaskState


class Order(StrEnum):
    """How a list is sorted."""

    NEWEST = "newest"
    URGENT = "urgent"
    CHANGED = "changed"
    NUMBER = "number"


@dataclass(frozen=True)
class CaseQuery:
    """Which cases; an empty field does not restrict. `counties` are those that may be seen at all.

    `department` and `officer` have an open task of the case. What ends with `_from` belongs to a span, what ends with
    `_until` does not. A case is due when the first of its running clocks is.
    """

    text: str = ""
    case_no: str = ""
    state: str = ""
    stage: str = ""
    counties: tuple[str, ...] = ()
    voltage_kv: str = ""
    case_type: str = ""
    colour: Colour | None = None
    department: str = ""
    officer: str = ""
    incident: bool | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None
    closed_from: datetime | None = None
    closed_until: datetime | None = None
    order: Order = Order.NEWEST


@dataclass(frozen=True)
class ListedCase:
    """One line of the list."""

    case: Case
    level: int
    due_at: datetime | None

    @property
    def colour(self) -> Colour:
        """How the case stands."""
        return colour_at(self.level)


def search_cases(
    session: Session, wanted: CaseQuery, *, limit: int = 50, after: str = ""
) -> tuple[list[ListedCase], str]:
    """A page of the cases that fit, and where the next one begins (empty for none).

    `after` is what the page before answered; `WrongPlace` for anything else, or for another order.
    """
    column, descending = _sorted_by(wanted.order)
    page = select(Case.workflow_id, column.label("first")).where(*_fits(wanted))
    if wanted.order is Order.URGENT or wanted.due_from or wanted.due_until:
        page = page.outerjoin(_STANDING, _STANDING.c.case_no == Case.case_no)
    if after:
        page = page.where(_beyond(column, descending, *_place(after, wanted.order)))
    chosen = (
        _in_order(page, column.label("first"), Case.workflow_id.expression, descending)
        .limit(limit + 1)
        .subquery("page")
    )
    level = func.coalesce(_of_clocks(func.max(CaseClock.level)), -1, type_=CaseClock.level.type)
    lines = select(Case, level.label("level"), _of_clocks(func.min(CaseClock.due_at)).label("due_at"))
    lines = lines.join(chosen, chosen.c.workflow_id == Case.workflow_id)
    found = session.execute(_in_order(lines, chosen.c.first, chosen.c.workflow_id, descending)).all()
    listed = [ListedCase(row[0], row.level, row.due_at) for row in found[:limit]]
    return listed, _mark(wanted.order, listed[-1]) if len(found) > limit else ""


RUNS = (CaseClock.state == ClockState.RUNNING) & CaseClock.handed_on.is_(False)
"""Which clocks say how their case stands; one index answers whatever is asked of them."""

_STANDING = (
    select(CaseClock.case_no, func.min(CaseClock.due_at).label("due_at"))
    .where(RUNS)
    .group_by(CaseClock.case_no)
    .subquery("standing")
)
"""The earliest due date of each case's running clocks."""


def _of_clocks(value: ColumnElement[Any]) -> ScalarSelect[Any]:
    """A value of a case's running clocks: asked case by case, and so only of a page's cases."""
    return select(value).where(CaseClock.case_no == Case.case_no, RUNS).correlate(Case).scalar_subquery()


def _fits(wanted: CaseQuery) -> list[ColumnElement[bool]]:
    equal: Sequence[tuple[InstrumentedAttribute[str], str]] = (
        (Case.state, wanted.state),
        (Case.stage, wanted.stage),
        (Case.voltage_kv, wanted.voltage_kv),
        (Case.case_type, wanted.case_type),
        (Case.case_no, wanted.case_no),
    )
    fits: list[ColumnElement[bool]] = [Case.parent_workflow_id == ""]
    fits += [column == value for column, value in equal if value]
    if wanted.counties:
        fits.append(Case.county.in_(wanted.counties))
    if wanted.text:
        fits.append(_contains(wanted.text))
    if wanted.colour:
        fits.append(_has_colour(wanted.colour))
    if wanted.department or wanted.officer:
        fits.append(_held_by(wanted.department, wanted.officer))
    if wanted.incident is not None:
        waiting = Case.case_no.in_(select(Incident.case_no).where(Incident.closed_at.is_(None)))
        fits.append(waiting if wanted.incident else ~waiting)
    spans: Sequence[tuple[ColumnElement[Any], datetime | None, datetime | None]] = (
        (Case.opened_at.expression, wanted.opened_from, wanted.opened_until),
        (_STANDING.c.due_at, wanted.due_from, wanted.due_until),
        (Case.closed_at.expression, wanted.closed_from, wanted.closed_until),
    )
    for moment, first, end in spans:
        fits += [moment >= first] if first else []
        fits += [moment < end] if end else []
    return fits


def _contains(text: str) -> ColumnElement[bool]:
    """Each word somewhere in number, customer or address: no index knows two Chinese characters, ten thousand lines are
    read faster than one would be kept."""
    columns = (Case.case_no, Case.customer, Case.address)
    words = storable(text).split()
    return and_(*(or_(*(column.contains(word, autoescape=True) for column in columns)) for word in words))


def _has_colour(colour: Colour) -> ColumnElement[bool]:
    def reached(level: Level) -> ColumnElement[bool]:
        return Case.case_no.in_(select(CaseClock.case_no).where(RUNS, CaseClock.level >= level.value))

    if colour is Colour.RED:
        return reached(Level.L2)
    return reached(Level.L1) & ~reached(Level.L2) if colour is Colour.YELLOW else ~reached(Level.L1)


def _held_by(department: str, officer: str) -> ColumnElement[bool]:
    """Looked up from the tasks, which are found by who has them, not case by case."""
    held = select(Task.case_no).where(Task.state == TaskState.OPEN)
    if officer:
        held = held.where(Task.assignee == officer)
    if department:
        may = (TaskCandidate.workflow_id == Task.workflow_id) & (TaskCandidate.key == Task.key)
        group = (TaskCandidate.kind == CandidateKind.GROUP) & (TaskCandidate.candidate == department)
        held = held.join(TaskCandidate, may).where(group)
    return Case.case_no.in_(held)


def _sorted_by(order: Order) -> tuple[ColumnElement[Any], bool]:
    """What is sorted by, and whether from the largest down."""
    if order is Order.URGENT:
        return func.coalesce(_STANDING.c.due_at, NEVER, type_=CaseClock.due_at.type), False
    if order is Order.CHANGED:
        return Case.updated_at.expression, True
    if order is Order.NUMBER:
        return Case.case_no.expression, False
    return Case.opened_at.expression, True


def _in_order(
    rows: Select[Any], first: ColumnElement[Any], second: ColumnElement[str], descending: bool
) -> Select[Any]:
    return rows.order_by(first.desc() if descending else first.asc(), second)


def _beyond(column: ColumnElement[Any], descending: bool, value: Any, workflow_id: str) -> ColumnElement[bool]:
    past = column < value if descending else column > value
    return or_(past, and_(column == value, Case.workflow_id > workflow_id))


def _mark(order: Order, last: ListedCase) -> str:
    """Where the page after this one begins."""
    values: dict[Order, str | datetime] = {
        Order.NEWEST: last.case.opened_at,
        Order.CHANGED: last.case.updated_at,
        Order.URGENT: last.due_at or NEVER,
        Order.NUMBER: last.case.case_no,
    }
    return mark(order.value, values[order], last.case.workflow_id)


def _place(after: str, order: Order) -> tuple[Any, str]:
    value, workflow_id = place(after, order.value, str if order is Order.NUMBER else datetime, str)
    return value, str(workflow_id)
