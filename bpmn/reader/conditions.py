"""The condition of a conditional event, with Camunda 8's filter."""

from __future__ import annotations

from bpmn.model import Condition
from bpmn.reader.collector import Collector
from bpmn.reader.extensions import read_extensions
from bpmn.reader.namespaces import BPMN
from bpmn.xml import Tag

_CHANGES = ("create", "update")


def read_condition(definition: Tag, owner: Tag, collector: Collector) -> Condition | None:
    """What `definition`, a conditionalEventDefinition of the event `owner`, waits for."""
    found = definition.first("condition", BPMN)
    text = found.text.strip() if found else ""
    if not text:
        collector.tag(definition, "the conditional event has no condition", "give it one such as =x > 5", owner=owner)
        return None
    if not text.startswith("="):
        collector.tag(
            found or definition, f"the condition «{text}» is no FEEL expression", f"write ={text}", owner=owner
        )
        return None
    extensions = read_extensions(definition, collector)
    changes = _names(extensions.get("conditionalFilter", "variableEvents"))
    for change in changes:
        if change not in _CHANGES:
            problem = f"the conditional filter has the variable event {change}, which is not run here"
            collector.tag(definition, problem, f"supported are {', '.join(_CHANGES)}", owner=owner)
    return Condition(text, _names(extensions.get("conditionalFilter", "variableNames")), changes)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
