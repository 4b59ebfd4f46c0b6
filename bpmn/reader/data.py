"""The data of a process: objects, properties, inputs and outputs, stores, and the associations between them.

BPMN 2.0 §10.4. Everything comes down to what the engine has already: a piece of data is a variable of the element it
stands in, an association an input or output mapping. A data association that a modeler only draws (one without anything
behind it, such as Camunda Modeler's to its `__targetRef_placeholder`) has no effect, and neither has a data object that
no other association refers to and no item definition describes: it is no variable then, but a picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from bpmn.feel import FeelSyntaxError, compile_expression
from bpmn.item_types import type_of
from bpmn.model import Data, DataItem, Mapping, StoreAccess, StoreWrite, is_activity
from bpmn.reader.collector import Collector
from bpmn.reader.names import NAME, PATH
from bpmn.reader.namespaces import BPMN
from bpmn.support import SUPPORT
from bpmn.xml import Tag

_PLACEHOLDER = "__targetRef_placeholder"
_ITEMS = ("dataObject", "property", "dataInput", "dataOutput")
_REFERENCES = ("dataObjectReference", "dataStoreReference")
_ASSOCIATIONS = ("dataInputAssociation", "dataOutputAssociation")
_VALUES = ("true", "false", "null")


def data_children(kind: str) -> tuple[str, ...]:
    """The tags about data that an element of a kind may hold."""
    if kind == "process" or is_activity(kind):
        return SUPPORT.data["process" if kind == "process" else "activity"]
    if kind.endswith("Event"):
        return SUPPORT.data["throwing event" if kind in ("endEvent", "intermediateThrowEvent") else "catching event"]
    return ()


class DataReader:
    """Knows everything about data in one process of a file, and reads what belongs to one element."""

    def __init__(self, root: Tag, process: Tag, collector: Collector) -> None:
        self.collector = collector
        self.definitions = {tag.get("id"): tag for tag in root.all("itemDefinition", BPMN)}
        self.messages = {tag.get("id"): tag.get("itemRef") for tag in root.all("message", BPMN)}
        self.stores = {tag.get("id"): tag for tag in root.all("dataStore", BPMN)}
        self.parents: dict[int, Tag] = {}
        self.known: dict[str, Tag] = {}
        self.references: dict[str, list[Tag]] = {}
        self.specifications: dict[int, list[Tag]] = {}
        self.variables: dict[int, str] = {}
        associations: list[Tag] = []
        for tag in process.walk():
            for child in tag.children:
                self.parents[id(child)] = tag
            if tag.namespace != BPMN:
                continue
            if tag.name in (*_ITEMS, *_REFERENCES) and tag.get("id"):
                self.known[tag.get("id")] = tag
            if tag.name == "ioSpecification":
                self.specifications.setdefault(id(self.parents[id(tag)]), []).append(tag)
            if tag.name == "dataObjectReference":
                self.references.setdefault(tag.get("dataObjectRef"), []).append(tag)
            if tag.name in _ASSOCIATIONS:
                associations.append(tag)
        self.live = {id(tag): None for tag in self.known.values() if tag.get("itemSubjectRef")}
        for association in associations:
            if self._has_effect(association):
                self.live.update((id(end), None) for ref in _ends(association) if (end := self._object(ref)))

    def _object(self, reference: str) -> Tag | None:
        """What an end of an association means: for a reference to a data object, the object."""
        tag = self.known.get(reference)
        if tag and tag.name == "dataObjectReference":
            return self.known.get(tag.get("dataObjectRef"), tag)
        return tag

    def _has_effect(self, association: Tag) -> bool:
        ends = [tag for ref in _ends(association) if (tag := self.known.get(ref))]
        if any(tag.get("name") == _PLACEHOLDER for tag in ends):
            return False
        if association.name == "dataInputAssociation":
            return bool(_text(association, "targetRef"))
        return any(association.first(part, BPMN) for part in ("sourceRef", "transformation", "assignment"))

    # -- one element -----------------------------------------------------------------------------------------------

    def read(self, tag: Tag) -> Data | None:
        """What the element `tag` holds and does about data; None where that is nothing."""
        specification = tag.first("ioSpecification", BPMN)
        holders = [tag, specification] if specification else [tag]
        items = tuple(self._item(child, tag) for holder in holders for child in holder.children if self._counts(child))
        self._check_twice(items, tag)
        inputs: list[Mapping] = []
        outputs: list[Mapping] = []
        reads: dict[str, StoreAccess] = {}
        seen: dict[str, Tag] = {}
        writes: list[StoreWrite] = []
        for association in tag.children:
            if association.namespace != BPMN or association.name not in _ASSOCIATIONS:
                continue
            if not self._has_effect(association):
                continue
            self._check_ends(association, tag, seen)
            reads.update((one.variable, one) for one in self._stores_read(association, tag))
            target = self.known.get(_text(association, "targetRef"))
            store = self._store(target) if target and target.name == "dataStoreReference" else ""
            mappings = self._mappings(association, tag)
            if store:
                writes += [StoreWrite(store, m.source, m.target.partition(".")[2]) for m in mappings]
            else:
                (inputs if association.name == "dataInputAssociation" else outputs).extend(mappings)
        data = Data(
            items,
            tuple(inputs),
            tuple(outputs),
            tuple(reads.values()),
            tuple(writes),
            self._sets(holders, tag, "inputSet", "dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs"),
            self._sets(holders, tag, "outputSet", "dataOutputRefs", "optionalOutputRefs"),
        )
        return data if data != Data() else None

    def _counts(self, tag: Tag) -> bool:
        if tag.namespace != BPMN or tag.get("name") == _PLACEHOLDER:
            return False
        if tag.name in ("dataObject", "dataObjectReference"):
            is_object = tag.name == "dataObject" or tag.get("dataObjectRef") not in self.known
            return is_object and id(tag) in self.live
        return tag.name in _ITEMS

    def _item(self, tag: Tag, owner: Tag) -> DataItem:
        reference = (tag.get("itemSubjectRef") or self._item_of_message(tag, owner)).rpartition(":")[2]
        definition = self.definitions.get(reference)
        if reference and definition is None:
            problem = f"item definition {reference} is not defined in this file"
            self.collector.tag(tag, problem, "define it, or remove the reference", owner=owner)
        structure = definition.get("structureRef") if definition else ""
        item_kind = definition.get("itemKind", "Information") if definition else ""
        drawn = [tag, *self.references.get(tag.get("id"), ())]
        states = {one.get("id"): state.get("name") for one in drawn if (state := one.first("dataState", BPMN))}
        return DataItem(
            id=tag.get("id"),
            variable=self._variable(tag, owner),
            kind="dataObject" if tag.name == "dataObjectReference" else tag.name,
            collection="true" in (tag.get("isCollection"), definition.get("isCollection") if definition else ""),
            structure=structure,
            item_kind=item_kind,
            states=states,
            type=type_of(structure) if item_kind == "Information" else "",
        )

    def _item_of_message(self, tag: Tag, owner: Tag) -> str:
        """What a message carries goes through the data output or input of whoever catches or throws it (§10.4.1)."""
        event = owner.first("messageEventDefinition", BPMN)
        message = (event or owner).get("messageRef").rpartition(":")[2]
        return self.messages.get(message, "") if tag.name in ("dataInput", "dataOutput") else ""

    def _check_twice(self, items: tuple[DataItem, ...], owner: Tag) -> None:
        seen: dict[str, DataItem] = {}
        for item in items:
            if item.variable in seen:
                problem = f"{seen[item.variable].id} and {item.id} are both the variable {item.variable}"
                self.collector.tag(owner, problem, "give one of them another name")
            seen[item.variable] = item

    def _variable(self, tag: Tag, owner: Tag) -> str:
        """The variable that a piece of data is: its name where FEEL can read it as one, else its id."""
        if id(tag) not in self.variables:
            self.variables[id(tag)] = self._new_variable(tag, owner)
        return self.variables[id(tag)]

    def _new_variable(self, tag: Tag, owner: Tag) -> str:
        store = self.stores.get(tag.get("dataStoreRef"))
        named = [tag, *([store] if store else []), *self.references.get(tag.get("id"), ())]
        names = [*(one.get("name") for one in named), tag.get("id")]
        if usable := next(filter(_is_variable, names), ""):
            return usable
        problem = f"neither name nor id of the {tag.name} {tag.get('id')} can be that of a variable"
        self.collector.tag(tag, problem, "give it a name such as order", owner=owner)
        return "_"

    def _sets(
        self, holders: list[Tag], owner: Tag, kind: str, all_: str, *spared_by: str
    ) -> tuple[tuple[str, ...], ...]:
        """Of each input or output set: the variables that must be there."""
        result = []
        for one in [one for holder in holders for one in holder.all(kind, BPMN)]:
            spared = [ref.text.strip() for part in spared_by for ref in one.all(part, BPMN)]
            needed = [name for ref in one.all(all_, BPMN) if (name := ref.text.strip()) not in spared]
            result.append(tuple(self._variable(tag, owner) for name in needed if (tag := self._own(name, one, owner))))
        return tuple(result)

    def _own(self, name: str, place: Tag, owner: Tag) -> Tag | None:
        tag = self.known.get(name)
        if tag and self._is_in(tag, owner):
            return tag
        self.collector.tag(place, f"{name} is no data input or output of it", "name one of its own", owner=owner)
        return None

    # -- associations ----------------------------------------------------------------------------------------------

    def _check_ends(self, association: Tag, owner: Tag, seen: dict[str, Tag]) -> None:
        """Report ends that are not there or not visible, and names that would mean something else at the element."""
        for name in _ends(association):
            tag = self._object(name)
            if tag is None or not self._is_visible(tag, owner):
                problem = f"{name} of its data association is no data that it can reach"
                self.collector.tag(association, problem, "connect it anew, in the same scope", owner=owner)
            elif not self._is_in(tag, owner):
                variable = self._variable(tag, owner)
                other = self._hiding(tag, owner) or seen.setdefault(variable, tag)
                if other is not tag and not self._is_same_store(other, tag):
                    problem = f"{other.get('id')} and {tag.get('id')} are both the variable {variable} here"
                    self.collector.tag(association, problem, "give one of them another name", owner=owner)
        target = self.known.get(_text(association, "targetRef"))
        if association.name == "dataInputAssociation" and target and not self._is_in(target, owner):
            problem = f"{target.get('id')} is no data input or property of it"
            self.collector.tag(association, problem, "let the association lead to one of its own", owner=owner)

    def _is_visible(self, tag: Tag, owner: Tag) -> bool:
        place = self.parents[id(tag)]
        return self._is_in(tag, owner) or any(place is one for one in self._around(owner))

    def _hiding(self, tag: Tag, owner: Tag) -> Tag | None:
        """What stands nearer to the element than `tag` and has its name."""
        variable = self._variable(tag, owner)
        for place in self._around(owner):
            if other := next((one for one in self._standing.get((id(place), variable), ()) if one is not tag), None):
                return other
            if self.parents[id(tag)] is place:
                return None
        return None

    @cached_property
    def _standing(self) -> dict[tuple[int, str], list[Tag]]:
        """What counts, by the place it stands in and its variable."""
        found: dict[tuple[int, str], list[Tag]] = {}
        for tag in self.known.values():
            if self._counts(tag):
                place = self.parents[id(tag)]
                found.setdefault((id(place), self._variable(tag, place)), []).append(tag)
        return found

    def _is_same_store(self, one: Tag, other: Tag) -> bool:
        return one.name == other.name == "dataStoreReference" and self._store(one) == self._store(other)

    def _stores_read(self, association: Tag, owner: Tag) -> Iterable[StoreAccess]:
        for name in _sources(association):
            tag = self.known.get(name)
            if tag and tag.name == "dataStoreReference":
                yield StoreAccess(self._variable(tag, owner), self._store(tag))

    def _store(self, reference: Tag) -> str:
        """The name by which the world knows a data store."""
        found = self.stores.get(reference.get("dataStoreRef").rpartition(":")[2], reference)
        names = [tag.get(part) for tag, part in ((found, "name"), (reference, "name"), (found, "id"))]
        return next(filter(None, names), "")

    def _is_in(self, tag: Tag, owner: Tag) -> bool:
        """Whether a piece of data is the element's own: stands in it, or in its input/output specification."""
        parent = self.parents[id(tag)]
        return parent is owner or (parent.name == "ioSpecification" and self.parents.get(id(parent)) is owner)

    def _around(self, tag: Tag) -> list[Tag]:
        found: list[Tag] = []
        parent = self.parents.get(id(tag))
        while parent is not None:
            found += [parent, *self.specifications.get(id(parent), ())]
            parent = self.parents.get(id(parent))
        return found

    def _mappings(self, association: Tag, owner: Tag) -> Iterable[Mapping]:
        """An association as mappings: the source copied, or its transformation, and its assignments after that."""
        target = self._object(_text(association, "targetRef"))
        if target is None:
            return
        name = self._variable(target, owner)
        transformation = association.first("transformation", BPMN)
        assignments = list(association.all("assignment", BPMN))
        sources = _sources(association)
        if transformation:
            yield Mapping(self._feel(transformation, owner), name)
        elif not assignments and len(sources) != 1:
            problem = f"a data association with {len(sources)} sources says nothing of what goes to its target"
            self.collector.tag(association, problem, "give it one source, a transformation or assignments", owner=owner)
        elif not assignments and (source := self._object(sources[0])):
            yield Mapping(f"={self._variable(source, owner)}", name)
        for assignment in assignments:
            yield self._assignment(assignment, owner, name)

    def _assignment(self, assignment: Tag, owner: Tag, name: str) -> Mapping:
        source, target = assignment.first("from", BPMN), _text(assignment, "to").removeprefix("=").strip()
        path = target or name
        if not PATH.fullmatch(path) or path.partition(".")[0] != name:
            problem = f"the assignment goes to {path}, which is nothing in {name}"
            self.collector.tag(assignment, problem, f"write {name}, or a path in it such as {name}.id", owner=owner)
            path = name
        return Mapping(self._feel(source or assignment, owner), path)

    def _feel(self, tag: Tag, owner: Tag) -> str:
        text = tag.text.strip()
        if text.startswith("="):
            return text
        remedy = f"write ={text or 'value'}"
        self.collector.tag(tag, f"{text or 'nothing'} in {tag.name} is no FEEL expression", remedy, owner=owner)
        return "=null"


def _text(tag: Tag, child: str) -> str:
    found = tag.first(child, BPMN)
    return found.text.strip() if found else ""


def _sources(association: Tag) -> list[str]:
    return [tag.text.strip() for tag in association.all("sourceRef", BPMN)]


def _ends(association: Tag) -> list[str]:
    target = _text(association, "targetRef")
    return _sources(association) + ([target] if target else [])


def _is_variable(name: str) -> bool:
    """Whether FEEL reads a name as that of a variable."""
    if not NAME.fullmatch(name) or name in _VALUES:
        return False
    try:
        compile_expression(name)
    except FeelSyntaxError:
        return False
    return True
