"""A model of Camunda 7 is refused with what to write instead."""

from __future__ import annotations

import pytest

from bpmn import ModelRefused, read
from bpmn.reader.camunda7 import to_feel
from tests.bpmn.building import Part, Shape, end, model_xml, process, start

PREFIXED = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'


def remedies(shape: Shape) -> list[str]:
    """What is proposed for a process of one element."""
    text = model_xml(process(start(), shape, end(), flows=["start > A > end"]))
    with pytest.raises(ModelRefused) as refused:
        read(text.replace("<bpmn:definitions", f"<bpmn:definitions {PREFIXED}", 1))
    return [fault.remedy for fault in refused.value.faults if "belongs to Camunda 7" in fault.problem]


@pytest.mark.parametrize(
    ("attribute", "value", "remedy"),
    [
        ("assignee", "li", "write zeebe:assignmentDefinition assignee"),
        ("assignee", "${initiator}", 'write zeebe:assignmentDefinition assignee="=initiator"'),
        ("candidateGroups", "${groups}", 'write zeebe:assignmentDefinition candidateGroups="=groups"'),
        ("dueDate", "${due}", 'write zeebe:taskSchedule dueDate="=due"'),
        ("topic", "pay", "write zeebe:taskDefinition with the topic as its type"),
        ("class", "org.example.Pay", "write zeebe:taskDefinition with a job type, and let a worker do the work"),
        ("delegateExpression", "${pay}", "write zeebe:taskDefinition with a job type, and let a worker do the work"),
        ("formKey", "embedded:app:x.html", "write zeebe:formDefinition with the formId of a form (.form)"),
        ("collection", "${items}", 'write zeebe:loopCharacteristics inputCollection="=items"'),
        ("asyncBefore", "true", "remove it: every step is a transaction of its own here"),
        ("nobodyKnows", "x", "remove it, or say in zeebe: what it says"),
    ],
)
def test_an_attribute_is_refused_with_what_to_write_instead(attribute: str, value: str, remedy: str) -> None:
    assert remedies(Shape("userTask", "A", {f"camunda:{attribute}": value})) == [remedy]


@pytest.mark.parametrize(
    ("element", "remedy"),
    [
        ("inputOutput", "write zeebe:ioMapping with inputs and outputs, sources in FEEL (=amount)"),
        ("properties", "write zeebe:properties"),
        ("failedJobRetryTimeCycle", "write retries at zeebe:taskDefinition"),
        ("nobodyKnows", "remove it, or say in zeebe: what it says"),
    ],
)
def test_an_element_is_refused_with_what_to_write_instead(element: str, remedy: str) -> None:
    assert remedies(Shape("task", "A", parts=(Part(extension=f"<camunda:{element}/>"),))) == [remedy]


@pytest.mark.parametrize(
    ("java", "feel"),
    [
        ("${amount > 100}", "=amount > 100"),
        ("#{ok}", "=ok"),
        ("${a == 1 && b == 'x'}", '=a = 1 and b = "x"'),
        ("${!approved || late}", "=not(approved) or late"),
        ("${a != b}", "=a != b"),
        ("x > 1", "=x > 1"),
    ],
)
def test_an_expression_of_java_is_said_again_in_feel(java: str, feel: str) -> None:
    assert to_feel(java) == feel


def test_a_condition_in_java_is_refused_with_the_same_in_feel() -> None:
    text = model_xml(process(start(), Shape("task", "A"), end(), flows=["start > A > end: ${a == 1}"]))
    with pytest.raises(ModelRefused) as refused:
        read(text)

    assert [fault.remedy for fault in refused.value.faults] == ["write =a = 1"]
