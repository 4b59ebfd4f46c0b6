"""Variables, their scopes and mappings, by the rules of Camunda 8 (docs: concepts/variables)."""

from __future__ import annotations

from bpmn import commands
from tests.bpmn.building import (
    Shape,
    boundary,
    call,
    catch,
    end,
    io,
    message,
    on_event,
    process,
    script,
    service,
    start,
    sub,
    user,
)
from tests.bpmn.engine.driving import Drive


def only(*shapes: Shape) -> Shape:
    path = " > ".join(["start", *(shape.id for shape in shapes), "end"])
    return process(start(), *shapes, end(), flows=[path])


def test_a_result_goes_up_to_the_first_scope_that_has_the_variable() -> None:
    inner = sub("S", io({"b": "=0"}), start("s"), service("A"), end("e"), flows=["s > A > e"])
    drive = Drive(only(inner, user("B")), {"a": 0})

    drive.complete("A", a=1, b=2, c=3)

    assert drive.variables == {"a": 1, "c": 3}


def test_input_mappings_make_local_variables_in_order() -> None:
    drive = Drive(only(service("A", io({"x": "=y + 1", "z": "=x * 10"}))), {"x": 0, "y": 1})

    (job,) = drive.asked(commands.RunJob)
    assert job.variables == {"x": 2, "z": 20}
    assert drive.variables == {"x": 0, "y": 1}


def test_a_dotted_input_target_makes_a_context() -> None:
    mapped = io({"sender.name": "=customer", "sender.iban": "=iban"})
    drive = Drive(only(service("A", mapped)), {"customer": "John", "iban": "DE", "sender": {"old": 1}})

    (job,) = drive.asked(commands.RunJob)
    assert job.variables == {"sender": {"name": "John", "iban": "DE"}}


def test_a_mapping_without_an_equals_sign_is_a_text() -> None:
    drive = Drive(only(service("A", io({"x": "plain"}))))

    assert drive.asked(commands.RunJob)[0].variables == {"x": "plain"}


def test_local_variables_end_with_their_activity() -> None:
    drive = Drive(only(service("A", io({"x": "=1"})), user("B")))

    drive.complete("A", x=5, y=6)

    assert drive.variables == {"y": 6}


def test_with_output_mappings_only_what_they_give_comes_out() -> None:
    drive = Drive(only(service("A", io(outputs={"status": "=answer.code"})), user("B")))

    drive.complete("A", answer={"code": 7}, noise=1)

    assert drive.variables == {"status": 7}


def test_output_mappings_see_local_variables_and_those_around() -> None:
    drive = Drive(only(service("A", io({"l": "=1"}, {"sum": "=l + g + r"})), user("B")), {"g": 10})

    drive.complete("A", r=100)

    assert drive.variables["sum"] == 111


def test_an_output_mapping_sees_what_the_mapping_before_it_gave() -> None:
    drive = Drive(only(service("A", io(outputs={"b": "=a + 1", "c": "=b * 10"})), user("B")), {"b": 0})

    drive.complete("A", a=1)

    assert drive.variables == {"b": 2, "c": 20}


def test_a_dotted_output_target_keeps_what_else_the_context_holds() -> None:
    mapped = io(outputs={"order.state": "=s", "order.more.n": "=1"})
    drive = Drive(only(service("A", mapped), user("B")), {"order": {"id": 1, "more": {"m": 2}}})

    drive.complete("A", s="ok")

    assert drive.variables == {"order": {"id": 1, "state": "ok", "more": {"m": 2, "n": 1}}}


def test_output_mappings_go_up_from_the_scope_around_the_activity() -> None:
    inner = sub("S", io({"r": "=0"}), start("s"), service("A", io(outputs={"r": "=x"})), end("e"), flows=["s > A > e"])
    drive = Drive(only(inner, user("B")))

    drive.complete("A", x=1)

    assert drive.variables == {}


def test_variables_of_a_sub_process_come_out_by_its_output_mappings_only() -> None:
    inner = sub(
        "S",
        io({"local": "=1"}, {"out": "=local + 1"}),
        start("s"),
        script("A", "=local + 10", "local"),
        end("e"),
        flows=["s > A > e"],
    )
    drive = Drive(only(inner, user("B")))

    assert drive.variables == {"out": 12}


def test_a_caught_message_brings_its_variables() -> None:
    drive = Drive(only(catch("C", message("M")), user("B")), {"key": "k"})

    drive.message("M", x=1)

    assert drive.variables == {"key": "k", "x": 1}


