"""The clocks that a diagram names travel with its definition."""

from __future__ import annotations

from bpmn import Definition, read
from bpmn.clocks import Clock, Delay, Milestone, Trigger
from tests.bpmn.building import Part, call, end, model_xml, process, start, user

STEP = Part(extension='<yekuo:clock limit="survey"/>')
CASE = """<bpmn:extensionElements>
<yekuo:clock id="works" name="配套工程完工" limit="grid_works" passTo="call" department="operations" counts="A">
<yekuo:start element="A" on="completed"/><yekuo:reopen element="B" on="activated"/>
<yekuo:resume element="B" on="completed"/>
<yekuo:milestone id="half" name="过半" limit="grid_works.half" element="B" on="completed" outlasts="true"/>
<yekuo:delay element="B" cause="materials_shortage" text="shortageText"/>
<yekuo:delay element="A" cause="grid" until="B"/>
</yekuo:clock>
</bpmn:extensionElements>"""
CHILD = process(start("begin"), end("done"), flows=["begin > done"], id_="child")


def definition() -> Definition:
    shapes = process(
        start(), user("A", STEP), user("B"), call("call", "child"), end(), flows=["start > A > B > call > end"]
    )
    text = model_xml(shapes, CHILD)
    opening = text.index(">", text.index("<bpmn:process")) + 1
    return read(text[:opening] + CASE + text[opening:])


def test_a_clock_of_an_activity_runs_from_its_activation_to_its_completion() -> None:
    clocks = {clock.id: clock for clock in definition().processes["p"].clocks}

    assert clocks["A"] == Clock(
        "A", "A", "survey", (Trigger("A", "activated"),), (Trigger("A", "completed"),), activity="A"
    )


def test_a_clock_of_the_process_names_what_starts_reopens_resumes_delays_and_takes_it_over() -> None:
    clocks = {clock.id: clock for clock in definition().processes["p"].clocks}

    assert clocks["works"] == Clock(
        "works",
        "配套工程完工",
        "grid_works",
        starts=(Trigger("A", "completed"),),
        reopens=(Trigger("B", "activated"),),
        resumes=(Trigger("B", "completed"),),
        milestones=(Milestone("half", "过半", "grid_works.half", Trigger("B", "completed"), outlasts=True),),
        delays=(Delay("B", "materials_shortage", "shortageText"), Delay("A", "grid", until="B")),
        passed_to="call",
        department="operations",
        counts="A",
    )


def test_clocks_come_back_from_a_dump() -> None:
    there = definition()

    assert Definition.load(there.dump()).processes["p"].clocks == there.processes["p"].clocks


def test_a_model_without_clocks_has_none() -> None:
    assert read(model_xml(CHILD)).processes["child"].clocks == ()
