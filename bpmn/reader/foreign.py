"""What other programs write into a model: kept and listed, or refused where it would say what runs."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.item_types import type_of
from bpmn.reader.camunda7 import attribute_remedy, element_remedy
from bpmn.reader.collector import Collector
from bpmn.reader.namespaces import BPMN, CAMUNDA_7, KNOWN, ZEEBE
from bpmn.support import SUPPORT
from bpmn.xml import Tag


def survey(root: Tag, collector: Collector) -> tuple[str, ...]:
    """The names of all that is foreign in a part of a file: `{namespace}element` and `{namespace}@attribute`.

    What says to another engine what to run (Camunda 7, Activiti, Flowable) is a fault, and so are attributes of
    Camunda 8 that nobody knows here.
    """
    found: dict[str, None] = {}
    for tag, owner in _with_owners(root):
        for name, value in tag.attributes.items():
            namespace, _, local = name.removeprefix("{").rpartition("}")
            if namespace == ZEEBE:
                _check_zeebe(local, tag, owner, collector)
            elif namespace in CAMUNDA_7:
                problem = f"attribute {CAMUNDA_7[namespace]}:{local} belongs to Camunda 7"
                collector.tag(tag, problem, attribute_remedy(local, value), owner)
            elif namespace and namespace not in KNOWN:
                found[f"{{{namespace}}}@{local}"] = None
        for extension in _extensions(tag):
            if extension.namespace in CAMUNDA_7:
                problem = f"{CAMUNDA_7[extension.namespace]}:{extension.name} belongs to Camunda 7"
                collector.tag(extension, problem, element_remedy(extension.name), owner)
            elif extension.namespace not in KNOWN:
                found[f"{{{extension.namespace}}}{extension.name}"] = None
    return tuple(found)


def structures(root: Tag) -> Iterator[str]:
    """The structures of item definitions of which nothing is known here, and the imports where they may be defined."""
    for tag in root.all("import", BPMN):
        yield f"import of {tag.get('location') or tag.get('namespace')}"
    for tag in root.all("itemDefinition", BPMN):
        structure, physical = tag.get("structureRef"), tag.get("itemKind") == "Physical"
        if structure and (physical or not type_of(structure)):
            yield f"structure {structure} of item definition {tag.get('id')}"


def _with_owners(root: Tag) -> Iterator[tuple[Tag, Tag]]:
    """Every tag of BPMN and of Camunda 8 below `root`, with the nearest around it that has an id."""
    stack = [(root, root)]
    while stack:
        tag, owner = stack.pop()
        if tag.namespace not in (BPMN, ZEEBE):
            continue
        owner = tag if tag.namespace == BPMN and tag.get("id") else owner
        yield tag, owner
        stack.extend((child, owner) for child in reversed(tag.children))


def _extensions(tag: Tag) -> list[Tag]:
    return tag.children if tag.namespace == BPMN and tag.name == "extensionElements" else []


def _check_zeebe(name: str, tag: Tag, owner: Tag, collector: Collector) -> None:
    if name not in SUPPORT.zeebe_attributes:
        problem = f"attribute zeebe:{name} is not run here"
        collector.tag(tag, problem, f"supported are {', '.join(sorted(SUPPORT.zeebe_attributes))}", owner)
