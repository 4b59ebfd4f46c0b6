"""How a built-in function is declared, and how its arguments are bound and checked.

`@builtin("substring", "string:string", "start position:number", "length:number=")` declares one form of a function;
several forms of one name are tried in order. A parameter is `name:kind` with the marks `=` may be left out, `?` may be
null, `*` takes all arguments (or one list of them), `**` takes all remaining arguments. A kind may name several types
divided by `|`. Errors are values: whatever does not fit gives null, with the reason in the run's problems.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.numbers import NumberError
from bpmn.feel.values import FunctionValue, kind, lift

Implementation = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kinds: frozenset[str]
    optional: bool
    nullable: bool
    gathers: str


@dataclass(frozen=True, slots=True)
class Form:
    parameters: tuple[Parameter, ...]
    least: int
    most: int
    apply: Implementation


FORMS: dict[str, list[Form]] = {}
_UNFIT = object()


def builtin(name: str, *parameters: str) -> Callable[[Implementation], Implementation]:
    """Declare one form of the built-in function `name`; the function is called with the run and the arguments."""
    read = tuple(_parameter(text) for text in parameters)

    def declare(function: Implementation) -> Implementation:
        gathers = any(parameter.gathers for parameter in read)
        least = sum(1 for parameter in read if not parameter.optional)
        FORMS.setdefault(name, []).append(Form(read, least, 10**6 if gathers else len(read), function))
        return function

    return declare


def _parameter(text: str) -> Parameter:
    name, _, rest = text.partition(":")
    kinds = rest.rstrip("=?*")
    marks = rest[len(kinds) :]
    gathers = "**" if "**" in marks else "*" if "*" in marks else ""
    return Parameter(name, frozenset(kinds.split("|")), "=" in marks, "?" in marks or kinds == "any", gathers)


def functions() -> dict[str, FunctionValue]:
    """Every declared function as a FEEL value, by name."""
    return {name: _function(name, tuple(forms)) for name, forms in FORMS.items()}


def _function(name: str, forms: tuple[Form, ...]) -> FunctionValue:
    def call(run: Run, positional: tuple[Any, ...], named: dict[str, Any] | None) -> Any:
        problem = ""
        for form in forms:
            arguments = _positional(form, positional) if named is None else _named(form, named)
            if isinstance(arguments, str):
                problem = problem or arguments
                continue
            checked = _check(form, arguments)
            if isinstance(checked, str):
                problem = checked
                continue
            return _apply(run, name, form, checked)
        run.fail(f"{name}: {problem}")
        return None

    return FunctionValue(name, tuple(parameter.name for parameter in forms[0].parameters), call)


def _apply(run: Run, name: str, form: Form, arguments: list[Any]) -> Any:
    for argument in arguments:
        if type(argument) is list:
            run.spend(len(argument))
        elif type(argument) is str:
            run.spend_text(len(argument))
    try:
        result = form.apply(run, *arguments)
    except NumberError:
        run.fail(f"{name}: the result is no number")
        return None
    if type(result) is str:
        run.spend_text(len(result))
    elif type(result) is list:
        run.spend(len(result))
    return result


def fail(run: Run, problem: str) -> Any:
    """Null, with the reason noted."""
    run.fail(problem)
    return None


def _positional(form: Form, arguments: tuple[Any, ...]) -> list[Any] | str:
    if not form.least <= len(arguments) <= form.most:
        wanted = str(form.least) if form.least == form.most else f"{form.least} to {form.most}"
        if form.most > len(form.parameters):
            wanted = f"at least {form.least}"
        return f"takes {wanted} arguments, not {len(arguments)}"
    last = form.parameters[-1] if form.parameters else None
    if last is None or not last.gathers:
        return list(arguments)
    fixed = len(form.parameters) - 1
    rest: Any = list(arguments[fixed:])
    if last.gathers == "*" and len(rest) == 1 and (rest[0] is None or isinstance(rest[0], list)):
        rest = rest[0]
    return [*arguments[:fixed], rest]


def _named(form: Form, arguments: dict[str, Any]) -> list[Any] | str:
    names = [parameter.name for parameter in form.parameters]
    unknown = [name for name in arguments if name not in names]
    if unknown:
        return f"has no parameter {', '.join(unknown)} (it has {', '.join(names) or 'none'})"
    values: list[Any] = []
    for parameter in form.parameters:
        if parameter.name in arguments:
            values.append(arguments[parameter.name])
        elif parameter.optional:
            values.append(_UNFIT)
        else:
            return f"needs the parameter {parameter.name}"
    while values and values[-1] is _UNFIT:
        values.pop()
    return [None if value is _UNFIT else value for value in values]


def _check(form: Form, arguments: list[Any]) -> list[Any] | str:
    checked: list[Any] = []
    for parameter, argument in zip(form.parameters, arguments, strict=False):
        value = _fit(parameter, argument)
        if value is _UNFIT:
            wanted = " or ".join(sorted(parameter.kinds))
            return f"{parameter.name} is to be a {wanted}, not {_a(kind(argument))}"
        checked.append(value)
    return checked


def _a(what: str) -> str:
    return what if what == "null" else f"a {what}"


def _fit(parameter: Parameter, value: Any) -> Any:
    """The argument as the parameter wants it, a list with lifted items; `_UNFIT` where it cannot be."""
    if value is None:
        return None if parameter.nullable and not parameter.gathers else _UNFIT
    kinds = parameter.kinds
    what = kind(value)
    if what == "list" and ("list" in kinds or "any" in kinds):
        return [lift(item) for item in value]
    if what in kinds or "any" in kinds:
        return value
    if "list" in kinds:
        return [value]
    if what == "list" and len(value) == 1 and kind(lift(value[0])) in kinds:
        return lift(value[0])
    return _UNFIT
