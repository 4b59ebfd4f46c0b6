"""Tasks of every kind (BPMN 2.0 §13.3.3, Camunda 8's extension elements)."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import commands
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    build,
    end,
    io,
    message,
    process,
    receive,
    script,
    service,
    start,
    task,
    throw,
    timer,
    user,
    zeebe,
)
from tests.bpmn.engine.driving import Drive


def only(shape: Shape) -> Shape:
    return process(start(), shape, end(), flows=[f"start > {shape.id} > end"])


@pytest.mark.parametrize("kind", ["task", "manualTask"])
def test_a_task_without_work_is_passed_through(kind: str) -> None:
    assert Drive(only(task(kind, "A"))).outcome == "completed"


def test_a_user_task_is_offered_as_the_diagram_says() -> None:
    drive = Drive(
        only(
            user(
                "A",
                zeebe(
                    "assignmentDefinition", assignee="=owner", candidateGroups="yingxiao, jihua", candidateUsers="=us"
                ),
                zeebe("taskSchedule", dueDate="=date(start) + duration(&quot;P3D&quot;)".replace("&quot;", '"')),
                zeebe("priorityDefinition", priority="=10 + 5"),
                zeebe("formDefinition", formId="survey"),
            )
        ),
        {"owner": "zhang", "us": ["li", "wang"], "start": "2026-03-02"},
    )

    (task_,) = drive.asked(commands.OpenUserTask)
    assert (task_.assignee, task_.candidate_groups, task_.candidate_users) == (
        "zhang",
        ("yingxiao", "jihua"),
        ("li", "wang"),
    )
    assert (task_.due_date, task_.follow_up_date) == ("2026-03-05", "")
    assert (task_.priority, task_.form) == (15, "survey")


@pytest.mark.parametrize("groups", ["yingxiao, jihua", "=groups"])
def test_each_instance_of_a_process_is_offered_the_task_with_a_key_of_its_own(groups: str) -> None:
    who = zeebe("assignmentDefinition", candidateGroups=groups)
    definition = build(only(user("A", who)))
    given = [{"groups": ["yingxiao", "jihua"]}, {"groups": ["jihua"]}]

    drives = [Drive(definition, variables) for variables in given]

    tasks = [drive.asked(commands.OpenUserTask)[0] for drive in drives]
    wanted = ("yingxiao", "jihua")
    assert [one.candidate_groups for one in tasks] == [wanted, wanted if groups[0] != "=" else ("jihua",)]
    assert [one.key for one in tasks] == [drive.key("A") for drive in drives]
    assert [drive.data("opened")[0]["task"] for drive in drives] == [str(one.key) for one in tasks]
    assert [drive.data("opened")[0]["candidateGroups"] for drive in drives] == [
        list(one.candidate_groups) for one in tasks
    ]


def test_the_journal_tells_when_a_user_task_was_opened_and_who_closed_it() -> None:
    drive = Drive(only(user("A", zeebe("formDefinition", formId="f"))))
    key = drive.key("A")

    drive.complete("A")

    assert drive.data("opened") == [{"task": str(key), "form": "f", "priority": 50}]
    assert drive.data("closed") == [{"outcome": "completed", "by": "李明"}]


def test_a_user_task_tells_the_innermost_lane_it_is_drawn_in() -> None:
    lanes = (
        '<bpmn:laneSet id="lanes"><bpmn:lane id="outer" name="营销部"><bpmn:flowNodeRef>A</bpmn:flowNodeRef>'
        '<bpmn:childLaneSet id="inner"><bpmn:lane id="team" name="报装班"><bpmn:flowNodeRef>A</bpmn:flowNodeRef>'
        "</bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    model = only(user("A"))
    model.parts = (Part(lanes),)
    drive = Drive(model)

    assert drive.asked(commands.OpenUserTask)[0].lane == "报装班"
    assert drive.data("opened")[0]["lane"] == "报装班"


def test_what_a_person_enters_becomes_variables_and_stands_in_the_journal() -> None:
    drive = Drive(only(user("A")), {"approved": None})

    drive.complete("A", approved=True, note="好")

    assert drive.variables == {"approved": True, "note": "好"}
    (done,) = [record.data for record in drive.records if (record.event, record.element) == ("completed", "A")]
    assert done == {"flows": ["A_end"], "variables": {"approved": True, "note": "好"}}


def test_a_job_gets_type_retries_headers_as_they_are_written_and_every_visible_variable() -> None:
    definition = zeebe("taskDefinition", type='="mail-" + kind', retries="=2 + 3")
    headers = Part(
        extension='<zeebe:taskHeaders><zeebe:header key="to" value="=who"/><zeebe:header key="cc" value=""/>'
        "</zeebe:taskHeaders>"
    )
    drive = Drive(only(task("serviceTask", "A", definition, headers)), {"kind": "x", "who": "li"})

    (job,) = drive.asked(commands.RunJob)
    assert (job.type, job.retries, job.headers) == ("mail-x", 5, {"to": "=who", "cc": ""})
    assert job.variables == {"kind": "x", "who": "li"}


def test_a_job_with_input_mappings_gets_only_what_they_give() -> None:
    drive = Drive(only(service("A", io({"n": "=x + 1"}))), {"x": 1, "y": 2})

    (job,) = drive.asked(commands.RunJob)
    assert job.variables == {"n": 2}


def test_a_send_task_publishes_a_message_with_its_local_variables() -> None:
    sending = task("sendTask", "A", message("Ask"), io({"question": '="?"'}))
    sending.attributes["messageRef"] = "Message_Ask"
    sending.parts = tuple(Part(extension=p.extension, globals_=p.globals_) for p in sending.parts)
    drive = Drive(only(sending), {"key": 12})

    (sent,) = drive.asked(commands.PublishMessage)
    assert (sent.message, sent.correlation_key, sent.variables) == ("Ask", "12", {"question": "?"})

    drive.complete("A")
    assert drive.outcome == "completed"


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "scriptTask", "businessRuleTask"])
def test_a_task_with_a_task_definition_is_a_job(kind: str) -> None:
    drive = Drive(only(task(kind, "A", zeebe("taskDefinition", type="t"))))
    assert drive.asked(commands.RunJob)

    drive.complete("A", r=1)

    assert drive.variables == {"r": 1}


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "scriptTask", "businessRuleTask"])
def test_the_job_of_an_interrupted_task_is_cancelled(kind: str) -> None:
    hosted = task(kind, "A", zeebe("taskDefinition", type="t"))
    drive = Drive(
        process(
            start(),
            hosted,
            boundary("A", "late", timer("PT1H")),
            end(),
            end("e2"),
            flows=["start > A > end", "late > e2"],
        )
    )
    key = drive.key("A")

    drive.wait(hours=1)

    assert commands.CancelJob(key) in drive.last
    assert drive.outcome == "completed"


def test_a_receive_task_waits_for_its_message() -> None:
    drive = Drive(only(receive("A", "Paid")), {"key": "k"})
    drive.message("Paid", "other")
    assert drive.waiting == ["A"]

    drive.message("Paid", amount=5)

    assert drive.variables == {"key": "k", "amount": 5}


def test_a_script_task_puts_the_value_of_its_expression_into_its_variable() -> None:
    assert Drive(only(script("A", "=[x, x * 1.5]", "r")), {"x": 2}).variables == {"x": 2, "r": [2, 3]}


def test_a_value_that_became_null_by_a_mistake_is_told_in_the_journal() -> None:
    drive = Drive(only(script("A", '=1 + "a"', "r")))

    assert drive.variables == {"r": None}
    (warning,) = drive.data("warned")
    assert warning["expression"] == '=1 + "a"'
    assert warning["problems"]


def test_a_decision_that_does_not_travel_with_the_process_is_an_incident() -> None:
    drive = Drive(only(task("businessRuleTask", "A", zeebe("calledDecision", decisionId="d", resultVariable="r"))))

    assert drive.incidents == [("A", "decision")]
    assert "no decision d" in drive.problem


def test_an_intermediate_message_throw_goes_on_when_the_message_has_been_sent() -> None:
    drive = Drive(only(throw("T", message("Tell"))), {"key": "k"})
    assert drive.outcome == ""

    drive.complete("T")

    assert drive.outcome == "completed"


@pytest.mark.parametrize(
    ("part", "says"),
    [
        (zeebe("assignmentDefinition", assignee="=1"), "the assignee gave 1, not a text"),
        (zeebe("assignmentDefinition", candidateGroups="=[1]"), "candidate groups gave [1], not a list of texts"),
        (zeebe("taskSchedule", dueDate="=true"), "the due date gave True, not a text"),
        (zeebe("priorityDefinition", priority='="high"'), "gave 'high', not a whole number"),
    ],
)
def test_a_user_task_whose_expressions_give_nonsense_is_an_incident(part: Part, says: str) -> None:
    drive = Drive(only(user("A", part)))

    assert drive.incidents == [("A", "expression")]
    assert says in drive.problem


@pytest.mark.parametrize(
    ("definition", "variables", "says"),
    [
        ({"type": "=t"}, {"t": 3}, "job type =t gave 3"),
        ({"type": "=t"}, {"t": None}, "job type =t gave None"),
        ({"type": "t", "retries": "=r"}, {"r": "many"}, "retries =r gave 'many'"),
    ],
)
def test_a_job_whose_expressions_give_nonsense_is_an_incident(
    definition: dict[str, str], variables: dict[str, Any], says: str
) -> None:
    drive = Drive(only(task("serviceTask", "A", zeebe("taskDefinition", **definition))), variables)

    assert says in drive.problem
