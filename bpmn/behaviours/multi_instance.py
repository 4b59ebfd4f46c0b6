"""Multi-instance activities: a body that runs one inner instance per item (BPMN 2.0 §13.3.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.behaviours.tasks import integer
from bpmn.outcome import Outcome, Stuck
from bpmn.state import LoopState, Step
from bpmn.variables import output_variable

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.model import ImplicitThrow
    from bpmn.state import ElementInstance

MAX_CARDINALITY = 100_000
"""How many instances a cardinality may ask for; a collection is bounded by the size of a variable."""


class Body:
    """Starts the inner instances: one after another, or as many at once as the options allow."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        items = _items(x, instance, node)
        instance.loop = LoopState(items, outputs=[None] * len(items) if _collects(node) else [])
        if not items:
            instance.payload = _output(node, instance.loop)
            return Outcome.DONE
        assert node.element.loop is not None
        for _ in range(1 if node.element.loop.sequential else min(len(items), x.options.open_bodies)):
            _start_next(x, instance, node)
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Its inner instances have been terminated before it."""


def _items(x: Execution, instance: ElementInstance, node: Node) -> list[Any]:
    """The items of the input collection, or as many times nothing as the cardinality says."""
    if cardinality := node.texts.get("cardinality"):
        number = integer(x.evaluate(cardinality, instance.key), "the cardinality", cardinality.source)
        if not 0 <= number <= MAX_CARDINALITY:
            problem = f"the cardinality {cardinality.source} gave {number}"
            raise Stuck("expression", f"{problem}; it must be from 0 to {MAX_CARDINALITY}")
        return [None] * number
    items = x.evaluate(node.texts["input_collection"], instance.key)
    if not isinstance(items, list):
        source = node.texts["input_collection"].source
        raise Stuck("expression", f"the input collection {source} gave {items!r}, not a list")
    return items


def _collects(node: Node) -> bool:
    return bool(node.element.loop and node.element.loop.output_collection)


def _output(node: Node, loop: LoopState) -> dict[str, Any]:
    assert node.element.loop is not None
    return {node.element.loop.output_collection: loop.outputs} if _collects(node) else {}


def _start_next(x: Execution, body: ElementInstance, node: Node) -> None:
    assert body.loop is not None
    body.loop.next += 1
    x.push(Step("inner", node.id, body.key, key=body.loop.next))


def start_inner(x: Execution, step: Step) -> None:
    """Begin the inner instance number `step.key` (from 1), with its item and its number as its own variables."""
    node = x.graph.nodes[step.element]
    loop = node.element.loop
    body = x.state.instances[step.scope]
    assert loop is not None
    assert body.loop is not None
    inner = x.create(node, body.key, role="inner", index=step.key)
    inner.variables = {"loopCounter": step.key}
    if loop.input_element:
        inner.variables[loop.input_element] = body.loop.items[step.key - 1]
    if output := output_variable(loop.output_element):
        inner.variables.setdefault(output, None)
    x.advance(inner)


def inner_leaves(x: Execution, inner: ElementInstance, node: Node) -> None:
    """An inner instance has ended: collect its output, then start the next, wait for the others, or end the body."""
    body = x.state.instances[inner.parent]
    loop = body.loop
    assert loop is not None
    if "output_element" in node.texts and _collects(node):
        loop.outputs[inner.index - 1] = x.evaluate(node.texts["output_element"], inner.key)
    numbers = _numbers(inner, loop)
    enough = _is_enough(x, inner, node, numbers)
    thrown = _thrown(x, inner, loop, node, numbers)
    loop.completed += 1
    x.finish(inner)
    for throw, one in thrown:
        x.push(Step("begin", one.id, body.key, payload=numbers if throw.carries else None))
    _go_on(x, body, node, enough)


def _go_on(x: Execution, body: ElementInstance, node: Node, enough: bool = False) -> None:
    loop = body.loop
    assert loop is not None
    if enough or loop.completed == len(loop.items):
        _end_others(x, body)
        body.payload = _output(node, loop)
        loop.over = True
        settle(x, body)
    elif loop.next < len(loop.items):
        _start_next(x, body, node)


def _end_others(x: Execution, body: ElementInstance) -> None:
    """End the inner instances that are active still, and those about to begin; what the body throws goes on."""
    for key in list(x.children.get(body.key, ())):
        if x.state.instances[key].role == "inner":
            x.terminate(x.state.instances[key])
    x.steps.withdraw("inner", body.key)


def settle(x: Execution, body: ElementInstance) -> None:
    """Complete a body whose instances have ended, once all it throws has been thrown."""
    if body.loop and body.loop.over and not x.children.get(body.key) and body.key not in x.steps.pending:
        x.complete(body)


def _numbers(inner: ElementInstance, loop: LoopState) -> dict[str, int]:
    """The attributes of a multi-instance activity at the completion of an instance (BPMN 2.0 §13.3.7, table 10.30).

    Before the activity is over, only somebody's modification terminates one.
    """
    return {
        "loopCounter": inner.index,
        "numberOfInstances": len(loop.items),
        "numberOfActiveInstances": loop.next - loop.completed - 1,
        "numberOfCompletedInstances": loop.completed + 1 - loop.cancelled,
        "numberOfTerminatedInstances": loop.cancelled,
    }


def _is_enough(x: Execution, inner: ElementInstance, node: Node, numbers: dict[str, int]) -> bool:
    condition = node.texts.get("completion_condition")
    return condition is not None and x.condition(condition, inner.key, numbers)


def _thrown(
    x: Execution, inner: ElementInstance, loop: LoopState, node: Node, numbers: dict[str, int]
) -> list[tuple[ImplicitThrow, Node]]:
    """The events that the completion of an instance throws, by the activity's behaviour (BPMN 2.0 §13.3.7)."""
    assert node.element.loop is not None
    if node.element.loop.behavior == "One" and loop.completed:
        return []
    return [
        (throw, one)
        for throw, one in zip(node.element.loop.throws, node.throws, strict=True)
        if "thrown_if" not in one.texts or x.condition(one.texts["thrown_if"], inner.key, numbers)
    ]


