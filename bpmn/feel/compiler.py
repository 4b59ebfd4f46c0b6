"""Syntax tree to Python closures: each node becomes one function of the scope it is evaluated in."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bpmn.feel import nodes
from bpmn.feel.calls import Evaluator, extra_function, user_function
from bpmn.feel.conditions import (
    Test,
    any_holds,
    between,
    comparison,
    comparison_test,
    condition_test,
    logic,
    membership,
    value_test,
)
from bpmn.feel.environment import Run, Scope
from bpmn.feel.functions import BUILTINS
from bpmn.feel.iteration import compile_filter, compile_loop
from bpmn.feel.operators import ON_NUMBERS, calculate, negate, range_of_comparison
from bpmn.feel.properties import property_of
from bpmn.feel.temporal_text import parse_temporal
from bpmn.feel.types import is_instance, resolve
from bpmn.feel.values import LIFT_OF, FunctionValue, Range, a_kind, kind, order

INPUT = "?"
_QUIET = frozenset({"is defined", "get or else"})


def compile_node(node: nodes.Node) -> Evaluator:
    """The function that evaluates `node` in a scope."""
    return _COMPILERS[type(node)](node)


def compile_tests(tests: nodes.Tests) -> Evaluator:
    """The function that says whether unary tests hold for the value that the scope calls `?`."""
    parts = tuple(_test(test) for test in tests.tests)
    if not parts:
        return lambda _scope: True
    negated = tests.negated

    def holds(scope: Scope) -> Any:
        result = any_holds(parts, scope, _read(scope, INPUT))
        return result if not negated or result is None else not result

    return holds


# What is compared with the input even where it is a boolean itself; of the rest, a boolean is taken as the answer.
_NO_CONDITIONS = (
    nodes.ComparisonTest,
    nodes.Literal,
    nodes.Name,
    nodes.Path,
    nodes.RangeNode,
    nodes.ComparisonRange,
)


def _test(node: nodes.Node) -> Test:
    if isinstance(node, _NO_CONDITIONS):
        return _in_test(node)
    return condition_test(compile_node(node), _mentions(node, INPUT))


def _mentions(node: Any, name: str) -> bool:
    """Whether a name is read somewhere in the tree."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, nodes.Name) and part.name == name:
            return True
        if isinstance(part, tuple):
            waiting.extend(part)
        elif isinstance(part, nodes.Node):
            waiting.extend(getattr(part, field) for field in type(part).__dataclass_fields__)
    return False


def _literal(node: nodes.Literal) -> Evaluator:
    value = node.value
    return lambda _scope: value


def _at_literal(node: nodes.AtLiteral) -> Evaluator:
    value = parse_temporal(node.text)
    if value is not None:
        return lambda _scope: value

    def unreadable(scope: Scope) -> None:
        scope.run.fail(f'@"{node.text}" is no date, time or duration')

    return unreadable


def _name(node: nodes.Name) -> Evaluator:
    name = node.name
    return lambda scope: _read(scope, name)


def _read(scope: Scope, name: str) -> Any:
    inside: Scope | None = scope
    while inside is not None:
        values = inside.values
        if name in values:
            value = values[name]
            convert = LIFT_OF(type(value))
            return value if convert is None else convert(value)
        inside = inside.parent
    return _global(scope.run, name)


def _global(run: Run, name: str) -> Any:
    extra = run.env.functions.get(name)
    if extra is not None:
        return extra_function(name, extra)
    function = BUILTINS.get(name)
    if function is None:
        run.fail(f"«{name}» is not known")
    return function


def _list(node: nodes.ListNode) -> Evaluator:
    items = tuple(compile_node(item) for item in node.items)
    return lambda scope: [item(scope) for item in items]


def _context(node: nodes.ContextNode) -> Evaluator:
    entries = tuple((key, compile_node(value)) for key, value in node.entries)
    repeated = len({key for key, _ in entries}) < len(entries)

    def build(scope: Scope) -> Any:
        if repeated:
            scope.run.fail("a context has two entries of one name")
            return None
        values: dict[str, Any] = {}
        inner = Scope(values, scope, scope.run)
        for key, value in entries:
            values[key] = value(inner)
        return values

    return build


def _range(node: nodes.RangeNode) -> Evaluator:
    low, high = compile_node(node.low), compile_node(node.high)

    def build(scope: Scope) -> Any:
        first, last = low(scope), high(scope)
        if first is not None and last is not None and order(first, last) is None:
            scope.run.fail(f"a {kind(first)} and a {kind(last)} make no range")
            return None
        return Range(first, last, node.low_closed, node.high_closed)

    return build


def _comparison_range(node: nodes.ComparisonRange) -> Evaluator:
    operator, operand = node.operator, compile_node(node.operand)
    return lambda scope: range_of_comparison(operator, operand(scope))


def _arithmetic(node: nodes.Arithmetic) -> Evaluator:
    first = compile_node(node.first)
    rest = tuple((operator, ON_NUMBERS[operator], compile_node(operand)) for operator, operand in node.rest)

    def compute(scope: Scope) -> Any:
        value = first(scope)
        for operator, on_numbers, operand in rest:
            other = operand(scope)
            if type(value) is Decimal and type(other) is Decimal:
                result: Any = on_numbers(value, other)
            else:
                result = calculate(operator, value, other)
                if type(result) is str:
                    scope.run.spend_text(len(result))
            if result is None:
                scope.run.fail(f"{a_kind(value)} {operator} {a_kind(other)} has no result")
            value = result
        return value

    return compute


