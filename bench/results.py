"""What a benchmark measured, and how it is printed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One number. `target` says what it should be: `>= 30`, `<= 1.25`, or nothing."""

    key: str
    value: float
    what: str
    target: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value is as it should be."""
        if not self.target:
            return True
        sign, limit = self.target.split()
        return self.value >= float(limit) if sign == ">=" else self.value <= float(limit)


def table(results: Iterable[Result]) -> str:
    """The results as aligned lines."""
    return "\n".join(map(_line, results))


def _line(result: Result) -> str:
    verdict = "" if not result.target else "ok" if result.holds else "miss"
    line = f"{result.key:38}{_number(result.value):>14}  {result.target:9}{verdict:6}{result.what}"
    return line.rstrip()


def as_json(results: Iterable[Result]) -> str:
    """One flat object."""
    return json.dumps({result.key: round(result.value, 4) for result in results})


def spread(values: Iterable[float]) -> str:
    """How far apart the rounds of one run lie: other work on the machine shows here."""
    found = list(values)
    return f"{min(found):.2f} to {max(found):.2f} in {len(found)} rounds"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3f}"
