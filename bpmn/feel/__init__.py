"""FEEL, the expression language of DMN 1.5 and Camunda 8: pure, deterministic, with a budget for every evaluation."""

from __future__ import annotations

from bpmn.feel.environment import BudgetExceeded, Environment, Evaluation
from bpmn.feel.expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from bpmn.feel.temporal import to_python
from bpmn.feel.tree import FeelSyntaxError
from bpmn.feel.values import to_json

__all__ = [
    "BudgetExceeded",
    "Environment",
    "Evaluation",
    "Expression",
    "FeelSyntaxError",
    "UnaryTests",
    "compile_expression",
    "compile_unary_tests",
    "to_json",
    "to_python",
]
