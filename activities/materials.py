"""Activities of the materials ledger: issue to the works, and return of the whole slip when the case is withdrawn."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from temporalio import activity

from activities.numbering import NumberFormats
from activities.refusals import refusing
from domain.chinese import business_date
from domain.fields import Fields, Number, Rows, Text, read_fields
from domain.jobs import Job, JobRefused
from storage.base import instant
from storage.database import Database
from storage.materials import Material, UnknownSlip, issue_materials, return_materials


class MaterialLine(Fields):
    """An amount of one item."""

    item: Text = Field(title="物资名称")
    unit: Text = Field(title="计量单位")
    quantity: Number = Field(title="数量")


class MaterialIssue(Fields):
    """What is issued to the works."""

    materials: Rows[MaterialLine] = Field(title="领用物资")


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
        """Books the variable `materials` ({item, unit, quantity}) as issued to the case; answers issueNo."""
        issue = read_fields(MaterialIssue, "发料", job.variables)
        series = self._formats.series("material_issue", business_date(job.now))
        with self._database.transaction() as session:
            number = issue_materials(
                session,
                workflow_id=job.workflow_id,
                key=job.key,
                case_no=job.case_no,
                materials=[Material(line.item, line.unit, line.quantity) for line in issue.materials],
                series=series.name,
                number_format=series.number_format,
                now=instant(job.now),
            )
        return {"issueNo": number}

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
