"""How an instance is run: what the surroundings give and forbid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

MENDED_SINCE = 5
"""Since this semantics number

- what was kept for something suspended is applied one after the other, each with the steps it leads to;
- no event sub-process begins, and nobody activates anything, in a scope that only an incident keeps from ending;
- a variable given when an incident is tried again also corrects the result that could not be taken;
- a failed listener that the version moved to does not have is passed over;
- a transaction is taken back to its end though somebody cancels its last handler;
- a loop is left for good when all that runs in it is moved elsewhere;
- a timer that is of another kind in the version moved to comes again as that one does.
"""

COLLECTED_SINCE = 6
"""Since this semantics number what completes in an ad-hoc sub-process after its completion condition has come true, and
is waited for, gives its output as everything before it does."""

FORESEEN_SINCE = 6
"""Since this semantics number what a start event gives its scope is known where event sub-processes begin to wait."""

SEMANTICS = 6
"""The newest number of the engine's behaviour."""


@dataclass(frozen=True)
class Options:
    """Settings of one instance; they are not part of its state, and must be the same whenever it is loaded.

    `functions` are extra FEEL functions by name; `budget` the evaluation steps one expression may take;
    `slice_steps` how many elements one call of `handle` runs before it leaves the rest to `proceed`, and
    `slice_budget` how many evaluation steps;
    `endless_steps` how many steps may follow each other without a wait before that counts as an endless loop;
    `open_bodies` how many instances of one multi-instance activity are open at once; `variable_bytes` the size of
    one variable as JSON; `reported` are the manual and undefined tasks that wait, as jobs, until somebody reports them
    done, where others are passed at once. `semantics` is the number of the engine's behaviour: instances go on as they
    began. `called`, `caught_errors` and `interrupting_escalations` are those of `StartCall`.
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
    semantics: int = SEMANTICS
    called: bool = False
    caught_errors: tuple[str, ...] = ()
    interrupting_escalations: tuple[str, ...] = ()
