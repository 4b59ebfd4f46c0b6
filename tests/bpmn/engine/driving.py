"""Drives one instance in a test, and beside it two shadows that must never differ from it.

One shadow is dumped to JSON text with sorted keys (as Temporal's converter writes it) and loaded again before every
event, the other runs in slices of a single step and makes that trip before every slice. So each test of the element
suite also shows that slices and round trips at any point change nothing.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bpmn import Definition, Instance, Options, commands, events
from bpmn.journal import Record
from bpmn.options import SHANGHAI
from tests.bpmn.building import Shape, build
from tests.bpmn.engine import invariants

START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
driven: list[Drive] = []
"""Every drive of the running test; the fixture of this folder checks them when the test has ended."""


class Drive:
    """One started instance, at `START`."""

    def __init__(
        self,
        model: Shape | Definition,
        variables: dict[str, Any] | None = None,
        process: str = "",
        start_event: str = "",
        **options: Any,
    ) -> None:
        self.definition = model if isinstance(model, Definition) else build(model)
        self.options = Options(**options)
        self.now = START
        self.records: list[Record] = []
        self.told: list[events.Event] = []
        self.ledger = invariants.Ledger()
        self._process, self._variables = process, variables or {}
        self.instance = self._new(self.options)
        self._sliced = self._new(replace(self.options, slice_steps=1))
        self._reloaded = self._new(self.options)
        self.last: list[commands.Command] = []
        driven.append(self)
        self._do(lambda instance: instance.start(self.now, start_event))

    def _new(self, options: Options) -> Instance:
        return Instance(self.definition, self._process, json.loads(json.dumps(self._variables)), options)

    def _do(self, act: Callable[[Instance], list[commands.Command]]) -> list[commands.Command]:
        self.last = act(self.instance)
        records = self.instance.drain_journal()
        self.records += records
        self.ledger.follow(self.last)
        assert self._in_slices(act) == (self.last, records), "slices change something"
        assert (act(self._reloaded), self._reloaded.drain_journal()) == (self.last, records), "a round trip does"
        self._reloaded = reloaded(self._reloaded, self.definition, self.options)
        return self.last

    def _in_slices(self, act: Callable[[Instance], list[commands.Command]]) -> tuple[list[Any], list[Record]]:
        """What the sliced shadow asks and journals, loaded anew before each slice."""
        asked = act(self._sliced)
        records = self._sliced.drain_journal()
        while self._sliced.pending:
            self._sliced = reloaded(self._sliced, self.definition, replace(self.options, slice_steps=1))
            asked += self._sliced.proceed(self.now)
            records += self._sliced.drain_journal()
        return asked, records

    # -- what happens ----------------------------------------------------------------------------------------------

    def become(self, change: Callable[[Instance], tuple[Instance, Sequence[commands.Command]]]) -> list[Any]:
        """The instance, and each shadow, is changed as a whole; a task that is offered anew stays the same task."""
        self.instance, asked = change(self.instance)
        self.definition, self.last = self.instance.definition, list(asked)
        records = self.instance.drain_journal()
        self.records += records
        for command in self.asked(commands.OpenUserTask):
            self.ledger.open.pop(("task", command.key), None)
        self.ledger.follow(self.last)

        def changed(sliced: Instance) -> list[commands.Command]:
            self._sliced, first = change(sliced)
            return list(first)

        found = self._in_slices(changed)
        assert found == (self.last, records), "slices change something"
        self._reloaded, again = change(self._reloaded)
        assert (list(again), self._reloaded.drain_journal()) == (self.last, records), "a round trip does"
        self._reloaded = reloaded(self._reloaded, self.definition, self.options)
        return self.last

    def tell(self, event: events.Event) -> list[commands.Command]:
        """Any event."""
        self.told.append(event)
        self.ledger.hear(event)
        return self._do(lambda instance: instance.handle(event, self.now))

    def complete(self, element: str, **variables: Any) -> list[commands.Command]:
        """Complete the user task or job of an element that has been open longest."""
        key = self.key(element)
        if ("task", key) in self.ledger.open:
            return self.tell(events.TaskCompleted(key, variables, "李明"))
        return self.tell(events.JobCompleted(key, variables))

    def fail(self, element: str, message: str = "no") -> list[commands.Command]:
        """The job of an element fails for good."""
        return self.tell(events.JobFailed(self.key(element), message))

    def error(self, element: str, code: str, **variables: Any) -> list[commands.Command]:
        """The job of an element ends with a BPMN error."""
        return self.tell(events.JobThrewError(self.key(element), code, "", variables))

    def message(self, name: str, key: str = "k", ttl: float = 0.0, **variables: Any) -> list[commands.Command]:
        """A message arrives."""
        return self.tell(events.MessageArrived(name, key, variables, time_to_live=ttl))

    def signal(self, name: str, **variables: Any) -> list[commands.Command]:
        """A signal arrives."""
        return self.tell(events.SignalArrived(name, variables))

    def retry(self, element: str, **variables: Any) -> list[commands.Command]:
        """The incident of an element is resolved."""
        return self.tell(events.RetryIncident(self._stopped(element), variables))

    def skip(self, element: str, **outputs: Any) -> list[commands.Command]:
        """The incident of an element is skipped."""
        return self.tell(events.SkipIncident(self._stopped(element), outputs))

    def _stopped(self, element: str) -> int:
        return next(k for k in self.instance.incidents if self.instance.instances[k].element == element)

    def cancel(self) -> list[commands.Command]:
        """The whole instance is cancelled."""
        return self.tell(events.Cancelled("test"))

    def wait(self, **duration: float) -> None:
        """Let time pass, as `timedelta` takes it; timers fire when they are due."""
        until = self.now + timedelta(**duration)
        while True:
            due = [(c.due, k) for (_, k), c in self.ledger.open.items() if isinstance(c, commands.SetTimer)]
            heapq.heapify(due)
            if not due or due[0][0] > until:
                break
            self.now = max(self.now, due[0][0])
            self.tell(events.TimerFired(due[0][1]))
        self.now = until

    # -- what is so ------------------------------------------------------------------------------------------------

    def key(self, element: str) -> int:
        """The key of the work (task, job, call, data store) of an element that has been open longest."""
        keys = [k for (_, k), c in self.ledger.open.items() if isinstance(c, _WORK) and c.element == element]
        assert keys, f"{element} has no open work; open is {self.open}"
        return min(keys)

    @property
    def open(self) -> list[str]:
        """The elements whose tasks, jobs, calls and accesses to data stores are open, in the order of their keys."""
        return [c.element for _, c in sorted((k, c) for (_, k), c in self.work.items())]

    @property
    def work(self) -> dict[tuple[str, int], Any]:
        """The open tasks, jobs, calls, publications and accesses to data stores."""
        return {entry: c for entry, c in self.ledger.open.items() if isinstance(c, _WORK)}

    @property
    def waiting(self) -> list[str]:
        """The elements whose timers and subscriptions are open."""
        return [wait.element for wait in self.instance.waits]

    @property
    def outcome(self) -> str:
        """Of the instance; empty while it runs."""
        return self.instance.outcome

    @property
    def variables(self) -> dict[str, Any]:
        """At the top: those it ended with, or has now."""
        return self.ledger.finished[-1].variables if self.ledger.finished else self.instance.variables()

    @property
    def incidents(self) -> list[tuple[str, str]]:
        """Element and kind of each open incident."""
        found = self.instance.incidents.items()
        return [(self.instance.instances[key].element, kind) for key, (kind, _) in found]

    @property
    def problem(self) -> str:
        """The message of the only incident."""
        (incident,) = self.instance.incidents.values()
        return incident[1]

    def path(self, event: str = "completed", kind: str = "") -> list[str]:
        """The elements of the journal's lines with that event, in order."""
        return [r.element for r in self.records if r.event == event and kind in ("", r.type)]

    def data(self, event: str) -> list[dict[str, Any]]:
        """What the journal's lines with that event hold."""
        return [r.data for r in self.records if r.event == event]

    def asked(self, kind: type[Any]) -> list[Any]:
        """The commands of one kind that the last event led to."""
        return [command for command in self.last if isinstance(command, kind)]

    def check(self) -> None:
        """Raises `AssertionError` where the run breaks an invariant."""
        invariants.check(self.instance, self.ledger, self.records)


_STORES = (commands.ReadStore, commands.WriteStore)
_WORK = (commands.RunJob, commands.PublishMessage, commands.OpenUserTask, commands.StartCall, *_STORES)


def reloaded(instance: Instance, definition: Definition, options: Options) -> Instance:
    """The instance after a trip through JSON text with sorted keys."""
    text = json.dumps(instance.dump(), sort_keys=True)
    return Instance.load(definition, json.loads(text), options)
