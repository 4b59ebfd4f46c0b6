"""Events that throw: intermediate throw events and end events (BPMN 2.0 §13.5.5, §13.5.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bpmn import commands
from bpmn.behaviours import compensation, propagation, tasks, transactions
from bpmn.outcome import Outcome
from bpmn.state import Step

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


_SEND = tasks.Send()


class Throw:
    """Throws what its event definition says; a none event only passes the token on."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        kind = node.element.event.kind if node.element.event else "none"
        return _THROWS[kind](x, instance, node)

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if node.element.event and node.element.event.kind == "message":
            _SEND.cancel(x, instance, node)


def _none(_x: Execution, _instance: ElementInstance, _node: Node) -> Outcome:
    return Outcome.DONE


def _message(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    return _SEND.act(x, instance, node)


def _signal(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    name = x.text(node.texts["signal"], instance.key, "signal name")
    variables = dict(instance.variables or {})
    x.command(commands.BroadcastSignal(name, variables))
    x.push(Step("signal", name, x.root.key, payload=variables))
    return Outcome.DONE


def _link(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    x.finish(instance)
    x.push(Step("enter", x.graph.link_target(node).id, instance.parent))
    return Outcome.GONE


def _terminate(x: Execution, instance: ElementInstance, _node: Node) -> Outcome:
    """Everything else in the same scope ends, and so the scope completes."""
    scope = x.state.instances[instance.parent]
    x.finish(instance)
    x.terminate_children(scope)
    x.push(Step("settle", "", scope.key))
    return Outcome.GONE


def _error(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    code = x.text(node.texts["code"], instance.key, "error code")
    return propagation.throw_error(x, instance, code, "", dict(instance.variables or {}))


def _escalation(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    code = x.text(node.texts["code"], instance.key, "escalation code")
    return propagation.throw_escalation(x, instance, code, dict(instance.variables or {}))


_THROWS: dict[str, Callable[[Execution, ElementInstance, Node], Outcome]] = {
    "none": _none,
    "message": _message,
    "signal": _signal,
    "link": _link,
    "terminate": _terminate,
    "error": _error,
    "escalation": _escalation,
    "compensation": compensation.throw,
    "cancel": transactions.cancel,
}
