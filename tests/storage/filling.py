"""Many cases at once: rows of the read model as a journal would leave them, for tests of how lists grow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select

from storage.base import table_of
from storage.cases import Case
from storage.clocks import CaseClock
from storage.database import Database
from storage.tasks import CandidateKind, Task, TaskCandidate

BEGUN = datetime(2026, 3, 2, 1, tzinfo=UTC)
COUNTIES = ("开发区", "张北县", "宣化区")
DEPARTMENTS = ("marketing", "planning", "operations")


def fill(database: Database, cases: int) -> None:
    """So many more cases, each with an open task, a clock of the process and one of the task; every fifth clock has an
    order that waits for its answer."""
    with database.transaction() as session:
        first = session.scalar(select(func.count()).select_from(Case)) or 0
        numbers = range(first + 1, first + cases + 1)
        session.execute(insert(table_of(Case)), [_case(number) for number in numbers])
        session.execute(insert(table_of(Task)), [_task(number) for number in numbers])
        session.execute(insert(table_of(TaskCandidate)), [_candidate(number) for number in numbers])
        clocks = [_clock(number, clock) for number in numbers for clock in ("reply", "acceptance:5")]
        session.execute(insert(table_of(CaseClock)), clocks)


def _when(number: int) -> datetime:
    return BEGUN + timedelta(minutes=number)


def _case(number: int) -> dict[str, object]:
    return {
        "workflow_id": f"case/YK-{number}",
        "case_no": f"YK-{number}",
        "process": "hv_connection",
        "version": 1,
        "title": "高压业扩",
        "case_type": "10kV专线",
        "voltage_kv": "10",
        "county": COUNTIES[number % len(COUNTIES)],
        "customer": f"客户{number}",
        "address": f"规划路{number}号",
        "parent_workflow_id": "",
        "stage": "受理",
        "state": "running",
        "opened_at": _when(number),
        "updated_at": _when(number),
        "closed_at": None,
    }


def _task(number: int) -> dict[str, object]:
    return {
        "workflow_id": f"case/YK-{number}",
        "key": "5",
        "task": "5",
        "case_no": f"YK-{number}",
        "element": "acceptance",
        "name": "业务受理",
        "form": "",
        "assignee": "",
        "candidate_groups": [DEPARTMENTS[number % len(DEPARTMENTS)]],
        "candidate_users": [],
        "priority": 50,
        "due_date": "",
        "due_at": None,
        "follow_up_date": "",
        "state": "open",
        "opened_at": _when(number),
        "claimed_at": None,
        "closed_at": None,
        "closed_by": "",
    }


def _candidate(number: int) -> dict[str, object]:
    department = DEPARTMENTS[number % len(DEPARTMENTS)]
    kind = CandidateKind.GROUP.value
    return {"workflow_id": f"case/YK-{number}", "key": "5", "kind": kind, "candidate": department}


def _clock(number: int, clock: str) -> dict[str, object]:
    ordered = number % 5 == 0
    return {
        "workflow_id": f"case/YK-{number}",
        "clock": clock,
        "case_no": f"YK-{number}",
        "county": COUNTIES[number % len(COUNTIES)],
        "department": DEPARTMENTS[number % len(DEPARTMENTS)],
        "officer": "",
        "name": "供电方案答复",
        "state": "running",
        "started_at": _when(number),
        "due_at": _when(number) + timedelta(days=number % 17),
        "provisional": False,
        "ended_at": None,
        "handed_on": False,
        "level": number % 6 - 1,
        "warned_at": None,
        "passed_at": None,
        "backdated": False,
        "bulletin_at": None,
        "overdue_days": 0,
        "order_no": f"DB-{number}-{clock}" if ordered else "",
        "order_at": _when(number) if ordered else None,
        "cause": "",
        "promised_at": None,
        "answered_at": None,
        "answered_by": "",
        "answer": "",
        "acknowledged_level": None,
        "acknowledged_by": None,
        "acknowledged_at": None,
    }
