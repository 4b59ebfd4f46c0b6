"""A message goes to the one case that waits for it; an early one waits; an unknown one is a clear error; a signal
reaches the whole tree of a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus

from api.deployment import deploy
from domain.start import Settings
from storage.messages import Message
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    call,
    catch,
    end,
    gateway,
    io,
    message,
    model_xml,
    multi,
    on_event,
    process,
    receive,
    service,
    signal,
    start,
    throw,
    user,
    zeebe,
)
from tests.workflows.running import House, Running
from tests.workflows.support import child_named, events_of, names, signalled, status, terminated, whole

WAITING = process(start("w1"), receive("R", "paid"), user("B"), end("w2"), flows=["w1 > R > B > w2"], id_="waiting")
LATE = process(
    start("l1"), user("B"), receive("R2", "paid"), user("C"), end("l2"), flows=["l1 > B > R2 > C > l2"], id_="late"
)
SENDING = process(
    start("s1"),
    user("A"),
    throw("T", message("paid"), io({"amount": "=amount"})),
    end("s2"),
    flows=["s1 > A > T > s2"],
    id_="sending",
)


def deploy_all(house: House, *shapes: Any) -> None:
    """Deploy processes as the command does."""
    deploy(house.database, {"model.bpmn": model_xml(*shapes)}, datetime.now(UTC))


async def sent(house: House, key: str, amount: int = 100) -> Running:
    """A case that has published the message."""
    case = await house.start_deployed("sending", {"key": key, "amount": amount})
    await case.complete("A")
    assert await case.outcome() == "completed"
    return case


async def waiting(house: House, process_id: str, key: str) -> Running:
    """A case whose wait for the message stands in the subscription table."""
    case = await house.start_deployed(process_id, {"key": key})
    await case.until(lambda view: view["waits"] and not view["unrecorded"])
    return case


async def test_a_message_goes_from_case_to_the_case_that_waits_for_its_key(house: House) -> None:
    deploy_all(house, WAITING, SENDING)
    case = await waiting(house, "waiting", "7")
    other = await waiting(house, "waiting", "8")
    await sent(house, "7", amount=350)
    await case.task("B")

    assert (await case.view())["variables"]["amount"] == 350
    assert [wait["correlation_key"] for wait in (await other.view())["waits"]] == ["8"]
    await terminated(house, case, other)


async def test_two_messages_that_a_diagram_gives_one_id_are_delivered_once_and_kept_as_long_as_it_says(
    house: House,
) -> None:
    how = zeebe("publishMessage", correlationKey="=key", messageId="=invoice", timeToLive="P3D").extension
    told = Part(
        f'<bpmn:messageEventDefinition messageRef="Message_paid"><bpmn:extensionElements>{how}</bpmn:extensionElements>'
        "</bpmn:messageEventDefinition>"
    )
    sending = process(start("s"), throw("T", told), end("e"), flows=["s > T > e"], id_="invoicing")
    deploy_all(house, WAITING, sending)
    for _ in range(2):
        case = await house.start_deployed("invoicing", {"key": "9", "invoice": "R-1"})
        assert await case.outcome() == "completed"

    with house.database.session() as session:
        (kept,) = session.scalars(select(Message))
    assert kept.message_id == "paid/9/R-1"
    assert kept.expires_at - kept.published_at == timedelta(days=3)


async def test_a_message_goes_from_a_called_process_to_its_caller(house: House) -> None:
    telling = process(
        start("b"),
        user("C"),
        throw("T", message("told")),
        user("D"),
        end("e"),
        flows=["b > C > T > D > e"],
        id_="telling",
    )
    caller = process(
        start(),
        call("call", "telling"),
        end(),
        on_event("heard", message("told"), then="B", interrupting=False),
        flows=["start > call > end"],
        id_="caller",
    )
    deploy_all(house, caller, telling)
    case = await waiting(house, "caller", "7")
    child = await child_named(case, "telling")
    await child.complete("C")
    await case.complete("B")
    await child.complete("D")

    assert await case.outcome() == "completed"
    assert events_of(await whole(case), "heard") == ["activated", "completed"]


async def test_a_message_within_one_case_needs_no_way_outside(house: House) -> None:
    shape = process(
        start(),
        gateway("parallel", "fork"),
        catch("M", message("ready")),
        user("A"),
        throw("T", message("ready")),
        gateway("parallel", "join"),
        end(),
        flows=["start > fork > M > join > end", "fork > A > T > join"],
    )
    case = await house.start(shape, variables={"key": "7"})
    await case.complete("A")

    assert await case.outcome() == "completed"


async def test_an_early_message_waits_and_is_handed_over_when_the_wait_opens(house: House) -> None:
    deploy_all(house, LATE, SENDING)
    await sent(house, "7", amount=350)
    case = await house.start_deployed("late", {"key": "7"})
    await case.complete("B")
    await case.task("C")

    assert (await case.view())["variables"]["amount"] == 350
    await case.complete("C")
    assert await case.outcome() == "completed"


async def test_an_early_message_is_handed_to_one_case_only(house: House) -> None:
    deploy_all(house, LATE, SENDING)
    await sent(house, "7")
    first = await house.start_deployed("late", {"key": "7"})
    await first.complete("B")
    await first.task("C")
    second = await house.start_deployed("late", {"key": "7"})
    await second.complete("B")
    await second.until(lambda view: view["waits"] and not view["unrecorded"])

    assert await status(second) is WorkflowExecutionStatus.RUNNING
    assert (await second.view())["tasks"] == []
    await terminated(house, first, second)


async def test_an_early_message_that_has_expired_is_not_handed_over(house: House) -> None:
    house.settings = replace(Settings(), message_time_to_live=0.001)
    deploy_all(house, LATE, SENDING)
    await sent(house, "7")
    case = await house.start_deployed("late", {"key": "7"})
    await case.complete("B")
    view = await case.until(lambda view: view["waits"] and not view["unrecorded"])

    assert view["tasks"] == []
    await terminated(house, case)


async def test_a_message_id_acts_once_on_whatever_channel_it_comes(house: House) -> None:
    shape = process(
        start(),
        user("A"),
        end(),
        on_event("heard", message("paid"), then="B", interrupting=False),
        flows=["start > A > end"],
    )
    case = await house.start(shape, variables={"key": "7"})
    act = {"name": "paid", "correlation_key": "7", "key": "bank-1"}
    first = await case.act("message", act)
    again = await case.act("message", act)
    await case.handle.signal("message", act)
    await case.act("message", {**act, "key": "bank-2"})

    assert again == first
    tasks = [task["element"] for task in (await case.view())["tasks"]]
    assert tasks.count("B") == 2
    await terminated(house, case)


async def test_a_message_that_no_diagram_knows_is_an_incident_that_says_so_and_can_be_resolved(house: House) -> None:
    case = await house.start(SENDING, variables={"key": "7", "amount": 1})
    await case.complete("A")
    incident = await case.incident()

    assert "没有流程认识消息「paid」" in incident["message"]
    assert "部署" in incident["message"]
    deploy_all(house, WAITING, SENDING)
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})
    assert await case.outcome() == "completed"


async def test_a_message_start_uses_the_id_that_the_message_determines_and_starts_once(house: House) -> None:
    begun = process(start("m", message("paid")), user("B"), end("f"), flows=["m > B > f"], id_="begun")
    deploy_all(house, begun, SENDING)
    key = f"order-{uuid4()}"
    await sent(house, key, amount=350)
    started = Running(house, house.client.get_workflow_handle(f"message/paid/{key}"))
    await started.task("B")
    first = (await started.handle.describe()).run_id

    assert (await started.view())["variables"]["amount"] == 350
    await sent(house, key)
    assert (await started.handle.describe()).run_id == first
    await started.complete("B")
    assert await started.outcome() == "completed"
    await sent(house, key)
    assert (await started.handle.describe()).run_id == first


async def test_a_signal_reaches_caller_children_and_siblings_once_each(house: House) -> None:
    def listening(name: str, inside: str = "") -> Any:
        """A process that counts the signal, and calls another one or has a task meanwhile."""
        work = call(f"{name}_call", inside) if inside else user(f"{name}_task")
        heard = on_event(f"{name}_heard", signal("alarm"), interrupting=False)
        path = f"{name}_start > {work.id} > {name}_end"
        return process(start(f"{name}_start"), work, heard, end(f"{name}_end"), flows=[path], id_=name)

    thrower = process(
        start("b"),
        user("A"),
        throw("T", signal("alarm")),
        call("call", "below"),
        end("f"),
        flows=["b > A > T > call > f"],
        id_="thrower",
    )
    parent = process(
        start(),
        gateway("parallel", "fork"),
        call("one", "sibling"),
        call("two", "thrower"),
        user("P"),
        gateway("parallel", "join"),
        end(),
        on_event("heard", signal("alarm"), interrupting=False),
        flows=["start > fork > one > join > end", "fork > two > join", "fork > P > join"],
    )
    case = await house.start(parent, listening("sibling", "nephew"), thrower, listening("nephew"), listening("below"))
    sibling, throwing = await child_named(case, "sibling"), await child_named(case, "thrower")
    nephew = await child_named(sibling, "nephew")
    await nephew.task("nephew_task")
    await throwing.complete("A")
    below = await child_named(throwing, "below")
    await below.complete("below_task")
    for one in (case, sibling, nephew):
        await signalled(one, "bpmn_signal")
    await nephew.complete("nephew_task")
    await case.complete("P")

    assert await case.outcome() == "completed"
    heard = {
        element: events_of(one.records(), element).count("completed")
        for one, element in ((case, "heard"), (sibling, "sibling_heard"), (nephew, "nephew_heard"))
    }
    assert heard == {"heard": 1, "sibling_heard": 1, "nephew_heard": 1}
    assert events_of(below.records(), "below_heard") == []


async def test_a_signal_of_a_caller_reaches_its_children(house: House) -> None:
    child = process(start("b"), catch("S", signal("alarm")), end("f"), flows=["b > S > f"], id_="child")
    caller = process(
        start(),
        gateway("parallel", "fork"),
        call("call", "child"),
        user("A"),
        throw("T", signal("alarm")),
        gateway("parallel", "join"),
        end(),
        flows=["start > fork > call > join > end", "fork > A > T > join"],
    )
    case = await house.start(caller, child)
    called = await child_named(case, "child")
    await called.until(lambda view: view["waits"])
    await case.complete("A")

    assert await case.outcome() == "completed"
    assert events_of(called.records(), "S")[-1] == "completed"


@pytest.mark.parametrize("asked", [service("W"), call("W", "child")])
async def test_what_a_message_of_the_same_step_calls_off_is_not_begun(house: House, asked: Shape) -> None:
    shapes = [start(), gateway("parallel", "F"), throw("T", message("stop")), asked, end()]
    stops = boundary("W", "stopped", message("stop"))
    model = process(*shapes, stops, flows=["start > F > T > end", "F > W > end", "stopped > end"])
    child = process(start("b"), user("B"), end("f"), flows=["b > B > f"], id_="child")

    case = await house.start(model, child, variables={"key": "k"})

    assert await case.outcome() == "completed"
    assert events_of(case.records(), "W")[-1] == "terminated"
    assert house.work.elements() == []
    begun = names(await case.handle.fetch_history())
    assert "START_CHILD_WORKFLOW_EXECUTION_INITIATED" not in begun


async def test_calling_off_many_calls_begins_none_of_those_that_waited_for_room(house: House) -> None:
    house.settings = replace(house.settings, calls_open=1)
    shapes = [start(), call("C", "child", multi("=[1, 2, 3]")), boundary("C", "stopped", signal("stop")), end()]
    model = process(*shapes, flows=["start > C > end", "stopped > end"])
    child = process(start("b"), user("B"), end("f"), flows=["b > B > f"], id_="child")
    case = await house.start(model, child)
    await (await child_named(case, "child")).task("B")

    await case.handle.signal("bpmn_signal", {"name": "stop", "variables": {}, "source": ""})

    assert await case.outcome() == "completed"
    begun = names(await case.handle.fetch_history())
    assert begun.count("START_CHILD_WORKFLOW_EXECUTION_INITIATED") == 1
