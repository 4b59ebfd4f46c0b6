"""What an evaluation is given, what it may spend, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

MAX_PROBLEMS = 20
MAX_DEPTH = 300
MAX_NESTING = 100
CHARACTERS_PER_STEP = 16


class BudgetExceeded(Exception):
    """An evaluation that would take more steps, or go deeper, than it may; it is the same on every machine."""


@dataclass(frozen=True)
class Environment:
    """The world as an evaluation sees it.

    `now` is the instant that `now()` and `today()` answer, shown in `zone`; `functions` are called by their names
    (which may hold spaces, and must then be told to the compile functions) with FEEL values in their Python form;
    `budget` is the number of steps: one per node of the expression at each pass through it, per list item produced
    and per sixteen characters of text produced.
    """

    now: datetime
    zone: ZoneInfo
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    budget: int = 100_000

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("now must know its time zone")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A FEEL value and, where something in it became null by an error, why (DMN 1.5, 10.3.1.4: errors give null).

    `steps` is what it took of the budget.
    """

    value: Any
    problems: tuple[str, ...] = ()
    steps: int = field(default=0, compare=False)


class Run:
    """One evaluation under way: what is left of the budget and what went wrong so far."""

    __slots__ = ("depth", "env", "left", "problems", "types")

    def __init__(self, env: Environment, types: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.env = env
        self.types = types
        self.left = env.budget
        self.depth = 0
        self.problems: list[str] = []

    def spend(self, steps: int) -> None:
        """Take `steps` from the budget; raises `BudgetExceeded` when it is used up."""
        self.left -= steps
        if self.left < 0:
            raise BudgetExceeded(f"the expression took more than {self.env.budget} steps")

    @property
    def spent(self) -> int:
        """What has been taken from the budget so far."""
        return self.env.budget - self.left

    def spend_text(self, length: int) -> None:
        self.spend(1 + length // CHARACTERS_PER_STEP)

    def spend_for(self, value: Any) -> None:
        """Take a step for every value inside of a list or context, as whoever walks through it does.

        Raises `BudgetExceeded` also where it is nested more deeply than values are walked through.
        """
        waiting = [(value, 0)]
        while waiting:
            part, nesting = waiting.pop()
            if isinstance(part, Mapping):
                part = list(part.values())
            if isinstance(part, list | tuple):
                self.spend(len(part))
                if nesting >= MAX_NESTING:
                    raise BudgetExceeded(f"the value is nested more than {MAX_NESTING} levels deep")
                waiting.extend((item, nesting + 1) for item in part if isinstance(item, list | tuple | Mapping))

    def enter(self, depth: int) -> None:
        """Go `depth` calls deeper; raises `BudgetExceeded` beyond what may be nested."""
        self.depth += depth
        if self.depth > MAX_DEPTH:
            raise BudgetExceeded("the expression calls itself too deeply")

    def leave(self, depth: int) -> None:
        self.depth -= depth

    def fail(self, problem: str) -> None:
        """Remember why a value is null. Only the first few are kept: they name the cause, later ones follow from it."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)


class Scope:
    """Names and their values, inside those of `parent`."""

    __slots__ = ("parent", "run", "values")

    def __init__(self, values: Mapping[str, Any], parent: Scope | None, run: Run) -> None:
        self.values = values
        self.parent = parent
        self.run = run
