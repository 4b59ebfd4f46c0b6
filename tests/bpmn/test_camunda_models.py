"""Models as Camunda Modeler 5 writes them for Camunda 8, extension elements and drawing included, run unchanged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bpmn import Definition, read_all
from bpmn.model import is_activity
from bpmn.options import SHANGHAI
from bpmn.references import missing_references
from bpmn.simulation import Running, Script, Simulation
from bpmn.xml import parse

MODELS = Path(__file__).parent / "models" / "camunda"
START = datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)


def load(*names: str) -> Definition:
    """The definition of these files."""
    return read_all({name: (MODELS / name).read_bytes() for name in names})


@dataclass
class Play:
    """One way through a model: the elements that are completed in it, in order, without the process."""

    name: str
    files: tuple[str, ...]
    process: str
    completed: str
    variables: dict[str, Any] = field(default_factory=dict)
    script: dict[str, Any] = field(default_factory=dict)
    ends_with: dict[str, Any] = field(default_factory=dict)


def done(**variables: Any) -> list[dict[str, Any]]:
    """Work that is completed with these variables."""
    return [{"variables": variables}]


def error(code: str, **variables: Any) -> list[dict[str, Any]]:
    """Work that ends with an error the first time."""
    return [{"do": "error", "code": code, "variables": variables}]


ORDER: dict[str, Any] = {"order": {"items": ["book"], "total": 20, "card": "1", "provider": "visa"}, "retries": 2}
LOAN = ("loan_approval.bpmn", "loan_risk.dmn", "loan_request.form")
CLAIM: dict[str, Any] = {"claim": {"photos": [1, 2]}, "tries": 2, "adjuster": "ann"}

PLAYS = [
    Play(
        "an order is paid with another card",
        ("order_process.bpmn",),
        "order-process",
        "StartEvent_OrderReceived Activity_CheckStock Gateway_InStock Event_PaymentFailed "
        "Activity_AskForCard Activity_ChargeCard Activity_Ship EndEvent_Shipped",
        ORDER,
        {
            "elements": {
                "Activity_CheckStock": done(inStock=True),
                "Activity_ChargeCard": error("PAYMENT_FAILED", reason="no cover") + done(transactionId="T1"),
                "Activity_AskForCard": done(card="2"),
            }
        },
        {"failure": "no cover", "order": {**ORDER["order"], "card": "2"}},
    ),
    Play(
        "an order of nothing is rejected",
        ("order_process.bpmn",),
        "order-process",
        "StartEvent_OrderReceived Activity_CheckStock Gateway_InStock EndEvent_Rejected",
        {"order": {"items": [], "total": 0}, "retries": 1},
        {"elements": {"Activity_CheckStock": done(inStock=True)}},
    ),
    Play(
        "a small loan is paid out at once",
        LOAN,
        "loan-approval",
        "StartEvent_1 Activity_Score Gateway_Risk Activity_PayOut EndEvent_Paid",
        {"amount": 500, "income": 1000, "region": "north"},
        ends_with={"risk": "low"},
    ),
    Play(
        "a large loan is decided on by a person",
        LOAN,
        "loan-approval",
        "StartEvent_1 Activity_Score Gateway_Risk Activity_Decide Gateway_Approved Activity_Decline EndEvent_Declined",
        {"amount": 60000, "income": 30000, "region": "north"},
        {"elements": {"Activity_Decide": done(approved=False, comment="too much")}},
        {"risk": "medium", "comment": "too much"},
    ),
    Play(
        "bookings are cancelled last first when there is no seat",
        ("travel_booking.bpmn",),
        "travel-booking",
        "StartEvent_1 Activity_BookHotel Activity_BookCar Event_NoSeat Activity_CancelCar "
        "Activity_CancelHotel Event_CancelAll EndEvent_NotBooked",
        {"trip": "Rome"},
        {
            "elements": {
                "Activity_BookHotel": done(reference="H1"),
                "Activity_BookCar": done(reference="C1"),
                "Activity_BookFlight": error("NO_SEAT"),
            }
        },
        {"hotelReference": "H1", "carReference": "C1"},
    ),
    Play(
        "an incident is escalated to the second level",
        ("incident_management.bpmn",),
        "incident-management",
        "StartEvent_1 Event_FirstStart Event_Remind Activity_Remind EndEvent_Reminded Activity_Analyse "
        "Gateway_Solved Event_Escalate Event_SecondLevel Activity_SecondLevel EndEvent_Closed",
        {"sla": "PT8H"},
        {"elements": {"Activity_Analyse": [{"after": "PT3H", "variables": {"solved": False}}]}},
    ),
    Play(
        "an incident that nobody analyses goes to the second level in time",
        ("incident_management.bpmn",),
        "incident-management",
        "StartEvent_1 Event_FirstStart Event_Remind Activity_Remind EndEvent_Reminded Event_Remind Activity_Remind "
        "EndEvent_Reminded Event_TooLate Activity_SecondLevel EndEvent_Closed",
        {"sla": "PT8H"},
        {"elements": {"Activity_Analyse": [{"do": "wait"}]}},
    ),
    Play(
        "an employee gets everything and meets two of three colleagues",
        ("employee_onboarding.bpmn", "safety_training.bpmn"),
        "employee-onboarding",
        "StartEvent_1 Gateway_Fork Event_EquipmentStart Activity_Order Activity_Order Activity_Order "
        "Event_EquipmentEnd Activity_Equipment Activity_Meet Activity_Meet Activity_Meet "
        "Activity_Training Gateway_Join Activity_Welcome EndEvent_1",
        {"name": "Kim", "equipment": ["desk", "phone"], "colleagues": ["a", "b", "c"]},
        {
            "elements": {
                "Activity_Order": done(orderNumber=1) + done(orderNumber=2),
                "Activity_Meet": [{"after": "PT1H"}, {"after": "PT1H"}],
                "Activity_Attend": [{"after": "P1D"}],
            }
        },
        {
            "certificate": "SAFE-Kim",
            "orders": [{"article": "desk", "number": 1}, {"article": "phone", "number": 2}],
        },
    ),
    Play(
        "a customer who has waited too long complains and eats",
        ("pizza_delivery.bpmn",),
        "pizza-customer",
        "StartEvent_Hungry Event_Order Gateway_Wait Event_Hour Activity_Complain Activity_AwaitPizza Activity_Eat "
        "EndEvent_Sated",
        {"orderId": 7},
        {
            "elements": {"Activity_Bake": [{"after": "PT2H"}]},
            "messages": [{"name": "pizza delivered", "correlationKey": "7", "after": "PT90M"}],
        },
    ),
    Play(
        "a pizza shop bakes what is ordered and soothes who complains",
        ("pizza_delivery.bpmn",),
        "pizza-shop",
        "Event_OrderReceived Event_Complained Activity_Soothe Event_Soothed Activity_Complaints "
        "Activity_Bake Activity_Deliver EndEvent_Paid",
        {"orderId": 7},
        {
            "elements": {"Activity_Bake": [{"after": "PT2H"}]},
            "messages": [
                {"name": "pizza order", "variables": {"orderId": 7}},
                {"name": "pizza complaint", "correlationKey": "7", "after": "PT1H"},
            ],
        },
    ),
    Play(
        "a connector that is unavailable is asked again after five minutes",
        ("weather_connector.bpmn",),
        "weather-connector",
        "StartEvent_1 Event_Unavailable Event_Wait Activity_Fetch Gateway_Warm Activity_Tell EndEvent_Told",
        {"city": "Rome", "channel": "#weather"},
        {"elements": {"Activity_Fetch": error("503") + done(temperature=20)}},
        {"temperature": 20},
    ),
    Play(
        "an invoice from abroad is summed up and checked twice",
        ("invoice_totals.bpmn",),
        "invoice-totals",
        "StartEvent_1 Activity_Sum Activity_Tax Gateway_Checks Activity_CheckLarge Activity_CheckForeign "
        "Gateway_Checked Event_ToBooking Event_FromChecks Activity_Number EndEvent_1",
        {"lines": [{"price": 500, "quantity": 2}, {"price": 0.5, "quantity": 4}], "country": "FR"},
        {"elements": {"Activity_Number": done(number="B-1")}},
        {"net": 1002, "gross": 1202.4, "invoice": {"rate": 0.2}, "number": "B-1"},
    ),
    Play(
        "an invoice that needs no check is booked",
        ("invoice_totals.bpmn",),
        "invoice-totals",
        "StartEvent_1 Activity_Sum Activity_Tax Gateway_Checks Activity_NoCheck Gateway_Checked "
        "Event_ToBooking Event_FromChecks Activity_Number EndEvent_1",
        {"lines": [{"price": 100, "quantity": 1}], "country": "DE"},
        ends_with={"gross": 119, "unchecked": True},
    ),
    Play(
        "a ticket is overdue twice, the customer hears of a holiday, and it turns out invalid",
        ("support_ticket.bpmn",),
        "support-ticket",
        "StartEvent_1 Event_Holiday Activity_Tell Event_Told Activity_Holiday Event_Overdue "
        "Activity_Alert Event_Alerted Activity_Overdue Event_Overdue Activity_Alert Event_Alerted "
        "Activity_Overdue Activity_Answer Gateway_Valid EndEvent_Invalid Event_Invalid Activity_Close "
        "Event_Closed Activity_Reject",
        {},
        {
            "elements": {"Activity_Answer": [{"after": "PT60H", "variables": {"valid": False}}]},
            "signals": [{"name": "holiday", "after": "PT2H"}],
        },
    ),
    Play(
        "an order is cancelled before it is paid",
        ("order_cancellation.bpmn",),
        "order-cancellation",
        "StartEvent_1 Gateway_1 Event_Cancelled Activity_Refund EndEvent_Cancelled",
        {"orderId": "A-1"},
        {"elements": {}, "messages": [{"name": "order cancelled", "correlationKey": "A-1", "after": "P3D"}]},
    ),
    Play(
        "an order that is paid is delivered",
        ("order_cancellation.bpmn",),
        "order-cancellation",
        "StartEvent_1 Gateway_1 Event_Paid Activity_Deliver EndEvent_Delivered",
        {"orderId": "A-1"},
        {
            "elements": {},
            "messages": [{"name": "payment received", "correlationKey": "A-1", "variables": {"amount": 9}}],
        },
        {"paid": 9},
    ),
    Play(
        "an order that nobody pays expires",
        ("order_cancellation.bpmn",),
        "order-cancellation",
        "StartEvent_1 Gateway_1 Event_Expired Activity_Refund EndEvent_Cancelled",
        {"orderId": "A-1"},
    ),
    Play(
        "a claim above the limit is approved at the second go, with listeners all along",
        ("claim_with_listeners.bpmn",),
        "claim-with-listeners",
        "StartEvent_1 Activity_Assess Gateway_Limit Activity_Approve Event_Settled EndEvent_1",
        CLAIM,
        {
            "elements": {
                "Activity_Assess": done(damage=900),
                "Gateway_Limit:start": done(limit=500),
                "Activity_Approve": done(approved=True) + done(approved=True, second="bob"),
                "Activity_Approve:completing": [{"do": "deny", "message": "one pair of eyes only"}],
                "claim-with-listeners:end": done(closed=True),
            }
        },
        {"approved": True, "second": "bob", "closed": True, "claim": {"photos": [1, 2], "damage": 900}},
    ),
    Play(
        "a purchase waits for its quotation",
        ("purchase_request.bpmn",),
        "purchase-request",
        "StartEvent_1 Activity_Describe Activity_AskQuotation Event_Quotation Activity_Pay EndEvent_1",
        {"requestId": 3},
        {"elements": {}, "messages": [{"name": "quotation", "correlationKey": "3", "after": "P2D"}]},
    ),
    Play(
        "a question is answered by the ways that are chosen for it, until enough is known",
        ("research_ad_hoc.bpmn",),
        "research-ad-hoc",
        "StartEvent_1 Activity_Search Activity_AskExpert Activity_Note Activity_Visit Activity_Research EndEvent_1",
        {"ways": ["Activity_Search", "Activity_AskExpert", "Activity_Visit"], "enough": False},
        {
            "elements": {
                "Activity_Search": done(finding="in the archive"),
                "Activity_AskExpert": [{"after": "PT1H", "variables": {"finding": "by heart"}}],
                "Activity_Visit": [{"after": "PT2H", "variables": {"finding": "there", "enough": True}}],
                "Activity_Research:end": done(closed=True),
            },
        },
        {"closed": True, "findings": ["in the archive", "by heart", "there"]},
    ),
]


def run(play: Play, definition: Definition) -> tuple[Simulation, list[tuple[Running, Any]]]:
    """The simulation at its end, and every line of its journal."""
    simulation = Simulation(definition, START, Script.from_json({"elements": {}, **play.script}))
    return simulation, list(simulation.run(play.process, play.variables))


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_a_model_runs_to_its_end(play: Play) -> None:
    simulation, lines = run(play, load(*play.files))

    main = simulation.running[0]
    own = [record for running, record in lines if running is main]
    path = [record.element for record in own if record.event == "completed"]
    assert path == [*play.completed.split(), play.process]
    assert main.instance.outcome == "completed"
    assert {name: simulation.variables.get(name) for name in play.ends_with} == play.ends_with


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_a_model_runs_the_same_after_a_trip_through_json(play: Play) -> None:
    definition = load(*play.files)
    again = Definition.load(json.loads(json.dumps(definition.dump(), sort_keys=True)))

    assert again == definition
    assert [record for _, record in run(play, again)[1]] == [record for _, record in run(play, definition)[1]]


def test_every_model_is_played_and_every_activity_of_them_is_completed_once() -> None:
    files = {name for play in PLAYS for name in play.files}
    assert files == {path.name for path in MODELS.iterdir()}

    for process in load(*sorted(files)).processes.values():
        played = {element for play in PLAYS for element in play.completed.split() if process.file in play.files}
        activities = {e.id for e in process.elements.values() if is_activity(e.kind)}
        assert activities - played <= {
            "Activity_BookFlight",
            "Activity_FirstLevel",
            "Activity_Attend",
            "Activity_Certify",
        }


def test_nothing_is_missing_and_nothing_is_foreign_in_them() -> None:
    definition = load(*sorted(path.name for path in MODELS.iterdir()))

    assert missing_references(definition) == []
    assert {name for process in definition.processes.values() for name in process.foreign_extensions} == set()


def test_each_of_them_is_drawn() -> None:
    for path in MODELS.glob("*.bpmn"):
        tags = list(parse(path.read_bytes(), path.name).walk())
        drawn = {tag.get("bpmnElement") for tag in tags if tag.name in ("BPMNShape", "BPMNEdge")}
        for process in load(path.name).processes.values():
            assert {*process.elements, *process.flows} <= drawn, path.name


def test_lanes_and_documentation_of_a_drawing_with_pools_are_kept() -> None:
    elements = load("purchase_request.bpmn").processes["purchase-request"].elements

    assert {e.id: e.lane for e in elements.values()} == {
        "StartEvent_1": "Department",
        "Activity_Describe": "Department",
        "Activity_AskQuotation": "Buyers",
        "Event_Quotation": "Buyers",
        "Activity_Pay": "Accounts",
        "EndEvent_1": "Accounts",
    }
    assert elements["Activity_Describe"].documentation == "What, how many, until when."


def test_the_listeners_of_a_claim_are_run_in_the_order_of_its_life() -> None:
    play = next(play for play in PLAYS if play.process == "claim-with-listeners")
    _, lines = run(play, load(*play.files))

    assert [(r.element, r.data["job"]) for _, r in lines if r.event in ("listened", "denied")] == [
        ("claim-with-listeners", "open-file"),
        ("StartEvent_1", "log-start"),
        ("Activity_Assess", "warm-up-model"),
        ("Activity_Assess", "load-photos"),
        ("Activity_Assess", "audit-assessment"),
        ("Gateway_Limit", "look-up-limit"),
        ("Activity_Approve", "find-deputy"),
        ("Activity_Approve", "tell-assignee"),
        ("Activity_Approve", "four-eyes"),
        ("Activity_Approve", "four-eyes"),
        ("Event_Settled", "milestone"),
        ("EndEvent_1", "archive"),
        ("EndEvent_1", "log-end"),
        ("claim-with-listeners", "close-file"),
    ]
