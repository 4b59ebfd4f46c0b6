"""What tests of the stock share: depots with some items, and what cases do to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.stock import Material
from storage.database import Database
from storage.materials import issue_materials, return_materials
from storage.reservations import StockCheck, Whose, check_stock, release, reserve
from storage.stock import StockLevel, levels_of
from storage.stock_keeping import count_stock, order_stock, receive, save_depot, save_item

CABLE, CABINET = "YJV22-8.7/15-3×300电缆", "环网柜"
CENTRAL, COUNTY = "ZX", "XH"


def amount(quantity: int | str, item: str = CABLE, unit: str = "米") -> Material:
    return Material(item, unit, Decimal(quantity))


@dataclass(frozen=True)
class Stock:
    """The stock of a company; cases are named by their numbers, pieces of work by their keys."""

    database: Database
    now: datetime

    def begin(self, *, cable: int = 300, depot: str = CENTRAL) -> Stock:
        """The company keeps cable, so much of it in a depot."""
        with self.database.transaction() as session:
            save_depot(session, CENTRAL, "市公司中心库", [])
            save_depot(session, COUNTY, "宣化周转库", ["宣化区"])
            save_item(session, "DL300", CABLE, "米")
            save_item(session, "HWG", CABINET, "台")
        return self.count(cable, depot=depot)

    def count(
        self, on_hand: int | None, *, minimum: int | None = None, depot: str = CENTRAL, item: str = "DL300"
    ) -> Stock:
        with self.database.transaction() as session:
            count_stock(
                session,
                item=item,
                depot=depot,
                on_hand=None if on_hand is None else Decimal(on_hand),
                minimum=None if minimum is None else Decimal(minimum),
                note="盘点",
                by="keeper",
                now=self.now,
            )
        return self

    def receive(self, quantity: int, *, order: str = "", depot: str = CENTRAL, item: str = "DL300") -> None:
        with self.database.transaction() as session:
            receive(
                session,
                item=item,
                depot=depot,
                quantity=Decimal(quantity),
                order=order,
                note="",
                by="keeper",
                now=self.now,
            )

    def order(self, quantity: int, arrives_on: date, *, depot: str = CENTRAL, item: str = "DL300") -> str:
        with self.database.transaction() as session:
            ordered = order_stock(
                session,
                item=item,
                depot=depot,
                quantity=Decimal(quantity),
                ordered_on=date(2026, 11, 20),
                arrives_on=arrives_on,
                series="stock-order",
                number_format="BH-{n:04d}",
                note="",
                by="buyer",
                now=self.now,
            )
            return ordered.number

    def check(self, *materials: Material, case_no: str = "C1", depot: str = "") -> StockCheck:
        with self.database.session() as session:
            return check_stock(session, case_no, materials, depot, self.now)

    def reserve(self, *materials: Material, case_no: str = "C1", key: str = "5", depot: str = "") -> str:
        with self.database.transaction() as session:
            return reserve(
                session,
                Whose(f"case/{case_no}", key, case_no),
                materials=materials,
                depot=depot,
                against="",
                series="reservation",
                number_format="YL-{n:04d}",
                now=self.now,
            )

    def release(self, number: str) -> None:
        with self.database.transaction() as session:
            release(session, number, self.now)

    def issue(self, *materials: Material, case_no: str = "C1", key: str = "6", depot: str = "") -> str:
        with self.database.transaction() as session:
            return issue_materials(
                session,
                workflow_id=f"case/{case_no}",
                key=key,
                case_no=case_no,
                materials=materials,
                series="issue",
                number_format="LL-{n:04d}",
                now=self.now,
                depot=depot,
            )

    def give_back(self, slip: str, *, case_no: str = "C1", key: str = "9") -> str:
        with self.database.transaction() as session:
            return return_materials(
                session,
                workflow_id=f"case/{case_no}",
                key=key,
                issue_no=slip,
                series="return",
                number_format="TL-{n:04d}",
                now=self.now,
            )

    def levels(self, item: str = "DL300") -> Sequence[StockLevel]:
        with self.database.session() as session:
            return levels_of(session, [item])

    def level(self, depot: str = CENTRAL, item: str = "DL300") -> tuple[int, int]:
        """What a depot has on hand, and what of it is promised."""
        found = next(level for level in self.levels(item) if level.depot == depot)
        return int(found.on_hand), int(found.reserved)
