"""Temporal's Web UI and lists tell where a case stands, and never whose case it is."""

from __future__ import annotations

from domain.records import CaseFields
from tests.bpmn.building import Part, boundary, end, process, service, start, timer, user, zeebe
from tests.workflows.running import House, Running

CASE = CaseFields("YK-7", "p", 1, "高压业扩", "10kV专线", "10", "桥东区", "恒源新材料有限公司", "规划二路16号")
STAGE = Part(extension='<zeebe:properties><zeebe:property name="stage" value="现场勘查"/></zeebe:properties>')
SHAPES = process(
    start(),
    service("job"),
    user("A", STAGE, zeebe("assignmentDefinition", candidateGroups="marketing")),
    boundary("A", "late", timer("P1D"), interrupting=False),
    end(),
    end("told"),
    flows=["start > job > A > end", "late > told"],
)


async def attributes(case: Running) -> dict[str, object]:
    description = await case.handle.describe()
    return {pair.key.name: pair.value for pair in description.typed_search_attributes}


async def test_stage_and_departments_are_search_attributes(house: House) -> None:
    case = await house.start(SHAPES, case=CASE)
    await case.task("A")
    await case.until(lambda view: not view["unrecorded"])

    found = await attributes(case)
    assert (found["Stage"], found["Departments"]) == ("现场勘查", ["营销部"])


async def test_an_incident_is_a_search_attribute_until_it_is_resolved(house: House) -> None:
    house.work.failing["job"] = "no"
    case = await house.start(SHAPES, case=CASE)
    incident = await case.incident()
    assert (await attributes(case))["Incident"] is True
    house.work.failing.clear()
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})
    await case.task("A")

    assert not (await attributes(case)).get("Incident")


async def test_the_details_name_stage_task_department_and_key(house: House) -> None:
    case = await house.start(SHAPES, case=CASE)
    task = await case.task("A")

    details = (await case.handle.query("__temporal_workflow_metadata")).current_details
    assert "现场勘查" in details
    assert f"营销部（编号 {task}）" in details


async def test_every_timer_and_activity_has_a_summary(house: House) -> None:
    case = await house.start(SHAPES, case=CASE)
    await case.task("A")

    history = await case.handle.fetch_history()
    asked = [e for e in history.events if e.HasField("timer_started_event_attributes")]
    asked += [e for e in history.events if e.HasField("activity_task_scheduled_event_attributes")]
    assert len(asked) >= 2
    assert all(event.user_metadata.summary.data for event in asked)


async def test_no_customer_stands_where_everybody_reads(house: House) -> None:
    case = await house.start(SHAPES, case=CASE)
    await case.task("A")

    details = (await case.handle.query("__temporal_workflow_metadata")).current_details
    shown = f"{details}{await attributes(case)}{case.id}"
    assert CASE.customer not in shown
    assert CASE.address not in shown
