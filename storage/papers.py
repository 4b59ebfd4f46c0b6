"""Papers that customers have handed in.

One that is still valid is never asked for again (一证受理; domain.md §1.1 row 12).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, upsert


class CustomerPaper(Base):
    """One paper as received; (workflow, key) is the piece of work that recorded it."""

    __tablename__ = "customer_papers"
    __table_args__ = (Index(None, "customer_id", "kind"),)

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    kind: Mapped[str]
    case_no: Mapped[str]
    valid_until: Mapped[date | None]
    received_at: Mapped[datetime]


@dataclass(frozen=True)
class Paper:
    """A kind of paper and its last valid day; None for one that does not expire."""

    kind: str
    valid_until: date | None = None


@dataclass(frozen=True)
class PaperCheck:
    """The required kinds, in the order asked, by whether the company already holds a valid one."""

    held: list[str]
    missing: list[str]


def record_papers(
    session: Session,
    *,
    workflow_id: str,
    key: str,
    customer_id: str,
    case_no: str,
    papers: Sequence[Paper],
    now: datetime,
) -> int:
    """Files papers of a customer and returns how many; again for (workflow, key) it leaves them as they are."""
    rows = [
        {
            "workflow_id": workflow_id,
            "key": key,
            "line": line,
            "customer_id": customer_id,
            "kind": paper.kind,
            "case_no": case_no,
            "valid_until": paper.valid_until,
            "received_at": now,
        }
        for line, paper in enumerate(papers, start=1)
    ]
    upsert(session, CustomerPaper, rows)
    return len(rows)


def find_papers(session: Session, customer_id: str, required: Sequence[str], on: date) -> PaperCheck:
    """Which of the required kinds the customer has handed in, valid on the day `on`."""
    valid = CustomerPaper.valid_until.is_(None) | (CustomerPaper.valid_until >= on)
    kinds = select(CustomerPaper.kind).where(CustomerPaper.customer_id == customer_id, valid)
    held = set(session.scalars(kinds.where(CustomerPaper.kind.in_(required)).distinct()))
    return PaperCheck([kind for kind in required if kind in held], [kind for kind in required if kind not in held])


def papers_for_case(session: Session, case_no: str) -> Sequence[CustomerPaper]:
    """Everything that a case's customer has handed in, for this case and before, the latest first."""
    customers = select(CustomerPaper.customer_id).where(CustomerPaper.case_no == case_no)
    of_customer = select(CustomerPaper).where(CustomerPaper.customer_id.in_(customers))
    return session.scalars(
        of_customer.order_by(CustomerPaper.received_at.desc(), CustomerPaper.key, CustomerPaper.line)
    ).all()


def customer_papers(session: Session, customer_id: str) -> Sequence[CustomerPaper]:
    """Everything a customer has handed in, the latest first."""
    of_customer = select(CustomerPaper).where(CustomerPaper.customer_id == customer_id)
    return session.scalars(
        of_customer.order_by(CustomerPaper.received_at.desc(), CustomerPaper.key, CustomerPaper.line)
    ).all()
