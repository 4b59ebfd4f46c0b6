"""Ranges of literals, as the function `range` takes them: nothing in them is looked up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bpmn.feel import nodes
from bpmn.feel.syntax import parse_expression
from bpmn.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_temporal, parse_time
from bpmn.feel.tree import FeelSyntaxError
from bpmn.feel.values import Range, kind

_CONSTRUCTORS = {
    "date": parse_date,
    "date and time": parse_date_time,
    "time": parse_time,
    "duration": parse_duration,
}
NAMES = frozenset(name for name in _CONSTRUCTORS if " " in name)


def parse_range(text: str) -> Range | None:
    """The range that `text` writes with literals for ends; None where it is anything else."""
    try:
        node = parse_expression(text, NAMES)
    except FeelSyntaxError:
        return None
    if not isinstance(node, nodes.RangeNode):
        return None
    low, high = _literal(node.low), _literal(node.high)
    if low is None or high is None or kind(low) != kind(high):
        return None
    return Range(low, high, node.low_closed, node.high_closed)


def _literal(node: nodes.Node) -> Any:
    match node:
        case nodes.Literal(value=value):
            return value if isinstance(value, Decimal | str) else None
        case nodes.AtLiteral(text=text):
            return parse_temporal(text)
        case nodes.Call(function=nodes.Name(name=name), arguments=(nodes.Literal(value=str() as text),), names=()):
            read = _CONSTRUCTORS.get(name)
            return None if read is None else read(text)
    return None
