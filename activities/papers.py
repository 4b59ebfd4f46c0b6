"""Activities around the papers that customers hand in; a valid one is not asked for twice (domain.md §1.1 row 12)."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from temporalio import activity

from activities.refusals import refusing
from domain.fields import Day, Fields, Text, read_fields
from domain.jobs import Job
from storage.base import instant
from storage.database import Database
from storage.papers import Paper, find_papers, record_papers


class PaperSearch(Fields):
    """Which papers are required of a customer on a day."""

    customer_id: Text = Field(title="客户标识")
    required_papers: tuple[Text, ...] = Field(title="应交资料")
    on_date: Day = Field(title="核对日期")


class ReceivedPaper(Fields):
    """One paper handed in; without a last valid day it does not expire."""

    kind: Text = Field(title="资料名称")
    valid_until: Day | None = Field(None, title="有效期至")


class PaperReceipt(Fields):
    """Papers handed in by a customer."""

    customer_id: Text = Field(title="客户标识")
    papers: tuple[ReceivedPaper, ...] = Field(title="收到的资料")


class PaperActivities:
    """Customers' papers, kept in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="find-papers")
    @refusing
    def find_papers(self, job: Job) -> dict[str, Any]:
        """Divides requiredPapers into heldPapers, still valid on onDate, and missingPapers."""
        search = read_fields(PaperSearch, "核对已有资料", job.variables)
        with self._database.session() as session:
            check = find_papers(session, search.customer_id, search.required_papers, search.on_date)
        return {"heldPapers": check.held, "missingPapers": check.missing}

    @activity.defn(name="record-papers")
    @refusing
    def record_papers(self, job: Job) -> dict[str, Any]:
        """Files the variable `papers` ({kind, validUntil}) for the customer; answers how many were recorded."""
        receipt = read_fields(PaperReceipt, "登记资料", job.variables)
        with self._database.transaction() as session:
            recorded = record_papers(
                session,
                workflow_id=job.workflow_id,
                key=job.key,
                customer_id=receipt.customer_id,
                case_no=job.case_no,
                papers=[Paper(paper.kind, paper.valid_until) for paper in receipt.papers],
                now=instant(job.now),
            )
        return {"recorded": recorded}
