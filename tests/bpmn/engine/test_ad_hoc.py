"""Ad-hoc sub-processes (BPMN 2.0 §13.3.5; Camunda 8: ad-hoc sub-process)."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    Part,
    Shape,
    ad_hoc,
    boundary,
    catch,
    compensation,
    end,
    error,
    gateway,
    io,
    message,
    multi,
    on_event,
    process,
    service,
    start,
    throw,
    user,
    zeebe,
)
from tests.bpmn.engine.driving import Drive


def around(inside: Shape) -> Shape:
    return process(start(), inside, user("next"), end(), flows=["start > H > next > end"])


def activate(drive: Drive, *elements: str, **variables: Any) -> list[commands.Command]:
    """Activate more in the ad-hoc sub-process H."""
    key = next(key for key, one in drive.instance.instances.items() if one.element == "H" and one.role != "body")
    return drive.tell(events.ActivateAdHoc(key, elements, variables))


def active(collection: str, **attributes: str) -> Part:
    return zeebe("adHoc", activeElementsCollection=collection, **attributes)


def test_all_activities_without_an_incoming_flow_are_activated() -> None:
    drive = Drive(around(ad_hoc("H", user("A"), user("B"), user("C"), flows=["B > C"])))

    assert drive.open == ["A", "B"]


def test_those_named_are_activated_where_there_is_a_collection() -> None:
    drive = Drive(around(ad_hoc("H", active("=wanted"), user("A"), user("B"), user("C"))), {"wanted": ["C", "A"]})

    assert drive.open == ["C", "A"]


@pytest.mark.parametrize("wanted", ["A", ["gone"], ["B"], [1], None])
def test_a_collection_that_names_what_cannot_be_activated_is_an_incident(wanted: object) -> None:
    inside = ad_hoc("H", active("=wanted"), user("A"), user("B"), flows=["A > B"])
    drive = Drive(around(inside), {"wanted": wanted})
    assert drive.incidents == [("H", "expression")]

    drive.retry("H", wanted=["A"])

    assert drive.open == ["A"]


def test_flows_inside_are_followed() -> None:
    inside = ad_hoc("H", user("A"), gateway("exclusive", "G"), user("B"), user("C"))
    inside.flows = ("A > G", "G > B: =x = 1", "G > C: default")
    drive = Drive(around(inside), {"x": 1})

    drive.complete("A")

    assert drive.open == ["B"]


def test_it_completes_when_nothing_is_active_any_more() -> None:
    drive = Drive(around(ad_hoc("H", user("A"), user("B"))))

    drive.complete("B")
    assert drive.open == ["A"]
    drive.complete("A")

    assert drive.path()[-1] == "H"
    assert drive.open == ["next"]


def test_with_an_empty_collection_it_is_passed() -> None:
    drive = Drive(around(ad_hoc("H", active("=[]"), user("A"))))

    assert drive.open == ["next"]


def test_sequential_activities_run_one_after_the_other_in_document_order() -> None:
    drive = Drive(around(ad_hoc("H", user("B"), user("A"), user("C"), flows=["B > C"], sequential=True)))
    order = []
    while drive.open != ["next"]:
        assert len(drive.open) == 1
        order.append(drive.open[0])
        drive.complete(drive.open[0])

    assert order == ["B", "C", "A"]


def test_more_can_be_activated_while_it_runs_also_again() -> None:
    drive = Drive(around(ad_hoc("H", active('=["A"]'), user("A"), user("B"))))

    activate(drive, "B", "A", who="Li")

    assert drive.open == ["A", "B", "A"]
    last = max(drive.instance.instances)
    assert drive.instance.variables(last)["who"] == "Li"
    assert "who" not in drive.variables


def test_what_is_activated_in_a_sequential_one_waits_for_its_turn() -> None:
    drive = Drive(around(ad_hoc("H", active('=["A"]'), user("A"), user("B"), sequential=True)))
    activate(drive, "B")
    assert drive.open == ["A"]

    drive.complete("A")
    assert drive.open == ["B"]
    drive.complete("B")

    assert drive.open == ["next"]


def test_what_cannot_be_activated_is_journalled_and_changes_nothing() -> None:
    drive = Drive(around(ad_hoc("H", user("A"), user("B"), flows=["A > B"])))

    activate(drive, "A", "B")

    assert drive.open == ["A"]
    assert drive.data("discarded") == [
        {"elements": ["A", "B"], "reason": "B cannot be activated; known are A"},
    ]


def test_the_instance_tells_what_can_be_activated_until_the_sub_process_is_about_to_complete() -> None:
    inside = ad_hoc("H", user("A"), user("B"), user("C"), flows=["A > C"], until="=enough", cancels=False)
    drive = Drive(around(inside), {"enough": True})
    host = next(key for key, one in drive.instance.instances.items() if one.element == "H")
    assert drive.instance.activatable(host) == ("A", "B")
    assert drive.instance.activatable(drive.key("A")) == ()

    drive.complete("A")

    assert drive.instance.activatable(host) == ()


def test_activating_something_that_is_no_ad_hoc_sub_process_changes_nothing() -> None:
    drive = Drive(around(ad_hoc("H", user("A"))))

    assert drive.tell(events.ActivateAdHoc(drive.key("A"), ("A",))) == []
    assert drive.tell(events.ActivateAdHoc(999, ("A",))) == []


def test_a_true_completion_condition_ends_what_still_runs() -> None:
    drive = Drive(around(ad_hoc("H", user("A"), user("B"), until="=enough")), {"enough": False})
    drive.complete("A")
    assert drive.open == ["B"]
    activate(drive, "A")

    drive.complete("B", enough=True)

    assert drive.path("terminated") == ["A"]
    assert drive.open == ["next"]


def test_what_still_runs_is_waited_for_where_it_is_not_to_be_cancelled() -> None:
    drive = Drive(around(ad_hoc("H", user("A"), user("B"), until="=enough", cancels=False)), {"enough": False})
    drive.complete("A", enough=True)
    assert drive.open == ["B"]

    activate(drive, "A")
    assert drive.open == ["B"]
    assert [one["reason"] for one in drive.data("discarded")] == ["the ad-hoc sub-process is about to complete"]
    drive.complete("B", enough=False)

    assert drive.open == ["next"]


def test_no_flow_is_taken_once_the_completion_condition_is_true() -> None:
    drive = Drive(around(ad_hoc("H", user("A"), user("B"), flows=["A > B"], until="=true")))

    drive.complete("A")

    assert drive.open == ["next"]
    assert "B" not in drive.path("activated")


def test_with_a_condition_that_is_not_true_it_waits_for_more_to_be_activated() -> None:
    drive = Drive(around(ad_hoc("H", active('=["A"]'), user("A"), user("B"), until="=enough")), {"enough": False})
    drive.complete("A")
    assert (drive.open, drive.outcome) == ([], "")

    activate(drive, "B")
    drive.complete("B", enough=True)

    assert drive.open == ["next"]


def test_a_condition_that_is_neither_true_nor_false_is_an_incident_of_the_element() -> None:
    drive = Drive(around(ad_hoc("H", user("A"), until="=enough")))
    drive.complete("A")
    assert drive.incidents == [("A", "condition")]

    drive.retry("A", enough=True)

    assert drive.open == ["next"]


def test_the_output_element_of_each_activity_is_collected() -> None:
    collected = active('=["A", "B"]', outputCollection="results", outputElement="={from: name, got: result}")
    inside = ad_hoc("H", collected, service("A", io({"name": '="a"'})), service("B", io({"name": '="b"'})))
    drive = Drive(around(inside))

    drive.complete("B", result=2)
    drive.complete("A", result=1)

    assert drive.variables["results"] == [{"from": "b", "got": 2}, {"from": "a", "got": 1}]


def test_what_is_collected_is_local_and_seen_by_the_completion_condition() -> None:
    collected = active('=["A"]', outputCollection="results", outputElement="=result")
    inside = ad_hoc("H", collected, service("A"), until="=count(results) = 2")
    drive = Drive(around(inside))
    drive.complete("A", result=1)
    activate(drive, "A")
    drive.complete("A", result=2)

    assert drive.variables == {"results": [1, 2]}


def collecting(*inside: Shape, flows: tuple[str, ...] = (), **options: Any) -> Drive:
    """Waits, after one result, for what still runs."""
    collected = zeebe("adHoc", outputCollection="results", outputElement="=result")
    shape = ad_hoc("H", collected, *inside, flows=flows, until="=count(results) = 1", cancels=False)
    return Drive(around(shape), **options)


def test_what_is_waited_for_after_the_condition_came_true_is_collected_too() -> None:
    drive = collecting(service("A"), service("B"), service("C"), user("D"), flows=("C > D",))
    drive.complete("A", result=1)
    drive.complete("B", result=2)
    drive.complete("C", result=3)
    assert drive.open == ["D"]

    drive.complete("D", result=4)

    assert drive.variables["results"] == [1, 2, 4]
    assert drive.open == ["next"]


def test_before_semantics_6_what_is_waited_for_after_the_condition_came_true_is_not_collected() -> None:
    drive = collecting(service("A"), service("B"), semantics=5)
    drive.complete("A", result=1)
    drive.complete("B", result=2)

    assert drive.variables["results"] == [1]
    assert drive.open == ["next"]


def test_events_and_gateways_may_stand_inside() -> None:
    inside = ad_hoc(
        "H",
        user("A"),
        user("B"),
        gateway("parallel", "join"),
        user("C"),
        catch("M", message("M")),
        throw("T"),
        flows=["A > join", "B > join", "join > C", "M > T"],
    )
    drive = Drive(around(inside), {"key": "k"})
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["C"]
    drive.complete("C")
    drive.message("M")

    assert drive.open == ["next"]


def test_a_join_may_wait_for_what_is_activated_later() -> None:
    inside = ad_hoc("H", active('=["A"]'), user("A"), user("B"), gateway("parallel", "join"), user("C"), until="=done")
    inside.flows = ("A > join", "B > join", "join > C")
    drive = Drive(around(inside), {"done": False})
    drive.complete("A")
    assert drive.incidents == []

    activate(drive, "B")
    drive.complete("B")
    drive.complete("C", done=True)

    assert drive.open == ["next"]


def test_a_join_that_waits_where_nothing_holds_the_sub_process_open_is_an_incident_until_more_is_activated() -> None:
    inside = ad_hoc("H", active('=["A"]'), user("A"), user("B"), gateway("parallel", "join"))
    inside.flows = ("A > join", "B > join")
    drive = Drive(around(inside))
    drive.complete("A")
    assert drive.incidents == [("H", "deadlock")]

    activate(drive, "B")
    drive.complete("B")

    assert drive.open == ["next"]


def test_boundary_events_and_event_sub_processes_belong_to_it() -> None:
    model = process(
        start(),
        ad_hoc("H", user("A"), on_event("E", message("M"), then="U"), until="=false"),
        boundary("H", "b", error("E")),
        end(),
        user("caught"),
        flows=["start > H > end", "b > caught > end"],
    )
    drive = Drive(model, {"key": "k"})

    drive.message("M")
    assert drive.open == ["U"]
    drive.complete("U")

    assert drive.outcome == "completed"


def test_an_error_inside_is_caught_at_its_boundary() -> None:
    model = process(
        start(),
        ad_hoc("H", service("A"), user("B")),
        boundary("H", "b", error("E")),
        user("caught"),
        end(),
        flows=["start > H > end", "b > caught > end"],
    )
    drive = Drive(model)

    drive.error("A", "E")

    assert drive.open == ["caught"]


def test_it_may_be_multi_instance_and_so_may_what_is_inside() -> None:
    inside = ad_hoc("H", multi("=[1, 2]", sequential=True), user("A", multi("=[1, 2]")))
    drive = Drive(around(inside))
    for _ in range(4):
        drive.complete("A")

    assert drive.open == ["next"]


def test_its_completion_and_output_are_told_from_those_of_its_multi_instance_marker() -> None:
    each = multi("=[1, 2, 3]", into="all", gives="=inner", until="=numberOfCompletedInstances = 2", sequential=True)
    collected = active('=["A", "B"]', outputCollection="inner", outputElement="=result")
    inside = ad_hoc("H", each, io({"inner": "=[]"}), collected, service("A"), user("B"), until="=count(inner) = 1")
    drive = Drive(around(inside))

    drive.complete("A", result=1)
    drive.complete("A", result=2)

    assert drive.open == ["next"]
    assert drive.variables["all"] == [[1], [2], None]


def test_what_was_completed_inside_can_be_compensated() -> None:
    inside = ad_hoc("H", service("A"), boundary("A", "c", compensation()), service("undo", undoes=True))
    inside.links = ("c > undo",)
    model = process(start(), inside, throw("back", compensation()), end(), flows=["start > H > back > end"])
    drive = Drive(model)
    drive.complete("A")

    assert drive.open == ["undo"]
    drive.complete("undo")
    assert drive.outcome == "completed"
