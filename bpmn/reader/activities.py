"""What activities may say beside their work: ad-hoc sub-processes, token quantities, and the global tasks of a file."""

from __future__ import annotations

from dataclasses import replace

from bpmn.model import AdHoc
from bpmn.reader.collector import Collector
from bpmn.reader.extensions import Extensions
from bpmn.reader.namespaces import BPMN
from bpmn.xml import Tag

GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalScriptTask": "scriptTask",
    "globalManualTask": "manualTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
"""The tasks that may stand at the root of a file (BPMN 2.0 §10.3.7), and the kind of task each runs as."""


def global_process(tag: Tag) -> Tag:
    """A global task as a process of its id that does this one task, for call activities to call."""
    name = tag.get("id")
    start, task, end = f"{name}.start", f"{name}.task", f"{name}.end"
    return Tag(
        BPMN,
        "process",
        tag.line,
        {"id": name, "name": tag.get("name"), "isExecutable": "true", "isGlobalTask": "true"},
        [
            Tag(BPMN, "startEvent", tag.line, {"id": start}),
            replace(tag, name=GLOBAL_TASKS[tag.name], attributes={**tag.attributes, "id": task}),
            Tag(BPMN, "endEvent", tag.line, {"id": end}),
            Tag(BPMN, "sequenceFlow", tag.line, {"id": f"{name}.first", "sourceRef": start, "targetRef": task}),
            Tag(BPMN, "sequenceFlow", tag.line, {"id": f"{name}.last", "sourceRef": task, "targetRef": end}),
        ],
    )


def quantity(tag: Tag, attribute: str, collector: Collector) -> int:
    """A number of tokens that an activity takes in or sends out; what is none is a fault."""
    text = tag.get(attribute, "1")
    if text.isascii() and text.isdigit() and int(text):
        return int(text)
    collector.tag(tag, f'{attribute}="{text}" is no number of tokens', "write 1, or a higher number")
    return 1


def read_ad_hoc(tag: Tag, extensions: Extensions, collector: Collector) -> AdHoc:
    """How an ad-hoc sub-process goes on and ends, by BPMN and by `zeebe:adHoc`."""
    found = tag.first("completionCondition", BPMN)
    ad_hoc = AdHoc(
        sequential=tag.get("ordering", "Parallel") == "Sequential",
        completion_condition=found.text.strip() if found else "",
        cancel_remaining=tag.get("cancelRemainingInstances", "true") == "true",
        active_elements=extensions.get("adHoc", "activeElementsCollection"),
        output_collection=extensions.get("adHoc", "outputCollection"),
        output_element=extensions.get("adHoc", "outputElement"),
    )
    if found and not ad_hoc.completion_condition.startswith("="):
        collector.tag(found, "the completion condition is no FEEL expression", "begin it with =", owner=tag)
    if ad_hoc.active_elements and not ad_hoc.active_elements.startswith("="):
        problem = f"the collection of active elements {ad_hoc.active_elements} is no FEEL expression"
        collector.tag(tag, problem, 'begin it with =, as in =["A"]')
    if bool(ad_hoc.output_collection) != bool(ad_hoc.output_element):
        collector.tag(tag, "output collection and output element belong together", "give both or none")
    return ad_hoc
