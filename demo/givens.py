"""What a story finds when it begins: stations with free bays, frameworks, stock, a unit that plans outages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from domain.bays import StationKind
from domain.calendar import shanghai_date
from domain.outage.rules import OutageRules
from storage.database import Database
from storage.frameworks import LotTerms, Terms, save_framework
from storage.rules import RuleKind, load_rules
from storage.station_loading import LoadedBay, LoadedBusbar, LoadedStation, load_station
from storage.stock_keeping import count_stock, order_stock, receive, save_depot, save_item

DEPOT = "ZX"
KEEPER = "秦月"
_SOURCE = "演练"
_ORDERED = Decimal(100)
"""How much of an item is under way that will arrive."""


def lay(database: Database, given: Mapping[str, Any], now: datetime) -> None:
    """Put into the database what a story says is there. `now` is the story's first instant."""
    with database.transaction() as session:
        for code, station in given.get("stations", {}).items():
            load_station(session, _station(code, station), KEEPER, now)
        for number, framework in given.get("frameworks", {}).items():
            save_framework(session, _terms(number, framework))
        if given.get("stock"):
            save_depot(session, DEPOT, "市公司中心库", [])
        for item, level in given.get("stock", {}).items():
            _stock(session, item, level, now)
        if "planning" in given:
            load_rules(session, RuleKind.OUTAGE, planning(given["planning"]).to_json(), _SOURCE, _SOURCE, now)


def goods_arrive(database: Database, goods: Mapping[str, float], now: datetime, order: str = "") -> None:
    """Goods come to the depot, of an order where they were ordered; nobody who waits is told."""
    with database.transaction() as session:
        for item, quantity in goods.items():
            came = Decimal(str(quantity))
            receive(session, item=item, depot=DEPOT, quantity=came, order=order, note="", by=KEEPER, now=now)


def planning(told: Mapping[str, Any]) -> OutageRules:
    """The shipped rules of outages with a dispatch unit, and with what else a story has changed in them.

    Of crews that the shipped rules have, only what is said changes.
    """
    shipped = OutageRules.shipped().to_json()
    row = {**told["unit"], "source": _SOURCE, "verified": False}
    crews = [{**crew, **told.get("crews", {}).get(crew["code"], {})} for crew in shipped["crews"]]
    return OutageRules.from_json({**shipped, "units": [row], "crews": crews})


def _station(code: str, told: Mapping[str, Any]) -> LoadedStation:
    bays = tuple(LoadedBay(bay, f"{bay}间隔") for bay in told["bays"])
    busbar = LoadedBusbar(f"{told['voltageKv']}-1", str(told["voltageKv"]), Decimal(0), Decimal(0), bays)
    return LoadedStation(code, told["name"], StationKind.SUBSTATION, told["county"], None, (busbar,))


def _terms(number: str, told: Mapping[str, Any]) -> Terms:
    lots = tuple(LotTerms(lot, lot, Decimal(amount)) for lot, amount in told["lots"].items())
    return Terms(
        number=number,
        name=number,
        kind=told["kind"],
        award_no=told["award"],
        awarded_on=date.fromisoformat(told["awardedOn"]),
        contractor=told["contractor"],
        licence=told["licence"],
        licence_until=date.fromisoformat(told["licenceUntil"]),
        valid_from=date.fromisoformat(told["validFrom"]),
        valid_to=date.fromisoformat(told["validUntil"]),
        total=sum((lot.amount for lot in lots), Decimal(0)),
        lots=lots,
    )


def _stock(session: Session, item: str, level: Mapping[str, Any], now: datetime) -> None:
    unit, on_hand = level["unit"], Decimal(str(level["onHand"]))
    save_item(session, item, item, unit)
    count_stock(session, item=item, depot=DEPOT, on_hand=on_hand, minimum=None, note="盘点", by=KEEPER, now=now)
    if "arrivesOn" in level:
        order_stock(
            session,
            item=item,
            depot=DEPOT,
            quantity=_ORDERED,
            ordered_on=shanghai_date(now),
            arrives_on=date.fromisoformat(level["arrivesOn"]),
            series="stock-order",
            number_format="BH-{n:04d}",
            note="",
            by="buyer",
            now=now,
        )
