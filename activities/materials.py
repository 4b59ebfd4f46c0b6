"""Activities of the materials ledger: issue to the works, and return of the whole slip when the case is withdrawn."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session
from temporalio import activity

from activities.numbering import NumberFormats
from activities.refusals import refusing
from activities.stock import MaterialsWanted, check_approval, shortage, whose
from domain.chinese import business_date
from domain.documents.grid import EARLY_START_APPROVAL
from domain.fields import Fields, Text, read_fields
from domain.jobs import Job, JobRefused
from storage.base import instant
from storage.database import Database
from storage.materials import UnknownSlip, issue_materials, return_materials, slip_of_job
from storage.needs import Short, stocked
from storage.reservations import note_shortages


class MaterialReturn(Fields):
    """The slip whose materials come back."""

    issue_no: Text = Field(title="领料单号")


class MaterialActivities:
    """The materials ledger, kept in `database`."""

    def __init__(self, database: Database, formats: NumberFormats | None = None) -> None:
        self._database = database
        self._formats = formats or NumberFormats()

    @activity.defn(name="issue-materials")
    @refusing
    def issue_materials(self, job: Job) -> dict[str, Any]:
        """Books the variable `materials` ({item, unit, quantity}) as issued to the case; answers issueNo.

        What is kept in stock is drawn from `depot`, or from whichever has it: what the case was promised, then what is
        free. Throws the BPMN error `shortage`, as `reserve-materials` does, where there is not enough. A task with the
        header `against` = `early_start_approval` issues nothing from stock without the case's own valid
        earlyStartApprovalNo.
        """
        issue, now = read_fields(MaterialsWanted, "发料", job.variables), instant(job.now)
        series = self._formats.series("material_issue", business_date(job.now))
        with self._database.transaction() as session:
            if not slip_of_job(session, job.workflow_id, job.key) and stocked(session, issue.amounts):
                _check_against(session, job, issue.early_start_approval_no)
            try:
                number = issue_materials(
                    session,
                    workflow_id=job.workflow_id,
                    key=job.key,
                    case_no=job.case_no,
                    materials=issue.amounts,
                    series=series.name,
                    number_format=series.number_format,
                    now=now,
                    depot=issue.depot,
                    against=issue.early_start_approval_no,
                )
            except Short as short:
                shortages = short.shortages
                note_shortages(session, whose(job), issue.amounts, shortages, now)
            else:
                return {"issueNo": number}
        raise shortage(shortages, now)

    @activity.defn(name="return-materials")
    @refusing
    def return_materials(self, job: Job) -> dict[str, Any]:
        """Books everything on the slip issueNo as returned; answers returnNo, always the first one of that slip."""
        slip = read_fields(MaterialReturn, "退料", job.variables)
        series = self._formats.series("material_return", business_date(job.now))
        with self._database.transaction() as session:
            try:
                number = return_materials(
                    session,
                    workflow_id=job.workflow_id,
                    key=job.key,
                    issue_no=slip.issue_no,
                    series=series.name,
                    number_format=series.number_format,
                    now=instant(job.now),
                )
            except UnknownSlip as error:
                raise JobRefused(f"不能退料：没有编号为{slip.issue_no}的领料单") from error
        return {"returnNo": number}


def _check_against(session: Session, job: Job, approval_no: str) -> None:
    """What the task wants an issue from stock to be made against. Raises `JobRefused` where that is not there."""
    against = job.headers.get("against", "")
    if against not in ("", EARLY_START_APPROVAL):
        raise JobRefused(f"不能发料：任务的against为“{against}”，应为{EARLY_START_APPROVAL}")
    if against and not approval_no:
        raise JobRefused("不能发料：库存物资凭先行施工审批单领用，先行施工审批单编号（earlyStartApprovalNo）未填写")
    if approval_no:
        check_approval(session, job, "发料", approval_no)
