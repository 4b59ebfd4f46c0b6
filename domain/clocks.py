"""The clocks of a case as a state machine: told journal records, it says which clocks started, stopped or moved.

It reads no clock and no file: rules come with the diagram, limits and calendar with the case. A clock counts from the
business time of the record that started it, and its due date follows from the table at any moment anew, so a new
calendar moves what is running. Times are the records'; the order of records is theirs too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.business_time import close_of_business, happened, instant, spoken
from domain.calendar import WorkingCalendar, shanghai_date
from domain.clock import Change, ChangeKind, Clock, ClockSettings, Facts, Moment, Outcome, new_id
from domain.clock_rules import ClockRule, Milestone, Trigger
from domain.due import Due, Move, MoveRefused
from domain.limits import Limit, LimitTable
from domain.records import Record

__all__ = [
    "Change",
    "ChangeKind",
    "Clock",
    "ClockRule",
    "ClockSettings",
    "Clocks",
    "Due",
    "Facts",
    "Milestone",
    "MoveRefused",
    "Outcome",
    "Trigger",
]

_BY_HAND = "userTask"
"""The type of the records of steps that people do."""
_STOP, _REOPEN, _START = range(3)
_ENDS = {
    Outcome.STOPPED: ChangeKind.STOPPED,
    Outcome.DROPPED: ChangeKind.DROPPED,
    Outcome.PASSED_ON: ChangeKind.PASSED_ON,
}


class Clocks:
    """All clocks of one workflow."""

    def __init__(
        self,
        rules: Iterable[ClockRule],
        table: LimitTable,
        calendar: WorkingCalendar,
        facts: Facts,
        settings: ClockSettings | None = None,
        interruptions: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """`rules` must be free of faults (`rule_faults`); `ValueError` for facts or settings that cannot be read.

        `interruptions` are the elements that end all else in the process when they begin, such as a withdrawal, each
        with what lies within it.
        """
        self.calendar = calendar
        self.table = table
        self.settings = settings or ClockSettings()
        self.close = close_of_business(self.settings.close)
        self.rules = {one.id: one for rule in rules for one in rule.expanded()}
        self._facts = facts
        self._accepted_on = dt.date.fromisoformat(facts.accepted_on)
        self._interruptions = interruptions or {}
        self._clocks: dict[str, Clock] = {}
        self._latest: dict[str, str] = {}
        self._noted: dict[str, dict[str, Moment]] = {}
        self._done: dt.datetime | None = None
        self._dues: dict[str, Due | None] = {}
        self._triggers: dict[tuple[str, str], list[tuple[int, ClockRule]]] = {}
        self._milestones: dict[str, list[ClockRule]] = {}
        for rule in self.rules.values():
            self._index(rule)
        for triggered in self._triggers.values():
            # A milestone that ends with its clock has been reached, not dropped.
            triggered.sort(key=lambda entry: (entry[0], not entry[1].milestone_of))

    def __iter__(self) -> Iterator[Clock]:
        """The clocks in the order of their start."""
        return iter(tuple(self._clocks.values()))

    def __contains__(self, clock_id: str) -> bool:
        return clock_id in self._clocks

    def __getitem__(self, clock_id: str) -> Clock:
        return self._clocks[clock_id]

    def get(self, clock_id: str) -> Clock | None:
        return self._clocks.get(clock_id)

    @property
    def facts(self) -> Facts:
        return self._facts

    def latest(self, rule_id: str) -> Clock | None:
        """The newest clock of a rule; None where it never started."""
        return self._clocks.get(self._latest.get(rule_id, ""))

    def noted(self, rule_id: str) -> tuple[Moment, ...]:
        """When each element that may start the rule's clock last did: both reply and signature, whichever counts."""
        return tuple(self._noted.get(rule_id, {}).values())

    def rule_of(self, clock: Clock) -> ClockRule:
        return self.rules[clock.rule]

    def due(self, clock: Clock) -> Due | None:
        """When the clock is due; None where the table sets no limit for such a case."""
        if clock.id not in self._dues:
            self._dues[clock.id] = self._due(clock)
        return self._dues[clock.id]

    def feed(self, record: Record) -> list[Change]:
        """Take a record of the journal, in its order; what it did to the clocks.

        A record that concerns none costs a look-up. Raises `ValueError` for a time without offset.
        """
        by_hand = record.type == _BY_HAND and record.event == "completed"
        triggered = self._triggers.get((record.element, record.event), ())
        interrupts = record.event == "activated" and record.element in self._interruptions
        if not (triggered or interrupts or by_hand):
            return []
        at, learned = happened(record), instant(record.at)
        if by_hand:
            self._done = at
        changes = self._interrupted(self._interruptions[record.element], at) if interrupts else []
        for role, rule in triggered:
            if role == _STOP:
                outcome = Outcome.DROPPED if record.event == "terminated" else Outcome.STOPPED
                changes += self._stop(self._of(rule, record.key), at, outcome)
            elif role == _REOPEN:
                changes += self._reopen(self._of(rule, record.key), at)
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

    def started_elsewhere(self, clock: Clock, noted: Iterable[Moment] = ()) -> list[Change]:
        """A case clock that began in the calling case, as `clock` there, with all moments that might have started it.

        The same start told twice changes nothing.
        """
        self._noted[clock.rule] = {moment.element: moment for moment in noted}
        rule, moves, earliest = self.rules[clock.rule], clock.moves, clock.earliest
        return self._start(rule, "", clock.started, clock.learned, moves=moves, earliest=earliest)

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

    def _interrupted(self, within: Collection[str], at: dt.datetime) -> list[Change]:
        """What is to be done no more counts no more; only what ends `within` goes on."""
        return [
            change
            for clock in self
            if not any(trigger.element in within for trigger in self.rules[clock.rule].stops)
            for change in self._stop(clock, at, Outcome.DROPPED)
        ]

    def drop_all(self, at: dt.datetime) -> list[Change]:
        """The case is over: whatever still runs is dropped."""
        return [change for clock in self for change in self._stop(clock, at, Outcome.DROPPED)]

    def move(self, clock_id: str, due: dt.datetime, by: str, reason: str, at: dt.datetime) -> list[Change]:
        """Move a running clock's due instant, whoever may. Raises as `movable` does.

        Its own change comes first, then those of milestones that are counted back from it.
        """
        clock, before = self.movable(clock_id, due, reason)
        others = {other: due for other, due in self._running_dues().items() if other != clock_id}
        moved = instant(due.isoformat())
        self._keep(replace(clock, moves=(*clock.moves, Move(moved, by, reason.strip(), at))))
        own = self._moved(self._clocks[clock_id], before, at, reason.strip(), by_hand=True)
        return [own, *self._recounted(others, at, reason.strip())]

    def movable(self, clock_id: str, due: dt.datetime, reason: str) -> tuple[Clock, Due]:
        """A running clock that may be moved so, and its due date as it stands.

        Raises `MoveRefused` without a reason, for a clock that does not run or has no limit, and for a due instant
        before its start.
        """
        clock = self._clocks.get(clock_id)
        before = self.due(clock) if clock and clock.running else None
        if clock is None or before is None:
            raise MoveRefused(f"没有正在计时的期限“{clock_id}”，不能调整")
        if not reason.strip():
            raise MoveRefused("调整期限须写明理由")
        if due <= clock.started:
            raise MoveRefused(f"新的期限{spoken(due)}不晚于起算时间{spoken(clock.started)}")
        return clock, before

    def check_lawful(self, clock_id: str, due: dt.datetime) -> None:
        """Whether the law lets a clock run until `due`; `MoveRefused` names the bound where it does not."""
        before = self.due(self._clocks[clock_id])
        bound = before.lawful(self.calendar) if before else None
        if before and bound and due > bound:
            raise MoveRefused(f"新的期限{spoken(due)}超出{before.limit.lawful_words()}，最迟为{spoken(bound)}")

    def with_calendar(self, calendar: WorkingCalendar, at: dt.datetime) -> list[Change]:
        """Count by another calendar from now on; which running clocks that moved, and which it made certain."""
        before = self._running_dues()
        self.calendar = calendar
        return self._recounted(before, at, "放假安排更新")

    def dump(self) -> dict[str, Any]:
        """The state as plain JSON; rules, table, calendar, facts and settings are the case's."""
        return {
            "clocks": [clock.to_json() for clock in self],
            "latest": dict(self._latest),
            "noted": {rule: [one.to_json() for one in moments.values()] for rule, moments in self._noted.items()},
            "done": self._done.isoformat() if self._done else "",
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `dump` wrote by the same rules."""
        self._clocks = {clock.id: clock for clock in map(Clock.from_json, state["clocks"])}
        self._latest = dict(state["latest"])
        self._noted = {rule: _moments(rows) for rule, rows in state["noted"].items()}
        self._done = instant(state["done"]) if state.get("done") else None
        self._dues.clear()

    def _index(self, rule: ClockRule) -> None:
        stops = list(rule.stops)
        if rule.per_step:
            stops += [Trigger(rule.starts[0].element, "terminated")]
        for role, triggers in ((_STOP, stops), (_REOPEN, rule.reopens), (_START, rule.starts)):
            for trigger in dict.fromkeys(triggers):
                self._triggers.setdefault((trigger.element, trigger.event), []).append((role, rule))
        if rule.milestone_of:
            self._milestones.setdefault(rule.milestone_of, []).append(rule)

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
    ) -> list[Change]:
        current = self._of(rule, key)
        if current and (rule.per_step or current.started == at or (current.running and not rule.restarts)):
            return []
        changes = self._stop(current, at, Outcome.DROPPED)
        earliest = earliest or (min(at, self._done) if self._done else None)
        clock = Clock(new_id(rule, key, current), rule.id, at, learned, key, moves=moves, earliest=earliest)
        self._keep(clock)
        self._latest[rule.id] = clock.id
        changes.append(self._change(ChangeKind.STARTED, clock, at))
        for milestone in self._milestones.get(rule.id, ()):
            changes += self._stop(self.latest(milestone.id), at, Outcome.DROPPED)  # one that outlasted the last round
            changes += self._start(milestone, "", at, learned, earliest=earliest)
        return changes

    def _stop(self, clock: Clock | None, at: dt.datetime, outcome: Outcome) -> list[Change]:
        if clock is None or not clock.running:
            return []
        ended = replace(clock, ended=at, outcome=outcome, handed_on=outcome is Outcome.PASSED_ON)
        self._keep(ended)
        changes = [self._change(_ENDS[outcome], ended, at)]
        for milestone in self._milestones.get(clock.rule, ()):
            if not (milestone.outlasts and outcome is Outcome.STOPPED):
                changes += self._stop(self.latest(milestone.id), at, Outcome.DROPPED)
        self._forget()
        return changes

    def _reopen(self, clock: Clock | None, at: dt.datetime) -> list[Change]:
        """Go on from the same start; so do milestones that only ended with it."""
        if clock is None or clock.outcome is not Outcome.STOPPED or clock.handed_on:
            return []
        ended = clock.ended
        self._keep(replace(clock, ended=None, outcome=None))
        changes = [self._change(ChangeKind.REOPENED, self._clocks[clock.id], at)]
        for rule in self._milestones.get(clock.rule, ()):
            milestone = self.latest(rule.id)
            if milestone and milestone.outcome is Outcome.DROPPED and milestone.ended == ended:
                self._keep(replace(milestone, ended=None, outcome=None))
                changes.append(self._change(ChangeKind.REOPENED, self._clocks[milestone.id], at))
        return changes

    def _keep(self, clock: Clock) -> None:
        self._clocks[clock.id] = clock
        if clock.rule in self._milestones:
            self._dues.clear()  # those of milestones may be counted back from it
        self._dues.pop(clock.id, None)

    def _forget(self) -> None:
        """Let the oldest ended clocks go beyond what is kept, so that a long case does not grow.

        The newest of each rule of the case stays.
        """
        newest = {clock_id for rule, clock_id in self._latest.items() if not self.rules[rule].per_step}
        closed = [clock.id for clock in self._clocks.values() if not clock.running and clock.id not in newest]
        for clock_id in closed[: max(0, len(closed) - self.settings.kept_closed)]:
            del self._clocks[clock_id]
            self._dues.pop(clock_id, None)

    def _due(self, clock: Clock) -> Due | None:
        facts, rule = self._facts, self.rules[clock.rule]
        row = self.table.row(rule.limit, Decimal(facts.voltage_kv), facts.sources, facts.dedicated, self._accepted_on)
        counted_from = self._counted_from(clock, row) if row else None
        if row is None or counted_from is None:
            return None
        day = row.last_day(counted_from, self.calendar)
        return Due(clock.started, row, day, self.close, clock.moves[-1] if clock.moves else None)

    def _counted_from(self, clock: Clock, row: Limit) -> dt.date | None:
        """The day that a limit is counted from: that of the start, or, back, the last day of a milestone's clock."""
        if not row.before:
            return shanghai_date(clock.started)
        whole = (self.rules[clock.rule].milestone_of, clock.started)
        due = next((self.due(one) for one in self if (one.rule, one.started) == whole), None)
        return due.date if due else None

    def _running_dues(self) -> dict[str, Due | None]:
        return {clock.id: self.due(clock) for clock in self if clock.running}

    def _recounted(self, before: Mapping[str, Due | None], at: dt.datetime, reason: str) -> list[Change]:
        self._dues.clear()
        return [
            self._moved(self._clocks[clock_id], old, at, reason, by_hand=False)
            for clock_id, old in before.items()
            if _known(old) != _known(self.due(self._clocks[clock_id]))
        ]

    def _moved(self, clock: Clock, before: Due | None, at: dt.datetime, reason: str, *, by_hand: bool) -> Change:
        due = self.due(clock)
        same = before is not None and due is not None and before.instant == due.instant and not by_hand
        kind = ChangeKind.CONFIRMED if same else ChangeKind.MOVED
        days = (due.date - before.date).days if before and due else 0
        previous = before.instant.isoformat() if before else ""
        return replace(self._change(kind, clock, at), previous=previous, days=days, reason=reason)

    def _change(self, kind: ChangeKind, clock: Clock, at: dt.datetime) -> Change:
        due, rule = self.due(clock), self.rules[clock.rule]
        return Change(
            kind,
            clock.id,
            rule.name,
            at.isoformat(),
            due.instant.isoformat() if due else "",
            bool(due and due.provisional),
            department=rule.department,
        )


def _moments(rows: Sequence[Sequence[str]] | Mapping[str, str]) -> dict[str, Moment]:
    """Moments as a dump has them; an earlier one had no names."""
    if isinstance(rows, Mapping):
        rows = [(element, element, at) for element, at in rows.items()]
    return {moment.element: moment for moment in map(Moment.from_json, rows)}


def _known(due: Due | None) -> tuple[dt.datetime, bool] | None:
    return (due.instant, due.provisional) if due else None
