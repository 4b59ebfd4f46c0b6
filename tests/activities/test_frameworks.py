"""Framework agreements through their activities (domain.md §1.1 row 8): called off, exhausted, given back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.frameworks import FrameworkActivities
from domain.jobs import Job
from storage.database import Database
from tests.storage.frameworking import DESIGN, Frameworks

MakeJob = Callable[..., Job]
WANTED = {"framework": DESIGN.number, "lot": "1", "amount": 250.5, "matter": "110kV间隔扩建可研初设一体化"}


@pytest.fixture
def kept(database: Database) -> Frameworks:
    return Frameworks(database, datetime(2026, 3, 9, 2, tzinfo=UTC)).save()


@pytest.fixture
def frameworks(database: Database) -> FrameworkActivities:
    return FrameworkActivities(database)


def run(activity: Callable[[Job], dict[str, Any]], job: Job) -> dict[str, Any]:
    result: dict[str, Any] = ActivityEnvironment().run(activity, job)
    return result


def failure(activity: Callable[[Job], dict[str, Any]], job: Job) -> ApplicationError:
    with pytest.raises(ApplicationError) as caught:
        run(activity, job)
    assert caught.value.non_retryable
    return caught.value


def test_a_call_off_answers_its_number_the_contractor_and_what_remains(
    kept: Frameworks, frameworks: FrameworkActivities, job: MakeJob
) -> None:
    for _ in range(2):
        assert run(frameworks.call_off_framework, job(WANTED)) == {
            "callOffNo": "KJWT-2026-0001",
            "frameworkRemaining": 349.5,
            "frameworkContractor": DESIGN.contractor,
            "frameworkAward": DESIGN.award_no,
            "frameworkAwardedOn": "2026-01-05",
            "frameworkValidFrom": "2026-01-10",
            "frameworkValidUntil": "2026-12-31",
            "frameworkLicence": DESIGN.licence,
            "frameworkLicenceUntil": "2027-06-30",
        }

    assert kept.remaining()["1"] == Decimal("349.5")


def test_an_exhausted_framework_is_a_bpmn_error_that_says_what_to_do(
    kept: Frameworks, frameworks: FrameworkActivities, job: MakeJob
) -> None:
    thrown = failure(frameworks.call_off_framework, job({**WANTED, "amount": 1000}))

    assert (thrown.type, *thrown.details) == ("BpmnError", "framework_unusable", {"frameworkProblem": thrown.message})
    assert thrown.message == (
        "框架KJ-2026-01标段1余额600.00元，不足本次委托的1,000.00元。没有其他可用的同类框架，请物资部重新组织框架招标。"
    )


def test_an_expired_framework_is_a_bpmn_error(kept: Frameworks, frameworks: FrameworkActivities, job: MakeJob) -> None:
    thrown = failure(frameworks.call_off_framework, job(WANTED, now="2027-01-01T08:00:00+08:00"))

    assert thrown.message.startswith("框架KJ-2026-01标段1已于2026年12月31日到期。")


def test_a_cancelled_call_off_gives_its_amount_back_once(
    kept: Frameworks, frameworks: FrameworkActivities, job: MakeJob
) -> None:
    made = run(frameworks.call_off_framework, job(WANTED))

    assert [run(frameworks.cancel_call_off, job(made, key=key)) for key in ("8", "9")] == [{}, {}]
    assert kept.remaining()["1"] == 600


def test_an_unknown_call_off_is_refused(frameworks: FrameworkActivities, job: MakeJob) -> None:
    refused = failure(frameworks.cancel_call_off, job({"callOffNo": "KJWT-1"}))

    assert (refused.type, refused.message) == ("JobRefused", "不能撤销框架委托：没有编号为KJWT-1的框架委托")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": 0}, "委托金额(元)（amount）应大于0"),
        ({"amount": 0.001}, "委托金额(元)（amount）最多两位小数"),
        ({"lot": "", "matter": None}, "标段（lot）未填写；委托事项（matter）未填写"),
    ],
)
def test_wrong_data_are_refused_by_name(
    frameworks: FrameworkActivities, job: MakeJob, changes: dict[str, Any], message: str
) -> None:
    refused = failure(frameworks.call_off_framework, job({**WANTED, **changes}))

    assert refused.message == f"不能委托框架，请补正下列数据：{message}"
