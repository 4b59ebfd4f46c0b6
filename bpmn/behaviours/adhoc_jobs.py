"""Ad-hoc sub-processes that a job decides for (Camunda 8: job worker implementation).

The job is asked for when the sub-process is entered, and anew whenever a flow in it has come to its end, or an event
sub-process has; one that has not been answered by then is called off. Its answer activates elements, or says that the
completion condition is fulfilled: then nothing is asked any more, and the sub-process completes as soon as nothing in
it is active. Either may end first what is active. An answer that does neither leaves everything as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bpmn import commands
from bpmn.behaviours import adhoc, gateways, listening, propagation, tasks
from bpmn.outcome import Stuck
from bpmn.state import Activation, Step

if TYPE_CHECKING:
    from bpmn.events import JobCompleted
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance

ELEMENTS = "adHocSubProcessElements"
"""Camunda's name for the variable that tells the job what it may activate."""


def elements(node: Node) -> list[dict[str, Any]]:
    """What there is to activate, as Camunda tells a job of it."""
    described = (
        {
            "elementId": one.id,
            "elementName": one.name,
            "documentation": one.element.documentation,
            "properties": dict(one.element.properties),
        }
        for one in node.activatable
    )
    return [{name: part for name, part in one.items() if part} for one in described]


# -- asking ----------------------------------------------------------------------------------------------------------


def planned(x: Execution, scope: ElementInstance, node: Node) -> commands.RunJob:
    """The job as it is to be asked for now. Raises `Stuck`."""
    job = tasks.job_of(x, scope, node)
    ad_hoc = node.element.ad_hoc
    assert ad_hoc is not None
    assert scope.ad_hoc is not None
    outputs = {ad_hoc.output_collection: list(scope.ad_hoc.outputs)} if ad_hoc.output_collection else {}
    activatable = tuple(one.id for one in node.activatable)
    return replace(job, variables={**job.variables, **outputs}, activatable=activatable)


def ask(x: Execution, scope: ElementInstance, job: commands.RunJob) -> None:
    """Ask for the job, in place of one that has not been answered."""
    withdraw(x, scope)
    scope.job = x.new_key()
    x.listening[scope.job] = scope.key
    x.command(replace(job, key=scope.job))


def withdraw(x: Execution, scope: ElementInstance) -> None:
    """Call off the job that has not been answered."""
    if scope.job:
        listening.cancel(x, scope)


def flow_ended(x: Execution, scope: ElementInstance, node: Node) -> None:
    """Something in the sub-process has come to its end: its job decides what follows."""
    if node.element.job and scope.ad_hoc and not scope.ad_hoc.over:
        x.push(Step("ask", node.id, scope.key))


def ask_again(x: Execution, key: int) -> None:
    """Ask anew, unless it is decided already that the sub-process is to complete."""
    scope = x.state.instances.get(key)
    if scope is None or scope.ad_hoc is None or scope.ad_hoc.over or scope.stage != "waiting":
        return
    if scope.incident:
        x.resolve(scope)
    try:
        ask(x, scope, planned(x, scope, x.graph.nodes[scope.element]))
    except Stuck as stuck:
        withdraw(x, scope)
        x.raise_incident(scope, stuck.kind, stuck.message, stuck.data)


def retried(x: Execution, instance: ElementInstance) -> None:
    """An incident has been resolved: where it was that of such a job, that is asked for again."""
    if x.graph.nodes[instance.element].element.job and instance.ad_hoc and not instance.job:
        ask_again(x, instance.key)


# -- answers ---------------------------------------------------------------------------------------------------------


def is_asked(x: Execution, key: int) -> bool:
    """Whether it is the key of such a job."""
    instance = x.state.instances[x.listening[key]] if key in x.listening else None
    return instance is not None and instance.ad_hoc is not None and instance.stage == "waiting"


def _answered(x: Execution, key: int) -> tuple[ElementInstance, Node]:
    scope = x.state.instances[x.listening.pop(key)]
    scope.job = 0
    return scope, x.graph.nodes[scope.element]


def completed(x: Execution, event: JobCompleted) -> None:
    """The job has decided."""
    scope, node = _answered(x, event.key)
    assert scope.ad_hoc is not None
    if problem := _problem(x, node, event):
        x.raise_incident(scope, "job", problem)
        return
    chosen = [Activation(one.element, dict(one.variables)) for one in event.activates]
    data = {
        "activates": [one.element for one in chosen],
        "fulfilled": event.fulfilled,
        "cancels": event.cancels,
        "variables": dict(event.variables),
    }
    x.record_instance("directed", scope, {name: part for name, part in data.items() if part})
    x.propagate(scope.key, event.variables)
    if event.cancels:
        x.terminate_children(scope)
    scope.ad_hoc.over = event.fulfilled
    if event.fulfilled:
        scope.ad_hoc.later.clear()
    if scope.incident and scope.incident.kind in gateways.OF_SCOPES:
        x.resolve(scope)
    adhoc.start(x, scope, node, chosen)
    x.push(Step("settle", "", scope.key))


def _problem(x: Execution, node: Node, event: JobCompleted) -> str:
    """Why an answer cannot be taken; empty where it can."""
    known = [one.id for one in node.activatable]
    strange = [one.element for one in event.activates if one.element not in known]
    if strange:
        return f"{', '.join(strange)} cannot be activated; known are {', '.join(known)}"
    if event.fulfilled and event.activates:
        return "the completion condition cannot be fulfilled where more is activated"
    return next(filter(None, map(x.refused, (event.variables, *(one.variables for one in event.activates)))), "")


def failed(x: Execution, key: int, message: str) -> None:
    """The job has failed for good; what is active goes on, and asks for it anew when it ends."""
    scope, _ = _answered(x, key)
    x.raise_incident(scope, "job", message)


def threw(x: Execution, key: int, code: str, message: str, variables: dict[str, Any]) -> None:
    """The job has thrown an error of BPMN, which leaves the sub-process."""
    scope, _ = _answered(x, key)
    try:
        x.check_sizes(variables)
        propagation.throw_error(x, scope, code, message, variables)
    except Stuck as stuck:
        x.raise_incident(scope, stuck.kind, stuck.message, stuck.data)
