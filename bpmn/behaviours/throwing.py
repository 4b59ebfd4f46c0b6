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
    """Throws what its event definition says; a none event only passes the token on.

    A multiple event throws one definition after another; one that waits does so before the next is thrown.
    """

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        if not node.parts:
            return _throw(x, instance, node)
        while instance.part < len(node.parts):
            outcome = _throw(x, instance, node.parts[instance.part])
            if outcome is not Outcome.DONE:
                return outcome
            instance.part += 1
        return Outcome.DONE

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if at(x, instance).work == "job":
            _SEND.cancel(x, instance, node)


def at(x: Execution, instance: ElementInstance) -> Node:
    """The node that an instance is at: its own, or that of the definition at which a multiple throw event waits."""
    node = x.graph.nodes[instance.element]
    return node.parts[instance.part] if instance.part < len(node.parts) else node


def is_next_part(x: Execution, instance: ElementInstance) -> bool:
    """Go on to the next definition of a multiple throw event, if it is one."""
    node = x.graph.nodes[instance.element]
    if not node.parts or node.kind not in ("intermediateThrowEvent", "endEvent"):
        return False
    instance.part += 1
    return True


def _throw(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    return _THROWS[node.element.event_kind](x, instance, node)


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
    return propagation.throw_error(x, instance, _code(x, instance, node), "", dict(instance.variables or {}))


def _escalation(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    return propagation.throw_escalation(x, instance, _code(x, instance, node), dict(instance.variables or {}))


def _code(x: Execution, instance: ElementInstance, node: Node) -> str:
    """What is thrown without a code has the empty one, which only an event without a code catches."""
    if "code" not in node.texts:
        return ""
    assert node.element.event is not None
    return x.text(node.texts["code"], instance.key, f"{node.element.event.kind} code")


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
