"""Diagrams of any length, as text."""

from __future__ import annotations

from collections.abc import Iterable

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="bench">'
    '<bpmn:process id="bench" isExecutable="true">'
)
JOB = '<bpmn:extensionElements><zeebe:taskDefinition type="bench-job" /></bpmn:extensionElements>'


def in_a_row(tasks: Iterable[tuple[str, str]]) -> str:
    """A process of tasks one after another, each given by its BPMN tag and what stands inside it."""
    parts, flows, before = ['<bpmn:startEvent id="start" />'], [], "start"
    for number, (tag, inside) in enumerate(tasks):
        parts.append(f'<bpmn:{tag} id="task_{number}" name="Task {number}">{inside}</bpmn:{tag}>')
        flows.append(_flow(before, f"task_{number}"))
        before = f"task_{number}"
    parts.append('<bpmn:endEvent id="end" />')
    flows.append(_flow(before, "end"))
    return _HEAD + "".join(parts + flows) + "</bpmn:process></bpmn:definitions>"


def _flow(source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}" />'
