"""Runs instances in virtual time: a world of one's own around the engine, for trying a diagram out.

Jobs and user tasks are done at once unless the script says otherwise; timers fire in order, however far apart; called
processes run as instances beside their caller; messages and signals reach whoever waits for them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bpmn import commands, events, timing
from bpmn.definition import Definition
from bpmn.instance import Instance
from bpmn.journal import Record
from bpmn.options import Options
from bpmn.variables import assign

MAX_EVENTS = 1_000_000
"""A diagram that repeats for ever in virtual time ends here."""


@dataclass(frozen=True)
class Action:
    """What the script does with one activation of an element: complete, error, fail or wait.

    The jobs of an element's listeners are apart: `element:start`, `element:end`, `element:completing` and so on; a
    task listener may also deny.
    """

    do: str = "complete"
    variables: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    after: str = ""


@dataclass(frozen=True)
class Sent:
    """A message or signal from outside, `after` an ISO 8601 duration from the start."""

    name: str
    correlation_key: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    after: str = "PT0S"


@dataclass(frozen=True)
class Script:
    """What the people and systems around do. An element's actions are used in turn; after the last, the default."""

    elements: Mapping[str, list[Action]] = field(default_factory=dict)
    messages: list[Sent] = field(default_factory=list)
    signals: list[Sent] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Script:
        """`{"elements": {id: [{"do", "variables", "code", "message", "after"}]}, "messages": [...], "signals": [...]}`.

        Raises `ValueError` where the form is another.
        """
        try:
            elements = {name: [Action(**action) for action in actions] for name, actions in data["elements"].items()}
            messages = [_sent(one) for one in data.get("messages", [])]
            signals = [_sent(one) for one in data.get("signals", [])]
            actions = [action for some in elements.values() for action in some]
            everything: list[Action | Sent] = [*actions, *messages, *signals]
            for one in everything:
                _check(one)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"the script has another form than expected ({error})") from None
        return cls(elements, messages, signals)


def _sent(data: Mapping[str, Any]) -> Sent:
    key = str(data.get("correlationKey", ""))
    return Sent(data["name"], key, data.get("variables", {}), data.get("after", "PT0S"))


def _check(one: Action | Sent) -> None:
    if isinstance(one, Action) and one.do not in ("complete", "error", "fail", "deny", "wait"):
        raise ValueError(f"the script knows complete, error, fail, deny and wait, not {one.do}")
    if one.after and not timing.is_duration(one.after):
        raise ValueError(f"the script has after {one.after}, which is no duration such as P1DT2H")
    if not isinstance(one.variables, dict):
        raise ValueError(f"the script has variables {one.variables}, which are no JSON object")


@dataclass
class Running:
    """One instance of the simulation and who called it."""

    name: str
    instance: Instance
    caller: Running | None = None
    call_key: int = 0
    calls: dict[int, Running] = field(default_factory=dict)
    timers: dict[int, None] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)


