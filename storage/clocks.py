"""The clocks of cases: when each is due, what it has climbed to, its supervision order.

Written by the projection of the journal alone. Beside each case's own state in Temporal this is what is asked of many
cases together: the orders that wait for an answer, the red list of a week, and who has a third yellow in a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, and_, case, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.levels import Colour, LadderSettings, standing_of
from storage.base import Base
from storage.locks import lock


class ClockState(StrEnum):
    """How far a clock is; a case that called another may have handed it over."""

    RUNNING = "running"
    STOPPED = "stopped"
    DROPPED = "dropped"
    PASSED_ON = "passed on"


class CaseClock(Base):
    """One clock of one workflow. `officer` is whoever holds or held its step; case clocks have none.

    `due_at` is empty where no limit is set. `level` is the highest that was raised, -1 for none; `warned_at` and
    `passed_at` are the instants of L1 and L2, `bulletin_at` when the clock came onto the red list, `overdue_days` by
    how many days it was late then. `backdated`: 补录, a later record showed a level to be wrong. `handed_on` stays true
    where a called case went on with it. The order's columns are empty where there is none. `acknowledged_level` is the
    highest level that somebody has seen, with who did so last and when; empty for none.
    """

    __tablename__ = "case_clocks"
    __table_args__ = (
        Index(None, "department", "county"),
        Index("ix_case_clocks_standing", "state", "handed_on", "case_no", "workflow_id", "clock", "level", "due_at"),
    )

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str] = mapped_column(index=True)
    county: Mapped[str]
    department: Mapped[str]
    officer: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool]
    ended_at: Mapped[datetime | None]
    handed_on: Mapped[bool]
    level: Mapped[int]
    warned_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]
    backdated: Mapped[bool]
    bulletin_at: Mapped[datetime | None] = mapped_column(index=True)
    overdue_days: Mapped[int]
    order_no: Mapped[str]
    order_at: Mapped[datetime | None] = mapped_column(index=True)
    cause: Mapped[str]
    promised_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str]
    answer: Mapped[str]
    acknowledged_level: Mapped[int | None]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]


def case_clocks(session: Session, case_no: str) -> Sequence[CaseClock]:
    """Every clock of a case, in the order of their start."""
    of_case = select(CaseClock).where(CaseClock.case_no == case_no)
    return session.scalars(of_case.order_by(CaseClock.started_at, CaseClock.workflow_id, CaseClock.clock)).all()


def open_orders(session: Session, *, limit: int = 100, offset: int = 0) -> Sequence[CaseClock]:
    """Clocks whose supervision order nobody has answered, the oldest first.

    Where a called case goes on with a clock, the order is that one's; one that was taken back (补录) asks for nothing.
    """
    waiting = CaseClock.order_at.is_not(None) & CaseClock.answered_at.is_(None) & CaseClock.backdated.is_(False)
    here = select(CaseClock).where(waiting, CaseClock.handed_on.is_(False))
    return session.scalars(
        here.order_by(CaseClock.order_at, CaseClock.workflow_id, CaseClock.clock).limit(limit).offset(offset)
    ).all()


def bulletin_entries(session: Session, begin: datetime, end: datetime) -> Sequence[CaseClock]:
    """The red list of the weekly bulletin 周通报: what came onto it from `begin` on and before `end`.

    What turned out to have been done in time (补录) is not on it.
    """
    came = (CaseClock.bulletin_at >= begin) & (CaseClock.bulletin_at < end) & CaseClock.backdated.is_(False)
    in_order = (CaseClock.county, CaseClock.bulletin_at, CaseClock.workflow_id, CaseClock.clock)
    return session.scalars(select(CaseClock).where(came).order_by(*in_order)).all()


def third_yellows(session: Session, workflow_id: str, clocks: Collection[str]) -> list[str]:
    """Those of a workflow's warned `clocks` with which its department in its county, or its officer, has a yellow for
    the third time in a row (domain.md §5.2); how many it takes is a number of `LadderSettings`."""
    if not clocks:
        return []
    chosen = (CaseClock.workflow_id == workflow_id) & CaseClock.clock.in_(clocks)
    warned = session.scalars(select(CaseClock).where(chosen).order_by(CaseClock.clock)).all()
    return [one.clock for one in warned if any(_is_red(session, one, whose) for whose in _whose(one))]


def lock_standings(session: Session, clocks: Collection[CaseClock]) -> None:
    """Has those who warn the same department or officer at once wait for each other, so that none goes uncounted."""
    names = {f"standing {one.department} {one.county}" for one in clocks}
    for name in sorted(names | {f"standing {one.officer}" for one in clocks if one.officer}):
        lock(session, name)


def _whose(one: CaseClock) -> Iterator[ColumnElement[bool]]:
    yield and_(CaseClock.department == one.department, CaseClock.county == one.county)
    if one.officer:
        yield CaseClock.officer == one.officer


_DECIDED = case((CaseClock.warned_at.is_not(None), CaseClock.warned_at), else_=CaseClock.ended_at)
"""When it was decided whether a step was on time: at its warning, or else at its end."""


def _is_red(session: Session, one: CaseClock, whose: ColumnElement[bool]) -> bool:
    """Whether somebody stands red with this warning, after their steps before it."""
    yellows = LadderSettings().yellows
    counts = or_(CaseClock.warned_at.is_not(None), CaseClock.state == ClockState.STOPPED)
    before = func.coalesce(_DECIDED, CaseClock.started_at) <= one.warned_at
    itself = and_(CaseClock.workflow_id == one.workflow_id, CaseClock.clock == one.clock)
    latest = (
        select(CaseClock.warned_at)
        .where(whose, counts, before, ~itself, CaseClock.handed_on.is_(False))
        .order_by(_DECIDED.desc(), CaseClock.workflow_id.desc(), CaseClock.clock.desc())
        .limit(yellows - 1)
    )
    earlier = [Colour.YELLOW if warned else Colour.BLUE for warned in session.scalars(latest)]
    return standing_of([*reversed(earlier), Colour.YELLOW], yellows) is Colour.RED
