"""One running process: told events, it answers with commands. The engine's public door.

    instance = Instance(definition, "hv_connection", {"caseNo": "YK-1"})
    commands = instance.start(now)
    commands = instance.handle(TaskCompleted(key, {"approved": True}), now)
    records = instance.drain_journal()

It never sleeps, reads no clock and calls nobody: the same definition and events give the same commands and records,
in the same order, on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from bpmn import codec, commands, events
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
from bpmn.behaviours.skipping import Unskippable
from bpmn.commands import Command
from bpmn.definition import Definition
from bpmn.execution import Execution
from bpmn.graph import Graph
from bpmn.journal import Record
from bpmn.options import MENDED_SINCE, Options
from bpmn.outcome import Stuck
from bpmn.state import VERSION, ElementInstance, State, Step, Wait
from bpmn.variables import unfit

E = TypeVar("E")


class Instance:
    """A running instance of one process of `definition`; `process` may be left out where there is just one."""

    def __init__(
        self,
        definition: Definition,
        process: str = "",
        variables: Mapping[str, Any] | None = None,
        options: Options = Options(),
    ) -> None:
        process = process or _only(definition)
        self._variables = dict(variables or {})
        self._connect(definition, State(process), options)

    def _connect(self, definition: Definition, state: State, options: Options) -> None:
        graph = definition.graph(state.process, options.functions)
        self.definition = definition
        self._x = Execution(graph, definition, state, options)

    # -- what happens ----------------------------------------------------------------------------------------------

    def start(self, now: datetime, start_event: str = "", payload: Mapping[str, Any] | None = None) -> list[Command]:
        """Begin, at the plain start event or at the one named: a start event, an instantiating receive task, or an
        event behind an instantiating gateway. `payload` are the variables of what triggered it.

        Raises `ValueError` where the instance has been started, `start_event` is none of the process, or a variable
        is not fit to be kept (`variables.unfit`).
        """
        x = self._x
        if x.state.instances or x.state.outcome:
            raise ValueError("the instance has been started already")
        if start_event and start_event not in [node.id for node in x.graph.root.starts]:
            raise ValueError(f"{start_event} is no start event of {x.graph.process.id}")
        if problem := unfit(self._variables) or unfit(payload or {}):
            raise ValueError(problem)
        x.at(now)
        root = x.create(x.graph.root, 0, start=start_event)
        root.variables = self._variables
        root.payload = dict(payload) if payload else None
        x.advance(root)
        return self._rest()

    def handle(self, event: events.Event, now: datetime) -> list[Command]:
        """Take one event in; what is not waited for (any more) changes nothing."""
        if self.outcome:
            return []
        self._x.at(now)
        if not (self._x.state.suspended and (suspending.withholds(self._x, event) or messages.keeps(self._x, event))):
            self._x.stirred = True
            _HANDLERS[type(event)](self._x, event)
        return self._rest()

    def proceed(self, now: datetime) -> list[Command]:
        """Go on with what the last slice left over."""
        self._x.at(now)
        return self._rest()

    def _rest(self) -> list[Command]:
        x = self._x
        more = True
        while more:
            more = x.stirred and bool(x.state.kept or x.steps.parked) and self._release()
            x.run()
            more = more and not x.steps.queue
        result, x.commands = x.commands, []
        return result

    def _release(self) -> bool:
        x = self._x
        return suspending.release(
            x,
            lambda event: _HANDLERS[type(event)](x, event),
            lambda key, variables: waits.trigger(x, x.state.waits[key], variables),
        )

    @property
    def pending(self) -> bool:
        """Whether the last slice left something over: call `proceed`."""
        return bool(self._x.steps.queue)

    def note(self, event: str, now: datetime, key: int = 0, data: dict[str, Any] | None = None) -> None:
        """Write a line about an element instance (or the whole, key 0) into the journal."""
        self._x.at(now)
        instance = self._x.state.instances.get(key)
        if instance:
            self._x.record_instance(event, instance, data)
        else:
            self._x.record(event, self._x.graph.root, key, 0, data)

    def drain_journal(self) -> list[Record]:
        """What happened since the last call."""
        records, self._x.records = self._x.records, []
        return records

    # -- what is so ------------------------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        """The runnable form of its process."""
        return self._x.graph

    @property
    def outcome(self) -> str:
        """Empty while it runs; then completed, terminated or failed."""
        return self._x.state.outcome

    @property
    def instances(self) -> Mapping[int, ElementInstance]:
        """The active element instances by key; read only."""
        return self._x.state.instances

    @property
    def incidents(self) -> dict[int, tuple[str, str]]:
        """Kind and message of each open incident, by element instance."""
        return {key: (one.incident.kind, one.incident.message) for key, one in self.instances.items() if one.incident}

    def unskippable(self, key: int) -> Unskippable | None:
        """Why the open incident of this element instance cannot be skipped; None where it can."""
        return skipping.unskippable(self._x, self._x.state.instances[key])

    def activatable(self, key: int) -> tuple[str, ...]:
        """What `ActivateAdHoc` may activate in the element instance `key` now; nothing where that is none to ask."""
        instance = self._x.state.instances[key]
        if instance.ad_hoc is None or instance.ad_hoc.over or instance.stage != "waiting":
            return ()
        return tuple(node.id for node in self._x.graph.nodes[instance.element].activatable)

    def is_suspended(self, key: int = 0) -> bool:
        """Whether an element instance, or anything around it, is suspended; the whole instance where `key` is 0."""
        return suspending.is_suspended(self._x, key or next(iter(self.instances), 0))

    def may_be_suspended(self, key: int) -> bool:
        """Whether there is such a scope to suspend: the whole instance (0), or a sub-process."""
        return suspending.may_be_suspended(self._x, key)

    @property
    def suspended(self) -> list[int]:
        """The keys of the scopes that have been suspended, in that order."""
        return list(self._x.state.suspended)

    @property
    def steps(self) -> list[Step]:
        """What the last slice, or suspended scopes, have yet to do."""
        return list(self._x.steps)

    @property
    def active(self) -> bool:
        """Whether it has been started and has not ended."""
        return bool(self._x.state.instances)

    def variables(self, key: int = 0) -> dict[str, Any]:
        """The variables seen at an element instance; at the top where `key` is 0."""
        key = key or next(iter(self._x.state.instances), 0)
        return dict(self._x.view(key).items())

    @property
    def waits(self) -> list[Wait]:
        """What is waited for beside jobs and user tasks: timers, messages, signals, conditions; in their order."""
        return list(self._x.state.waits.values())

    def waits_for(self, message: str, correlation_key: str) -> bool:
        """Whether a message of that name and key would be taken now."""
        return ("message", message, correlation_key) in self._x.subscriptions

    # -- for what changes an instance as a whole (migration, modification) ------------------------------------------

    @property
    def options(self) -> Options:
        """How it is run."""
        return self._x.options

    @property
    def execution(self) -> Execution:
        """What it is made of."""
        return self._x

    def copied(self) -> Instance:
        """One that stands where this one does; what happens to it leaves this one as it is."""
        return Instance.load(self.definition, self.dump(), self.options)

    def at_home_in(self, execution: Execution) -> Instance:
        """The instance of which this is the execution."""
        self.definition, self._x = execution.definition, execution
        return self

    # -- to JSON and back ------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """The whole state as JSON. Raises `ValueError` before the start and while the journal has not been drained."""
        if not self.active and not self.outcome:
            raise ValueError("the instance has not been started")
        if self._x.records:
            raise ValueError("drain the journal before the state is dumped")
        self._x.state.queue, self._x.state.parked = list(self._x.steps.queue), list(self._x.steps.parked)
        result: dict[str, Any] = codec.encode(self._x.state)
        return {**result, "version": VERSION}

    @classmethod
    def load(cls, definition: Definition, data: Mapping[str, Any], options: Options = Options()) -> Instance:
        """The instance that `dump` wrote, with the same options. Raises `ValueError` for a dump of a later version."""
        if data["version"] > VERSION:
            raise ValueError(f"the dump has version {data['version']}, this engine reads up to {VERSION}")
        instance = cls.__new__(cls)
        instance._variables = {}
        instance._connect(definition, codec.decode(State, data), options)
        return instance


def _only(definition: Definition) -> str:
    if len(definition.processes) != 1:
        raise ValueError(f"say which process is to run: {', '.join(definition.processes)}")
    return next(iter(definition.processes))


# -- one function per event ----------------------------------------------------------------------------------------


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
