"""What is done to the life of a running process: moved to another version, modified, suspended, resumed.

Each may be looked at before: the queries `preview_migrate` and `preview_modify` take the same acts and change nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bpmn import commands, events
from bpmn.commands import Command
from bpmn.definition import Definition
from bpmn.migration import FaultKind, Migrated, MigrationFault, MigrationPlan, migrate
from bpmn.modification import (
    Activation,
    Arrival,
    Misplaced,
    Modification,
    ModificationRefused,
    Move,
    modify,
    preview,
)
from domain.acts import (
    ActRefused,
    MigrateCase,
    ModifyCase,
    Refusal,
    ResumeCase,
    SuspendCase,
    check_named,
    wrong_field,
)
from domain.life import LifeFault, MigrationPreview, ModificationPreview, Moving, TouchedElement
from workflows import definitions
from workflows.called import Called
from workflows.case import Case
from workflows.checks import check_sizes
from workflows.watch import Watch, watch_of

_FAULTS = {
    FaultKind.PLAN: "对照关系有误",
    FaultKind.TARGET: "新版本中没有与之对应的环节",
    FaultKind.KIND: "新版本中的环节类型不同",
    FaultKind.WAIT: "新版本中等待的事件类型不同",
    FaultKind.SCOPE: "新版本中所在的子流程不同",
    FaultKind.WORK: "新版本中的办理方式不同",
    FaultKind.CALL: "新版本中调用的流程不同",
    FaultKind.JOIN: "新版本的汇合处没有已到达分支的来路",
    FaultKind.COMPENSATION: "已办结、可以撤销，新版本中没有与之对应的环节",
    FaultKind.EXPRESSION: "新版本的表达式得不出结果",
    FaultKind.ENDED: "流程尚未开始或已经结束",
}
_MISPLACED = {
    Misplaced.UNKNOWN: "没有这个环节，或已不在办理中",
    Misplaced.SCOPE: "所在的子流程不明确、不存在、尚未开始，或将结束、被取消",
    Misplaced.ELEMENT: "这类环节不能单独开始",
    Misplaced.SUSPENDED: "已挂起，请先恢复",
    Misplaced.EMPTY: "调整后没有在办的环节；如确要结束流程，请注明（ends）",
    Misplaced.EXPRESSION: "有关的表达式得不出结果，或变量不合要求",
    Misplaced.REASON: "没有要调整的内容，或未说明经办人、原因",
}


def _check_reason(by: str, reason: str) -> None:
    check_named(by)
    if not reason.strip():
        raise wrong_field("reason", "须写明原因（reason）")


# -- another version of the diagram --------------------------------------------------------------------------------


def _target(case: Case, act: MigrateCase) -> Definition:
    """The definition that the act brings. Raises `ActRefused`."""
    try:
        definition = definitions.load(_sha256(act), act.definition, case.functions)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise wrong_field("definition", "新版本的流程无法读取") from error
    if case.start.case.process not in definition.processes:
        raise wrong_field("definition", f"新版本中没有流程 {case.start.case.process}")
    return definition


def _sha256(act: MigrateCase) -> str:
    return hashlib.sha256(act.definition.encode()).hexdigest()


def _moved(case: Case, act: MigrateCase, now: datetime) -> tuple[Definition, MigrationPlan, Migrated]:
    definition = _target(case, act)
    process = case.start.case.process
    for old, new in act.elements.items():
        if not isinstance(new, str):
            raise wrong_field(f"elements.{old}", "应为新版本中的环节编号")
    plan = MigrationPlan.between(
        case.instance.graph.process,
        definition.processes[process],
        act.elements,
        timers_anew=act.timers_anew,
        variables=act.variables,
    )
    return definition, plan, migrate(case.instance, definition, plan, now)


def _watch(case: Case, definition: Definition) -> Watch | None:
    """The clocks by the new version, as far as they have run. Raises `ActRefused` where it lacks one of them."""
    watch = watch_of(definition.processes[case.start.case.process], case.start, case.calendar)
    known = watch.clocks.rules if watch else {}
    if missing := sorted({clock.rule for clock in case.watch.clocks} - set(known)) if case.watch else []:
        raise ActRefused(f"新版本中没有本案已计的期限：{'、'.join(missing)}")
    if watch and case.watch:
        watch.load(case.watch.dump())
    return watch


def _check_migrate(case: Case, act: MigrateCase, now: datetime) -> None:
    _check_reason(act.by, act.reason)
    check_sizes(case, "variables", act.variables)
    definition, _, result = _moved(case, act, now)
    if result.faults:
        raise ActRefused("；".join(_fault(one).text for one in result.faults))
    _watch(case, definition)


def _migrate(case: Case, act: MigrateCase, channel: str, now: datetime) -> list[Command]:
    title = _target(case, act).processes[case.start.case.process].name
    case.note("version", now, version=act.version, title=title, by=act.by, reason=act.reason.strip(), channel=channel)
    definition, plan, result = _moved(case, act, now)
    watch = _watch(case, definition)
    fields = replace(case.start.case, version=act.version, title=title)
    case.start = replace(case.start, definition=act.definition, definition_sha256=_sha256(act), case=fields)
    case.definition, case.watch = definition, watch
    case.called = Called(case.start, definition, case.calendar, case.called.reported)
    case.completers = {plan.of(element) or element: told for element, told in case.completers.items()}
    todo = case.become(result.instance, list(result.commands), now)
    for task in [one for one in todo if isinstance(one, commands.OpenUserTask)]:
        if holder := case.claims.get(str(task.key)):  # what is offered anew stays with who has taken it on
            case.note("claimed", now, task.key, by=holder, channel=channel)
    return todo


def preview_migration(case: Case, act: MigrateCase, now: datetime) -> MigrationPreview:
    """Whether the case could do the act, and what would move where."""
    try:
        definition, plan, result = _moved(case, act, now)
        if not result.faults:
            _watch(case, definition)
    except ActRefused as refused:
        return MigrationPreview(faults=[LifeFault(refused.kind.value, str(refused))])
    nodes = case.instance.graph.nodes
    moving = [
        Moving(str(key), one.element, nodes[one.element].name, plan.of(one.element))
        for key, one in case.instance.instances.items()
        if one.parent
    ]
    return MigrationPreview(moving, [_fault(one) for one in result.faults])


def _fault(fault: MigrationFault) -> LifeFault:
    text = f"「{fault.name or fault.element}」{_FAULTS[fault.kind]}"
    if fault.kind in (FaultKind.PLAN, FaultKind.EXPRESSION):
        text += f"：{fault.problem}"
    return LifeFault(fault.kind.value, text, fault.element, fault.name, str(fault.key or ""))


# -- tokens --------------------------------------------------------------------------------------------------------


def _wanted(act: ModifyCase) -> Modification:
    """What the act asks for. Raises `ActRefused` naming what does not fit."""
    known = {"cancel", "activate", "move", "withdraw", "ends"}
    if unknown := sorted(set(act.changes) - known):
        raise wrong_field(f"changes.{unknown[0]}", f"不认识的字段：{'、'.join(unknown)}")
    parts = {name: act.changes.get(name, []) for name in sorted(known - {"ends"})}
    for name, part in parts.items():
        if not isinstance(part, list):
            raise wrong_field(f"changes.{name}", "应为列表")
    ends = act.changes.get("ends", False)
    if not isinstance(ends, bool):
        raise wrong_field("changes.ends", "应为 true 或 false")
    return Modification(
        cancel=tuple(_key("cancel", one) for one in parts["cancel"]),
        activate=tuple(map(_activation, parts["activate"])),
        move=tuple(Move(_key("move.key", _part("move", one, "key")), _name("move", one)) for one in parts["move"]),
        withdraw=tuple(map(_arrival, parts["withdraw"])),
        by=act.by,
        reason=act.reason.strip(),
        ends=ends,
    )


def _activation(one: Any) -> Activation:
    variables = one.get("variables", {}) if isinstance(one, dict) else {}
    if not isinstance(variables, dict):
        raise wrong_field("changes.activate.variables", "应为 JSON 对象")
    scope = one.get("scope", "") if isinstance(one, dict) else ""
    number = _key("activate.scope", scope) if scope else 0
    return Activation(_name("activate", one), number, variables, one.get("item"))


def _arrival(one: Any) -> Arrival:
    scope = _key("withdraw.scope", _part("withdraw", one, "scope"))
    return Arrival(scope, _name("withdraw", one, "gateway"), _name("withdraw", one, "flow"))


def _part(where: str, one: Any, name: str) -> Any:
    if not isinstance(one, dict) or name not in one:
        raise wrong_field(f"changes.{where}.{name}", "未填写")
    return one[name]


def _name(where: str, one: Any, name: str = "element") -> str:
    value = _part(where, one, name)
    if not isinstance(value, str):
        raise wrong_field(f"changes.{where}.{name}", "应为文字")
    return value


def _key(where: str, value: Any) -> int:
    if not isinstance(value, str) or not value.isdecimal() or len(value) > 18:
        raise wrong_field(f"changes.{where}", "应为环节实例的编号")
    return int(value)


def _check_modify(case: Case, act: ModifyCase, now: datetime) -> None:
    _check_reason(act.by, act.reason)
    check_sizes(case, "changes", act.changes)
    if fault := modify(case.instance, _wanted(act), now).fault:
        raise ActRefused(_misplaced(fault).text, _REFUSALS.get(fault.kind, Refusal.CONFLICT))


_REFUSALS = {Misplaced.UNKNOWN: Refusal.GONE}


def _modify(case: Case, act: ModifyCase, channel: str, now: datetime) -> list[Command]:
    case.note("act", now, act="modify", by=act.by, channel=channel, reason=act.reason.strip())
    result = modify(case.instance, _wanted(act), now)
    return case.become(result.instance, list(result.commands), now)


def preview_modification(case: Case, act: ModifyCase, now: datetime) -> ModificationPreview:
    """What would follow if the case did the act."""
    try:
        _check_reason(act.by, act.reason)
        seen = preview(case.instance, _wanted(act), now)
    except ActRefused as refused:
        return ModificationPreview(faults=[LifeFault(refused.kind.value, str(refused))])
    if seen.fault:
        return ModificationPreview(faults=[_misplaced(seen.fault)])
    ended = [TouchedElement(str(one.key), one.element, one.name) for one in seen.ended]
    begun = [TouchedElement(str(one.key), one.element, one.name) for one in seen.begun]
    asked = [" ".join(filter(None, [type(one).__name__, getattr(one, "element", "")])) for one in seen.commands]
    return ModificationPreview(ended, begun, asked, seen.outcome)


def _misplaced(fault: ModificationRefused) -> LifeFault:
    about = f"「{fault.about}」" if fault.about else ""
    text = f"{about}{_MISPLACED[fault.kind]}"
    return LifeFault(fault.kind.value, f"{text}：{fault}" if fault.kind is Misplaced.EXPRESSION else text)


# -- standing still ------------------------------------------------------------------------------------------------


def _scope(case: Case, scope: str) -> int:
    """The key of the scope; 0 for the whole. Raises `ActRefused` where there is none."""
    key = int(scope) if scope.isdecimal() and len(scope) <= 18 else 0
    if (scope and not key) or not case.instance.may_be_suspended(key):
        raise ActRefused(f"没有编号为 {scope} 的子流程，或它已经结束", Refusal.GONE)
    return key or next(iter(case.instance.instances))


def _check_suspend(case: Case, act: SuspendCase, _now: datetime) -> None:
    _check_reason(act.by, act.reason)
    if _scope(case, act.scope) in case.instance.suspended:
        raise ActRefused("已经挂起")


def _suspend(case: Case, act: SuspendCase, channel: str, now: datetime) -> list[Command]:
    key = _scope(case, act.scope)
    case.note("act", now, key, act="suspend", by=act.by, channel=channel, reason=act.reason.strip())
    return case.handle(events.Suspend(key, act.by, act.reason.strip()), now)


def _check_resume(case: Case, act: ResumeCase, _now: datetime) -> None:
    check_named(act.by)
    if _scope(case, act.scope) not in case.instance.suspended:
        raise ActRefused("没有挂起，无须恢复")


def _resume(case: Case, act: ResumeCase, channel: str, now: datetime) -> list[Command]:
    key = _scope(case, act.scope)
    case.note("act", now, key, act="resume", by=act.by, channel=channel, reason=act.reason.strip())
    return case.handle(events.Resume(key, act.by, act.reason.strip()), now)


CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {
    MigrateCase: _check_migrate,
    ModifyCase: _check_modify,
    SuspendCase: _check_suspend,
    ResumeCase: _check_resume,
}
ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {
    MigrateCase: _migrate,
    ModifyCase: _modify,
    SuspendCase: _suspend,
    ResumeCase: _resume,
}
