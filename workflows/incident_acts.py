"""What is done about the incidents of a case: tried again with what was missing, or skipped with a reason.

An incident is an element instance that cannot go on, known by its key; or the journal, which the read model does not
take; or the supervision orders that cannot be written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bpmn import events
from bpmn.behaviours.skipping import Unskippable
from bpmn.commands import Command
from domain.acts import ActRefused, Refusal, ResolveIncident, SkipIncident, check_named, wrong_field
from domain.incidents import IncidentNow, IncidentState
from workflows.case import Case
from workflows.checks import check_awake, check_sizes
from workflows.orders import INCIDENT as ORDERS

JOURNAL_INCIDENT = "journal"
"""The name of the incident that the journal itself is in, for `resolve_incident`."""
_UNSKIPPABLE = {
    Unskippable.PEOPLE: "该环节（或其中的环节）须由人员办理，不能跳过；请修改变量后重试",
    Unskippable.ROUTE: "缺少的是后续走向，没有可以跳过的工作；请修改变量后重试",
    Unskippable.EVENT: "该事件须真实发生，不能跳过；请修改变量后重试",
    Unskippable.DEADLOCK: "并行分支不能汇合，没有可以跳过的工作；请修改变量后重试",
}
_NEVER_SKIPPED = {
    JOURNAL_INCIDENT: "案件记录须完整入库，不能跳过；请排除原因后重试",
    ORDERS: "督办单须出具，不能跳过；请补齐所缺内容后重试",
}


def _check_known(case: Case, incident: str) -> None:
    known = [str(key) for key in case.instance.incidents]
    known += [JOURNAL_INCIDENT] * bool(case.journal_problem) + [ORDERS] * bool(case.orders.unnumbered)
    if incident in known and incident.isdecimal():
        check_awake(case, int(incident))
    if incident not in known:
        raise ActRefused(f"没有编号为 {incident} 的异常；现有：{'、'.join(known) or '无'}", Refusal.GONE)


def _check_resolve(case: Case, act: ResolveIncident, _now: datetime) -> None:
    check_named(act.by)
    _check_known(case, act.incident)
    check_sizes(case, "variables", act.variables)


def _resolve(case: Case, act: ResolveIncident, channel: str, now: datetime) -> list[Command]:
    names = sorted(act.variables)
    if act.incident == JOURNAL_INCIDENT:
        case.journal_problem = ""
        case.note("act", now, act="resolve_incident", by=act.by, channel=channel, incident=JOURNAL_INCIDENT)
        return []
    if act.incident == ORDERS:
        case.note("act", now, act="resolve_incident", by=act.by, channel=channel, incident=ORDERS, variables=names)
        case.orders.supply(act.variables, act.by, now)
        return []
    key = int(act.incident)
    case.note("act", now, key, act="resolve_incident", by=act.by, channel=channel, variables=names)
    return case.handle(events.RetryIncident(key, act.variables), now)


def _check_skip(case: Case, act: SkipIncident, _now: datetime) -> None:
    check_named(act.by)
    _check_known(case, act.incident)
    if not act.reason.strip():
        raise wrong_field("reason", "跳过须写明原因（reason）")
    if reason := _NEVER_SKIPPED.get(act.incident):
        raise ActRefused(reason)
    if why := case.instance.unskippable(int(act.incident)):
        raise ActRefused(_UNSKIPPABLE[why])
    check_sizes(case, "outputs", act.outputs)


def _skip(case: Case, act: SkipIncident, channel: str, now: datetime) -> list[Command]:
    key, names = int(act.incident), sorted(act.outputs)
    case.note("skipped", now, key, by=act.by, channel=channel, reason=act.reason.strip(), outputs=names)
    return case.handle(events.SkipIncident(key, act.outputs), now)


CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {
    ResolveIncident: _check_resolve,
    SkipIncident: _check_skip,
}
ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {
    ResolveIncident: _resolve,
    SkipIncident: _skip,
}


# -- what has become of it -----------------------------------------------------------------------------------------


def state(case: Case, incident: str) -> IncidentNow:
    """How things stand with an incident after it was tried again or skipped."""
    if incident == JOURNAL_INCIDENT:
        return _stands(JOURNAL_INCIDENT, case.journal_problem, at_work=bool(case.outbox))
    if incident == ORDERS:
        return _stands(ORDERS, "；".join(case.orders.unnumbered.values()), at_work=bool(case.orders.unwritten()))
    key = int(incident) if incident.isdecimal() else 0
    kind, message = case.instance.incidents.get(key, ("", ""))
    return _stands(kind, message, at_work=_at_work(case, key))


def _stands(kind: str, message: str, *, at_work: bool) -> IncidentNow:
    if message:
        return IncidentNow(IncidentState.OPEN, kind, message)
    return IncidentNow(IncidentState.AT_WORK if at_work else IncidentState.SOLVED)


def _at_work(case: Case, key: int) -> bool:
    """Whether the outcome of an element instance is still to come; not where people or a called process have it."""
    instance = case.instance.instances.get(key)
    if instance is None or str(key) in case.children:
        return False
    works = case.instance.graph.nodes[instance.element].work in ("job", "call") and instance.role != "body"
    return works or instance.stage != "waiting"
