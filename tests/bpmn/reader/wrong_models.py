"""How a wrong model is written, and the faults it must be refused with.

A case is the inside of a process between `start` and `end` that leads through an element `A` (`around` writes the
rest), or a whole process, or a whole file. Each fault is told by a piece of the line it stands in, the element it
names, and a part of what it says.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bpmn.building import HEAD

GLOBALS = """
<bpmn:message id="M" name="M"><bpmn:extensionElements>
<zeebe:subscription correlationKey="=k"/></bpmn:extensionElements></bpmn:message>
<bpmn:message id="Bare" name="Bare"/>
<bpmn:error id="E" name="E" errorCode="E"/>
<bpmn:error id="Computed" name="C" errorCode="=code"/>
<bpmn:escalation id="X" name="X" escalationCode="X"/>
<bpmn:signal id="S" name="S"/>
"""


@dataclass(frozen=True)
class Wrong:
    """One wrong file and its faults: (piece of the line, element id, part of the problem)."""

    name: str
    xml: str
    faults: tuple[tuple[str, str, str], ...]


def whole(name: str, process: str, *faults: tuple[str, str, str], globals_: str = GLOBALS) -> Wrong:
    """A case that writes the inside of its process."""
    text = f'{HEAD}<bpmn:process id="p" name="P" isExecutable="true">\n{process}\n</bpmn:process>{globals_}'
    return Wrong(name, f"{text}</bpmn:definitions>", faults)


def around(name: str, inside: str, *faults: tuple[str, str, str], globals_: str = GLOBALS) -> Wrong:
    """A case that writes `A` and what belongs to it."""
    process = (
        '<bpmn:startEvent id="start"/>\n<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="A"/>\n'
        f'{inside}\n<bpmn:sequenceFlow id="f2" sourceRef="A" targetRef="end"/>\n<bpmn:endEvent id="end"/>'
    )
    return whole(name, process, *faults, globals_=globals_)


def extended(tag: str, id_: str, extension: str, inside: str = "", attributes: str = "") -> str:
    """An element with extension elements, in lines of its own."""
    return (
        f'<bpmn:{tag} id="{id_}"{attributes}>\n<bpmn:extensionElements>\n{extension}\n</bpmn:extensionElements>\n'
        f"{inside}</bpmn:{tag}>"
    )


TASK = '<bpmn:task id="A"/>'


BACK = """<bpmn:boundaryEvent id="b" attachedToRef="A">
{definition}
</bpmn:boundaryEvent>
<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="end"/>"""


def bounded(definition: str, attributes: str = "", host: str = TASK) -> str:
    return host + BACK.replace('attachedToRef="A"', f'attachedToRef="A"{attributes}').format(definition=definition)


def event(tag: str, definition: str, id_: str = "A") -> str:
    return f'<bpmn:{tag} id="{id_}">\n{definition}\n</bpmn:{tag}>'
