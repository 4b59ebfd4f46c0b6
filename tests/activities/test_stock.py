"""The stock through its activities: looked at, promised, drawn against the early-start approval, given back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.materials import MaterialActivities
from activities.stock import StockActivities
from domain.documents.grid import EARLY_START_APPROVAL
from domain.jobs import Job
from storage.database import Database
from storage.documents import Document, DocumentStatus, void_documents
from storage.materials import case_slips
from storage.reservations import case_reservations
from tests.storage.stocking import CABLE, Stock

MakeJob = Callable[..., Job]
CASE = "YK-2026-000317"
MONDAY = datetime(2026, 3, 9, 2, tzinfo=UTC)
APPROVAL = "XXSG-2026-0007"


def wanting(quantity: float, **more: Any) -> dict[str, Any]:
    return {"materials": [{"item": CABLE, "unit": "米", "quantity": quantity}], **more}


@pytest.fixture
def kept(database: Database) -> Stock:
    """Three hundred metres of cable, and five hundred more on the way."""
    stock = Stock(database, MONDAY).begin()
    stock.order(500, date(2026, 3, 20))
    return stock


@pytest.fixture
def stock(database: Database) -> StockActivities:
    return StockActivities(database)


@pytest.fixture
def materials(database: Database) -> MaterialActivities:
    return MaterialActivities(database)


def run(activity: Callable[[Job], dict[str, Any]], job: Job) -> dict[str, Any]:
    result: dict[str, Any] = ActivityEnvironment().run(activity, job)
    return result


def failure(activity: Callable[[Job], dict[str, Any]], job: Job) -> ApplicationError:
    with pytest.raises(ApplicationError) as caught:
        run(activity, job)
    assert caught.value.non_retryable
    return caught.value


def approve(database: Database, case_no: str = CASE) -> None:
    """The early-start approval of a case."""
    with database.transaction() as session:
        session.add(
            Document(
                workflow_id=f"case-{case_no}",
                key="3",
                case_no=case_no,
                kind=EARLY_START_APPROVAL,
                version=1,
                series="s",
                serial=7,
                number=APPROVAL,
                status=DocumentStatus.VALID.value,
                sha256="",
                model={},
                issued_at=MONDAY,
                voided_at=None,
                void_reason="",
            )
        )


# -- looking -------------------------------------------------------------------------------------------------------


def test_a_check_says_that_there_is_enough(kept: Stock, stock: StockActivities, job: MakeJob) -> None:
    assert run(stock.check_stock, job(wanting(300))) == {
        "stockEnough": True,
        "notStocked": [],
        "shortages": [],
        "shortageText": "",
        "shortageRecheckOn": None,
    }


def test_a_shortage_is_told_in_figures_and_in_one_sentence(kept: Stock, stock: StockActivities, job: MakeJob) -> None:
    found = run(stock.check_stock, job(wanting(420.5)))

    assert found == {
        "stockEnough": False,
        "notStocked": [],
        "shortages": [
            {
                "item": CABLE,
                "unit": "米",
                "needed": 420.5,
                "available": 300,
                "arrivesOn": "2026-03-20",
                "depot": "",
            }
        ],
        "shortageText": f"物资短缺：{CABLE}缺120.5米（需420.5米，可用300米，预计2026年3月20日到货）。",
        "shortageRecheckOn": "2026-03-20",
    }


def test_what_nobody_has_ordered_is_looked_for_again_the_next_day(
    kept: Stock, stock: StockActivities, job: MakeJob
) -> None:
    found = run(stock.check_stock, job(wanting(900)))

    assert "尚无到货安排" in found["shortageText"]
    assert (found["shortages"][0]["arrivesOn"], found["shortageRecheckOn"]) == (None, "2026-03-10")


def test_goods_that_are_late_have_no_day(kept: Stock, stock: StockActivities, job: MakeJob) -> None:
    found = run(stock.check_stock, job(wanting(420), now="2026-03-25T10:00:00+08:00"))

    assert "原定2026年3月20日到货，逾期未到" in found["shortageText"]
    assert (found["shortages"][0]["arrivesOn"], found["shortageRecheckOn"]) == (None, "2026-03-26")


def test_goods_that_come_today_are_looked_for_tomorrow(kept: Stock, stock: StockActivities, job: MakeJob) -> None:
    found = run(stock.check_stock, job(wanting(420), now="2026-03-20T10:00:00+08:00"))

    assert (found["shortages"][0]["arrivesOn"], found["shortageRecheckOn"]) == ("2026-03-20", "2026-03-21")


def test_what_the_company_does_not_keep_is_named_and_not_short(
    kept: Stock, stock: StockActivities, job: MakeJob
) -> None:
    pole = {"materials": [{"item": "电杆", "unit": "根", "quantity": 3}]}

    found = run(stock.check_stock, job(pole))

    assert (found["stockEnough"], found["notStocked"]) == (True, ["电杆"])


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "不能核对库存，请补正下列数据：领用物资（materials）未填写"),
        (wanting(1, depot="X"), "没有编码为X的仓库"),
        (wanting(0.0001), f"物资“{CABLE}”的数量0.0001最多3位小数"),
        (
            {"materials": [{"item": CABLE, "unit": "千米", "quantity": 1}]},
            f"物资“{CABLE}”库存以米计量，不能按千米领用",
        ),
    ],
)
def test_wrong_data_are_refused_by_name(
    kept: Stock, stock: StockActivities, job: MakeJob, variables: dict[str, Any], message: str
) -> None:
    refused = failure(stock.check_stock, job(variables))

    assert (refused.type, refused.message) == ("JobRefused", message)


# -- promising -----------------------------------------------------------------------------------------------------


def test_materials_are_promised_once_and_given_back_once(kept: Stock, stock: StockActivities, job: MakeJob) -> None:
    promised = [run(stock.reserve_materials, job(wanting(120))) for _ in range(2)]
    assert promised == [{"reservationNo": "YLD-2026-00001"}] * 2
    assert kept.level() == (300, 120)

    assert [run(stock.release_materials, job(promised[0], key=key)) for key in ("8", "9")] == [{}, {}]
    assert kept.level() == (300, 0)


def test_a_shortage_is_a_bpmn_error_with_its_figures(kept: Stock, stock: StockActivities, job: MakeJob) -> None:
    thrown = failure(stock.reserve_materials, job(wanting(420)))

    code, variables = thrown.details
    assert (thrown.type, code) == ("BpmnError", "shortage")
    assert variables["shortageText"] == thrown.message
    assert variables["shortages"][0]["arrivesOn"] == variables["shortageRecheckOn"] == "2026-03-20"
    assert kept.level() == (300, 0)


def test_a_reservation_names_the_approval_it_was_made_against(
    kept: Stock, stock: StockActivities, job: MakeJob, database: Database
) -> None:
    approve(database)

    run(stock.reserve_materials, job(wanting(1, earlyStartApprovalNo=APPROVAL)))

    with database.session() as session:
        assert [one.against for one in case_reservations(session, CASE)] == [APPROVAL]
    refused = failure(stock.reserve_materials, job(wanting(1, earlyStartApprovalNo="XXSG-1"), key="8"))
    assert refused.message == f"不能预留物资：工单{CASE}没有编号为XXSG-1的有效先行施工审批单"


def test_an_unknown_reservation_is_refused(stock: StockActivities, job: MakeJob) -> None:
    refused = failure(stock.release_materials, job({"reservationNo": "YLD-2026-09999"}))

    assert refused.message == "不能解除预留：没有编号为YLD-2026-09999的预留单"


# -- drawing -------------------------------------------------------------------------------------------------------


def against(made: Job, header: str = EARLY_START_APPROVAL) -> Job:
    return replace(made, headers={"against": header})


def test_an_issue_draws_what_the_case_was_promised_and_a_return_puts_it_back(
    kept: Stock, stock: StockActivities, materials: MaterialActivities, job: MakeJob
) -> None:
    run(stock.reserve_materials, job(wanting(120)))
    issued = [run(materials.issue_materials, job(wanting(120), key="8")) for _ in range(2)]
    assert issued == [{"issueNo": "LLD-2026-00001"}] * 2
    assert kept.level() == (180, 0)

    run(materials.return_materials, job(issued[0], key="9"))
    assert kept.level() == (300, 0)


def test_an_issue_for_which_there_is_not_enough_is_a_bpmn_error(
    kept: Stock, materials: MaterialActivities, job: MakeJob
) -> None:
    thrown = failure(materials.issue_materials, job(wanting(301)))

    assert (thrown.type, thrown.details[0]) == ("BpmnError", "shortage")
    assert kept.level() == (300, 0)


def test_stock_is_issued_against_the_early_start_approval_of_the_case(
    kept: Stock, materials: MaterialActivities, job: MakeJob, database: Database
) -> None:
    approve(database)

    run(materials.issue_materials, against(job(wanting(10, earlyStartApprovalNo=APPROVAL))))

    with database.session() as session:
        assert [slip.against for slip in case_slips(session, CASE)] == [APPROVAL]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "库存物资凭先行施工审批单领用，先行施工审批单编号（earlyStartApprovalNo）未填写"),
        ({"earlyStartApprovalNo": "XXSG-1"}, f"工单{CASE}没有编号为XXSG-1的有效先行施工审批单"),
        ({"earlyStartApprovalNo": APPROVAL}, f"工单{CASE}没有编号为{APPROVAL}的有效先行施工审批单"),
    ],
)
def test_without_the_valid_approval_of_the_case_nothing_is_issued(
    kept: Stock,
    materials: MaterialActivities,
    job: MakeJob,
    database: Database,
    variables: dict[str, Any],
    message: str,
) -> None:
    approve(database, "YK-2026-000001")

    refused = failure(materials.issue_materials, against(job(wanting(10, **variables))))

    assert (refused.type, refused.message) == ("JobRefused", f"不能发料：{message}")
    assert kept.level() == (300, 0)


def test_a_void_approval_is_none(kept: Stock, materials: MaterialActivities, job: MakeJob, database: Database) -> None:
    approve(database)
    with database.transaction() as session:
        void_documents(session, f"case-{CASE}", "9", "重新审批", MONDAY)

    assert (
        "有效先行施工审批单"
        in failure(materials.issue_materials, against(job(wanting(10, earlyStartApprovalNo=APPROVAL)))).message
    )


def test_an_issue_that_was_made_stays_made_when_its_approval_is_void(
    kept: Stock, materials: MaterialActivities, job: MakeJob, database: Database
) -> None:
    approve(database)
    work = against(job(wanting(10, earlyStartApprovalNo=APPROVAL)))
    first = run(materials.issue_materials, work)
    with database.transaction() as session:
        void_documents(session, f"case-{CASE}", "9", "重新审批", MONDAY)

    assert run(materials.issue_materials, work) == first


def test_what_is_not_kept_in_stock_needs_no_approval(materials: MaterialActivities, job: MakeJob) -> None:
    assert run(materials.issue_materials, against(job(wanting(10)))) == {"issueNo": "LLD-2026-00001"}


def test_a_header_that_says_nothing_known_is_refused(kept: Stock, materials: MaterialActivities, job: MakeJob) -> None:
    refused = failure(materials.issue_materials, against(job(wanting(10)), "contract"))

    assert refused.message == "不能发料：任务的against为“contract”，应为early_start_approval"
