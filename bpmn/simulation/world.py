"""The world around the instances of a run: it does what they ask, at once or when the script says.

Jobs and user tasks are done at once unless the script says otherwise; timers fire in order, however far apart; called
processes run as instances beside their caller; messages and signals reach whoever waits for them, or start a process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bpmn import commands, events, timing
from bpmn.definition import Definition
from bpmn.graph import Graph
from bpmn.instance import Instance
from bpmn.journal import Record
from bpmn.options import Options
from bpmn.simulation.agenda import Agenda
from bpmn.simulation.beginning import Beginning
from bpmn.simulation.handlers import HANDLERS
from bpmn.simulation.post import Post
from bpmn.simulation.running import Running
from bpmn.simulation.script import Action, Chosen, Script, Sent
from bpmn.starts import Start, Starts, repeated

MAX_STARTS = 1_000
"""How often a start timer that repeats without end begins a process, where the run has no horizon."""


class Simulation:
    """A definition at work in virtual time; `records` are yielded as they happen.

    Time ends `horizon` seconds after `now`, or when nothing is due any more. `pace` is told each instant before it
    comes, and may wait for it.
    """

    def __init__(
        self,
        definition: Definition,
        now: datetime,
        script: Script = Script(),
        options: Options = Options(),
        horizon: float | None = None,
        pace: Callable[[datetime], None] = lambda instant: None,
    ) -> None:
        self.definition = definition
        self.script = script
        self.options = replace(options, reported=frozenset(script.elements))
        self.running: list[Running] = []
        self.agenda = Agenda(now, None if horizon is None else now + timedelta(seconds=horizon), pace)
        self.starts = Starts(definition, options, now)
        self.post = Post(self)
        self.stores: dict[str, Any] = {}
        """What the data stores hold, by name; null where nothing has been put into one."""
        self._used: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._spoke: dict[str, Running] = {}
        self._main = ""
        self._named: dict[str, Mapping[str, Any]] = {}
        self._unstarted: dict[str, None] = {}
        self._met: dict[tuple[str, str], dict[int, list[tuple[Mapping[str, Any] | None, dict[str, Any]]]]] = {}

    # -- the run ---------------------------------------------------------------------------------------------------

    def run(self, process: str, variables: Mapping[str, Any]) -> Iterator[tuple[Running, Record]]:
        """Start `process` and run until nothing is due any more."""
        yield from self.play(Beginning((), (process,), process, True, variables))

    def play(self, begins: Beginning) -> Iterator[tuple[Running, Record]]:
        """Start what a run begins with, and run until nothing is due any more or time ends.

        Raises `ModelRefused` where a start event cannot tell when it is due.
        """
        self._main = begins.main
        self._named = {process: begins.variables_of(process) for process in begins.named}
        for process in begins.first:
            self._begin_with(process, begins.variables_of(process))
            yield from self._until(self.now)
        self._hear_script()
        for process in begins.others:
            self._begin_with(process, begins.variables_of(process))
        yield from self._until(None)

    def _begin_with(self, process: str, variables: Mapping[str, Any]) -> None:
        if self.starts.plain(process):
            self.begin(process, variables=variables)
            return
        if process in self._named:
            self._unstarted[process] = None
        for start, schedule in self.starts.timers(process, variables):
            self._unstarted[process] = None
            endless = schedule.remaining < 0 and self.agenda.horizon is None
            self._await(start, replace(schedule, remaining=MAX_STARTS - 1) if endless else schedule, variables)
        for start in self.starts.fulfilled(process, variables):
            self.trigger(start, variables=variables)

    def _await(self, start: Start, schedule: timing.Schedule, variables: Mapping[str, Any]) -> None:
        """Begin an instance when a start timer is due, and again when it is due again."""

        def fire() -> None:
            if following := repeated(schedule, self.options.zone):
                self._await(start, following, variables)
            self.trigger(start, variables=variables)

        self.agenda.at(schedule.due, fire)

    def _hear_script(self) -> None:
        for sent in self.script.messages:
            self.agenda.at(timing.following(self.now, sent.after, self.options.zone), self._sender(sent, signal=False))
        for sent in self.script.signals:
            self.agenda.at(timing.following(self.now, sent.after, self.options.zone), self._sender(sent, signal=True))
        for chosen in self.script.activations:
            self.agenda.at(timing.following(self.now, chosen.after, self.options.zone), partial(self._choose, chosen))

    def _sender(self, sent: Sent, signal: bool) -> Callable[[], None]:
        if signal:
            return lambda: self.post.broadcast(sent.name, sent.variables, None)
        return lambda: self.post.send(sent.name, sent.correlation_key, sent.variables)

    def _choose(self, chosen: Chosen) -> None:
        """People have elements begin in every ad-hoc sub-process of that id that is open; where none is, that is a line
        in the journal."""
        hosts = [
            (running, key)
            for running in self.running
            for key, one in running.instance.instances.items()
            if one.element == chosen.ad_hoc and running.instance.activatable(key)
        ]
        for running, key in hosts:
            self.tell(running, events.ActivateAdHoc(key, tuple(chosen.elements), chosen.variables))
        if not hosts and self.main:
            reason = f"no ad-hoc sub-process {chosen.ad_hoc} is open"
            self.note(self.main, "discarded", {"elements": chosen.elements, "reason": reason})

    def _until(self, instant: datetime | None) -> Iterator[tuple[Running, Record]]:
        yield from self._drain()
        while self.agenda.step(instant):
            yield from self._drain()

    def _drain(self) -> Iterator[tuple[Running, Record]]:
        spoke, self._spoke = self._spoke, {}
        for running in spoke.values():
            for record in running.instance.drain_journal():
                if record.event == "completed":
                    self.post.completed(running, record)
                yield running, record

    # -- what has come of it ---------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The instant that the run has come to."""
        return self.agenda.now

    @property
    def roots(self) -> list[Running]:
        """The instances that nobody called, in the order in which they began."""
        return [running for running in self.running if running.caller is None]

    @property
    def main(self) -> Running | None:
        """The instance whose result is that of the run: of the main process, else the first; None if none began."""
        return next((one for one in self.roots if one.process == self._main), next(iter(self.roots), None))

    @property
    def variables(self) -> dict[str, Any]:
        """Of the main instance: those it ended with, or has now."""
        return self.main.variables if self.main else {}

    @property
    def outcome(self) -> str:
        """Of the whole: `incident` where anything cannot go on, failed where something ended so, `waiting` where
        anything waits, be it a process that somebody chose, or one for its first timer; else as the main instance."""
        if any(running.outcome == "incident" for running in self.running):
            return "incident"
        if any(running.outcome == "failed" for running in self.roots):
            return "failed"
        waiting = self._unstarted or any(running.outcome == "waiting" for running in self.running)
        return "waiting" if waiting or self.main is None else self.main.outcome

    # -- instances -------------------------------------------------------------------------------------------------

    def graph(self, process: str) -> Graph:
        """The runnable form of a process."""
        return self.definition.graph(process, self.options.functions)

    def begin(
        self,
        process: str,
        start_event: str = "",
        variables: Mapping[str, Any] | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> Running:
        """Start an instance that nobody calls; `payload` is what the message or signal that starts it brings.

        The instance has it from the first on, if the start event does not say by mappings what is to become of it.
        """
        self._unstarted.pop(process, None)
        number = self._names[process] = self._names.get(process, 0) + 1
        name = process if number == 1 else f"{process}#{number}"
        given = dict(self._named.get(process, {}) if variables is None else variables)
        if payload and not self.graph(process).nodes[start_event].outputs:
            given.update(payload)
        running = Running(name, process, Instance(self.definition, process, given, self.options))
        self.running.append(running)
        self._do(running, running.instance.start(self.now, start_event, payload))
        return running

    def trigger(
        self, start: Start, variables: Mapping[str, Any] | None = None, payload: Mapping[str, Any] | None = None
    ) -> Running | None:
        """What a start event waits for has come: it begins an instance, unless others of its definitions are still to
        come. Each of those that have come is used up by one instance."""
        if not start.parts:
            return self.begin(start.process, start.element, variables, payload)
        met = self._met.setdefault((start.process, start.element), {})
        met.setdefault(start.part, []).append((variables, dict(payload or {})))
        if len(met) < start.parts:
            return None
        came = [met[part].pop(0) for part in sorted(met)]
        self._met[start.process, start.element] = {part: left for part, left in met.items() if left}
        begun_with = {name: value for given, _ in came for name, value in (given or {}).items()}
        brought = {name: value for _, given in came for name, value in given.items()}
        return self.begin(start.process, start.element, begun_with or None, brought)

    def call(self, caller: Running, command: commands.StartCall) -> None:
        """Start an instance that another calls, beside it and after what is due already."""
        options = replace(
            self.options,
            called=True,
            caught_errors=command.caught_errors,
            interrupting_escalations=command.interrupting_escalations,
        )
        name = f"{caller.name}/{command.process}-{command.key}"
        instance = Instance(self.definition, command.process, command.variables, options)
        child = Running(name, command.process, instance, caller, command.key, depth=caller.depth + 1)
        self.running.append(child)
        caller.calls[command.key] = child
        self.agenda.soon(lambda: self._do(child, instance.start(self.now)))

    def next_action(self, element: str) -> Action:
        """What the script does with the next activation of an element; after its last action, to complete it."""
        number = self._used.get(element, 0)
        self._used[element] = number + 1
        actions = self.script.elements.get(element, [])
        return actions[number] if number < len(actions) else Action()

    def tell(self, running: Running, event: events.Event) -> None:
        """Something happens to an instance."""
        self._do(running, running.instance.handle(event, self.now))

    def note(self, running: Running, event: str, data: dict[str, Any]) -> None:
        """A line about an instance as a whole in its journal."""
        running.instance.note(event, self.now, data=data)
        self._spoke[running.name] = running

    def _do(self, running: Running, todo: list[commands.Command]) -> None:
        self._spoke[running.name] = running
        for command in todo:
            handler = HANDLERS.get(type(command))
            if handler:
                handler(self, running, command)
