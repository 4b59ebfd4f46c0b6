"""What becomes of data when an element begins and ends (BPMN 2.0 §10.4.2), beside the mappings of its associations.

Data stores are outside. What an element takes out of stores is asked for one after another before its inputs are
filled (`ElementInstance.stage` reading), what it puts into them is handed over one after another when its outputs have
been written (writing); the next step comes with the answer, `events.StoreRead` or `events.StoreWritten`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn import commands
from bpmn.item_types import mismatch
from bpmn.outcome import Stuck
from bpmn.state import PendingWrite

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.model import Data, DataItem
    from bpmn.state import ElementInstance


def blank(node: Node) -> dict[str, Any] | None:
    """The data of an element that is entered without its stages: nothing is known of them."""
    return dict.fromkeys(item.variable for item in node.data.items) if node.data and node.data.items else None


def check_inputs(data: Data, local: dict[str, Any]) -> None:
    """Make the rest of an element's data null.

    `Stuck` where none of its input sets is complete (BPMN 2.0 §10.4.2), or a value is not of its item definition.
    """
    for item in data.items:
        _check_value(item, local.setdefault(item.variable, None))
    _check_sets(data.input_sets, local, "needs its data input")


def check_outputs(x: Execution, instance: ElementInstance, node: Node, result: Mapping[str, Any]) -> None:
    """`Stuck` where none of the output sets is complete, or a variable is to become what its item definition does not
    allow."""
    payload = instance.payload or {}
    if node.data and instance.role != "body":
        view = x.view(instance.key, payload)
        for item in node.data.items:
            if item.kind == "dataOutput":
                _check_value(item, view.get(item.variable))
        _check_sets(node.data.output_sets, view, "has not given its data output")
    if x.graph.has_checked_data:
        for name, value in result.items():
            _check_holder(x, instance, name, value)


def give_out(x: Execution, inner: ElementInstance, node: Node, result: dict[str, Any]) -> None:
    """Of an inner instance of a multi-instance activity: what its associations give goes to its target at once, while
    the rest stays in it to be collected."""
    targets = dict.fromkeys(mapping.path[0] for mapping in node.outputs if mapping.by_association)
    if given := {name: result.pop(name) for name in targets if name in result}:
        x.propagate(inner.parent, given)


def _check_holder(x: Execution, instance: ElementInstance, name: str, value: Any) -> None:
    holder: ElementInstance | None = instance
    while holder is not None:
        if holder.variables is not None and name in holder.variables:
            if item := x.graph.nodes[holder.element].checked.get(name):
                _check_value(item, value)
            return
        holder = x.state.instances.get(holder.parent)


def _check_value(item: DataItem, value: Any) -> None:
    """`Stuck` where a collection is to become no list, or a value (a member of a collection) is not of its type."""
    if item.collection and value is not None and not isinstance(value, list):
        raise Stuck("data", f"{item.variable} is a collection, and {value!r} is no list")
    if not item.type or value is None:
        return
    for number, one in enumerate(value if item.collection else [value], 1):
        if problem := mismatch(one, item.type):
            what = f"member {number} of {item.variable}" if item.collection else item.variable
            raise Stuck("data", f"{what} ({item.kind} {item.id}, {item.structure}) {problem}")


def _check_sets(sets: tuple[tuple[str, ...], ...], values: Mapping[str, Any], what: str) -> None:
    missing = [[name for name in one if values.get(name) is None] for one in sets]
    if missing and all(missing):
        raise Stuck("data", f"it {what} {', or '.join(', '.join(names) for names in missing)}")


# -- data stores -----------------------------------------------------------------------------------------------------


def must_read(x: Execution, instance: ElementInstance, node: Node) -> bool:
    """Ask for the next data store that the inputs need, if there is one."""
    if node.data is None or instance.role == "body":
        return False
    for access in node.data.reads:
        if access.variable not in (instance.stored or {}):
            instance.stage = "reading"
            x.command(commands.ReadStore(instance.key, node.id, node.name, access.store))
            return True
    return False


def was_read(x: Execution, instance: ElementInstance, value: Any) -> None:
    """The store asked for last has answered."""
    node = x.graph.nodes[instance.element]
    assert node.data is not None
    stored = instance.stored or {}
    access = next(one for one in node.data.reads if one.variable not in stored)
    instance.stage = "entering"
    if problem := x.refused({access.variable: value}):
        x.raise_incident(instance, "variable", problem)
        return
    instance.stored = {**stored, access.variable: value}
    x.record_instance("read", instance, {"store": access.store})
    x.advance(instance)


def to_write(x: Execution, instance: ElementInstance, node: Node) -> list[PendingWrite]:
    """What is to be put into data stores. Raises `Stuck`."""
    if node.data is None or instance.role == "body":
        return []
    payload = instance.payload or {}
    writes = [
        PendingWrite(one.store, one.path, x.evaluate(text, instance.key, payload))
        for one, text in zip(node.data.writes, node.write_texts, strict=True)
    ]
    for write in writes:
        x.check_sizes({write.store: write.value})
    return writes


def must_write(x: Execution, instance: ElementInstance, node: Node) -> bool:
    """Hand the next value over to its data store, if there is one."""
    if not instance.writes or node.data is None:
        return False
    one = instance.writes[0]
    path = tuple(one.path.split(".")) if one.path else ()
    part = len(node.data.writes) - len(instance.writes) + 1
    x.command(commands.WriteStore(instance.key, node.id, node.name, one.store, path, one.value, part))
    return True


def was_written(x: Execution, instance: ElementInstance) -> None:
    """The store has taken the value handed over last."""
    assert instance.writes
    x.record_instance("written", instance, {"store": instance.writes[0].store})
    instance.writes = instance.writes[1:] or None
    x.advance(instance)


def failed(x: Execution, instance: ElementInstance, message: str) -> None:
    """A store cannot be reached: an incident; it is asked again when that is tried again."""
    if instance.stage == "reading":
        instance.stage = "entering"
    x.raise_incident(instance, "data store", message)


def cancel(x: Execution, instance: ElementInstance) -> None:
    """The instance is being terminated: a store need not answer any more."""
    if instance.stage in ("reading", "writing") and not instance.incident:
        x.command(commands.CancelStore(instance.key))
