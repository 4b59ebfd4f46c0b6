"""The materials ledger through its activities: issued once, given back once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.materials import MaterialActivities
from domain.jobs import Job
from domain.stock import Material
from storage.database import Database
from storage.materials import case_balance, case_slips

MakeJob = Callable[..., Job]
CASE = "YK-2026-000317"
MATERIALS = {
    "materials": [
        {"item": "10kV电力电缆3×300", "unit": "千米", "quantity": 2.9},
        {"item": "柱上断路器", "unit": "台", "quantity": 1},
    ]
}


@pytest.fixture
def materials(database: Database) -> MaterialActivities:
    return MaterialActivities(database)


def run(activity: Callable[[Job], dict[str, Any]], job: Job) -> dict[str, Any]:
    result: dict[str, Any] = ActivityEnvironment().run(activity, job)
    return result


def balance(database: Database) -> list[Material]:
    with database.session() as session:
        return case_balance(session, CASE)


def test_materials_are_issued_on_a_numbered_slip(
    materials: MaterialActivities, database: Database, job: MakeJob
) -> None:
    assert run(materials.issue_materials, job(MATERIALS)) == {"issueNo": "LLD-2026-00001"}

    assert balance(database) == [
        Material("10kV电力电缆3×300", "千米", Decimal("2.9")),
        Material("柱上断路器", "台", Decimal(1)),
    ]


def test_the_same_issue_tried_again_is_booked_once(
    materials: MaterialActivities, database: Database, job: MakeJob
) -> None:
    first = run(materials.issue_materials, job(MATERIALS))

    assert run(materials.issue_materials, job(MATERIALS)) == first
    with database.session() as session:
        assert [slip.number for slip in case_slips(session, CASE)] == ["LLD-2026-00001"]


def test_returned_materials_leave_nothing_with_the_works(
    materials: MaterialActivities, database: Database, job: MakeJob
) -> None:
    issued = run(materials.issue_materials, job(MATERIALS))

    assert run(materials.return_materials, job(issued, key="8")) == {"returnNo": "TLD-2026-00001"}
    assert balance(database) == []


def test_a_slip_is_returned_once_whoever_asks(materials: MaterialActivities, database: Database, job: MakeJob) -> None:
    issued = run(materials.issue_materials, job(MATERIALS))

    returned = [run(materials.return_materials, job(issued, key=key)) for key in ("8", "8", "9")]

    assert returned == [{"returnNo": "TLD-2026-00001"}] * 3
    with database.session() as session:
        assert len(case_slips(session, CASE)) == 2


def test_an_unknown_slip_is_refused(materials: MaterialActivities, job: MakeJob) -> None:
    with pytest.raises(ApplicationError) as caught:
        run(materials.return_materials, job({"issueNo": "LLD-2026-09999"}))

    assert caught.value.message == "不能退料：没有编号为LLD-2026-09999的领料单"
    assert caught.value.type == "JobRefused"
    assert caught.value.non_retryable


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "领用物资（materials）未填写"),
        ({"materials": []}, "领用物资（materials）至少应有一行"),
        (
            {"materials": [{"item": "电缆", "unit": "米", "quantity": 0}]},
            "领用物资第1行·数量（materials[1].quantity）应大于0",
        ),
        ({"materials": [{"unit": "米", "quantity": 1}]}, "领用物资第1行·物资名称（materials[1].item）未填写"),
    ],
)
def test_an_issue_with_wrong_data_is_refused_by_name(
    materials: MaterialActivities, database: Database, job: MakeJob, variables: dict[str, Any], message: str
) -> None:
    with pytest.raises(ApplicationError) as caught:
        run(materials.issue_materials, job(variables))

    assert caught.value.message == f"不能发料，请补正下列数据：{message}"
    assert balance(database) == []
