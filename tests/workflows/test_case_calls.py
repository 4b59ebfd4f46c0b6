"""A called process is a workflow of its own that reports to its caller, whatever happens to either."""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowExecutionStatus

from storage.journal_rows import workflow_journal
from tests.bpmn.building import (
    Shape,
    boundary,
    call,
    compensation,
    end,
    error,
    escalation,
    message,
    on_event,
    process,
    service,
    start,
    sub,
    throw,
    user,
)
from tests.workflows.running import House, Running, reset_to

CALLER = process(start(), call("call", "child"), user("A"), end(), flows=["start > call > A > end"])
CHILD = process(start("begin"), user("C"), end("done"), flows=["begin > C > done"], id_="child")


def caught(*events: Shape, flows: list[str]) -> Shape:
    """A caller with boundary events on its call activity."""
    return process(
        start(),
        call("call", "child"),
        *events,
        user("A"),
        end(),
        end("other"),
        flows=["start > call > A > end", *flows],
    )


async def test_the_childs_id_and_type_name_the_case_and_the_process(house: House) -> None:
    case = await house.start(CALLER, CHILD)
    child = await case.the_child()

    assert child.id.startswith(f"{case.id}/child-")
    assert (await child.handle.describe()).workflow_type == "child"
    await child.complete("C", {"result": 7})
    await case.complete("A")
    assert await case.outcome() == "completed"
    assert await child.closed() is WorkflowExecutionStatus.COMPLETED


async def test_an_error_of_the_child_is_caught_by_the_callers_boundary_event(house: House) -> None:
    shape = caught(boundary("call", "failed", error("NO")), user("B"), flows=["failed > B > other"])
    child = process(start("begin"), end("no", error("NO")), flows=["begin > no"], id_="child")
    case = await house.start(shape, child)

    await case.complete("B")
    assert await case.outcome() == "completed"


async def test_an_error_that_nobody_up_there_catches_is_the_childs_incident(house: House) -> None:
    child = process(start("begin"), end("no", error("NO")), flows=["begin > no"], id_="child")
    case = await house.start(CALLER, child)

    assert (await (await case.the_child()).incident())["kind"] == "uncaught error"


async def test_an_escalation_that_does_not_interrupt_lets_both_go_on(house: House) -> None:
    event = boundary("call", "told", escalation("LATE"), interrupting=False)
    shape = caught(event, user("B"), flows=["told > B > other"])
    child = process(
        start("begin"),
        throw("T", escalation("LATE")),
        user("C"),
        end("done"),
        flows=["begin > T > C > done"],
        id_="child",
    )
    case = await house.start(shape, child)

    await case.complete("B")
    await (await case.the_child()).complete("C")
    await case.complete("A")
    assert await case.outcome() == "completed"


async def test_an_escalation_that_interrupts_ends_the_waiting_child(house: House) -> None:
    shape = caught(boundary("call", "told", escalation("LATE")), user("B"), flows=["told > B > other"])
    child = process(
        start("begin"),
        throw("T", escalation("LATE")),
        user("C"),
        end("done"),
        flows=["begin > T > C > done"],
        id_="child",
    )
    case = await house.start(shape, child)
    await case.task("B")

    called = case.child(f"{case.id}/child-3")
    assert await called.closed() is WorkflowExecutionStatus.COMPLETED
    assert not [record for record in called.records() if record.element == "C"]


@pytest.mark.parametrize("continued", [False, True], ids=["in the same run", "in a later run"])
async def test_a_child_that_closed_without_a_report_is_an_incident(
    house: House, restless: House, continued: bool
) -> None:
    home = restless if continued else house
    shape = process(start(), user("B"), call("call", "child"), end(), flows=["start > B > call > end"])
    child = process(start("begin"), user("C"), end("done"), flows=["begin > C > done"], id_="child")
    case = await home.start(shape, child)
    await case.complete("B")
    called = await case.the_child()
    await called.task("C")
    if continued:
        await case.handle.signal("claim", {"task": "none", "by": "wang"})
    await called.handle.terminate("by mistake")
    if continued:
        await case.handle.signal("claim", {"task": "none", "by": "wang"})

    incident = await case.incident()
    assert incident["kind"] == "call"
    assert called.id in incident["message"]
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})
    await (await case.the_child()).complete("C")
    assert await case.outcome() == "completed"


async def test_an_interrupted_call_cancels_its_child(house: House) -> None:
    shape = caught(boundary("call", "stop", message("stop")), user("B"), flows=["stop > B > other"])
    case = await house.start(shape, CHILD, variables={"key": "7"})
    child = await case.the_child()
    await child.task("C")
    await case.act("message", {"name": "stop", "correlation_key": "7"})

    assert await child.closed() is WorkflowExecutionStatus.COMPLETED
    assert [record.event for record in child.records() if record.element == "child"][-1] == "terminated"
    await case.complete("B")
    assert await case.outcome() == "completed"


async def test_a_withdrawal_reaches_the_child_as_a_message_and_it_compensates(house: House) -> None:
    shape = process(
        start(),
        call("call", "child", on_cancel="withdrawn"),
        end(),
        on_event("stop", message("stop"), then="B"),
        flows=["start > call > end"],
    )
    undoing = sub(
        "undo",
        start("undo_start", message("withdrawn")),
        throw("give_back", compensation()),
        end("undo_end"),
        flows=["undo_start > give_back > undo_end"],
        by_event=True,
    )
    child = process(
        start("begin"),
        service("issue"),
        boundary("issue", "undone", compensation()),
        service("return", undoes=True),
        user("C"),
        end("done"),
        undoing,
        flows=["begin > issue > C > done"],
        links=["undone > return"],
        id_="child",
    )
    case = await house.start(shape, child, variables={"key": "7"})
    called = await case.the_child()
    await called.task("C")
    await case.act("message", {"name": "stop", "correlation_key": "7"})

    assert await called.closed() is WorkflowExecutionStatus.COMPLETED
    assert house.work.elements() == ["issue", "return"]
    assert not [record for record in called.records() if record.event == "cancelled"]


async def test_a_report_to_a_caller_that_is_gone_is_journalled_and_the_child_closes(house: House) -> None:
    case = await house.start(CALLER, CHILD)
    child = await case.the_child()
    await child.task("C")
    await case.handle.terminate("by mistake")
    await child.complete("C")

    assert await child.closed() is WorkflowExecutionStatus.COMPLETED
    undelivered = [record.data for record in child.records() if record.event == "undelivered"]
    assert [one["to"] for one in undelivered] == [case.id]


async def test_after_a_reset_the_running_child_is_adopted_and_the_journal_has_an_epoch(house: House) -> None:
    shape = process(start(), user("B"), call("call", "child"), end(), flows=["start > B > call > end"])
    case = await house.start(shape, CHILD)
    await case.complete("B")
    child = await case.the_child()
    await child.task("C")
    await case.until(lambda view: not view["unrecorded"])
    before = case.records()

    run_id = await reset_to(case, "CHILD_WORKFLOW_EXECUTION_STARTED")
    again = Running(house, house.client.get_workflow_handle(case.id))
    await again.until(lambda view: view["children"])
    await child.complete("C")

    assert await again.outcome() == "completed"
    after = case.records()
    assert [record for record in before if record.event == "case"] == [r for r in after if r.event == "case"]
    assert "adopted" in [record.event for record in after]
    with house.database.session() as session:
        epochs = {line.epoch for line in workflow_journal(session, case.id, limit=10_000)}
    assert epochs == {"", run_id}
