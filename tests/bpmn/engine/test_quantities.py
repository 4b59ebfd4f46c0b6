"""Activities that take in and send out several tokens (BPMN 2.0 §13.3.1)."""

from __future__ import annotations

from tests.bpmn.building import Shape, end, gateway, multi, process, start, user
from tests.bpmn.engine.driving import Drive


def counted(shape: Shape, **quantities: str) -> Shape:
    shape.attributes |= quantities
    return shape


def joined(wanted: str) -> Shape:
    """Three tokens on their way to A."""
    return process(
        start(),
        gateway("parallel", "fork"),
        user("X"),
        user("Y"),
        user("Z"),
        gateway("exclusive", "merge"),
        counted(user("A"), startQuantity=wanted),
        end(),
        flows=["start > fork > X > merge > A > end", "fork > Y > merge", "fork > Z > A"],
    )


def test_an_activity_begins_when_as_many_tokens_have_come_as_it_needs() -> None:
    drive = Drive(joined("3"))
    drive.complete("Z")
    drive.complete("X")
    assert drive.open == ["Y"]

    drive.complete("Y")

    assert drive.open == ["A"]
    drive.complete("A")
    assert drive.outcome == "completed"


def test_tokens_too_few_to_begin_are_an_incident_of_the_scope() -> None:
    drive = Drive(joined("2"))
    for name in "XYZA":
        drive.complete(name)

    assert drive.incidents == [("p", "deadlock")]
    assert drive.problem == "A «» waits for 1 of its 2 tokens, where no token can come from any more"


def test_the_tokens_that_wait_do_not_hold_a_join_elsewhere_up() -> None:
    model = joined("3")
    model.inside = (*model.inside, user("Q"))
    model.flows = (*model.flows, "fork > Q > end")
    drive = Drive(model)
    for name in "QXYZ":
        drive.complete(name)

    assert drive.open == ["A"]


def test_an_activity_sends_out_as_many_tokens_as_it_says() -> None:
    model = process(
        start(), counted(user("A"), completionQuantity="2"), user("B"), user("C"), end(), flows=["start > A > B > end"]
    )
    model.flows = (*model.flows, "A > C > end")
    drive = Drive(model)

    drive.complete("A")

    assert drive.open == ["B", "C", "B", "C"]
    taken = next(r.data["flows"] for r in drive.records if r.event == "completed" and r.element == "A")
    assert taken == ["A_B", "A_C", "A_B", "A_C"]


def test_what_one_activity_sends_out_another_may_need() -> None:
    first, second = counted(user("A"), completionQuantity="3"), counted(user("B"), startQuantity="3")
    drive = Drive(process(start(), first, second, end(), flows=["start > A > B > end"]))

    drive.complete("A")

    assert drive.open == ["B"]
    drive.complete("B")
    assert drive.outcome == "completed"


def test_a_multi_instance_activity_sends_out_its_tokens_once() -> None:
    first = counted(user("A", multi("=[1, 2]")), completionQuantity="2")
    drive = Drive(process(start(), first, user("B"), end(), flows=["start > A > B > end"]))

    drive.complete("A")
    drive.complete("A")

    assert drive.open == ["B", "B"]
