"""The timer start events of the processes that are current, and when each is due next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.timed_starts import TimedStart
from storage.base import Base
from storage.locks import lock


class TimerStart(Base):
    """A timer start event; `timer` is what the diagram says. It is over where `due` is null."""

    __tablename__ = "timer_starts"

    process: Mapped[str] = mapped_column(primary_key=True)
    element: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    timer: Mapped[str]
    due: Mapped[datetime | None] = mapped_column(index=True)
    interval: Mapped[str]
    remaining: Mapped[int]


@dataclass(frozen=True)
class Planned:
    """A timer start event of a diagram that becomes current, and what its diagram says."""

    start: TimedStart
    timer: str


def plan_starts(session: Session, wanted: Sequence[Planned]) -> None:
    """Make these the timer start events, and no others. One whose timer is as it was goes on from where it stands."""
    lock(session, "timer starts")
    known = {(one.process, one.element, one.part): one for one in session.scalars(select(TimerStart))}
    planned = {(one.start.process, one.start.element, one.start.part): one for one in wanted}
    gone = [key for key in known if key not in planned or known[key].timer != planned[key].timer]
    place = tuple_(TimerStart.process, TimerStart.element, TimerStart.part)
    session.execute(delete(TimerStart).where(place.in_(gone)), execution_options={"synchronize_session": False})
    session.expire_all()
    session.add_all(_row(one) for key, one in planned.items() if key not in known or key in gone)
    session.flush()


def due_starts(session: Session, until: datetime) -> list[TimedStart]:
    """Those that are due by an instant, the earliest first."""
    due = select(TimerStart).where(TimerStart.due <= until)
    ordered = due.order_by(TimerStart.due, TimerStart.process, TimerStart.element, TimerStart.part)
    return [timed for one in session.scalars(ordered) if (timed := _timed(one))]


def timer_starts(session: Session) -> Sequence[TimerStart]:
    """All of them, by process and element."""
    order = (TimerStart.process, TimerStart.element, TimerStart.part)
    return session.scalars(select(TimerStart).order_by(*order)).all()


def is_due(session: Session, start: TimedStart) -> bool:
    """Whether a start event is still due at that instant, and has not begun its case, or been changed, meanwhile: what
    takes its place may be due at the same instant, and goes on otherwise."""
    lock(session, "timer starts")
    found = session.get(TimerStart, (start.process, start.element, start.part))
    if found is None or found.due != datetime.fromisoformat(start.due):
        return False
    return (found.interval, found.remaining) == (start.interval, start.remaining)


def go_on(session: Session, start: TimedStart, following: TimedStart | None) -> None:
    """The start event has begun its case, and is due next as `following` says; never again where that is None."""
    if is_due(session, start):
        found = session.get_one(TimerStart, (start.process, start.element, start.part))
        found.due = datetime.fromisoformat(following.due) if following else None
        found.remaining = following.remaining if following else 0


def _row(planned: Planned) -> TimerStart:
    start = planned.start
    return TimerStart(
        process=start.process,
        element=start.element,
        part=start.part,
        timer=planned.timer,
        due=datetime.fromisoformat(start.due),
        interval=start.interval,
        remaining=start.remaining,
    )


def _timed(row: TimerStart) -> TimedStart | None:
    if row.due is None:
        return None
    return TimedStart(row.process, row.element, row.part, row.due.isoformat(), row.interval, row.remaining)
