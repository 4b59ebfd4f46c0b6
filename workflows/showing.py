"""What Temporal's Web UI and lists show of a case. Officers appear by post or account, customers not at all."""

from __future__ import annotations

from typing import Any

from temporalio.common import SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from bpmn.commands import OpenUserTask
from domain.departments import department_name
from domain.records import CaseFields
from workflows import namespace as names
from workflows.case import Case

_SHOWN_TASKS = 20


def summary(case: CaseFields) -> str:
    """One line that tells the case: number, type, voltage, county."""
    voltage = f"{case.voltage_kv}kV" if case.voltage_kv else ""
    voltage = "" if case.case_type.startswith(voltage) else voltage
    return " ".join(part for part in (case.case_no, case.title, case.case_type, voltage, case.county) if part)


def first_attributes(case: CaseFields) -> TypedSearchAttributes:
    """The search attributes that a case has from its start."""
    pairs = [
        (names.CASE_NO, case.case_no),
        (names.CASE_TYPE, case.case_type),
        (names.VOLTAGE_KV, case.voltage_kv),
        (names.COUNTY, case.county),
    ]
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in pairs if value])


def attributes(case: Case) -> dict[str, Any]:
    """The search attributes that change, as they should be."""
    incident = bool(case.instance.incidents or case.journal_problem)
    return {
        "stage": case.stage,
        "departments": [department_name(code) for code in case.departments()],
        "incident": incident,
    }


def updates(wanted: dict[str, Any], shown: dict[str, Any]) -> list[SearchAttributeUpdate[Any]]:
    """What to tell Temporal so that it shows what is wanted."""
    keys: dict[str, Any] = {"stage": names.STAGE, "departments": names.DEPARTMENTS, "incident": names.INCIDENT}
    changed = [name for name, value in wanted.items() if value != shown.get(name)]
    return [
        keys[name].value_set(wanted[name]) if wanted[name] not in ("", []) else keys[name].value_unset()
        for name in changed
    ]


def details(case: Case) -> str:
    """Stage, open tasks and incidents, in Markdown."""
    lines = [f"**环节** {case.stage or '—'}"]
    if case.instance.outcome:
        lines.append(f"**结果** {_OUTCOMES[case.instance.outcome]}")
    tasks = list(case.tasks.items())
    if tasks:
        lines += ["", "**待办**", ""]
        lines += [_task_line(case, key, task) for key, task in tasks[:_SHOWN_TASKS]]
        if len(tasks) > _SHOWN_TASKS:
            lines.append(f"- 另有 {len(tasks) - _SHOWN_TASKS} 项")
    for incident, (kind, message) in case.instance.incidents.items():
        lines += ["", f"**异常 {incident}**（{kind}）{message}"]
    if case.journal_problem:
        lines += ["", f"**异常 journal** {case.journal_problem}"]
    return "\n".join(lines)


def _task_line(case: Case, key: str, task: OpenUserTask) -> str:
    who = case.claims.get(key) or task.assignee or "、".join(map(department_name, task.candidate_groups))
    due = f"，{task.due_date} 前" if task.due_date else ""
    return f"- {task.name}：{who}{due}（编号 {key}）"


_OUTCOMES = {"completed": "办结", "terminated": "已终止", "failed": "以差错结束"}
