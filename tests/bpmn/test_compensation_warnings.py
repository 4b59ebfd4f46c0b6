"""What compensation surely does not reach, as far as one sees in the files."""

from __future__ import annotations

import pytest

from bpmn.compensation_warnings import out_of_reach
from tests.bpmn.building import (
    CANCEL,
    Shape,
    boundary,
    build,
    call,
    compensation,
    end,
    gateway,
    message,
    process,
    start,
    sub,
    task,
    throw,
    transaction,
)

BACK = throw("back", compensation())


def undoable(name: str) -> list[Shape]:
    return [task("task", name), boundary(name, f"c{name}", compensation()), task("task", f"undo{name}", undoes=True)]


CALLED = process(start("qs"), *undoable("Q"), end("qe"), flows=["qs > Q > qe"], links=["cQ > undoQ"], id_="q")
CALLS_IT = process(start("rs"), call("deeper", "q"), end("re"), flows=["rs > deeper > re"], id_="r")
PLAIN = process(start("qs"), task("task", "Q"), end("qe"), flows=["qs > Q > qe"], id_="q")


def calling(*more: Shape, back: Shape = BACK, calls: str = "q") -> Shape:
    return process(
        start(), call("A", calls), *more, back, end(), flows=["start > A > back > end"], links=["cA > undoA"]
    )


def told(*models: Shape) -> list[tuple[str, str]]:
    return [(one.element, one.problem) for one in out_of_reach(build(*models))]


PROBLEM = "it is compensated, but what process q has done is not: its handlers cannot be reached from here"
OWN = (boundary("A", "cA", compensation()), task("task", "undoA", undoes=True))


def test_a_call_of_a_process_with_handlers_has_none_of_its_own() -> None:
    assert told(calling(), CALLED) == [("A", PROBLEM)]


def test_a_call_with_a_handler_of_its_own_is_compensated_by_that() -> None:
    assert told(calling(*OWN), CALLED) == []


def test_a_called_process_without_handlers_has_nothing_to_compensate() -> None:
    assert told(calling(), PLAIN) == []


def test_a_called_process_that_uses_its_handlers_itself_may_have_them_for_that() -> None:
    itself = process(
        start("qs"), *undoable("Q"), end("qe", compensation()), flows=["qs > Q > qe"], links=["cQ > undoQ"], id_="q"
    )

    assert told(calling(), itself) == []


def test_handlers_further_down_are_out_of_reach_too() -> None:
    (found,) = told(calling(calls="r"), CALLS_IT, CALLED)

    assert found == ("A", PROBLEM.replace("process q", "process r"))


def test_a_call_in_a_process_that_compensates_nothing_is_fine() -> None:
    assert told(CALLS_IT, CALLED) == []


@pytest.mark.parametrize(("named", "expected"), [("A", 1), ("B", 0)])
def test_a_throw_that_names_an_activity_compensates_that_alone(named: str, expected: int) -> None:
    shapes = [start(), call("A", "q"), *undoable("B"), throw("back", compensation(named)), end()]
    model = process(*shapes, flows=["start > A > B > back > end"], links=["cB > undoB"])

    assert len(told(model, CALLED)) == expected


def test_a_call_inside_a_sub_process_is_compensated_from_around_it() -> None:
    inside = sub("S", start("s"), call("A", "q"), end("e"), flows=["s > A > e"])
    model = process(start(), inside, BACK, end(), flows=["start > S > back > end"])

    assert [element for element, _ in told(model, CALLED)] == ["A"]


def test_the_handler_of_a_sub_process_stands_for_the_calls_inside_it() -> None:
    inside = sub("S", start("s"), call("A", "q"), end("e"), flows=["s > A > e"])
    handler = (boundary("S", "cS", compensation()), task("task", "undoS", undoes=True))
    model = process(start(), inside, *handler, BACK, end(), flows=["start > S > back > end"], links=["cS > undoS"])

    assert told(model, CALLED) == []


def test_a_throw_does_not_compensate_what_is_around_its_sub_process() -> None:
    inside = sub("S", start("s"), throw("back", compensation()), end("e"), flows=["s > back > e"])
    model = process(start(), call("A", "q"), inside, end(), flows=["start > A > S > end"])

    assert told(model, CALLED) == []


def test_an_event_sub_process_compensates_what_is_around_it() -> None:
    withdraw = sub("W", start("w", message("M")), BACK, end("we"), flows=["w > back > we"], by_event=True)
    model = process(start(), call("A", "q"), end(), withdraw, flows=["start > A > end"])

    assert [element for element, _ in told(model, CALLED)] == ["A"]


def test_a_transaction_that_is_cancelled_compensates_the_calls_in_it() -> None:
    inside = transaction(
        "T",
        start("s"),
        call("A", "q"),
        gateway("exclusive", "x"),
        end("e"),
        end("stop", CANCEL),
        flows=["s > A > x", "x > e: =ok", "x > stop: default"],
    )
    model = process(start(), inside, boundary("T", "b", CANCEL), end(), flows=["start > T > end", "b > end"])

    assert [element for element, _ in told(model, CALLED)] == ["A"]


def test_a_call_that_is_itself_a_handler_is_not_compensated() -> None:
    model = process(
        start(),
        task("task", "B"),
        boundary("B", "cB", compensation()),
        call("A", "q", undoes=True),
        BACK,
        end(),
        flows=["start > B > back > end"],
        links=["cB > A"],
    )

    assert told(model, CALLED) == []


def test_a_process_chosen_among_some_is_looked_at_as_each_of_them() -> None:
    chosen = '=if x then "q" else "none"'

    assert [element for element, _ in told(calling(calls=chosen), CALLED)] == ["A"]
