"""What Temporal's Web UI and lists show of a case. Officers appear by post or account, customers not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from bpmn.commands import OpenUserTask
from domain import start
from domain.ad_hoc import OpenAdHoc
from domain.clock_table import HEADINGS
from domain.departments import department_name
from domain.records import CaseFields
from workflows import ad_hoc_acts, limits
from workflows import namespace as names
from workflows.case import Case
from workflows.orders import INCIDENT as ORDERS

summary = start.summary
_SHOWN_TASKS = 20


def first_attributes(case: CaseFields) -> TypedSearchAttributes:
    """The search attributes that a case has from its start."""
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in _fixed(case).items() if value])


def updates(case: Case, shown: TypedSearchAttributes, now: datetime) -> list[SearchAttributeUpdate[Any]]:
    """What to tell Temporal so that it shows what is so."""
    result: list[SearchAttributeUpdate[Any]] = []
    for key, value in {**_fixed(case.start.case), **_changing(case, now)}.items():
        present = shown.get(key)
        if value != present and (value or present):
            result.append(key.value_unset() if value in ("", []) else key.value_set(value))
    return result


def _fixed(case: CaseFields) -> dict[SearchAttributeKey[Any], Any]:
    return {
        names.CASE_NO: case.case_no,
        names.CASE_TYPE: case.case_type,
        names.VOLTAGE_KV: case.voltage_kv,
        names.COUNTY: case.county,
    }


def _changing(case: Case, now: datetime) -> dict[SearchAttributeKey[Any], Any]:
    return {
        names.STAGE: case.stage,
        names.DEPARTMENTS: [department_name(code) for code in case.departments()],
        names.INCIDENT: case.incident,
        **_limits(case, now),
    }


def _limits(case: Case, now: datetime) -> dict[SearchAttributeKey[Any], Any]:
    due = limits.due_at(case)
    if due is None:
        # The last DueAt stays: the SDK cannot read a list of cases in which an instant has been unset.
        return {names.DEADLINE_STATUS: ""}
    return {names.DUE_AT: due, names.DEADLINE_STATUS: limits.colour(case, now).value}


def details(case: Case, now: datetime) -> str:
    """What case it is, stage, open tasks and incidents, in Markdown; Temporal forgets the static summary of a case
    that is continued as new, so this begins with it."""
    lines = [summary(case.start.case), "", f"**环节** {case.stage or '—'}"]
    if case.instance.outcome:
        lines.append(f"**结果** {_OUTCOMES[case.instance.outcome]}")
    tasks = list(case.tasks.items())
    if tasks:
        lines += ["", "**待办**", ""]
        lines += [_task_line(case, key, task) for key, task in tasks[:_SHOWN_TASKS]]
        if len(tasks) > _SHOWN_TASKS:
            lines.append(f"- 另有 {len(tasks) - _SHOWN_TASKS} 项")
    if offers := [_offer_line(one) for one in ad_hoc_acts.opened(case) if one.activatable and not one.suspended]:
        lines += ["", "**可启动**", "", *offers[:_SHOWN_TASKS]]
    if clocks := [row.words() for _, row in limits.rows(case, now) if row.clock.running]:
        lines += ["", _table_line(HEADINGS), _table_line(("---",) * len(HEADINGS)), *map(_table_line, clocks)]
    for incident, kind, message in _problems(case):
        lines += ["", f"**异常 {incident}**（{kind}）{message}"]
    return "\n".join(lines)


def _problems(case: Case) -> list[tuple[str, str, str]]:
    found = [(str(key), kind, message) for key, (kind, message) in case.instance.incidents.items()]
    found += [(ORDERS, "督办单", problem) for problem in case.orders.unnumbered.values()]
    if case.journal_problem:
        found.append(("journal", "记录", case.journal_problem))
    if case.size_problem:
        found.append(("size", "容量", case.size_problem))
    return found


def _table_line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _task_line(case: Case, key: str, task: OpenUserTask) -> str:
    who = case.claims.get(key) or task.assignee or "、".join(map(department_name, task.candidate_groups))
    due = f"，{task.due_date} 前" if task.due_date else ""
    return f"- {task.name}：{who}{due}（编号 {key}）"


def _offer_line(offer: OpenAdHoc) -> str:
    """What can be activated in an ad-hoc sub-process."""
    whose = f"，由{'、'.join(map(department_name, offer.departments))}启动" if offer.departments else ""
    choices = "、".join(f"{one.name}（{one.element}）" for one in offer.activatable)
    return f"- 「{offer.name}」（编号 {offer.key}{whose}）：{choices}"


_OUTCOMES = {"completed": "办结", "terminated": "已终止", "failed": "以差错结束"}
