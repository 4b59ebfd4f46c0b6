"""What each kind of element does: one class per kind, looked up by the BPMN tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bpmn.behaviours import adhoc, catching, gateways, loops, multi_instance, scopes, tasks, throwing
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
_LOOP_BODY = loops.Body()

_BEHAVIOURS: dict[str, Behaviour] = {
    "process": scopes.Scope(),
    "subProcess": scopes.Scope(),
    "transaction": scopes.Scope(),
    "adHocSubProcess": adhoc.AdHoc(),
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
    "complexGateway": tasks.PassThrough(),
    "eventBasedGateway": gateways.EventBased(),
    "startEvent": tasks.PassThrough(),
    "boundaryEvent": tasks.PassThrough(),
    "intermediateCatchEvent": catching.Catch(),
    "intermediateThrowEvent": throwing.Throw(),
    "endEvent": throwing.Throw(),
    "implicitThrowEvent": throwing.Throw(),
}


def of(instance: ElementInstance, node: Node) -> Behaviour:
    """The behaviour of an instance."""
    if instance.role == "body":
        return _LOOP_BODY if node.element.standard_loop else _BODY
    return _BEHAVIOURS[node.kind]
