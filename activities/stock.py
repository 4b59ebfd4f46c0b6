"""Activities of the stock: is there enough, promise it to the case, give the promise back.

How a diagram uses them: a service task `check-stock` shows an officer what is there; `reserve-materials`, with
`release-materials` as its compensation, promises it, and an error boundary event `shortage` on it leads to where the
case waits until `shortageRecheckOn` or until goods arrive. A clock of the process names that waiting element:

    <yekuo:delay element="wait_for_materials" cause="materials_shortage" text="shortageText" />
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.numbering import NumberFormats
from activities.refusals import bpmn_error, refusing
from domain.calendar import shanghai_date
from domain.chinese import business_date
from domain.documents.grid import EARLY_START_APPROVAL
from domain.fields import Fields, Number, Rows, Text, read_fields
from domain.jobs import Job, JobRefused
from domain.stock import Material, Shortage, look_again, shortage_text
from storage.base import instant
from storage.database import Database
from storage.documents import DocumentStatus, documents_numbered
from storage.needs import Short, stocked
from storage.reservations import UnknownReservation, Whose, check_stock, note_shortages, release, reserve

SHORTAGE = "shortage"
"""The code of the BPMN error that a shortage is."""


class MaterialLine(Fields):
    """An amount of one item."""

    item: Text = Field(title="物资名称")
    unit: Text = Field(title="计量单位")
    quantity: Number = Field(title="数量")


class MaterialsWanted(Fields):
    """What the works need; `depot` is the code of the only depot that may give it."""

    materials: Rows[MaterialLine] = Field(title="领用物资")
    depot: Text = Field("", title="仓库")
    early_start_approval_no: Text = Field("", title="先行施工审批单编号")

    @property
    def amounts(self) -> list[Material]:
        return [Material(line.item, line.unit, line.quantity) for line in self.materials]


class Promise(Fields):
    """A reservation that is given back."""

    reservation_no: Text = Field(title="预留单号")


class StockActivities:
    """The stock, kept in `database`."""

    def __init__(self, database: Database, formats: NumberFormats | None = None) -> None:
        self._database = database
        self._formats = formats or NumberFormats()

    @activity.defn(name="check-stock")
    @refusing
    def check_stock(self, job: Job) -> dict[str, Any]:
        """Whether the stock has the `materials` ({item, unit, quantity}), in one `depot` or in all: stockEnough.

        Of what is short, shortages ({item, unit, needed, available, arrivesOn, depot}) and, for people, shortageText;
        notStocked are the items of which the company keeps no stock, none of which is short.
        """
        wanted, now = read_fields(MaterialsWanted, "核对库存", job.variables), instant(job.now)
        with self._database.transaction() as session:
            found = check_stock(session, job.case_no, wanted.amounts, wanted.depot, now)
            note_shortages(session, whose(job), wanted.amounts, found.shortages, now)
        return {
            "stockEnough": not found.shortages,
            "notStocked": list(found.not_stocked),
            **told(found.shortages, now),
        }

    @activity.defn(name="reserve-materials")
    @refusing
    def reserve_materials(self, job: Job) -> dict[str, Any]:
        """Promises the `materials` to the case, all or none; answers reservationNo.

        Throws the BPMN error `shortage` with shortages, shortageText and shortageRecheckOn, the day on which to look
        again. `earlyStartApprovalNo` is optional here, and must be the case's where it is given.
        """
        wanted, now = read_fields(MaterialsWanted, "预留物资", job.variables), instant(job.now)
        series = self._formats.series("material_reservation", business_date(job.now))
        with self._database.transaction() as session:
            if wanted.early_start_approval_no and stocked(session, wanted.amounts):
                check_approval(session, job, "预留物资", wanted.early_start_approval_no)
            try:
                number = reserve(
                    session,
                    whose(job),
                    materials=wanted.amounts,
                    depot=wanted.depot,
                    against=wanted.early_start_approval_no,
                    series=series.name,
                    number_format=series.number_format,
                    now=now,
                )
            except Short as short:
                shortages = short.shortages
                note_shortages(session, whose(job), wanted.amounts, shortages, now)
            else:
                return {"reservationNo": number}
        raise shortage(shortages, now)

    @activity.defn(name="release-materials")
    @refusing
    def release_materials(self, job: Job) -> dict[str, Any]:
        """Gives back what the reservation reservationNo still holds; asked again, it changes nothing."""
        promise = read_fields(Promise, "解除预留", job.variables)
        with self._database.transaction() as session:
            try:
                release(session, promise.reservation_no, instant(job.now))
            except UnknownReservation as error:
                raise JobRefused(f"不能解除预留：没有编号为{promise.reservation_no}的预留单") from error
        return {}


def whose(job: Job) -> Whose:
    """The piece of work that a job is."""
    return Whose(job.workflow_id, job.key, job.case_no)


def told(shortages: Sequence[Shortage], now: datetime) -> dict[str, Any]:
    """Shortages as variables of a case."""
    today = shanghai_date(now)
    return {
        "shortages": [one.to_json() for one in shortages],
        "shortageText": shortage_text(shortages),
        "shortageRecheckOn": look_again(shortages, today).isoformat() if shortages else None,
    }


def shortage(shortages: Sequence[Shortage], now: datetime) -> ApplicationError:
    """The BPMN error that a shortage is; where nothing in the diagram catches it, its text is the incident's."""
    return bpmn_error(SHORTAGE, shortage_text(shortages), told(shortages, now))


def check_approval(session: Session, job: Job, doing: str, number: str) -> None:
    """Raises `JobRefused` where the case has no valid early-start approval of that number."""
    for document in documents_numbered(session, number):
        whole = (document.kind, document.case_no, document.status)
        if whole == (EARLY_START_APPROVAL, job.case_no, DocumentStatus.VALID.value):
            return
    raise JobRefused(f"不能{doing}：工单{job.case_no}没有编号为{number}的有效先行施工审批单")
