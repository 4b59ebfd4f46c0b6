"""Standard loops: a body that runs its activity again and again (BPMN 2.0 §13.3.6); and what all loops share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import multi_instance
from bpmn.outcome import Outcome
from bpmn.state import LoopState, Step

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


class Body:
    """Runs one inner instance after another, until its condition is false or its maximum reached."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        assert node.element.standard_loop is not None
        if node.element.standard_loop.test_before and not _again(x, instance, node, 0):
            return Outcome.DONE
        instance.loop = LoopState([])
        _start_next(x, instance, node)
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Its inner instance has been terminated before it."""


def _again(x: Execution, body: ElementInstance, node: Node, completed: int) -> bool:
    """Whether one more run follows those completed; the condition sees their number as loopCounter."""
    loop = node.element.standard_loop
    assert loop is not None
    if loop.maximum and completed >= loop.maximum:
        return False
    condition = node.texts.get("loop_condition")
    return condition is None or x.condition(condition, body.key, {"loopCounter": completed})


def _start_next(x: Execution, body: ElementInstance, node: Node) -> None:
    assert body.loop is not None
    body.loop.next += 1
    x.push(Step("inner", node.id, body.key, key=body.loop.next))


def start_inner(x: Execution, step: Step) -> None:
    """Begin the inner instance number `step.key` (from 1) of a loop of either kind."""
    node = x.graph.nodes[step.element]
    if node.element.standard_loop is None:
        multi_instance.start_inner(x, step)
        return
    inner = x.create(node, step.scope, role="inner", index=step.key)
    inner.variables = {"loopCounter": step.key}
    x.set_out(inner)


def inner_leaves(x: Execution, inner: ElementInstance, node: Node) -> None:
    """An inner instance of a loop of either kind has ended. Raises `Stuck` before anything has changed."""
    if node.element.standard_loop is None:
        multi_instance.inner_leaves(x, inner, node)
        return
    body = x.state.instances[inner.parent]
    assert body.loop is not None
    again = _again(x, body, node, body.loop.completed + 1)
    body.loop.completed += 1
    x.finish(inner)
    if again:
        _start_next(x, body, node)
    else:
        x.complete(body)


def cancel_inner(x: Execution, inner: ElementInstance, node: Node) -> None:
    """Somebody ends an inner instance of a loop of either kind: the loop goes on as after any other."""
    if node.element.standard_loop is None:
        multi_instance.cancel_inner(x, inner, node)
        return
    body = x.state.instances[inner.parent]
    assert body.loop is not None
    again = _again(x, body, node, body.loop.completed + 1)
    x.terminate(inner, silently=True)
    body.loop.completed += 1
    if again:
        _start_next(x, body, node)
    else:
        x.complete(body)
