"""The workflow of every BPMN process: its type is the process id, so Temporal lists cases by process.

People act by updates, systems by signals; each act exists as both. All state is rebuilt in `__init__`: updates and
signals of a run's first task are handled before `run` begins. A signal is answered to nobody: where it cannot be
done, whatever it holds, that is a line in the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar, get_origin, get_type_hints

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from bpmn import codec, events
from domain.acts import (
    AcknowledgeLevel,
    Act,
    ActivateAdHoc,
    ActRefused,
    ActResult,
    AnswerOrder,
    ClaimTask,
    CompleteTask,
    CopyTask,
    Handled,
    MigrateCase,
    ModifyCase,
    MoveDeadline,
    NewAuthority,
    NewCalendar,
    ReleaseTask,
    RemindTask,
    ResolveIncident,
    ResumeCase,
    SendMessage,
    SkipIncident,
    SuspendCase,
    TakeBack,
    TransferTask,
    UpdateTask,
    act_from_json,
)
from domain.ad_hoc import OpenAdHoc
from domain.incidents import IncidentNow
from domain.life import MigrationPreview, ModificationPreview
from domain.start import CallCancel, CallReport, ClockReport, EscalationAnswer, SignalPassed
from workflows import acts, ad_hoc_acts, forms, incident_acts, life_acts, limits
from workflows.case import Case
from workflows.starting import start_of
from workflows.world import World

T = TypeVar("T")


@workflow.defn(dynamic=True)
class BpmnProcess:
    """One instance of one process."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        info = workflow.info()
        start = start_of(args)
        again = start.caller is not None and start.caller.again and start.carried is None
        epoch = info.run_id if again or info.run_id != info.original_execution_run_id else ""
        self.case = Case(start, epoch)
        self.world = World(self.case)

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> dict[str, Any]:
        world, cancelled = self.world, None
        world.begin()
        while not world.ended:
            try:
                await workflow.wait_condition(lambda: world.at_end)
            except asyncio.CancelledError as error:
                cancelled = error
                world.cancel()
            if world.failure:
                raise world.failure
            if not world.ended and world.at_end and (following := world.next_start()):
                world.continued = True
                workflow.continue_as_new(args=[following])
        await workflow.wait_condition(workflow.all_handlers_finished)
        if cancelled:
            raise cancelled
        return {"outcome": self.case.instance.outcome}

    # -- acts: an update with a validator, and a signal of the same name -------------------------------------------

    def _do(self, cls: type[Act], sent: Any) -> ActResult:
        self.world.voice.spoke()
        result, todo = acts.do(self.case, act_from_json(cls, sent), "update", self.world.now())
        self.world.issue(todo)
        return result

    def _check(self, cls: type[Act], sent: Any) -> None:
        try:
            acts.check(self.case, act_from_json(cls, sent), self.world.now())
        except ActRefused as refused:
            raise ApplicationError(str(refused), refused.details(), type="ActRefused", non_retryable=True) from None

    def _do_by_signal(self, cls: type[Act], name: str, sent: Sequence[Any]) -> None:
        now = self.world.now()
        try:
            act = act_from_json(cls, sent[0] if len(sent) == 1 else None)
            acts.check(self.case, act, now)
        except ActRefused as refused:
            acts.refuse(self.case, name, sent[0] if sent else None, str(refused), now)
        else:
            _, todo = acts.do(self.case, act, "signal", now)
            self.world.issue(todo)

    @workflow.update(name="complete", description="办结任务 {task, by, groups, data, key, happened_at, late_reason}")
    def complete(self, act: Any = None) -> ActResult:
        return self._do(CompleteTask, act)

    @complete.validator
    def check_complete(self, act: Any = None) -> None:
        self._check(CompleteTask, act)

    @workflow.signal(name="complete", description="办结任务 {task, by, groups, data, key, happened_at, late_reason}")
    def complete_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(CompleteTask, "complete", sent)

    @workflow.update(name="claim", description="领办任务 {task, by, groups, key}")
    def claim(self, act: Any = None) -> ActResult:
        return self._do(ClaimTask, act)

    @claim.validator
    def check_claim(self, act: Any = None) -> None:
        self._check(ClaimTask, act)

    @workflow.signal(name="claim", description="领办任务 {task, by, groups, key}")
    def claim_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(ClaimTask, "claim", sent)

    @workflow.update(name="release", description="退还任务 {task, by, key}")
    def release(self, act: Any = None) -> ActResult:
        return self._do(ReleaseTask, act)

    @release.validator
    def check_release(self, act: Any = None) -> None:
        self._check(ReleaseTask, act)

    @workflow.signal(name="release", description="退还任务 {task, by, key}")
    def release_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(ReleaseTask, "release", sent)

    @workflow.update(name="transfer", description="转办任务 {task, by, to, reason, groups, key}")
    def transfer(self, act: Any = None) -> ActResult:
        return self._do(TransferTask, act)

    @transfer.validator
    def check_transfer(self, act: Any = None) -> None:
        self._check(TransferTask, act)

    @workflow.signal(name="transfer", description="转办任务 {task, by, to, reason, groups, key}")
    def transfer_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(TransferTask, "transfer", sent)

    @workflow.update(name="update_task", description="变更任务 {task, by, changes, reason, groups, key}")
    def update_task(self, act: Any = None) -> ActResult:
        return self._do(UpdateTask, act)

    @update_task.validator
    def check_update_task(self, act: Any = None) -> None:
        self._check(UpdateTask, act)

    @workflow.signal(name="update_task", description="变更任务 {task, by, changes, reason, groups, key}")
    def update_task_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(UpdateTask, "update_task", sent)

    @workflow.update(name="remind", description="催办任务 {task, by, text, key}")
    def remind(self, act: Any = None) -> ActResult:
        return self._do(RemindTask, act)

    @remind.validator
    def check_remind(self, act: Any = None) -> None:
        self._check(RemindTask, act)

    @workflow.signal(name="remind", description="催办任务 {task, by, text, key}")
    def remind_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(RemindTask, "remind", sent)

    @workflow.update(name="copy", description="抄送任务 {task, by, to, text, key}")
    def copy(self, act: Any = None) -> ActResult:
        return self._do(CopyTask, act)

    @copy.validator
    def check_copy(self, act: Any = None) -> None:
        self._check(CopyTask, act)

    @workflow.signal(name="copy", description="抄送任务 {task, by, to, text, key}")
    def copy_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(CopyTask, "copy", sent)

    @workflow.update(name="resolve_incident", description="异常已排除，重试 {incident, by, variables, key}")
    def resolve_incident(self, act: Any = None) -> ActResult:
        return self._do(ResolveIncident, act)

    @resolve_incident.validator
    def check_resolve_incident(self, act: Any = None) -> None:
        self._check(ResolveIncident, act)

    @workflow.signal(name="resolve_incident", description="异常已排除，重试 {incident, by, variables, key}")
    def resolve_incident_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(ResolveIncident, "resolve_incident", sent)

    @workflow.update(name="skip_incident", description="跳过异常的环节 {incident, by, reason, outputs, key}")
    def skip_incident(self, act: Any = None) -> ActResult:
        return self._do(SkipIncident, act)

    @skip_incident.validator
    def check_skip_incident(self, act: Any = None) -> None:
        self._check(SkipIncident, act)

    @workflow.signal(name="skip_incident", description="跳过异常的环节 {incident, by, reason, outputs, key}")
    def skip_incident_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(SkipIncident, "skip_incident", sent)

    @workflow.update(name="message", description="发送消息 {name, correlation_key, variables, key, by}")
    def message(self, act: Any = None) -> ActResult:
        return self._do(SendMessage, act)

    @message.validator
    def check_message(self, act: Any = None) -> None:
        self._check(SendMessage, act)

    @workflow.signal(name="message", description="发送消息 {name, correlation_key, variables, key, by}")
    def message_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(SendMessage, "message", sent)

    @workflow.update(name="take_back", description="撤回已发出的环节 {by, reason, groups, key}")
    def take_back(self, act: Any = None) -> ActResult:
        return self._do(TakeBack, act)

    @take_back.validator
    def check_take_back(self, act: Any = None) -> None:
        self._check(TakeBack, act)

    @workflow.signal(name="take_back", description="撤回已发出的环节 {by, reason, groups, key}")
    def take_back_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(TakeBack, "take_back", sent)

    @workflow.update(name="acknowledge", description="确认收到提醒 {clock, level, by, key}")
    def acknowledge(self, act: Any = None) -> ActResult:
        return self._do(AcknowledgeLevel, act)

    @acknowledge.validator
    def check_acknowledge(self, act: Any = None) -> None:
        self._check(AcknowledgeLevel, act)

    @workflow.signal(name="acknowledge", description="确认收到提醒 {clock, level, by, key}")
    def acknowledge_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(AcknowledgeLevel, "acknowledge", sent)

    @workflow.update(name="answer_order", description="答复督办单 {clock, cause, promised, by, text, key}")
    def answer_order(self, act: Any = None) -> ActResult:
        return self._do(AnswerOrder, act)

    @answer_order.validator
    def check_answer_order(self, act: Any = None) -> None:
        self._check(AnswerOrder, act)

    @workflow.signal(name="answer_order", description="答复督办单 {clock, cause, promised, by, text, key}")
    def answer_order_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(AnswerOrder, "answer_order", sent)

    @workflow.update(name="move_deadline", description="调整期限 {clock, due, reason, by, key}")
    def move_deadline(self, act: Any = None) -> ActResult:
        return self._do(MoveDeadline, act)

    @move_deadline.validator
    def check_move_deadline(self, act: Any = None) -> None:
        self._check(MoveDeadline, act)

    @workflow.signal(name="move_deadline", description="调整期限 {clock, due, reason, by, key}")
    def move_deadline_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(MoveDeadline, "move_deadline", sent)

    @workflow.update(name="new_calendar", description="换用新的放假安排 {calendar, by, key}")
    def new_calendar(self, act: Any = None) -> ActResult:
        return self._do(NewCalendar, act)

    @new_calendar.validator
    def check_new_calendar(self, act: Any = None) -> None:
        self._check(NewCalendar, act)

    @workflow.signal(name="new_calendar", description="换用新的放假安排 {calendar, by, key}")
    def new_calendar_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(NewCalendar, "new_calendar", sent)

    @workflow.update(name="new_authority", description="换用新的授权表 {authority, by, version, key}")
    def new_authority(self, act: Any = None) -> ActResult:
        return self._do(NewAuthority, act)

    @new_authority.validator
    def check_new_authority(self, act: Any = None) -> None:
        self._check(NewAuthority, act)

    @workflow.signal(name="new_authority", description="换用新的授权表 {authority, by, version, key}")
    def new_authority_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(NewAuthority, "new_authority", sent)

    @workflow.update(
        name="migrate",
        description="换用流程的另一版本 {definition, version, by, reason, elements, variables, timers_anew, key}",
    )
    def migrate(self, act: Any = None) -> ActResult:
        return self._do(MigrateCase, act)

    @migrate.validator
    def check_migrate(self, act: Any = None) -> None:
        self._check(MigrateCase, act)

    @workflow.signal(
        name="migrate",
        description="换用流程的另一版本 {definition, version, by, reason, elements, variables, timers_anew, key}",
    )
    def migrate_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(MigrateCase, "migrate", sent)

    @workflow.update(name="modify", description="调整在办的环节 {changes, by, reason, key}")
    def modify(self, act: Any = None) -> ActResult:
        return self._do(ModifyCase, act)

    @modify.validator
    def check_modify(self, act: Any = None) -> None:
        self._check(ModifyCase, act)

    @workflow.signal(name="modify", description="调整在办的环节 {changes, by, reason, key}")
    def modify_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(ModifyCase, "modify", sent)

    @workflow.update(name="suspend", description="挂起 {by, reason, scope, key}")
    def suspend(self, act: Any = None) -> ActResult:
        return self._do(SuspendCase, act)

    @suspend.validator
    def check_suspend(self, act: Any = None) -> None:
        self._check(SuspendCase, act)

    @workflow.signal(name="suspend", description="挂起 {by, reason, scope, key}")
    def suspend_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(SuspendCase, "suspend", sent)

    @workflow.update(name="resume", description="恢复 {by, reason, scope, key}")
    def resume(self, act: Any = None) -> ActResult:
        return self._do(ResumeCase, act)

    @resume.validator
    def check_resume(self, act: Any = None) -> None:
        self._check(ResumeCase, act)

    @workflow.signal(name="resume", description="恢复 {by, reason, scope, key}")
    def resume_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(ResumeCase, "resume", sent)

    @workflow.update(
        name="activate", description="启动自选子流程中的环节 {scope, elements, by, groups, variables, key}"
    )
    def activate(self, act: Any = None) -> ActResult:
        return self._do(ActivateAdHoc, act)

    @activate.validator
    def check_activate(self, act: Any = None) -> None:
        self._check(ActivateAdHoc, act)

    @workflow.signal(
        name="activate", description="启动自选子流程中的环节 {scope, elements, by, groups, variables, key}"
    )
    def activate_by_signal(self, *sent: Any) -> None:
        self._do_by_signal(ActivateAdHoc, "activate", sent)

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, _args: Sequence[RawValue]) -> None:
        acts.refuse(self.case, name, None, f"没有名为 {name} 的操作", self.world.now())

    # -- between the workflows of one case -------------------------------------------------------------------------

    @workflow.signal
    def child_report(self, *sent: Any) -> None:
        if report := self._taken(CallReport, "child_report", sent):
            self.world.calls.take(report)

    @workflow.signal
    def child_clocks(self, *sent: Any) -> None:
        if report := self._taken(ClockReport, "child_clocks", sent):
            try:
                limits.take(self.case, report, self.world.now())
            except ValueError:
                acts.refuse(self.case, "child_clocks", None, "内容不符", self.world.now())

    @workflow.signal
    def cancel_call(self, *sent: Any) -> None:
        if cancel := self._taken(CallCancel, "cancel_call", sent):
            self.world.apply(self._ending(cancel.message))

    @workflow.signal
    def answer_escalation(self, *sent: Any) -> None:
        if answer := self._taken(EscalationAnswer, "answer_escalation", sent):
            self.world.apply(events.EscalationAnswered(answer.throw_key))

    @workflow.signal
    def bpmn_signal(self, *sent: Any) -> None:
        if passed := self._taken(SignalPassed, "bpmn_signal", sent):
            self.world.signals.take(passed)

    def _ending(self, message: str) -> events.Event:
        """How the case ends with its call activity: by the message that withdraws, where it waits for it."""
        for wait in self.case.instance.waits:
            if message and wait.kind == "message" and wait.name == message:
                return events.MessageArrived(message, wait.correlation_key)
        return events.Cancelled("上级流程已结束本环节")

    def _taken(self, cls: type[T], name: str, sent: Sequence[Any]) -> T | None:
        """What a signal of ours holds; None where somebody else sent something else, which is journalled."""
        try:
            (content,) = sent
            taken = codec.decode(cls, content)
            for field, hint in get_type_hints(cls).items():
                if not isinstance(getattr(taken, field), get_origin(hint) or hint):
                    raise TypeError(field)
        except (AttributeError, TypeError, ValueError):
            acts.refuse(self.case, name, None, "内容不符", self.world.now())
            return None
        return taken

    # -- looking ---------------------------------------------------------------------------------------------------

    @workflow.query(description="案件所处的状态")
    def view(self) -> dict[str, Any]:
        """Where the case stands."""
        return self.case.view()

    @workflow.query(description="任务的表单所显示的变量")
    def form(self, task: str = "") -> dict[str, Any] | None:
        """The variables that the form of an open task shows; null for a task that is not open."""
        return forms.shown(self.case, task)

    @workflow.query(description="自选子流程中可以启动的环节")
    def activatable(self) -> list[OpenAdHoc]:
        """The open ad-hoc sub-processes, with what may be activated in each."""
        return ad_hoc_acts.opened(self.case)

    @workflow.query(description="案件的各项期限及其说明")
    def limits(self) -> list[dict[str, Any]]:
        """Every clock of the case, when it is due and why."""
        return limits.table(self.case, self.world.now())

    @workflow.query(description="异常处理的结果")
    def incident(self, incident: str) -> IncidentNow:
        """How things stand with an incident, that was there or is."""
        return incident_acts.state(self.case, incident)

    @workflow.query(description="换用另一版本的可行性 {definition, version, by, reason, elements, variables}")
    def preview_migrate(self, act: Any = None) -> MigrationPreview:
        """Whether the process could move to another version, and what keeps it from that; nothing is done."""
        return life_acts.preview_migration(self.case, act_from_json(MigrateCase, act), self.world.now())

    @workflow.query(description="调整环节的后果 {changes, by, reason}")
    def preview_modify(self, act: Any = None) -> ModificationPreview:
        """What would follow from a modification; nothing is done."""
        return life_acts.preview_modification(self.case, act_from_json(ModifyCase, act), self.world.now())

    @workflow.query(description="已办操作的首次结果")
    def handled(self, kind: str, key: str) -> Handled | None:
        """The act of that kind that was done under its sender's key: what answers a repeated one after the end."""
        return self.case.handled.done(kind, key)
