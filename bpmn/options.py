"""How an instance is run: what the surroundings give and forbid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Options:
    """Settings of one instance; they are not part of its state, and must be the same whenever it is loaded.

    `functions` are extra FEEL functions by name; `budget` the evaluation steps one expression may take;
    `slice_steps` how many elements one call of `handle` runs before it leaves the rest to `proceed`, and
    `slice_budget` how many evaluation steps;
    `endless_steps` how many steps may follow each other without a wait before that counts as an endless loop;
    `open_bodies` how many instances of one multi-instance activity are open at once; `variable_bytes` the size of
    one variable as JSON; `reported` are the manual and undefined tasks that wait, as jobs, until somebody reports them
    done, where others are passed at once. `kept_in_turn` has what came for something suspended wait, when that is
    resumed, for the steps that what came before it leads to. `called`, `caught_errors` and `interrupting_escalations`
    are those of `StartCall`.
    """

    zone: ZoneInfo = SHANGHAI
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    budget: int = 100_000
    slice_steps: int = 1_000_000_000
    slice_budget: int = 1_000_000_000
    endless_steps: int = 100_000
    open_bodies: int = 1_000_000_000
    variable_bytes: int = 256 * 1024
    reported: frozenset[str] = frozenset()
    kept_in_turn: bool = True
    called: bool = False
    caught_errors: tuple[str, ...] = ()
    interrupting_escalations: tuple[str, ...] = ()
