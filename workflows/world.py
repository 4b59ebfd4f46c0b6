"""Carries out what a case's engine asks for, with Temporal's means: activities, timers, child workflows, signals.

What must be known to have happened before the run may end or be continued as new (activities, child starts, signals
to others) is *confirmed* work; timers are not, the next run sets them again from the instance's state. Once
continue-as-new is due the run is *draining*: new confirmed work is not begun any more but held for the next run, else
a busy case would never come to it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from bpmn import codec, commands, events
from bpmn.commands import Command
from bpmn.variables import json_size
from domain.start import CaseStart
from workflows import showing, stores
from workflows.alarm import Alarm
from workflows.calls import Calls
from workflows.case import Case
from workflows.delivering import Deliverer
from workflows.jobs import Jobs, content
from workflows.lanes import Allowance
from workflows.notifying import Notifier
from workflows.recording import Recorder
from workflows.reporting import ClockReporter
from workflows.signals import Signals
from workflows.supervising import Supervisor
from workflows.timers import Timers
from workflows.voice import SPOKEN_SINCE, Voice

P = ParamSpec("P")
T = TypeVar("T")

_HELD: tuple[type[Any], ...] = (
    commands.RunJob,
    commands.PublishMessage,
    commands.ReadStore,
    commands.WriteStore,
    commands.BroadcastSignal,
    commands.StartCall,
    commands.CancelCall,
    commands.AnswerCall,
    commands.RaiseEscalation,
)
_BY_NAME = {kind.__name__: kind for kind in _HELD}

_BREATH = 0.001
"""Seconds until the next workflow task, where one is not enough. Temporal's timers come up to a second later."""

_LATER = 1_000
"""So many events later a run tries again to be continued as new, where its state was too large to be carried."""

_TAKEN_BACK = "work-taken-back-in-its-step"
"""The patch since which work is not begun that the very step that asks for it takes back."""


