"""What Modeler writes around the elements that run: read without complaint, or with a true one."""

from __future__ import annotations

import pytest

from bpmn import ModelRefused, read
from tests.bpmn.building import end, message, model_xml, process, start, task, timer

RUNS = process(start(), task("task", "A"), end(), flows=["start > A > end"])


def beside(xml: str, text: str = "") -> str:
    """A model with this beside its process."""
    return (text or model_xml(RUNS)).replace("</bpmn:definitions>", f"{xml}\n</bpmn:definitions>")


def inside(xml: str) -> str:
    """A model with this inside its process."""
    return model_xml(RUNS).replace("</bpmn:process>", f"{xml}\n</bpmn:process>")


BESIDE = {
    "collaboration with a black box": '<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="p"/>'
    '<bpmn:participant id="p2" name="Bank"><bpmn:participantMultiplicity maximum="2"/></bpmn:participant>'
    '<bpmn:messageFlow id="m" sourceRef="A" targetRef="p2"/><bpmn:messageFlow id="n" sourceRef="p2" targetRef="p1"/>'
    '<bpmn:group id="g" categoryValueRef="v"/><bpmn:textAnnotation id="t"/>'
    '<bpmn:association id="a" sourceRef="p1" targetRef="t"/></bpmn:collaboration>',
    "category": '<bpmn:category id="c"><bpmn:categoryValue id="v" value="x"/></bpmn:category>',
    "data store": '<bpmn:dataStore id="d" name="Archive"/>',
    "process that does not run": '<bpmn:process id="q"><bpmn:choreographyTask id="t"/></bpmn:process>',
    "empty process that does not run": '<bpmn:process id="q" isExecutable="false"/>',
    "message that nobody uses": '<bpmn:message id="m" name="m"/>',
    "two diagrams": '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"/>'
    '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" id="A_plane"/>',
}
INSIDE = {
    "group": '<bpmn:group id="g" categoryValueRef="v"/>',
    "annotation": '<bpmn:textAnnotation id="t" textFormat="text/plain"><bpmn:text>x</bpmn:text></bpmn:textAnnotation>'
    '<bpmn:association id="a" associationDirection="None" sourceRef="A" targetRef="t"/>',
    "data object": '<bpmn:dataObjectReference id="r" name="Order" dataObjectRef="o"/><bpmn:dataObject id="o"/>',
    "data store": '<bpmn:dataStoreReference id="s" name="Archive"/>',
    "documentation": "<bpmn:documentation>for people</bpmn:documentation>",
    "empty lanes": '<bpmn:laneSet id="l"><bpmn:lane id="x"/><bpmn:lane id="y" name="Sales"/></bpmn:laneSet>',
}


@pytest.mark.parametrize("what", BESIDE)
def test_what_is_drawn_beside_a_process_is_read(what: str) -> None:
    assert list(read(beside(BESIDE[what])).processes) == ["p"]


@pytest.mark.parametrize("what", INSIDE)
def test_what_is_drawn_inside_a_process_is_read_and_does_not_run(what: str) -> None:
    assert list(read(inside(INSIDE[what])).processes["p"].elements) == ["start", "A", "end"]


def test_several_processes_of_a_file_run() -> None:
    other = process(start("s"), end("e"), flows=["s > e"], id_="q")

    assert list(read(model_xml(RUNS, other)).processes) == ["p", "q"]


def test_several_start_events_of_a_process_are_read_where_one_of_them_at_most_is_plain() -> None:
    starts = (start(), start("m", message("M", "")), start("t", timer("R/P1D")))
    model = process(*starts, end(), flows=["start > end", "m > end", "t > end"])

    assert [e.id for e in read(model_xml(model)).processes["p"].elements.values()] == ["start", "m", "t", "end"]


@pytest.mark.parametrize("flag", ["", ' isExecutable="false"'])
def test_a_file_in_which_nothing_runs_is_refused_with_what_to_do(flag: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        read(model_xml(RUNS).replace(' isExecutable="true"', flag))

    (fault,) = refused.value.faults
    assert fault.problem == "no process of the file is executable"
    assert fault.remedy == "mark one as executable in its properties"
