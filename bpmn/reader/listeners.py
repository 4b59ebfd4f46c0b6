"""Listeners: jobs at moments in the life of an element (zeebe:executionListeners, zeebe:taskListeners)."""

from __future__ import annotations

from bpmn.model import Listener
from bpmn.reader.collector import Collector
from bpmn.reader.extensions import Extensions
from bpmn.reader.namespaces import ZEEBE
from bpmn.support import SUPPORT
from bpmn.xml import Tag

_ATTRIBUTES = ("eventType", "type", "retries")


def read_listeners(owner: Tag, extensions: Extensions, collector: Collector) -> tuple[Listener, ...]:
    """The execution listeners of an element, then its task listeners, in the order of the file."""
    found: dict[tuple[str, str], Listener] = {}
    for holder, kind in (("executionListeners", "executionListener"), ("taskListeners", "taskListener")):
        tag = extensions.zeebe.get(holder)
        for one in tag.all(kind, ZEEBE) if tag else ():
            listener = _read(one)
            _check(one, listener, owner, collector)
            if (listener.moment, listener.type) in found:
                problem = f"job type {listener.type} stands twice at {listener.moment}"
                collector.tag(one, problem, "leave one of them", owner)
            found[listener.moment, listener.type] = listener
    return tuple(found.values())


def _read(tag: Tag) -> Listener:
    headers = tag.first("taskHeaders", ZEEBE)
    return Listener(
        tag.get("eventType"),
        tag.get("type"),
        tag.get("retries") or "3",
        {h.get("key"): h.get("value") for h in headers.all("header", ZEEBE)} if headers else {},
    )


def _check(tag: Tag, listener: Listener, owner: Tag, collector: Collector) -> None:
    rule, moment = SUPPORT.listeners, listener.moment
    known = ", ".join(rule.moments[tag.name])
    if moment not in rule.moments[tag.name]:
        problem = f"zeebe:{tag.name} of eventType {moment} is not run here"
        collector.tag(tag, problem, rule.refused.get(moment, f"supported are {known}"), owner)
    elif owner.name in rule.nowhere.get(moment, {}):
        remedy = rule.nowhere[moment][owner.name]
        collector.tag(tag, f"a {owner.name} has no {moment} listeners", remedy, owner)
    elif moment == "beforeAll" and not owner.first("multiInstanceLoopCharacteristics"):
        collector.tag(tag, "it is not multi-instance, and has no beforeAll", "listen to start instead", owner)
    elif moment == "end" and owner.name == "endEvent" and owner.first("errorEventDefinition"):
        collector.tag(tag, "an error end event has no end listeners", "put it on the event that catches", owner)
    elif owner.name == "boundaryEvent" and owner.first("compensateEventDefinition"):
        collector.tag(tag, "a compensation event has no listeners", "put it on the compensation handler", owner)
    elif moment == "end" and owner.first("terminateEventDefinition") and _definitions(owner) > 1:
        remedy = "draw the terminate event apart, behind this one"
        collector.tag(tag, "a multiple event that terminates has no end listeners", remedy, owner)
    if not listener.type:
        collector.tag(tag, "the listener has no job type", "give it a type", owner)
    for name in tag.attributes:
        if name not in _ATTRIBUTES and not name.startswith("{"):
            problem = f"attribute {name} of zeebe:{tag.name} is not run here"
            collector.tag(tag, problem, f"supported are {', '.join(_ATTRIBUTES)}", owner)


def _definitions(event: Tag) -> int:
    return sum(child.name in SUPPORT.event_definitions for child in event.children)
