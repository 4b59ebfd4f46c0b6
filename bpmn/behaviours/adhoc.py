"""Ad-hoc sub-processes: what is inside is activated by name, in any order (BPMN 2.0 §13.3.5; Camunda 8: ad-hoc).

All that is active shares the scope of the sub-process, as in the standard: tokens of different activities may meet at
a gateway. Camunda 8 runs each activity in a scope of its own. Where it has a job, that decides (`adhoc_jobs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.behaviours import adhoc_jobs, gateways, waits
from bpmn.options import COLLECTED_SINCE
from bpmn.outcome import Outcome, Stuck
from bpmn.state import Activation, AdHocState, Step
from bpmn.variables import output_variable

if TYPE_CHECKING:
    from bpmn.events import ActivateAdHoc
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


class AdHoc:
    """Activates what its collection names, or everything in document order."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        if node.element.job:
            prepare(instance, node)
            job = adhoc_jobs.planned(x, instance, node)
            waits.watch_event_subprocesses(x, instance, node)
            adhoc_jobs.ask(x, instance, job)
            return Outcome.WAITS
        elements = _wanted(x, instance, node)
        waits.watch_event_subprocesses(x, instance, node)
        prepare(instance, node)
        start(x, instance, node, [Activation(name) for name in elements])
        x.push(Step("settle", "", instance.key))
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Its children have been terminated before it."""


def prepare(instance: ElementInstance, node: Node) -> None:
    """What the sub-process has before anything in it is activated."""
    instance.ad_hoc = AdHocState()
    output = output_variable(node.element.ad_hoc.output_element) if node.element.ad_hoc else ""
    if output:
        instance.variables = {output: None, **(instance.variables or {})}
    if node.element.job:
        instance.variables = {**(instance.variables or {}), adhoc_jobs.ELEMENTS: adhoc_jobs.elements(node)}


def _wanted(x: Execution, instance: ElementInstance, node: Node) -> list[str]:
    known = [one.id for one in node.activatable]
    text = node.texts.get("active_elements")
    if text is None:
        return known
    names = x.evaluate(text, instance.key)
    if not isinstance(names, list):
        raise Stuck("expression", f"the active elements {text.source} gave {names!r}, not a list")
    for name in names:
        if name not in known:
            raise Stuck("expression", f"{name!r} cannot be activated; known are {', '.join(known)}")
    return names


def start(x: Execution, scope: ElementInstance, node: Node, chosen: list[Activation]) -> None:
    """Activate these elements, or have them wait for their turn."""
    assert node.element.ad_hoc is not None
    assert scope.ad_hoc is not None
    if node.element.ad_hoc.sequential:
        scope.ad_hoc.later += chosen
        return
    for one in chosen:
        _push(x, scope, one)


def _push(x: Execution, scope: ElementInstance, one: Activation) -> None:
    x.push(Step("begin", one.element, scope.key, payload=one.variables or None))


def activate(x: Execution, event: ActivateAdHoc) -> None:
    """Activate more elements of a running ad-hoc sub-process; what cannot be is journalled and changes nothing."""
    scope = x.state.instances.get(event.key)
    if scope is None or scope.ad_hoc is None or scope.stage != "waiting":
        return
    node = x.graph.nodes[scope.element]
    known = [one.id for one in node.activatable]
    strange = [name for name in event.elements if name not in known]
    problem = x.refused(event.variables)
    if strange:
        problem = f"{', '.join(strange)} cannot be activated; known are {', '.join(known)}"
    elif scope.ad_hoc.over:
        problem = "the ad-hoc sub-process is about to complete"
    if problem:
        x.record_instance("discarded", scope, {"elements": list(event.elements), "reason": problem})
        return
    if scope.incident and scope.incident.kind == gateways.DEADLOCK:
        x.resolve(scope)
    start(x, scope, node, [Activation(name, dict(event.variables)) for name in event.elements])
    x.push(Step("settle", "", scope.key))


def element_completed(x: Execution, instance: ElementInstance, node: Node, goes_on: bool) -> bool:
    """An element has completed: collect its output where its token does not go on, evaluate the completion condition.

    True where what still runs in the sub-process around it is to be ended. Raises `Stuck` before anything has changed.
    """
    scope = x.state.instances.get(instance.parent)
    if scope is None or scope.ad_hoc is None or instance.thrower:
        return False
    around = x.graph.nodes[scope.element]
    ad_hoc = around.element.ad_hoc
    assert ad_hoc is not None
    if node.is_event_subprocess or (scope.ad_hoc.over and not _is_collected(x, around)):
        adhoc_jobs.flow_ended(x, scope, around)
        return False
    outputs = list(scope.ad_hoc.outputs)
    if ad_hoc.output_collection and not goes_on:
        mapped = [mapping.path[0] for mapping in node.outputs]
        given = {name: value for name, value in (instance.payload or {}).items() if name not in mapped}
        outputs.append(x.evaluate(around.texts["ad_hoc_output"], instance.key, given))
    condition = None if scope.ad_hoc.over else around.texts.get("ad_hoc_condition")
    extra: dict[str, Any] = {ad_hoc.output_collection: outputs} if ad_hoc.output_collection else {}
    over = condition is not None and x.condition(condition, scope.key, extra)
    scope.ad_hoc.outputs = outputs
    if not goes_on:
        adhoc_jobs.flow_ended(x, scope, around)
    if over:
        scope.ad_hoc.over = True
        scope.ad_hoc.later.clear()
    return over and ad_hoc.cancel_remaining


def _is_collected(x: Execution, node: Node) -> bool:
    """Whether what completes once it is decided that the sub-process is to complete gives its output still."""
    ad_hoc = node.element.ad_hoc
    assert ad_hoc is not None
    return node.element.job is not None or (not ad_hoc.cancel_remaining and x.options.semantics >= COLLECTED_SINCE)


def _waits_to_be_told(node: Node) -> bool:
    """Whether it is complete only once its job or its completion condition says so."""
    return bool(node.element.job or (node.element.ad_hoc and node.element.ad_hoc.completion_condition))


def settle(x: Execution, scope: ElementInstance, node: Node) -> None:
    """Nothing is active any more: activate what comes next, complete, or wait for more to be activated."""
    state, ad_hoc = scope.ad_hoc, node.element.ad_hoc
    assert state is not None
    assert ad_hoc is not None
    if state.later:
        _push(x, scope, state.later.pop(0))
    elif not scope.arrivals and not scope.resetting and (state.over or not _waits_to_be_told(node)):
        if ad_hoc.output_collection:
            scope.payload = {ad_hoc.output_collection: state.outputs}
        x.complete(scope)
