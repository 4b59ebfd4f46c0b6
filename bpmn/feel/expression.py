"""Compiled expressions and unary tests: the way from text to value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from bpmn.feel import nodes
from bpmn.feel.compiler import INPUT, compile_node, compile_tests
from bpmn.feel.environment import BudgetExceeded, Environment, Evaluation, Run, Scope
from bpmn.feel.functions import BUILTINS
from bpmn.feel.names import is_plain
from bpmn.feel.properties import PROPERTY_NAMES
from bpmn.feel.syntax import parse_expression, parse_unary_tests
from bpmn.feel.tree import CANNOT_BE_REPLAYED

_TYPE_NAMES = frozenset({"date and time", "days and time duration", "years and months duration"})
_KNOWN = (
    frozenset(name for name in [*BUILTINS, *PROPERTY_NAMES, *CANNOT_BE_REPLAYED] if not is_plain(name)) | _TYPE_NAMES
)


class Expression:
    """A FEEL expression, compiled once and evaluated as often as wanted; it keeps nothing between evaluations.

    `choices` are the texts that it chooses among, where it is a text itself or an `if` between texts; None where only
    its evaluation tells what it gives.
    """

    __slots__ = ("_evaluate", "_size", "choices", "text")

    def __init__(self, text: str, names: frozenset[str]) -> None:
        tree = parse_expression(text, names | _KNOWN)
        self.text = text
        self.choices = _choices(tree)
        self._size = tree.size
        self._evaluate = compile_node(tree)

    def evaluate(self, variables: Mapping[str, Any], env: Environment) -> Evaluation:
        """The value over `variables`, plain JSON values by name.

        An error inside makes null and is told in `problems`. Raises only `BudgetExceeded`.
        """
        run = Run(env)
        value = self.value_in(Scope(variables, None, run))
        return Evaluation(value, tuple(run.problems), run.spent)

    def value_in(self, scope: Scope) -> Any:
        """The value in a scope of a run under way; raises `BudgetExceeded`."""
        run = scope.run
        run.left -= self._size
        if run.left < 0:
            run.spend(0)
        try:
            return self._evaluate(scope)
        except RecursionError:
            raise BudgetExceeded("the values of the expression are nested too deeply") from None


class UnaryTests:
    """Unary tests, as in the cell of a decision table: `-`, `"a", "b"`, `< 10`, `[1..5]`, `not(...)`, `? > limit`."""

    __slots__ = ("_holds", "_size", "text")

    def __init__(self, text: str, names: frozenset[str]) -> None:
        tree = parse_unary_tests(text, names | _KNOWN)
        self.text = text
        self._size = tree.size
        self._holds = compile_tests(tree)

    def matches(self, value: Any, variables: Mapping[str, Any], env: Environment) -> Evaluation:
        """Whether any test holds for `value`: true, false, or null where they cannot be compared."""
        run = Run(env)
        result = self.holds_in(Scope(variables, None, run), value)
        return Evaluation(result, tuple(run.problems), run.spent)

    def holds_in(self, scope: Scope, value: Any) -> bool | None:
        """The same in a scope of a run under way; raises `BudgetExceeded`."""
        run = scope.run
        run.spend(self._size)
        try:
            result: bool | None = self._holds(Scope({INPUT: value}, scope, run))
        except RecursionError:
            raise BudgetExceeded("the values of the tests are nested too deeply") from None
        return result


def _choices(node: nodes.Node) -> tuple[str, ...] | None:
    match node:
        case nodes.Literal(value=str() as text):
            return (text,)
        case nodes.Conditional(then=then, otherwise=otherwise):
            first, second = _choices(then), _choices(otherwise)
            return None if first is None or second is None else tuple(dict.fromkeys((*first, *second)))
    return None


@lru_cache(maxsize=8192)
def compile_expression(text: str, names: frozenset[str] = frozenset()) -> Expression:
    """The expression that `text` (without a leading `=`) writes.

    `names` are the names with spaces or signs that may occur in it: variables, entries of contexts, functions of the
    environment. Plain names need no telling, nor do those that the text binds itself. Raises `FeelSyntaxError`.
    """
    return Expression(text, names)


@lru_cache(maxsize=8192)
def compile_unary_tests(text: str, names: frozenset[str] = frozenset()) -> UnaryTests:
    """The unary tests that `text` writes, with `names` as for `compile_expression`; raises `FeelSyntaxError`."""
    return UnaryTests(text, names)
