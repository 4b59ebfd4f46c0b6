"""Papers of customers: recorded once, found while they are valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.papers import PaperActivities
from domain.jobs import Job
from storage.database import Database
from storage.papers import customer_papers

MakeJob = Callable[..., Job]
CUSTOMER = "91130700MA0B7K3X2Q"
REQUIRED = ["营业执照", "授权委托书", "立项批复"]
PAPERS = [{"kind": "营业执照", "validUntil": None}, {"kind": "授权委托书", "validUntil": "2026-06-30"}]


@pytest.fixture
def papers(database: Database) -> PaperActivities:
    return PaperActivities(database)


def run(activity: Callable[[Job], dict[str, Any]], job: Job) -> dict[str, Any]:
    result: dict[str, Any] = ActivityEnvironment().run(activity, job)
    return result


def search(on_date: str, required: Sequence[Any] = REQUIRED) -> dict[str, Any]:
    return {"customerId": CUSTOMER, "requiredPapers": required, "onDate": on_date}


def test_papers_are_held_until_their_last_valid_day(papers: PaperActivities, job: MakeJob) -> None:
    assert run(papers.record_papers, job({"customerId": CUSTOMER, "papers": PAPERS})) == {"recorded": 2}

    assert run(papers.find_papers, job(search("2026-06-30"))) == {
        "heldPapers": ["营业执照", "授权委托书"],
        "missingPapers": ["立项批复"],
    }
    assert run(papers.find_papers, job(search("2026-07-01")))["heldPapers"] == ["营业执照"]


def test_a_new_customer_holds_nothing(papers: PaperActivities, job: MakeJob) -> None:
    assert run(papers.find_papers, job(search("2026-06-30"))) == {"heldPapers": [], "missingPapers": REQUIRED}


def test_nothing_required_is_nothing_missing(papers: PaperActivities, job: MakeJob) -> None:
    assert run(papers.find_papers, job(search("2026-06-30", []))) == {"heldPapers": [], "missingPapers": []}


def test_the_same_papers_recorded_again_are_there_once(
    papers: PaperActivities, database: Database, job: MakeJob
) -> None:
    work = job({"customerId": CUSTOMER, "papers": PAPERS})

    assert run(papers.record_papers, work) == run(papers.record_papers, work)
    with database.session() as session:
        assert len(customer_papers(session, CUSTOMER)) == 2


def test_no_papers_are_nothing_recorded(papers: PaperActivities, job: MakeJob) -> None:
    assert run(papers.record_papers, job({"customerId": CUSTOMER, "papers": []})) == {"recorded": 0}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"requiredPapers": REQUIRED, "onDate": "2026-06-31"},
            "不能核对已有资料，请补正下列数据：客户标识（customerId）未填写；核对日期（onDate）应为日期（如2026-03-05）",
        ),
        (search("2026-06-30", ["营业执照", 7.5]), "应交资料第2行（requiredPapers[2]）应为文字"),
    ],
)
def test_a_search_with_wrong_data_is_refused_by_name(
    papers: PaperActivities, job: MakeJob, variables: dict[str, Any], message: str
) -> None:
    with pytest.raises(ApplicationError) as caught:
        run(papers.find_papers, job(variables))

    assert message in caught.value.message
    assert caught.value.type == "JobRefused"
    assert caught.value.non_retryable


def test_a_paper_with_wrong_data_is_refused_and_none_is_recorded(
    papers: PaperActivities, database: Database, job: MakeJob
) -> None:
    wrong = [*PAPERS, {"kind": "立项批复", "validUntil": "永久"}]

    with pytest.raises(ApplicationError, match="收到的资料第3行·有效期至"):
        run(papers.record_papers, job({"customerId": CUSTOMER, "papers": wrong}))

    with database.session() as session:
        assert list(customer_papers(session, CUSTOMER)) == []