def _negation(node: nodes.Negation) -> Evaluator:
    operand = compile_node(node.operand)

    def compute(scope: Scope) -> Any:
        value = operand(scope)
        result = negate(value)
        if result is None and value is not None:
            scope.run.fail(f"{a_kind(value)} has no negative")
        return result

    return compute


def _comparison(node: nodes.Comparison) -> Evaluator:
    return comparison(node.operator, compile_node(node.left), compile_node(node.right))


def _logic(node: nodes.Logic) -> Evaluator:
    return logic(node.operator, tuple(compile_node(operand) for operand in node.operands))


def _between(node: nodes.Between) -> Evaluator:
    return between(compile_node(node.value), compile_node(node.low), compile_node(node.high))


def _in(node: nodes.In) -> Evaluator:
    return membership(compile_node(node.value), tuple(_in_test(test) for test in node.tests))


def _in_test(node: nodes.Node) -> Test:
    if isinstance(node, nodes.ComparisonTest):
        return comparison_test(node.operator, compile_node(node.operand))
    return value_test(compile_node(node))


def _instance_of(node: nodes.InstanceOf) -> Evaluator:
    value = compile_node(node.value)

    def holds(scope: Scope) -> bool | None:
        expected = resolve(node.type, scope.run.types)
        if expected is None:
            scope.run.fail(f"there is no type «{node.type.name}»")
            return None
        found = value(scope)
        scope.run.spend_for(found)
        return is_instance(found, expected)

    return holds


def _path(node: nodes.Path) -> Evaluator:
    source, name = compile_node(node.source), node.name

    def read(scope: Scope) -> Any:
        value = source(scope)
        if type(value) is dict and name in value:
            item = value[name]
            convert = LIFT_OF(type(item))
            return item if convert is None else convert(item)
        return property_of(scope.run, value, name)

    return read


def _filter(node: nodes.Filter) -> Evaluator:
    return compile_filter(node, compile_node(node.source), compile_node(node.condition))


def _loop(node: nodes.Loop) -> Evaluator:
    sources = tuple(
        (part.name, compile_node(part.source), None if part.end is None else compile_node(part.end))
        for part in node.iterators
    )
    return compile_loop(node, sources, compile_node(node.body), _mentions(node.body, "partial"))


def _call(node: nodes.Call) -> Evaluator:
    function, arguments, names = compile_node(node.function), tuple(map(compile_node, node.arguments)), node.names
    if isinstance(node.function, nodes.Name) and node.function.name in _QUIET:
        arguments = tuple(_quiet(argument) for argument in arguments)
    called = node.function.name if isinstance(node.function, nodes.Name | nodes.Path) else "the value"

    def call(scope: Scope) -> Any:
        value = function(scope)
        run = scope.run
        if type(value) is not FunctionValue:
            if value is not None:
                run.fail(f"{called} is {a_kind(value)}, not a function")
            return None
        given = tuple([argument(scope) for argument in arguments])
        if not names:
            return value.call(run, given, None)
        return value.call(run, (), dict(zip(names, given, strict=True)))

    return call


def _quiet(argument: Evaluator) -> Evaluator:
    """The argument of a function that asks whether there is a value: that there is none is no problem."""

    def evaluate(scope: Scope) -> Any:
        kept = len(scope.run.problems)
        value = argument(scope)
        if value is None:
            del scope.run.problems[kept:]
        return value

    return evaluate


def _conditional(node: nodes.Conditional) -> Evaluator:
    condition, then, otherwise = map(compile_node, (node.condition, node.then, node.otherwise))

    def choose(scope: Scope) -> Any:
        holds = condition(scope)
        if holds is True:
            return then(scope)
        if holds is False or holds is None:
            return otherwise(scope)
        scope.run.fail(f"the condition of «if» is {a_kind(holds)}, not a boolean")
        return None

    return choose


def _function(node: nodes.FunctionNode) -> Evaluator:
    body, cost = compile_node(node.body), (node.body.size, node.body.depth)

    def build(scope: Scope) -> Any:
        types = tuple(None if kind_of is None else resolve(kind_of, scope.run.types) for kind_of in node.types)
        return user_function("the function", node.parameters, types, body, scope, cost)

    return build


_COMPILERS: dict[type[nodes.Node], Callable[[Any], Evaluator]] = {
    nodes.Literal: _literal,
    nodes.AtLiteral: _at_literal,
    nodes.Name: _name,
    nodes.ListNode: _list,
    nodes.ContextNode: _context,
    nodes.RangeNode: _range,
    nodes.ComparisonRange: _comparison_range,
    nodes.Arithmetic: _arithmetic,
    nodes.Negation: _negation,
    nodes.Comparison: _comparison,
    nodes.Logic: _logic,
    nodes.Between: _between,
    nodes.In: _in,
    nodes.InstanceOf: _instance_of,
    nodes.Path: _path,
    nodes.Filter: _filter,
    nodes.Loop: _loop,
    nodes.Call: _call,
    nodes.Conditional: _conditional,
    nodes.FunctionNode: _function,
}
