"""A running case: its engine instance, the tasks people see, what was done already, and what is still to be recorded.

Pure bookkeeping: it answers with the engine's commands and touches nothing outside; `world.py` carries them out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bpmn import codec, commands, events
from bpmn.commands import Command
from bpmn.execution import json_size
from bpmn.feel import Environment
from bpmn.instance import Instance
from bpmn.journal import Record as JournalRecord
from bpmn.options import Options
from domain.acts import ActRefused, ActResult, ClaimTask, CompleteTask, ReleaseTask, ResolveIncident, SendMessage
from domain.calendar import WorkingCalendar
from domain.departments import department_name
from domain.feel import feel_functions
from domain.records import Record
from domain.start import Carried, CaseStart
from workflows import definitions

HANDLED_KEPT = 1_000
"""How many keys of acts are remembered, so that a repeated act is answered and not done again."""

JOURNAL_INCIDENT = "journal"
"""The name of the incident that the journal itself is in, for `resolve_incident`."""

Act = CompleteTask | ClaimTask | ReleaseTask | ResolveIncident | SendMessage


class Case:
    """The state of one case between two activations of its workflow."""

    def __init__(self, start: CaseStart, epoch: str) -> None:
        carried = start.carried
        self.start = start
        self.functions = feel_functions(WorkingCalendar.from_json(start.calendar))
        self.definition = definitions.load(start.definition_sha256, start.definition, self.functions)
        self.options = _options(start, self.functions)
        if carried:
            self.instance = Instance.load(self.definition, carried.instance, self.options)
        else:
            self.instance = Instance(self.definition, start.case.process, start.variables, self.options)
        tasks = [codec.decode(commands.OpenUserTask, task) for task in carried.tasks] if carried else []
        self.tasks = {str(task.key): task for task in tasks}
        self.claims = dict(carried.claims) if carried else {}
        self.handled = {key: ActResult(**result) for key, result in carried.handled} if carried else {}
        self.outbox: list[Record] = list(carried.outbox) if carried else []
        self.children = dict(carried.children) if carried else {}
        self.asked = {key: list(asked) for key, asked in carried.asked.items()} if carried else {}
        self.stage = carried.stage if carried else ""
        self.shown = dict(carried.shown) if carried else {"stage": "", "departments": [], "incident": False}
        self.epoch = epoch or (carried.epoch if carried else "")
        self.reported = carried.reported if carried else False
        self.journal_problem = carried.journal_problem if carried else ""
        self.finished = codec.decode(commands.Finished, carried.finished) if carried and carried.finished else None
        self.applied = 0
        self.changed = True

    def carry(self, held: list[dict[str, Any]]) -> Carried:
        """What the next run needs; `held` are the commands that it is to carry out."""
        return Carried(
            instance=self.instance.dump(),
            tasks=[codec.encode(task) for task in self.tasks.values()],
            claims=self.claims,
            handled=[[key, asdict(result)] for key, result in self.handled.items()],
            outbox=self.outbox,
            held=held,
            children=self.children,
            asked=self.asked,
            stage=self.stage,
            shown=self.shown,
            epoch=self.epoch,
            reported=self.reported,
            finished=codec.encode(self.finished) if self.finished else {},
            journal_problem=self.journal_problem,
        )

    # -- the engine ------------------------------------------------------------------------------------------------

    def begin(self, now: datetime) -> list[Command]:
        """Start the instance, unless an earlier run has."""
        if self.instance.active or self.instance.outcome:
            return []
        self.instance.note("case", now, data=asdict(self.start.case))
        return self._took(self.instance.start(now, self._start_event()), now)

    def _start_event(self) -> str:
        """The start event of the message that starts the case; empty for the plain one."""
        for start in self.instance.graph.root.starts:
            message = start.element.event.message if start.element.event else None
            if message and message.name == self.start.start_message:
                return start.id
        return ""

    def handle(self, event: events.Event, now: datetime) -> list[Command]:
        """Tell the engine of an event."""
        return self._took(self.instance.handle(event, now), now)

    def proceed(self, now: datetime) -> list[Command]:
        """Let the engine go on with what its last slice left over."""
        return self._took(self.instance.proceed(now), now)

    def note(self, event: str, now: datetime, key: int = 0, **data: Any) -> None:
        """Write a line into the journal."""
        self.instance.note(event, now, key, data)
        self._drain(now)

    def _took(self, todo: list[Command], now: datetime) -> list[Command]:
        self.applied += 1
        self.changed = True
        for command in todo:
            if isinstance(command, commands.OpenUserTask):
                self.tasks[str(command.key)] = command
            elif isinstance(command, commands.CloseUserTask):
                self._forget_task(str(command.key))
            elif isinstance(command, commands.Finished):
                self.finished = command
        self._drain(now)
        return todo

    def _forget_task(self, task: str) -> None:
        self.tasks.pop(task, None)
        self.claims.pop(task, None)

    def _drain(self, now: datetime) -> None:
        nodes = self.instance.graph.nodes
        stages: list[tuple[int, str]] = []
        for record in self.instance.drain_journal():
            self.outbox.append(_sent(record))
            stage = nodes[record.element].element.properties.get("stage", "") if record.event == "activated" else ""
            if stage:
                stages.append((record.key, stage))
        for key, stage in stages:
            if stage != self.stage:
                self.stage = stage
                self.note("stage", now, key, stage=stage)

    def mark_message(self, message_id: str, now: datetime) -> bool:
        """Remember that a message is being handled; false where it has been."""
        key = f"{SendMessage.__name__}:{message_id}"
        if key in self.handled:
            return False
        self._remember(key, ActResult(SendMessage.__name__, now.isoformat()))
        return True

    def _remember(self, key: str, result: ActResult) -> None:
        self.handled[key] = result
        while len(self.handled) > HANDLED_KEPT:
            self.handled.pop(next(iter(self.handled)))

    # -- acts ------------------------------------------------------------------------------------------------------

    def result_of(self, act: Act) -> ActResult | None:
        """The first result of an act with the same key, if it has been done."""
        return self.handled.get(f"{type(act).__name__}:{act.key}") if act.key else None

    def check(self, act: Act, now: datetime) -> None:
        """Raises `ActRefused` where the act may not be done now, whoever sent it."""
        if self.result_of(act):
            return
        _CHECKS[type(act)](self, act, now)

    def do(self, act: Act, channel: str, now: datetime) -> tuple[ActResult, list[Command]]:
        """Do an act that has been checked, or answer a repeated one with its first result."""
        if done := self.result_of(act):
            return done, []
        todo = _ACTS[type(act)](self, act, channel, now)
        result = ActResult(type(act).__name__, now.isoformat(), act.by)
        if act.key:
            self._remember(f"{type(act).__name__}:{act.key}", result)
        self.changed = True
        return result, todo

    def refuse(self, name: str, data: Any, reason: str, now: datetime) -> None:
        """Write into the journal that an act was refused to somebody who gets no answer."""
        by = data.get("by", "") if isinstance(data, dict) else ""
        self.note("refused", now, act=name, by=str(by), channel="signal", reason=reason)

    def _open_task(self, task: str) -> commands.OpenUserTask:
        if task not in self.tasks:
            raise ActRefused(f"任务 {task} 不在待办中：可能已办结、已撤销，或编号有误")
        return self.tasks[task]

    def _check_complete(self, act: CompleteTask, now: datetime) -> None:
        task = self._open_task(act.task)
        self._check_actor(task, act.by, act.groups)
        if large := self._too_large(act.data):
            raise ActRefused(large)
        form = self.definition.forms.get(task.form)
        if form is None:
            if task.form:
                raise ActRefused(f"找不到表单 {task.form}，请重新部署流程")
            return
        environment = Environment(now, self.options.zone, self.functions, self.options.budget)
        faults = form.validate(act.data, self.instance.variables(task.key), environment)
        if faults:
            raise ActRefused("；".join(f"{one.label or one.key}（{one.key}）：{one.problem}" for one in faults))

    def _too_large(self, variables: dict[str, Any]) -> str:
        limit = self.options.variable_bytes
        for name, value in variables.items():
            if isinstance(value, str | list | dict) and (size := json_size(value)) > limit:
                return f"{name} 有 {size} 字节，超过上限 {limit} 字节；大的内容请作为文件上传"
        return ""

    def _check_actor(self, task: commands.OpenUserTask, by: str, groups: list[str]) -> None:
        if not by:
            raise ActRefused("未说明经办人（by）")
        holder = self.claims.get(str(task.key)) or task.assignee
        if holder:
            if by != holder:
                raise ActRefused(f"任务「{task.name}」已由 {holder} 领办，{by} 不能办理")
            return
        candidates = task.candidate_groups or task.candidate_users
        if candidates and by not in task.candidate_users and not set(groups) & set(task.candidate_groups):
            who = "、".join([*map(department_name, task.candidate_groups), *task.candidate_users])
            raise ActRefused(f"任务「{task.name}」由 {who} 办理，{by} 不在其中")

    def _complete(self, act: CompleteTask, channel: str, now: datetime) -> list[Command]:
        key = self.tasks[act.task].key
        self._forget_task(act.task)
        self.note("act", now, key, act="complete", by=act.by, channel=channel)
        return self.handle(events.TaskCompleted(key, act.data, act.by), now)

    def _check_claim(self, act: ClaimTask, now: datetime) -> None:
        self._check_actor(self._open_task(act.task), act.by, act.groups)

    def _claim(self, act: ClaimTask, channel: str, now: datetime) -> list[Command]:
        self.claims[act.task] = act.by
        self.note("claimed", now, self.tasks[act.task].key, by=act.by, channel=channel)
        return []

    def _check_release(self, act: ReleaseTask, now: datetime) -> None:
        task = self._open_task(act.task)
        if self.claims.get(act.task) != act.by:
            raise ActRefused(f"任务「{task.name}」并非由 {act.by or '未具名者'} 领办，不能退还")

    def _release(self, act: ReleaseTask, channel: str, now: datetime) -> list[Command]:
        del self.claims[act.task]
        self.note("released", now, self.tasks[act.task].key, by=act.by, channel=channel)
        return []

    def _check_incident(self, act: ResolveIncident, now: datetime) -> None:
        if not act.by:
            raise ActRefused("未说明经办人（by）")
        known = [str(key) for key in self.instance.incidents] + [JOURNAL_INCIDENT] * bool(self.journal_problem)
        if act.incident not in known:
            raise ActRefused(f"没有编号为 {act.incident} 的异常；现有：{'、'.join(known) or '无'}")
        if large := self._too_large(act.variables):
            raise ActRefused(large)

    def _resolve(self, act: ResolveIncident, channel: str, now: datetime) -> list[Command]:
        if act.incident == JOURNAL_INCIDENT:
            self.journal_problem = ""
            return []
        key = int(act.incident)
        names = sorted(act.variables)
        self.note("act", now, key, act="resolve_incident", by=act.by, channel=channel, variables=names)
        return self.handle(events.RetryIncident(key, act.variables), now)

    def _check_message(self, act: SendMessage, now: datetime) -> None:
        if not act.name:
            raise ActRefused("未说明消息名称（name）")
        if large := self._too_large(act.variables):
            raise ActRefused(large)
        known = self.definition.messages()[self.start.case.process]
        if act.name not in known and not self.instance.waits_for(act.name, act.correlation_key):
            raise ActRefused(f"本流程不认识消息 {act.name}；认识的有：{'、'.join(known) or '无'}")

    def _message(self, act: SendMessage, channel: str, now: datetime) -> list[Command]:
        self.note("act", now, act="message", by=act.by, channel=channel, message=act.name)
        live = self.start.settings.message_time_to_live
        event = events.MessageArrived(act.name, act.correlation_key, act.variables, act.key, live)
        return self.handle(event, now)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def departments(self) -> list[str]:
        """The departments whose turn it is."""
        return sorted({group for task in self.tasks.values() for group in task.candidate_groups})

    def view(self) -> dict[str, Any]:
        """Where the case stands, for queries."""
        return {
            "case": asdict(self.start.case),
            "outcome": self.instance.outcome,
            "stage": self.stage,
            "tasks": [
                {**codec.encode(task), "claimedBy": self.claims.get(key, "")} for key, task in self.tasks.items()
            ],
            "incidents": [
                {"key": str(key), "kind": kind, "message": message}
                for key, (kind, message) in self.instance.incidents.items()
            ],
            "waits": [codec.encode(wait) for wait in self.instance.waits],
            "children": dict(self.children),
            "variables": self.instance.variables() if self.instance.active else {},
            "unrecorded": len(self.outbox),
            "journalProblem": self.journal_problem,
        }


def _sent(record: JournalRecord) -> Record:
    """A record of the engine as the read model takes it."""
    return Record(
        seq=record.seq,
        at=record.at.isoformat(),
        event=record.event,
        element=record.element,
        type=record.type,
        name=record.name,
        scope=str(record.scope) if record.scope else "",
        key=str(record.key) if record.key else "",
        data=record.data,
    )


def _options(start: CaseStart, functions: Mapping[str, Callable[..., Any]]) -> Options:
    caller = start.caller
    return Options(
        functions=functions,
        slice_steps=start.settings.slice_steps,
        endless_steps=start.settings.endless_steps,
        open_bodies=start.settings.open_bodies,
        variable_bytes=start.settings.variable_bytes,
        called=caller is not None,
        caught_errors=tuple(caller.caught_errors) if caller else (),
        interrupting_escalations=tuple(caller.interrupting_escalations) if caller else (),
    )


_CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {
    CompleteTask: Case._check_complete,
    ClaimTask: Case._check_claim,
    ReleaseTask: Case._check_release,
    ResolveIncident: Case._check_incident,
    SendMessage: Case._check_message,
}
_ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {
    CompleteTask: Case._complete,
    ClaimTask: Case._claim,
    ReleaseTask: Case._release,
    ResolveIncident: Case._resolve,
    SendMessage: Case._message,
}
