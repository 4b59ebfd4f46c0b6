"""Execution listeners: jobs before and after what an element does, as in Camunda 8."""

from __future__ import annotations

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    TERMINATE,
    Part,
    Shape,
    boundary,
    catch,
    compensation,
    end,
    error,
    gateway,
    io,
    link,
    listeners,
    message,
    multi,
    on_event,
    process,
    receive,
    script,
    service,
    start,
    sub,
    task,
    throw,
    timer,
    user,
)
from tests.bpmn.engine.driving import Drive

FLOW = ["start > A > end"]


def jobs(drive: Drive) -> list[str]:
    """The types of the open jobs."""
    return [command.type for command in drive.work.values() if isinstance(command, commands.RunJob)]


def around(shape: Shape) -> Shape:
    """A process of one element."""
    return process(start(), shape, end(), flows=FLOW)


def job(drive: Drive) -> commands.RunJob:
    """The only job that the last event led to."""
    (command,) = drive.asked(commands.RunJob)
    assert isinstance(command, commands.RunJob)
    return command


# -- execution listeners ---------------------------------------------------------------------------------------------


def test_listeners_are_run_before_and_after_the_work_in_their_order() -> None:
    drive = Drive(around(service("A", listeners("start: s1", "end: e1", "start: s2", "end: e2"))))
    seen = []
    for _ in range(5):
        seen += jobs(drive)
        drive.complete("A")

    assert seen == ["s1", "s2", "work", "e1", "e2"]
    assert drive.outcome == "completed"


def test_each_listener_has_a_key_of_its_own_so_that_a_late_answer_does_no_harm() -> None:
    drive = Drive(around(service("A", listeners("start: s"))))
    first = drive.key("A")
    drive.complete("A")
    drive.tell(events.JobCompleted(first, {"late": True}))

    assert jobs(drive) == ["work"]
    assert "late" not in drive.variables


def test_the_job_of_a_listener_says_what_it_listens_to_and_has_headers_and_retries() -> None:
    headers = '<zeebe:header key="a" value="own"/><zeebe:header key="b" value="own"/>'
    listener = '<zeebe:taskHeaders><zeebe:header key="b" value="=name"/></zeebe:taskHeaders>'
    parts = Part(
        extension=f"<zeebe:taskHeaders>{headers}</zeebe:taskHeaders><zeebe:executionListeners>"
        f'<zeebe:executionListener eventType="start" type="=name" retries="=2 + 3">{listener}'
        "</zeebe:executionListener></zeebe:executionListeners>"
    )
    drive = Drive(around(service("A", parts)), {"name": "audit"})

    one = job(drive)
    assert (one.type, one.retries, one.listens) == ("audit", 5, "start")
    assert one.headers == {"a": "own", "b": "=name"}


def test_a_start_listener_sees_the_inputs_and_what_it_answers_is_local() -> None:
    mappings = io({"x": "=1"}, {"y": "=found"})
    drive = Drive(around(service("A", mappings, listeners("start: s"))))
    assert job(drive).variables == {"x": 1}
    drive.complete("A", found=2)
    assert job(drive).variables == {"x": 1, "found": 2}
    drive.complete("A")

    assert drive.variables == {"y": 2}


def test_an_end_listener_sees_the_outputs_and_what_it_answers_goes_to_the_scope_around() -> None:
    drive = Drive(around(service("A", io({"x": "=1"}, {"y": "=got"}), listeners("end: e"))))
    drive.complete("A", got=3)
    assert job(drive).variables == {"x": 1, "y": 3}
    drive.complete("A", y=4, z=5)

    assert drive.variables == {"y": 4, "z": 5}


def test_a_gateway_decides_by_what_its_listener_has_found() -> None:
    choice = gateway("exclusive", "A")
    choice.parts = (listeners("start: score"),)
    flows = ["start > A", "A > B: =score > 5", "A > C: default", "B > end", "C > end"]
    drive = Drive(process(start(), choice, task("task", "B"), task("task", "C"), end(), flows=flows))
    drive.complete("A", score=7)

    assert "B" in drive.path("completed")
    assert "score" not in drive.variables


def test_a_catch_event_waits_for_what_its_listener_has_found() -> None:
    drive = Drive(around(catch("A", message("M", "=order"), listeners("start: s"))))
    assert drive.waiting == []
    drive.complete("A", order="7")
    drive.message("M", "7")

    assert drive.outcome == "completed"


def test_an_event_behind_an_event_based_gateway_runs_its_listeners_when_it_has_happened() -> None:
    events_ = [catch("B", timer("PT1H"), listeners("start: s", "end: e")), receive("C", "M")]
    flows = ["start > A", "A > B > end", "A > C > end"]
    drive = Drive(process(start(), gateway("eventBased", "A"), *events_, end(), flows=flows), {"key": "k"})
    drive.wait(hours=1)
    drive.complete("B")
    drive.complete("B")

    assert drive.outcome == "completed"
    assert drive.data("listened") == [{"moment": "start", "job": "s"}, {"moment": "end", "job": "e"}]


