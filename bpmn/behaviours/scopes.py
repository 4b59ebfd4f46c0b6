"""Processes and sub-processes: what holds other elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import mapping, starting, waits
from bpmn.options import FORESEEN_SINCE
from bpmn.outcome import Outcome

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


class Scope:
    """Begins at its start event; complete when no token is left inside (BPMN 2.0 §13.3.4, §13.5.6).

    A process that has no plain start event waits for the first of its others.
    """

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        start = instance.start or (node.start.id if node.start else "")
        others = [] if start else waits.plans(x, instance.key, *node.starts)
        foresees = start and node.event_subprocesses and x.options.semantics >= FORESEEN_SINCE
        given = mapping.foreseen(x, instance, x.graph.nodes[start]) if foresees else None
        waits.watch_event_subprocesses(x, instance, node, given)
        for planned in others:
            waits.open_wait(x, instance, planned)
        if start:
            starting.begin(x, instance, x.graph.nodes[start], instance.payload)
            instance.payload = None
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Its children have been terminated before it."""
