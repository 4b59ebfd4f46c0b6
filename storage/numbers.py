"""Running numbers without gap: the number is taken in the transaction that uses it."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, on_sqlite


class NumberSeries(Base):
    """One running number, such as that of the supply plan replies of one year."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


def next_number(session: Session, series: str) -> int:
    """The next number of `series`, from 1; others who want one wait until this transaction ends.

    A rollback gives the number back.
    """
    insert = (sqlite.insert if on_sqlite(session) else postgresql.insert)(NumberSeries).values(series=series, last=1)
    taken = insert.on_conflict_do_update(index_elements=["series"], set_={"last": NumberSeries.last + 1})
    return session.scalars(taken.returning(NumberSeries.last)).one()


def formatted(number_format: str, n: int) -> str:
    """`n` in a format such as `业扩答复〔2026〕{n:04d}号`; `ValueError` if the format does not show the number."""
    number = number_format.format(n=n)
    if number == number_format.format(n=n + 1):
        raise ValueError(
            f"the number format {number_format!r} does not show the number; write {{n}} or {{n:04d}} in it"
        )
    return number
