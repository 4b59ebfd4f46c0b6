"""A step that cannot go on is skipped with a reason, or it is said why not; what became of an incident can be asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain.acts import Act, ActRefused, Refusal, ResolveIncident, SkipIncident
from domain.incidents import IncidentNow, IncidentState
from storage.incidents import case_incidents
from tests.bpmn.building import Shape, call, end, model_xml, multi, process, receive, service, start, user
from tests.workflows.running import House, Running
from tests.workflows.watching import kept
from workflows import acts, incident_acts
from workflows.case import Case
from workflows.incident_acts import JOURNAL_INCIDENT
from workflows.orders import INCIDENT as ORDERS

NOON = datetime.fromisoformat("2026-03-03T12:00:00+08:00")
WORK = process(start(), service("A"), user("B"), end(), flows=["start > A > B > end"])


def stuck(shape: Shape) -> tuple[Case, str]:
    """A case without a server whose first step `A` cannot begin."""
    case = kept(model_xml(process(start(), shape, user("B"), end(), flows=["start > A > B > end"])))
    case.begin(NOON)
    return case, str(next(iter(case.instance.incidents)))


def refusal(case: Case, act: Act) -> ActRefused:
    with pytest.raises(ActRefused) as refused:
        acts.check(case, act, NOON)
    return refused.value


def done(case: Case, act: Act) -> None:
    acts.check(case, act, NOON)
    acts.do(case, act, "update", NOON)


async def failing(house: House, message: str = "打印机缺纸") -> tuple[Running, str]:
    house.work.failing["A"] = message
    case = await house.start(WORK)
    return case, (await case.incident())["key"]


async def now(case: Running, incident: str) -> dict[str, Any]:
    found: dict[str, Any] = await case.handle.query("incident", incident)
    return found


# -- skipping ------------------------------------------------------------------------------------------------------


async def test_a_failed_step_is_skipped_with_its_outputs_and_the_reason_is_in_the_journal(house: House) -> None:
    case, incident = await failing(house)
    skip = {"incident": incident, "by": "ops", "reason": "已手工办理", "outputs": {"number": 7}, "key": "s1"}

    first = await case.act("skip_incident", skip)
    again = await case.act("skip_incident", skip)
    view = await case.view()
    records = await case.recorded("skipped")
    with house.database.session() as session:
        (row,) = case_incidents(session, "YK-TEST")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert first == again
    assert (view["incidents"], view["variables"]) == ([], {"number": 7})
    assert [(record.element, record.data) for record in records] == [
        ("A", {"by": "ops", "channel": "update", "reason": "已手工办理", "outputs": ["number"]})
    ]
    assert row.closed_by == "ops"
    assert house.work.done == []


async def test_a_step_is_skipped_by_signal_and_a_refusal_is_journalled(house: House) -> None:
    case, incident = await failing(house)

    await case.handle.signal("skip_incident", {"incident": incident, "by": "ops", "reason": ""})
    await case.handle.signal("skip_incident", {"incident": incident, "by": "ops", "reason": "已手工办理"})
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert [record.data["act"] for record in case.records() if record.event == "refused"] == ["skip_incident"]


async def test_a_called_process_that_cannot_be_started_is_skipped(house: House) -> None:
    case = await house.start(process(start(), call("A", "=name"), user("B"), end(), flows=["start > A > B > end"]))
    incident = (await case.incident())["key"]

    await case.act("skip_incident", {"incident": incident, "by": "ops", "reason": "另案办理", "outputs": {"ok": True}})
    await case.complete("B")

    assert await case.outcome() == "completed"


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        (user("A", multi("=3")), "须由人员办理"),
        (receive("A", "M", key="=key"), "须真实发生"),
    ],
)
def test_what_cannot_be_skipped_is_refused_with_the_reason(shape: Shape, why: str) -> None:
    case, incident = stuck(shape)

    refused = refusal(case, SkipIncident(incident, "ops", "试试"))

    assert refused.kind is Refusal.CONFLICT
    assert why in str(refused)


def test_the_journal_and_supervision_orders_are_never_skipped() -> None:
    case, _ = stuck(service("A", multi("=3")))
    case.journal_problem = "记录冲突"
    case.orders.unnumbered["reply"] = "缺编号"

    assert "完整入库" in str(refusal(case, SkipIncident(JOURNAL_INCIDENT, "ops", "试试")))
    assert "督办单须出具" in str(refusal(case, SkipIncident(ORDERS, "ops", "试试")))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"reason": " "}, "reason"), ({"by": ""}, "by"), ({"outputs": {"x": "x" * 300_000}}, "outputs.x")],
)
def test_a_wrong_field_of_a_skip_is_named(changes: dict[str, Any], field: str) -> None:
    case, incident = stuck(service("A", multi("=3")))
    sent: dict[str, Any] = {"incident": incident, "by": "ops", "reason": "已办", **changes}

    assert [error.field for error in refusal(case, SkipIncident(**sent)).errors] == [field]


def test_an_incident_that_is_not_there_is_gone() -> None:
    case, incident = stuck(service("A", multi("=3")))
    done(case, SkipIncident(incident, "ops", "已办"))

    assert refusal(case, SkipIncident(incident, "ops", "再办")).kind is Refusal.GONE


# -- what has become of it -----------------------------------------------------------------------------------------


async def test_an_incident_is_open_then_at_work_then_open_again_or_solved(house: House) -> None:
    case, incident = await failing(house)
    first = await now(case, incident)
    house.work.failing["A"] = "仍然缺纸"
    await case.act("resolve_incident", {"incident": incident, "by": "ops"})
    await case.incident()
    again = await now(case, incident)
    house.work.failing.clear()
    house.work.may_go_on.clear()
    await case.act("resolve_incident", {"incident": incident, "by": "ops"})
    at_work = await now(case, incident)
    house.work.may_go_on.set()
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert (first["state"], first["kind"], "打印机缺纸" in first["message"]) == ("open", "job", True)
    assert (again["state"], "仍然缺纸" in again["message"]) == ("open", True)
    assert at_work == {"state": "at_work", "kind": "", "message": ""}
    assert (await now(case, incident))["state"] == "solved"


def test_what_people_or_events_have_now_is_solved() -> None:
    for shape in (user("A", multi("=list")), receive("A", "M", key="=key")):
        case, incident = stuck(shape)
        assert incident_acts.state(case, incident).state is IncidentState.OPEN

        done(case, ResolveIncident(incident, "ops", {"list": [1], "key": "k"}))

        assert incident_acts.state(case, incident) == IncidentNow(IncidentState.SOLVED)


def test_the_journal_and_the_orders_have_their_states_too() -> None:
    case, _ = stuck(service("A", multi("=3")))
    case.journal_problem, case.orders.unnumbered["reply"] = "记录冲突", "缺编号"
    before = [incident_acts.state(case, name) for name in (JOURNAL_INCIDENT, ORDERS)]
    case.journal_problem = ""
    waiting = incident_acts.state(case, JOURNAL_INCIDENT)
    case.outbox.clear()
    case.orders.unnumbered.clear()

    assert before == [
        IncidentNow(IncidentState.OPEN, JOURNAL_INCIDENT, "记录冲突"),
        IncidentNow(IncidentState.OPEN, ORDERS, "缺编号"),
    ]
    assert waiting == IncidentNow(IncidentState.AT_WORK)
    after = [incident_acts.state(case, name).state for name in (JOURNAL_INCIDENT, ORDERS)]
    assert after == [IncidentState.SOLVED, IncidentState.SOLVED]


def test_what_never_was_an_incident_is_none() -> None:
    case, _ = stuck(service("A", multi("=3")))

    assert incident_acts.state(case, "none") == IncidentNow(IncidentState.SOLVED)
