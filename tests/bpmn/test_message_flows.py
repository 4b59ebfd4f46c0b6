"""Message flows between the pools of one collaboration, where an end names no message or no key (BPMN 2.0 §9.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from bpmn import Definition, ModelRefused
from bpmn.options import SHANGHAI
from bpmn.simulation import Beginning, Script, Simulation
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    build,
    catch,
    end,
    io,
    message,
    process,
    service,
    start,
    task,
    throw,
    timer,
    user,
    zeebe,
)

START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
UNNAMED = Part("<bpmn:messageEventDefinition/>")


def pool(name: str, *steps: Shape, begin: Shape | None = None) -> Shape:
    """A process of these steps, one after the other; its start and end event are `s_` and `e_` with its name."""
    first, last = begin or start(f"s_{name}"), end(f"e_{name}")
    path = " > ".join(shape.id for shape in (first, *steps, last))
    return process(first, *steps, last, flows=[path], id_=name)


def play(definition: Definition, *others: str, script: dict[str, Any] | None = None, **variables: Any) -> Simulation:
    simulation = Simulation(definition, START, Script.from_json({"elements": {}, **(script or {})}))
    begins = Beginning((), others or tuple(definition.processes), next(iter(definition.processes)), False, variables)
    list(simulation.play(begins))
    return simulation


def outcomes(simulation: Simulation) -> dict[str, str]:
    return {running.name: running.outcome for running in simulation.running}


def two(source: Shape, target: Shape, flow: str = "A > B", first: Iterable[Shape] = ()) -> Definition:
    return build(pool("p", *first, source), pool("q", target), message_flows=[flow])


@pytest.mark.parametrize(
    "source",
    [task("sendTask", "A"), throw("A", UNNAMED), task("task", "A"), user("A"), service("A")],
    ids=lambda s: s.tag,
)
@pytest.mark.parametrize("target", [task("receiveTask", "B"), catch("B", UNNAMED)], ids=lambda s: s.tag)
def test_what_names_no_message_reaches_the_target_of_its_flow(source: Shape, target: Shape) -> None:
    played = play(two(source, target))

    assert outcomes(played) == {"p": "completed", "q": "completed"}


def test_without_a_flow_a_receive_task_that_names_no_message_is_refused() -> None:
    with pytest.raises(ModelRefused, match="B: it names no message"):
        build(pool("p", task("receiveTask", "B")))


def test_without_a_flow_a_send_task_that_names_no_message_is_refused() -> None:
    with pytest.raises(ModelRefused, match="A: it sends nothing"):
        build(pool("p", task("sendTask", "A")))


def test_what_waits_for_a_flow_waits_until_its_source_has_sent() -> None:
    played = play(two(task("sendTask", "A"), task("receiveTask", "B")), "q")

    assert outcomes(played) == {"q": "waiting"}


def test_what_a_flow_brings_too_early_is_kept() -> None:
    definition = build(
        pool("p", task("sendTask", "A")),
        pool("q", catch("T", timer("P30D")), task("receiveTask", "B")),
        message_flows=["A > B"],
    )

    assert outcomes(play(definition)) == {"p": "completed", "q": "completed"}


def test_a_flow_to_a_start_event_starts_the_process_with_what_was_sent() -> None:
    sent = task("sendTask", "A", io({"order": "=7"}))
    definition = build(pool("p", sent), pool("q", begin=start("B", UNNAMED)), message_flows=["A > B"])

    played = play(definition, "p")

    assert {one.name: one.variables for one in played.running} == {"p": {}, "q": {"order": 7}}


def test_a_task_that_is_no_sender_sends_what_it_gave() -> None:
    script = {"elements": {"A": [{"variables": {"order": 7}}]}}

    played = play(two(user("A"), task("receiveTask", "B")), script=script)

    assert played.running[1].variables == {"order": 7}


def test_a_job_sends_what_it_was_given_and_what_it_gave() -> None:
    does = {"elements": {"A": [{"variables": {"order": 7}}]}}
    source = throw("A", UNNAMED, zeebe("taskDefinition", type="send-order"))
    definition = build(pool("p", source), pool("q", begin=start("B", UNNAMED)), message_flows=["A > B"])
    simulation = Simulation(definition, START, Script.from_json(does))

    list(simulation.play(Beginning(("p",), variables={"customer": "li"})))

    assert simulation.running[1].variables == {"customer": "li", "order": 7}


def test_a_flow_with_a_named_target_needs_no_key_of_it() -> None:
    played = play(two(task("sendTask", "A"), catch("B", message("Order", ""))))

    assert outcomes(played) == {"p": "completed", "q": "completed"}


def test_a_flow_with_a_target_without_a_key_needs_no_key_of_it_though_its_source_has_one() -> None:
    bare = '<bpmn:messageEventDefinition messageRef="Bare"/>'
    keyless = Part(bare, globals_=('<bpmn:message id="Bare" name="Order"/>',))

    played = play(two(throw("A", message("Order", "=mine")), catch("B", keyless)), mine=1)

    assert outcomes(played) == {"p": "completed", "q": "completed"}


def test_where_both_ends_have_a_name_and_a_key_those_decide() -> None:
    definition = build(
        pool("p", throw("A", message("Order", "=mine"))),
        pool("q", catch("B", message("Order", "=mine"))),
        pool("r", catch("C", message("Order", "=mine"))),
        message_flows=["A > C"],
    )

    assert outcomes(play(definition, mine=1)) == {"p": "completed", "q": "completed", "r": "waiting"}


def test_a_message_that_is_sent_by_a_job_goes_along_its_flow() -> None:
    source = throw("A", UNNAMED, zeebe("taskDefinition", type="send-order"))

    played = play(two(source, catch("B", message("Order", "=mine"))), mine=1)

    assert outcomes(played) == {"p": "completed", "q": "completed"}


def test_a_flow_to_a_pool_reaches_what_waits_in_it_without_a_name() -> None:
    played = play(two(task("sendTask", "A"), task("receiveTask", "B"), flow="A > pool_q"))

    assert outcomes(played) == {"p": "completed", "q": "completed"}


def test_a_flow_to_a_pool_starts_its_process() -> None:
    definition = build(
        pool("p", task("sendTask", "A")),
        pool("q", begin=start("B", message("Order", ""))),
        message_flows=["A > pool_q"],
    )

    assert outcomes(play(definition, "p")) == {"p": "completed", "q": "completed"}


def test_a_flow_from_a_pool_brings_what_its_process_sends_without_a_name() -> None:
    played = play(two(task("sendTask", "A"), task("receiveTask", "B"), flow="pool_p > B"))

    assert outcomes(played) == {"p": "completed", "q": "completed"}


def test_a_pool_without_a_process_takes_everything() -> None:
    definition = build(pool("p", task("sendTask", "A")), message_flows=["A > pool_bank"])

    assert outcomes(play(definition)) == {"p": "completed"}


def test_what_a_pool_without_a_process_sends_comes_from_the_script_by_the_id_of_the_flow() -> None:
    definition = build(pool("q", task("receiveTask", "B")), message_flows=["pool_bank > B"])
    script = {"messages": [{"name": "pool_bank_B", "variables": {"paid": True}, "after": "P1D"}]}

    played = play(definition, script=script)

    assert played.variables == {"paid": True}


def test_one_element_sends_along_each_of_its_flows() -> None:
    definition = build(
        pool("p", task("sendTask", "A")),
        pool("q", task("receiveTask", "B")),
        pool("r", task("receiveTask", "C")),
        message_flows=["A > B", "A > C"],
    )

    assert outcomes(play(definition)) == {"p": "completed", "q": "completed", "r": "completed"}


def test_an_answer_by_flow_goes_to_the_instance_that_wrote() -> None:
    """Two customers begin a day apart; the second is answered first."""
    customer = pool(
        "p",
        task("sendTask", "A", io({"number": "=number"})),
        task("receiveTask", "D"),
        begin=start("s", message("New", "")),
    )
    seller = pool("q", user("work"), task("sendTask", "C", io({"answers": "=number"})), begin=start("B", UNNAMED))
    definition = build(customer, seller, message_flows=["A > B", "C > D"])
    script = {
        "elements": {"work": [{"after": "P9D"}, {"after": "P1D"}]},
        "messages": [{"name": "New", "variables": {"number": n}, "after": f"P{n}D"} for n in (1, 2)],
    }
    simulation = Simulation(definition, START, Script.from_json(script))

    list(simulation.play(Beginning()))

    customers = [one.variables for one in simulation.running if one.process == "p"]
    assert customers == [{"number": 1, "answers": 1}, {"number": 2, "answers": 2}]


def test_a_flow_reaches_a_boundary_event() -> None:
    waiting = process(
        start("s_q"),
        user("U"),
        boundary("U", "B", UNNAMED),
        end("e_q"),
        end("late"),
        flows=["s_q > U > e_q", "B > late"],
        id_="q",
    )
    definition = build(pool("p", task("sendTask", "A")), waiting, message_flows=["A > B"])

    played = play(definition, script={"elements": {"U": [{"do": "wait"}]}})

    assert outcomes(played) == {"p": "completed", "q": "completed"}


@pytest.mark.parametrize(
    ("flow", "problem"),
    [("A > nowhere", "it connects nowhere, which is not in this file"), ("A > e_p", "it stays inside one pool")],
)
def test_a_flow_that_connects_no_two_pools_is_refused(flow: str, problem: str) -> None:
    with pytest.raises(ModelRefused, match=problem):
        build(pool("p", user("A")), message_flows=[flow])


def test_message_flows_travel_with_the_definition() -> None:
    definition = two(task("sendTask", "A"), task("receiveTask", "B"))

    assert outcomes(play(Definition.load(definition.dump()))) == {"p": "completed", "q": "completed"}
