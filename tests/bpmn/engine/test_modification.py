"""Tokens cancelled, added and moved by somebody with a reason."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn import commands
from bpmn.events import Suspend
from bpmn.instance import Instance
from bpmn.modification import (
    Activation,
    Arrival,
    Misplaced,
    Modification,
    ModificationRefused,
    Move,
    Touched,
    modify,
    preview,
)
from tests.bpmn.building import (
    CANCEL,
    Part,
    Shape,
    ad_hoc,
    boundary,
    compensation,
    end,
    gateway,
    io,
    looping,
    multi,
    on_event,
    process,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    transaction,
    user,
)
from tests.bpmn.engine import driving
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def change(drive: Drive, **wanted: Any) -> ModificationRefused | None:
    """Modify the drive; a refusal is that of every shadow."""
    modification = Modification(**{"by": "王芳", "reason": "发错部门", **wanted})
    faults: list[ModificationRefused | None] = []

    def act(instance: Instance) -> tuple[Instance, tuple[commands.Command, ...]]:
        result = modify(instance, modification, drive.now)
        faults.append(result.fault)
        assert not result.fault or result.instance is instance
        return result.instance, result.commands

    drive.become(act)
    return faults[0]


def refused(drive: Drive, **wanted: Any) -> Misplaced | None:
    before = drive.instance.dump()
    fault = change(drive, **wanted)
    assert drive.instance.dump() == before
    return fault.kind if fault else None


def key_of(drive: Drive, element: str, role: str | None = None) -> int:
    found = drive.instance.instances.items()
    return next(key for key, one in found if one.element == element and role in (None, one.role))


def line(*shapes: Shape) -> Shape:
    path = [one.id for one in shapes if one.tag != "boundaryEvent" and "triggeredByEvent" not in one.attributes]
    return process(start(), *shapes, end(), flows=[" > ".join(["start", *path, "end"])])


def nested(*beside: Shape, loop: tuple[Any, ...] = ()) -> Shape:
    """A, then a sub-process S with X and Y inside."""
    inside = sub("S", *loop, start("s"), user("X"), user("Y"), end("e"), *beside, flows=["s > X > Y > e"])
    return line(user("A"), inside, user("B"))


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


# -- joins -----------------------------------------------------------------------------------------------------------


def joined() -> Drive:
    shapes = [start(), gateway("parallel", "F"), user("A"), user("B"), gateway("parallel", "J"), user("C"), end()]
    drive = Drive(process(*shapes, flows=["start > F > A > J > C > end", "F > B > J"]))
    drive.complete("A")
    return drive


def test_activating_a_join_joins_what_has_come() -> None:
    drive = joined()

    change(drive, cancel=(drive.key("B"),), activate=(Activation("J"),))

    assert drive.open == ["C"]
    drive.complete("C")
    assert drive.outcome == "completed"


def test_a_token_at_a_join_can_be_withdrawn() -> None:
    drive = joined()
    root = key_of(drive, "p")

    change(drive, withdraw=(Arrival(root, "J", "A_J"),), activate=(Activation("A"),))

    assert drive.open == ["B", "A"]
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["C"]


def test_a_deadlock_is_over_when_the_missing_token_is_added() -> None:
    drive = joined()
    change(drive, cancel=(drive.key("B"),))
    assert drive.incidents == [("p", "deadlock")]

    change(drive, activate=(Activation("B"),))

    assert drive.incidents == []
    drive.complete("B")
    assert drive.open == ["C"]


# -- multi-instance --------------------------------------------------------------------------------------------------


def many(**loop: Any) -> Drive:
    given = multi("=items", item="item", into="out", gives="=x", **loop)
    return Drive(line(user("A", given), user("B")), {"items": ["a", "b", "c"]})


def test_one_inner_instance_is_cancelled_and_gives_no_output() -> None:
    drive = many()

    change(drive, cancel=(drive.key("A"),))
    drive.complete("A", x=2)
    drive.complete("A", x=3)

    assert drive.open == ["B"]
    assert drive.variables["out"] == [None, 2, 3]


def test_the_next_item_has_its_turn_when_the_present_one_is_cancelled() -> None:
    drive = many(sequential=True)

    change(drive, cancel=(drive.key("A"),))

    assert drive.instance.variables(drive.key("A"))["item"] == "b"


def test_the_last_inner_instance_that_is_cancelled_completes_the_body() -> None:
    drive = many()
    drive.complete("A", x=1)
    drive.complete("A", x=2)

    change(drive, cancel=(drive.key("A"),))

    assert drive.open == ["B"]


@pytest.mark.parametrize("sequential", [False, True])
def test_a_body_that_all_its_tokens_are_moved_out_of_is_left_for_good(sequential: bool) -> None:
    drive = many(sequential=sequential)
    keys = [key for key, one in drive.instance.instances.items() if one.role == "inner"]

    change(drive, move=tuple(Move(key, "B") for key in keys))

    assert drive.open == ["B"] * len(keys)


def test_a_body_goes_on_with_those_that_are_not_moved_out_of_it() -> None:
    drive = many()

    change(drive, move=(Move(drive.key("A"), "B"),))
    drive.complete("A", x=2)
    drive.complete("A", x=3)

    assert drive.open == ["B", "B"]


def test_a_completion_condition_counts_cancelled_ones_as_terminated() -> None:
    drive = many(until="=numberOfTerminatedInstances = 1 and numberOfCompletedInstances = 1")

    change(drive, cancel=(drive.key("A"),))
    drive.complete("A", x=2)

    assert drive.open == ["B"]


def test_an_item_is_added_and_its_inner_instance_begins() -> None:
    drive = many()

    change(drive, activate=(Activation("A", key_of(drive, "A", "body"), item="d"),))

    assert drive.open == ["A"] * 4
    for number in range(4):
        drive.complete("A", x=number)
    assert drive.variables["out"] == [0, 1, 2, 3]
    assert drive.open == ["B"]


def test_an_item_that_is_added_in_turn_waits_for_it() -> None:
    drive = many(sequential=True)

    change(drive, activate=(Activation("A", key_of(drive, "A", "body"), item="d"),))

    assert drive.open == ["A"]
    for number in range(4):
        drive.complete("A", x=number)
    assert drive.variables["out"] == [0, 1, 2, 3]


def test_the_whole_body_is_cancelled_by_its_own_key() -> None:
    drive = many()

    change(drive, move=(Move(key_of(drive, "A", "body"), "B"),))

    assert drive.open == ["B"]
    assert "out" not in drive.variables


# -- compensation ----------------------------------------------------------------------------------------------------


def test_a_cancelled_compensation_handler_lets_the_compensation_go_on() -> None:
    shapes = [start(), service("A"), boundary("A", "c", compensation()), service("undo", undoes=True)]
    shapes += [throw("T", compensation()), user("B"), end()]
    drive = Drive(process(*shapes, flows=["start > A > T > B > end"], links=["c > undo"]))
    drive.complete("A")

    change(drive, cancel=(drive.key("undo"),))

    assert drive.open == ["B"]


# -- transactions, ad-hoc sub-processes, standard loops ----------------------------------------------------------------


def test_a_transaction_is_taken_back_though_its_last_compensation_handler_is_cancelled() -> None:
    steps = [start("s"), service("X"), boundary("X", "c", compensation()), service("undo", undoes=True)]
    inside = transaction("T", *steps, end("e", CANCEL), flows=["s > X > e"], links=["c > undo"])
    shapes = [start(), inside, boundary("T", "b", CANCEL), user("after"), end(), end("f")]
    drive = Drive(process(*shapes, flows=["start > T > end", "b > after > f"]))
    drive.complete("X")
    assert drive.open == ["undo"]

    change(drive, cancel=(drive.key("undo"),))

    assert drive.open == ["after"]


def test_a_token_moves_into_a_transaction_that_can_still_be_cancelled() -> None:
    inside = transaction("T", start("s"), user("X"), user("Y"), end("e", CANCEL), flows=["s > X > Y > e"])
    shapes = [start(), user("A"), inside, boundary("T", "b", CANCEL), end(), end("f")]
    drive = Drive(process(*shapes, flows=["start > A > T > end", "b > f"]))

    change(drive, move=(Move(drive.key("A"), "Y"),))
    drive.complete("Y")

    assert drive.path()[-3:] == ["b", "f", "p"]


def test_an_element_is_added_to_an_ad_hoc_sub_process_and_one_cancelled() -> None:
    inside = ad_hoc("H", user("X"), user("Y"), until="=done = true")
    drive = Drive(line(inside, user("B")))

    change(drive, cancel=(drive.key("X"),), activate=(Activation("Y", key_of(drive, "H")),))
    assert drive.open == ["Y", "Y"]
    change(drive, cancel=(drive.key("Y"),))
    change(drive, cancel=(drive.key("Y"),))

    assert [one.element for one in drive.instance.instances.values()] == ["p", "H"]


def test_a_token_that_moves_into_an_ad_hoc_sub_process_has_it_created_with_that_element_alone() -> None:
    drive = Drive(line(user("A"), ad_hoc("H", user("X"), user("Y")), user("B")))

    change(drive, move=(Move(drive.key("A"), "Y"),))
    assert drive.open == ["Y"]
    drive.complete("Y")

    assert drive.open == ["B"]


def test_a_run_of_a_standard_loop_that_is_cancelled_is_followed_by_the_next() -> None:
    drive = Drive(line(user("A", looping("=true", at_most=2)), user("B")))

    change(drive, cancel=(drive.key("A"),))
    assert drive.open == ["A"]
    change(drive, cancel=(drive.key("A"),))

    assert drive.open == ["B"]


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
