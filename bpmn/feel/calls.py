"""Functions and their calls: those of an expression, those of the environment; built-in ones are in `functions`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from bpmn.feel.environment import BudgetExceeded, Run, Scope
from bpmn.feel.temporal import to_python
from bpmn.feel.types import Type, coerce
from bpmn.feel.values import FunctionValue, lift

_FRAMES_PER_CALL = 2

Evaluator = Callable[[Scope], Any]
Positional = tuple[Any, ...]
Named = dict[str, Any] | None


def bind(run: Run, function: str, parameters: tuple[str, ...], positional: Positional, named: Named) -> Named:
    """The arguments by parameter name; None, with the problem noted, where they do not fit the parameters."""
    if named is None:
        if len(positional) != len(parameters):
            run.fail(f"{function} takes {len(parameters)} arguments, not {len(positional)}")
            return None
        return dict(zip(parameters, positional, strict=True))
    if set(named) != set(parameters):
        run.fail(f"{function} takes the parameters {', '.join(parameters) or 'none'}, not {', '.join(named)}")
        return None
    return named


def user_function(
    name: str,
    parameters: tuple[str, ...],
    types: tuple[Type | None, ...],
    body: Evaluator,
    scope: Scope,
    cost: tuple[int, int],
) -> FunctionValue:
    """A function written in FEEL, closed over `scope`; `cost` is the size and the depth of its body."""
    size, depth = cost
    depth += _FRAMES_PER_CALL

    def call(run: Run, positional: Positional, named: Named) -> Any:
        values = bind(run, name, parameters, positional, named)
        if values is None or not _coerce_all(run, name, values, parameters, types):
            return None
        run.spend(size)
        run.enter(depth)
        try:
            return body(Scope(values, scope, run))
        finally:
            run.leave(depth)

    return FunctionValue(name, parameters, call)


def _coerce_all(
    run: Run, function: str, values: dict[str, Any], parameters: tuple[str, ...], types: tuple[Type | None, ...]
) -> bool:
    for parameter, expected in zip(parameters, types, strict=True):
        if expected is not None:
            values[parameter], fits = coerce(values[parameter], expected)
            if not fits:
                run.fail(f"{function}: the argument {parameter} is not a {expected}")
                return False
    return True


def extra_function(name: str, function: Callable[..., Any]) -> FunctionValue:
    """A function of the environment: it is given and gives Python's values; what it raises makes null."""

    def call(run: Run, positional: Positional, named: Named) -> Any:
        for argument in positional if named is None else named.values():
            run.spend_for(argument)
        try:
            if named is None:
                result = function(*(_plain(argument) for argument in positional))
            else:
                result = function(**{key.replace(" ", "_"): _plain(argument) for key, argument in named.items()})
        except BudgetExceeded:
            raise
        except Exception as error:
            run.fail(f"{name}: {error}")
            return None
        return lift(result)

    return FunctionValue(name, _parameters(function), call)


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(lift(item)) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(lift(item)) for key, item in value.items()}
    return to_python(value)