class Simulation:
    """A definition at work in virtual time; `records` are yielded as they happen."""

    def __init__(self, definition: Definition, now: datetime, script: Script = Script(), options: Options = Options()):
        self.definition = definition
        self.now = now
        self.script = script
        self.options = options
        self.running: list[Running] = []
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._counter = 0
        self._used: dict[str, int] = {}
        self.stores: dict[str, Any] = {}
        """What the data stores hold, by name; null where nothing has been put into one."""
        self.variables: dict[str, Any] = {}
        """Of the main instance: those it ended with, or has now."""

    def run(self, process: str, variables: Mapping[str, Any]) -> Iterator[tuple[Running, Record]]:
        """Start `process` and run until nothing is due any more."""
        main = self._add(process, variables, None, 0, self.options)
        for sent in self.script.messages:
            self._at(timing.following(self.now, sent.after, self.options.zone), self._sender(sent, signal=False))
        for sent in self.script.signals:
            self._at(timing.following(self.now, sent.after, self.options.zone), self._sender(sent, signal=True))
        self._do(main, main.instance.start(self.now))
        yield from self._drain()
        for _ in range(MAX_EVENTS):
            if not self._due:
                self.variables = self.variables or main.instance.variables()
                return
            due, _, happen = heapq.heappop(self._due)
            self.now = max(self.now, due)
            happen()
            yield from self._drain()

    def _drain(self) -> Iterator[tuple[Running, Record]]:
        for running in self.running:
            for record in running.instance.drain_journal():
                yield running, record

    def _add(
        self, process: str, variables: Mapping[str, Any], caller: Running | None, key: int, options: Options
    ) -> Running:
        name = f"{caller.name}/{process}-{key}" if caller else process
        running = Running(name, Instance(self.definition, process, variables, options), caller, key)
        self.running.append(running)
        return running

    def _at(self, instant: datetime, happen: Callable[[], None]) -> None:
        self._counter += 1
        heapq.heappush(self._due, (instant, self._counter, happen))

    def _tell(self, running: Running, event: events.Event) -> None:
        self._do(running, running.instance.handle(event, self.now))

    def _sender(self, sent: Sent, signal: bool) -> Callable[[], None]:
        if signal:
            return lambda: self._broadcast(sent.name, sent.variables, None)
        return lambda: self._send(sent.name, sent.correlation_key, sent.variables)

    def _send(self, name: str, correlation_key: str, variables: dict[str, Any]) -> None:
        """A message goes to the first instance that waits for it; else the first keeps it for a day."""
        receiver = next((r for r in self.running if r.instance.waits_for(name, correlation_key)), self.running[0])
        event = events.MessageArrived(name, correlation_key, variables, time_to_live=86_400)
        self._tell(receiver, event)

    def _broadcast(self, name: str, variables: dict[str, Any], source: Running | None) -> None:
        for running in list(self.running):
            if running is not source and running.instance.active:
                self._tell(running, events.SignalArrived(name, variables))

    # -- commands --------------------------------------------------------------------------------------------------

    def _do(self, running: Running, todo: list[commands.Command]) -> None:
        for command in todo:
            handler = _HANDLERS.get(type(command))
            if handler:
                handler(self, running, command)

    def _act(self, running: Running, command: commands.RunJob | commands.OpenUserTask) -> None:
        listens = command.listens if isinstance(command, commands.RunJob) else ""
        name = f"{command.element}:{listens}" if listens else command.element
        number = self._used.get(name, 0)
        self._used[name] = number + 1
        actions = self.script.elements.get(name, [])
        action = actions[number] if number < len(actions) else Action()
        if action.do == "wait":
            return
        answer: events.Event = events.JobCompleted(command.key, action.variables)
        if action.do == "error":
            answer = events.JobThrewError(command.key, action.code, action.message, action.variables)
        elif action.do == "fail":
            answer = events.JobFailed(command.key, action.message)
        elif action.do == "deny":
            answer = events.JobDenied(command.key, action.message)
        elif isinstance(command, commands.OpenUserTask):
            answer = events.TaskCompleted(command.key, action.variables)
        due = timing.following(self.now, action.after or "PT0S", self.options.zone)
        self._at(due, lambda: self._tell(running, answer))

    def _set_timer(self, running: Running, command: commands.SetTimer) -> None:
        running.timers[command.key] = None

        def fire() -> None:
            if command.key in running.timers:
                self._tell(running, events.TimerFired(command.key))

        self._at(command.due, fire)

    def _cancel_timer(self, running: Running, command: commands.CancelTimer) -> None:
        running.timers.pop(command.key, None)

    def _publish(self, running: Running, command: commands.PublishMessage) -> None:
        self._at(self.now, lambda: self._send(command.message, command.correlation_key, command.variables))
        self._at(self.now, lambda: self._tell(running, events.JobCompleted(command.key)))

    def _read_store(self, running: Running, command: commands.ReadStore) -> None:
        read = events.StoreRead(command.key, self.stores.get(command.store))
        self._at(self.now, lambda: self._tell(running, read))

    def _write_store(self, running: Running, command: commands.WriteStore) -> None:
        assign(self.stores, (command.store, *command.path), command.value)
        self._at(self.now, lambda: self._tell(running, events.StoreWritten(command.key)))

    def _signal(self, running: Running, command: commands.BroadcastSignal) -> None:
        self._at(self.now, lambda: self._broadcast(command.signal, command.variables, running))

    def _call(self, running: Running, command: commands.StartCall) -> None:
        if self.definition.process(command.process, command.version_tag) is None:
            which = f" with the version tag {command.version_tag}" if command.version_tag else ""
            lost = events.CallLost(command.key, f"process {command.process}{which} is not there")
            self._at(self.now, lambda: self._tell(running, lost))
            return
        options = _called_options(self.options, command)
        child = self._add(command.process, command.variables, running, command.key, options)
        running.calls[command.key] = child
        self._at(self.now, lambda: self._do(child, child.instance.start(self.now)))

    def _cancel_call(self, running: Running, command: commands.CancelCall) -> None:
        child = running.calls[command.key]
        name = command.message
        key = next((w.correlation_key for w in child.instance.waits if w.name == name and w.kind == "message"), None)
        event: events.Event = events.Cancelled("the call activity ended")
        if name and key is not None:
            event = events.MessageArrived(name, key)
        self._at(self.now, lambda: self._tell(child, event))

    def _escalate(self, running: Running, command: commands.RaiseEscalation) -> None:
        if caller := running.caller:
            if command.waits:
                running.asked.append(command.key)
            event = events.CallEscalated(running.call_key, command.code, command.variables, command.waits)
            self._at(self.now, lambda: self._tell(caller, event))

    def _answer_call(self, running: Running, command: commands.AnswerCall) -> None:
        child = running.calls[command.key]
        answer = events.EscalationAnswered(child.asked.pop(0))
        self._at(self.now, lambda: self._tell(child, answer))

    def _finished(self, running: Running, command: commands.Finished) -> None:
        caller = running.caller
        if caller is None:
            self.variables = command.variables
            return
        event: events.Event = events.CallCompleted(running.call_key, command.variables)
        if command.outcome == "failed":
            event = events.CallThrewError(running.call_key, command.code, command.message, command.variables)
        elif command.outcome == "terminated":
            event = events.CallLost(running.call_key, "the called process was cancelled")
        self._at(self.now, lambda: self._tell(caller, event))


def _called_options(options: Options, command: commands.StartCall) -> Options:
    return replace(
        options,
        called=True,
        caught_errors=command.caught_errors,
        interrupting_escalations=command.interrupting_escalations,
    )


_HANDLERS: dict[type[Any], Callable[[Simulation, Running, Any], None]] = {
    commands.RunJob: Simulation._act,
    commands.OpenUserTask: Simulation._act,
    commands.SetTimer: Simulation._set_timer,
    commands.CancelTimer: Simulation._cancel_timer,
    commands.PublishMessage: Simulation._publish,
    commands.ReadStore: Simulation._read_store,
    commands.WriteStore: Simulation._write_store,
    commands.BroadcastSignal: Simulation._signal,
    commands.StartCall: Simulation._call,
    commands.CancelCall: Simulation._cancel_call,
    commands.RaiseEscalation: Simulation._escalate,
    commands.AnswerCall: Simulation._answer_call,
    commands.Finished: Simulation._finished,
}
