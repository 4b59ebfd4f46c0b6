"""No request sends a number of statements to the database that grows with the rows it tells of.

Each route that lists something stands in the table below, with what fills it. A route that answers GET and is neither
there nor among those that tell of one thing fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, insert

from api.app import create_app
from api.rights import Role
from domain.levels import Level
from storage.accounts import Account, SystemToken
from storage.base import Base, UtcInstant, table_of
from storage.bay_rows import BayEvent, BayRow, BayTaking, ReservationRow
from storage.call_offs import CallOff
from storage.cases import Case
from storage.clocks import CaseClock
from storage.copies import TaskCopy
from storage.data_stores import DataStore, DataStoreWrite
from storage.database import Database
from storage.definitions import Definition
from storage.deployments import Deployment
from storage.documents import Document
from storage.frameworks import Framework, FrameworkLot
from storage.hooks import Hook, HookDelivery
from storage.incidents import Incident
from storage.journal_rows import JournalRow
from storage.messages import Message
from storage.outages import OutageEntry, OutageItem, OutagePlan
from storage.paging import mark
from storage.reservations import Reservation, ReservationLine, ShortItem
from storage.rules import RuleVersion
from storage.stations import Busbar, Station
from storage.stock import Depot, StockItem, StockLevel, StockMovement, StockOrder
from storage.tasks import Task, TaskCandidate
from storage.timer_starts import TimerStart
from storage.uploads import SignedCopy, Upload
from tests.api.counting import statements_of
from tests.api.serving import Person, Site
from tests.api.test_problems import routes
from tests.cases.planning import rules as outage_rules
from tests.domain.outage.made import request as outage_request

FEW, MANY = 1, 50
_BEGUN = datetime(2026, 11, 2, 1, tzinfo=UTC)
_LATER = datetime(9000, 1, 1, tzinfo=UTC)

Fields = Callable[[int], Mapping[str, Any]]


@dataclass(frozen=True)
class Listing:
    """What a route tells of: how the address goes on, and for each row the tables that hold it, with what matters."""

    path: str
    rows: Sequence[tuple[type[Base], Fields]]
    query: Mapping[str, str] = field(default_factory=dict)


def _own(number: int) -> dict[str, Any]:
    """A case of each row's own."""
    workflow = {"workflow_id": f"case/C{number}", "case_no": f"C{number}"}
    return {**workflow, "county": "开发区", "parent_workflow_id": "", "state": "running"}


def _task(number: int) -> dict[str, Any]:
    return {**_own(number), "key": "6", "task": "6", "state": "open", "assignee": "", "form": ""}


def _candidate(number: int) -> dict[str, Any]:
    return {"workflow_id": f"case/C{number}", "key": "6", "kind": "group", "candidate": "marketing"}


def _clock(number: int) -> dict[str, Any]:
    standing = {"level": Level.L2.value, "due_at": _BEGUN, "order_at": _BEGUN, "cause": "", "department": "marketing"}
    return {**_own(number), "clock": "reply", **standing}


def _of_one(**fields: Any) -> Fields:
    """Rows of the first case."""
    return lambda number: {**_own(0), **{name: value(number) for name, value in fields.items()}}


def _record(number: int) -> dict[str, Any]:
    content = {
        "seq": number,
        "at": _BEGUN.isoformat(),
        "event": "act",
        "element": "a",
        "type": "userTask",
        "name": "甲",
    }
    told = {"content": {**content, "scope": "", "key": "6", "data": {"act": "complete", "by": f"officer{number}"}}}
    return {**_own(0), "epoch": "", "epoch_no": 1, "seq": number, **told}


_FIRST_CASE = (Case, lambda number: _own(0))
"""Written once, however often it is named."""


def _rules(kind: str) -> Sequence[tuple[type[Base], Fields]]:
    return [(RuleVersion, lambda number: {"kind": kind, "version": number + 1})]


def _side(number: int) -> dict[str, Any]:
    """A station each, whose load outgrows it."""
    return {
        "code": f"S{number}",
        "station": f"S{number}",
        "kind": "substation",
        "outside_of": None,
        "voltage_kv": "10",
        "load_mw": 100,
        "growth_percent": 20,
    }


def _bay(number: int) -> dict[str, Any]:
    """A bay of the first station each."""
    return {**_side(0), "busbar": "S0", "id": f"S0:{number}", "code": f"{number}", "state": "free", "built": True}


def _reservation(number: int) -> dict[str, Any]:
    numbers = {"probability": 50, "needed_year": 2027, "expires_on": _BEGUN.date()}
    return {**_side(0), "need": "marketing_lead", "state": "proposed", **numbers}


