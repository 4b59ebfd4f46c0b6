"""What may be kept as a value of a case: JSON that every program and database on its way can write again."""

from __future__ import annotations

import math
from typing import Any

DEEPEST = 100
"""How deeply lists and objects may stand in each other."""


def fault_of(value: Any) -> str:
    """Why `value` cannot be kept, in Chinese; empty where it can.

    JSON knows no infinite numbers, UTF-8 no half characters, and every reader has a limit of depth.
    """
    todo = [(value, 0)]
    while todo:
        one, depth = todo.pop()
        if depth > DEEPEST:
            return f"嵌套超过 {DEEPEST} 层"
        if isinstance(one, dict):
            todo += [(part, depth + 1) for pair in one.items() for part in pair]
        elif isinstance(one, list):
            todo += [(part, depth + 1) for part in one]
        elif isinstance(one, str):
            if not one.isascii() and any("\ud800" <= letter <= "\udfff" for letter in one):
                return "含有不完整的字符"
        elif isinstance(one, float) and not math.isfinite(one):
            return f"含有不是有限数的 {one}"
    return ""
