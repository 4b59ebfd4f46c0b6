"""The extension elements: Camunda 8's `zeebe:` and our own; for those of others see `foreign`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bpmn.model import LinkedResource, Mapping
from bpmn.reader.collector import Collector
from bpmn.reader.namespaces import BPMN, YEKUO, ZEEBE
from bpmn.support import SUPPORT
from bpmn.xml import Tag

BINDINGS = ("latest", "deployment", "versionTag")


@dataclass
class Extensions:
    """The extension elements of one element, by local name."""

    zeebe: dict[str, Tag] = field(default_factory=dict)
    on_cancel: str = ""
    clocks: list[Tag] = field(default_factory=list)

    def get(self, tag: str, attribute: str, default: str = "") -> str:
        found = self.zeebe.get(tag)
        return found.get(attribute, default) if found else default

    def binding(self, tag: str) -> tuple[str, str]:
        """Which version of what it names an element is bound to, and the version tag where that says so."""
        binding = self.get(tag, "bindingType") or "latest"
        return binding, self.get(tag, "versionTag") if binding == "versionTag" else ""

    def flag(self, tag: str, attribute: str, default: bool) -> bool:
        return self.get(tag, attribute, "true" if default else "false") == "true"

    def mappings(self, direction: str) -> tuple[Mapping, ...]:
        """The input or output mappings."""
        found = self.zeebe.get("ioMapping")
        return tuple(Mapping(m.get("source"), m.get("target")) for m in found.all(direction, ZEEBE)) if found else ()

    def headers(self) -> dict[str, str]:
        """The static headers of a job."""
        found = self.zeebe.get("taskHeaders")
        return {h.get("key"): h.get("value") for h in found.all("header", ZEEBE)} if found else {}

    def resources(self) -> tuple[LinkedResource, ...]:
        """The linked resources of a job."""
        found = self.zeebe.get("linkedResources")
        return tuple(map(_resource, found.all("linkedResource", ZEEBE))) if found else ()

    def properties(self) -> dict[str, str]:
        """Free properties that tools and screens read."""
        found = self.zeebe.get("properties")
        return {p.get("name"): p.get("value") for p in found.all("property", ZEEBE)} if found else {}


def _resource(tag: Tag) -> LinkedResource:
    binding = tag.get("bindingType") or "latest"
    return LinkedResource(
        tag.get("resourceId"), tag.get("resourceType"), tag.get("linkName"), binding, tag.get("versionTag")
    )


def read_extensions(tag: Tag, collector: Collector) -> Extensions:
    """The extension elements of `tag`; those that do not belong there or are not run are faults."""
    result = Extensions()
    for extension in _children(tag):
        if extension.namespace == ZEEBE:
            _read_zeebe(extension, tag, result, collector)
        elif extension.namespace == YEKUO:
            _read_own(extension, tag, result, collector)
    return result


def _children(tag: Tag) -> Iterator[Tag]:
    for holder in tag.all("extensionElements", BPMN):
        yield from holder.children


def _read_zeebe(extension: Tag, owner: Tag, result: Extensions, collector: Collector) -> None:
    rule = SUPPORT.zeebe.get(extension.name)
    if rule is None:
        collector.tag(extension, f"zeebe:{extension.name} is not run here", "remove it", owner=owner)
        return
    if "*" not in rule.on and owner.name not in rule.on:
        places = ", ".join(rule.on)
        problem = f"zeebe:{extension.name} has no meaning on a {owner.name}"
        collector.tag(extension, problem, f"it belongs on {places}", owner=owner)
    for name in extension.attributes:
        if name not in rule.attributes and not name.startswith("{"):
            problem = f"attribute {name} of zeebe:{extension.name} is not run here"
            collector.tag(extension, problem, f"supported are {', '.join(rule.attributes) or 'none'}", owner=owner)
    for child in extension.children:
        if child.name not in rule.children:
            problem = f"zeebe:{child.name} in zeebe:{extension.name} is not run here"
            collector.tag(child, problem, f"supported are {', '.join(rule.children) or 'none'}", owner=owner)
        check_binding(child, owner, collector)
    if extension.name in result.zeebe and not rule.many:
        collector.tag(extension, f"zeebe:{extension.name} stands twice", "leave one of them", owner=owner)
    check_binding(extension, owner, collector)
    result.zeebe[extension.name] = extension


def check_binding(tag: Tag, owner: Tag, collector: Collector) -> None:
    """Report a binding that says no version, or that nobody knows."""
    binding = tag.get("bindingType", "latest")
    if binding not in BINDINGS:
        collector.tag(tag, f"binding {binding} is not run here", f"choose one of {', '.join(BINDINGS)}", owner=owner)
    elif binding == "versionTag" and not tag.get("versionTag"):
        collector.tag(tag, "the binding names no version tag", "give it a versionTag", owner=owner)


def _read_own(extension: Tag, owner: Tag, result: Extensions, collector: Collector) -> None:
    if extension.name == "clock":
        result.clocks.append(extension)
    elif extension.name != "onCancel":
        collector.tag(extension, f"yekuo:{extension.name} is unknown", "remove it", owner=owner)
    elif owner.name != "callActivity" or not extension.get("message"):
        problem = "yekuo:onCancel names the message for a called process that must end"
        collector.tag(extension, problem, "put it on a callActivity, with the attribute message", owner=owner)
    else:
        result.on_cancel = extension.get("message")
