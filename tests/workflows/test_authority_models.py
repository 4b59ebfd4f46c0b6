"""A diagram whose tasks would stay with the wrong level is refused when it is deployed, and told what is missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.deployment import deploy
from bpmn.faults import ModelRefused
from bpmn.reader import read_all
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    build,
    end,
    message,
    model_xml,
    on_event,
    process,
    service,
    start,
    sub,
    timer,
    user,
    zeebe,
)
from tests.workflows.office import MODELS, Office
from workflows.authorities import task_faults

PLANNING = zeebe("assignmentDefinition", candidateGroups="planning")
CHANGED, YEARLY = message("authority_changed", "=caseNo"), timer("P1Y")


def needs(matter: str = "connection_review", **properties: str) -> Part:
    """The properties of a task that needs an authority."""
    told = {"authority": matter, **properties}
    rows = "".join(f'<zeebe:property name="{name}" value="{value}"/>' for name, value in told.items())
    return Part(extension=f"<zeebe:properties>{rows}</zeebe:properties>")


def problems(shape: Shape) -> list[str]:
    return [f"{one.element.id}: {one.problem}" for one in task_faults(build(shape).processes["p"])]


def with_task(*task: Part, events: tuple[Shape, ...] | None = None) -> Shape:
    """A process with one task, which moves with its authority unless other events are given."""
    moving = (boundary("A", "changed", CHANGED), boundary("A", "ended", YEARLY))
    flows = ["start > A > end", *(f"{one.id} > A" for one in (moving if events is None else events))]
    return process(start(), user("A", *task), *(moving if events is None else events), end(), flows=flows)


def test_a_task_that_moves_by_message_and_timer_is_in_order() -> None:
    assert problems(with_task(PLANNING, needs())) == []
    assert problems(with_task(PLANNING, needs("project_approval", projectKind="=kind"))) == []


@pytest.mark.parametrize("model", ["reviewing", "connecting"])
def test_the_models_of_the_tests_are_in_order(model: str) -> None:
    definition = read_all({f"{model}.bpmn": (MODELS / f"{model}.bpmn").read_text("utf-8")})

    assert list(task_faults(definition.processes[model])) == []


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (with_task(PLANNING, needs("reviews")), "there is no authority for 'reviews'"),
        (with_task(PLANNING, needs(projectKind="bays")), "there is no project kind 'bays'"),
        (with_task(PLANNING, needs(projectKind="=if")), "the project kind is no FEEL"),
        (with_task(needs()), "it is offered to no department"),
        (
            with_task(PLANNING, needs(), events=(boundary("A", "ended", YEARLY),)),
            "it stays where it is when the table of authorities changes",
        ),
        (
            with_task(PLANNING, needs(), events=(boundary("A", "changed", CHANGED),)),
            "it stays where it is when a delegation ends",
        ),
        (
            with_task(PLANNING, needs(), events=(boundary("A", "heard", message("other")), boundary("A", "t", YEARLY))),
            "it stays where it is when the table of authorities changes",
        ),
        (
            process(start(), service("A", needs()), end(), flows=["start > A > end"]),
            "only user tasks need an authority",
        ),
    ],
)
def test_what_would_leave_a_task_with_the_wrong_level_is_told(shape: Shape, problem: str) -> None:
    (told,) = problems(shape)

    assert told.startswith(f"A: {problem}")


def test_events_that_do_not_interrupt_move_nothing() -> None:
    events = (
        boundary("A", "changed", CHANGED, interrupting=False),
        boundary("A", "ended", YEARLY, interrupting=False),
    )
    steps = [user("told"), user("late")]
    flows = ["start > A > end", "changed > told > end", "ended > late > end"]
    shape = process(start(), user("A", PLANNING, needs()), *events, *steps, end(), flows=flows)

    assert len(problems(shape)) == 2


def test_events_around_the_task_move_it_too() -> None:
    inside = sub("S", start("s"), user("A", PLANNING, needs()), end("e"), flows=["s > A > e"])
    events = (boundary("S", "changed", CHANGED), boundary("S", "ended", YEARLY))
    outside = process(start(), inside, *events, end(), flows=["start > S > end", "changed > S", "ended > S"])
    by_event = process(
        start(),
        user("A", PLANNING, needs()),
        end(),
        on_event("again", CHANGED, then="B"),
        on_event("late", YEARLY, then="C"),
        flows=["start > A > end"],
    )

    assert problems(outside) == []
    assert problems(by_event) == []


def test_a_boundary_of_another_task_does_not_count() -> None:
    other = (boundary("B", "changed", CHANGED), boundary("B", "ended", YEARLY))
    flows = ["start > A > B > end", "changed > B", "ended > B"]
    shape = process(start(), user("A", PLANNING, needs()), user("B"), *other, end(), flows=flows)

    assert len(problems(shape)) == 2


async def test_such_a_diagram_does_not_become_current_and_the_fault_has_its_place(office: Office) -> None:
    model = model_xml(with_task(PLANNING, needs("reviews")))

    with pytest.raises(ModelRefused) as refused:
        deploy(office.database, {"wrong.bpmn": model}, datetime.now(UTC))

    (fault,) = refused.value.faults
    assert (fault.file, fault.element) == ("wrong.bpmn", "A")
    assert fault.line > 0
    assert fault.remedy.startswith("one of connection_review, project_approval")
