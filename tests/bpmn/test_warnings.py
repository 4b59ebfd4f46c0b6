"""Each warning is given where something is surely not meant, and not given for its neighbours that are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bpmn import Definition, Fault, read, read_all
from bpmn.warnings import FINDERS, RULES, warnings_of
from domain.feel import shipped_functions
from tests.bpmn.building import (
    Part,
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
    io,
    link,
    message,
    model_xml,
    on_event,
    process,
    service,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    zeebe,
)

REPOSITORY = Path(__file__).parents[2]


def chain(*shapes: Shape) -> Shape:
    return process(start(), *shapes, end(), flows=[" > ".join(["start", *(shape.id for shape in shapes), "end"])])


def guarded(host: Shape, *guards: Shape) -> Shape:
    """A host with boundary events, each of which leads to the end."""
    return process(start(), host, *guards, end(), flows=["start > A > end", *(f"{guard.id} > end" for guard in guards)])


def forked(kind: str, *ways: str) -> Shape:
    """A gateway with ways to tasks of their own, each of which leads to the end."""
    names = [f"T{number}" for number in range(len(ways))]
    flows = [f"G > {name}{way}" for name, way in zip(names, ways, strict=True)] + [f"{name} > M" for name in names]
    join = gateway("exclusive" if kind != "parallel" else "parallel", "M")
    shapes = [start(), gateway(kind, "G"), *(task("task", name) for name in names), join, end()]
    return process(*shapes, flows=["start > G", *flows, "M > end"])


def around(inside: Shape) -> Shape:
    return process(start(), inside, end(), flows=["start > A > end"])


def person(*parts: Part, name: str = "审核") -> Shape:
    return Shape("userTask", "A", {"name": name} if name else {}, (zeebe("userTask"), *parts))


ASSIGNED = zeebe("assignmentDefinition", assignee="li")
INNER = (start("s"), task("task", "t"), end("e"))
WORKING = sub("A", *INNER, flows=["s > t > e"])


def throwing(what: Part) -> Shape:
    return sub("A", start("s"), task("task", "t"), end("e", what), flows=["s > t > e"])


def race(one: Part, other: Part) -> Shape:
    shapes = [start(), gateway("eventBased", "G"), catch("B", one), catch("C", other), gateway("exclusive", "M"), end()]
    return process(*shapes, flows=["start > G > B > M > end", "G > C > M"])


STRANGE: dict[str, tuple[Shape, str, str]] = {
    "condition without alternative": (
        process(start(), gateway("exclusive", "G"), end(), flows=["start > G", "G > end: =x"]),
        "G",
        "its only outgoing flow G_end has a condition",
    ),
    "constant conditions": (forked("inclusive", ": =true", ": =1 = 2"), "G", "the condition =true of flow G_T0 is"),
    "constant first": (forked("exclusive", ": =true", ": =x"), "G", "the condition =true of flow G_T0 is always"),
    "same condition": (forked("exclusive", ": =x", ": =x", ": default"), "G", "flow G_T1 is never taken: G_T0 has"),
    "default alone": (
        process(start(), task("task", "A"), end(), flows=["start > A", "A > end: default"]),
        "A",
        "its only outgoing flow A_end is the default flow",
    ),
    "gateway without effect": (chain(gateway("parallel", "G")), "G", "has one flow in and one out, and does nothing"),
    "joins and splits": (
        process(
            *(start(), gateway("parallel", "S"), task("task", "A"), task("task", "B"), gateway("parallel", "G")),
            *(task("task", "C"), task("task", "D"), gateway("parallel", "J"), end()),
            flows=["start > S > A > G > C > J > end", "S > B > G > D > J"],
        ),
        "G",
        "the gateway joins and splits at once",
    ),
    "circle": (
        process(
            *(start(), gateway("exclusive", "M"), gateway("exclusive", "X"), end()),
            flows=["start > M > X", "X > M: =again", "X > end: default"],
        ),
        "M",
        "flows lead from it back to it through gateways only",
    ),
    "due at once": (guarded(person(ASSIGNED), boundary("A", "b", timer("PT0S"))), "b", "due at once (PT0S)"),
    "repeats, interrupting": (
        guarded(person(ASSIGNED), boundary("A", "b", timer("R/PT1H"))),
        "b",
        "its timer repeats (R/PT1H), but an event that interrupts fires only once",
    ),
    "repeats in an event sub-process": (
        process(start(), task("task", "A"), end(), on_event("E", timer("R3/PT1H")), flows=["start > A > end"]),
        "E_start",
        "its timer repeats (R3/PT1H)",
    ),
    "repeats on the way": (chain(catch("A", timer("R3/PT1H"))), "A", "an intermediate event waits only once"),
    "two timers behind a gateway": (race(timer("PT1H"), timer("PT2H")), "G", "B and C both wait for a fixed time"),
    "two timers on an activity": (
        guarded(person(ASSIGNED), boundary("A", "b", timer("PT1H")), boundary("A", "c", timer("P1D"))),
        "c",
        "b and c both wait for a fixed time",
    ),
    "one message twice behind a gateway": (race(message("N"), message("N")), "G", "wait for the same message"),
    "one signal twice on an activity": (
        guarded(person(ASSIGNED), boundary("A", "b", signal("S")), boundary("A", "c", signal("S"))),
        "c",
        "b and c wait for the same signal",
    ),
    "error that nothing throws": (
        guarded(WORKING, boundary("A", "b", error("E"))),
        "b",
        "nothing that it guards can throw error E",
    ),
    "error of a task that does nothing": (
        guarded(task("task", "A"), boundary("A", "b", error())),
        "b",
        "nothing that it guards can throw error",
    ),
    "error of another code": (
        guarded(throwing(error("F")), boundary("A", "b", error("E"))),
        "b",
        "nothing that it guards can throw error E",
    ),
    "escalation of a service": (
        guarded(service("A"), boundary("A", "b", escalation("X"))),
        "b",
        "nothing that it guards can throw escalation X",
    ),
    "escalation in a scope where nothing throws it": (
        process(start(), task("task", "A"), end(), on_event("E", escalation("X")), flows=["start > A > end"]),
        "E_start",
        "nothing that it guards can throw escalation X",
    ),
    "nothing to compensate": (chain(task("task", "A"), throw("B", compensation())), "B", "no activity has a comp"),
    "only calls to compensate": (chain(call("A", "q"), throw("B", compensation())), "B", "no activity has a comp"),
    "an activity to compensate without a handler": (
        process(
            *(start(), task("task", "A"), boundary("A", "b", compensation()), task("task", "undo", undoes=True)),
            *(task("task", "C"), throw("B", compensation("C")), end()),
            flows=["start > A > C > B > end"],
            links=["b > undo"],
        ),
        "B",
        "it compensates C, which has no compensation handler",
    ),
    "error among other things that nothing throws": (
        guarded(WORKING, boundary("A", "b", error("E"), message("M"))),
        "b",
        "nothing that it guards can throw error E",
    ),
    "timer among other things that is due at once": (
        guarded(person(ASSIGNED), boundary("A", "b", message("M"), timer("PT0H"))),
        "b",
        "due at once (PT0H)",
    ),
    "compensation among other things with nothing to compensate": (
        chain(task("task", "A"), throw("B", signal("S"), compensation())),
        "B",
        "no activity has a compensation handler",
    ),
    "user task without a name": (chain(person(ASSIGNED, name="")), "A", "the user task has no name"),
    "user task for nobody": (chain(person()), "A", "nobody is named to do the user task"),
    "sub-process without work": (
        around(sub("A", start("s"), throw("t"), end("e"), flows=["s > t > e"])),
        "A",
        "nothing is done inside the sub-process",
    ),
    "Camunda 7 text": (
        chain(person(zeebe("assignmentDefinition", assignee="${initiator}"))),
        "A",
        "its assignee ${initiator} is taken literally",
    ),
    "never ends": (
        process(start(), person(ASSIGNED), flows=["start > A", "A > A"]),
        "p",
        "it never ends: no way leads to an end",
    ),
}
MEANT: dict[str, Shape] = {
    "a condition and what happens otherwise": forked("exclusive", ": =x", ": default"),
    "an inclusive gateway with a way that is always gone": forked("inclusive", ": =true", ": =x"),
    "a constant condition for all the rest": forked("exclusive", ": =x", ": =true"),
    "a text that looks like a constant": forked("exclusive", ': =kind = "true"', ": default"),
    "other conditions": forked("exclusive", ": =x", ": =y", ": default"),
    "the same condition twice at an inclusive gateway": forked("inclusive", ": =x", ": =x", ": default"),
    "a gateway that merges, and one that splits": forked("parallel", "", ""),
    "an exclusive gateway that merges and splits": process(
        *(start(), gateway("exclusive", "X"), task("task", "A"), end()),
        flows=["start > X", "X > A: =again", "A > X", "X > end: default"],
    ),
    "a boundary timer with time": guarded(person(ASSIGNED), boundary("A", "b", timer("PT1S"))),
    "a wait of no time on the way": chain(catch("A", timer("PT0S"))),
    "a cycle that does not interrupt": guarded(
        person(ASSIGNED), boundary("A", "b", timer("R/PT1H"), interrupting=False)
    ),
    "a cycle of one time": guarded(person(ASSIGNED), boundary("A", "b", timer("R1/PT1H"))),
    "a cycle that starts a process": process(
        start("s", timer("R/PT1H")), task("task", "A"), end(), flows=["s > A > end"]
    ),
    "a timer and a message": race(timer("PT1H"), message("M")),
    "two timers of which data says when": race(timer("duration==x"), timer("duration==y")),
    "two messages that start a process together": process(
        *(instantiating("G", "Parallel"), catch("B", message("M")), catch("C", message("N")), task("task", "A"), end()),
        *(gateway("parallel", "J"),),
        flows=["G > B > J > A > end", "G > C > J"],
    ),
    "two messages": race(message("N"), message("O")),
    "a reminder and a limit": guarded(
        person(ASSIGNED), boundary("A", "b", timer("PT1H"), interrupting=False), boundary("A", "c", timer("P1D"))
    ),
    "an error of a service": guarded(service("A"), boundary("A", "b", error("E"))),
    "an error of a called process": guarded(call("A", "q"), boundary("A", "b", error("E"))),
    "an error inside": guarded(throwing(error("E")), boundary("A", "b", error("E"))),
    "any error inside": guarded(throwing(error("E")), boundary("A", "b", error())),
    "an error of a service further inside": guarded(
        sub(
            "A",
            start("s"),
            sub("P", start("s2"), service("w"), end("e2"), flows=["s2 > w > e2"]),
            end("e"),
            flows=["s > P > e"],
        ),
        boundary("A", "b", error("E")),
    ),
    "an escalation of a called process": guarded(call("A", "q"), boundary("A", "b", escalation("X"))),
    "an escalation inside": guarded(throwing(escalation("X")), boundary("A", "b", escalation("X"))),
    "an escalation of the scope around": process(
        *(start(), task("task", "A"), throw("B", escalation("X")), end()),
        on_event("E", escalation("X"), interrupting=False),
        flows=["start > A > B > end"],
    ),
    "something to compensate": process(
        *(start(), task("task", "A"), boundary("A", "b", compensation()), task("task", "undo", undoes=True)),
        *(throw("B", compensation()), end()),
        flows=["start > A > B > end"],
        links=["b > undo"],
    ),
    "a sub-process to compensate by what is in it": process(
        start(),
        sub(
            "S",
            *(start("s"), task("task", "A"), boundary("A", "b", compensation()), task("task", "undo", undoes=True)),
            end("e"),
            flows=["s > A > e"],
            links=["b > undo"],
        ),
        *(throw("B", compensation("S")), end()),
        flows=["start > S > B > end"],
    ),
    "a user task with a name and somebody to do it": chain(person(ASSIGNED)),
    "a user task for groups": chain(person(zeebe("assignmentDefinition", candidateGroups="g"))),
    "a sub-process with work": around(WORKING),
    "a sub-process that throws": around(throwing(escalation("X"))),
    "a header with braces": chain(
        service("A", Part(extension='<zeebe:taskHeaders><zeebe:header key="k" value="${x}"/></zeebe:taskHeaders>'))
    ),
    "an expression with braces": chain(person(zeebe("assignmentDefinition", assignee="={a: 1}.a"))),
    "a loop with a way out": process(
        *(start(), gateway("exclusive", "X"), person(ASSIGNED), end()),
        flows=["start > A > X", "X > A: =again", "X > end: default"],
    ),
    "a loop that is interrupted": process(
        *(start(), person(ASSIGNED), on_event("E", message("M"))),
        flows=["start > A", "A > A"],
    ),
    "a way that ends by a link": process(
        *(start(), throw("to", link("L")), catch("from", link("L")), end()),
        flows=["start > to", "from > end"],
    ),
    "branches that are never joined": process(
        *(start(), gateway("parallel", "S"), task("task", "A"), task("task", "B"), end(), end("e2")),
        flows=["start > S > A > end", "S > B > e2"],
    ),
}


def told(definition: Definition) -> list[Fault]:
    """All but that a called process stands elsewhere."""
    return [one for one in warnings_of(definition) if "is in none of the files" not in one.problem]


@pytest.mark.parametrize("case", STRANGE.values(), ids=list(STRANGE))
def test_what_is_surely_not_meant_is_told(case: tuple[Shape, str, str]) -> None:
    model, element, problem = case

    warnings = told(build(model))

    assert [one for one in warnings if one.element == element and problem in one.problem], warnings
    assert all(one.file == "model.bpmn" and one.line and one.remedy for one in warnings)


@pytest.mark.parametrize("model", MEANT.values(), ids=list(MEANT))
def test_what_may_be_meant_is_not_told(model: Shape) -> None:
    assert told(build(model)) == []


def test_two_mappings_to_one_variable_are_told() -> None:
    xml = model_xml(chain(person(ASSIGNED, io({"x": "=1", "y": "=2"}))))

    (warning,) = told(read(xml.replace('target="y"', 'target="x"')))

    assert warning.problem == "two input mappings write x: only the last counts"
    assert told(read(xml)) == []


def test_two_flows_between_the_same_elements_are_told() -> None:
    xml = model_xml(chain(task("task", "A")))
    flow = '<bpmn:sequenceFlow id="again" sourceRef="start" targetRef="A"/>'

    problems = [one.problem for one in told(read(xml.replace("</bpmn:process>", f"{flow}</bpmn:process>")))]

    assert "flows start_A and again both lead to A" in problems


def test_a_user_task_in_a_lane_has_somebody_to_do_it() -> None:
    lane = Part(
        '<bpmn:laneSet id="L"><bpmn:lane id="l" name="营业"><bpmn:flowNodeRef>A</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:laneSet>"
    )
    model = chain(person())
    model.parts = (lane,)

    assert told(build(model)) == []


def test_two_processes_that_one_message_starts_are_told() -> None:
    models = [
        process(
            start(f"s{name}", message("M", "")),
            task("task", f"A{name}"),
            end(f"e{name}"),
            flows=[f"s{name} > A{name} > e{name}"],
            id_=name,
        )
        for name in "pq"
    ]

    (warning,) = told(build(*models))

    assert (warning.element, warning.problem) == ("sq", "message M also starts p, by sp")
    assert told(build(models[0])) == []


def test_what_the_token_game_finds_is_among_the_warnings() -> None:
    model = process(
        *(start(), gateway("parallel", "S"), task("task", "A"), task("task", "B"), task("task", "C"), end()),
        flows=["start > S > A > C > end", "S > B > C"],
    )

    (warning,) = told(build(model))

    assert warning.element == "C"
    assert "two tokens can be here at once" in warning.problem


def test_warnings_come_in_the_order_of_files_and_lines() -> None:
    strange = model_xml(chain(person(), gateway("parallel", "G")))

    found = told(read_all({"b.bpmn": strange.replace('id="p"', 'id="q"'), "a.bpmn": strange}))

    places = [(one.file, one.line) for one in found]
    assert places == sorted(places)
    assert {file for file, _ in places} == {"a.bpmn", "b.bpmn"}


def test_our_own_diagrams_give_no_warning() -> None:
    folder = REPOSITORY / "bpmn" / "processes"
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}

    assert told(read_all(files, shipped_functions())) == []


def test_each_rule_and_finder_is_named_once() -> None:
    assert len(set(RULES)) == len(RULES)
    assert len(set(FINDERS)) == len(FINDERS)
    assert len(RULES) + len(FINDERS) >= 20


def test_check_prints_warnings_and_exits_with_0(tmp_path: Path) -> None:
    path = tmp_path / "model.bpmn"
    path.write_text(model_xml(chain(person())), "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "bpmn", "check", str(path)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    first, last = done.stdout.splitlines()
    assert first.startswith(f"warning: {path}:")
    assert "A «审核»: nobody is named to do the user task; give it an assignee" in first
    assert last == "1 file(s), nothing wrong"
    assert (done.returncode, done.stderr) == (0, "")


def test_a_called_process_that_is_in_none_of_the_files_is_told() -> None:
    model = process(start(), call("A", "elsewhere"), end(), flows=["start > A > end"])

    assert [one.problem for one in warnings_of(build(model))] == ["the process elsewhere is in none of the files"]
