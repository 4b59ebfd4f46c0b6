"""Joins, loops, compensation and sub-processes of a running instance that moves to another version of its diagram."""

from __future__ import annotations

import pytest

from bpmn import Options, commands
from bpmn.events import JobFailed, Resume, StoreRead, Suspend
from bpmn.instance import Instance
from bpmn.migration import MigrationPlan, migrate
from tests.bpmn.building import (
    CANCEL,
    Part,
    Shape,
    ad_hoc,
    boundary,
    build,
    catch,
    compensation,
    end,
    gateway,
    link,
    listeners,
    looping,
    multi,
    on_event,
    process,
    service,
    start,
    sub,
    throw,
    transaction,
    user,
)
from tests.bpmn.engine.changing import kinds, line, move
from tests.bpmn.engine.driving import START, Drive
from tests.bpmn.engine.test_complex import complex_
from tests.bpmn.engine.test_data import one
from tests.bpmn.engine.test_data_stores import CUSTOMERS, READS

# -- joins -----------------------------------------------------------------------------------------------------------


def joined(*branches: str, kind: str = "parallel") -> Shape:
    shapes = [start(), gateway(kind, "F"), *(user(name) for name in branches), gateway(kind, "J"), end()]
    return process(*shapes, flows=["start > F", *(f"F > {name} > J" for name in branches), "J > end"])


def test_a_token_at_a_join_still_waits_there_for_the_others() -> None:
    drive = Drive(joined("A", "B"))
    drive.complete("A")

    move(drive, joined("A", "B"))
    drive.complete("B")

    assert drive.outcome == "completed"


def test_a_join_that_misses_nothing_in_the_new_version_joins_at_once() -> None:
    drive = Drive(joined("A", "B", "C"))
    drive.complete("A")
    drive.complete("B")

    shapes = [
        start(),
        gateway("parallel", "F"),
        user("A"),
        user("B"),
        user("C"),
        gateway("parallel", "J"),
        end(),
        end("e"),
    ]
    faults = move(drive, process(*shapes, flows=["start > F > A > J > end", "F > B > J", "F > C > e"]))

    assert faults == []
    assert drive.path()[-2:] == ["J", "end"]
    assert drive.open == ["C"]


def test_a_token_at_a_gateway_that_does_not_join_any_more_goes_on() -> None:
    drive = Drive(joined("A", "B"))
    drive.complete("A")
    one = process(start(), user("B"), gateway("parallel", "J"), user("C"), end(), flows=["start > B > J > C > end"])

    move(drive, one)

    assert drive.open == ["B", "C"]


def test_a_token_that_came_by_a_flow_the_new_version_has_not_is_a_fault() -> None:
    drive = Drive(joined("A", "B"))
    drive.complete("A")

    assert kinds(move(drive, joined("X", "B"))) == [("J", "join")]


def test_a_flow_of_another_id_between_the_same_elements_is_the_same() -> None:
    drive = Drive(joined("A", "B"))
    drive.complete("A")

    faults = move(drive, joined("X", "B"), {"A": "X"})
    drive.complete("B")

    assert faults == []
    assert drive.outcome == "completed"


def late(*more: str) -> Shape:
    """A complex gateway that two of three tokens start."""
    shapes = [start(), gateway("parallel", "F"), *map(user, "ABC"), complex_("G", "=activationCount >= 2"), user("Z")]
    flows = ["start > F", *(f"F > {name} > G" for name in "ABC"), "G > Z > end"]
    return process(*shapes, end(), *map(user, more), flows=[*flows, *(f"F > {name} > end" for name in more)])


def test_a_complex_gateway_that_has_been_started_is_reset_by_the_new_version() -> None:
    drive = Drive(late())
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["C", "Z"]

    assert move(drive, late("D")) == []
    drive.complete("C")
    drive.complete("Z")

    assert drive.path().count("G") == 2


def test_a_listener_that_is_at_work_must_be_one_of_the_new_version_too() -> None:
    drive = Drive(line(user("A", listeners("start: look"))))

    assert kinds(move(drive, line(user("A")))) == [("A", "work")]
    assert move(drive, line(user("A", listeners("start: look")), user("B"))) == []


@pytest.mark.parametrize(
    ("listening", "done"),
    [
        (listeners("start: look"), False),
        (listeners("creating: look", of="task"), False),
        (listeners("completing: look", of="task"), True),
        (listeners("end: look"), True),
    ],
)
def test_a_listener_that_has_failed_is_not_missed_where_the_new_version_has_none(listening: Part, done: bool) -> None:
    drive = Drive(line(user("A", listening), user("B")))
    if done:
        drive.complete("A")
    drive.tell(JobFailed(drive.key("A"), "no"))

    assert move(drive, line(user("A"), user("B"))) == []
    drive.retry("A")

    assert drive.open == (["B"] if done else ["A"])


def test_a_data_store_that_has_been_asked_must_be_one_of_the_new_version_too() -> None:
    drive = Drive(one(user("A", *READS), CUSTOMERS))

    assert kinds(move(drive, one(user("A")))) == [("A", "work")]
    assert move(drive, one(user("A", *READS), CUSTOMERS)) == []
    drive.tell(StoreRead(drive.key("A"), ["李明"]))

    assert drive.asked(commands.OpenUserTask) != []


