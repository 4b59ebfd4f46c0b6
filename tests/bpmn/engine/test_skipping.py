"""Skipping an incident: the step counts as completed and leaves what was given; what is for people is not skipped."""

from __future__ import annotations

import pytest

from bpmn import commands, events
from bpmn.behaviours.skipping import Unskippable
from tests.bpmn.building import (
    Shape,
    ad_hoc,
    boundary,
    call,
    catch,
    compensation,
    end,
    gateway,
    io,
    looping,
    message,
    multi,
    process,
    receive,
    script,
    service,
    start,
    sub,
    task,
    throw,
    timer,
    transaction,
    user,
    zeebe,
)
from tests.bpmn.engine.driving import Drive

BUSY = "=sum(for i in 1..5000 return i) > 0"
"""Takes more steps than the budget of these tests allows."""


def only(*shapes: Shape) -> Shape:
    path = " > ".join(["start", *(shape.id for shape in shapes), "end"])
    return process(start(), *shapes, end(), flows=[path])


def stopped(model: Shape) -> Drive:
    """A run that stands in an incident of `A`: its job or call has failed, or it could not even begin."""
    drive = Drive(model, budget=1000)
    if "A" in drive.open:
        key = drive.key("A")
        called = ("call", key) in drive.work
        drive.tell(events.CallLost(key, "gone") if called else events.JobFailed(key, "no"))
    assert [element for element, _ in drive.incidents] == ["A"]
    return drive


def why_not(drive: Drive) -> Unskippable | None:
    return drive.instance.unskippable(next(iter(drive.instance.incidents)))


@pytest.mark.parametrize(
    "shape",
    [
        service("A"),
        service("A", io(outputs={"x": "=result.x"})),
        service("A", io({"out": "=1"})),
        service("A", io({"x": BUSY})),
        service("A", multi("=3")),
        script("A", BUSY, "out"),
        task("manualTask", "A", multi("=3")),
        call("A", "other"),
        call("A", "other", propagateAllChildVariables="false"),
        throw("A", message("M", key=BUSY)),
        sub("A", start("s"), service("inner"), end("e"), multi("=3"), flows=["s > inner > e"]),
    ],
    ids=lambda shape: f"{shape.tag}",
)
def test_a_skipped_step_leaves_the_outputs_given_and_the_case_goes_on(shape: Shape) -> None:
    drive = stopped(only(shape, user("B")))
    assert why_not(drive) is None

    drive.skip("A", out=7)

    assert (drive.incidents, drive.open) == ([], ["B"])
    assert drive.instance.variables() == {"out": 7}
    assert drive.path("resolved") == ["A"]
    assert drive.asked(commands.ResolveIncident)
    assert drive.data("completed")[-1]["variables"] == {"out": 7}


def test_a_task_of_people_that_is_done_and_fails_at_its_output_mappings_can_be_skipped() -> None:
    drive = Drive(only(user("A", io(outputs={"x": BUSY})), user("B")), budget=1000)
    drive.complete("A", answer=1)
    assert why_not(drive) is None

    drive.skip("A", x=2)

    assert (drive.open, drive.instance.variables()) == (["B"], {"x": 2})


def test_a_skipped_inner_instance_is_collected_as_one_that_completed() -> None:
    each = service("A", multi("=[1, 2]", item="i", into="all", gives="=answer"))
    drive = Drive(only(each, user("B")))
    drive.complete("A", answer="one")
    drive.fail("A")

    drive.skip("A", answer="two")

    assert drive.open == ["B"]
    assert drive.instance.variables() == {"all": ["one", "two"]}


def test_the_boundary_events_of_a_skipped_step_end_with_it() -> None:
    model = process(
        start(),
        service("A"),
        boundary("A", "late", timer("PT1H")),
        user("B"),
        end(),
        end("e2"),
        flows=["start > A > B > end", "late > e2"],
    )
    drive = stopped(model)
    assert drive.waiting == ["late"]

    drive.skip("A")

    assert (drive.open, drive.waiting) == (["B"], [])