# -- changed by somebody, or by another version of the diagram -------------------------------------------------------


def cancel_inner(x: Execution, inner: ElementInstance, node: Node) -> None:
    """Somebody ends an inner instance: it gives no output, and the body goes on as after any other."""
    body = x.state.instances[inner.parent]
    assert body.loop is not None
    x.terminate(inner, silently=True)
    body.loop.completed += 1
    body.loop.cancelled += 1
    _go_on(x, body, node)


def add_item(x: Execution, body: ElementInstance, node: Node, item: Any) -> None:
    """Somebody adds an item: its inner instance begins now, or in its turn."""
    loop, characteristics = body.loop, node.element.loop
    assert loop is not None
    assert characteristics is not None
    loop.items.append(item)
    if _collects(node):
        loop.outputs.append(None)
    running = loop.next - loop.completed
    if loop.next == len(loop.items) - 1 and running < (1 if characteristics.sequential else x.options.open_bodies):
        _start_next(x, body, node)


def refit(body: ElementInstance, node: Node) -> None:
    """A body goes on by another version of the diagram, which may collect outputs where the former did not."""
    if body.loop and _collects(node) and len(body.loop.outputs) != len(body.loop.items):
        body.loop.outputs = [None] * len(body.loop.items)


def refit_inner(x: Execution, inner: ElementInstance, before: Node, node: Node) -> None:
    """An inner instance goes on by another version of the diagram, which may call its item by another name."""
    body, old, new = x.state.instances[inner.parent], before.element.loop, node.element.loop
    if body.loop and old and new and new.input_element and old.input_element != new.input_element:
        item = body.loop.items[inner.index - 1]
        inner.variables = {**(inner.variables or {}), new.input_element: item}
