"""FEEL's built-in functions (DMN 1.5, 10.3.4), with those that Camunda adds, by name."""

from __future__ import annotations

from bpmn.feel.functions import contexts, conversion, dates, lists, numeric, patterns, ranges, statistics, strings
from bpmn.feel.functions.registry import FORMS, functions
from bpmn.feel.values import FunctionValue

BUILTINS: dict[str, FunctionValue] = functions()
PARAMETER_NAMES = frozenset(
    parameter.name for forms in FORMS.values() for form in forms for parameter in form.parameters
)

__all__ = [
    "BUILTINS",
    "PARAMETER_NAMES",
    "contexts",
    "conversion",
    "dates",
    "lists",
    "numeric",
    "patterns",
    "ranges",
    "statistics",
    "strings",
]
