"""The properties of one component, read with their form-js meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from bpmn.feel import Expression
from bpmn.forms.bounds import Bound, Bounds
from bpmn.forms.checks import Limit, Options, number_of, option_value
from bpmn.forms.model import MISSING, same
from bpmn.forms.pattern import Pattern, PatternRefused, compile_pattern

T = TypeVar("T")


class Problem(Exception):
    """What is wrong with one property, and what would be right."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class _AlreadySaid(Exception):
    """The property is wrong and its fault is kept."""


class Faults(Protocol):
    """Where faults are kept and expressions compiled."""

    def fault(self, item: Any, problem: str, remedy: str) -> None: ...

    def expression(self, item: Mapping[str, Any], text: str, where: str) -> Expression | None: ...


class Component:
    """One component of a form's JSON and the place where its faults go."""

    def __init__(self, faults: Faults, item: Mapping[str, Any]) -> None:
        self.faults = faults
        self.item = item
        self.validate = self._object("validate")
        self.custom = self._object("properties")
        """The custom properties, which form-js keeps and leaves to others."""

    def _object(self, name: str) -> Mapping[str, Any]:
        value = self.item.get(name)
        if value is not None and not isinstance(value, dict):
            self.faults.fault(self.item, f"{name} is not an object", f'write "{name}": {{...}}')
        return value if isinstance(value, dict) else {}

    def guarded(self, read: Callable[[Component], T]) -> T | None:
        """What `read` gives; None after keeping the fault that it raised."""
        try:
            return read(self)
        except Problem as problem:
            self.faults.fault(self.item, problem.problem, problem.remedy)
        except _AlreadySaid:
            pass
        return None

    def expression(self, text: str, where: str) -> Expression:
        expression = self.faults.expression(self.item, text, where)
        if expression is None:
            raise _AlreadySaid
        return expression

    def flag(self, name: str, holder: Mapping[str, Any]) -> bool:
        """A property that is true or false; form-js allows no expression for it."""
        value = holder.get(name, False)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.faults.fault(self.item, f"{name} is {value!r}", "write true or false; form-js takes no expression here")
        return False

    def one_of(self, name: str, known: tuple[str, ...], default: str = "") -> str:
        """A property that is one of the known words."""
        value = self.item.get(name) or default
        if value not in known:
            raise Problem(f"{name} is {value!r}", f"write one of {', '.join(known)}")
        return str(value)


def switch(component: Component, name: str) -> bool | Expression:
    """`readonly` or `multiple`: true, false, or a FEEL expression."""
    value = component.item.get(name)
    if isinstance(value, str) and value.startswith("="):
        return component.expression(value, name)
    if value is None or value == "" or isinstance(value, bool):
        return bool(value)
    raise Problem(f"{name} is {value!r}", "write true, false or a FEEL expression that begins with =")


def limit(component: Component, name: str) -> Limit:
    """`min`, `max`, `minLength` or `maxLength`: a number, the text of one, or a FEEL expression."""
    value = component.validate.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.startswith("="):
        return component.expression(value, f"validate.{name}")
    number = number_of(value)
    if number is None:
        raise Problem(f"validate.{name} {value!r} is not a number", "write a number, or FEEL that begins with =")
    return number


BOUNDS = ("notBefore", "notBeforeLabel", "notAfter", "notAfterLabel")
"""The custom properties that bound a date."""


def bounds(component: Component) -> Bounds:
    """`notBefore` and `notAfter` with their labels, among the custom properties of a date."""
    return Bounds(_bound(component, "notBefore"), _bound(component, "notAfter"))


def _bound(component: Component, name: str) -> Bound | None:
    text, label = component.custom.get(name), component.custom.get(f"{name}Label", "")
    if not isinstance(label, str):
        raise Problem(f"properties.{name}Label is {label!r}", "write it as text")
    if text in (None, ""):
        if label:
            raise Problem(f"properties.{name}Label names a bound that is not there", f"give {name} too, or remove it")
        return None
    if not isinstance(text, str) or not text.startswith("="):
        raise Problem(f"properties.{name} {text!r} is not a FEEL expression", "begin it with =")
    bound = component.expression(text, f"properties.{name}")
    called = component.expression(label, f"properties.{name}Label") if label.startswith("=") else label.strip()
    return Bound(bound, called)


def pattern(component: Component) -> Pattern | None:
    """`pattern`: a regular expression of JavaScript that can be matched safely."""
    value = component.validate.get("pattern")
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Problem(f"validate.pattern {value!r} is not text", "write a regular expression")
    try:
        return compile_pattern(value)
    except PatternRefused as refused:
        raise Problem(f"validate.pattern {value!r} cannot be used ({refused})", "write another pattern") from None


def validation_type(component: Component) -> str:
    """`validationType`: email, phone, or (custom or nothing) none."""
    value = component.validate.get("validationType")
    if value in (None, "", "custom"):
        return ""
    if value not in ("email", "phone"):
        raise Problem(f"validate.validationType is {value!r}", "write email, phone or custom")
    return str(value)


def decimal_digits(component: Component) -> int | None:
    """`decimalDigits`: how many digits after the point at most."""
    value = component.item.get("decimalDigits")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Problem(f"decimalDigits is {value!r}", "write a whole number from 0")
    return value


def increment(component: Component) -> Decimal | None:
    """`increment`: what a value must be a multiple of."""
    value = component.item.get("increment")
    if value is None or value == "":
        return None
    number = number_of(value)
    if number is None or number <= 0:
        raise Problem(f"increment is {value!r}", "write a number above 0")
    return number


def options(component: Component) -> Options:
    """Where the options come from: exactly one of `values`, `valuesKey`, `valuesExpression`."""
    item = component.item
    given = [name for name in ("values", "valuesKey", "valuesExpression") if item.get(name) not in (None, "")]
    if len(given) != 1:
        what = " and ".join(given) or "no options"
        raise Problem(f"the {item.get('type')} has {what}", "give exactly one of values, valuesKey, valuesExpression")
    value = item[given[0]]
    if given[0] == "values":
        return Options(fixed=_fixed(value))
    if not isinstance(value, str) or (" " in value.strip() and given[0] == "valuesKey"):
        raise Problem(f"{given[0]} is {value!r}", "write it as text")
    if given[0] == "valuesKey":
        return Options(key=value)
    if not value.startswith("="):
        raise Problem(f"valuesExpression {value!r} is not a FEEL expression", "begin it with =")
    return Options(expression=component.expression(value, "valuesExpression"))


def _fixed(values: Any) -> tuple[Any, ...]:
    if not isinstance(values, list) or not values:
        raise Problem("values is not a list with at least one option", 'write [{"label": ..., "value": ...}, ...]')
    found: list[Any] = []
    for option in values:
        value = option_value(option)
        if value is MISSING:
            raise Problem(f"the option {option!r} has no value", 'write {"label": ..., "value": ...}')
        if any(same(value, other) for other in found):
            raise Problem(f"the option value {value!r} is given twice", "give each option its own value")
        found.append(value)
    return tuple(found)
