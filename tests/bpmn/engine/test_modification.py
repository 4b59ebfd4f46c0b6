"""Tokens cancelled, added and moved by somebody with a reason."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn import commands
from bpmn.events import Suspend
from bpmn.modification import (
    Activation,
    Misplaced,
    Modification,
    Move,
    Touched,
    preview,
)
from tests.bpmn.building import (
    Part,
    boundary,
    compensation,
    end,
    io,
    multi,
    on_event,
    process,
    service,
    signal,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.engine import driving
from tests.bpmn.engine.changing import change, key_of, line, nested, refused
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


# -- moved -----------------------------------------------------------------------------------------------------------


def test_a_moved_token_leaves_one_element_and_goes_on_at_another() -> None:
    drive = Drive(line(user("A"), user("B"), user("C")))

    change(drive, move=(Move(drive.key("A"), "C"),))

    assert drive.open == ["C"]
    assert drive.path("terminated") == ["A"]
    drive.complete("C")
    assert drive.outcome == "completed"


def test_a_token_may_move_back() -> None:
    drive = Drive(line(user("A"), user("B")))
    drive.complete("A")

    change(drive, move=(Move(drive.key("B"), "A"),))

    assert drive.open == ["A"]


def test_a_token_that_moves_into_a_sub_process_has_it_created_with_what_waits_there() -> None:
    drive = Drive(nested(on_event("stop", signal("Z"))))

    change(drive, move=(Move(drive.key("A"), "Y"),))

    assert drive.open == ["Y"]
    assert drive.waiting == ["stop_start"]
    drive.complete("Y")
    assert drive.open == ["B"]


def test_the_boundary_events_and_mappings_of_a_created_sub_process_are_in_force() -> None:
    inside = sub("S", io(inputs={"x": "=1 + 1"}), start("s"), service("X"), end("e"), flows=["s > X > e"])
    late = boundary("S", "b", timer("PT1H"))
    drive = Drive(process(start(), user("A"), inside, late, end(), end("f"), flows=["start > A > S > end", "b > f"]))

    change(drive, move=(Move(drive.key("A"), "X"),))

    (job,) = drive.asked(commands.RunJob)
    assert job.variables["x"] == 2
    drive.wait(hours=2)
    assert drive.path()[-3:] == ["b", "f", "p"]


def test_a_token_that_moves_out_of_a_sub_process_leaves_it_cancelled() -> None:
    drive = Drive(nested())
    drive.complete("A")

    change(drive, move=(Move(drive.key("X"), "A"),))

    assert drive.open == ["A"]
    assert drive.path("terminated") == ["X", "S"]


def test_a_token_moves_within_its_own_one_of_several_scopes() -> None:
    drive = Drive(nested(loop=(multi("=items", item="item"),)), {"items": [1, 2]})
    drive.complete("A")

    change(drive, move=(Move(drive.key("X"), "Y"),))

    assert drive.open == ["X", "Y"]


def test_an_incident_is_left_behind_by_a_token_that_moves_away() -> None:
    drive = Drive(line(service("A"), user("B")))
    drive.fail("A")

    change(drive, move=(Move(key_of(drive, "A"), "B"),))

    assert (drive.incidents, drive.open) == ([], ["B"])


# -- added -----------------------------------------------------------------------------------------------------------


def test_an_added_token_goes_on_beside_the_others_with_variables_of_its_own() -> None:
    drive = Drive(line(user("A"), service("B")), {"x": 1})

    change(drive, activate=(Activation("B", variables={"x": 2}),))

    assert [job.variables for job in drive.asked(commands.RunJob)] == [{"x": 2}]
    assert drive.open == ["A", "B"]


def test_an_element_is_added_in_the_scope_that_is_named() -> None:
    drive = Drive(nested(loop=(multi("=items", item="item"),)), {"items": [1, 2]})
    drive.complete("A")
    second = [key for key, one in drive.instance.instances.items() if one.element == "S" and one.index == 2]

    change(drive, activate=(Activation("Y", second[0]),))

    assert drive.instance.instances[drive.key("Y")].parent == second[0]


def test_a_multi_instance_activity_begins_with_all_its_items() -> None:
    drive = Drive(line(user("A"), user("B", multi("=items"))), {"items": [1, 2]})

    change(drive, activate=(Activation("B"),))

    assert drive.open == ["A", "B", "B"]


def test_an_event_sub_process_begins_as_if_its_event_had_happened() -> None:
    drive = Drive(line(user("A"), on_event("stop", signal("Z"), then="B")))

    change(drive, activate=(Activation("stop"),))

    assert (drive.open, drive.waiting) == (["B"], [])


def test_a_boundary_event_goes_on_as_if_it_had_happened_and_its_activity_stays() -> None:
    flows = ["start > A > end", "b > B > f"]
    drive = Drive(
        process(start(), user("A"), boundary("A", "b", timer("PT1H")), user("B"), end(), end("f"), flows=flows)
    )

    change(drive, activate=(Activation("b"),))

    assert drive.open == ["A", "B"]


# -- the end ---------------------------------------------------------------------------------------------------------


def test_what_leaves_nothing_active_is_refused_unless_the_end_is_meant() -> None:
    drive = Drive(nested())
    drive.complete("A")

    assert refused(drive, cancel=(drive.key("X"),)) is Misplaced.EMPTY
    change(drive, cancel=(drive.key("X"),), ends=True)

    assert drive.outcome == "terminated"


def test_cancelling_the_whole_is_refused_unless_the_end_is_meant() -> None:
    drive = Drive(line(user("A")))

    assert refused(drive, cancel=(key_of(drive, "p"),)) is Misplaced.EMPTY
    change(drive, cancel=(key_of(drive, "p"),), ends=True)

    assert drive.outcome == "terminated"


# -- refused ---------------------------------------------------------------------------------------------------------


def test_nobody_modifies_without_a_name_a_reason_and_something_to_do() -> None:
    drive = Drive(line(user("A"), user("B")))

    assert refused(drive, activate=(Activation("B"),), by="") is Misplaced.REASON
    assert refused(drive, activate=(Activation("B"),), reason="") is Misplaced.REASON
    assert refused(drive) is Misplaced.REASON


@pytest.mark.parametrize("wanted", [{"activate": (Activation("Q"),)}, {"cancel": (99,)}, {"move": (Move(99, "A"),)}])
def test_what_is_not_there_is_refused(wanted: dict[str, Any]) -> None:
    assert refused(Drive(line(user("A"))), **wanted) is Misplaced.UNKNOWN


def test_an_element_in_one_of_several_scopes_must_be_told_which() -> None:
    drive = Drive(nested(loop=(multi("=items", item="item"),)), {"items": [1, 2]})
    drive.complete("A")

    assert refused(drive, activate=(Activation("Y"),)) is Misplaced.SCOPE


def test_a_scope_that_is_none_of_the_element_is_refused() -> None:
    drive = Drive(nested())
    drive.complete("A")

    assert refused(drive, activate=(Activation("B", key_of(drive, "S")),)) is Misplaced.SCOPE


def test_nothing_begins_in_a_scope_that_is_to_be_cancelled() -> None:
    drive = Drive(nested())
    drive.complete("A")
    scope = key_of(drive, "S")

    assert refused(drive, cancel=(scope,), activate=(Activation("Y", scope),)) is Misplaced.SCOPE


@pytest.mark.parametrize("mappings", [io({"y": "=big"}), io(None, {"y": "=big"})])
def test_nothing_begins_in_a_scope_that_an_incident_keeps_from_beginning_or_ending(mappings: Part) -> None:
    inside = sub("S", mappings, start("s"), user("X"), end("e"), flows=["s > X > e"])
    drive = Drive(line(inside, user("B")), {"big": "too large"}, variable_bytes=5)
    if drive.open:
        drive.complete("X")
    assert drive.incidents == [("S", "variable")]

    assert refused(drive, activate=(Activation("X"),)) is Misplaced.SCOPE
    assert refused(drive, activate=(Activation("X", key_of(drive, "S")),)) is Misplaced.SCOPE


def test_no_item_is_added_to_a_body_that_has_not_begun() -> None:
    drive = Drive(line(user("A", multi("=items"))), {"items": 3})
    assert drive.incidents == [("A", "expression")]

    assert refused(drive, activate=(Activation("A", key_of(drive, "A")),)) is Misplaced.SCOPE


def test_no_item_is_added_to_a_body_that_is_about_to_end() -> None:
    drive = Drive(line(user("A", multi("=items", into="out", gives="=1"))), {"items": [1, 2, 3]}, variable_bytes=5)
    for _ in range(3):
        drive.complete("A")
    assert drive.incidents == [("A", "variable")]

    assert refused(drive, activate=(Activation("A", key_of(drive, "A")),)) is Misplaced.SCOPE


def test_no_multi_instance_scope_begins_in_its_middle() -> None:
    drive = Drive(nested(loop=(multi("=items", item="item"),)), {"items": [1, 2]})

    assert refused(drive, activate=(Activation("Y"),)) is Misplaced.SCOPE


def test_a_compensation_handler_and_an_event_sub_process_start_do_not_begin_by_themselves() -> None:
    shapes = [start(), service("A"), boundary("A", "c", compensation()), service("undo", undoes=True), end()]
    drive = Drive(process(*shapes, on_event("h", signal("Z")), flows=["start > A > end"], links=["c > undo"]))

    assert refused(drive, activate=(Activation("undo"),)) is Misplaced.ELEMENT
    assert refused(drive, activate=(Activation("h_start"),)) is Misplaced.ELEMENT


def test_nothing_is_modified_in_a_suspended_scope() -> None:
    drive = Drive(line(user("A"), user("B")))
    drive.tell(Suspend())

    assert refused(drive, activate=(Activation("B"),)) is Misplaced.SUSPENDED
    assert refused(drive, move=(Move(key_of(drive, "A"), "B"),)) is Misplaced.SUSPENDED


def test_a_mapping_without_a_value_refuses_the_whole() -> None:
    late = boundary("S", "b", timer("date==missing"))
    inside = sub("S", start("s"), user("X"), end("e"), flows=["s > X > e"])
    drive = Drive(process(start(), user("A"), inside, late, end(), end("f"), flows=["start > A > S > end", "b > f"]))

    assert refused(drive, move=(Move(drive.key("A"), "X"),)) is Misplaced.EXPRESSION


# -- looked at before ------------------------------------------------------------------------------------------------


def test_a_preview_names_what_ends_what_begins_and_what_is_asked_and_changes_nothing() -> None:
    drive = Drive(nested())
    before = drive.instance.dump()
    wanted = Modification(move=(Move(drive.key("A"), "Y"),), by="王芳", reason="发错部门")

    seen = preview(drive.instance, wanted, drive.now)

    assert seen.ended == (Touched(drive.key("A"), "A", ""),)
    assert [one.element for one in seen.begun] == ["S", "Y"]
    assert [type(one) for one in seen.commands] == [commands.CloseUserTask, commands.OpenUserTask]
    assert drive.instance.dump() == before


def test_a_preview_of_what_is_refused_says_why() -> None:
    seen = preview(Drive(line(user("A"))).instance, Modification(cancel=(99,), by="王芳", reason="x"), driving.START)

    assert seen.fault is not None
    assert (seen.fault.kind, seen.fault.about) == (Misplaced.UNKNOWN, "99")


def test_who_modified_what_and_why_is_in_the_journal() -> None:
    drive = Drive(line(user("A"), user("B")))
    key = drive.key("A")

    change(drive, move=(Move(key, "B"),))

    assert drive.data("modified") == [{"by": "王芳", "reason": "发错部门", "move": [{"key": key, "element": "B"}]}]


# -- of every instance -----------------------------------------------------------------------------------------------


@settings(LOOSE, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_a_random_modification_is_refused_whole_or_made_and_leaves_an_instance_that_ends(chance: Random) -> None:
    driving.driven.clear()
    drive = Drive(Maker(chance, 12).model(), VARIABLES)
    run = Run(drive, chance)
    for _ in range(chance.randint(0, 10)):
        if not drive.outcome:
            run.anything()
    for _ in range(3):
        if drive.instance.active:
            change(drive, **something(drive, chance))
    for _ in range(200):
        if drive.outcome or stands(drive):
            break
        run.towards_the_end()
    assert drive.outcome or stands(drive)


def stands(drive: Drive) -> bool:
    """Whether it comes no further by itself: a join lacks the token that was taken away, or a condition, in a place
    that nothing else runs beside any more, stays false."""
    if any(kind == "deadlock" for kind, _ in drive.instance.incidents.values()):
        return True
    conditions = bool(drive.instance.waits) and all(wait.kind == "conditional" for wait in drive.instance.waits)
    return conditions and not drive.work and not drive.instance.incidents


def something(drive: Drive, chance: Random) -> dict[str, Any]:
    keys, elements = list(drive.instance.instances), list(drive.instance.graph.nodes)
    way = chance.randrange(3)
    if way == 0:
        return {"cancel": (chance.choice(keys),), "ends": chance.random() < 0.1}
    if way == 1:
        return {"activate": (Activation(chance.choice(elements), chance.choice([0, *keys])),)}
    return {"move": (Move(chance.choice(keys), chance.choice(elements)),)}
