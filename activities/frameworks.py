"""Activities of framework agreements: call off from one, and cancel the call-off when the case is withdrawn."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from temporalio import activity

from activities.numbering import NumberFormats
from activities.refusals import bpmn_error, refusing
from domain.chinese import business_date
from domain.fields import Fields, Money, Text, read_fields
from domain.jobs import Job, JobRefused
from domain.values import json_number
from storage.base import instant
from storage.call_offs import FrameworkUnusable, UnknownCallOff, Wanted, call_off, cancel_call_off
from storage.database import Database

FRAMEWORK_UNUSABLE = "framework_unusable"
"""The code of the BPMN error that a framework which cannot be used is."""


def _more_than_nothing(amount: Decimal) -> Decimal:
    if not amount:
        raise PydanticCustomError("field", "应大于0")
    return amount


class CallOffWanted(Fields):
    """What is called off from a framework."""

    framework: Text = Field(title="框架编号")
    lot: Text = Field(title="标段")
    amount: Annotated[Money, AfterValidator(_more_than_nothing)] = Field(title="委托金额(元)")
    matter: Text = Field(title="委托事项")
    contractor: Text = Field("", title="承包单位")


class CallOffNumber(Fields):
    """The call-off that is cancelled."""

    call_off_no: Text = Field(title="框架委托编号")


class FrameworkActivities:
    """Framework agreements, kept in `database`."""

    def __init__(self, database: Database, formats: NumberFormats | None = None) -> None:
        self._database = database
        self._formats = formats or NumberFormats()

    @activity.defn(name="call-off-framework")
    @refusing
    def call_off_framework(self, job: Job) -> dict[str, Any]:
        """Calls off `amount` (yuan) from `lot` of `framework` for a `matter`; a `contractor` that is named must be the
        framework's.

        Answers callOffNo, frameworkRemaining (what may still be called off from the lot), frameworkContractor,
        frameworkAward (its award number), and for the paper frameworkAwardedOn, frameworkValidFrom,
        frameworkValidUntil, frameworkLicence and frameworkLicenceUntil. Throws the BPMN error `framework_unusable` with
        frameworkProblem, a sentence that says why and what to do, where the framework or lot is unknown, not in force,
        exhausted, or its contractor not licensed on the day.
        """
        wanted = read_fields(CallOffWanted, "委托框架", job.variables)
        series = self._formats.series("call_off", business_date(job.now))
        try:
            with self._database.transaction() as session:
                made = call_off(
                    session,
                    workflow_id=job.workflow_id,
                    key=job.key,
                    case_no=job.case_no,
                    wanted=Wanted(wanted.framework, wanted.lot, wanted.amount, wanted.matter, wanted.contractor),
                    series=series.name,
                    number_format=series.number_format,
                    now=instant(job.now),
                )
        except FrameworkUnusable as unusable:
            problem = str(unusable)
            raise bpmn_error(FRAMEWORK_UNUSABLE, problem, {"frameworkProblem": problem}) from unusable
        return {
            "callOffNo": made.number,
            "frameworkRemaining": json_number(made.remaining),
            "frameworkContractor": made.contractor,
            "frameworkAward": made.award_no,
            "frameworkAwardedOn": made.awarded_on.isoformat(),
            "frameworkValidFrom": made.valid_from.isoformat(),
            "frameworkValidUntil": made.valid_to.isoformat(),
            "frameworkLicence": made.licence,
            "frameworkLicenceUntil": made.licence_until.isoformat(),
        }

    @activity.defn(name="cancel-call-off")
    @refusing
    def cancel_call_off(self, job: Job) -> dict[str, Any]:
        """Gives the amount of the call-off callOffNo back to its framework; asked again, it changes nothing."""
        cancelled = read_fields(CallOffNumber, "撤销框架委托", job.variables)
        with self._database.transaction() as session:
            try:
                cancel_call_off(session, cancelled.call_off_no, instant(job.now))
            except UnknownCallOff as error:
                raise JobRefused(f"不能撤销框架委托：没有编号为{cancelled.call_off_no}的框架委托") from error
        return {}