def test_the_steps_that_a_suspended_scope_has_yet_to_take_are_those_of_the_new_version() -> None:
    old, new = build(line(user("A", multi("=[1, 2, 3]")))), build(line(user("B", multi("=[1, 2, 3]"))))
    instance = Instance(old, options=Options(slice_steps=1))
    instance.start(START)
    instance.handle(Suspend(), START)
    while instance.pending:
        instance.proceed(START)
    instance.drain_journal()
    assert instance.steps

    plan = MigrationPlan.between(old.processes["p"], new.processes["p"], {"A": "B"})
    moved = migrate(instance, new, plan, START).instance
    asked = moved.handle(Resume(), START)
    while moved.pending:
        asked += moved.proceed(START)

    assert [command.element for command in asked if isinstance(command, commands.OpenUserTask)] == ["B"] * 3


# -- loops, compensation ---------------------------------------------------------------------------------------------


def test_a_multi_instance_body_that_collects_now_did_not_lose_its_items() -> None:
    drive = Drive(line(user("A", multi("=items", item="item"))), {"items": [1, 2]})
    drive.complete("A", x=1)

    move(drive, line(user("A", multi("=items", item="it", into="out", gives="=it"))))
    drive.complete("A")

    assert drive.variables["out"] == [None, 2]


def undoable(*parts: Shape, handler: str = "undo") -> Shape:
    shapes = [service("A"), boundary("A", "c", compensation()), service(handler, undoes=True)]
    path = " > ".join(["start", "A", *(one.id for one in parts), "end"])
    return process(start(), *shapes, *parts, end(), flows=[path], links=[f"c > {handler}"])


def test_what_has_been_completed_is_undone_as_the_new_version_says() -> None:
    drive = Drive(undoable(user("B"), throw("T", compensation())))
    drive.complete("A")

    move(drive, undoable(user("B"), throw("T", compensation()), handler="better"))
    drive.complete("B")

    assert drive.open == ["better"]


def test_what_the_new_version_does_not_undo_any_more_is_not_undone() -> None:
    drive = Drive(undoable(user("B"), throw("T", compensation())))
    drive.complete("A")

    move(drive, line(service("A"), user("B"), throw("T", compensation())))
    drive.complete("B")

    assert drive.outcome == "completed"


def test_what_can_be_undone_and_has_no_place_in_the_new_version_is_a_fault() -> None:
    drive = Drive(undoable(user("B")))
    drive.complete("A")

    assert kinds(move(drive, line(user("B")))) == [("A", "compensation")]


def test_a_compensation_under_way_goes_on_with_the_handlers_of_the_new_version() -> None:
    drive = Drive(undoable(throw("T", compensation())))
    drive.complete("A")

    assert kinds(move(drive, undoable(throw("T", compensation()), handler="better"))) == [("undo", "target")]
    assert move(drive, undoable(throw("T", compensation()), handler="better"), {"undo": "better"}) == []

    drive.complete("undo")
    assert drive.path()[-4:] == ["better", "T", "end", "p"]


def test_links_lead_to_where_the_new_version_has_them() -> None:
    def linked(name: str) -> Shape:
        shapes = [start(), user("A"), throw("T", link(name)), catch("C", link(name)), user("B"), end()]
        return process(*shapes, flows=["start > A > T", "C > B > end"])

    drive = Drive(linked("one"))

    move(drive, linked("two"))
    drive.complete("A")

    assert drive.open == ["B"]


# -- transactions, ad-hoc sub-processes, standard loops ----------------------------------------------------------------


def taken_back(handler: str = "undo") -> Shape:
    """A transaction that is cancelled after X."""
    shapes = [service("A"), boundary("A", "c", compensation()), service(handler, undoes=True), user("X")]
    inside = transaction("T", start("s"), *shapes, end("e", CANCEL), flows=["s > A > X > e"], links=[f"c > {handler}"])
    flows = ["start > T > end", "b > f"]
    return process(start(), inside, boundary("T", "b", CANCEL), end(), end("f"), flows=flows)


def test_a_transaction_takes_back_what_it_did_as_the_new_version_says() -> None:
    drive = Drive(taken_back())
    drive.complete("A")

    assert move(drive, taken_back("better")) == []
    drive.complete("X")
    drive.complete("better")

    assert drive.path()[-3:] == ["b", "f", "p"]


def test_a_transaction_that_is_being_taken_back_goes_on_by_the_new_version() -> None:
    drive = Drive(taken_back())
    drive.complete("A")
    drive.complete("X")

    assert move(drive, taken_back("better"), {"undo": "better"}) == []
    drive.complete("undo")

    assert drive.path()[-4:] == ["better", "b", "f", "p"]


def test_what_is_to_be_activated_later_in_an_ad_hoc_sub_process_moves_or_is_a_fault() -> None:
    def sequence(*names: str) -> Shape:
        return line(ad_hoc("H", *map(user, names), sequential=True))

    drive = Drive(sequence("X", "Y"))

    assert kinds(move(drive, sequence("X", "Z"))) == [("Y", "target")]
    assert move(drive, sequence("X", "Z"), {"Y": "Z"}) == []
    drive.complete("X")

    assert drive.open == ["Z"]


def test_a_standard_loop_goes_on_with_the_condition_of_the_new_version() -> None:
    drive = Drive(line(user("A", looping("=true"))))
    drive.complete("A")

    move(drive, line(user("A", looping("=false"))))
    drive.complete("A")

    assert drive.outcome == "completed"


def test_a_handler_that_is_an_event_sub_process_moves_while_it_undoes() -> None:
    def undone(task: str) -> Shape:
        undo = on_event("undo", compensation(), then=task)
        inside = sub("S", start("s"), user("X"), end("e"), undo, flows=["s > X > e"])
        return line(inside, throw("T", compensation()), user("B"))

    drive = Drive(undone("U"))
    drive.complete("X")

    assert move(drive, undone("V"), {"U": "V"}) == []
    drive.complete("V")

    assert drive.open == ["B"]
