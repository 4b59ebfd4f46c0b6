"""What the expressions of a form see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bpmn.feel import Environment, Expression, to_json


@dataclass(frozen=True)
class Scope:
    """The form's data, or one row of a list in it, as form-js shows it to expressions.

    Names are those of the data of the whole form. Besides, `this` is the row (at the top: all data), `parent` what
    encloses it, `i` the row numbers from outside in, counted from 1; also as `_this_`, `_parent_`, `_i_`, which no
    field can shadow.
    """

    data: Mapping[str, Any]
    env: Environment
    this: Any
    parent: Any = None
    indexes: tuple[int, ...] = ()

    @classmethod
    def top(cls, data: Mapping[str, Any], env: Environment) -> Scope:
        return cls(data, env, data)

    def row(self, row: Any, number: int) -> Scope:
        """The scope of one row in a list of this scope."""
        return Scope(self.data, self.env, row, self.this, (*self.indexes, number))

    def value(self, expression: Expression) -> Any:
        """What the expression gives, as JSON; null where it fails. Raises `BudgetExceeded`."""
        return to_json(self.evaluated(expression))

    def evaluated(self, expression: Expression) -> Any:
        """What the expression gives, as FEEL has it; null where it fails. Raises `BudgetExceeded`."""
        return expression.evaluate(self._variables, self.env).value

    def holds(self, condition: bool | Expression | None) -> bool:
        """Whether a switch or condition is true; one that gives null or anything else is not, as in form-js."""
        if condition is None or isinstance(condition, bool):
            return bool(condition)
        return self.value(condition) is True

    @cached_property
    def _variables(self) -> dict[str, Any]:
        special = {"this": self.this, "parent": self.parent, "i": list(self.indexes)}
        return {**special, **self.data, **{f"_{name}_": value for name, value in special.items()}}