_FIRST_STATION: Sequence[tuple[type[Base], Fields]] = [(Station, lambda n: _side(0)), (Busbar, lambda n: _side(0))]
_TAKEN: tuple[type[Base], Fields] = (
    BayTaking,
    lambda n: {"workflow_id": f"case/C{n}", "bay": f"S0:{n}", "purpose": "supply"},
)


def _depot(number: int) -> dict[str, Any]:
    return {"code": f"D{number}", "counties": []}


def _moved(number: int) -> dict[str, Any]:
    return {"item": f"I{number}", "depot": f"D{number}"}


def _order(number: int) -> dict[str, Any]:
    """Half of what is to come is there."""
    amounts = {"quantity": Decimal(2), "received": Decimal(1)}
    return {**_moved(number), **amounts, "ordered_on": _DAY, "arrives_on": _DAY, "state": "ordered"}


def _at_materials(number: int) -> dict[str, Any]:
    return {**_own(number), "process": "grid_project_10kv", "stage": "物资领用", "voltage_kv": "10"}


_DAY, _ONE = date(2026, 12, 1), Decimal(1)
_LOW = {"on_hand": Decimal(1), "reserved": Decimal(0), "minimum": Decimal(5)}
_STOCK: Sequence[tuple[type[Base], Fields]] = [
    (Depot, _depot),
    (StockItem, lambda number: {"code": f"I{number}"}),
    (StockLevel, lambda number: {**_moved(number), **_LOW}),
]
"""An item for each depot, less of it than there should be."""


def _framework(number: int) -> dict[str, Any]:
    days = dict.fromkeys(("awarded_on", "licence_until", "valid_from", "valid_to"), _DAY)
    return {"number": f"F{number}", "kind": "design", **days, "total": Decimal(9), "called_off": Decimal(1)}


_FRAMEWORKS: Sequence[tuple[type[Base], Fields]] = [
    (Framework, _framework),
    (
        FrameworkLot,
        lambda n: {"framework": f"F{n}", "lot": f"L{n}", "amount": Decimal(9), "called_off": Decimal(1)},
    ),
]

_OUTAGE_RULES = outage_rules("city").to_json()
_UNIT: tuple[type[Base], Fields] = (
    RuleVersion,
    lambda n: {"kind": "outage", "version": 1, "content": _OUTAGE_RULES},
)


def _expected(number: int) -> dict[str, Any]:
    """A case each that is likely to be energized next week."""
    standing = {"stage": "装表送电", "clock": "energization", "due_at": _BEGUN, "handed_on": False}
    return {**_own(number), **standing}


def _plan(number: int) -> dict[str, Any]:
    """A plan each, of the weeks of a year."""
    week = f"2026-W{number + 1:02}"
    return {"unit": "city", "week": week, "workflow_id": f"plan{number}", "state": "collecting", "rules": _OUTAGE_RULES}


def _entry(number: int) -> dict[str, Any]:
    data = outage_request(f"R{number}", unit="city").to_json()
    return {"unit": "city", "week": "2026-W01", "data": data, "state": "entered"}


def _outage(number: int) -> dict[str, Any]:
    data = {"content": "更换开关", "crews": "配电一班", "team": "运维操作一班", "requestNos": [], "cases": []}
    return {"unit": "city", "week": "2026-W01", "data": data, "state": "approved"}


