"""What tests of framework agreements share: some frameworks, and calling off from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.frameworks import Room
from storage.call_offs import CalledOff, Wanted, call_off, cancel_call_off
from storage.database import Database
from storage.frameworks import LotTerms, Terms, rooms, save_framework

DESIGN = Terms(
    number="KJ-2026-01",
    name="2026年配网设计框架",
    kind="design",
    award_no="ZB-2026-017",
    awarded_on=date(2026, 1, 5),
    contractor="冀北电力设计院有限公司",
    licence="工程设计电力行业乙级",
    licence_until=date(2027, 6, 30),
    valid_from=date(2026, 1, 10),
    valid_to=date(2026, 12, 31),
    total=Decimal(1000),
    lots=(LotTerms("1", "变电", Decimal(600)), LotTerms("2", "线路", Decimal(400))),
)


def called_off(number: str, remaining: int | str) -> CalledOff:
    """A call-off from the framework as it was tendered."""
    return CalledOff(
        number=number,
        remaining=Decimal(remaining),
        contractor=DESIGN.contractor,
        award_no=DESIGN.award_no,
        awarded_on=DESIGN.awarded_on,
        valid_from=DESIGN.valid_from,
        valid_to=DESIGN.valid_to,
        licence=DESIGN.licence,
        licence_until=DESIGN.licence_until,
    )


@dataclass(frozen=True)
class Frameworks:
    """The frameworks of a company."""

    database: Database
    now: datetime

    def save(self, **changes: Any) -> Frameworks:
        with self.database.transaction() as session:
            save_framework(session, replace(DESIGN, **changes))
        return self

    def call(
        self,
        amount: int | str,
        lot: str = "1",
        *,
        framework: str = DESIGN.number,
        contractor: str = "",
        case_no: str = "C1",
        key: str = "5",
        now: datetime | None = None,
    ) -> CalledOff:
        with self.database.transaction() as session:
            return call_off(
                session,
                workflow_id=f"case/{case_no}",
                key=key,
                case_no=case_no,
                wanted=Wanted(framework, lot, Decimal(amount), "可研初设一体化", contractor),
                series="call-off",
                number_format="KJWT-{n:04d}",
                now=now or self.now,
            )

    def cancel(self, number: str) -> None:
        with self.database.transaction() as session:
            cancel_call_off(session, number, self.now)

    def rooms(self, framework: str = DESIGN.number) -> list[Room]:
        with self.database.session() as session:
            return rooms(session, framework)

    def remaining(self, framework: str = DESIGN.number) -> dict[str, Decimal]:
        """What may still be called off, by lot."""
        return {room.lot: room.remaining for room in self.rooms(framework)}
