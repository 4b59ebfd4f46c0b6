"""Correlation as the BPMN standard declares it: properties, keys, subscriptions (BPMN 2.0 §8.4.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bpmn.model import Correlation
from bpmn.reader.collector import Collector
from bpmn.reader.namespaces import BPMN
from bpmn.xml import Tag


@dataclass
class Declared:
    """What a file declares: how each property is read from each message, and the properties of each key, by id."""

    properties: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_correlation(root: Tag, collector: Collector) -> Declared:
    """The correlation properties of a file, and the keys of its collaborations and their conversations."""
    declared = Declared()
    messages = {tag.get("id") for tag in root.all("message", BPMN)}
    for tag in root.all("correlationProperty", BPMN):
        retrieval = declared.properties.setdefault(tag.get("id"), {})
        for one in tag.all("correlationPropertyRetrievalExpression", BPMN):
            message = _local(one.get("messageRef"))
            if message not in messages:
                problem = f"message {message} of its retrieval expression is not defined in this file"
                collector.tag(one, problem, "choose a message", owner=tag)
            retrieval[message] = _path(one, "messagePath", tag, collector)
    for collaboration in root.all("collaboration", BPMN):
        for tag in collaboration.walk():
            if tag.name == "correlationKey" and tag.namespace == BPMN:
                names = tuple(_local(one.text) for one in tag.all("correlationPropertyRef", BPMN))
                _check_key(tag, names, declared, collector)
                declared.keys[tag.get("id")] = names
    return declared


def _check_key(tag: Tag, names: tuple[str, ...], declared: Declared, collector: Collector) -> None:
    if not names:
        collector.tag(tag, "the correlation key has no properties", "name one or more")
    for name in names:
        if name not in declared.properties:
            collector.tag(tag, f"correlation property {name} is not defined in this file", "define it")


class Correlations:
    """What is declared for one process: the keys, and its subscriptions to them."""

    def __init__(self, declared: Declared, process: Tag, collector: Collector) -> None:
        self.declared = declared
        self.bindings: dict[str, tuple[str, ...]] = {}
        for tag in process.all("correlationSubscription", BPMN):
            self._read(tag, collector)

    def _read(self, tag: Tag, collector: Collector) -> None:
        key = _local(tag.get("correlationKeyRef"))
        if key not in self.declared.keys:
            problem = f"correlation key {key} of its subscription is not defined in this file"
            collector.tag(tag, problem, "define it in the collaboration")
            return
        bound = {
            _local(one.get("correlationPropertyRef")): _path(one, "dataPath", tag, collector)
            for one in tag.all("correlationPropertyBinding", BPMN)
        }
        if missing := [name for name in self.declared.keys[key] if name not in bound]:
            problem = f"its subscription to {key} does not bind {', '.join(missing)}"
            collector.tag(tag, problem, "say by a dataPath which of its data has the value")
        self.bindings[key] = tuple(bound.get(name, "=null") for name in self.declared.keys[key])

    def of(self, message: str) -> Correlation | None:
        """How a message correlates: by the first key of which it carries every property; None where it has none."""
        for key, names in self.declared.keys.items():
            paths = [self.declared.properties.get(name, {}).get(message, "") for name in names]
            if paths and all(paths):
                return Correlation(key, tuple(paths), self.bindings.get(key, ()))
        return None


def _local(name: str) -> str:
    return name.strip().rpartition(":")[2]


def _path(tag: Tag, child: str, owner: Tag, collector: Collector) -> str:
    found = tag.first(child, BPMN)
    text = found.text.strip() if found else ""
    if not text.startswith("="):
        problem = f"the {child} {text}".rstrip() + " is no FEEL expression"
        collector.tag(found or tag, problem, f"write ={text or 'order.id'}", owner=owner)
        return "=null"
    return text
