"""The collaboration of a file: which message flows lead from one pool to another (BPMN 2.0 §9.3).

Camunda's models name their messages and correlate them by key, and then the flows are only drawn. Where an end of a
flow has no name or no key, the drawing decides: the flow itself is the message, and names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bpmn.model import MessageFlow
from bpmn.reader.collector import Collector
from bpmn.reader.namespaces import BPMN
from bpmn.xml import Tag


@dataclass
class Collaboration:
    """The flows of a file by the process they leave, and for each element at an end of one, the flow's id.

    All elements of a process count where the flow ends at its pool and not at one of them.
    """

    flows: dict[str, list[MessageFlow]] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _End:
    """Where a message flow begins or ends: a pool (empty `element`), or an element inside its process."""

    process: str
    element: str = ""


def read_collaboration(root: Tag, collector: Collector) -> Collaboration:
    """The message flows of a file; those that connect nothing, or two ends of one pool, are faults."""
    inside = {process.get("id"): _ids(process) for process in root.all("process", BPMN)}
    places = {name: _End(process, name) for process, names in inside.items() for name in names}
    result = Collaboration()
    pools: list[tuple[str, str]] = []
    for collaboration in root.all("collaboration", BPMN):
        for participant in collaboration.all("participant", BPMN):
            places[participant.get("id")] = _End(_local(participant, "processRef"))
        for tag in collaboration.all("messageFlow", BPMN):
            ends = _ends(tag, places, collector)
            if ends is None:
                continue
            source, target = ends
            flow = MessageFlow(tag.get("id"), source.element, target.process, target.element, tag.get("name"))
            result.flows.setdefault(source.process, []).append(flow)
            for end in ends:
                if end.element:
                    result.ends.setdefault(end.element, flow.id)
                else:
                    pools += [(name, flow.id) for name in inside.get(end.process, ())]
    for name, flow_id in pools:
        result.ends.setdefault(name, flow_id)
    return result


def _ids(process: Tag) -> list[str]:
    return [tag.get("id") for tag in process.walk() if tag.namespace == BPMN and tag.get("id") and tag is not process]


def _local(tag: Tag, attribute: str) -> str:
    return tag.get(attribute).rpartition(":")[2]


def _ends(tag: Tag, places: Mapping[str, _End], collector: Collector) -> tuple[_End, _End] | None:
    names = [_local(tag, "sourceRef"), _local(tag, "targetRef")]
    if not tag.get("id"):
        collector.tag(tag, "the message flow has no id", "give it one")
        return None
    if missing := [name or "nothing" for name in names if name not in places]:
        collector.tag(tag, f"it connects {' and '.join(missing)}, which is not in this file", "connect it anew")
        return None
    source, target = places[names[0]], places[names[1]]
    if source.process and source.process == target.process:
        collector.tag(tag, "it stays inside one pool", "message flows lead to another pool: use a sequence flow")
        return None
    return source, target
