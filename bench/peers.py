"""The same diagram run to its end here and in SpiffWorkflow, each measured from its start; reading it is not measured.

Times are of the processor, for neither waits for anything: what else the machine does in between is not counted.
"""

from __future__ import annotations

import gc
import io
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from bpmn import Instance, read
from bpmn.commands import Command, OpenUserTask, SetTimer
from bpmn.events import Event, MessageArrived, TaskCompleted, TimerFired

NOW = datetime(2026, 3, 2, tzinfo=UTC)
Measure = Callable[[], float]
"""Runs it once and answers the seconds it took."""


def ours(xml: str, variables: dict[str, Any] | None = None, sent: Sequence[Event] = ()) -> Measure:
    """Here: first what is `sent`, then all tasks and timers, each answered by itself and the journal drained."""
    definition = read(xml)

    def measure() -> float:
        instance = Instance(definition, "", variables)
        start = time.process_time()
        todo = deque(_answers(instance.start(NOW)))
        for event in sent:
            todo.extend(_answers(instance.handle(event, NOW)))
            instance.drain_journal()
        while not instance.outcome:
            todo.extend(_answers(instance.handle(todo.popleft(), NOW)))
            instance.drain_journal()
        return time.process_time() - start

    return measure


def _answers(commands: Iterable[Command]) -> Iterable[Event]:
    for command in commands:
        if isinstance(command, OpenUserTask):
            yield TaskCompleted(command.key)
        elif isinstance(command, SetTimer):
            yield TimerFired(command.key)


def spiff(xml: str, sent: Sequence[str] = ()) -> Measure:
    """In SpiffWorkflow: first the messages `sent`, then all tasks, one after another as they become ready."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(io.BytesIO(xml.encode())))
    spec, parts = parser.get_spec("bench"), parser.get_subprocess_specs("bench")

    def measure() -> float:
        workflow = BpmnWorkflow(spec, parts)
        start = time.process_time()
        workflow.do_engine_steps()
        for name in sent:
            workflow.catch(BpmnEvent(MessageEventDefinition(name), {}))
            workflow.do_engine_steps()
        while not workflow.completed:
            if task := workflow.get_next_task(state=TaskState.READY, manual=True):
                task.run()
            workflow.do_engine_steps()
        return time.process_time() - start

    return measure


def arrivals(names: Iterable[tuple[str, str]]) -> list[Event]:
    """Messages, each with its correlation key."""
    return [MessageArrived(name, key) for name, key in names]


def best(measure: Measure, rounds: int) -> float:
    """The quickest of some rounds: other work on the machine only ever adds."""
    gc.collect()
    return min(measure() for _ in range(rounds))


def ratios(mine: Measure, theirs: Measure, rounds: int) -> tuple[float, list[float]]:
    """How many times as long theirs takes: best beside best, and of each of the alternating rounds.

    A round of theirs takes so long that it is warm for most of it; mine is run ten times to be as warm.
    """
    pairs = [(best(theirs, 1), best(mine, 10)) for _ in range(rounds)]
    times = [their / my for their, my in pairs]
    return min(their for their, _ in pairs) / min(my for _, my in pairs), times
