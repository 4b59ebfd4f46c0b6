"""Reads a DMN file: checks all of it, and either gives the model or refuses with every fault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from bpmn.dmn.boxed_reader import EXPRESSIONS, read_function, read_logic, type_name, variable_of
from bpmn.dmn.faults import FEEL_LANGUAGES, Reading
from bpmn.dmn.model import Decision, DecisionModel, ItemType, Knowledge, Logic, Reference, Service, Variable
from bpmn.faults import Fault, ModelRefused
from bpmn.feel.names import is_plain, normalise
from bpmn.feel.types import simple
from bpmn.xml import MAX_DEPTH, Tag, parse

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
_ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_ELEMENTS = ("import", "itemDefinition", "inputData", "decision", "businessKnowledgeModel", "decisionService")
_NAMED = ("column", "formalParameter", "itemComponent", "inputData", "variable", "parameter", "output", "import")
T = TypeVar("T")


def read_decisions(
    xml: str | bytes,
    file: str,
    names: Collection[str] = (),
    imports: Collection[DecisionModel] = (),
) -> DecisionModel:
    """The decisions of a DMN 1.2 to 1.5 file, checked.

    `names` are names with spaces that expressions may use besides the model's own: those of the environment's
    functions and of variables. `imports` are the models that this one may import, found by their namespace. Raises
    `ModelRefused` with all that is wrong, each with its line and element.
    """
    root = parse(xml, file)
    if root.name != "definitions" or root.namespace not in NAMESPACES:
        problem = f"the file is no DMN 1.2 to 1.5 (its root is {{{root.namespace}}}{root.name})"
        raise ModelRefused([Fault(file, root.line, "", "", problem, "save it from Camunda Modeler as a DMN diagram")])
    if root.nests(MAX_DEPTH):
        problem = f"the file is nested more than {MAX_DEPTH} levels deep"
        raise ModelRefused(
            [Fault(file, root.line, "", "", problem, "divide it into decisions that require each other")]
        )
    reading = Reading(file, root.namespace)
    model = _Reader(reading, root, {imported.namespace: imported for imported in imports}).read(names)
    if reading.faults:
        raise ModelRefused(reading.faults)
    return model


class _Reader:
    def __init__(self, reading: Reading, root: Tag, available: Mapping[str, DecisionModel]) -> None:
        self.reading, self.root, self.available = reading, root, available
        self.namespace = root.get("namespace")
        self.imports: dict[str, DecisionModel] = {}
        self.elements: dict[str, list[Tag]] = {name: [] for name in _ELEMENTS}

    def read(self, names: Collection[str]) -> DecisionModel:
        language = self.root.get("expressionLanguage")
        if language not in FEEL_LANGUAGES and language.lower() != "feel":
            self.reading.fault(self.root, f"the expression language {language} is not supported", "use FEEL")
        for child in self.reading.children(self.root, *_ELEMENTS, "artifact"):
            self.elements.setdefault(child.name, []).append(child)
        for tag in self.elements["import"]:
            self._import(tag)
        self.reading.names = frozenset(self._known_names(names))
        types = tuple(self._item_type(tag) for tag in self.elements["itemDefinition"])
        model = DecisionModel(
            self.namespace,
            tuple(sorted(self.reading.names)),
            types,
            self._by_id("inputData", self._input),
            self._by_id("decision", self._decision),
            self._by_id("businessKnowledgeModel", self._knowledge),
            self._by_id("decisionService", self._service),
            self.imports,
        )
        self._check_types(model)
        self._check_references(model)
        self._check_cycles(model)
        return model

    def _by_id(self, name: str, read: Callable[[Tag], T]) -> dict[str, T]:
        found: dict[str, T] = {}
        for tag in self.elements[name]:
            self.reading.owner = (tag.get("id"), tag.get("name"))
            if _id(tag) in found or not _id(tag):
                self.reading.fault(tag, "the element has no id of its own", "give it an id that occurs once")
            found[_id(tag)] = read(tag)
        self.reading.owner = ("", "")
        return found

    def _import(self, tag: Tag) -> None:
        namespace, name = tag.get("namespace"), normalise(tag.get("name"))
        if tag.get("importType") not in NAMESPACES:
            self.reading.fault(tag, f"imports of the type {tag.get('importType')} are not supported", "import DMN only")
        elif namespace not in self.available:
            self.reading.fault(tag, f"the imported model {namespace} is not there", "read it together with this")
        else:
            self.imports[name] = self.available[namespace]

    def _known_names(self, names: Collection[str]) -> Iterator[str]:
        """The names with spaces or signs that expressions of this model may use."""
        yield from (normalise(name) for name in names if not is_plain(name))
        for model in self.imports.values():
            yield from model.names
        for tag in self.root.walk():
            if tag.namespace != self.reading.namespace:
                continue
            found = [tag.get("iteratorVariable")] if tag.name in ("for", "some", "every") else []
            if tag.name in _NAMED or tag.name in _ELEMENTS:
                found.append(tag.get("name"))
            yield from (normalise(name) for name in found if name.strip() and not is_plain(name.strip()))

    def _input(self, tag: Tag) -> Variable:
        self.reading.children(tag, "variable")
        return variable_of(tag.first("variable", self.reading.namespace), normalise(tag.get("name")))

    def _decision(self, tag: Tag) -> Decision:
        children = self.reading.children(
            tag, "variable", "informationRequirement", "knowledgeRequirement", *EXPRESSIONS
        )
        logic = [child for child in children if child.name in EXPRESSIONS]
        if len(logic) > 1:
            self.reading.fault(tag, f"the decision has {len(logic)} expressions", "leave one of them")
        return Decision(
            _id(tag),
            normalise(tag.get("name")),
            variable_of(tag.first("variable", self.reading.namespace), normalise(tag.get("name"))),
            read_logic(self.reading, logic[0]) if logic else Logic("undecided"),
            self._references(tag, "informationRequirement", "requiredInput"),
            self._references(tag, "informationRequirement", "requiredDecision"),
            self._references(tag, "knowledgeRequirement", "requiredKnowledge"),
            _version_tag(tag),
        )

    def _knowledge(self, tag: Tag) -> Knowledge:
        self.reading.children(tag, "variable", "encapsulatedLogic", "knowledgeRequirement")
        logic = tag.first("encapsulatedLogic", self.reading.namespace)
        if logic is None:
            self.reading.fault(tag, "the business knowledge model has no logic", "draw its function")
        return Knowledge(
            _id(tag),
            normalise(tag.get("name")),
            variable_of(tag.first("variable", self.reading.namespace), normalise(tag.get("name"))),
            Logic("function") if logic is None else read_function(self.reading, logic),
            self._references(tag, "knowledgeRequirement", "requiredKnowledge"),
        )

    def _service(self, tag: Tag) -> Service:
        self.reading.children(tag, "variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData")
        outputs = self._hrefs(tag.all("outputDecision", self.reading.namespace))
        if not outputs:
            self.reading.fault(tag, "the decision service has no output decision", "put a decision in its upper part")
        return Service(
            _id(tag),
            normalise(tag.get("name")),
            variable_of(tag.first("variable", self.reading.namespace), normalise(tag.get("name"))),
            outputs,
            self._hrefs(tag.all("inputData", self.reading.namespace)),
            self._hrefs(tag.all("inputDecision", self.reading.namespace)),
        )

    def _references(self, tag: Tag, requirement: str, required: str) -> tuple[Reference, ...]:
        namespace = self.reading.namespace
        return self._hrefs(
            child for group in tag.all(requirement, namespace) for child in group.all(required, namespace)
        )

    def _hrefs(self, tags: Iterable[Tag]) -> tuple[Reference, ...]:
        return tuple(reference for tag in tags if (reference := self._reference(tag)) is not None)

    def _reference(self, tag: Tag) -> Reference | None:
        namespace, _, element = tag.get("href").rpartition("#")
        if namespace in ("", self.namespace):
            return Reference(element)
        for name, model in self.imports.items():
            if model.namespace == namespace:
                return Reference(element, name)
        if not any(imported.get("namespace") == namespace for imported in self.elements["import"]):
            self.reading.fault(tag, f"{tag.get('href')} points to a model that is not imported", "import the model")
        return None

    def _item_type(self, tag: Tag) -> ItemType:
        known = ("typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem")
        children = self.reading.children(tag, *known)
        constraint = tag.first("typeConstraint", self.reading.namespace)
        return ItemType(
            normalise(tag.get("name")),
            type_name(tag),
            tag.get("isCollection") == "true",
            tuple(self._item_type(child) for child in children if child.name == "itemComponent"),
            self.reading.unary_tests(tag.first("allowedValues", self.reading.namespace)),
            self.reading.unary_tests(constraint),
            any(child.name == "functionItem" for child in children),
        )

    def _check_types(self, model: DecisionModel) -> None:
        known = {definition.name for definition in model.types}
        known |= {f"{name}.{kind.name}" for name, imported in model.imports.items() for kind in imported.types}
        for tag in self.root.walk():
            if tag.namespace != self.reading.namespace or tag.name == "typeRef":
                continue
            name = type_name(tag)
            if name and name not in known and simple(name) is None:
                self.reading.fault(tag, f"there is no type {name}", "define the type, or choose one of FEEL's")
        self._check_type_cycles(model)

    def _check_type_cycles(self, model: DecisionModel) -> None:
        bases = {definition.name: _bases(definition) for definition in model.types}
        for tag in self.elements["itemDefinition"]:
            if _reaches(normalise(tag.get("name")), bases):
                self.reading.fault(tag, "the type is made of itself", "define it by other types")

    def _check_references(self, model: DecisionModel) -> None:
        kinds: dict[str, Callable[[DecisionModel], Collection[str]]] = {
            "requiredInput": lambda found: found.inputs,
            "inputData": lambda found: found.inputs,
            "requiredDecision": lambda found: found.decisions,
            "outputDecision": lambda found: found.decisions,
            "inputDecision": lambda found: found.decisions,
            "encapsulatedDecision": lambda found: found.decisions,
            "requiredKnowledge": lambda found: [*found.knowledge, *found.services],
        }
        for tag in self.root.walk():
            if tag.namespace != self.reading.namespace or tag.name not in kinds or not tag.get("href"):
                continue
            reference = self._reference(tag)
            if reference is None:
                continue
            target = self.imports[reference.model] if reference.model else model
            if reference.id not in kinds[tag.name](target):
                self.reading.fault(tag, f"{tag.get('href')} points to nothing", "draw the requirement again")

    def _check_cycles(self, model: DecisionModel) -> None:
        needs: dict[str, list[str]] = {}
        elements: list[Decision | Knowledge] = [*model.decisions.values(), *model.knowledge.values()]
        for element in elements:
            required = element.knowledge + (element.decisions if isinstance(element, Decision) else ())
            needs[element.id] = [reference.id for reference in required if not reference.model]
        for decision in model.decisions.values():
            if _reaches(decision.id, needs):
                tag = next(tag for tag in self.elements["decision"] if _id(tag) == decision.id)
                self.reading.fault(tag, "the decision requires itself", "take one of the requirements away")


def _version_tag(tag: Tag) -> str:
    """What Camunda Modeler writes as the version tag of a decision."""
    extensions = tag.first("extensionElements")
    found = extensions.first("versionTag", _ZEEBE) if extensions else None
    return found.get("value") if found else ""


def _id(tag: Tag) -> str:
    """DMN asks for no id; an element without one goes by its name."""
    return tag.get("id") or normalise(tag.get("name"))


def _bases(definition: ItemType) -> list[str]:
    return [definition.base, *(base for part in definition.components for base in _bases(part))]


def _reaches(start: str, needs: Mapping[str, Collection[str]]) -> bool:
    """Whether `start` is among what it needs, directly or not."""
    waiting, seen = list(needs.get(start, ())), set[str]()
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(needs.get(name, ()))
    return False
