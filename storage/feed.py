"""What changes in cases, as one stream: in a total order, without a gap, and readable again from any place in it.

Who writes the journal adds events *without* a number, in the same transaction; who reads numbers those that have been
committed, under a lock. Numbers given by the writers would not do: PostgreSQL gives them before the commit, so that a
reader who has seen 7 would miss a 6 that is committed later; and writers who waited for each other to prevent that
would stand in a queue. Here a late event simply gets the next number. Events of one workflow keep their order: their
transactions follow each other, and so do their ids.

Rebuilding the read model adds nothing. What a reset takes back has been told and stays; the event `case.reset` says
from which record of the workflow on it no longer counts, and what happened instead follows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, table_of
from storage.locks import lock

NUMBERED_AT_ONCE = 1000


class FeedRow(Base):
    """One event; `position` is its place in the stream, empty until a reader has numbered it. One index serves both
    kinds of rows, so that writers keep no more than they must."""

    __tablename__ = "feed"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    kind: Mapped[str]
    case_no: Mapped[str]
    county: Mapped[str]
    workflow_id: Mapped[str]
    epoch: Mapped[str]
    seq: Mapped[int]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


@dataclass(frozen=True)
class FeedEvent:
    """One event of the stream. `workflow_id`, `epoch` and `seq` name the journal record that it tells of; `at` is the
    case's instant, `recorded_at` when the system learned of it."""

    position: int
    kind: str
    case_no: str
    county: str
    workflow_id: str
    epoch: str
    seq: int
    at: datetime
    recorded_at: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class Bounds:
    """The first and the last numbered event that are kept; both 0 where there is none."""

    first: int
    last: int


_TABLE = table_of(FeedRow)
_COLUMNS = [_TABLE.c[name] for name in FeedEvent.__dataclass_fields__]
_INSERT = insert(_TABLE)
_UNNUMBERED = select(exists().where(_TABLE.c.position.is_(None)))
_NUMBER = update(_TABLE).where(_TABLE.c.id == bindparam("row")).values(position=bindparam("place"))


def append(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Adds events, not numbered yet, in their order."""
    if rows:
        session.execute(_INSERT, list(rows))


def has_unnumbered(session: Session) -> bool:
    """Whether there are committed events that nobody has numbered."""
    return bool(session.scalar(_UNNUMBERED))


def number_events(session: Session, limit: int = NUMBERED_AT_ONCE) -> int:
    """Gives the oldest committed events without a number the next ones, at most `limit`; answers how many.

    Needs a transaction of its own that has read nothing yet: what the last number is shows only under the lock.
    """
    lock(session, "feed")
    waiting = session.scalars(
        select(_TABLE.c.id).where(_TABLE.c.position.is_(None)).order_by(_TABLE.c.id).limit(limit)
    ).all()
    if waiting:
        following = feed_bounds(session).last + 1
        session.execute(_NUMBER, [{"row": row, "place": place} for place, row in enumerate(waiting, following)])
    return len(waiting)


def feed_bounds(session: Session) -> Bounds:
    """Where the stream begins and ends."""
    first, last = session.execute(
        select(
            select(func.min(_TABLE.c.position)).scalar_subquery(), select(func.max(_TABLE.c.position)).scalar_subquery()
        )
    ).one()
    return Bounds(first or 0, last or 0)


def feed_after(session: Session, position: int, limit: int = 500) -> list[FeedEvent]:
    """The events that follow a position, in order, at most `limit`."""
    following = select(*_COLUMNS).where(_TABLE.c.position > position).order_by(_TABLE.c.position).limit(limit)
    return [FeedEvent(*row) for row in session.execute(following)]


def prune_feed(session: Session, before: datetime, limit: int = NUMBERED_AT_ONCE) -> int:
    """Deletes the oldest events where they were recorded before that instant, at most `limit`; answers how many.

    The last event stays, whatever its age: the next number follows from it.
    """
    lock(session, "feed")
    oldest = session.execute(
        select(_TABLE.c.position, _TABLE.c.recorded_at)
        .where(_TABLE.c.position < feed_bounds(session).last)
        .order_by(_TABLE.c.position)
        .limit(limit)
    ).all()
    old = _leading([(row.position, row.recorded_at) for row in oldest], before)
    if old:
        session.execute(delete(_TABLE).where(_TABLE.c.position <= old[-1]))
    return len(old)


def _leading(rows: Collection[tuple[int, datetime]], before: datetime) -> list[int]:
    """The positions up to the first row that is young enough to stay: no gap is made in what is kept."""
    found: list[int] = []
    for position, recorded_at in rows:
        if recorded_at >= before:
            break
        found.append(position)
    return found
