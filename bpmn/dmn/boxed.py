"""Evaluates boxed expressions (DMN 1.5, chapters 7, 8 and 10.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bpmn.dmn.datatypes import received
from bpmn.dmn.hit_policies import Outcome, apply
from bpmn.dmn.model import Clause, Logic, Rule, Table
from bpmn.feel import compile_expression, compile_unary_tests
from bpmn.feel.calls import user_function
from bpmn.feel.environment import Run, Scope
from bpmn.feel.iteration import iterate, select
from bpmn.feel.types import Type, coerce, simple
from bpmn.feel.values import FunctionValue, equal, kind, lift

_CALL_DEPTH = 12


class Boxes:
    """Evaluates logic within one run; `matched` collects the ids of the rules that matched."""

    def __init__(self, run: Run, names: frozenset[str]) -> None:
        self.run, self.names = run, names
        self.matched: list[str] = []

    def evaluate(self, logic: Logic, scope: Scope) -> Any:
        """The value of a boxed expression in a scope; errors are null with the problem noted in the run."""
        return _EVALUATORS[logic.kind](self, logic, scope)

    def _feel(self, text: str, scope: Scope) -> Any:
        return compile_expression(text, self.names).value_in(scope) if text else None

    def literal(self, logic: Logic, scope: Scope) -> Any:
        return self._feel(logic.text, scope)

    def undecided(self, _logic: Logic, _scope: Scope) -> Any:
        self.run.fail("the decision has no logic; its result is to be given")

    def table(self, logic: Logic, scope: Scope) -> Any:
        assert logic.table is not None
        table = logic.table
        inputs = [self._input(clause, scope) for clause in table.inputs]
        if any(not allowed for _, allowed in inputs):
            return None
        outcomes = self._outcomes(table, [value for value, _ in inputs], scope)
        if not outcomes:
            return self._default(table, scope)
        verdict = apply(table.hit_policy, table.aggregation, outcomes)
        if verdict.problem:
            self.run.fail(verdict.problem)
        return verdict.value

    def _input(self, clause: Clause, scope: Scope) -> tuple[Any, bool]:
        """The value of an input and whether it is one of the allowed ones."""
        value = self._feel(clause.text, scope)
        expected = self._type(clause.type)
        if expected is not None and value is not None:
            typed, fits = received(value, expected)
            value = typed if fits else value
        if not clause.values or value is None:
            return value, True
        allowed = compile_unary_tests(clause.values, self.names).holds_in(scope, value) is True
        if not allowed:
            self.run.fail(f"the input «{clause.text}» is not one of its allowed values {clause.values}")
        return value, allowed

    def _type(self, name: str) -> Type | None:
        return (self.run.types.get(name) or simple(name)) if name else None

    def _outcomes(self, table: Table, values: list[Any], scope: Scope) -> list[Outcome]:
        outcomes: list[Outcome] = []
        allowed = [self._allowed(clause, scope) for clause in table.outputs] if _is_ranked(table) else []
        for rule in table.rules:
            if self._matches(rule, values, scope):
                self.matched.append(rule.id)
                outcomes.append(self._outcome(table, rule, allowed, scope))
                if table.hit_policy == "FIRST":
                    break
        return outcomes

    def _matches(self, rule: Rule, values: list[Any], scope: Scope) -> bool:
        self.run.spend(1)
        for condition, value in zip(rule.conditions, values, strict=True):
            if condition and compile_unary_tests(condition, self.names).holds_in(scope, value) is not True:
                return False
        return True

    def _outcome(self, table: Table, rule: Rule, allowed: list[list[Any]], scope: Scope) -> Outcome:
        values = [self._feel(conclusion, scope) for conclusion in rule.conclusions]
        self.run.spend_for(values)
        ranks = tuple(_rank(value, order) for value, order in zip(values, allowed, strict=False))
        return Outcome(_together(table, values), ranks)

    def _allowed(self, clause: Clause, scope: Scope) -> list[Any]:
        """The allowed values of an output in their order, the first one having the highest priority."""
        listed = self._feel(f"[{clause.values}]", scope) if clause.values else []
        return listed if isinstance(listed, list) else []

    def _default(self, table: Table, scope: Scope) -> Any:
        if not any(clause.default for clause in table.outputs):
            return None
        value = _together(table, [self._feel(clause.default, scope) for clause in table.outputs])
        return [value] if table.hit_policy in ("RULE ORDER", "OUTPUT ORDER") else value

    def context(self, logic: Logic, scope: Scope) -> Any:
        values: dict[str, Any] = {}
        inner = Scope(values, scope, self.run)
        for variable, part in zip(logic.variables, logic.parts, strict=True):
            value = self._typed(self.evaluate(part, inner), variable.type, variable.name)
            if not variable.name:
                return value
            values[variable.name] = value
        return values

    def _typed(self, value: Any, type_name: str, name: str) -> Any:
        expected = self._type(type_name)
        if expected is None:
            return value
        self.run.spend_for(value)
        result, fits = coerce(value, expected)
        if not fits:
            self.run.fail(f"«{name}» is not of the type {type_name}")
        return result

    def list_(self, logic: Logic, scope: Scope) -> Any:
        return [self.evaluate(part, scope) for part in logic.parts]

    def relation(self, logic: Logic, scope: Scope) -> Any:
        columns = [variable.name for variable in logic.variables]
        return [
            dict(zip(columns, [self.evaluate(cell, scope) for cell in row.parts], strict=True)) for row in logic.parts
        ]

    def invocation(self, logic: Logic, scope: Scope) -> Any:
        function = self.evaluate(logic.parts[0], scope)
        if not isinstance(function, FunctionValue):
            self.run.fail(f"what is invoked is a {kind(function)}, not a function")
            return None
        arguments = {
            variable.name: self.evaluate(part, scope)
            for variable, part in zip(logic.variables, logic.parts[1:], strict=True)
        }
        return function.call(self.run, (), arguments) if arguments else function.call(self.run, (), None)

    def function(self, logic: Logic, scope: Scope) -> Any:
        names = tuple(variable.name for variable in logic.variables)
        types = tuple(self._type(variable.type) for variable in logic.variables)
        body = logic.parts[0]
        return user_function(
            "the function", names, types, lambda inner: self.evaluate(body, inner), scope, (1, _CALL_DEPTH)
        )

    def conditional(self, logic: Logic, scope: Scope) -> Any:
        condition, then, otherwise = logic.parts
        holds = self.evaluate(condition, scope)
        if holds is not None and not isinstance(holds, bool):
            self.run.fail(f"the condition is a {kind(holds)}, not a boolean")
            return None
        return self.evaluate(then if holds else otherwise, scope)

    def for_(self, logic: Logic, scope: Scope) -> Any:
        passes = self._passes(logic, scope)
        if passes is None:
            return None
        results: list[Any] = []
        for inner in passes:
            results.append(self.evaluate(logic.parts[1], Scope({"partial": list(results)}, inner, self.run)))
            self.run.spend(len(results))
        return results

    def quantified(self, logic: Logic, scope: Scope) -> Any:
        passes = self._passes(logic, scope)
        if passes is None:
            return None
        decides = logic.kind == "some"
        result: bool | None = not decides
        for inner in passes:
            value = self.evaluate(logic.parts[1], inner)
            if value is decides:
                return decides
            if not isinstance(value, bool):
                result = None
                self.run.fail(f"what is to be satisfied is a {kind(value)}, not a boolean")
        return result

    def _passes(self, logic: Logic, scope: Scope) -> Iterator[Scope] | None:
        items = iterate(self.run, self.evaluate(logic.parts[0], scope))
        return None if items is None else self._each(logic.text, items, scope)

    def _each(self, name: str, items: Iterator[Any], scope: Scope) -> Iterator[Scope]:
        for item in items:
            self.run.spend(1)
            yield Scope({name: item}, scope, self.run)

    def filter(self, logic: Logic, scope: Scope) -> Any:
        source, match = logic.parts
        return select(scope, self.evaluate(source, scope), lambda inner: self.evaluate(match, inner), 1)


def _is_ranked(table: Table) -> bool:
    return table.hit_policy in ("PRIORITY", "OUTPUT ORDER")


def _rank(value: Any, allowed: list[Any]) -> int:
    return next((place for place, other in enumerate(allowed) if equal(value, lift(other))), len(allowed))


def _together(table: Table, values: list[Any]) -> Any:
    if len(table.outputs) == 1:
        return values[0]
    return {clause.text: value for clause, value in zip(table.outputs, values, strict=True)}


_EVALUATORS: dict[str, Callable[[Boxes, Logic, Scope], Any]] = {
    "literal": Boxes.literal,
    "undecided": Boxes.undecided,
    "table": Boxes.table,
    "context": Boxes.context,
    "list": Boxes.list_,
    "relation": Boxes.relation,
    "invocation": Boxes.invocation,
    "function": Boxes.function,
    "conditional": Boxes.conditional,
    "for": Boxes.for_,
    "some": Boxes.quantified,
    "every": Boxes.quantified,
    "filter": Boxes.filter,
}
