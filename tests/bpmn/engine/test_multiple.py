"""Multiple and parallel multiple events that catch: several definitions in one event (BPMN 2.0 table 10.93)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bpmn import commands
from bpmn.definition import MessageStart
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    build,
    catch,
    condition,
    end,
    error,
    escalation,
    gateway,
    io,
    message,
    on_event,
    parallel,
    process,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.engine.driving import START, Drive

THREE = (message("M"), signal("S"), timer("PT1H"))


def caught(*parts: Part, all_of_them: bool = False) -> Shape:
    shape = catch("C", *parts)
    return process(
        start(), parallel(shape) if all_of_them else shape, user("next"), end(), flows=["start > C > next > end"]
    )


def happen(drive: Drive, what: str) -> None:
    if what == "M":
        drive.message("M", m=1)
    elif what == "S":
        drive.signal("S", s=2)
    else:
        drive.wait(hours=1)


@pytest.mark.parametrize("what", ["M", "S", "T"])
def test_the_first_of_its_definitions_completes_a_multiple_catch_event(what: str) -> None:
    drive = Drive(caught(*THREE), {"key": "k"})
    assert drive.waiting == ["C", "C", "C"]

    happen(drive, what)

    assert drive.open == ["next"]
    assert drive.waiting == []


def test_nothing_more_is_waited_for_where_the_mapping_of_a_multiple_event_fails() -> None:
    parts = (*THREE, io(outputs={"y": "=for i in 1..m return i"}))
    drive = Drive(caught(*parts), {"key": "k"}, variable_bytes=1000)

    drive.message("M", m=500)

    assert drive.incidents == [("C", "variable")]
    assert drive.waiting == []


@pytest.mark.parametrize("order", ["MST", "TSM", "SMT"])
def test_a_parallel_multiple_catch_event_needs_all_in_any_order_and_brings_the_variables_of_all(order: str) -> None:
    drive = Drive(caught(*THREE, all_of_them=True), {"key": "k"})
    for what in order[:2]:
        happen(drive, what)
        assert drive.open == []

    happen(drive, order[2])

    assert drive.open == ["next"]
    assert drive.variables == {"key": "k", "m": 1, "s": 2}


def test_what_has_come_of_a_parallel_multiple_event_is_not_waited_for_twice() -> None:
    drive = Drive(caught(*THREE, all_of_them=True), {"key": "k"})
    drive.message("M", m=1)
    assert not drive.instance.waits_for("M", "k")

    drive.message("M", m=9)
    drive.signal("S")
    drive.wait(hours=1)

    assert drive.variables["m"] == 1


def test_an_early_message_counts_for_a_parallel_multiple_event() -> None:
    model = process(
        start(),
        user("A"),
        parallel(catch("C", message("M"), signal("S"))),
        end(),
        flows=["start > A > C > end"],
    )
    drive = Drive(model, {"key": "k"})
    drive.message("M", ttl=60)
    drive.complete("A")
    assert drive.waiting == ["C"]

    drive.signal("S")

    assert drive.outcome == "completed"


def test_a_condition_counts_once_it_has_become_true() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        gateway("exclusive", "in"),
        user("U"),
        parallel(catch("C", condition("=x > 5"), signal("S"))),
        user("A"),
        end(),
        flows=["start > fork > C > A > end", "fork > in > U > in"],
    )
    drive = Drive(model, {"x": 1})
    drive.complete("U", x=6)
    drive.complete("U", x=2)

    drive.signal("S")

    assert drive.open == ["U", "A"]


def hosted(*parts: Part, interrupting: bool, all_of_them: bool = False) -> Shape:
    shape = boundary("H", "b", *parts, interrupting=interrupting)
    return process(
        start(),
        user("H"),
        parallel(shape) if all_of_them else shape,
        user("B"),
        end(),
        flows=["start > H > end", "b > B > end"],
    )


@pytest.mark.parametrize("what", ["M", "S", "T"])
def test_any_of_the_definitions_of_a_boundary_event_interrupts(what: str) -> None:
    drive = Drive(hosted(*THREE, interrupting=True), {"key": "k"})

    happen(drive, what)

    assert drive.open == ["B"]
    assert drive.waiting == []


def test_each_definition_of_a_non_interrupting_boundary_event_happens_by_itself() -> None:
    drive = Drive(hosted(*THREE, interrupting=False), {"key": "k"})
    for what in "MMSTT":
        happen(drive, what)

    assert drive.open == ["H", "B", "B", "B", "B"]
    assert drive.waiting == ["b", "b"]


def test_a_parallel_multiple_boundary_event_interrupts_when_all_have_come() -> None:
    drive = Drive(hosted(*THREE, interrupting=True, all_of_them=True), {"key": "k"})
    happen(drive, "M")
    happen(drive, "S")
    assert drive.open == ["H"]

    happen(drive, "T")

    assert drive.open == ["B"]


def test_what_has_come_of_a_boundary_event_is_forgotten_with_its_activity() -> None:
    drive = Drive(hosted(message("M"), signal("S"), interrupting=True, all_of_them=True), {"key": "k"})
    happen(drive, "M")

    drive.complete("H")

    assert drive.outcome == "completed"


def test_a_non_interrupting_parallel_multiple_event_begins_anew_when_all_have_come() -> None:
    drive = Drive(hosted(message("M"), signal("S"), interrupting=False, all_of_them=True), {"key": "k"})
    counts = []
    for what in "MSSMMS":
        happen(drive, what)
        counts.append(drive.open.count("B"))

    assert counts == [0, 1, 1, 2, 2, 3]


def test_a_repeating_timer_among_all_that_are_needed_goes_on_and_one_that_does_not_ends_the_waiting() -> None:
    repeating = Drive(hosted(signal("S"), timer("R2/PT1H"), interrupting=False, all_of_them=True))
    for _ in range(3):
        repeating.signal("S")
        repeating.wait(hours=1)
    assert repeating.open == ["H", "B", "B"]
    assert repeating.waiting == []

    once = Drive(hosted(signal("S"), timer("PT1H"), interrupting=False, all_of_them=True))
    for _ in range(2):
        once.signal("S")
        once.wait(hours=1)
    assert once.open == ["H", "B"]
    assert once.waiting == []


def test_a_condition_among_all_that_are_needed_must_have_been_false_before_it_counts_again() -> None:
    shape = parallel(boundary("H", "b", condition("=x > 5"), signal("S"), interrupting=False))
    model = process(
        start(),
        gateway("parallel", "fork"),
        gateway("exclusive", "in"),
        user("U"),
        user("H"),
        shape,
        user("B"),
        end(),
        flows=["start > fork > H > end", "fork > in > U > in", "b > B > end"],
    )
    drive = Drive(model, {"x": 6})
    drive.signal("S")
    assert drive.open.count("B") == 1

    drive.signal("S")
    drive.complete("U", x=7)
    assert drive.open.count("B") == 1
    drive.complete("U", x=1)
    drive.complete("U", x=8)

    assert drive.open.count("B") == 2


@pytest.mark.parametrize("code", ["E", "F"])
def test_an_error_may_be_one_of_the_definitions_of_a_boundary_event(code: str) -> None:
    model = process(
        start(),
        service("H"),
        boundary("H", "b", signal("S"), error("E"), error("F")),
        user("B"),
        end(),
        flows=["start > H > end", "b > B > end"],
    )
    drive = Drive(model)

    drive.error("H", code)

    assert drive.open == ["B"]
    assert drive.waiting == []


def test_of_several_events_the_definition_with_the_code_goes_before_one_that_catches_all() -> None:
    model = process(
        start(),
        service("H"),
        boundary("H", "all", signal("S"), error()),
        boundary("H", "exact", signal("S"), error("E")),
        user("A"),
        user("B"),
        end(),
        flows=["start > H > end", "all > A > end", "exact > B > end"],
    )
    drive = Drive(model)

    drive.error("H", "E")

    assert drive.open == ["B"]


def test_a_call_is_told_the_codes_of_multiple_events_too() -> None:
    shape = boundary("C", "b", error("E"), escalation("X"), signal("S"))
    calling = Shape("callActivity", "C", {}, (Part(extension='<zeebe:calledElement processId="q"/>'),))
    drive = Drive(process(start(), calling, shape, end(), flows=["start > C > end", "b > end"]))

    (call,) = drive.asked(commands.StartCall)

    assert (call.caught_errors, call.interrupting_escalations) == (("E",), ("X",))


def watched(*parts: Part, interrupting: bool, all_of_them: bool) -> Shape:
    shape = on_event("E", *parts, interrupting=interrupting, then="C")
    if all_of_them:
        parallel(shape.inside[0])
    return process(start(), user("A"), end(), shape, flows=["start > A > end"])


def test_any_definition_starts_an_event_sub_process() -> None:
    drive = Drive(watched(*THREE, interrupting=True, all_of_them=False), {"key": "k"})

    drive.signal("S")

    assert (drive.open, drive.waiting) == (["C"], [])


def test_an_event_sub_process_may_need_all_definitions() -> None:
    drive = Drive(watched(message("M"), signal("S"), interrupting=True, all_of_them=True), {"key": "k"})
    drive.signal("S")
    assert drive.open == ["A"]

    drive.message("M")

    assert (drive.open, drive.waiting) == (["C"], [])


def test_a_non_interrupting_event_sub_process_that_needs_all_starts_each_time_all_have_come() -> None:
    drive = Drive(watched(message("M"), signal("S"), interrupting=False, all_of_them=True), {"key": "k"})
    for what in "MSSM":
        happen(drive, what)

    assert drive.open == ["A", "C", "C"]


def test_what_has_come_for_other_event_sub_processes_is_forgotten_when_one_interrupts_their_scope() -> None:
    both = on_event("E", message("M"), signal("S"), interrupting=True, then="C")
    parallel(both.inside[0])
    stop = on_event("F", signal("Stop"), then="D")
    drive = Drive(process(start(), user("A"), end(), both, stop, flows=["start > A > end"]), {"key": "k"})
    drive.signal("S")

    drive.signal("Stop")

    assert drive.open == ["D"]
    assert [one.met for one in drive.instance.instances.values()] == [[]] * 3


def test_an_escalation_may_be_one_of_the_definitions_of_an_event_sub_process() -> None:
    inner = sub(
        "S",
        start("s"),
        throw("T", escalation("X")),
        user("A"),
        end("e"),
        on_event("E", escalation("X"), signal("Help"), interrupting=False, then="C"),
        flows=["s > T > A > e"],
    )
    drive = Drive(process(start(), inner, end(), flows=["start > S > end"]))

    drive.signal("Help")

    assert sorted(drive.open) == ["A", "C", "C"]


def begun(all_of_them: bool) -> Shape:
    shape = start("s", message("M", key=""), signal("S"))
    return process(parallel(shape) if all_of_them else shape, user("A"), end(), flows=["s > A > end"])


def test_a_process_begins_at_its_multiple_start_event() -> None:
    assert Drive(begun(all_of_them=False), {"m": 1}, start_event="s").open == ["A"]

    drive = Drive(begun(all_of_them=False))
    assert drive.waiting == ["s", "s"]
    drive.signal("S", s=2)

    assert (drive.path(), drive.open, drive.waiting) == (["s"], ["A"], [])
    assert drive.variables == {"s": 2}


def test_a_process_that_is_started_plainly_waits_for_all_of_a_parallel_multiple_start_event() -> None:
    drive = Drive(begun(all_of_them=True))
    drive.signal("S", s=2)
    assert drive.path() == []

    drive.message("M", key="", m=1)

    assert drive.open == ["A"]
    assert drive.variables == {"s": 2, "m": 1}


def test_a_message_starts_a_process_at_a_multiple_start_event_but_not_where_it_needs_more() -> None:
    assert build(begun(all_of_them=False)).message_starts() == {"M": "p"}
    assert build(begun(all_of_them=True)).message_starts() == {}
    assert build(begun(all_of_them=True)).messages() == {"p": ("M",)}


def test_messages_that_a_start_event_needs_all_of_start_a_process_together() -> None:
    both = message("N", key=""), message("M", key="")
    needed = build(process(parallel(start("s", *both)), user("A"), end(), flows=["s > A > end"]))
    one_of_them = build(process(start("s", *both), user("A"), end(), flows=["s > A > end"]))

    assert needed.message_starts() == one_of_them.message_starts() == {"N": "p", "M": "p"}
    assert needed.message_beginnings() == {"N": MessageStart("p", "s", 1), "M": MessageStart("p", "s", 2)}
    assert one_of_them.message_beginnings() == {"N": MessageStart("p"), "M": MessageStart("p")}


def test_a_multiple_event_may_stand_behind_an_event_based_gateway() -> None:
    model = process(
        start(),
        gateway("eventBased", "G"),
        catch("C", message("M"), signal("S")),
        catch("T", timer("PT1H")),
        user("A"),
        user("B"),
        end(),
        flows=["start > G > C > A > end", "G > T > B > end"],
    )
    drive = Drive(model, {"key": "k"})

    drive.signal("S")

    assert (drive.open, drive.waiting) == (["A"], [])


def test_the_journal_tells_of_every_timer_of_a_multiple_event() -> None:
    drive = Drive(caught(timer("PT1H"), timer("PT2H")))

    assert [one["due"] for one in drive.data("scheduled")] == [
        (START + timedelta(hours=hours)).isoformat() for hours in (1, 2)
    ]
