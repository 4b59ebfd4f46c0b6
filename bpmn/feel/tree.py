"""Builds the syntax tree, bottom-up: one method for each rule of the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bpmn.feel import nodes
from bpmn.feel.names import unmask
from bpmn.feel.nodes import Node
from bpmn.feel.numbers import CONTEXT, NumberError

if TYPE_CHECKING:
    from lark import Token

MAX_DEPTH = 100
MAX_ITERATORS = 10


class FeelSyntaxError(Exception):
    """A text that is not FEEL: `problem` in words, `line` and `column` counted from one."""

    def __init__(self, problem: str, line: int = 1, column: int = 1) -> None:
        self.problem, self.line, self.column = problem, line, column
        super().__init__(f"line {line}, column {column}: {problem}")


_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(["\'\\nrt]))')
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}


def _unescape(body: str) -> str:
    if "\\" not in body:
        return body
    text = _ESCAPE.sub(_character, body)
    if any("\ud800" <= character <= "\udfff" for character in text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _character(found: re.Match[str]) -> str:
    code = found.group(1) or found.group(2)
    if code is None:
        return _SIMPLE.get(found.group(3), found.group(3))
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"


def _measure(*parts: Node) -> tuple[int, int]:
    size, depth = 1, 0
    for part in parts:
        size += part.size
        depth = max(depth, part.depth)
    if depth >= MAX_DEPTH:
        raise FeelSyntaxError(f"the expression is nested more than {MAX_DEPTH} levels deep; divide it into parts")
    return size, depth + 1


_LEAF = (1, 1)
CANNOT_BE_REPLAYED = frozenset({"random number", "uuid"})


class _Tree:
    """One method per rule of the grammar that makes a node; the parser calls them with the parts in order."""

    def expression_text(self, expression: Node) -> Node:
        return expression

    def unary_tests_text(self, *tests: Node) -> nodes.Tests:
        return nodes.Tests(*_measure(*tests), tests)

    def comparison_test(self, operator: Token, operand: Node) -> Node:
        return nodes.ComparisonTest(*_measure(operand), str(operator), operand)

    def disjunction(self, left: Node, right: Node) -> Node:
        return self._logic("or", left, right)

    def conjunction(self, left: Node, right: Node) -> Node:
        return self._logic("and", left, right)

    def _logic(self, operator: str, left: Node, right: Node) -> Node:
        operands: tuple[Node, ...] = (left, right)
        if isinstance(left, nodes.Logic) and left.operator == operator:
            operands = (*left.operands, right)
        return nodes.Logic(*_measure(*operands), operator, operands)

    def comparison(self, left: Node, operator: Token, right: Node) -> Node:
        return nodes.Comparison(*_measure(left, right), str(operator), left, right)

    def between(self, value: Node, low: Node, high: Node) -> Node:
        return nodes.Between(*_measure(value, low, high), value, low, high)

    def in_value(self, value: Node, test: Node) -> Node:
        return nodes.In(*_measure(value, test), value, (test,))

    def in_comparison(self, value: Node, operator: Token, operand: Node) -> Node:
        return self.in_value(value, self.comparison_test(operator, operand))

    def in_tests(self, value: Node, *tests: Node) -> Node:
        return nodes.In(*_measure(value, *tests), value, tests)

    def instance_of(self, value: Node, kind: nodes.TypeNode) -> Node:
        return nodes.InstanceOf(*_measure(value, kind), value, kind)

    def arithmetic(self, left: Node, operator: Token, right: Node) -> Node:
        rest: tuple[tuple[str, Node], ...]
        first, rest = (left.first, left.rest) if isinstance(left, nodes.Arithmetic) else (left, ())
        rest = (*rest, (str(operator), right))
        return nodes.Arithmetic(*_measure(first, *(operand for _, operand in rest)), first, rest)

    def negation(self, _sign: Token, operand: Node) -> Node:
        if isinstance(operand, nodes.Literal) and isinstance(operand.value, Decimal):
            return nodes.Literal(*_LEAF, operand.value.copy_negate())
        return nodes.Negation(*_measure(operand), operand)

    def path(self, source: Node, name: Token) -> Node:
        return nodes.Path(*_measure(source), source, unmask(name))

    def filter(self, source: Node, condition: Node) -> Node:
        return nodes.Filter(*_measure(source, condition), source, condition)

    def call(self, function: Node, arguments: tuple[Any, ...] = ()) -> Node:
        if isinstance(function, nodes.Name) and function.name in CANNOT_BE_REPLAYED:
            raise FeelSyntaxError(f"{function.name}() gives another value at each call, so no case could be replayed")
        named = [part for part in arguments if isinstance(part, tuple)]
        parts = tuple(part[1] if isinstance(part, tuple) else part for part in arguments)
        return nodes.Call(*_measure(function, *parts), function, parts, tuple(name for name, _ in named))

    def positional(self, *arguments: Node) -> tuple[Node, ...]:
        return arguments

    def named(self, *arguments: tuple[str, Node]) -> tuple[tuple[str, Node], ...]:
        return arguments

    def argument(self, name: Token, value: Node) -> tuple[str, Node]:
        return unmask(name), value

    def number(self, token: Token) -> Node:
        return nodes.Literal(*_LEAF, _number(token))

    def string(self, token: Token) -> Node:
        return nodes.Literal(*_LEAF, _unescape(token[1:-1]))

    def at_literal(self, token: Token) -> Node:
        return nodes.AtLiteral(*_LEAF, token[token.index('"') + 1 : -1])

    def true(self) -> Node:
        return nodes.Literal(*_LEAF, True)

    def false(self) -> Node:
        return nodes.Literal(*_LEAF, False)

    def null(self) -> Node:
        return nodes.Literal(*_LEAF, None)

    def name(self, token: Token) -> Node:
        return nodes.Name(*_LEAF, unmask(token))

    def comparison_range(self, operator: Token, operand: Node) -> Node:
        return nodes.ComparisonRange(*_measure(operand), str(operator), operand)

    def range(self, opening: Token, low: Node, high: Node, high_closed: bool) -> Node:
        return nodes.RangeNode(*_measure(low, high), low, high, str(opening) == "[", high_closed)

    def closed(self) -> bool:
        return True

    def open(self, *_bracket: Token) -> bool:
        return False

    def list(self, *items: Node) -> Node:
        return nodes.ListNode(*_measure(*items), items)

    def context(self, *entries: tuple[str, Node]) -> Node:
        return nodes.ContextNode(*_measure(*(value for _, value in entries)), entries)

    def entry(self, key: Token, value: Node) -> tuple[str, Node]:
        return (_unescape(key[1:-1]) if key.type == "STRING" else unmask(key)), value

    def conditional(self, condition: Node, then: Node, otherwise: Node) -> Node:
        return nodes.Conditional(*_measure(condition, then, otherwise), condition, then, otherwise)

    def loop(self, iterators: tuple[nodes.Iterator, ...], body: Node) -> Node:
        return nodes.Loop(*_measure(*iterators, body), "for", iterators, body)

    def some(self, iterators: tuple[nodes.Iterator, ...], body: Node) -> Node:
        return nodes.Loop(*_measure(*iterators, body), "some", iterators, body)

    def every(self, iterators: tuple[nodes.Iterator, ...], body: Node) -> Node:
        return nodes.Loop(*_measure(*iterators, body), "every", iterators, body)

    def iterators(self, *iterators: nodes.Iterator) -> tuple[nodes.Iterator, ...]:
        if len(iterators) > MAX_ITERATORS:
            raise FeelSyntaxError(f"there are more than {MAX_ITERATORS} iterators; divide the expression into parts")
        return iterators

    def iterator(self, name: Token, source: Node, end: Node | None = None) -> Node:
        parts = (source,) if end is None else (source, end)
        return nodes.Iterator(*_measure(*parts), unmask(name), source, end)

    def function(self, *parts: Any) -> Node:
        *parameters, body = parts
        names, types = tuple(name for name, _ in parameters), tuple(kind for _, kind in parameters)
        return nodes.FunctionNode(*_measure(body), names, types, body)

    def external_function(self, *_parts: Any) -> Node:
        raise FeelSyntaxError("external functions are not supported; write the function in FEEL")

    def parameter(self, name: Token, kind: nodes.TypeNode | None = None) -> tuple[str, nodes.TypeNode | None]:
        return unmask(name), kind

    def named_type(self, *parts: Token) -> Node:
        return nodes.TypeNode(*_LEAF, ".".join(unmask(part) for part in parts))

    def generic_type(self, name: Token, _less: Token, item: nodes.TypeNode, _greater: Token) -> Node:
        if str(name) not in ("list", "range"):
            raise FeelSyntaxError(f"«{unmask(name)}» takes no item type", name.line or 1, name.column or 1)
        return nodes.TypeNode(*_measure(item), str(name), (item,))

    def context_type(self, _less: Token, *parts: Any) -> Node:
        members: tuple[tuple[str, nodes.TypeNode], ...] = parts[:-1]
        types = tuple(kind for _, kind in members)
        return nodes.TypeNode(*_measure(*types), "context", types, tuple(name for name, _ in members))

    def member(self, name: Token, kind: nodes.TypeNode) -> tuple[str, nodes.TypeNode]:
        return unmask(name), kind

    def function_type(self, _less: Token, *parts: Any) -> Node:
        types = tuple(part for part in parts if isinstance(part, nodes.TypeNode))
        return nodes.TypeNode(*_measure(*types), "function", types)

    def any_context_type(self) -> Node:
        return nodes.TypeNode(*_LEAF, "context")

    def any_function_type(self) -> Node:
        return nodes.TypeNode(*_LEAF, "function")


def _number(token: Token) -> Decimal:
    try:
        return CONTEXT.create_decimal(token)
    except NumberError:
        problem = f"the number {token[:40]} is too large"
        raise FeelSyntaxError(problem, token.line or 1, token.column or 1) from None


class TreeCallbacks:
    """The methods of `_Tree` in the form that the parser wants: one list of parts."""

    def __init__(self) -> None:
        self._tree = _Tree()

    def __getattr__(self, rule: str) -> Callable[[list[Any]], Any]:
        build = getattr(self._tree, rule)
        return lambda parts: build(*parts)
