"""The token game of small diagrams: what it finds, how it tells the way there, and what it keeps quiet about."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bpmn import Fault, read, read_all
from bpmn.soundness import MAX_STATES, check_soundness
from domain.feel import shipped_functions
from tests.bpmn.building import (
    TERMINATE,
    Shape,
    boundary,
    build,
    call,
    catch,
    compensation,
    end,
    error,
    escalation,
    gateway,
    instantiating,
    link,
    message,
    model_xml,
    multi,
    on_event,
    process,
    receive,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)

PROCESSES = Path(__file__).parents[3] / "bpmn" / "processes"


def faults(*models: Shape) -> list[Fault]:
    return list(check_soundness(build(*models)))


def found(*models: Shape) -> list[tuple[str, str]]:
    """Each finding by its element and its kind."""
    kinds = {"deadlock": "deadlock", "two": "doubled", "no": "dead", "whether": "undecided"}
    return [(fault.element, kinds[fault.problem.replace(":", "").split()[0]]) for fault in faults(*models)]


def branches(split: str, join: str) -> Shape:
    """Two user tasks between two gateways of the kinds given."""
    shapes = [start(), gateway(split, "S"), user("A"), user("B"), gateway(join, "J"), user("C"), end()]
    ways = {"exclusive": (": =x", ": default"), "inclusive": (": =x", ": =y")}.get(split, ("", ""))
    flows = ["start > S", f"S > A{ways[0]}", f"S > B{ways[1]}", "A > J", "B > J", "J > C > end"]
    return process(*shapes, flows=flows)


@pytest.mark.parametrize(
    ("split", "join", "findings"),
    [
        ("exclusive", "exclusive", []),
        ("exclusive", "inclusive", []),
        ("exclusive", "parallel", [("J", "deadlock"), ("C", "dead")]),
        ("parallel", "parallel", []),
        ("parallel", "inclusive", []),
        ("parallel", "exclusive", [("J", "doubled")]),
        ("inclusive", "inclusive", []),
        ("inclusive", "exclusive", [("J", "doubled")]),
        ("inclusive", "parallel", [("J", "deadlock")]),
    ],
)
def test_a_split_must_be_joined_by_its_like(split: str, join: str, findings: list[tuple[str, str]]) -> None:
    assert found(branches(split, join)) == findings


def test_a_deadlock_is_told_with_the_way_to_it_and_what_is_waited_for() -> None:
    (deadlock, _) = faults(branches("exclusive", "parallel"))

    assert str(deadlock) == (
        "model.bpmn:14: J: deadlock: a token can wait here for ever for one from B, by «start → S → A → J»; "
        "let a token come by every flow into the join, or merge exclusively"
    )


def test_the_way_of_a_token_that_went_elsewhere_is_told_from_where_it_parts() -> None:
    model = process(
        *(start(), gateway("parallel", "S"), user("A"), user("B"), gateway("exclusive", "X"), gateway("parallel", "J")),
        *(end(), end("out")),
        flows=["start > S > A > J > end", "S > B > X", "X > J: default", "X > out: =x"],
    )

    (deadlock,) = faults(model)

    assert "from X, by «start → S → A → J» and «S → B → X → out»" in deadlock.problem


def test_names_are_told_where_there_are_some_and_so_are_those_of_flows() -> None:
    xml = model_xml(branches("exclusive", "parallel"))
    xml = xml.replace('id="A"', 'id="A" name="审核"').replace('id="S_A"', 'id="S_A" name="需要"')

    (deadlock, _) = check_soundness(read(xml))

    assert "«start → S –[需要]→ 审核 → J»" in deadlock.problem


def test_a_lack_of_synchronisation_is_told_with_the_ways_of_both_tokens() -> None:
    (doubled,) = faults(branches("parallel", "exclusive"))

    assert doubled.problem == (
        "two tokens can be here at once, and what follows is done twice, by «start → S → A → J» and «S → B → J»"
    )


def test_two_ways_that_run_in_parallel_into_one_task_do_it_twice() -> None:
    model = process(
        *(start(), gateway("parallel", "S"), user("A"), user("B"), user("C"), end()),
        flows=["start > S > A > C > end", "S > B > C"],
    )

    assert found(model) == [("C", "doubled")]


def test_two_ways_that_run_in_parallel_into_one_plain_end_do_no_harm() -> None:
    model = process(
        *(start(), gateway("parallel", "S"), user("A"), user("B"), gateway("exclusive", "M"), end()),
        flows=["start > S > A > M > end", "S > B > M"],
    )

    assert found(model) == []


def test_branches_that_are_never_joined_do_no_harm() -> None:
    model = process(
        *(start(), gateway("parallel", "S"), user("A"), user("B"), end(), end("other")),
        flows=["start > S > A > end", "S > B > other"],
    )

    assert found(model) == []


def test_a_parallel_split_in_a_loop_that_leaves_a_branch_behind_runs_that_twice() -> None:
    model = process(
        *(start(), gateway("exclusive", "M"), gateway("parallel", "S"), user("A"), user("B"), end(), end("other")),
        *(gateway("exclusive", "X"),),
        flows=["start > M > S > A > X", "X > M: =again", "X > end: default", "S > B > other"],
    )

    assert [kind for _, kind in found(model)] == ["doubled"]


def test_what_only_stands_behind_a_join_that_waits_for_itself_is_dead() -> None:
    model = process(
        *(start(), gateway("parallel", "J"), user("A"), gateway("exclusive", "X"), end()),
        flows=["start > J > A > X", "X > J: =x", "X > end: default"],
    )

    assert found(model) == [("J", "deadlock"), ("A", "dead")]


def test_elements_that_lead_only_to_each_other_are_dead_and_told_in_one() -> None:
    model = process(
        *(start(), end(), user("A"), user("B")),
        flows=["start > end", "A > B", "B > A"],
    )

    (dead,) = faults(model)

    assert (dead.element, dead.problem) == ("A", "no token ever comes to A, B")


def test_two_start_events_never_meet_in_a_parallel_join() -> None:
    model = process(
        *(start("one", message("M", "")), start("two", message("N", "")), gateway("parallel", "J"), end()),
        flows=["one > J > end", "two > J"],
    )

    assert [kind for _, kind in found(model)] == ["deadlock"]


@pytest.mark.parametrize(
    "finish", [end("stop", TERMINATE), end("stop", error("E")), end("stop", signal("S"), TERMINATE)]
)
def test_an_end_that_ends_all_leaves_nobody_waiting(finish: Shape) -> None:
    model = process(
        *(start(), gateway("parallel", "S"), user("A"), user("B"), gateway("exclusive", "X"), finish),
        *(gateway("parallel", "J"), end()),
        flows=["start > S > A > J > end", "S > B > X", "X > J: default", "X > stop: =x"],
    )

    assert found(model) == []


@pytest.mark.parametrize(
    ("thrown", "caught", "findings"),
    [
        (message("M"), message("M"), []),
        (signal("S"), signal("S"), []),
        (escalation("X"), escalation("X"), []),
        (escalation("X"), escalation(""), []),
        (message("M"), message("N"), None),
        (signal("S"), signal("T"), None),
    ],
)
def test_an_end_that_throws_what_interrupts_its_own_scope_leaves_nobody_waiting(
    thrown: object, caught: object, findings: list[tuple[str, str]] | None
) -> None:
    model = process(
        *(start(), gateway("parallel", "S"), user("A"), user("B"), gateway("exclusive", "X")),
        *(end("stop", thrown), gateway("parallel", "J"), end(), on_event("E", caught)),  # type: ignore[arg-type]
        flows=["start > S > A > J > end", "S > B > X", "X > J: default", "X > stop: =x"],
    )

    assert found(model) == ([("J", "deadlock")] if findings is None else findings)


def test_an_activity_that_is_interrupted_sends_no_token_into_the_join() -> None:
    model = process(
        *(start(), gateway("parallel", "S"), user("A"), user("B"), boundary("B", "late", timer("PT1H"))),
        *(gateway("parallel", "J"), end(), end("out")),
        flows=["start > S > A > J > end", "S > B > J", "late > out"],
    )

    (deadlock,) = faults(model)

    assert "from B, by «start → S → A → J» and «S → B → late → out»" in deadlock.problem


def test_a_boundary_event_that_does_not_interrupt_and_leads_back_does_the_rest_twice() -> None:
    model = process(
        *(start(), user("A"), boundary("A", "late", timer("R/PT1H"), interrupting=False)),
        *(gateway("exclusive", "M"), user("B"), end()),
        flows=["start > A > M > B > end", "late > M"],
    )

    assert found(model) == [("M", "doubled")]


def test_a_boundary_event_that_does_not_interrupt_may_happen_again_in_a_way_of_its_own() -> None:
    model = process(
        *(start(), gateway("exclusive", "M"), user("A"), boundary("A", "late", timer("R/PT1H"), interrupting=False)),
        *(gateway("exclusive", "X"), user("remind"), end()),
        flows=["start > M > A > X", "X > M: =again", "X > end: default", "late > remind > end"],
    )

    assert found(model) == []


def test_what_goes_wrong_in_such_a_way_of_its_own_is_found() -> None:
    model = process(
        *(start(), user("A"), boundary("A", "late", timer("R/PT1H"), interrupting=False), end()),
        *(gateway("exclusive", "X"), user("B"), user("C"), gateway("parallel", "J")),
        flows=["start > A > end", "late > X", "X > B: =x", "X > C: default", "B > J > end", "C > J"],
    )

    assert ("J", "deadlock") in found(model)


def test_a_sub_process_is_one_step_outside_and_a_scope_of_its_own_inside() -> None:
    inside = branches("exclusive", "parallel")
    model = process(start("s"), sub("P", *inside.inside, flows=inside.flows), end("e"), flows=["s > P > e"])

    assert found(model) == [("J", "deadlock"), ("C", "dead")]


def test_an_event_sub_process_is_a_scope_of_its_own() -> None:
    inside = branches("parallel", "exclusive")
    shapes = [start("s", message("M")), *inside.inside[1:]]
    flows = [flow.replace("start", "s") for flow in inside.flows]
    event = sub("E", *shapes, flows=flows, by_event=True)

    assert found(process(start("begin"), end("finish"), event, flows=["begin > finish"])) == [("J", "doubled")]


def test_calls_and_multi_instance_activities_are_single_steps() -> None:
    model = process(
        *(
            start(),
            gateway("parallel", "S"),
            call("A", "p"),
            user("B", multi("=items")),
            gateway("parallel", "J"),
            end(),
        ),
        flows=["start > S > A > J > end", "S > B > J"],
    )

    assert found(model) == []


def test_what_compensates_is_not_reached_by_tokens_and_not_dead() -> None:
    model = process(
        *(start(), service("A"), boundary("A", "b", compensation()), service("undo", undoes=True)),
        *(throw("back", compensation()), end()),
        flows=["start > A > back > end"],
        links=["b > undo"],
    )

    assert found(model) == []


def test_a_link_leads_on() -> None:
    model = process(
        *(start(), gateway("parallel", "S"), throw("to", link("L")), catch("from", link("L")), user("A")),
        *(gateway("parallel", "J"), end()),
        flows=["start > S > to", "S > A > J > end", "from > J"],
    )

    assert found(model) == []


def test_only_one_event_behind_an_event_based_gateway_comes() -> None:
    model = process(
        *(start(), gateway("eventBased", "G"), receive("A", "M"), catch("B", timer("PT1H")), gateway("parallel", "J")),
        end(),
        flows=["start > G > A > J > end", "G > B > J"],
    )

    assert found(model) == [("J", "deadlock")]


def test_all_events_behind_a_parallel_event_based_gateway_come() -> None:
    def model(kind: str) -> Shape:
        return process(
            *(instantiating("G", kind), catch("A", message("M")), catch("B", message("N")), gateway("parallel", "J")),
            end(),
            flows=["G > A > J > end", "G > B > J"],
        )

    assert found(model("Parallel")) == []
    assert found(model("Exclusive")) == [("J", "deadlock")]


def test_a_receive_task_that_begins_the_process_is_a_start() -> None:
    model = process(receive("A", "M", instantiates=True), user("B"), end(), flows=["A > B > end"])

    assert found(model) == []


def test_flows_with_conditions_out_of_an_activity_may_be_taken_together() -> None:
    model = process(
        *(start(), user("A"), user("B"), user("C"), gateway("exclusive", "M"), user("D"), end()),
        flows=["start > A", "A > B: =x", "A > C: =y", "B > M > D > end", "C > M"],
    )

    assert found(model) == [("M", "doubled")]


def test_an_inclusive_join_in_a_loop_waits_only_for_what_can_come() -> None:
    model = process(
        *(start(), gateway("inclusive", "J"), user("A"), gateway("exclusive", "X"), end()),
        flows=["start > J > A > X", "X > J: =again", "X > end: default"],
    )

    assert found(model) == []


def test_many_branches_in_blocks_are_decided_at_once() -> None:
    names = [f"{letter}{number}" for letter in "ABC" for number in range(30)]
    flows = ["start > S", "J > end"] + [f"S > A{n} > B{n} > C{n} > J" for n in range(30)]
    shapes = [start(), gateway("parallel", "S"), *map(user, names), gateway("parallel", "J"), end()]

    assert found(process(*shapes, flows=flows)) == []


def test_a_scope_with_too_many_states_is_told_to_be_undecided() -> None:
    shapes, flows = [start(), gateway("parallel", "S")], ["start > S"]
    for n in range(16):
        shapes += [gateway("exclusive", f"X{n}"), user(f"A{n}"), user(f"B{n}"), end(f"a{n}"), end(f"b{n}")]
        flows += [f"S > X{n}", f"X{n} > A{n}: =x", f"X{n} > B{n}: default", f"A{n} > a{n}", f"B{n} > b{n}"]

    (undecided,) = faults(process(*shapes, flows=flows))

    assert (undecided.element, undecided.problem) == (
        "p",
        f"whether it is sound is not decided: more than {MAX_STATES} states",
    )


def test_our_own_diagrams_are_sound_and_checked_quickly() -> None:
    files = {path.name: path.read_bytes() for path in sorted(PROCESSES.iterdir()) if path.is_file()}
    definition = read_all(files, shipped_functions())
    begun = time.perf_counter()

    assert list(check_soundness(definition)) == []
    assert time.perf_counter() - begun < 3
