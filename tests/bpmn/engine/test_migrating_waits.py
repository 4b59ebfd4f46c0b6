"""What a running instance waits for when it moves to another version of its diagram."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bpmn import commands
from tests.bpmn.building import (
    Shape,
    boundary,
    catch,
    condition,
    end,
    gateway,
    instantiating,
    message,
    multi,
    on_event,
    parallel,
    process,
    receive,
    signal,
    start,
    timer,
    user,
)
from tests.bpmn.engine.changing import guarded, kinds, line, move
from tests.bpmn.engine.driving import START, Drive

# -- waits -----------------------------------------------------------------------------------------------------------


def test_a_timer_that_came_again_comes_once_where_the_new_version_says_so() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("R/PT2H"), interrupting=False)))

    move(drive, guarded(boundary("A", "late", timer("PT5H"), interrupting=False)))

    drive.wait(hours=20)
    assert drive.path().count("end_late") == 1


def test_a_timer_that_came_once_comes_again_where_the_new_version_says_so() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("PT2H"), interrupting=False)))

    move(drive, guarded(boundary("A", "late", timer("R2/PT5H"), interrupting=False)))

    drive.wait(hours=2)
    assert drive.path().count("end_late") == 1
    drive.wait(hours=20)
    assert drive.path().count("end_late") == 2


def test_a_timer_keeps_its_due_date_though_the_new_version_has_another_duration() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("PT2H"))))
    drive.wait(hours=1)

    move(drive, guarded(boundary("A", "late", timer("PT5H"))))
    drive.wait(hours=1)

    assert drive.path()[-2:] == ["end_late", "p"]


def test_timers_are_set_by_the_new_version_where_the_plan_says_so() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("PT2H"))))
    drive.wait(hours=1)

    move(drive, guarded(boundary("A", "late", timer("PT5H"))), timers_anew=True)

    (timer_set,) = drive.asked(commands.SetTimer)
    assert timer_set.due == START + timedelta(hours=6)


def test_a_boundary_event_that_is_new_waits_from_the_migration_on() -> None:
    drive = Drive(guarded())
    drive.wait(hours=1)

    move(drive, guarded(boundary("A", "late", timer("PT2H"))))
    drive.wait(hours=2)

    assert drive.path()[-2:] == ["end_late", "p"]


def test_a_boundary_event_that_is_gone_waits_no_more() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("PT2H"))))

    move(drive, guarded())

    assert drive.waiting == []
    assert [type(one) for one in drive.last] == [commands.CancelTimer]


def test_a_boundary_event_of_another_kind_takes_the_place_of_the_old_one() -> None:
    drive = Drive(guarded(boundary("A", "b", timer("PT2H"))), {"key": "k"})

    move(drive, guarded(boundary("A", "b", message("M"))))
    drive.message("M")

    assert drive.path()[-2:] == ["end_b", "p"]


def test_a_boundary_event_of_a_multi_instance_activity_moves_with_its_body() -> None:
    def many(*boundaries: Shape) -> Shape:
        flows = ["start > A > end", *(f"{one.id} > end" for one in boundaries)]
        loop = multi("=items", item="item", into="out", gives="=x")
        return process(start(), user("A", loop), *boundaries, end(), flows=flows)

    drive = Drive(many(boundary("A", "late", timer("PT2H"))), {"items": [1, 2, 3]})
    drive.complete("A", x=1)

    faults = move(drive, many(boundary("A", "late", timer("PT2H")), boundary("A", "stop", signal("S"))))
    drive.complete("A", x=2)
    drive.signal("S")

    assert faults == []
    assert drive.path("terminated") == ["A", "A"]
    assert drive.path()[-3:] == ["stop", "end", "p"]


def test_a_message_known_by_another_name_or_key_is_subscribed_anew() -> None:
    drive = Drive(line(receive("R", "M")), {"key": "k", "other": "o"})

    move(drive, line(receive("R", "N", key="=other")))

    (gone,), (new,) = drive.asked(commands.Unsubscribe), drive.asked(commands.Subscribe)
    assert (gone.message, gone.correlation_key) == ("M", "k")
    assert (new.message, new.correlation_key) == ("N", "o")


def test_a_message_under_the_same_name_and_key_stays_subscribed_though_it_is_written_otherwise() -> None:
    drive = Drive(line(receive("R", "M")), {"key": "k", "other": "k"})

    move(drive, line(receive("R", "M", key="=other")))

    assert drive.last == []


def test_a_message_that_came_early_is_delivered_to_what_the_new_version_waits_for() -> None:
    drive = Drive(guarded(), {"key": "k"})
    drive.message("M", ttl=60)

    move(drive, guarded(boundary("A", "b", message("M"))))

    assert drive.outcome == "completed"


def test_the_event_sub_processes_of_the_new_version_wait_and_those_gone_do_not() -> None:
    drive = Drive(line(user("A"), on_event("old", timer("PT1H"))))

    move(drive, line(user("A"), on_event("new", signal("S"), then="told", interrupting=False)))
    drive.signal("S")

    assert drive.open == ["A", "told"]
    assert drive.waiting == ["new_start"]


def test_no_event_sub_process_is_opened_in_a_scope_that_another_has_interrupted() -> None:
    drive = Drive(line(user("A"), on_event("stop", signal("S"), then="B")))
    drive.signal("S")

    move(drive, line(user("A"), on_event("stop", signal("S"), then="B"), on_event("other", signal("T"))))

    assert drive.waiting == []


def test_an_event_based_gateway_waits_for_what_is_behind_it_in_the_new_version() -> None:
    def race(**ways: Any) -> Shape:
        events = [catch(name, part) for name, part in ways.items()]
        flows = ["start > G", *(f"G > {name} > end" for name in ways)]
        return process(start(), gateway("eventBased", "G"), *events, end(), flows=flows)

    drive = Drive(race(a=timer("PT1H"), b=message("M")), {"key": "k"})

    move(drive, race(b=message("M"), c=signal("S")))

    assert drive.waiting == ["b", "c"]
    drive.signal("S")
    assert drive.path()[-3:] == ["c", "end", "p"]


def test_a_process_that_waits_for_its_start_waits_for_the_starts_of_the_new_version() -> None:
    def waiting(*starts: Shape) -> Shape:
        return process(*starts, end(), flows=[f"{one.id} > end" for one in starts])

    drive = Drive(waiting(start("a", timer("2026-03-05T08:00:00"))))

    move(drive, waiting(start("a", timer("2026-03-05T08:00:00")), start("b", message("M", ""))))
    drive.message("M", key="")

    assert drive.path() == ["b", "end", "p"]


# -- conditional, multiple and instantiating events ------------------------------------------------------------------


def test_a_condition_that_the_new_version_writes_otherwise_is_looked_at_at_once() -> None:
    drive = Drive(guarded(boundary("A", "b", condition("=x > 5"))), {"x": 3})

    move(drive, guarded(boundary("A", "b", condition("=x > 2"))))

    assert drive.path()[-2:] == ["end_b", "p"]


def test_a_condition_that_has_happened_does_not_happen_again_by_the_migration() -> None:
    def told() -> Shape:
        return guarded(boundary("A", "b", condition("=x > 2"), interrupting=False))

    drive = Drive(told(), {"x": 3})

    move(drive, told())

    assert drive.path().count("b") == 1


def test_variables_given_with_the_plan_make_conditions_true() -> None:
    drive = Drive(guarded(boundary("A", "b", condition("=x > 5"))), {"x": 3})

    move(drive, guarded(boundary("A", "b", condition("=x > 5"))), variables={"x": 6})

    assert drive.path()[-2:] == ["end_b", "p"]


def test_what_has_come_of_a_parallel_multiple_event_has_come_after_the_migration_too() -> None:
    drive = Drive(guarded(parallel(boundary("A", "b", message("M"), signal("S")))), {"key": "k"})
    drive.message("M")

    move(drive, guarded(parallel(boundary("A", "both", message("M"), signal("S")))), {"b": "both"})
    drive.signal("S")

    assert drive.path()[-2:] == ["end_both", "p"]


def test_each_definition_of_a_multiple_event_keeps_its_wait_or_is_opened_anew() -> None:
    drive = Drive(line(catch("C", message("M"), timer("PT2H"))), {"key": "k"})
    drive.wait(hours=1)

    move(drive, line(catch("C", message("N"), timer("PT9H"))))

    assert [one.message for one in drive.asked(commands.Subscribe)] == ["N"]
    drive.wait(hours=1)
    assert drive.outcome == "completed"


def test_a_multiple_event_of_other_definitions_is_another_wait() -> None:
    drive = Drive(line(catch("C", message("M"), timer("PT2H"))), {"key": "k"})

    assert kinds(move(drive, line(catch("C", message("M"), signal("S"))))) == [("C", "wait")]


def gathered(*names: str) -> Shape:
    """A process that begins by one of these messages and needs all of them."""
    events = [catch(name, message(name)) for name in names]
    flows = [line for name in names for line in (f"G > {name} > J",)]
    return process(instantiating("G", "Parallel"), *events, gateway("parallel", "J"), end(), flows=[*flows, "J > end"])


def test_an_instance_that_gathers_its_beginnings_waits_for_those_of_the_new_version() -> None:
    drive = Drive(gathered("M", "N"), {"key": "k"}, start_event="M")

    move(drive, gathered("M", "N", "O"))

    assert drive.waiting == ["N", "O"]
    drive.message("N")
    drive.message("O")
    assert drive.outcome == "completed"


def test_an_instance_whose_beginnings_are_all_there_by_the_new_version_goes_on() -> None:
    drive = Drive(gathered("M", "N", "O"), {"key": "k"}, start_event="M")
    drive.message("N")

    move(drive, gathered("M", "N"))

    assert drive.outcome == "completed"
