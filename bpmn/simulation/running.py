"""One instance of a run, with what the world around it remembers of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bpmn.commands import OpenUserTask
from bpmn.instance import Instance


@dataclass
class Running:
    """An instance, who called it, whom it called, and with whom it exchanges messages by message flows.

    `name` is unique in the run: the process, numbered from the second on (`order`, `order#2`), and of a called one the
    caller's name before it (`order/delivery-7`, where 7 is the key of the call). `depth` are the calls around it,
    `changing` open tasks of which something is being changed.
    """

    name: str
    process: str
    instance: Instance
    caller: Running | None = None
    call_key: int = 0
    calls: dict[int, Running] = field(default_factory=dict)
    timers: dict[int, None] = field(default_factory=dict)
    changing: dict[int, OpenUserTask] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    partners: dict[str, Running] = field(default_factory=dict)
    ended_with: dict[str, Any] | None = None
    depth: int = 0

    @property
    def outcome(self) -> str:
        """`incident` or `waiting` while it runs; then completed, terminated or failed."""
        if self.instance.incidents:
            return "incident"
        return self.instance.outcome or "waiting"

    @property
    def variables(self) -> dict[str, Any]:
        """Those at the top: it ended with them, or has them now."""
        return self.instance.variables() if self.ended_with is None else self.ended_with
