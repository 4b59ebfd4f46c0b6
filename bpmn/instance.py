"""One running process: told events, it answers with commands. The engine's public door.

    instance = Instance(definition, "hv_connection", {"caseNo": "YK-1"})
    commands = instance.start(now)
    commands = instance.handle(TaskCompleted(key, {"approved": True}), now)
    records = instance.drain_journal()

It never sleeps, reads no clock and calls nobody: the same definition and events give the same commands and records,
in the same order, on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bpmn import codec, events, handling
from bpmn.behaviours import (
    skipping,
    suspending,
)
from bpmn.behaviours.skipping import Unskippable
from bpmn.commands import Command
from bpmn.definition import Definition
from bpmn.execution import Execution
from bpmn.graph import Graph
from bpmn.journal import Record
from bpmn.options import Options
from bpmn.state import VERSION, ElementInstance, State, Step, Wait
from bpmn.variables import unfit


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
        handling.take_in(self._x, event)
        return self._rest()

    def proceed(self, now: datetime) -> list[Command]:
        """Go on with what the last slice left over."""
        self._x.at(now)
        return self._rest()

    def _rest(self) -> list[Command]:
        handling.go_on(self._x)
        result, self._x.commands = self._x.commands, []
        return result

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
