"""From the JSON that Camunda Modeler writes (form-js schema, versions 1 to 19) to a form that can validate.

Every component type is known, as input, container or decoration, or the form is refused: a field that was skipped
would be a value that nobody checks. All faults of a form are reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn.faults import Fault, ModelRefused
from bpmn.feel import Expression, FeelSyntaxError, compile_expression
from bpmn.forms import properties
from bpmn.forms.checks import (
    CheckboxCheck,
    ChoiceCheck,
    ComputedCheck,
    DateTimeCheck,
    FilesCheck,
    NumberCheck,
    TextCheck,
)
from bpmn.forms.model import MISSING, Check, Field, Group, Node, Path, Rows, Shape
from bpmn.forms.properties import Component, Problem
from bpmn.forms.source import Source

MAX_SCHEMA_VERSION = 19

DECORATION = frozenset(
    ("text", "html", "spacer", "separator", "table", "button", "image", "iframe", "documentPreview"),
)
"""Component types that show something and take no value."""


class Reader:
    """Reads one form and collects its faults."""

    def __init__(self, source: Source, names: frozenset[str]) -> None:
        self.source = source
        self.names = names
        self.faults: list[Fault] = []
        self.ids: set[str] = set()

    def read(self) -> tuple[str, tuple[Node, ...], Shape]:
        """Id, nodes and shape of the form; raises `ModelRefused` with every fault."""
        document = self.source.document
        self._head(document)
        shape: Shape = {}
        nodes = self._nodes(document, (), shape)
        if self.faults:
            raise ModelRefused(self.faults)
        return document["id"], nodes, shape

    def fault(self, item: Any, problem: str, remedy: str) -> None:
        """Remember what is wrong with `item`, an object of the form."""
        element = name = ""
        if isinstance(item, Mapping):
            element, name = _text(item.get("id")) or _text(item.get("key")), _text(item.get("label"))
        self.faults.append(Fault(self.source.file, self.source.line(item), element, name, problem, remedy))

    def expression(self, item: Mapping[str, Any], text: str, where: str) -> Expression | None:
        """The compiled FEEL of `text` (with its leading =); None after a fault."""
        try:
            return compile_expression(text[1:], self.names)
        except FeelSyntaxError as error:
            self.fault(item, f"the FEEL expression of {where} is wrong ({error})", "correct the expression")
            return None

    def _head(self, document: Mapping[str, Any]) -> None:
        if not _text(document.get("id")):
            self.fault(document, "the form has no id", 'give it an "id"')
        if document.get("type") != "default":
            self.fault(document, f"the form's type is {document.get('type')!r}", 'write "type": "default"')
        version = document.get("schemaVersion", 1)
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= MAX_SCHEMA_VERSION:
            remedy = f"save the form with a modeler that writes version {MAX_SCHEMA_VERSION} or lower"
            self.fault(document, f"schemaVersion {version!r} is not known here", remedy)

    def _nodes(self, container: Mapping[str, Any], prefix: Path, shape: Shape) -> tuple[Node, ...]:
        components = container.get("components")
        if not isinstance(components, list) or not all(isinstance(item, dict) for item in components):
            self.fault(container, "components is not a list of components", 'write "components": [...]')
            return ()
        nodes = (self._node(item, prefix, shape) for item in components)
        return tuple(node for node in nodes if node is not None)

    def _node(self, item: Mapping[str, Any], prefix: Path, shape: Shape) -> Node | None:
        kind = item.get("type")
        self._unique_id(item)
        hide = self._hide(item)
        if isinstance(kind, str) and kind in DECORATION:
            return None
        if kind == "group":
            return Group(hide, self._nodes(item, prefix + self._path(item, "path", optional=True), shape))
        if kind == "dynamiclist":
            return self._rows(item, hide, prefix, shape)
        build = CHECKS.get(kind) if isinstance(kind, str) else None
        if build is None:
            remedy = f"use one of {', '.join(sorted((*CHECKS, *DECORATION, 'group', 'dynamiclist')))}"
            self.fault(item, f"component type {kind!r} is not supported", remedy)
            return None
        return self._field(item, build, hide, prefix, shape)

    def _field(
        self, item: Mapping[str, Any], build: _Build, hide: Expression | None, prefix: Path, shape: Shape
    ) -> Field | None:
        own = self._path(item, "key", optional=False)
        path = prefix + own
        if own:
            self._claim(item, path, shape)
        component = Component(self, item)
        check = component.guarded(build)
        required = component.flag("required", component.validate)
        disabled = component.flag("disabled", item)
        readonly = component.guarded(lambda field: properties.switch(field, "readonly"))
        self._known_validation(item, component.validate)
        self._known_custom(item, component.custom)
        if check is None or not own:
            return None
        label = _text(item.get("label")) or _text(item.get("dateLabel")) or _text(item.get("timeLabel"))
        default = item.get("defaultValue", MISSING)
        return Field(path, label or own[-1], check, hide, required, disabled, readonly or False, default)

    def _rows(self, item: Mapping[str, Any], hide: Expression | None, prefix: Path, shape: Shape) -> Rows:
        own = self._path(item, "path", optional=False)
        path = prefix + own
        if own:
            self._claim(item, path, shape)
        if item.get("isRepeating") is not True:
            self.fault(item, "the dynamic list does not repeat", 'write "isRepeating": true, or use a group')
        repetitions = item.get("defaultRepetitions", 1)
        if not isinstance(repetitions, int) or isinstance(repetitions, bool) or repetitions < 0:
            self.fault(item, f"defaultRepetitions is {repetitions!r}", "write a whole number")
            repetitions = 1
        may_change = item.get("allowAddRemove", True)
        if not isinstance(may_change, bool):
            self.fault(item, f"allowAddRemove is {may_change!r}", "write true or false")
        fixed = repetitions if may_change is False else None
        inside: Shape = {}
        label = _text(item.get("label")) or (own[-1] if own else "")
        return Rows(path, label, hide, self._nodes(item, (), inside), inside, fixed)

    def _path(self, item: Mapping[str, Any], name: str, *, optional: bool) -> Path:
        value = item.get(name)
        if value is None or value == "":
            if not optional:
                self.fault(item, f"the {item.get('type')} has no {name}", f'give it a "{name}"')
            return ()
        parts = tuple(value.split(".")) if isinstance(value, str) else ()
        if not parts or not all(part.isidentifier() for part in parts):
            remedy = "use letters, digits and _ only, not beginning with a digit; dots between parts"
            self.fault(item, f"{name} {value!r} is not a name", remedy)
            return ()
        return parts

    def _claim(self, item: Mapping[str, Any], path: Path, shape: Shape) -> None:
        """Give `path` to one field: no other may have it, lie inside it or around it."""
        for key in path[:-1]:
            inner = shape.setdefault(key, {})
            if inner is None:
                self.fault(item, f"{'.'.join(path)} lies inside another field's value", "choose another key")
                return
            shape = inner
        if path[-1] in shape:
            self.fault(item, f"the key {'.'.join(path)} is used twice", "give each field its own key")
        shape[path[-1]] = None

    def _unique_id(self, item: Mapping[str, Any]) -> None:
        identity = item.get("id")
        if isinstance(identity, str):
            if identity in self.ids:
                self.fault(item, f"the id {identity} is used twice", "give each component its own id")
            self.ids.add(identity)

    def _hide(self, item: Mapping[str, Any]) -> Expression | None:
        conditional = item.get("conditional")
        if conditional is None:
            return None
        hide = conditional.get("hide") if isinstance(conditional, dict) else conditional
        if hide is None or hide == "":
            return None
        if not isinstance(hide, str) or not hide.startswith("="):
            self.fault(item, f"conditional.hide {hide!r} is not a FEEL expression", "begin it with =")
            return None
        return self.expression(item, hide, "conditional.hide")

    def _known_validation(self, item: Mapping[str, Any], validate: Mapping[str, Any]) -> None:
        known = ("required", *_VALIDATION.get(str(item.get("type")), ()))
        for name, value in validate.items():
            if name not in known and value not in (None, ""):
                remedy = f"remove it; a {item.get('type')} may have {', '.join(known)}"
                self.fault(item, f"validate.{name} does not apply to a {item.get('type')}", remedy)

    def _known_custom(self, item: Mapping[str, Any], custom: Mapping[str, Any]) -> None:
        known = properties.BOUNDS if item.get("type") == "datetime" and item.get("subtype") != "time" else ()
        for name in custom:
            if name not in known:
                remedy = f"remove it; a date may have {', '.join(properties.BOUNDS)}, other components none"
                self.fault(item, f"the custom property {name} does not apply to a {item.get('type')}", remedy)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


_Build = Callable[[Component], Check]

_VALIDATION: Mapping[str, tuple[str, ...]] = {
    "textfield": ("minLength", "maxLength", "pattern", "patternErrorMessage", "validationType"),
    "textarea": ("minLength", "maxLength"),
    "number": ("min", "max"),
}


def _text_check(component: Component) -> Check:
    return TextCheck(
        properties.limit(component, "minLength"),
        properties.limit(component, "maxLength"),
        properties.pattern(component),
        _text(component.validate.get("patternErrorMessage")),
        properties.validation_type(component),
    )


def _number_check(component: Component) -> Check:
    return NumberCheck(
        properties.limit(component, "min"),
        properties.limit(component, "max"),
        properties.decimal_digits(component),
        properties.increment(component),
        component.flag("serializeToString", component.item),
    )


def _choice_check(*, several: bool) -> _Build:
    return lambda component: ChoiceCheck(properties.options(component), several)


def _date_time_check(component: Component) -> Check:
    subtype = component.one_of("subtype", ("date", "time", "datetime"))
    offset = component.one_of("timeSerializingFormat", ("no_timezone", "utc_offset", "utc_normalized"), "no_timezone")
    not_past = component.flag("disallowPassedDates", component.item)
    return DateTimeCheck(subtype, offset, not_past, properties.bounds(component))


def _computed_check(component: Component) -> Check:
    text = component.item.get("expression")
    if not isinstance(text, str) or not text.startswith("="):
        raise Problem(f"expression {text!r} is not a FEEL expression", "begin it with =")
    return ComputedCheck(component.expression(text, "expression"))


CHECKS: Mapping[str, _Build] = {
    "textfield": _text_check,
    "textarea": _text_check,
    "number": _number_check,
    "checkbox": lambda _: CheckboxCheck(),
    "radio": _choice_check(several=False),
    "select": _choice_check(several=False),
    "checklist": _choice_check(several=True),
    "taglist": _choice_check(several=True),
    "datetime": _date_time_check,
    "filepicker": lambda component: FilesCheck(properties.switch(component, "multiple")),
    "expression": _computed_check,
}
