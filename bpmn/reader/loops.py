"""The loop markers of activities: standard loops and multi-instance, as BPMN writes them and as Camunda 8 does.

BPMN names the data of a multi-instance activity by reference (`loopDataInputRef`, `inputDataItem` …): the names of what
they refer to are taken as the names of variables. What a multi-instance activity throws stands at the root of the file
(`noneBehaviorEventRef`, `oneBehaviorEventRef`) or inside its complex behaviour definitions. Without a reference it is
the "default SignalEventDefinition" of BPMN 2.0 §10.3.8, to which the standard gives no name: here the activity's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bpmn.model import EventDefinition, ImplicitThrow, Loop, StandardLoop
from bpmn.reader.collector import Collector
from bpmn.reader.extensions import Extensions, read_extensions
from bpmn.reader.namespaces import BPMN
from bpmn.xml import Tag

LOOPS = ("standardLoopCharacteristics", "multiInstanceLoopCharacteristics")
EVENT_DEFINITIONS = frozenset(
    {"signalEventDefinition", "escalationEventDefinition", "errorEventDefinition", "messageEventDefinition"}
)
"""The event definitions that may stand at the root of a file, for multi-instance activities to throw."""

_DATA = ("dataObject", "dataObjectReference", "dataStoreReference", "dataInput", "dataOutput", "property")
_PARTS = ("loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem")
_KNOWN = ("extensionElements", "documentation", "completionCondition", "complexBehaviorDefinition", *_PARTS)

ReadEvent = Callable[[Tag, Tag], EventDefinition]
"""Reads an event definition of a throwing event: of the tag of the definition, and the tag of its owner."""


def read_event_definitions(root: Tag) -> dict[str, Tag]:
    """The event definitions at the root of a file, by id."""
    return {tag.get("id"): tag for tag in root.children if tag.name in EVENT_DEFINITIONS and tag.get("id")}


def read_data_names(root: Tag) -> dict[str, str]:
    """The names of the data objects, inputs, outputs and properties of a file, by id; the id where one has none."""
    found = [tag for tag in root.walk() if tag.namespace == BPMN and tag.name in _DATA and tag.get("id")]
    names = {tag.get("id"): tag.get("name") for tag in found}
    return {tag.get("id"): tag.get("name") or names.get(tag.get("dataObjectRef"), "") or tag.get("id") for tag in found}


class LoopReader:
    """Reads the loop markers of one file; `definitions` and `data` are what they may refer to."""

    def __init__(self, definitions: Mapping[str, Tag], data: Mapping[str, str], collector: Collector) -> None:
        self.definitions = definitions
        self.data = data
        self.collector = collector

    def standard(self, owner: Tag) -> StandardLoop | None:
        """The standard loop of an activity, if it is one."""
        found = owner.first(LOOPS[0], BPMN)
        if found is None:
            return None
        condition = _text(found, "loopCondition")
        maximum = found.get("loopMaximum", "0")
        if condition and not condition.startswith("="):
            self._fault(found, owner, "the loop condition is no FEEL expression", "begin it with =")
        if not _is_number(maximum) or (maximum == "0" and "loopMaximum" in found.attributes):
            self._fault(found, owner, f"the loop maximum {maximum} is no number of runs", "write one such as 3")
            maximum = "1"
        if not condition and not int(maximum):
            self._fault(found, owner, "the loop never ends", "give it a loop condition or a maximum")
        for child in found.children:
            if child.namespace == BPMN and child.name not in ("loopCondition", "extensionElements", "documentation"):
                self._fault(child, owner, f"{child.name} of a standard loop is not run here", "remove it")
        if owner.first(LOOPS[1], BPMN):
            self._fault(found, owner, "it is a standard loop and multi-instance at once", "leave one of the markers")
        return StandardLoop(condition, found.get("testBefore") == "true", int(maximum))

    def multi_instance(self, owner: Tag, read_event: ReadEvent) -> Loop | None:
        """The multi-instance marker of an activity, if it has one."""
        found = owner.first(LOOPS[1], BPMN)
        if found is None:
            return None
        for child in found.children:
            if child.namespace == BPMN and child.name not in _KNOWN:
                self._fault(child, owner, f"{child.name} of a multi-instance activity is not run here", "remove it")
        extensions = read_extensions(found, self.collector)
        output_collection, output_element = self._outputs(found, owner, extensions)
        loop = Loop(
            sequential=found.get("isSequential") == "true",
            input_collection=self._input(found, owner, extensions),
            input_element=extensions.get("loopCharacteristics", "inputElement") or _item(found, "inputDataItem"),
            output_collection=output_collection,
            output_element=output_element,
            completion_condition=_text(found, "completionCondition"),
            cardinality=_text(found, "loopCardinality"),
            behavior=found.get("behavior", "All"),
            throws=tuple(self._throws(found, owner, read_event)),
        )
        self._check(found, owner, loop)
        return loop

    def _input(self, found: Tag, owner: Tag, extensions: Extensions) -> str:
        given = extensions.get("loopCharacteristics", "inputCollection")
        reference = found.first("loopDataInputRef", BPMN)
        if given or reference is None:
            return given
        name = self._data_name(reference, owner)
        return f"={name}" if name else "=[]"

    def _outputs(self, found: Tag, owner: Tag, extensions: Extensions) -> tuple[str, str]:
        collection = extensions.get("loopCharacteristics", "outputCollection")
        element = extensions.get("loopCharacteristics", "outputElement")
        reference, item = found.first("loopDataOutputRef", BPMN), _item(found, "outputDataItem")
        if not collection and reference:
            collection = self._data_name(reference, owner)
        if item and not item.isidentifier():
            self._fault(found, owner, f"the output data item {item} is no name of a variable", "rename it")
            item = "null"
        return collection, element or (f"={item}" if item else "")

    def _data_name(self, reference: Tag, owner: Tag) -> str:
        name = reference.text.strip().rpartition(":")[2]
        if name not in self.data:
            problem = f"{reference.name} refers to {name or 'nothing'}, which is no data of this file"
            self._fault(reference, owner, problem, "name a data object, or use zeebe:loopCharacteristics")
        elif not self.data[name].isidentifier():
            problem = f"{self.data[name]}, which {reference.name} refers to, is no name of a variable"
            self._fault(reference, owner, problem, "rename it, or use zeebe:loopCharacteristics")
            return ""
        return self.data.get(name, "")

    def _throws(self, found: Tag, owner: Tag, read_event: ReadEvent) -> list[ImplicitThrow]:
        behavior = found.get("behavior", "All")
        if behavior in ("None", "One"):
            attribute = f"{behavior.lower()}BehaviorEventRef"
            if not found.get(attribute):
                return [ImplicitThrow("signal", EventDefinition("signal", signal=owner.get("id")), carries=True)]
            if definition := self._definition(found, owner, found.get(attribute), attribute):
                return [ImplicitThrow(definition.get("id"), read_event(definition, _thrower(owner)))]
            return []
        if behavior != "Complex":
            return []
        complex_ = list(found.all("complexBehaviorDefinition", BPMN))
        if not complex_:
            self._fault(found, owner, "its complex behaviour is not defined", "give it a complexBehaviorDefinition")
        throws = [self._complex(one, owner, number, read_event) for number, one in enumerate(complex_, 1)]
        return [one for one in throws if one]

    def _definition(self, tag: Tag, owner: Tag, reference: str, attribute: str) -> Tag | None:
        name = reference.rpartition(":")[2]
        if name not in self.definitions:
            what = f"{attribute} names {name or 'nothing'}, which is no event definition at the root of the file"
            kinds = "a signal, escalation, error or message event definition"
            self._fault(tag, owner, what, f"name {kinds} that stands there")
        return self.definitions.get(name)

    def _complex(self, tag: Tag, owner: Tag, number: int, read_event: ReadEvent) -> ImplicitThrow | None:
        condition, event = _text(tag, "condition"), tag.first("event", BPMN)
        if not condition.startswith("="):
            self._fault(tag, owner, "the condition of its complex behaviour is no FEEL expression", "begin it with =")
        inside = [child for child in event.children if child.name in EVENT_DEFINITIONS] if event else []
        reference = event.first("eventDefinitionRef", BPMN) if event else None
        definition = inside[0] if inside else None
        if reference and not inside:
            definition = self._definition(reference, owner, reference.text.strip(), "eventDefinitionRef")
        elif len(inside) != 1:
            self._fault(tag, owner, "its complex behaviour throws no event, or several", "give it one event definition")
        if definition is None or event is None:
            return None
        return ImplicitThrow(event.get("id") or str(number), read_event(definition, _thrower(owner)), condition)

    def _check(self, found: Tag, owner: Tag, loop: Loop) -> None:
        if loop.cardinality and loop.input_collection:
            problem = "the multi-instance activity has a cardinality and an input collection"
            self._fault(found, owner, problem, "leave one of them")
        elif loop.cardinality and not loop.cardinality.startswith("=") and not _is_number(loop.cardinality):
            problem = f"the cardinality {loop.cardinality} is neither a number nor a FEEL expression"
            self._fault(found, owner, problem, "write one such as 3 or =n")
        elif not loop.cardinality and not loop.input_collection.startswith("="):
            remedy = "give zeebe:loopCharacteristics an inputCollection such as =items, or a loopCardinality"
            self._fault(found, owner, "the multi-instance activity has no input collection", remedy)
        if bool(loop.output_collection) != bool(loop.output_element):
            problem = "output collection and output element belong together"
            self._fault(found, owner, problem, "give both or none")
        if loop.input_element and loop.cardinality:
            self._fault(found, owner, "a cardinality gives no items", "remove the input element; loopCounter is there")
        if loop.completion_condition and not loop.completion_condition.startswith("="):
            self._fault(found, owner, "the completion condition is no FEEL expression", "begin it with =")
        for throw in loop.throws:
            message = throw.event.message
            if throw.event.kind == "message" and not (message and message.correlation_key):
                problem = f"what it throws by {throw.id} is no message with a correlation key"
                self._fault(found, owner, problem, "name a message, and give that a correlation key")

    def _fault(self, tag: Tag, owner: Tag, problem: str, remedy: str) -> None:
        self.collector.tag(tag, problem, remedy, owner=owner)


def _thrower(owner: Tag) -> Tag:
    """An activity as the throwing event that its multi-instance marker makes of it."""
    attributes = {"id": owner.get("id"), "name": owner.get("name")}
    return Tag(BPMN, "intermediateThrowEvent", owner.line, attributes)


def _text(tag: Tag, name: str) -> str:
    found = tag.first(name, BPMN)
    return found.text.strip() if found else ""


def _item(tag: Tag, name: str) -> str:
    found = tag.first(name, BPMN)
    return (found.get("name") or found.get("id")) if found else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
