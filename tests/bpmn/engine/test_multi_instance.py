"""Multi-instance activities (BPMN 2.0 §13.3.7; Camunda 8: multi-instance)."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    TERMINATE,
    Part,
    Shape,
    call,
    end,
    gateway,
    io,
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
    user,
)
from tests.bpmn.engine.driving import Drive


def collecting(items: str, until: str = "", sequential: bool = False) -> Part:
    """A marker that collects the variable `result` of each instance."""
    return multi(items, item="item", into="results", gives="=result", until=until, sequential=sequential)


def many(shape: Shape) -> Shape:
    return process(start(), shape, user("next"), end(), flows=[f"start > {shape.id} > next > end"])


def answer(drive: Drive, element: str, loop_counter: int, **variables: Any) -> None:
    """Complete the instance of that number."""
    keys = {one.index: key for key, one in drive.instance.instances.items() if one.element == element and one.index}
    key = keys[loop_counter]
    kind = events.TaskCompleted if ("task", key) in drive.ledger.open else events.JobCompleted
    drive.tell(kind(key, variables))


def test_a_parallel_activity_runs_once_for_each_item_at_the_same_time() -> None:
    drive = Drive(many(service("A", multi("=items", item="item"))), {"items": ["x", "y", "z"]})

    jobs = drive.asked(commands.RunJob)
    assert [(job.variables["item"], job.variables["loopCounter"]) for job in jobs] == [("x", 1), ("y", 2), ("z", 3)]
    for _ in jobs:
        drive.complete("A")
    assert drive.open == ["next"]


def test_a_sequential_activity_runs_for_one_item_after_another() -> None:
    drive = Drive(many(service("A", multi("=items", item="item", sequential=True))), {"items": ["x", "y"]})
    assert drive.asked(commands.RunJob)[0].variables["item"] == "x"
    assert drive.open == ["A"]

    drive.complete("A")
    assert drive.asked(commands.RunJob)[0].variables["item"] == "y"

    drive.complete("A")
    assert drive.open == ["next"]


@pytest.mark.parametrize("sequential", [True, False])
def test_without_an_item_the_activity_is_passed(sequential: bool) -> None:
    drive = Drive(many(service("A", collecting("=[]", sequential=sequential))))

    assert drive.open == ["next"]
    assert drive.variables == {"results": []}


def test_results_are_collected_in_the_order_of_the_items() -> None:
    drive = Drive(many(service("A", collecting("=[1, 2, 3]"))))

    for number in (3, 1, 2):
        answer(drive, "A", number, result=number * 10)

    assert drive.variables == {"results": [10, 20, 30]}


def test_an_instance_that_gave_no_result_is_null_in_the_collection() -> None:
    drive = Drive(many(service("A", collecting("=[1, 2]"))))

    answer(drive, "A", 2, result=2)
    answer(drive, "A", 1)

    assert drive.variables == {"results": [None, 2]}


def test_the_journal_tells_body_and_instances_apart() -> None:
    drive = Drive(many(user("A", multi("=[1, 2]"))))

    lines = [(r.type, r.data) for r in drive.records if r.event == "activated" and r.element == "A"]
    assert lines == [("multiInstanceBody", {}), ("userTask", {"loopCounter": 1}), ("userTask", {"loopCounter": 2})]
    body, *inner = [r for r in drive.records if r.event == "activated" and r.element == "A"]
    assert [r.scope for r in inner] == [body.key, body.key]


def test_mappings_are_applied_for_each_instance() -> None:
    mappings = io({"n": "=item.n * loopCounter"}, {"result": "=n + got"})
    drive = Drive(many(service("A", mappings, collecting("=items"))), {"items": [{"n": 5}, {"n": 7}]})
    assert [job.variables["n"] for job in drive.asked(commands.RunJob)] == [5, 14]

    answer(drive, "A", 1, got=100)
    answer(drive, "A", 2, got=200)

    assert drive.variables["results"] == [105, 214]
    assert "result" not in drive.variables
    assert "got" not in drive.variables


def test_the_output_element_sees_what_the_work_gave_beside_the_mappings() -> None:
    collect = multi("=[1]", into="results", gives="=raw + mapped")
    drive = Drive(many(service("A", io(outputs={"mapped": "=raw * 2"}), collect)))

    answer(drive, "A", 1, raw=5)

    assert drive.variables["results"] == [15]


def test_a_result_that_is_not_collected_goes_up_like_any_other() -> None:
    drive = Drive(many(service("A", collecting("=[1, 2]"))))

    answer(drive, "A", 1, result=1, other="first")
    answer(drive, "A", 2, result=2, other="second")

    assert drive.variables == {"results": [1, 2], "other": "second"}


def test_item_number_and_collection_are_local() -> None:
    drive = Drive(many(service("A", collecting("=[7]"))))

    answer(drive, "A", 1, item=8, loopCounter=9, result=1)

    assert drive.variables == {"results": [1]}


def test_the_input_collection_is_read_once() -> None:
    drive = Drive(many(service("A", multi("=items", sequential=True))), {"items": [1, 2]})

    drive.complete("A", items=[])
    assert drive.open == ["A"]
    drive.complete("A")

    assert drive.open == ["next"]


@pytest.mark.parametrize(
    ("until", "completions"),
    [
        ("=numberOfCompletedInstances = 2", 2),
        ("=numberOfCompletedInstances / numberOfInstances >= 0.5", 2),
        ("=numberOfActiveInstances = 1", 3),
        ("=result = 3", 3),
        ("=numberOfTerminatedInstances > 0", 4),
    ],
)
def test_the_completion_condition_ends_the_activity_early(until: str, completions: int) -> None:
    drive = Drive(many(service("A", collecting("=[1, 2, 3, 4]", until=until))))

    for number in range(1, completions + 1):
        assert "next" not in drive.open
        answer(drive, "A", number, result=number)

    assert drive.open == ["next"]
    expected = [number if number <= completions else None for number in range(1, 5)]
    assert drive.variables == {"results": expected}
    assert len(drive.asked(commands.CancelJob)) == 4 - completions


def test_a_completion_condition_ends_a_sequential_activity_early() -> None:
    drive = Drive(many(user("A", multi("=[1, 2, 3]", sequential=True, until="=refused", item="i"))), {"refused": False})
    drive.complete("A")

    drive.complete("A", refused=True)

    assert drive.open == ["next"]


def test_instances_that_have_not_begun_count_as_active_in_a_parallel_activity() -> None:
    until = "=numberOfActiveInstances = 0"
    drive = Drive(many(script("A", "=item", "result", collecting("=[1, 2, 3]", until=until))))

    assert drive.variables == {"results": [1, 2, 3]}


def test_a_completion_condition_that_is_no_condition_is_an_incident_that_can_be_retried() -> None:
    drive = Drive(many(service("A", multi("=[1, 2]", until="=done"))), {"done": None})
    answer(drive, "A", 1)
    assert drive.incidents == [("A", "condition")]

    drive.retry("A", done=True)

    assert drive.open == ["next"]
    assert drive.path().count("A") == 2


@pytest.mark.parametrize("items", [None, 5, "abc", {"a": 1}])
def test_an_input_collection_that_is_no_list_is_an_incident_that_can_be_retried(items: Any) -> None:
    drive = Drive(many(service("A", multi("=items"))), {"items": items})
    assert drive.incidents == [("A", "expression")]

    drive.retry("A", items=[1])
    drive.complete("A")

    assert drive.open == ["next"]


def test_one_instance_in_an_incident_holds_the_activity_but_not_the_others() -> None:
    drive = Drive(many(service("A", multi("=[1, 2]"))))
    drive.fail("A")
    answer(drive, "A", 2)
    assert drive.open == []

    drive.retry("A")
    drive.complete("A")

    assert drive.open == ["next"]


def test_no_more_instances_are_open_at_once_than_the_options_allow() -> None:
    drive = Drive(many(service("A", multi("=[1, 2, 3, 4, 5]", item="item"))), open_bodies=2)
    seen = []
    while "A" in drive.open:
        assert len(drive.open) <= 2
        seen.append(drive.work["job", drive.key("A")].variables["item"])
        drive.complete("A")

    assert seen == [1, 2, 3, 4, 5]
    assert drive.open == ["next"]


KINDS: dict[str, Shape] = {
    "task": task("task", "A", multi("=[1, 2]")),
    "scriptTask": script("A", "=1", "r", multi("=[1, 2]")),
    "subProcess": sub("A", multi("=[1, 2]"), start("s"), task("task", "t"), end("e"), flows=["s > t > e"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_work_that_needs_nobody_runs_for_each_item_at_once(kind: str) -> None:
    drive = Drive(many(KINDS[kind]))

    assert drive.open == ["next"]
    assert drive.path().count("A") == 3


def test_receive_tasks_of_many_instances_wait_each_for_their_message() -> None:
    drive = Drive(many(receive("A", "M", multi('=["a", "b"]', item="item"), key="=item")))

    drive.message("M", "b")
    assert len(drive.waiting) == 1
    drive.message("M", "a")

    assert drive.open == ["next"]


def test_calls_of_many_instances_collect_what_the_called_processes_give() -> None:
    drive = Drive(many(call("A", "q", io(outputs={"result": "=x"}), collecting("=[1, 2]"))))
    first, second = drive.asked(commands.StartCall)
    assert [one.variables["item"] for one in (first, second)] == [1, 2]

    drive.tell(events.CallCompleted(second.key, {"x": "b"}))
    drive.tell(events.CallCompleted(first.key, {"x": "a"}))

    assert drive.variables == {"results": ["a", "b"]}


def test_a_sub_process_of_many_instances_keeps_the_variables_of_each_apart() -> None:
    inner = sub(
        "S",
        io({"n": "=item"}, {"result": "=n"}),
        collecting("=[1, 2]"),
        start("s"),
        user("A"),
        script("B", "=n * 10", "n"),
        end("e"),
        flows=["s > A > B > e"],
    )
    drive = Drive(many(inner))

    drive.complete("A")
    drive.complete("A")

    assert drive.variables == {"results": [10, 20]}


def test_multi_instance_activities_nest() -> None:
    inner = script("A", "=a * b", "product", multi("=bs", item="b", into="row", gives="=product"))
    outer = sub(
        "S",
        io({"row": "=null"}),
        multi("=[1, 2]", item="a", into="table", gives="=row"),
        start("s"),
        inner,
        end("e"),
        flows=["s > A > e"],
    )
    drive = Drive(many(outer), {"bs": [1, 2, 3]})

    assert drive.variables["table"] == [[1, 2, 3], [2, 4, 6]]


def test_a_terminate_end_ends_only_its_own_instance() -> None:
    inner = sub(
        "S",
        multi("=[1, 2]", item="item"),
        start("s"),
        gateway("parallel", "g"),
        user("A"),
        user("B"),
        end("stop", TERMINATE),
        end("e"),
        flows=["s > g > A > stop", "g > B > e"],
    )
    drive = Drive(many(inner))

    drive.complete("A")

    assert drive.open == ["A", "B"]


def test_event_sub_processes_belong_to_each_instance() -> None:
    inner = sub(
        "S",
        multi("=[1, 2]", item="item"),
        start("s"),
        user("A"),
        end("e"),
        on_event("E", message("M", key="=string(item)"), then="B"),
        flows=["s > A > e"],
    )
    drive = Drive(many(inner))

    drive.message("M", "2")

    assert drive.open == ["A", "B"]


def test_an_empty_output_element_needs_no_variable_of_its_own() -> None:
    part = Part(multi("=[3, 4]", item="item", into="results", gives="=item + loopCounter").xml)
    drive = Drive(many(task("task", "A", part)))

    assert drive.variables == {"results": [4, 6]}


def test_a_collection_that_is_too_large_is_an_incident_of_the_body_and_nothing_runs_again() -> None:
    drive = Drive(many(service("A", collecting("=[1, 2, 3]"))), variable_bytes=100)
    for number in (1, 2, 3):
        answer(drive, "A", number, result="x" * 50)

    assert drive.incidents == [("A", "variable")]
    drive.retry("A")
    assert drive.incidents == [("A", "variable")]
    assert drive.open == []
