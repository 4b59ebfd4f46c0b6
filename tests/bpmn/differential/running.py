"""The two engines behind one face: what may happen now, letting it happen, and what has been completed."""

from __future__ import annotations

import io
from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, UserTask
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import DurationTimerEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from bpmn import Instance, events, read
from bpmn.options import SHANGHAI

NOW = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


class Act(NamedTuple):
    """Something that may happen now: a task is done, a timer is due, a message comes.

    `path` are the numbers, from the outside in, of the multi-instance bodies around the element.
    """

    kind: str
    element: str
    path: tuple[int, ...]


class Engine(Protocol):
    """One running instance."""

    @property
    def ended(self) -> bool: ...

    def choices(self) -> list[Act]:
        """What may happen now, in a fixed order; an act that may happen twice is there twice."""

    def do(self, act: Act, value: int) -> Act:
        """Let it happen to the oldest of those; a user task sets its variable to `value`. Answers what it was.

        Here a message goes to the wait that is open longest, whichever multi-instance body that is in.
        """

    def completed(self) -> Counter[str]:
        """How often each element has been completed, bodies of multi-instance activities and their inners alike."""


class Ours:
    """This engine."""

    def __init__(self, xml: str) -> None:
        self.instance = Instance(read(xml))
        self.instance.start(NOW)
        self._completed: Counter[str] = Counter()
        self._heard: set[int] = set()
        self.heard_once = True
        """Whether an event that stays open is no choice any more once it has happened: see `settled.SETTLED`."""

    @property
    def ended(self) -> bool:
        return bool(self.instance.outcome)

    def choices(self) -> list[Act]:
        return sorted(act for act, _ in self._open())

    def _open(self) -> list[tuple[Act, int]]:
        tasks = [
            (Act("task", one.element, self._path(one.key)), one.key)
            for one in self.instance.instances.values()
            if self.instance.graph.nodes[one.element].work == "task" and one.stage == "waiting" and one.role != "body"
        ]
        waits = [wait for wait in self.instance.waits if wait.key not in self._heard]
        return tasks + [(Act(wait.kind, wait.element, self._path(wait.owner)), wait.key) for wait in waits]

    def _path(self, key: int) -> tuple[int, ...]:
        path: list[int] = []
        while key:
            one = self.instance.instances[key]
            if one.role == "inner":
                path.insert(0, one.index)
            key = one.parent
        return tuple(path)

    def do(self, act: Act, value: int) -> Act:
        if act.kind == "message":
            act = next(one for one, _ in self._open() if one[:2] == act[:2])
        key = next(key for one, key in self._open() if one == act)
        event: events.Event
        if act.kind == "task":
            event = events.TaskCompleted(key, {f"v_{act.element}": value})
        elif act.kind == "timer":
            event = events.TimerFired(key)
        else:
            event = events.MessageArrived(f"M_{act.element}", "k")
        if self.heard_once:
            self._heard.add(key)
        self.instance.handle(event, NOW)
        return act

    def completed(self) -> Counter[str]:
        records = self.instance.drain_journal()
        self._completed += Counter(r.element for r in records if r.event == "completed" and r.type != "process")
        return self._completed


class Spiff:
    """SpiffWorkflow. Timers are made to fire, for it has no clock but the machine's."""

    def __init__(self, xml: str) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.parse(io.BytesIO(xml.encode())))
        self.workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        self._done: dict[Any, str] = {}
        self._settle()

    @property
    def ended(self) -> bool:
        return bool(self.workflow.completed)

    def choices(self) -> list[Act]:
        return sorted(act for act, _, _ in self._open())

    def _open(self) -> list[tuple[Act, Any, Any]]:
        """Each act with its task and, for an event, its definition."""
        found: list[tuple[Act, Any, Any]] = []
        for one in self._tasks(TaskState.READY | TaskState.WAITING):
            spec, path = one.task_spec, self._path(one)
            if one.state == TaskState.READY and _for_users(one):
                found.append((Act("task", spec.bpmn_id, path), one, None))
            elif one.state == TaskState.WAITING and one.id in self.workflow.event_manager.tasks:
                definition = spec.event_definition
                if isinstance(definition, MultipleEventDefinition):
                    pairs = zip(spec.outputs, definition.event_definitions, strict=True)
                else:
                    pairs = zip([spec], [definition], strict=True)
                found += [
                    (Act(_KINDS[type(what)], to.bpmn_id, path), one, what) for to, what in pairs if type(what) in _KINDS
                ]
        return found

    def _path(self, one: Any) -> tuple[int, ...]:
        path: list[int] = []
        while one is not None:
            index = one.internal_data.get("key_or_index", one.internal_data.get("item"))
            if index is not None:
                path.insert(0, index + 1)
            parent = one.workflow.parent_task_id
            one = self.workflow.get_task_from_id(parent) if parent else None
        return tuple(path)

    def do(self, act: Act, value: int) -> Act:
        one, definition = next((one, what) for found, one, what in self._open() if found == act)
        if act.kind == "task":
            one.data[f"v_{act.element}"] = value
            one.run()
        else:
            self._happen(one, definition)
        self._settle()
        return act

    def _settle(self) -> None:
        """Go on to the next rest. Undefined and manual tasks are left to people there; nobody is to do them here."""
        self._run()
        while waiting := [one for one in self._tasks(TaskState.READY) if one.task_spec.manual and not _for_users(one)]:
            waiting[0].run()
            self._run()

    def _run(self) -> None:
        """All steps, remembering what is completed: a join in the second round of a loop forgets the first."""
        self.workflow.do_engine_steps(did_complete_task=self._remember)
        for one in self._tasks(TaskState.COMPLETED):
            self._remember(one)
            if _interrupted(one):
                del self._done[one.id]

    def _remember(self, one: Any) -> None:
        self._done[one.id] = one.task_spec.bpmn_id or ""

    def _tasks(self, states: int) -> list[Any]:
        """All of them in the order of their making; its own search does not look below what is under way."""
        flows = [self.workflow, *self.workflow.subprocesses.values()]
        return [one for flow in flows for one in flow.tasks.values() if one.has_state(states)]

    def _happen(self, one: Any, definition: Any) -> None:
        """To this task alone: asked to catch a message, the workflow would give it to all that wait."""
        one.task_spec.catch(one, BpmnEvent(definition, {}))
        one.task_spec._update(one)

    def completed(self) -> Counter[str]:
        return Counter(element for element in self._done.values() if element)


def _interrupted(one: Any) -> bool:
    """Whether a boundary event has interrupted it: a sub-process that ends with an error is completed there too."""
    if (
        not one.parent
        or not isinstance(one.parent.task_spec, BoundaryEventSplit)
        or isinstance(one.task_spec, BoundaryEvent)
    ):
        return False
    events = [beside for beside in one.parent.children if isinstance(beside.task_spec, BoundaryEvent)]
    return any(event.task_spec.cancel_activity and event.state == TaskState.COMPLETED for event in events)


def _for_users(one: Any) -> bool:
    return isinstance(one.task_spec, UserTask)


_KINDS = {DurationTimerEventDefinition: "timer", MessageEventDefinition: "message"}
"""Errors are thrown by the models themselves."""
