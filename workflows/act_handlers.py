"""What people and systems send to a process: each act is an update with a validator, and a signal of the same name.

People act by updates, systems by signals. A signal is answered to nobody: where it cannot be done, whatever it holds,
that is a line in the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from domain.act_json import act_from_json
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
)
from workflows import acts
from workflows.case import Case
from workflows.world import World


class ActHandlers:
    """The acts of one instance of a process, which makes its `case` and `world` itself."""

    case: Case
    world: World

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