class World:
    """What surrounds one case in one run of its workflow."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.ended = False
        self.continued = False
        self.failure: BaseException | None = None
        self.jobs = Jobs(self)
        self.calls = Calls(self)
        self.timers = Timers(self)
        self.signals = Signals(self)
        self.voice = Voice()
        self.recorder = Recorder(self)
        self.reporter = ClockReporter(self)
        self._begun = False
        self._held: list[Command] = []
        self._going: list[deque[Command]] = []
        self._unconfirmed = 0
        self._waking = False
        self._not_before = 0
        self._allowance = Allowance(case.start.settings.task_bytes)
        self._handlers: dict[type[Any], Callable[[Any], None]] = {
            commands.RunJob: self.jobs.lane.add,
            commands.CancelJob: self.jobs.cancel,
            commands.SetTimer: self.timers.set,
            commands.CancelTimer: self.timers.cancel,
            commands.PublishMessage: self._publish,
            commands.BroadcastSignal: self.signals.throw,
            commands.ReadStore: self.jobs.lane.add,
            commands.WriteStore: self.jobs.lane.add,
            commands.CancelStore: self.jobs.cancel,
            commands.StartCall: self.calls.lane.add,
            commands.CancelCall: self.calls.cancel,
            commands.AnswerCall: self.calls.answer,
            commands.RaiseEscalation: self.calls.escalate,
            commands.Finished: self._finish,
        }
        # Already here, so that an act that comes with a run's first task finds the case as it stands.
        self._backlog = case.begin(self.now())

    # -- the run ---------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The case's instant: Temporal's time, moved by the offset of a simulation."""
        return workflow.now().astimezone(self.case.options.zone) + timedelta(seconds=self.case.start.clock_offset)

    def begin(self) -> None:
        """Take the case up: set its timers again, issue what the last run held and what has come since."""
        self._begun = True
        carried = self.case.start.carried
        if carried:
            self.timers.restore()
        self.background(self.recorder.run)
        self.background(self._show)
        self.background(self.calls.look_after)
        self.background(self.reporter.run)
        self.background(self.calls.hand_tables_on)
        if self.case.watch:
            self.background(Alarm(self).run)
            self.background(Supervisor(self).run)
        self.background(Notifier(self).run)
        self.background(Deliverer(self).run)
        if self.case.start.semantics >= SPOKEN_SINCE:
            self.background(self.voice.run)
        self._issue_held_over()
        backlog, self._backlog = self._backlog, []
        self.issue(backlog)
        if carried and self.case.finished:
            self._finish(self.case.finished)

    def _issue_held_over(self) -> None:
        """Carry out what the last run left to this one, whatever has come meanwhile: it must not be held for ever."""
        carried = self.case.start.carried
        moved, self.case.moved = self.case.moved, False
        self.issue([_decoded(held) for held in carried.held] if carried else [])
        self.case.moved = self.case.moved or moved

    def apply(self, event: events.Event) -> None:
        """Tell the engine of an event and carry out what follows.

        Temporal hands over signals and updates first, timers and the ends of children after them. Where the former
        have the run continued as new, the latter come too late for it: the next run finds out by itself.
        """
        if not self.continued:
            self.issue(self.case.handle(event, self.now()))

    def issue(self, todo: list[Command]) -> None:
        """Carry out commands, or keep them for when the run has begun, or for the next run."""
        if not self._begun:
            self._backlog += todo
            return
        going = deque(todo)
        self._going.append(going)
        while going:
            command = going.popleft()
            if stores.is_missing(command, self.case):
                stores.refuse(self, command)
            elif isinstance(command, _HELD) and self.draining:
                self._held.append(command)
            elif handler := self._handlers.get(type(command)):
                handler(command)
        self._going.pop()
        if self.case.instance.pending:
            self._wake()

    def cancel(self) -> None:
        """Somebody cancelled the workflow in Temporal: the case ends in order."""
        self.apply(events.Cancelled("在 Temporal 中被取消"))

    def background(self, work: Callable[P, Awaitable[Any]], *args: P.args, **kwargs: P.kwargs) -> asyncio.Task[None]:
        """Run something beside the case; what it raises fails the workflow task, never in silence."""

        async def guarded() -> None:
            try:
                await work(*args, **kwargs)
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                self.failure = error

        return asyncio.create_task(guarded())

    # -- continuing as new -----------------------------------------------------------------------------------------

    @property
    def draining(self) -> bool:
        """Whether the run is to be continued as new. One that has done nothing yet is not: it would never begin."""
        info = workflow.info()
        due = info.is_continue_as_new_suggested() and info.get_current_history_length() >= self._not_before
        return due and self.case.moved

    @property
    def working(self) -> bool:
        """Whether anything is at work whose end will bring more to record."""
        return self.jobs.running or self._waking

    @property
    def at_end(self) -> bool:
        """Whether this run has nothing more to do."""
        return self.failure is not None or self.ended or self._may_continue

    @property
    def _may_continue(self) -> bool:
        """Whether the run can be continued as new now, with nothing unconfirmed."""
        unreported = self.case.finished and not self.case.reported
        busy = self._unconfirmed or self.working or self.recorder.recording or unreported
        return self.draining and not busy and workflow.all_handlers_finished()

    def next_start(self) -> CaseStart | None:
        """The input of the next run; None where it is more than Temporal takes, and this run goes on for a while."""
        limit = self.case.start.settings.payload_bytes
        if _exceeds(self._all_held(), limit):
            self._go_on(limit)
            return None
        held = [{"command": type(command).__name__, **codec.encode(command)} for command in self._all_held()]
        carried = self.case.carry(held)
        if json_size(codec.encode(carried)) > limit:
            self._go_on(limit)
            return None
        return replace(self.case.start, carried=carried)

    def _go_on(self, limit: int) -> None:
        """Put continuing as new off, and carry out what was held for the next run."""
        self.case.size_problem = f"案件状态超过 {limit} 字节，无法续接：请缩小变量，或办结并行的环节"
        self.case.changed = True
        self._not_before = workflow.info().get_current_history_length() + _LATER
        held, self._held = self._held, []
        self.issue(held)
        self.advance()

    def _all_held(self) -> list[Command]:
        return [*self.jobs.lane, *self.calls.lane, *self._held]

    def drop_held(self, key: int) -> bool:
        """Take back work that was held for the next run, or is about to be begun; false where there is none."""
        kept = [one for one in self._held if not (isinstance(one, _STARTS) and one.key == key)]
        dropped = len(kept) < len(self._held)
        self._held = kept
        return dropped or self._drop_going(key)

    def _drop_going(self, key: int) -> bool:
        """What a command leads to at once may take back one that comes after it: a message to the case itself does."""
        for going in self._going:
            found = next((one for one in going if isinstance(one, _STARTS) and one.key == key), None)
            if found and workflow.patched(_TAKEN_BACK):
                going.remove(found)
                return True
        return False

    def confirm(self, work: Awaitable[Any]) -> None:
        """Run confirmed work beside the case."""
        confirmed = self.confirmed(work)
        self.background(lambda: confirmed)

    def confirmed(self, work: Awaitable[T]) -> Coroutine[Any, Any, T]:
        """The work, to be awaited; it counts as unconfirmed from now on."""
        self._unconfirmed += 1

        async def counted() -> T:
            try:
                return await work
            finally:
                self._unconfirmed -= 1

        return counted()

    # -- in slices -------------------------------------------------------------------------------------------------

    def room_for(self, size: int) -> bool:
        """Whether so many bytes may go out in this workflow task; where not, the next one comes soon."""
        if self._allowance.take(size):
            return True
        self._wake()
        return False

    def _wake(self) -> None:
        """Go on in the next workflow task: one that computes for two seconds counts as a deadlock."""
        if not self._waking:
            self._waking = True
            self.background(self._later)

    async def _later(self) -> None:
        self.voice.spoke()
        await workflow.sleep(_BREATH, summary="分段处理")
        self._waking = False
        if self.case.instance.pending:
            self.issue(self.case.proceed(self.now()))
        self.advance()

    def advance(self) -> None:
        """Send out what has been waiting, as far as there is room now."""
        self.jobs.lane.advance()
        self.calls.lane.advance()

    # -- messages ----------------------------------------------------------------------------------------------

    def _publish(self, command: commands.PublishMessage) -> None:
        """A message that the case itself waits for needs no way outside."""
        if self.case.instance.waits_for(command.message, command.correlation_key):
            self.apply(events.MessageArrived(command.message, command.correlation_key, command.variables))
            self.apply(events.JobCompleted(command.key))
        else:
            self.jobs.lane.add(command)

    async def tell(self, workflow_id: str, signal: str, content: Any) -> bool:
        """Signal another workflow; one that is gone is a line in the journal."""
        self.voice.spoke()
        try:
            await workflow.get_external_workflow_handle(workflow_id).signal(signal, content)
        except ApplicationError as error:
            self.case.note("undelivered", self.now(), to=workflow_id, signal=signal, reason=error.message)
            return False
        return True

    # -- the end, and what is seen ---------------------------------------------------------------------------------

    def _finish(self, finished: commands.Finished) -> None:
        self.background(self._end, finished)

    async def _end(self, finished: commands.Finished) -> None:
        """Report to the caller, record the journal to its end, and only then close."""
        await workflow.wait_condition(lambda: not (self._unconfirmed or self.jobs.running or self.reporter.pending))
        if not self.case.reported:
            self.case.reported = True
            await self.confirmed(self.calls.report_end(finished))
        await workflow.wait_condition(self._all_told)
        self.ended = True

    def _all_told(self) -> bool:
        case, orders = self.case, self.case.orders
        untold = case.raised or case.deliveries or orders.unwritten() or orders.unnumbered or orders.unanswered()
        return not (self._unconfirmed or self._held or case.outbox or untold)

    async def _show(self) -> None:
        while True:
            await workflow.wait_condition(lambda: self.case.changed)
            self.case.changed = False
            workflow.set_current_details(showing.details(self.case, self.now()))
            if updates := showing.updates(self.case, workflow.info().typed_search_attributes, self.now()):
                workflow.upsert_search_attributes(updates)
                self.voice.spoke()


_STARTS = (commands.RunJob, commands.PublishMessage, commands.ReadStore, commands.WriteStore, commands.StartCall)
"""Held work that need not be begun at all where it is taken back in time."""


def _exceeds(held: list[Command], limit: int) -> bool:
    """Whether what these commands carry is too many bytes; looks no further than it must."""
    size = 0
    for command in held:
        size += json_size(content(command))
        if size > limit:
            return True
    return False


def _decoded(held: Mapping[str, Any]) -> Command:
    data = dict(held)
    kind = _BY_NAME[data.pop("command")]
    command: Command = codec.decode(kind, data)
    return command