def test_a_process_listens_to_its_own_start_and_end() -> None:
    model = around(task("task", "A"))
    model.parts = (listeners("start: s", "end: e"),)
    drive = Drive(model, {"n": 1})
    assert drive.path("activated") == ["p"]
    drive.complete("p", s=2)
    assert drive.path("completed") == ["start", "A", "end"]
    assert job(drive).variables == {"n": 1, "s": 2}
    drive.complete("p", e=3)

    assert (drive.outcome, drive.variables) == ("completed", {"n": 1, "s": 2, "e": 3})


PLACES: dict[str, Shape] = {
    "task": task("task", "A", listeners("start: s", "end: e")),
    "manualTask": task("manualTask", "A", listeners("start: s", "end: e")),
    "script": script("A", "=1", "r", listeners("start: s", "end: e")),
    "sub-process": sub("A", start("s"), end("x"), listeners("start: s", "end: e"), flows=["s > x"]),
    "throw": throw("A", listeners("start: s", "end: e")),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_needs_no_answer_itself_waits_for_its_listeners(place: str) -> None:
    drive = Drive(around(PLACES[place]))
    assert jobs(drive) == ["s"]
    drive.complete("A")
    assert jobs(drive) == ["e"]
    drive.complete("A")

    assert drive.outcome == "completed"


def test_a_start_event_and_an_end_event_have_listeners() -> None:
    model = process(
        start("start", listeners("end: e")), end("end", listeners("start: s", "end: e")), flows=["start > end"]
    )
    drive = Drive(model)
    for element in ("start", "end", "end"):
        drive.complete(element)

    assert drive.outcome == "completed"


def test_a_boundary_event_runs_its_end_listeners_when_it_has_happened() -> None:
    flows = [*FLOW, "b > end"]
    drive = Drive(
        process(start(), user("A"), boundary("A", "b", timer("PT1H"), listeners("end: e")), end(), flows=flows)
    )
    drive.wait(hours=1)
    drive.complete("b", late=True)

    assert (drive.outcome, drive.variables) == ("completed", {"late": True})


def test_end_listeners_of_a_terminate_event_are_run_before_all_else_ends() -> None:
    flows = ["start > f", "f > A > x", "f > end"]
    shapes = (start(), gateway("parallel", "f"), user("A"), end("x"), end("end", TERMINATE, listeners("end: e")))
    drive = Drive(process(*shapes, flows=flows))
    assert drive.open == ["A", "end"]
    drive.complete("end")

    assert drive.outcome == "completed"
    assert drive.path("terminated") == ["A"]


def test_end_listeners_of_a_link_are_run_before_it_goes_on() -> None:
    shapes = (start(), throw("A", link("L"), listeners("start: s", "end: e")), catch("B", link("L")), end())
    drive = Drive(process(*shapes, flows=["start > A", "B > end"]))
    drive.complete("A")
    assert "B" not in drive.path("activated")
    drive.complete("A")

    assert drive.path("completed") == ["start", "A", "B", "end", "p"]


def test_each_instance_of_a_multi_instance_activity_has_listeners_and_its_body_has_none() -> None:
    loop = multi("=[1, 2]", item="item", into="results", gives="=r", sequential=True)
    drive = Drive(around(user("A", loop, listeners("start: s", "end: e"))))
    for item in (1, 2):
        assert job(drive).variables["item"] == item
        drive.complete("A")
        drive.complete("A", r=item * 10)
        assert job(drive).variables["r"] == item * 10
        drive.complete("A")

    assert (drive.outcome, drive.variables) == ("completed", {"results": [10, 20]})


def test_a_listener_before_all_finds_the_collection_of_a_multi_instance_activity() -> None:
    loop = multi("=found", item="item", into="results", gives="=item * 2")
    shape = task("task", "A", loop, listeners("beforeAll: b", "start: s", "end: e"))
    drive = Drive(around(shape))
    assert jobs(drive) == ["b"]
    drive.fail("A")
    drive.retry("A")
    drive.complete("A", found=[1, 2], factor=3)
    assert [command.variables["factor"] for command in drive.asked(commands.RunJob)] == [3, 3]
    for _ in range(4):
        drive.complete("A")

    assert (drive.outcome, drive.variables) == ("completed", {"results": [2, 4]})


def test_a_user_task_for_many_has_task_listeners_for_each() -> None:
    shape = user("A", multi("=[1, 2]", item="item"), listeners("beforeAll: b"), listeners("creating: c", of="task"))
    drive = Drive(around(shape))
    drive.complete("A")
    assert jobs(drive) == ["c", "c"]
    for _ in range(4):
        drive.complete("A")

    assert drive.outcome == "completed"


def test_a_listener_that_fails_is_an_incident_and_only_it_is_run_again() -> None:
    drive = Drive(around(service("A", listeners("start: s1", "start: s2"))))
    drive.complete("A")
    drive.fail("A", "no network")
    assert drive.incidents == [("A", "job")]
    assert drive.problem == "no network"
    drive.retry("A")

    assert jobs(drive) == ["s2"]


def test_an_expression_of_a_listener_that_gives_no_text_is_an_incident_until_it_does() -> None:
    drive = Drive(around(task("task", "A", listeners("end: =kind"))))
    assert drive.incidents == [("A", "expression")]
    drive.retry("A", kind="audit")

    assert jobs(drive) == ["audit"]


def test_an_error_of_a_listener_is_an_incident_for_nothing_can_catch_it() -> None:
    caught = boundary("A", "b", error("E"))
    drive = Drive(process(start(), service("A", listeners("start: s")), caught, end(), flows=[*FLOW, "b > end"]))
    drive.error("A", "E")

    assert drive.problem == "the start listener s threw error E"


def test_a_listener_that_denies_where_nothing_can_be_denied_is_an_incident() -> None:
    drive = Drive(around(service("A", listeners("start: s"))))
    drive.tell(events.JobDenied(drive.key("A"), "no"))

    assert drive.problem == "the start listener s cannot deny: no"


def test_a_variable_that_is_too_large_is_an_incident_of_the_listener() -> None:
    drive = Drive(around(task("task", "A", listeners("end: e"))), variable_bytes=10)
    drive.complete("A", x="y" * 20)
    assert drive.incidents == [("A", "variable")]
    drive.retry("A")
    drive.complete("A", x="y")

    assert drive.variables == {"x": "y"}


def test_nothing_interrupts_an_element_before_its_start_listeners_or_after_its_work() -> None:
    late = boundary("A", "b", timer("PT1H"))
    model = process(start(), user("A", listeners("start: s", "end: e")), late, end(), flows=[*FLOW, "b > end"])
    drive = Drive(model)
    assert drive.waiting == []
    drive.complete("A")
    assert drive.waiting == ["b"]
    drive.complete("A")
    assert drive.waiting == []


def test_the_job_of_a_listener_is_cancelled_with_its_element() -> None:
    inside = sub("A", start("s"), task("task", "B", listeners("start: s")), end("x"), flows=["s > B > x"])
    stop = boundary("A", "b", timer("PT1H"))
    drive = Drive(process(start(), inside, stop, end(), flows=[*FLOW, "b > end"]))
    key = drive.key("B")
    drive.wait(hours=1)

    assert drive.asked(commands.CancelJob) == [commands.CancelJob(key)]
    assert drive.outcome == "completed"


def test_an_event_sub_process_has_listeners() -> None:
    aside = on_event("E", message("M"), own=(listeners("start: s", "end: e"),))
    drive = Drive(process(start(), user("A"), end(), aside, flows=FLOW), {"key": "k"})
    drive.message("M", heard=1)
    assert "E_start" not in drive.path("activated")
    drive.complete("E")
    drive.complete("E", e=2)

    assert (drive.outcome, drive.variables) == ("completed", {"key": "k", "heard": 1, "e": 2})


def test_a_transaction_has_listeners_which_are_left_out_where_it_is_cancelled() -> None:
    inside = sub("A", start("s"), end("x", Part("<bpmn:cancelEventDefinition/>")), flows=["s > x"])
    inside.tag, inside.parts = "transaction", (listeners("start: s", "end: e"),)
    out = boundary("A", "b", Part("<bpmn:cancelEventDefinition/>"))
    drive = Drive(process(start(), inside, out, end(), flows=[*FLOW, "b > end"]))
    drive.complete("A")

    assert (drive.outcome, drive.path("terminated")) == ("completed", ["A"])


def test_a_compensation_handler_has_listeners() -> None:
    undo = task("task", "undo", listeners("start: s", "end: e"), undoes=True)
    shapes = (start(), task("task", "A"), boundary("A", "c", compensation()), undo, throw("T", compensation()), end())
    drive = Drive(process(*shapes, flows=["start > A > T > end"], links=["c > undo"]))
    drive.complete("undo")
    drive.complete("undo")

    assert drive.path("completed") == ["start", "A", "undo", "T", "end", "p"]


def test_a_step_whose_end_listener_fails_may_be_skipped() -> None:
    drive = Drive(around(user("A", listeners("end: e"))))
    drive.complete("A")
    drive.fail("A")
    drive.skip("A", done=True)

    assert (drive.outcome, drive.variables) == ("completed", {"done": True})


def test_a_process_whose_end_listener_fails_may_be_let_end() -> None:
    model = around(task("task", "A"))
    model.parts = (listeners("end: e"),)
    drive = Drive(model)
    drive.fail("p")
    drive.skip("p", done=True)

    assert (drive.outcome, drive.variables) == ("completed", {"done": True})
