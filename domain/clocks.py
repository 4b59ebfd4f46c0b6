"""The clocks of a case as a state machine: told journal records, it says which clocks started and stopped.

It reads no clock and no file: rules come with the diagram, limits and calendar with the case. A clock for which the
table sets no limit in such a case never starts. A clock counts from the business time of the record that started it.
Times are the records'; the order of records is theirs too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.business_time import HAPPENED_AT, happened, instant, spoken
from domain.calendar import WorkingCalendar, shanghai_date
from domain.clock import Change, ChangeKind, Clock, ClockSettings, Facts, Moment, Outcome, new_id
from domain.clock_book import ClockBook
from domain.clock_rules import ClockRule, DelayRule, Trigger
from domain.delays import DELAY_TEXT, Delay
from domain.due import Move
from domain.limits import LimitTable
from domain.orders import Cause
from domain.records import Record

_BY_HAND = "userTask"
"""The type of the records of steps that people do."""
_START_EVENT = "startEvent"
"""The type of the record that an application was received; with a business time where it is entered late."""
_STOP, _REOPEN, _RESUME, _START, _DELAY, _EASE = range(6)
_ENDS = {
    Outcome.STOPPED: ChangeKind.STOPPED,
    Outcome.DROPPED: ChangeKind.DROPPED,
    Outcome.PASSED_ON: ChangeKind.PASSED_ON,
}


class Clocks(ClockBook):
    """All clocks of one workflow, as its journal starts and stops them."""

    def __init__(
        self,
        rules: Iterable[ClockRule],
        table: LimitTable,
        calendar: WorkingCalendar,
        facts: Facts,
        settings: ClockSettings | None = None,
        interruptions: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """As a `ClockBook`. `interruptions` are the elements that end all else in the process when they begin, such as
        a withdrawal, each with what lies within it."""
        super().__init__(rules, table, calendar, facts, settings)
        self._interruptions = interruptions or {}
        self._noted: dict[str, dict[str, Moment]] = {}
        self._done: dt.datetime | None = None
        self._triggers: dict[tuple[str, str], list[tuple[int, ClockRule]]] = {}
        self._delays: dict[str, DelayRule] = {}
        for rule in self.rules.values():
            self._index(rule)
        for triggered in self._triggers.values():
            # A milestone that ends with its clock has been reached, not dropped.
            triggered.sort(key=lambda entry: (entry[0], not entry[1].milestone_of))

    def noted(self, rule_id: str) -> tuple[Moment, ...]:
        """When each element that may start the rule's clock last did: both reply and signature, whichever counts."""
        return tuple(self._noted.get(rule_id, {}).values())

    def delay_text(self, element: str, event: str) -> str:
        """The variable that tells more of what holds clocks up from that event of an element on; empty where nothing
        does, or tells."""
        delay = self._delays.get(element)
        return delay.text if delay and delay.begins == event else ""

    def feed(self, record: Record) -> list[Change]:
        """Take a record of the journal, in its order; what it did to the clocks.

        A record that concerns none costs a look-up. Raises `ValueError` for a time without offset.
        """
        by_hand = record.type == _BY_HAND and record.event == "completed"
        received = record.type == _START_EVENT and record.event == "completed" and HAPPENED_AT in record.data
        triggered = self._triggers.get((record.element, record.event), ())
        interrupts = record.event == "activated" and record.element in self._interruptions
        if not (triggered or interrupts or by_hand or received):
            return []
        at, learned = happened(record), instant(record.at)
        if by_hand or received:
            self._done = at
        changes = self._interrupted(self._interruptions[record.element], at) if interrupts else []
        for role, rule in triggered:
            if role == _STOP:
                outcome = Outcome.DROPPED if record.event == "terminated" else Outcome.STOPPED
                changes += self._stop(self._of(rule, record.key), at, outcome)
            elif role == _REOPEN:
                changes += self._reopen(self._of(rule, record.key), at)
            elif role == _RESUME:
                changes += self._resume(rule, at, learned)
            elif role == _DELAY:
                changes += self._delay(rule, record, at)
            elif role == _EASE:
                changes += self._ease(rule, record, at)
            else:
                changes += self._note(rule, record, at, learned)
        return changes

    def too_early(self, element: str, key: str, at: dt.datetime) -> str:
        """Why a step cannot have been completed at `at`, in Chinese; empty where it can.

        It would end a clock that had not begun. Minutes count: a time of day is given without seconds.
        """
        for role, rule in self._triggers.get((element, "completed"), ()):
            clock = self._of(rule, key) if role == _STOP else None
            earliest = clock.earliest if clock and clock.running else None
            if clock and earliest and at < earliest.replace(second=0, microsecond=0):
                since = "的起算时间" if earliest == clock.started else "之前一步的办理时间"
                return f"办理时间{spoken(at)}早于“{rule.name}”{since}{spoken(earliest)}"
        return ""

    def drop_all(self, at: dt.datetime) -> list[Change]:
        """The case is over: whatever still runs is dropped."""
        return [change for clock in self for change in self._stop(clock, at, Outcome.DROPPED)]

    def started_elsewhere(self, clock: Clock, noted: Iterable[Moment] = ()) -> list[Change]:
        """A case clock that began in the calling case, as `clock` there, with all moments that might have started it.

        The same start told twice changes nothing.
        """
        self._noted[clock.rule] = {moment.element: moment for moment in noted}
        began = (self.rules[clock.rule], "", clock.started, clock.learned)
        return self._start(*began, moves=clock.moves, earliest=clock.earliest, delays=clock.delays, used=clock.used)

    def pass_on(self, rule_id: str, at: dt.datetime) -> tuple[Clock | None, list[Change]]:
        """A called case goes on with the rule's clock: it as it ran, None where it did not, and what that changed.

        One that an earlier called case did not bring to its end goes on from its start.
        """
        clock = self.latest(rule_id)
        if clock is None:
            return None, []
        if clock.running:
            return clock, self._stop(clock, at, Outcome.PASSED_ON)
        if not clock.handed_on or clock.outcome is Outcome.STOPPED:
            return None, []
        again_there = self.told_elsewhere(replace(clock, ended=None, outcome=None), at)
        return clock, [replace(change, kind=ChangeKind.PASSED_ON) for change in again_there]

    def take_back(self, rule_id: str, at: dt.datetime) -> list[Change]:
        """The called case that went on with the rule's clock is lost, with all that it had done: it runs here again."""
        clock = self.latest(rule_id)
        if clock is None or not clock.handed_on:
            return []
        self._keep(replace(clock, ended=None, outcome=None, handed_on=False))
        return [self._change(ChangeKind.REOPENED, self._clocks[clock.id], at)]

    def told_elsewhere(self, told: Clock, at: dt.datetime) -> list[Change]:
        """How a clock that was passed on stands in the called case, as this one hears at `at`: `told` is the one that
        goes on there, known by rule and start. It may have ended, been reopened, or been moved.
        """
        clock = self.latest(told.rule)
        if clock is None or not clock.handed_on or clock.started != told.started:
            return []
        before = self.due(clock)
        now = clock.told(told, at)
        self._keep(now)
        changes = []
        if now.moves != clock.moves:
            changes.append(self._moved(now, before, at, now.moves[-1].reason if now.moves else "", by_hand=True))
        if (now.outcome, now.ended) != (clock.outcome, clock.ended):
            ended = now.ended if now.ended and now.outcome is not Outcome.PASSED_ON else None
            kind = _ENDS[now.outcome] if now.outcome and ended else ChangeKind.REOPENED
            changes.append(self._change(kind, now, ended or at))
        return changes

    def dump(self) -> dict[str, Any]:
        """The state as plain JSON; rules, table, calendar, facts and settings are the case's."""
        noted = {rule: [one.to_json() for one in moments.values()] for rule, moments in self._noted.items()}
        return {**super().dump(), "noted": noted, "done": self._done.isoformat() if self._done else ""}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `dump` wrote by the same rules."""
        super().load(state)
        self._noted = {rule: _moments(rows) for rule, rows in state["noted"].items()}
        self._done = instant(state["done"]) if state.get("done") else None

    def _interrupted(self, within: Collection[str], at: dt.datetime) -> list[Change]:
        """What is to be done no more counts no more; only what ends `within` goes on."""
        return [
            change
            for clock in self
            if not any(trigger.element in within for trigger in self.rules[clock.rule].stops)
            for change in self._stop(clock, at, Outcome.DROPPED)
        ]

    def _index(self, rule: ClockRule) -> None:
        stops = list(rule.stops)
        if rule.per_step:
            stops += [Trigger(rule.starts[0].element, "terminated")]
        roles = ((_STOP, stops), (_REOPEN, rule.reopens), (_RESUME, rule.resumes), (_START, rule.starts))
        for role, triggers in roles:
            for trigger in dict.fromkeys(triggers):
                self._triggers.setdefault((trigger.element, trigger.event), []).append((role, rule))
        for delay in rule.delays:
            self._delays.setdefault(delay.element, delay)
            over = delay.until or delay.element
            moments = [(_DELAY, delay.element, delay.begins), (_EASE, over, "completed"), (_EASE, over, "terminated")]
            for role, element, event in moments:
                self._triggers.setdefault((element, event), []).append((role, rule))

    def _of(self, rule: ClockRule, key: str) -> Clock | None:
        return self._clocks.get(f"{rule.id}:{key}") if rule.per_step else self.latest(rule.id)

    def _note(self, rule: ClockRule, record: Record, at: dt.datetime, learned: dt.datetime) -> list[Change]:
        if rule.per_step:
            return self._start(rule, record.key, at, learned)
        self._noted.setdefault(rule.id, {})[record.element] = Moment(record.element, record.name or record.element, at)
        counts = (self.settings.counts or {}).get(rule.id, rule.counts)
        return self._start(rule, "", at, learned) if counts in ("", record.element) else []

    def _start(
        self,
        rule: ClockRule,
        key: str,
        at: dt.datetime,
        learned: dt.datetime,
        *,
        moves: tuple[Move, ...] = (),
        earliest: dt.datetime | None = None,
        delays: tuple[Delay, ...] = (),
        used: int = 0,
    ) -> list[Change]:
        if self.limit_of(rule) is None:
            return []  # nothing is promised in such a case, so nothing counts
        current = self._of(rule, key)
        if current and (rule.per_step or current.started == at or (current.running and not rule.restarts)):
            return []
        changes = self._stop(current, at, Outcome.DROPPED)
        earliest = earliest or (min(at, self._done) if self._done else None)
        clock = Clock(
            new_id(rule, key, current),
            rule.id,
            at,
            learned,
            key,
            moves=moves,
            earliest=earliest,
            delays=delays,
            used=used,
        )
        self._keep(clock)
        self._latest[rule.id] = clock.id
        changes.append(self._change(ChangeKind.STARTED, clock, at))
        for milestone in self.milestones.get(rule.id, ()):
            changes += self._stop(self.latest(milestone.id), at, Outcome.DROPPED)  # one that outlasted the last round
            changes += self._start(milestone, "", at, learned, earliest=earliest)
        return changes

    def _stop(self, clock: Clock | None, at: dt.datetime, outcome: Outcome) -> list[Change]:
        if clock is None or not clock.running:
            return []
        ended = replace(clock, ended=at, outcome=outcome, handed_on=outcome is Outcome.PASSED_ON)
        self._keep(ended)
        changes = [self._change(_ENDS[outcome], ended, at)]
        for milestone in self.milestones.get(clock.rule, ()):
            if not (milestone.outlasts and outcome is Outcome.STOPPED):
                changes += self._stop(self.latest(milestone.id), at, Outcome.DROPPED)
        self._forget()
        return changes

    def _resume(self, rule: ClockRule, at: dt.datetime, learned: dt.datetime) -> list[Change]:
        """Go on, in a round of its own, with what is left of the limit; a due date that was moved was so for its round.

        What came between was for somebody else to do (domain.md §1.2: the customer's design is subtracted).
        """
        last, row = self.latest(rule.id), self.limit_of(rule)
        if last is None or row is None or last.outcome is not Outcome.STOPPED or last.ended is None:
            return []
        used = row.days_between(shanghai_date(last.started), shanghai_date(last.ended), self.calendar)
        return self._start(rule, "", at, learned, used=last.used + used)

    def _reopen(self, clock: Clock | None, at: dt.datetime) -> list[Change]:
        """Go on from the same start; so do milestones that only ended with it."""
        if clock is None or clock.outcome is not Outcome.STOPPED or clock.handed_on:
            return []
        ended = clock.ended
        self._keep(replace(clock, ended=None, outcome=None))
        changes = [self._change(ChangeKind.REOPENED, self._clocks[clock.id], at)]
        for rule in self.milestones.get(clock.rule, ()):
            milestone = self.latest(rule.id)
            if milestone and milestone.outcome is Outcome.DROPPED and milestone.ended == ended:
                self._keep(replace(milestone, ended=None, outcome=None))
                changes.append(self._change(ChangeKind.REOPENED, self._clocks[milestone.id], at))
        return changes

    def _delay(self, rule: ClockRule, record: Record, at: dt.datetime) -> list[Change]:
        """Something holds the running clocks of a rule up, as long as the element instance of the record lasts.

        What lasts until another element has ended takes the place of what did so from the same element before.
        """
        said = next(one for one in rule.delays if one.element == record.element)
        key = f"{said.element}>{said.until}" if said.until else record.key
        delay = Delay(Cause(said.cause), str(record.data.get(DELAY_TEXT) or ""), at, key)
        changes = self._eased(rule, [key], at) if said.until else []
        for clock in self._of_rule(rule):
            if clock.running:
                self._keep(replace(clock, delays=(*clock.delays, delay)))
                told = self._change(ChangeKind.DELAYED, self._clocks[clock.id], at)
                changes.append(replace(told, reason=delay.words))
        return changes

    def _ease(self, rule: ClockRule, record: Record, at: dt.datetime) -> list[Change]:
        """It does not any more, whether the clock still runs or not."""
        lasting = [f"{one.element}>{one.until}" for one in rule.delays if one.until == record.element]
        return self._eased(rule, [record.key, *lasting], at)

    def _eased(self, rule: ClockRule, keys: Sequence[str], at: dt.datetime) -> list[Change]:
        changes = []
        for clock in self._of_rule(rule):
            over = [delay for delay in clock.delays if delay.key in keys and not delay.until]
            if over:
                delays = tuple(replace(one, until=at) if one in over else one for one in clock.delays)
                self._keep(replace(clock, delays=delays))
                told = self._change(ChangeKind.EASED, self._clocks[clock.id], at)
                changes.append(replace(told, reason="；".join(one.words for one in over)))
        return changes

    def _of_rule(self, rule: ClockRule) -> list[Clock]:
        return [clock for clock in self if clock.rule == rule.id and not clock.handed_on]


def _moments(rows: Sequence[Sequence[str]] | Mapping[str, str]) -> dict[str, Moment]:
    """Moments as a dump has them; an earlier one had no names."""
    if isinstance(rows, Mapping):
        rows = [(element, element, at) for element, at in rows.items()]
    return {moment.element: moment for moment in map(Moment.from_json, rows)}
