"""Events that wait: intermediate catch events and receive tasks (BPMN 2.0 §13.5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import waits
from bpmn.outcome import Outcome

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


class Catch:
    """Waits for its timer, message, signal or condition; a link catch event is only a place to go on from."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        planned = waits.plans(x, instance.key, node)
        for one in planned:
            waits.open_wait(x, instance, one)
        return Outcome.WAITS if planned else Outcome.DONE

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Its wait is closed with the instance."""
