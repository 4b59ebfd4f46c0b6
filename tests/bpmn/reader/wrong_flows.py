"""Wrong collaborations: message flows that do not connect two pools."""

from __future__ import annotations

from tests.bpmn.reader.wrong_models import GLOBALS, TASK, Wrong, around


def _drawn(name: str, flow: str, element: str, problem: str) -> Wrong:
    collaboration = (
        '<bpmn:collaboration id="C">\n<bpmn:participant id="own" processRef="p"/>\n<bpmn:participant id="bank"/>\n'
        f"<bpmn:messageFlow {flow}/>\n</bpmn:collaboration>"
    )
    return around(name, TASK, ("messageFlow", element, problem), globals_=f"{GLOBALS}{collaboration}")


FLOWS = [
    _drawn("message flow without an id", 'sourceRef="A" targetRef="bank"', "", "the message flow has no id"),
    _drawn("message flow to nowhere", 'id="m" sourceRef="A" targetRef="z"', "m", "it connects z, which is not in this"),
    _drawn("message flow inside a pool", 'id="m" sourceRef="A" targetRef="end"', "m", "it stays inside one pool"),
]
