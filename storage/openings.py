"""Case numbers given to applications: one for each, however often it is sent, and what else was asked for there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.answers import KeyTaken
from storage.base import Base
from storage.cases import Case
from storage.locks import lock
from storage.numbers import formatted, next_number


class Opening(Base):
    """The number that an application got; `caller` and `key` are the sender's own name of it, `content` its hash."""

    __tablename__ = "openings"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    case_no: Mapped[str] = mapped_column(unique=True)
    opened_at: Mapped[datetime]


def case_number(
    session: Session, caller: str, key: str, content: str, year: int, number_format: str, now: datetime
) -> str:
    """The case number of an application: the next of its year, or the one that it got before.

    `number_format` may name {year} and must show the number as {n} or the like. Raises `KeyTaken` where the key belongs
    to another application.
    """
    lock(session, f"opening {caller} {key}")
    known = session.get(Opening, (caller, key))
    if known:
        if known.content != content:
            raise KeyTaken(key)
        return known.case_no
    number = formatted(number_format.replace("{year}", str(year)), next_number(session, f"case-{year}"))
    session.add(Opening(caller=caller, key=key, content=content, case_no=number, opened_at=now))
    session.flush()
    return number


def same_place(session: Session, customer: str, address: str, case_no: str) -> Sequence[str]:
    """Other running cases of the same customer at the same address, by number."""
    same = (Case.customer == customer) & (Case.address == address) & (Case.parent_workflow_id == "")
    running = select(Case.case_no).where(same, Case.state == "running", Case.case_no != case_no)
    return session.scalars(running.order_by(Case.case_no)).all()
