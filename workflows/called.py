"""The clocks of the called cases that are open, as they have reported them: shown and reported on, watched there.

Each is kept as a watch of the called process with what its case reported, so that dates and words are made here, by the
table and the calendar that both carry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bpmn import Definition
from domain.calendar import WorkingCalendar
from domain.clock import Clock, Outcome
from domain.start import CalledClocks, CaseStart
from workflows.watch import Watch, watch_of


class Called:
    """What the called cases of one case have running, by the key of the call."""

    def __init__(
        self,
        start: CaseStart,
        definition: Definition,
        calendar: WorkingCalendar,
        reported: Mapping[str, Sequence[CalledClocks]],
    ) -> None:
        self._start = start
        self._definition = definition
        self._calendar = calendar
        self.reported: dict[str, list[CalledClocks]] = {}
        self._watches: dict[str, list[tuple[str, Watch]]] = {}
        for key, cases in reported.items():
            with suppress(ValueError):  # this case may know another version of the called process by now
                self.take(key, cases)

    def take(self, key: str, cases: Sequence[CalledClocks]) -> None:
        """Keep what the called case of that call reports. Raises `ValueError` for what no case of ours has sent."""
        try:
            watches = [(one.workflow_id, self._watch(one)) for one in cases]
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no clocks of a called case: {error}") from error
        self.forget(key)
        if cases:
            self.reported[key], self._watches[key] = list(cases), watches

    def forget(self, key: str) -> None:
        """The called case is not waited for any more."""
        self.reported.pop(key, None)
        self._watches.pop(key, None)

    def use(self, calendar: WorkingCalendar) -> None:
        """Count by another calendar from now on."""
        self._calendar = calendar
        for key, cases in list(self.reported.items()):
            self.take(key, cases)

    def of(self, key: str) -> list[tuple[str, Watch]]:
        """What was called by that call: workflow ids, and watches as reported."""
        return list(self._watches.get(key, ()))

    def __iter__(self) -> Iterator[tuple[str, Watch]]:
        """Each called case that has clocks: its workflow id, and its watch as reported."""
        for watches in self._watches.values():
            yield from watches

    def for_caller(self) -> list[CalledClocks]:
        """All of it, as it goes on upwards."""
        return [one for cases in self.reported.values() for one in cases]

    def goes_on_with(self, clock: Clock) -> str:
        """The called case in which a clock runs that was passed on; empty where none has said so."""
        if clock.outcome is not Outcome.PASSED_ON:
            return ""
        for workflow_id, watch in self:
            if any(one.running and (one.rule, one.started) == (clock.rule, clock.started) for one in watch.clocks):
                return workflow_id
        return ""

    def _watch(self, one: CalledClocks) -> Watch:
        if one.process not in self._definition.processes:
            raise ValueError(f"{one.process} is no process of this case")
        process = self._definition.processes[one.process]
        watch = watch_of(process, self._start, self._calendar)
        if watch is None:
            raise ValueError(f"{one.process} has no clocks")
        watch.load(one.watch)
        for clock in watch.clocks:
            watch.clocks.rule_of(clock)
        return watch


def dropped(called: Iterable[tuple[str, Watch]], now: datetime) -> Iterator[Clock]:
    """The running clocks of called cases as they end with a call that is taken back."""
    for _, watch in called:
        for clock in watch.clocks:
            if clock.running:
                yield replace(clock, ended=now, outcome=Outcome.DROPPED)