def test_a_catch_event_maps_what_its_message_brings() -> None:
    drive = Drive(only(catch("C", message("M"), io(outputs={"y": "=x.z"})), user("B")), {"key": "k"})

    drive.message("M", x={"z": 5}, noise=1)

    assert drive.variables == {"key": "k", "y": 5}


def test_a_boundary_event_does_not_see_the_variables_of_its_activity() -> None:
    model = process(
        start(),
        user("A", io({"secret": "=1"})),
        boundary("A", "b", message("M"), io(outputs={"seen": "=secret", "got": "=x"})),
        user("B"),
        end(),
        flows=["start > A > end", "b > B > end"],
    )
    drive = Drive(model, {"key": "k"})

    drive.message("M", x=1)

    assert drive.variables == {"key": "k", "seen": None, "got": 1}


def test_the_correlation_key_of_a_boundary_event_sees_the_variables_of_its_activity() -> None:
    model = process(
        start(),
        user("A", io({"key": '="own"'})),
        boundary("A", "b", message("M")),
        user("B"),
        end(),
        flows=["start > A > end", "b > B > end"],
    )
    drive = Drive(model)

    drive.message("M", "own")

    assert drive.open == ["B"]


def test_what_an_event_sub_process_is_started_with_goes_up_like_any_result() -> None:
    model = only(user("A"))
    model.inside += (on_event("E", message("M"), interrupting=False, then="B"),)
    drive = Drive(model, {"key": "k"})

    drive.message("M", reason="late")

    assert drive.variables == {"key": "k", "reason": "late"}


def test_what_an_event_sub_process_was_started_with_is_given_once() -> None:
    model = only(user("A"))
    model.inside += (on_event("E", message("M"), interrupting=False, then="B"),)
    drive = Drive(model, {"key": "k"})
    drive.message("M", reason="late")

    drive.complete("B", reason="moved")

    assert drive.variables == {"key": "k", "reason": "moved"}


def test_an_input_mapping_keeps_what_an_event_sub_process_is_started_with_inside_it() -> None:
    model = only(user("A"))
    inside = io({"reason": "=null"}, {"why": "=reason"})
    model.inside += (on_event("E", message("M"), interrupting=False, then="B", own=(inside,)),)
    drive = Drive(model, {"key": "k"})

    drive.message("M", reason="late")
    assert drive.variables == {"key": "k"}

    drive.complete("B")
    assert drive.variables == {"key": "k", "why": "late"}


def test_the_start_event_of_an_event_sub_process_maps_what_it_is_given() -> None:
    begin = start("E_start", message("M"), io(outputs={"why": "=reason"}), interrupting=False)
    model = only(user("A"))
    model.inside += (sub("E", begin, user("B"), end("e"), flows=["E_start > B > e"], by_event=True),)
    drive = Drive(model, {"key": "k"})

    drive.message("M", reason="late")

    assert drive.variables == {"key": "k", "why": "late"}


def test_an_event_sub_process_changes_the_local_variables_of_its_scope() -> None:
    inner = sub(
        "S",
        io({"n": "=1"}, {"n_out": "=n"}),
        start("s"),
        user("A"),
        end("e"),
        on_event("E", message("M"), interrupting=False, then="B"),
        flows=["s > A > e"],
    )
    drive = Drive(only(inner, user("C")), {"key": "k"})
    drive.message("M")

    drive.complete("B", n=7)
    drive.complete("A")

    assert drive.variables == {"key": "k", "n_out": 7}


def test_a_call_activity_takes_all_visible_variables_in() -> None:
    drive = Drive(only(call("C", "q", io({"l": "=g + 1"}))), {"g": 1})

    (started,) = drive.asked(commands.StartCall)
    assert (started.process, started.variables) == ("q", {"g": 1, "l": 2})


def test_a_call_activity_that_propagates_nothing_takes_its_input_mappings_in() -> None:
    drive = Drive(only(call("C", "q", io({"l": "=g + 1"}), propagateAllParentVariables="false")), {"g": 1})

    assert drive.asked(commands.StartCall)[0].variables == {"l": 2}


def test_the_condition_of_a_flow_sees_what_came_out_of_the_activity() -> None:
    model = process(
        start(),
        service("A", io({"ok": "=false"}, {"ok": "=not(bad)"})),
        user("B"),
        user("C"),
        end(),
        flows=["start > A > B: =ok", "A > C: default", "B > end", "C > end"],
    )
    drive = Drive(model)

    drive.complete("A", bad=False)

    assert drive.open == ["B"]
