"""What is late or about to be, in many cases at once: the levels that running clocks have reached, and the supervision
orders that were issued, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from domain.levels import Level
from storage.cases import Case
from storage.clocks import CaseClock, ClockState
from storage.paging import NEVER, beyond, mark, place

_RAISED = "raised"


class OrderState(StrEnum):
    """Which supervision orders: those that wait for an answer, those that have one, or both."""

    OPEN = "open"
    ANSWERED = "answered"
    ALL = "all"


@dataclass(frozen=True)
class ClockQuery:
    """Whose clocks; an empty field does not restrict. `concerned` are the account that holds the step, or the
    departments that answer for it; `county` is the only one that may be seen."""

    county: str = ""
    department: str = ""
    level: Level = Level.L0
    state: OrderState = OrderState.OPEN
    account: str = ""
    departments: Sequence[str] = ()


@dataclass(frozen=True)
class ListedClock:
    """One clock, with the customer of its case."""

    clock: CaseClock
    customer: str


def escalations(
    session: Session, wanted: ClockQuery, *, limit: int = 50, after: str = ""
) -> tuple[list[ListedClock], str]:
    """A page of the running clocks that have reached at least `wanted.level`, the earliest due first, and where the
    next page begins (empty for none).

    `after` is what the page before answered; `WrongPlace` for anything else. A clock that a called case goes on with is
    that one's.
    """
    due = func.coalesce(CaseClock.due_at, NEVER, type_=CaseClock.due_at.type)
    raised = _clocks(wanted).where(CaseClock.state == ClockState.RUNNING, CaseClock.level >= wanted.level.value)
    page, more = _page(session, raised, due, _RAISED, limit, after)
    return page, mark(_RAISED, page[-1].clock.due_at or NEVER, *_key(page[-1])) if more else ""


def orders(session: Session, wanted: ClockQuery, *, limit: int = 50, after: str = "") -> tuple[list[ListedClock], str]:
    """A page of the clocks that have a supervision order, the oldest first, and where the next page begins.

    One that was taken back (补录) asks for nothing: it is only among all. `after` as for `escalations`.
    """
    issued = _clocks(wanted).where(CaseClock.order_at.is_not(None))
    if wanted.state is OrderState.OPEN:
        issued = issued.where(CaseClock.answered_at.is_(None), CaseClock.backdated.is_(False))
    if wanted.state is OrderState.ANSWERED:
        issued = issued.where(CaseClock.answered_at.is_not(None))
    page, more = _page(session, issued, CaseClock.order_at.expression, wanted.state, limit, after)
    return page, mark(wanted.state, page[-1].clock.order_at or NEVER, *_key(page[-1])) if more else ""


def clock_here(session: Session, workflow_id: str, clock: str) -> CaseClock | None:
    """A clock in the process that has it now: that of the workflow, or of the one that it was handed on to, however
    far. None where there is no such clock."""
    found = session.get(CaseClock, (workflow_id, clock))
    while found and found.handed_on and (there := _handed_to(session, found)):
        found = there
    return found


def _handed_to(session: Session, clock: CaseClock) -> CaseClock | None:
    """The newest clock of the same rule and start in a process that this one's has called."""
    rule = clock.clock.partition("#")[0]
    called = select(Case.workflow_id).where(Case.parent_workflow_id == clock.workflow_id)
    same = or_(CaseClock.clock == rule, CaseClock.clock.startswith(f"{rule}#", autoescape=True))
    there = select(CaseClock).where(
        CaseClock.case_no == clock.case_no,
        CaseClock.workflow_id.in_(called),
        same,
        CaseClock.started_at == clock.started_at,
    )
    newest = there.join(Case, Case.workflow_id == CaseClock.workflow_id).order_by(Case.opened_at.desc())
    return session.scalars(newest.limit(1)).first()


def _clocks(wanted: ClockQuery) -> Select[CaseClock, str]:
    clocks = select(CaseClock, Case.customer).join(Case, Case.workflow_id == CaseClock.workflow_id)
    clocks = clocks.where(CaseClock.handed_on.is_(False))
    if wanted.county:
        clocks = clocks.where(CaseClock.county == wanted.county)
    if wanted.department:
        clocks = clocks.where(CaseClock.department == wanted.department)
    if wanted.account:
        clocks = clocks.where(or_(CaseClock.officer == wanted.account, CaseClock.department.in_(wanted.departments)))
    return clocks


def _page(
    session: Session, clocks: Select[CaseClock, str], first: ColumnElement[Any], order: str, limit: int, after: str
) -> tuple[list[ListedClock], bool]:
    key = (first, CaseClock.workflow_id.expression, CaseClock.clock.expression)
    if after:
        clocks = clocks.where(beyond(key, place(after, order, datetime, str, str)))
    found = session.execute(clocks.order_by(*key).limit(limit + 1)).all()
    return [ListedClock(clock, customer) for clock, customer in found[:limit]], len(found) > limit


def _key(last: ListedClock) -> tuple[str, str]:
    return last.clock.workflow_id, last.clock.clock
