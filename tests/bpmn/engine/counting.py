"""Counts work: the lines of Python that something runs, the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines(work: Callable[[], object]) -> int:
    """How many lines `work` runs; each round of a loop counts, in a comprehension too."""
    count = 0

    def trace(_frame: FrameType, event: str, _value: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(lines_of: Callable[[int], int], small: int = 50, large: int = 400) -> float:
    """How much the work for one of `large` things is of that for one of `small`: about 1 where it grows in line."""
    return (lines_of(large) / large) / (lines_of(small) / small)
