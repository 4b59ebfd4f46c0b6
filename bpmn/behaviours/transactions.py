"""Transactions: taken back as a whole when a cancel end event is reached (BPMN 2.0 §13.5.3, §13.5.6, §10.7).

What is active inside ends, what was completed is compensated, last first, and the cancel boundary event follows. That
holds of what was completed inside sub-processes that are active still, too: cancelling an activity "can result in
compensation of already successfully completed portions" of it (§10.7). An error that leaves a transaction compensates
nothing. Of a transaction that is a loop, all instances are taken back: its boundary events are those of the body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import compensation, waits
from bpmn.model import definitions
from bpmn.outcome import Outcome
from bpmn.state import Done, Step

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


def cancel(x: Execution, instance: ElementInstance, _node: Node) -> Outcome:
    """A cancel end event takes back the transaction around it, unless it is in a handler that does so already."""
    transaction = _around(x, instance)
    if transaction.stage == "cancelling":
        return Outcome.DONE
    x.finish(instance)
    done = _completed(x, transaction)
    x.terminate_children(transaction)
    waits.close_all(x, transaction)
    transaction.done, transaction.met = [], []
    transaction.stage = "cancelling"
    transaction.plan = compensation.planned(x, done, transaction.key)
    compensation.go_on(x, transaction)
    return Outcome.GONE


def _around(x: Execution, instance: ElementInstance) -> ElementInstance:
    """The innermost transaction around an instance, or its body where it is a loop."""
    while x.graph.nodes[instance.element].kind != "transaction":
        instance = x.state.instances[instance.parent]
    return x.state.instances[instance.parent] if instance.role == "inner" else instance


def _completed(x: Execution, instance: ElementInstance) -> list[Done]:
    """What can be compensated below an instance: what it has completed itself, then what its active children have.

    What a throw event inside has taken out to compensate and not come to yet counts as well, and so does what a handler
    was compensating: it begins again.
    """
    inside: list[Done] = []
    for child in (x.state.instances[key] for key in x.children.get(instance.key, ())):
        variables = dict(child.variables or {})
        if child.thrower:
            kept = child.done if x.graph.nodes[child.element].compensates else []
            inside.append(Done("", child.element, variables, kept, key=child.key))
        elif completed := _completed(x, child):
            inside.append(Done(child.element, "", variables, completed, key=child.key))
    coming = [step for step in x.steps.of(instance.key) if step.op == "handler"]
    handlers = [Done("", step.element, dict(step.payload or {}), list(step.inner)) for step in coming]
    return [*instance.done, *instance.plan, *handlers, *inside]


def leave(x: Execution, step: Step) -> None:
    """All is taken back: the transaction ends, and its cancel boundary event happens."""
    transaction = x.state.instances.get(step.key)
    if transaction is None:
        return
    boundaries = x.graph.nodes[transaction.element].boundaries
    cancels = (one for one in boundaries for part in definitions(one.element.event) if part.kind == "cancel")
    waits.fire_boundary(x, transaction, next(cancels), {})
