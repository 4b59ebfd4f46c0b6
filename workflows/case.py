"""A running case: its engine instance, the tasks people see, what was done already, and what is still to be recorded.

Pure bookkeeping: it answers with the engine's commands and touches nothing outside; `world.py` carries them out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from bpmn import codec, commands, events
from bpmn.commands import Command
from bpmn.definition import starting_messages
from bpmn.instance import Instance
from bpmn.journal import Record as JournalRecord
from bpmn.options import Options
from domain.authority import AuthorityTable
from domain.business_time import HAPPENED_AT
from domain.calendar import WorkingCalendar
from domain.clock import Change, ChangeKind
from domain.feel import feel_functions
from domain.moved import DueMoved
from domain.records import Record
from domain.start import Carried, CaseStart
from workflows import definitions, lines, listened, viewing
from workflows.called import Called
from workflows.handled import HandledActs
from workflows.orders import Orders
from workflows.watch import Watch, authorities_of, posts_of, watch_of

MANAGED_SINCE = 2
"""Cases of an earlier semantics number have no account manager, and tell nobody of vacant posts."""

BEGINNINGS = frozenset({"opened", "subscribed", "incident"})
ENDS = frozenset({"closed", "unsubscribed", "resolved"})
"""What others wait for begins, and ends: while it lasts it is recorded at once, even while jobs are at work."""
SHOWN = BEGINNINGS | ENDS | {"stage", "terminated", "clock", "escalated", "ordered"}
"""After these records Temporal has something else to show of the case."""


class Case:
    """The state of one case between two activations of its workflow.

    `changed` asks for what Temporal shows of the case to be made anew; `moved` is set once this run has done anything
    beyond recording what an earlier one left; `awaited` are the keys for which the outbox is to be recorded at once.
    `uncalendared` are the called cases that have yet to be sent the calendar that this one has been given since its
    start, with who has sent it, `unempowered` the same for its table of authorities; `handed_to` says by rule which
    called case goes on with a clock. `remark` is what the act under way has to say. `manager` is the account manager
    客户经理, empty before there is one; `vacant` are the seats that the service centre has been told of. `clock_news`
    is set once the caller may not know any more how the clocks stand, `told` says what it has been told. `completers`
    are by element who completed its task last, and whose departments' it was. `heard` are the ids of the signals that
    the case has had last.
    """

    def __init__(self, start: CaseStart, epoch: str) -> None:
        carried = start.carried
        self.start = start
        self.calendar = WorkingCalendar.from_json(start.calendar)
        self.authorities = authorities_of(start.authority)
        self.functions = dict(feel_functions(self.calendar, self.authorities))
        self.definition = definitions.load(start.definition_sha256, start.definition, self.functions)
        self.options = _options(start, self.functions)
        process = self.definition.processes[start.case.process]
        self.watch = watch_of(process, start, self.calendar)
        if self.watch and carried:
            self.watch.load(carried.watch)
        if carried:
            self.instance = Instance.load(self.definition, carried.instance, self.options)
        else:
            self.instance = Instance(self.definition, start.case.process, start.variables, self.options)
        tasks = [codec.decode(commands.OpenUserTask, task) for task in carried.tasks] if carried else []
        self.tasks = {str(task.key): task for task in tasks}
        self.claims = dict(carried.claims) if carried else {}
        self.reminded = {task: dict(by) for task, by in carried.reminded.items()} if carried else {}
        self.handled = HandledActs(carried.handled if carried else ())
        self.outbox: list[Record] = list(carried.outbox) if carried else []
        self.children = dict(carried.children) if carried else {}
        self.lost = dict.fromkeys(carried.lost) if carried else {}
        self.happened = dict(carried.happened) if carried else {}
        self.asked = {key: list(asked) for key, asked in carried.asked.items()} if carried else {}
        self.posts = posts_of(start.posts)
        self.raised = [dict(one) for one in carried.raised] if carried else []
        self.vacant = dict.fromkeys(carried.vacant) if carried else {}
        self.manager = carried.manager if carried else start.manager
        self.completers = {name: list(told) for name, told in carried.completers.items()} if carried else {}
        self.deliveries = {one.order: one for one in carried.deliveries} if carried else {}
        self.orders = Orders(self, carried)
        self.called = Called(start, self.definition, self.calendar, carried.called if carried else {})
        self.told = carried.told if carried else ""
        self.clock_news = carried is not None
        self.uncalendared = dict(carried.uncalendared) if carried else {}
        self.unempowered = dict(carried.unempowered) if carried else {}
        self.handed_to = dict(carried.handed_to) if carried else {}
        self.heard = dict.fromkeys(carried.heard) if carried else {}
        self.remark = ""
        self.stage = carried.stage if carried else ""
        self.epoch = epoch or (carried.epoch if carried else "")
        self.reported = carried.reported if carried else False
        self.journal_problem = carried.journal_problem if carried else ""
        self.finished = codec.decode(commands.Finished, carried.finished) if carried and carried.finished else None
        self.size_problem = ""
        self._received = ""
        self.awaited: dict[str, None] = {"": None} if self.outbox else {}
        self._closers: dict[str, str] = {}
        self.moved = False
        self.changed = True

    def carry(self, held: list[dict[str, Any]]) -> Carried:
        """What the next run needs; `held` are the commands that it is to carry out."""
        return Carried(
            instance=self.instance.dump(),
            tasks=[codec.encode(task) for task in self.tasks.values()],
            claims=self.claims,
            reminded=self.reminded,
            handled=self.handled.dump(),
            outbox=self.outbox,
            held=held,
            children=self.children,
            asked=self.asked,
            lost=list(self.lost),
            happened=self.happened,
            stage=self.stage,
            epoch=self.epoch,
            reported=self.reported,
            finished=codec.encode(self.finished) if self.finished else {},
            journal_problem=self.journal_problem,
            watch=self.watch.dump() if self.watch else {},
            raised=self.raised,
            vacant=list(self.vacant),
            manager=self.manager,
            completers=self.completers,
            deliveries=list(self.deliveries.values()),
            unnumbered=self.orders.unnumbered,
            papers=self.orders.papers,
            called=self.called.reported,
            told=self.told,
            uncalendared=dict(self.uncalendared),
            unempowered=dict(self.unempowered),
            handed_to=dict(self.handed_to),
            heard=list(self.heard),
        )

    # -- the engine ------------------------------------------------------------------------------------------------

    def begin(self, now: datetime) -> list[Command]:
        """Start the instance, unless an earlier run has."""
        if self.instance.active or self.instance.outcome:
            return []
        given = {HAPPENED_AT: self.start.received_at, "lateReason": self.start.late_reason}
        late = {name: value for name, value in given.items() if value}
        self.instance.note("case", now, data={**asdict(self.start.case), **late})
        todo = self.instance.start(now, self._start_event())
        if self.watch:
            self._take_over(self.watch, now)
        self._received = self.start.received_at
        self._took(todo, now)
        self._received = ""
        return todo

    def _take_over(self, watch: Watch, now: datetime) -> None:
        """Go on with the clocks of the calling case, and write down what that had raised of them."""
        self.note_changes(watch.take_over(self.start.passed), now)
        for clock in watch.clocks:
            if said := watch.ladder.said(clock.id):
                order = watch.ladder.order(clock.id)
                levels = {level.name: one.at.isoformat() for level, one in said.items()}
                ordered = {"order": order.number, "ordered": order.issued.isoformat()} if order else {}
                answered = {"answer": order.to_json()["answer"]} if order and order.answer else {}
                self._write("took over", now, 0, {"clock": clock.id, "levels": levels, **ordered, **answered})

    def _start_event(self) -> str:
        """The start event that the case begins at; empty for the plain one."""
        if self.start.start_event:
            return self.start.start_event
        for start in self.instance.graph.root.starts:
            if self.start.start_message in starting_messages(self.instance.graph.process, start.element):
                return start.id
        return ""

    def handle(self, event: events.Event, now: datetime) -> list[Command]:
        """Tell the engine of an event."""
        return self._took(self.instance.handle(event, now), now)

    def proceed(self, now: datetime) -> list[Command]:
        """Let the engine go on with what its last slice left over."""
        return self._took(self.instance.proceed(now), now)

    def become(self, instance: Instance, todo: list[Command], now: datetime) -> list[Command]:
        """Go on as this instance, which was changed as a whole: by migration or modification."""
        self.instance = instance
        return self._took(todo, now)

    def _await(self, record: JournalRecord) -> None:
        key = str(record.key)
        if record.event in BEGINNINGS:
            self.awaited[key] = None
        elif record.event in ENDS:
            self.awaited.pop(key, None)

    def note(self, event: str, now: datetime, key: int = 0, **data: Any) -> None:
        """Write a line into the journal."""
        self._write(event, now, key, data)

    def _write(self, event: str, now: datetime, key: int, data: dict[str, Any]) -> None:
        self.instance.note(event, now, key, data)
        self.moved = True
        self._drain(now)

    def _took(self, todo: list[Command], now: datetime) -> list[Command]:
        self.moved = True
        for command in todo:
            if isinstance(command, commands.OpenUserTask):
                self.tasks[str(command.key)] = command
            elif isinstance(command, commands.ChangeUserTask):
                self._change_task(command)
            elif isinstance(command, commands.CloseUserTask):
                self.forget_task(str(command.key))
            elif isinstance(command, commands.Finished):
                self.finished = command
                self.changed = True
        self._drain(now)
        if self.watch and self.finished:
            self.note_changes(self.watch.over(now), now)
            # Its last step may be said to end some minutes ahead, when nothing is watched any more.
            self.climb(now + timedelta(minutes=self.start.settings.happened_ahead))
        return todo

    def _change_task(self, command: commands.ChangeUserTask) -> None:
        """An open task is another now; whom it is given to is who has taken it on."""
        key, changes = str(command.key), dict(command.changes)
        holder = changes.pop("assignee", None)
        self.tasks[key] = replace(self.tasks[key], **changes)
        if holder:
            self.claims[key] = holder
        elif holder is not None:
            self.claims.pop(key, None)
        self.changed = True

    def _line(self, record: JournalRecord) -> Record:
        """The record as the read model takes it, with what is known here of when and why.

        What the opening of a case leads to at once begins and ends when the application was received.
        """
        happened = self._received if record.event in ("activated", "completed") else ""
        if not happened and record.event in ("completed", "terminated"):
            happened = self.happened.pop(str(record.key), "")
        return lines.sent(lines.explained(lines.dated(record, happened), self.watch, self.instance))

    def forget_task(self, task: str) -> None:
        """The task is done or gone."""
        self.tasks.pop(task, None)
        self.claims.pop(task, None)
        self.reminded.pop(task, None)

    def _drain(self, now: datetime) -> None:
        nodes = self.instance.graph.nodes
        stages: list[tuple[int, str]] = []
        changes: list[Change] = []
        drained: list[Record] = []
        for record in self.instance.drain_journal():
            sent = self._line(record)
            if record.event == "closed":
                self._close(sent.key, str(sent.data.get("by") or ""))
            self.outbox.append(sent)
            drained.append(sent)
            changes += self.watch.feed(sent) if self.watch else []
            self._await(record)
            self.changed = self.changed or record.event in SHOWN
            stage = nodes[record.element].element.properties.get("stage", "") if record.event == "activated" else ""
            if stage:
                stages.append((record.key, stage))
        for key, stage in stages:
            if stage != self.stage:
                self.stage = stage
                self.note("stage", now, key, stage=stage)
        self.note_changes(changes, now)
        for sent in drained:
            listened.follow(self, sent, now)
        self._closers.clear()

    def _close(self, task: str, by: str) -> None:
        """Who completes the first task of a case is its account manager: 首问负责制 (domain.md §1.1)."""
        self._closers[task] = by
        if self.start.semantics >= MANAGED_SINCE:
            self.manager = self.manager or by

    # -- limits ----------------------------------------------------------------------------------------------------

    def note_changes(self, changes: list[Change], now: datetime, by: str = "") -> None:
        """Write down what happened to clocks, and climb: a step that is entered late may have broken its limit long
        ago, or have kept one that was thought broken. What was moved, `by` whom, is told to those it concerns."""
        for change in changes:
            self._write("clock", now, 0, {**change.to_json(), "officer": self.officer_of(change.clock)})
            if change.kind is ChangeKind.MOVED and self.posts and self.watch:
                department = self.watch.department(change.clock)
                self._tell(DueMoved(change, department, now, self.outbox[-1].seq, by).to_json())
        if changes:
            self.clock_news = True
            self.climb(now)

    def climb(self, now: datetime) -> None:
        """Write down which levels the clocks have reached."""
        if self.watch is None:
            return
        for escalation in self.watch.climb(now):
            self.clock_news = True
            raised = {**escalation.to_json(), "officer": self.officer_of(escalation.clock)}
            self._write("escalated", now, 0, raised)
            if escalation.needs_order and not escalation.taken_back:
                self.orders.raised(escalation.clock)
            if entry := self.watch.bulletin_entry(escalation):
                self._write("bulletin", now, 0, entry.to_json())
            if self.posts:
                self._tell(raised)

    def _tell(self, raised: dict[str, Any]) -> None:
        """Have those told who hold the step now, or the open tasks, and not when it comes to telling; the account
        manager with them."""
        officer = raised.get("officer")
        officers = dict.fromkeys([*([officer] if officer else self.officers()), *filter(None, [self.manager])])
        self.raised.append({**raised, "officers": list(officers)})

    def officer_of(self, clock_id: str) -> str:
        """Who holds the step of a clock, or has just ended it; empty for a clock of the whole case."""
        clock = self.watch.clocks.get(clock_id) if self.watch else None
        key = clock.key if clock else ""
        task = self.tasks.get(key)
        return self._closers.get(key) or self.claims.get(key) or (task.assignee if task else "")

    def third_yellows(self, clocks: list[str], now: datetime) -> None:
        """Somebody who answers for these clocks has a yellow for the third time in a row."""
        news = [one for one in clocks if self.watch and self.watch.ladder.third_yellow(one)]
        for clock in news:
            self.note("third yellow", now, clock=clock)
        if news:
            self.climb(now)

    def pass_on(self, element: str, now: datetime, workflow: str, child: str) -> dict[str, Any]:
        """The clocks that the process `child`, called at `element` by this `workflow`, goes on with."""
        if self.watch is None:
            return {}
        passed, changes = self.watch.pass_on(element, now, workflow)
        self.handed_to |= dict.fromkeys(passed, child)
        self.note_changes(changes, now)
        return passed

    def take_back(self, child: str, now: datetime) -> None:
        """A called case is lost: the clocks that it went on with run here again, until it is called anew."""
        lost = [rule for rule, to in self.handed_to.items() if to == child]
        for rule in lost:
            del self.handed_to[rule]
        if self.watch:
            self.note_changes(self.watch.take_back(lost, now), now)

    def use_calendar(self, calendar: WorkingCalendar, by: str, now: datetime) -> list[Change]:
        """Count by another calendar from now on, in clocks and expressions, here and in all that is called."""
        self.calendar = calendar
        self.start = replace(self.start, calendar=calendar.to_json())
        self.functions.update(feel_functions(calendar))
        self.called.use(calendar)
        self.uncalendared = dict.fromkeys(self.children.values(), by)
        changes = self.watch.use_calendar(calendar, now) if self.watch else []
        self.news_of_clocks()
        return changes

    def use_authorities(self, table: AuthorityTable, version: int, by: str) -> None:
        """Have levels decide by another table from now on, here and in all that is called."""
        self.authorities = table
        text = json.dumps(table.to_json(), ensure_ascii=False)
        self.start = replace(self.start, authority=text, authority_version=version)
        self.functions.update(feel_functions(self.calendar, table))
        self.unempowered = dict.fromkeys(self.children.values(), by)

    def note_told(self, changes: list[Change], child: str, now: datetime) -> None:
        """Write down what a called case did to clocks that were passed on to it; it raises their levels itself."""
        for change in changes:
            self._write("clock", now, 0, {**change.to_json(), "called": child})

    def news_of_clocks(self) -> None:
        """What the called cases have running is not what it was."""
        self.clock_news = self.changed = self.moved = True

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def incident(self) -> bool:
        """Whether anything of the case needs somebody's help to go on."""
        return bool(self.instance.incidents or self.orders.unnumbered or self.journal_problem or self.size_problem)

    def departments(self) -> list[str]:
        """The departments whose turn it is."""
        return sorted({group for task in self.tasks.values() for group in task.candidate_groups})

    def officers(self, department: str = "") -> tuple[str, ...]:
        """The accounts that hold the open tasks; those of one department where it is named."""
        tasks = [
            (key, task) for key, task in self.tasks.items() if not department or department in task.candidate_groups
        ]
        holders = [self.claims.get(key) or task.assignee for key, task in tasks]
        return tuple(dict.fromkeys(filter(None, holders)))

    def view(self) -> dict[str, Any]:
        """Where the case stands, for queries."""
        return viewing.view(self)


def _options(start: CaseStart, functions: Mapping[str, Callable[..., Any]]) -> Options:
    caller = start.caller
    return Options(
        functions=functions,
        slice_steps=start.settings.slice_steps,
        slice_budget=start.settings.slice_budget,
        endless_steps=start.settings.endless_steps,
        open_bodies=start.settings.open_bodies,
        variable_bytes=start.settings.variable_bytes,
        semantics=start.semantics,
        called=caller is not None,
        caught_errors=tuple(caller.caught_errors) if caller else (),
        interrupting_escalations=tuple(caller.interrupting_escalations) if caller else (),
    )
