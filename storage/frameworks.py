"""Framework agreements (框架招标): what was tendered once for a period, in lots, and is called off case by case.

Domain rule: domain.md §1.1 row 8 (35–110kV bay extensions are designed and built under a framework), §4.2 (the award
comes first; the contractor is qualified).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.chinese import grouped_amount
from domain.frameworks import Room
from storage.base import Base, storable
from storage.exact import YUAN
from storage.locks import lock

NOTHING = Decimal(0)


class FrameworkRefused(Exception):
    """Terms that a framework cannot have; the text says in Chinese why, `en` in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.en = en


class Framework(Base):
    """One framework agreement, of one of `domain.frameworks.KINDS`; `called_off` is the sum of its active call-offs.
    Both ends of its period are part of it."""

    __tablename__ = "frameworks"
    __table_args__ = (CheckConstraint("called_off >= 0 AND called_off <= total", name="called_off_within_total"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    award_no: Mapped[str]
    awarded_on: Mapped[date]
    contractor: Mapped[str]
    licence: Mapped[str]
    licence_until: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    total: Mapped[Decimal] = mapped_column(YUAN)
    called_off: Mapped[Decimal] = mapped_column(YUAN)


class FrameworkLot(Base):
    """One lot 标段 of a framework."""

    __tablename__ = "framework_lots"
    __table_args__ = (CheckConstraint("called_off >= 0 AND called_off <= amount", name="called_off_within_amount"),)

    framework: Mapped[str] = mapped_column(ForeignKey("frameworks.number"), primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(YUAN)
    called_off: Mapped[Decimal] = mapped_column(YUAN)


@dataclass(frozen=True)
class LotTerms:
    """What was tendered of a lot."""

    lot: str
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Terms:
    """What was tendered; `licence` names the contractor's licence 资质, good until and with `licence_until`."""

    number: str
    name: str
    kind: str
    award_no: str
    awarded_on: date
    contractor: str
    licence: str
    licence_until: date
    valid_from: date
    valid_to: date
    total: Decimal
    lots: tuple[LotTerms, ...]


def save_framework(session: Session, terms: Terms) -> Framework:
    """A framework that is new, or whose terms have changed.

    Raises `FrameworkRefused` for terms that contradict each other or what was called off already.
    """
    lock_framework(session, terms.number)
    framework = session.get(Framework, terms.number, populate_existing=True)
    lots = {one.lot: one for one in lots_of(session, [terms.number])}
    _check_terms(terms, framework, lots)
    plain = {name: value for name, value in terms.__dict__.items() if name != "lots"}
    if framework is None:
        framework = Framework(**plain, called_off=NOTHING)
        session.add(framework)
    for name, value in plain.items():
        setattr(framework, name, value)
    session.flush()
    for lot in terms.lots:
        kept = lots.pop(lot.lot, None)
        if kept is None:
            session.add(FrameworkLot(framework=terms.number, **lot.__dict__, called_off=NOTHING))
        else:
            kept.name, kept.amount = lot.name, lot.amount
    for gone in lots.values():
        session.delete(gone)
    session.flush()
    return framework


def lots_of(session: Session, frameworks: Collection[str]) -> Sequence[FrameworkLot]:
    """The lots of these frameworks, in order; as the database has them now."""
    lots = select(FrameworkLot).where(FrameworkLot.framework.in_(frameworks))
    in_order = lots.order_by(FrameworkLot.framework, FrameworkLot.lot)
    return session.scalars(in_order.execution_options(populate_existing=True)).all()


def rooms(session: Session, number: str = "") -> list[Room]:
    """How all lots stand, or those of one framework."""
    lots = select(Framework, FrameworkLot).join(FrameworkLot, FrameworkLot.framework == Framework.number)
    if number:
        lots = lots.where(Framework.number == number)
    in_order = lots.order_by(Framework.number, FrameworkLot.lot)
    found = session.execute(in_order.execution_options(populate_existing=True)).all()
    return [_room(framework, lot) for framework, lot in found]


@dataclass(frozen=True)
class FrameworkQuery:
    """Which frameworks; an empty field does not restrict. `usable_on`: in force that day, and something remains."""

    text: str = ""
    kind: str = ""
    usable_on: date | None = None


def frameworks(
    session: Session, wanted: FrameworkQuery, *, limit: int = 50, after: str = ""
) -> tuple[Sequence[Framework], str]:
    """A page of the frameworks by number, and where the next one begins (empty for none)."""
    found = select(Framework).where(Framework.number > after)
    columns = (Framework.number, Framework.name, Framework.contractor, Framework.award_no)
    for word in storable(wanted.text).split():
        found = found.where(or_(*(column.contains(word, autoescape=True) for column in columns)))
    if wanted.kind:
        found = found.where(Framework.kind == wanted.kind)
    if day := wanted.usable_on:
        in_force = (Framework.valid_from <= day) & (Framework.valid_to >= day) & (Framework.licence_until >= day)
        found = found.where(in_force, Framework.called_off < Framework.total)
    page = session.scalars(found.order_by(Framework.number).limit(limit + 1)).all()
    return page[:limit], page[limit - 1].number if len(page) > limit else ""


def lock_framework(session: Session, framework: str) -> None:
    """Holds a framework to the end of the transaction."""
    lock(session, f"framework {framework}")


def _room(framework: Framework, lot: FrameworkLot) -> Room:
    return Room(
        framework.number,
        lot.lot,
        framework.kind,
        framework.contractor,
        framework.licence_until,
        framework.valid_from,
        framework.valid_to,
        min(lot.amount - lot.called_off, framework.total - framework.called_off),
    )


def _check_terms(terms: Terms, known: Framework | None, lots: Mapping[str, FrameworkLot]) -> None:
    amounts = {lot.lot: lot.amount for lot in terms.lots}
    if len(amounts) < len(terms.lots):
        raise FrameworkRefused("标段编号不得重复", "A lot stands there twice")
    if terms.valid_to < terms.valid_from:
        raise FrameworkRefused("有效期的截止日期不应早于起始日期", "The period ends before it begins")
    if terms.awarded_on > terms.valid_from:
        raise FrameworkRefused("中标日期不应晚于有效期的起始日期", "The award comes after the period begins")
    if (together := sum(amounts.values(), NOTHING)) > terms.total:
        lots_together, whole = grouped_amount(together), grouped_amount(terms.total)
        raise FrameworkRefused(
            f"各标段金额合计{lots_together}元，超过框架总金额{whole}元",
            f"The lots come to {lots_together} yuan, the whole to {whole}",
        )
    if known and known.called_off > terms.total:
        taken = grouped_amount(known.called_off)
        raise FrameworkRefused(f"框架总金额不应少于已委托的{taken}元", f"{taken} yuan have been called off already")
    for lot in lots.values():
        if lot.called_off > amounts.get(lot.lot, NOTHING):
            taken = grouped_amount(lot.called_off)
            raise FrameworkRefused(
                f"标段{lot.lot}已委托{taken}元，金额不应更少，也不能删除",
                f"{taken} yuan of lot {lot.lot} have been called off: it can be neither less nor taken away",
            )
