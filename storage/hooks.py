"""Who is told of what changes in cases (webhooks), how far each has been told, and what became of each telling.

One process at a time tells one hook: it holds a lease, and writes only while it does. Each hook is told in the order of
the feed; where a telling fails, the ones behind it wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, row_of, upsert


class Hook(Base):
    """One hook. `kinds` empty means every kind, `case_no` and `county` empty every case; `secret` signs what is sent.

    `position` is the last event that it was told or that did not concern it, `missed` how many were deleted from the
    feed before it could be told. `failures` counts attempts in a row.
    """

    __tablename__ = "hooks"

    hook_id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    kinds: Mapped[list[str]]
    case_no: Mapped[str]
    county: Mapped[str]
    secret: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(BigInteger)
    missed: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_problem: Mapped[str]
    last_at: Mapped[datetime | None]
    leased_by: Mapped[str]
    leased_until: Mapped[datetime | None]

    def wants(self, kind: str, case_no: str, county: str) -> bool:
        """Whether an event is for this hook."""
        of_kind = not self.kinds or kind in self.kinds
        return of_kind and self.case_no in ("", case_no) and self.county in ("", county)


class HookDelivery(Base):
    """One event on its way to one hook."""

    __tablename__ = "hook_deliveries"

    hook_id: Mapped[str] = mapped_column(ForeignKey("hooks.hook_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    case_no: Mapped[str]
    attempts: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    delivered_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_problem: Mapped[str]


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: the status of the answer, if one came, and what was wrong; empty for a success."""

    at: datetime
    status: int | None
    problem: str

    @property
    def good(self) -> bool:
        return not self.problem


@dataclass(frozen=True)
class Lease:
    """Who tells hooks, and until when nobody else does."""

    holder: str
    until: datetime


def add_hook(session: Session, hook: Hook) -> None:
    """Keeps a new hook."""
    session.add(hook)
    session.flush()


def hooks(session: Session, county: str = "", *, after: str = "", limit: int = 100) -> Sequence[Hook]:
    """The hooks of a county (all of them for the city), by id."""
    wanted = select(Hook).where(Hook.hook_id > after)
    wanted = wanted.where(Hook.county == county) if county else wanted
    return session.scalars(wanted.order_by(Hook.hook_id).limit(limit)).all()


def hook(session: Session, hook_id: str) -> Hook | None:
    """One hook."""
    return session.get(Hook, hook_id)


def remove_hook(session: Session, hook_id: str) -> None:
    """Forgets a hook and what it was told."""
    session.execute(delete(HookDelivery).where(HookDelivery.hook_id == hook_id))
    session.execute(delete(Hook).where(Hook.hook_id == hook_id))


def resume_hook(session: Session, hook_id: str) -> None:
    """Has a hook be tried again at once, whether it is paused or waits for its next attempt."""
    again = {"paused_at": None, "failures": 0, "failing_since": None, "next_attempt_at": None}
    session.execute(update(Hook).where(Hook.hook_id == hook_id).values(**again))


def deliveries(session: Session, hook_id: str, *, before: int | None = None, limit: int = 50) -> Sequence[HookDelivery]:
    """What a hook was told, the last first: behind `before` where it is given."""
    told = select(HookDelivery).where(HookDelivery.hook_id == hook_id)
    told = told.where(HookDelivery.position < before) if before is not None else told
    return session.scalars(told.order_by(HookDelivery.position.desc()).limit(limit)).all()


def lease_hooks(session: Session, lease: Lease, last: int, now: datetime, limit: int) -> Sequence[Hook]:
    """Hooks that have something to be told, or perhaps have, held by `lease` from now on; `last` is where the feed
    ends. A hook that another holds is left to it until that lease is over."""
    free = or_(Hook.leased_until.is_(None), Hook.leased_until <= now)
    due = or_(Hook.next_attempt_at.is_(None), Hook.next_attempt_at <= now)
    waiting = (Hook.position < last) & Hook.paused_at.is_(None) & due & free
    candidates = session.scalars(select(Hook.hook_id).where(waiting).order_by(Hook.position).limit(limit)).all()
    taken = (
        update(Hook)
        .where(Hook.hook_id.in_(candidates), waiting)
        .values(leased_by=lease.holder, leased_until=lease.until)
        .returning(Hook)
    )
    return session.scalars(taken, execution_options={"synchronize_session": False}).all() if candidates else []


def renew(session: Session, hook_id: str, lease: Lease) -> bool:
    """Holds a hook for longer; false where it has been lost or deleted."""
    held = update(Hook).where(Hook.hook_id == hook_id, Hook.leased_by == lease.holder, Hook.paused_at.is_(None))
    return session.execute(held.values(leased_until=lease.until).returning(Hook.hook_id)).first() is not None


def give_back(session: Session, hook_id: str, holder: str) -> None:
    """Lets others have the hook."""
    held = update(Hook).where(Hook.hook_id == hook_id, Hook.leased_by == holder)
    session.execute(held.values(leased_by="", leased_until=None))


def move_on(session: Session, hook_id: str, holder: str, position: int, missed: int = 0) -> bool:
    """The hook has nothing to be told up to there; `missed` events are gone. False where the lease has been lost."""
    held = update(Hook).where(Hook.hook_id == hook_id, Hook.leased_by == holder)
    moved = held.values(position=position, missed=Hook.missed + missed).returning(Hook.hook_id)
    return session.execute(moved).first() is not None


def keep_outcome(
    session: Session,
    told: Hook,
    holder: str,
    event: tuple[int, str, str],
    outcome: Outcome,
    next_attempt_at: datetime | None,
    paused: bool,
) -> bool:
    """Keeps how an attempt to tell `event` (position, kind, case number) ended. After a success the hook moves on, else
    it is tried again at `next_attempt_at`, or not before somebody resumes it. False where the lease has been lost: who
    has it now tells the event again.
    """
    position, kind, case_no = event
    values = {
        "last_status": outcome.status,
        "last_problem": outcome.problem,
        "last_at": outcome.at,
        "next_attempt_at": next_attempt_at,
        "paused_at": outcome.at if paused else None,
        "failures": 0 if outcome.good else Hook.failures + 1,
        "failing_since": None if outcome.good else told.failing_since or outcome.at,
    }
    if outcome.good:
        values["position"] = position
    held = update(Hook).where(Hook.hook_id == told.hook_id, Hook.leased_by == holder)
    if session.execute(held.values(**values).returning(Hook.hook_id)).first() is None:
        return False
    former = session.get(HookDelivery, (told.hook_id, position))
    delivery = HookDelivery(
        hook_id=told.hook_id,
        position=position,
        kind=kind,
        case_no=case_no,
        attempts=(former.attempts if former else 0) + 1,
        first_at=former.first_at if former else outcome.at,
        last_at=outcome.at,
        delivered_at=outcome.at if outcome.good else None,
        next_attempt_at=next_attempt_at,
        last_status=outcome.status,
        last_problem=outcome.problem,
    )
    upsert(session, HookDelivery, [row_of(delivery)])
    return True


def prune_deliveries(session: Session, before: datetime) -> None:
    """Deletes what was told before that instant; what could not be told yet stays."""
    old = delete(HookDelivery).where(HookDelivery.last_at < before, HookDelivery.delivered_at.is_not(None))
    session.execute(old)