LISTS: Mapping[str, Listing] = {
    "/accounts": Listing("/accounts", [(Account, lambda number: {"roles": ["officer"], "failures": 0})]),
    "/authority": Listing("/authority", _rules("authority")),
    "/bay-proposals": Listing("/bay-proposals", [(Station, _side), (Busbar, _side), (Case, _own)]),
    "/bay-reservations": Listing("/bay-reservations", [*_FIRST_STATION, (ReservationRow, _reservation)]),
    "/bays": Listing("/bays", [*_FIRST_STATION, (BayRow, _bay), _TAKEN]),
    "/bays/{bay}/events": Listing(
        "/bays/S0:0/events",
        [
            *_FIRST_STATION,
            (BayRow, lambda n: _bay(0)),
            (BayEvent, lambda n: {"bay": "S0:0", "act": "load", "id": n + 1}),
        ],
    ),
    "/calendars": Listing("/calendars", _rules("calendar")),
    "/cases": Listing("/cases", [(Case, _own), (CaseClock, _clock)], {"order": "urgent"}),
    "/cases.csv": Listing("/cases.csv", [(Case, _own), (CaseClock, _clock)]),
    "/cases/{case_no}": Listing(
        "/cases/C0",
        [
            _FIRST_CASE,
            (Task, _of_one(key=str, task=str, state=lambda n: "open")),
            (Incident, _of_one(seq=int)),
            (CaseClock, _of_one(clock=str, level=lambda n: Level.L1.value, state=lambda n: "running")),
        ],
    ),
    "/cases/{case_no}/journal": Listing("/cases/C0/journal", [_FIRST_CASE, (JournalRow, _record)]),
    "/cases/{case_no}/papers": Listing(
        "/cases/C0/papers",
        [
            _FIRST_CASE,
            (Document, _of_one(key=str, status=lambda n: "valid")),
            (SignedCopy, _of_one(key=str)),
            (Upload, _of_one()),
        ],
    ),
    "/copies": Listing(
        "/copies", [(Case, _own), (Task, _task), (TaskCopy, lambda n: {**_task(n), "recipient": "asker"})]
    ),
    "/data-stores": Listing("/data-stores", [(DataStore, lambda number: {})]),
    "/data-store-writes": Listing("/data-store-writes", [(DataStoreWrite, lambda n: {"store": "S"})], {"store": "S"}),
    "/definitions": Listing("/definitions", [(Definition, lambda number: {"kind": "form", "version": 1})]),
    "/definitions/{kind}/{key}/versions": Listing(
        "/definitions/form/plan/versions",
        [(Definition, lambda number: {"kind": "form", "key": "plan", "version": number + 1})],
    ),
    "/deployments": Listing("/deployments", [(Deployment, lambda number: {"id": number + 1})]),
    "/escalations": Listing("/escalations", [(Case, _own), (CaseClock, _clock)]),
    "/timer-starts": Listing("/timer-starts", [(TimerStart, lambda number: {"process": f"p{number}", "due": _BEGUN})]),
    "/hooks": Listing("/hooks", [(Hook, lambda number: {"position": 0, "missed": 0})]),
    "/hooks/{hook_id}/deliveries": Listing(
        "/hooks/1/deliveries",
        [
            (Hook, lambda number: {"hook_id": "1", "position": 0, "missed": 0}),
            (HookDelivery, lambda number: {"hook_id": "1", "kind": "case.closed"}),
        ],
    ),
    "/inbox": Listing("/inbox", [(Case, _own), (Task, _task), (TaskCandidate, _candidate)], {"view": "department"}),
    "/incidents": Listing("/incidents", [(Case, _own), (Incident, _own)]),
    "/limits": Listing("/limits", _rules("limits")),
    "/messages": Listing("/messages", [(Message, lambda number: {"expires_at": _LATER})]),
    "/orders": Listing("/orders", [(Case, _own), (CaseClock, _clock)]),
    "/outage-outlook": Listing("/outage-outlook", [_UNIT, (Case, _expected), (CaseClock, _expected)], {"unit": "city"}),
    "/outage-plans": Listing("/outage-plans", [_UNIT, (OutagePlan, _plan)], {"unit": "city"}),
    "/outage-plans/{unit}/{week}": Listing(
        "/outage-plans/city/2026-W01",
        [_UNIT, (OutagePlan, lambda n: _plan(0)), (OutageEntry, _entry), (OutageItem, _outage)],
    ),
    "/outage-rules": Listing("/outage-rules", _rules("outage")),
    "/outage-units": Listing("/outage-units", [(OutagePlan, lambda n: {**_plan(n), "unit": f"unit{n}"})]),
    "/papers/{paper}/signed": Listing(
        f"/papers/{mark('paper', 'case/C0', '5')}/signed",
        [_FIRST_CASE, (Document, _of_one(key=lambda n: "5")), (SignedCopy, _of_one(key=lambda n: "5"))],
    ),
    "/posts": Listing("/posts", _rules("posts")),
    "/stations": Listing("/stations", [(Station, _side), (Busbar, _side)]),
    "/stations/{code}": Listing(
        "/stations/S0",
        [
            (Station, lambda n: _side(0)),
            (Busbar, lambda n: {**_side(0), "code": f"B{n}"}),
            (BayRow, lambda n: {**_bay(n), "busbar": f"B{n}"}),
            _TAKEN,
        ],
    ),
    "/stock": Listing("/stock", _STOCK),
    "/stock/depots": Listing("/stock/depots", [(Depot, _depot)]),
    "/stock/levels/{item}/{depot}/movements": Listing(
        "/stock/levels/I0/D0/movements",
        [*_STOCK, (StockMovement, lambda n: {**_moved(0), "id": n + 1, "kind": "receipt", "change": Decimal(1)})],
    ),
    "/stock/orders": Listing("/stock/orders", [*_STOCK, (StockOrder, _order)]),
    "/stock/proposals": Listing("/stock/proposals", [*_STOCK, (StockOrder, _order), (Case, _at_materials)]),
    "/stock/reservations": Listing(
        "/stock/reservations",
        [
            *_STOCK,
            (Reservation, lambda n: {"number": f"R{n}", "state": "held"}),
            (ReservationLine, lambda n: {**_moved(n), "reservation": f"R{n}", "quantity": _ONE, "held": _ONE}),
        ],
    ),
    "/stock/shortages": Listing(
        "/stock/shortages",
        [*_STOCK, (Case, _own), (ShortItem, lambda n: {**_own(n), "item": f"I{n}", "depot": "", "needed": Decimal(9)})],
    ),
    "/stock-planning": Listing("/stock-planning", _rules("stock_planning")),
    "/frameworks": Listing("/frameworks", _FRAMEWORKS),
    "/call-offs": Listing(
        "/call-offs",
        [
            *_FRAMEWORKS,
            (
                CallOff,
                lambda n: {**_own(n), "framework": "F0", "lot": "L0", "amount": Decimal(1), "state": "active"},
            ),
        ],
    ),
    "/tokens": Listing("/tokens", [(SystemToken, lambda number: {"scopes": []})]),
}

