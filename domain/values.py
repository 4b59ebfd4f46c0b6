"""What may be kept as a value of a case: JSON that every program and database on its way can write again."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

DEEPEST = 100
"""How deeply lists and objects may stand in each other."""


def fault_of(value: Any) -> str:
    """Why `value`, as a JSON reader gives it, cannot be kept, in Chinese; empty where it can.

    JSON knows no infinite numbers, UTF-8 no half characters, and every reader has a limit of depth.
    """
    todo = [(value, 0)]
    while todo:
        one, depth = todo.pop()
        if depth > DEEPEST:
            return f"嵌套超过 {DEEPEST} 层"
        kind = type(one)
        if kind is dict:
            todo += [(part, depth + 1) for pair in one.items() for part in pair]
        elif kind is list:
            todo += [(part, depth + 1) for part in one]
        elif kind is str:
            if not one.isascii() and any("\ud800" <= letter <= "\udfff" for letter in one):
                return "含有不完整的字符"
        elif kind is float and not math.isfinite(one):
            return f"含有不是有限数的 {one}"
    return ""


def json_number(number: Decimal) -> int | float:
    """A decimal as JSON programs know numbers: whole where it is."""
    return int(number) if number == int(number) else float(number)