def test_a_skipped_step_is_compensated_like_one_that_completed() -> None:
    model = process(
        start(),
        service("A"),
        boundary("A", "undo", compensation()),
        service("U", undoes=True),
        throw("back", compensation()),
        end(),
        flows=["start > A > back > end"],
        links=["undo > U"],
    )
    drive = stopped(model)

    drive.skip("A", number=7)

    (job,) = drive.asked(commands.RunJob)
    assert (job.element, job.variables["number"]) == ("U", 7)


def test_a_skipped_run_of_a_loop_is_followed_by_the_next() -> None:
    drive = stopped(only(service("A", looping("=more", at_most=2))))

    drive.skip("A", more=True)

    assert drive.open == ["A"]


@pytest.mark.parametrize(
    "shape",
    [
        service("A", looping(f"{BUSY} and more", first=True)),
        ad_hoc("A", zeebe("adHoc", activeElementsCollection="=gone"), service("B")),
        transaction("A", io({"x": BUSY}), start("s"), service("B"), end("e"), flows=["s > B > e"]),
    ],
    ids=["loop", "ad-hoc", "transaction"],
)
def test_what_holds_work_and_cannot_begin_can_be_skipped(shape: Shape) -> None:
    drive = stopped(only(shape))

    drive.skip("A", done=True)

    assert (drive.outcome, drive.variables) == ("completed", {"done": True})


def test_an_ad_hoc_sub_process_that_holds_what_is_for_people_is_not_skipped() -> None:
    drive = stopped(only(ad_hoc("A", zeebe("adHoc", activeElementsCollection="=gone"), user("B"))))

    assert why_not(drive) is Unskippable.PEOPLE


def test_outputs_that_are_too_large_leave_the_incident() -> None:
    drive = Drive(only(service("A"), user("B")), variable_bytes=100)
    drive.fail("A")

    drive.skip("A", x="x" * 200)

    assert drive.incidents == [("A", "variable")]
    drive.skip("A", x="x")
    assert drive.open == ["B"]


def routed(kind: str) -> Shape:
    return process(
        start(), gateway(kind, "A"), end(), end("e2"), flows=["start > A", f"A > end: {BUSY}", "A > e2: default"]
    )


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (only(user("A", io({"x": BUSY}))), Unskippable.PEOPLE),
        (only(user("A", multi("=3"))), Unskippable.PEOPLE),
        (
            only(
                sub(
                    "A",
                    start("s"),
                    sub("deeper", start("t"), user("U"), end("f"), flows=["t > U > f"]),
                    end("e"),
                    multi("=3"),
                    flows=["s > deeper > e"],
                )
            ),
            Unskippable.PEOPLE,
        ),
        (routed("exclusive"), Unskippable.ROUTE),
        (routed("inclusive"), Unskippable.ROUTE),
        (only(receive("A", "M", key=BUSY)), Unskippable.EVENT),
        (only(catch("A", message("M", key=BUSY))), Unskippable.EVENT),
    ],
)
def test_what_is_for_people_which_way_to_go_and_what_is_waited_for_is_not_skipped(
    model: Shape, why: Unskippable
) -> None:
    drive = stopped(model)

    assert why_not(drive) is why
    assert drive.skip("A", out=1) == []
    assert [element for element, _ in drive.incidents] == ["A"]


def test_a_step_that_is_done_and_has_no_way_on_is_not_skipped() -> None:
    model = process(start(), service("A"), end(), end("e2"), flows=["start > A", "A > end: =x", "A > e2: =y"])
    drive = Drive(model, {"x": False, "y": False})
    drive.complete("A")
    assert drive.incidents == [("A", "no flow")]

    assert why_not(drive) is Unskippable.ROUTE


def test_what_is_in_no_incident_is_not_skipped() -> None:
    drive = Drive(only(service("A")))

    assert drive.tell(events.SkipIncident(drive.key("A"), {"x": 1})) == []

    assert (drive.open, drive.variables) == (["A"], {})
