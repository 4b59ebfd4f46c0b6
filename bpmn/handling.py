"""What each event does to an instance: one function for each kind of event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn import commands, events
from bpmn.behaviours import (
    adhoc,
    adhoc_jobs,
    conditions,
    data,
    listening,
    messages,
    propagation,
    skipping,
    suspending,
    task_changes,
    throwing,
    waits,
)
from bpmn.execution import Execution
from bpmn.options import MENDED_SINCE
from bpmn.outcome import Stuck
from bpmn.state import ElementInstance


def take_in(x: Execution, event: events.Event) -> None:
    """Let an event have its effect, or keep it where what it is for is suspended; what nobody waits for has none."""
    if x.state.suspended and (suspending.withholds(x, event) or messages.keeps(x, event)):
        return
    x.stirred = True
    _handle(x, event)


def _handle(x: Execution, event: events.Event) -> None:
    _HANDLERS[type(event)](x, event)


def go_on(x: Execution) -> None:
    """Take steps, and let what was put aside go on, until nothing moves or the slice is over."""
    more = True
    while more:
        more = x.stirred and bool(x.state.kept or x.steps.parked) and _release(x)
        x.run()
        more = more and not x.steps.queue


def _release(x: Execution) -> bool:
    return suspending.release(
        x,
        lambda event: _handle(x, event),
        lambda key, variables: waits.trigger(x, x.state.waits[key], variables),
    )


# -- one function per event ------------------------------------------------------------------------------------------


def _waiting(x: Execution, key: int, *kinds: str) -> ElementInstance | None:
    """The instance that waits for work of one of these kinds (`Node.work`) to end."""
    instance = x.state.instances.get(key)
    if instance is None or instance.stage != "waiting" or instance.role == "body":
        return None
    return instance if throwing.at(x, instance).work in kinds else None


def _job_completed(x: Execution, event: events.JobCompleted) -> None:
    if adhoc_jobs.is_asked(x, event.key):
        adhoc_jobs.completed(x, event)
    elif event.key in x.listening:
        listening.completed(x, event.key, dict(event.variables), event.corrections)
    elif instance := _waiting(x, event.key, "job"):
        x.complete(instance, dict(event.variables))


def _call_completed(x: Execution, event: events.CallCompleted) -> None:
    if instance := _waiting(x, event.key, "call"):
        node = x.graph.nodes[instance.element]
        wanted = node.outputs or (node.element.call and node.element.call.propagate_child)
        x.complete(instance, dict(event.variables) if wanted else None)


def _task_completed(x: Execution, event: events.TaskCompleted) -> None:
    if instance := _waiting(x, event.key, "task"):
        x.record_instance("closed", instance, {"outcome": "completed", "by": event.by})
        if "completing" in x.graph.nodes[instance.element].listeners:
            listening.completing(x, instance, dict(event.variables), event.by)
        else:
            x.complete(instance, dict(event.variables))


def _denied(x: Execution, event: events.JobDenied) -> None:
    if adhoc_jobs.is_asked(x, event.key):
        adhoc_jobs.failed(x, event.key, f"the job of an ad-hoc sub-process cannot deny: {event.reason}")
    elif event.key in x.listening:
        listening.denied(x, event.key, event.reason)


def _failed(x: Execution, event: events.JobFailed | events.CallLost) -> None:
    kind = "job" if isinstance(event, events.JobFailed) else "call"
    if adhoc_jobs.is_asked(x, event.key):
        adhoc_jobs.failed(x, event.key, event.message)
    elif event.key in x.listening:
        listening.failed(x, event.key, event.message)
    elif instance := _waiting(x, event.key, kind):
        instance.stage = "acting"
        x.raise_incident(instance, kind, event.message)


def _threw_error(x: Execution, event: events.JobThrewError | events.CallThrewError) -> None:
    kind = "job" if isinstance(event, events.JobThrewError) else "call"
    if adhoc_jobs.is_asked(x, event.key):
        adhoc_jobs.threw(x, event.key, event.code, event.message, dict(event.variables))
    elif event.key in x.listening:
        listening.threw(x, event.key, event.code)
    elif instance := _waiting(x, event.key, kind):
        instance.stage = "acting"
        try:
            x.check_sizes(event.variables)
            propagation.throw_error(x, instance, event.code, event.message, dict(event.variables))
        except Stuck as stuck:
            x.raise_incident(instance, stuck.kind, stuck.message, stuck.data)


def _at_store(x: Execution, key: int, *stages: str) -> ElementInstance | None:
    """The instance that waits at that stage for a data store to answer."""
    instance = x.state.instances.get(key)
    return instance if instance and instance.stage in stages and not instance.incident else None


def _store_read(x: Execution, event: events.StoreRead) -> None:
    if instance := _at_store(x, event.key, "reading"):
        data.was_read(x, instance, event.value)


def _store_written(x: Execution, event: events.StoreWritten) -> None:
    if instance := _at_store(x, event.key, "writing"):
        data.was_written(x, instance)


def _store_failed(x: Execution, event: events.StoreFailed) -> None:
    if instance := _at_store(x, event.key, "reading", "writing"):
        data.failed(x, instance, event.message)


def _timer_fired(x: Execution, event: events.TimerFired) -> None:
    wait = x.state.waits.get(event.key)
    if wait and wait.kind == "timer":
        waits.fire_timer(x, wait)


def _call_escalated(x: Execution, event: events.CallEscalated) -> None:
    if instance := _waiting(x, event.key, "call"):
        propagation.call_escalated(x, instance, event.code, dict(event.variables), event.waits)


def _escalation_answered(x: Execution, event: events.EscalationAnswered) -> None:
    if instance := _waiting(x, event.key, "call", "escalation"):
        if x.graph.nodes[instance.element].work == "call":
            x.command(commands.AnswerCall(instance.key))
        else:
            x.complete(instance)


def _retry(x: Execution, event: events.RetryIncident) -> None:
    instance = x.state.instances.get(event.key)
    if instance and instance.incident:
        x.resolve(instance)
        if problem := x.refused(event.variables):
            x.raise_incident(instance, "variable", problem)
            return
        x.propagate(instance.key, event.variables)
        if instance.payload and x.options.semantics >= MENDED_SINCE:
            corrected = {name: value for name, value in event.variables.items() if name in instance.payload}
            instance.payload = {**instance.payload, **corrected}
        conditions.look_again(x, instance)
        x.advance(instance)
        adhoc_jobs.retried(x, instance)


def _skip(x: Execution, event: events.SkipIncident) -> None:
    instance = x.state.instances.get(event.key)
    if instance and instance.incident and not skipping.unskippable(x, instance):
        skipping.skip(x, instance, dict(event.variables))


def _cancelled(x: Execution, event: events.Cancelled) -> None:
    if x.state.instances and x.root.stage != "terminating":
        root = x.root
        x.record_instance("cancelled", root, {"reason": event.reason})
        x.terminate(root)
        x.end("terminated", root.variables)


_HANDLERS: dict[type[Any], Callable[[Execution, Any], None]] = {
    events.JobCompleted: _job_completed,
    events.CallCompleted: _call_completed,
    events.JobDenied: _denied,
    events.TaskCompleted: _task_completed,
    events.TaskAssigned: task_changes.assign,
    events.TaskUpdated: task_changes.update,
    events.JobFailed: _failed,
    events.CallLost: _failed,
    events.JobThrewError: _threw_error,
    events.CallThrewError: _threw_error,
    events.StoreRead: _store_read,
    events.StoreWritten: _store_written,
    events.StoreFailed: _store_failed,
    events.TimerFired: _timer_fired,
    events.MessageArrived: messages.arrive,
    events.SignalArrived: lambda x, event: messages.signal(x, event.name, event.variables),
    events.CallEscalated: _call_escalated,
    events.EscalationAnswered: _escalation_answered,
    events.RetryIncident: _retry,
    events.SkipIncident: _skip,
    events.Suspend: suspending.suspend,
    events.Resume: suspending.resume,
    events.ActivateAdHoc: adhoc.activate,
    events.Cancelled: _cancelled,
}