ONE = {
    "/authority/compare",
    "/authority/{version}",
    "/bay-reservations/{number}",
    "/bays/{bay}",
    "/calendars/compare",
    "/calendars/{version}",
    "/cases/{case_no}/ad-hoc",
    "/cases/{case_no}/diagram",
    "/data-stores/{name:path}",
    "/definitions/{kind}/{key}",
    "/deployments/{number}",
    "/events",
    "/files/{sha256}",
    "/health",
    "/hooks/{hook_id}",
    "/incidents/{process}/{incident}",
    "/limits/compare",
    "/limits/{version}",
    "/me",
    "/outage-requests/{number}",
    "/outage-rules/compare",
    "/outage-rules/{version}",
    "/papers/{paper}/content",
    "/papers/{paper}/signed/{sha256}",
    "/posts/compare",
    "/posts/{version}",
    "/frameworks/{number}",
    "/stock-planning/compare",
    "/stock-planning/{version}",
    "/ready",
    "/tasks/{task}",
}
"""What tells of one thing, or as the case itself answers (ad-hoc), or (events) goes on without end in portions."""


def _value(column: Column[Any], number: int) -> Any:
    """Some value of a column's kind, another one for each row."""
    if column.nullable:
        return None
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, UtcInstant):
        return _BEGUN + timedelta(minutes=number)
    if isinstance(column.type, JSON):
        return []
    return f"{column.name}{number}"


def fill(database: Database, listing: Listing, numbers: range) -> None:
    """Writes the rows of these numbers."""
    with database.transaction() as session:
        for model, fields in listing.rows:
            table = table_of(model)
            told = [fields(number) for number in numbers]
            rows = {}
            for number, chosen in zip(numbers, told, strict=True):
                row = {column.name: chosen.get(column.name, _value(column, number)) for column in table.columns}
                rows[tuple(row[column.name] for column in table.primary_key)] = row
            known = {tuple(one) for one in session.execute(table.select().with_only_columns(*table.primary_key))}
            new = [row for key, row in rows.items() if key not in known]
            if new:
                session.execute(insert(table), new)


async def _asked(person: Person, listing: Listing) -> tuple[int, int]:
    """How many statements the request sends, and how many lines the longest list of its answer has."""
    count, answer = await statements_of(lambda: person.get(listing.path, **listing.query))
    return count, _lines(answer)


def _lines(answer: httpx.Response) -> int:
    if not answer.headers["content-type"].startswith("application/json"):
        return len(answer.text.splitlines()) - 1
    told = answer.json()
    lists = [told] if isinstance(told, list) else [value for value in told.values() if isinstance(value, list)]
    return max(map(len, lists))


def test_every_route_that_answers_get_is_counted_or_tells_of_one_thing() -> None:
    known = {route.path for route in routes(create_app()) if "GET" in (route.methods or ())}

    assert known == LISTS.keys() | ONE


@pytest.mark.parametrize("path", LISTS)
async def test_more_rows_take_no_more_statements(here: Site, path: str) -> None:
    listing = LISTS[path]
    person = await here.person("asker", *Role, county="")
    fill(here.database, listing, range(FEW))
    few, short = await _asked(person, listing)
    fill(here.database, listing, range(FEW, MANY))
    many, long = await _asked(person, listing)

    assert long >= MANY > short
    assert many == few
