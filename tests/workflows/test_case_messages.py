"""A message goes to the one case that waits for it; an early one waits; an unknown one is a clear error."""

from __future__ import annotations

from dataclasses import replace

from temporalio.client import WorkflowExecutionStatus

from domain.start import Settings
from tests.bpmn.building import (
    call,
    catch,
    end,
    gateway,
    message,
    process,
    receive,
    signal,
    start,
    throw,
    user,
)
from tests.workflows.running import House

WAITING = process(start(), receive("R", "paid"), end(), flows=["start > R > end"], id_="waiting")
SENDING = process(start("s"), user("A"), throw("T", message("paid")), end("e"), flows=["s > A > T > e"], id_="sending")
ASKING = process(start("b"), user("B"), receive("R2", "paid"), end("f"), flows=["b > B > R2 > f"], id_="asking")


async def test_a_message_goes_from_case_to_case_through_the_subscription_table(house: House) -> None:
    house.deploy(WAITING, SENDING)
    waiting = await house.start_deployed("waiting", {"key": "7"})
    await waiting.until(lambda view: view["waits"] and not view["unrecorded"])
    other = await house.start_deployed("waiting", {"key": "8"})
    sending = await house.start_deployed("sending", {"key": "7"})
    await sending.complete("A")

    assert await waiting.outcome() == "completed"
    assert await sending.outcome() == "completed"
    assert (await other.view())["waits"]
    await other.handle.terminate()


async def test_an_early_message_waits_for_the_case(house: House) -> None:
    house.deploy(ASKING, SENDING)
    sending = await house.start_deployed("sending", {"key": "7"})
    await sending.complete("A")
    assert await sending.outcome() == "completed"

    asking = await house.start_deployed("asking", {"key": "7"})
    await asking.complete("B")
    assert await asking.outcome() == "completed"


async def test_an_early_message_does_not_outlive_its_time(house: House) -> None:
    house.settings = replace(Settings(), message_time_to_live=0.001)
    house.deploy(ASKING, SENDING)
    sending = await house.start_deployed("sending", {"key": "7"})
    await sending.complete("A")
    await sending.outcome()

    asking = await house.start_deployed("asking", {"key": "7"})
    await asking.complete("B")
    await asking.until(lambda view: view["waits"] and not view["unrecorded"])
    assert (await asking.handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await asking.handle.terminate()


async def test_a_message_of_a_known_id_is_taken_once(house: House) -> None:
    shapes = process(start(), receive("R", "paid"), user("A"), end(), flows=["start > R > A > end"])
    case = await house.start(shapes, variables={"key": "7"})
    act = {"name": "paid", "correlation_key": "7", "key": "bank-1"}
    await case.act("message", act)
    await case.act("message", act)
    await case.handle.signal("message", act)
    await case.complete("A")

    assert await case.outcome() == "completed"
    assert [record.event for record in case.records()].count("buffered") == 0


async def test_a_message_that_no_diagram_knows_is_an_incident_that_says_so(house: House) -> None:
    case = await house.start(SENDING, variables={"key": "7"})
    await case.complete("A")

    incident = await case.incident()
    assert "没有流程认识消息「paid」" in incident["message"]
    house.deploy(WAITING)
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})
    assert await case.outcome() == "completed"


async def test_a_message_starts_one_case_however_often_it_is_sent(house: House) -> None:
    begun = process(start("m", message("paid")), user("B"), end("f"), flows=["m > B > f"], id_="begun")
    house.deploy(begun, SENDING)
    for _ in range(2):
        sending = await house.start_deployed("sending", {"key": "order-7"})
        await sending.complete("A")
        assert await sending.outcome() == "completed"

    handle = house.client.get_workflow_handle("message/paid/order-7")
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    runs = [one async for one in house.client.list_workflows("WorkflowId='message/paid/order-7'")]
    assert len(runs) <= 1
    await handle.terminate()


async def test_a_signal_reaches_the_whole_tree_of_a_case_once(house: House) -> None:
    parent = process(
        start(),
        gateway("parallel", "fork"),
        call("one", "sibling"),
        call("two", "thrower"),
        catch("S", signal("alarm")),
        gateway("parallel", "join"),
        end(),
        flows=["start > fork > one > join > end", "fork > two > join", "fork > S > join"],
    )
    sibling = process(start("b"), catch("S1", signal("alarm")), end("f"), flows=["b > S1 > f"], id_="sibling")
    thrower = process(
        start("b2"), user("A"), throw("T", signal("alarm")), end("f2"), flows=["b2 > A > T > f2"], id_="thrower"
    )
    case = await house.start(parent, sibling, thrower)
    one, two = await case.the_child(0), await case.the_child(1)
    await one.until(lambda view: view["waits"])
    await two.complete("A")

    assert await case.outcome() == "completed"
    assert await one.closed() is WorkflowExecutionStatus.COMPLETED
