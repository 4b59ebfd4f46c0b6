"""Where a case stands, as its query answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bpmn import codec
from workflows.orders import INCIDENT as ORDERS

if TYPE_CHECKING:
    from workflows.case import Case


def view(case: Case) -> dict[str, Any]:
    """All of it as plain JSON."""
    instance = case.instance
    incidents = [
        *((str(key), kind, message) for key, (kind, message) in instance.incidents.items()),
        *((ORDERS, ORDERS, problem) for problem in case.orders.unnumbered.values()),
    ]
    return {
        "case": asdict(case.start.case),
        "outcome": instance.outcome,
        "stage": case.stage,
        "tasks": [{**codec.encode(task), "claimedBy": case.claims.get(key, "")} for key, task in case.tasks.items()],
        "incidents": [{"key": key, "kind": kind, "message": message} for key, kind, message in incidents],
        "suspended": [str(key) for key in instance.suspended],
        "waits": [codec.encode(wait) for wait in instance.waits],
        "children": dict(case.children),
        "variables": instance.variables() if instance.active else {},
        "unrecorded": len(case.outbox),
        "journalProblem": case.journal_problem,
    }
