"""What each kind of element does: one class per kind, looked up by the BPMN tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bpmn.behaviours import catching, gateways, multi_instance, scopes, tasks, throwing
from bpmn.outcome import Outcome

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


class Behaviour(Protocol):
    """What one kind of element does while it is active."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        """Do it. Raises `Stuck` before anything has changed."""

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Take back what `act` asked of the world; the instance is being terminated."""


_BODY = multi_instance.Body()

_BEHAVIOURS: dict[str, Behaviour] = {
    "process": scopes.Scope(),
    "subProcess": scopes.Scope(),
    "task": tasks.Reported(),
    "manualTask": tasks.Reported(),
    "userTask": tasks.UserTask(),
    "serviceTask": tasks.Job(),
    "sendTask": tasks.Send(),
    "receiveTask": catching.Catch(),
    "scriptTask": tasks.Script(),
    "businessRuleTask": tasks.BusinessRule(),
    "callActivity": tasks.Call(),
    "exclusiveGateway": tasks.PassThrough(),
    "inclusiveGateway": tasks.PassThrough(),
    "parallelGateway": tasks.PassThrough(),
    "eventBasedGateway": gateways.EventBased(),
    "startEvent": tasks.PassThrough(),
    "boundaryEvent": tasks.PassThrough(),
    "intermediateCatchEvent": catching.Catch(),
    "intermediateThrowEvent": throwing.Throw(),
    "endEvent": throwing.Throw(),
}


def of(instance: ElementInstance, node: Node) -> Behaviour:
    """The behaviour of an instance."""
    return _BODY if instance.role == "body" else _BEHAVIOURS[node.kind]
